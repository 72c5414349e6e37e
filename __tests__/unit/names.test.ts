import { apiNames, scopeFrom } from '../../lib/names.ts';

describe('names of an API', () => {
  test.each([
    ['My API', 'my-api', 'MyApi', 'my_api'],
    ['Đơn hàng API', 'don-hang-api', 'DonHangApi', 'don_hang_api'],
    ['ordersV2', 'orders-v2', 'OrdersV2', 'orders_v2'],
    ["Bob's HTTPServer", 'bobs-http-server', 'BobsHttpServer', 'bobs_http_server'],
    ['  Straße  ', 'strasse', 'Strasse', 'strasse'],
  ])('%s', (title, apiName, apiClass, moduleName) => {
    expect(apiNames(title)).toMatchObject({ apiName, apiClass, apiSnake: moduleName, moduleName });
  });

  test('a derived module that would hide another is given an ending', () => {
    expect(apiNames('json').moduleName).toBe('json_api');
    expect(apiNames('class').moduleName).toBe('class_api');
    expect(apiNames('FastAPI').moduleName).toBe('fast_api');
    expect(apiNames('fastapi').moduleName).toBe('fastapi_api');
    expect(apiNames('Map').apiClass).toBe('MapApi');
  });

  test('a name without a letter of ASCII asks for a module, and takes its names from it', () => {
    expect(() => apiNames('注文')).toThrow('add --module-name');
    expect(apiNames('注文', 'orders')).toEqual({
      apiTitle: '注文',
      apiName: 'orders',
      apiClass: 'Orders',
      apiVariable: 'orders',
      apiSnake: 'orders',
      moduleName: 'orders',
    });
  });

  test.each([
    ['', 'is empty'],
    ['   ', 'is empty'],
    ['!!!', 'has no letter'],
    ['1st API', 'starts with a digit'],
    ['common', 'keeps for itself'],
    ['infra', 'keeps for itself'],
    ['Shared', 'keeps for itself'],
    ['a/b', 'path separator'],
    ['<%= x %>', 'template syntax'],
    ['a\nb', 'line break'],
    ['x'.repeat(300), 'use at most 64'],
  ])('%j is refused', (title, message) => {
    expect(() => apiNames(title)).toThrow(message);
  });

  test.each([
    ['class', 'a reserved word of Python'],
    ['json', 'would hide the module json'],
    ['test', 'would hide the module test'],
    ['fastapi', 'would hide the module fastapi'],
    ['My-Module', "is not a Python module's name"],
    ['2go', "is not a Python module's name"],
  ])('the module %s is refused', (module, message) => {
    expect(() => apiNames('Orders', module)).toThrow(message);
  });

  test('every message is one line', () => {
    for (const title of ['', '1', '注文', 'common', 'a\u2028b', 'x'.repeat(999)]) {
      expect(() => apiNames(title)).toThrow(/^[^\n]+$/);
    }
  });
});

test.each([
  ['@acme/shop', 'acme'],
  ['My Shop', 'my-shop'],
  ['...', 'workspace'],
])('the scope of %s is %s', (text, scope) => {
  expect(scopeFrom(text)).toBe(scope);
});
