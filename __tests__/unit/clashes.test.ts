import { posix } from 'node:path';
import { type ApiForms, clashes, projectMeeting } from '../../lib/names/clashes.ts';
import { apiNames } from '../../lib/names/names.ts';

let port = 8000;

/** An API of this name with a port of its own. */
function api(title: string, changes: { directory?: string; moduleName?: string; port?: number } = {}): ApiForms {
  const names = apiNames(title, changes.moduleName);
  port += 1;
  return { ...names, dir: posix.join(changes.directory ?? 'packages', names.apiName), port: changes.port ?? port };
}

test('APIs with names of their own clash in nothing', () => {
  expect(clashes([])).toBeUndefined();
  expect(
    clashes([api('Orders'), api('Billing'), api('Orders API'), api('My', { directory: 'apps/my' }), api('Deep', { directory: '.' })]),
  ).toBeUndefined();
  expect(clashes([api('Orders', { directory: 'packages/common' }), api('Orders 2')])).toBeUndefined();
});

test.each([
  [
    'one project',
    [api('Orders'), api('orders', { moduleName: 'other' })],
    /^The APIs "Orders" \(orders\) and orders would both have the project orders: give one of them another name\.$/,
  ],
  [
    'one class from two names',
    [api('Orders 2'), api('Orders2')],
    /"Orders 2" \(orders-2\) and "Orders2" \(orders2\) would both have the class Orders2/,
  ],
  ['a class that was made safe', [api('Map'), api('Map API')], /would both have the class MapApi/],
  [
    'one module',
    [api('Orders'), api('Sales', { moduleName: 'orders' })],
    /would both have the Python module orders: give one of them another --module-name/,
  ],
  [
    'one port',
    [api('Orders', { port: 8000 }), api('Sales', { port: 8000 })],
    /would both have the port 8000: change the port of one of them in \.yo-rc\.json/,
  ],
  [
    'one folder on a disk that ignores case',
    [api('Orders'), { ...api('Sales'), dir: 'Packages/Orders' }],
    /would both have the folder packages\/orders/,
  ],
  [
    'a folder in that of another',
    [api('Orders'), api('Sales', { directory: 'packages/orders' })],
    /^The folder packages\/orders\/sales of the API "Sales" \(sales\) would lie in packages\/orders, the folder of "Orders" \(orders\)/,
  ],
  [
    'a folder deep in that of another, in other case',
    [api('Sales', { directory: 'Packages/Orders/x' }), api('Orders')],
    /would lie in packages\/orders/,
  ],
  [
    'the folder of the constructs',
    [api('Constructs', { directory: 'packages/common' })],
    /^The folder packages\/common\/constructs of the API .* would meet packages\/common\/constructs, which is the workspace's own: give another --directory\.$/,
  ],
  [
    'the folder of the modules, in other case',
    [api('Terraform', { directory: 'packages/Common' })],
    /would meet packages\/common\/terraform/,
  ],
  [
    'a folder in the infrastructure',
    [api('Orders', { directory: 'packages/infra' })],
    /packages\/infra\/orders of the API .* would meet packages\/infra,/,
  ],
  [
    'a folder around ours',
    [api('Packages', { directory: '.' })],
    /The folder packages of the API .* would meet packages\/common\/constructs/,
  ],
])('%s is told in one line', (_, apis, message) => {
  expect(clashes(apis)).toMatch(message);
  expect(clashes(apis)).toMatch(/^[^\n]+$/);
});

test('the Python packages of the workspace keep their names', () => {
  expect(clashes([api('Shop Workspace')], 'shop')).toBe(
    'The API "Shop Workspace" (shop-workspace) would have the name of a Python package of the workspace: give it another name.',
  );
  expect(clashes([api('Shop FastAPI Runtime')], 'shop')).toBeUndefined();
  expect(clashes([api('Shop Fastapi Runtime')], 'shop')).toMatch(/Python package of the workspace/);
  expect(clashes([api('Shop Workspace')], 'other')).toBeUndefined();
});

test('a project of the repository is met by its own folder, one around it and one in it', () => {
  const projects = new Map([['shop', 'apps/shop']]);
  expect(projectMeeting('apps/shop', projects)).toEqual({ name: 'shop', folder: 'apps/shop' });
  expect(projectMeeting('apps/shop/api', projects)).toEqual({ name: 'shop', folder: 'apps/shop' });
  expect(projectMeeting('Apps', projects)).toEqual({ name: 'shop', folder: 'apps/shop' });
  expect(projectMeeting('apps/shopping', projects)).toBeUndefined();
});
