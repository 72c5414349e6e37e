// biome-ignore-all lint/suspicious/noExplicitAny: what is tested is loaded at run time.
// Calls of the generated client against the running app, value by value.
import { apiDocument, type RunningApi, serveApi } from '../../support/connection-api.ts';
import { load, website } from '../../support/connection-website.ts';

let server: RunningApi;
let client: any;
let api: any;

beforeAll(async () => {
  const [{ root }, served] = [website('calls', apiDocument()), await serveApi()];
  server = served;
  client = await load(root, `export * from './connections/shapes'; export * from './connections/runtime';`);
  api = client.createShapes({ url: server.url });
}, 600_000);

afterAll(() => server.stop());

/** The error that a call ends with. */
const errorOf = (call: Promise<unknown>): Promise<any> =>
  call.then(
    (value) => {
      throw new Error(`It answered ${JSON.stringify(value)}`);
    },
    (error) => error,
  );

const everything = {
  required_nullable: null,
  text: 'é → 漢字 🎉 "quoted"',
  flag: false,
  ratio: 1.5,
  color: 'deep blue',
  size: 2,
  mixed: true,
  union: [true, false],
  pet: { kind: 'hound', name: 'Rex', friend: { kind: 'cat', name: 'Tom' } },
  pair: [1, 'one'],
  point: [3],
  many: [0.5, 2],
  counts: { 'a b': 1 },
  by_color: { red: 3 },
  pets_by_name: { tom: { kind: 'cat', name: 'Tom', lives: 3 } },
  amount: 12.5,
  day: '2026-11-27',
  at: '2026-11-27T10:00:00+01:00',
  length: 'PT1H',
  uid: '0b5e8a4e-2f9a-4f0e-9d7c-1a2b3c4d5e6f',
  raw: 'bytes',
  tree: { value: 1, children: [{ value: 2 }] },
  tags: ['a'],
  anything: { deep: [null, 1] },
  partial: { there: 'x' },
  nested: [[1, null], []],
  camelCase: 'c',
  'odd-name 1': 'o',
};

describe('bodies and answers', () => {
  test('a model of every kind: what was left out comes with its default', async () => {
    const cat = { kind: 'cat', name: 'Tom', lives: 9 };
    await expect(api.echoEverything({ body: everything })).resolves.toEqual({
      ...everything,
      optional_nullable: null,
      with_default: 3,
      pet: { ...everything.pet, friend: cat },
      point: [3, 0.5],
      pets_by_name: { tom: { ...cat, lives: 3 } },
      amount: '12.5',
      tree: { value: 1, children: [{ value: 2, children: [] }] },
      area: 3,
    });
  });

  test.each<[string, string, unknown, unknown]>([
    ['a union', 'echoPet', { body: { kind: 'cat', name: 'Tom' } }, { kind: 'cat', name: 'Tom', lives: 9 }],
    ['more fields than declared', 'echoOpen', { body: { name: 'a', more: [1] } }, { name: 'a', age: null, more: [1] }],
    ['more fields of one type', 'echoOpenNumbers', { body: { name: 'a', more: 1 } }, { name: 'a', more: 1 }],
    ['no field at all', 'echoEmpty', { body: {} }, {}],
    [
      'two bodies',
      'twoBodies',
      { body: { first: { name: 'a' }, second: { value: 1 } } },
      [
        { kind: 'cat', name: 'a', lives: 9 },
        { value: 1, children: [] },
      ],
    ],
    ['a list', 'echoList', { body: [3, 1, 2] }, [3, 1, 2]],
    ['an empty list', 'echoList', { body: [] }, []],
    ['a number', 'echoScalar', { body: 0 }, 0],
    ['no body where it is optional', 'optionalBody', {}, 'nothing'],
    ['null where it is optional', 'optionalBody', { body: null }, 'nothing'],
    ['a body where it is optional', 'optionalBody', { body: { name: 'Tom' } }, 'Tom'],
    ['another media type', 'merge', { body: { a: null } }, 'application/merge-patch+json'],
    ['two models of one name', 'otherCat', { body: { first: { whiskers: 1 }, second: { paws: 4 } } }, { whiskers: 1 }],
    ['text', 'text', { body: 'grüße' }, 'GRÜSSE'],
    ['nothing with status 204', 'deleteItem', { itemId: 1 }, null],
    ['null', 'nothing', undefined, null],
    ['status 201', 'created', undefined, { kind: 'cat', name: 'new', lives: 9 }],
    ['another good status', 'created', { later: true }, { message: 'later' }],
    ['an answer that no one describes', 'whatever', undefined, 'ab'],
    ['an answer without what was not set', 'sparse', undefined, { name: 'a' }],
    ['a part of an answer', 'picked', undefined, { name: 'a' }],
  ])('%s', async (_, operation, input, output) => {
    await expect(api[operation](input)).resolves.toEqual(output);
  });

  test('bytes that are no JSON come as a Blob', async () => {
    const blob = await api.image();
    expect(blob.type).toBe('image/png');
    expect([...new Uint8Array(await blob.arrayBuffer())]).toEqual([0x89, 0x50, 0x4e, 0x47]);
  });

  test.each([
    ['a Blob', new Blob(['12345'])],
    ['an ArrayBuffer', new Uint8Array([1, 2, 3, 4, 5]).buffer],
    ['text', '12345'],
  ])('raw bytes of %s', async (_, body) => {
    await expect(api.raw({ body })).resolves.toBe(5);
  });
});

describe('parameters', () => {
  const rest = { ids: [], names: [], flag: null, text: null, page_size: 10, trace: null, numbers: null };

  test('in path, query and headers, with names that the wire has', async () => {
    const input = {
      itemId: 7,
      color: 'deep blue',
      ids: [3, 1],
      names: ['a&b', 'c=d'],
      flag: false,
      text: 'a+b %2F é 🎉',
      pageSize: 5,
      xTraceId: 't',
      numbers: 4,
    };
    await expect(api.getItem(input)).resolves.toEqual({
      ...{ item_id: 7, color: 'deep blue', ids: [3, 1], names: ['a&b', 'c=d'], flag: false },
      ...{ text: 'a+b %2F é 🎉', page_size: 5, trace: 't', numbers: [4] },
    });
  });

  test('left out, undefined and an empty list are not sent', async () => {
    const input = { itemId: 7, color: 'red', ids: [], text: undefined };
    await expect(api.getItem(input)).resolves.toEqual({ ...rest, item_id: 7, color: 'red' });
  });

  test('an empty text is sent', async () => {
    await expect(api.getItem({ itemId: 7, color: 'red', text: '' })).resolves.toEqual({ ...rest, item_id: 7, color: 'red', text: '' });
  });

  test('a model in the query', async () => {
    await expect(api.filtered({ orderBy: 'age', tags: ['x', 'y'] })).resolves.toEqual({ limit: 5, order_by: 'age', tags: ['x', 'y'] });
  });

  test('names that collide', async () => {
    await expect(api.collide({ id: 1, pageSize: 2, pageSize2: 3, id2: 4, body: 5 })).resolves.toEqual([1, 2, 3, 4, 5]);
  });

  test.each(['a b', 'ü-ö', '%2F', '100%', "it's!(*)", '#?&=+', 'a.b'])('the path part %j', async (name) => {
    await expect(api.readSegment({ name })).resolves.toBe(name);
  });

  test('what every object has is no name of a parameter, so that nothing is sent that nobody gave', async () => {
    await expect(api.constructor_({})).resolves.toEqual(['none', 'none', 0]);
    await expect(api.constructor_({ constructor_: 'a', toString_: 'b', then_: 1 })).resolves.toEqual(['a', 'b', 1]);
    await expect(api.then_()).resolves.toBe('none');
    expect(await api).toBe(api);
  });

  test('a model in the query and in a form is sent without what FastAPI reads from neither', async () => {
    const sent = { name: 'n', inner: null, choice: 2 };
    await expect(api.nestedQuery({ name: 'n', choice: 2 })).resolves.toEqual(sent);
    await expect(api.nestedForm({ body: { name: 'n', choice: 2 } })).resolves.toEqual(sent);
  });

  test('a header of the call takes the place of the same one in other letters', async () => {
    const headers = { 'Content-Type': 'application/json', 'X-TRACE-ID': 'mine' };
    await expect(api.echoScalar({ body: 1 }, { headers })).resolves.toBe(1);
    await expect(api.getItem({ itemId: 7, color: 'red', xTraceId: 'given' }, { headers })).resolves.toMatchObject({ trace: 'mine' });
    const asked = client.createShapes({ url: server.url, auth: client.tokenAuth(() => 'token') });
    await expect(asked.nothing({}, { headers: { Authorization: 'Bearer other' } })).resolves.toBeNull();
  });

  test.each(['a/b/c.txt', 'deep/ü ö/%2F/x', 'a//b'])('the rest of the path %j', async (name) => {
    await expect(api.readFile({ name })).resolves.toBe(name);
  });

  test.each([
    ['readSegment', ''],
    ['readSegment', '.'],
    ['readSegment', '..'],
    ['readSegment', 'x/secret'],
    ['readFile', 'a/../b'],
  ])('%s refuses %j, which a browser or a server would take for another path', async (operation, name) => {
    await expect(api[operation]({ name })).rejects.toMatchObject({ name: 'ApiError', reason: 'setup', cause: expect.any(RangeError) });
  });
});

describe('forms', () => {
  test('files, lists, texts and numbers of a multipart form', async () => {
    const body = {
      file: new File(['hello é'], 'grüße.txt'),
      files: [new Blob(['1']), new Blob(['22'])],
      plain: new Blob(['123']),
      tags: ['a', 'b c'],
      optional: undefined,
    };
    await expect(api.upload({ body })).resolves.toEqual({
      ...{ name: 'grüße.txt', size: 8, sizes: [1, 2], plain: 3, note: 'none', tags: ['a', 'b c'], text: 'hello é', optional: false },
    });
  });

  test('a form in the body', async () => {
    const body = { user: 'a&b=c ü', remember: true, scopes: ['x', 'y'] };
    await expect(api.login({ body })).resolves.toEqual(body);
  });
});

describe('failures', () => {
  test('a declared error has its body, and says what happened', async () => {
    const error = await errorOf(api.fail({ status: 404 }));
    expect(error).toBeInstanceOf(client.ApiError);
    expect(error).toMatchObject({
      ...{ name: 'ApiError', status: 404, body: { message: 'It is 404' }, operation: 'fail', correlationId: 'c-1', reason: 'status' },
      message: 'fail: 404 It is 404',
    });
    expect(api.fail.isError(error)).toBe(true);
    expect(api.getItem.isError(error)).toBe(false);
    const other = client.createClient('other', { fail: { path: '/fail/{status}' } }, { url: server.url });
    expect(await errorOf(other.fail({ status: 404 }))).toMatchObject({ api: 'other', operation: 'fail' });
    expect(api.fail.isError(await errorOf(other.fail({ status: 404 })))).toBe(false);
  });

  test('a body that is no JSON is text', async () => {
    expect(await errorOf(api.fail({ status: 502 }))).toMatchObject({ status: 502, body: '<html>Bad gateway' });
  });

  test('wrong input has the errors of FastAPI', async () => {
    const error = await errorOf(api.echoList({ body: ['x'] }));
    expect(error).toMatchObject({ status: 422, body: { detail: [{ loc: ['body', 0] }] } });
    expect(error.message).toMatch(/^echoList: 422 body\.0: Input should be a valid integer/);
  });

  test('no server is told apart from an answer', async () => {
    const error = await errorOf(client.createShapes({ url: 'http://127.0.0.1:1' }).nothing());
    expect(error).toMatchObject({
      reason: 'unreachable',
      message: 'nothing: no answer from http://127.0.0.1:1',
    });
    expect([error.status, error.body]).toEqual([undefined, undefined]);
    expect(error.cause).toBeDefined();
  });

  test.each([
    ['a header that has no place in one', () => api.getItem({ itemId: 1, color: 'red', xTraceId: '☃' })],
    ['an address that is none', () => client.createShapes({ url: 'http://[' }).nothing()],
  ])('%s is told apart from no answer', async (_, call) => {
    const error = await errorOf(call());
    expect(error).toMatchObject({ reason: 'setup', cause: { name: 'TypeError' } });
    expect(error.message).not.toContain('no answer');
  });

  test('what is no JSON by its type is text, even where it reads as JSON', async () => {
    expect(await errorOf(api.fail({ status: 410 }))).toMatchObject({ status: 410, body: '123' });
  });

  test('an answer that is not what the API promises', async () => {
    const error = await errorOf(api.notJson());
    expect(error).toMatchObject({ reason: 'broken', correlationId: 'c-1' });
    expect(error.message).toContain('text/html');
  });

  test('an abort stays an AbortError', async () => {
    const controller = new AbortController();
    const call = api.slow({}, { signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    expect(await errorOf(call)).toMatchObject({ name: 'AbortError' });
    expect(await errorOf(api.nothing({}, { signal: AbortSignal.abort() }))).toMatchObject({ name: 'AbortError' });
    const asked: string[] = [];
    const token = client.createShapes({ url: server.url, auth: client.tokenAuth(() => void asked.push('token')) });
    expect(await errorOf(token.nothing({}, { signal: AbortSignal.abort() }))).toMatchObject({ name: 'AbortError' });
    expect(asked).toEqual([]);
    expect(await errorOf(api.slow({}, { signal: AbortSignal.timeout(50) }))).toMatchObject({ name: 'TimeoutError' });
  });

  test('where the API is can be found out late, once, and again after a failure', async () => {
    let asked = 0;
    const late = client.createShapes(async () => {
      asked += 1;
      if (asked === 1) throw new Error('no configuration yet');
      return { url: `${server.url}/` };
    });
    expect(asked).toBe(0);
    expect(await errorOf(late.nothing())).toMatchObject({ reason: 'setup', message: 'nothing: no configuration yet' });
    await expect(Promise.all([late.nothing(), late.nothing()])).resolves.toEqual([null, null]);
    expect(asked).toBe(2);
  });
});
