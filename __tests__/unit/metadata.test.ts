import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../lib/templates/package-root.ts';
import { exampleRoutes, openApi, type Route } from '../support/cdk-openapi.ts';

interface Api {
  api: Record<string, string>;
  operations: Record<string, { operationId: string; method: string; path: string; gatewayPath: string; streaming: boolean }>;
  skeleton: { openapi: string; info: unknown; paths: Record<string, Record<string, { operationId: string; parameters: unknown[] }>> };
  bundle: string;
}

const script = join(packageRoot(), 'templates', 'metadata', 'scripts', 'generate-metadata.mjs');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'metadata-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (document: unknown) => {
  writeFileSync(join(folder, 'openapi.json'), JSON.stringify(document));
  return spawnSync(
    process.execPath,
    [script, '--openapi', 'openapi.json', '--typescript', 'generated/metadata.gen.ts', '--bundle', '../my-api/dist/bundle'],
    { cwd: folder, encoding: 'utf8' },
  );
};

/** The metadata that the generated module exports, as code that imports it sees it. */
const generate = (document: unknown): Api => {
  const { status, stderr } = run(document);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const source = readFileSync(join(folder, 'generated', 'metadata.gen.ts'), 'utf8');
  const module = join(folder, 'generated', 'metadata.gen.mjs');
  writeFileSync(module, source.replace(' as const', '').replace(/export type [^;]+;/, ''));
  const print = `import { metadata } from ${JSON.stringify(module)}; console.log(JSON.stringify(metadata))`;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', print], { encoding: 'utf8' })) as Api;
};

const refusal = (...routes: Route[]): string => {
  const { status, stderr } = run(openApi(routes));
  expect(status).toBe(1);
  expect(existsSync(join(folder, 'generated'))).toBe(false);
  return stderr.trim();
};

const gatewayPaths = (...routes: Route[]): string[] =>
  Object.values(generate(openApi(routes)).operations).map(({ gatewayPath }) => gatewayPath);

test('operations are named in camelCase and keep their id, method and path', () => {
  const { operations, api } = generate(openApi(exampleRoutes));
  expect(api).toEqual({
    title: 'My API',
    version: '1.0.0',
    module: 'my_api',
    runtime: 'python3.13',
    architecture: 'arm64',
    serviceName: 'my-api',
  });
  expect(operations).toEqual({
    echo: { operationId: 'echo', method: 'GET', path: '/echo', gatewayPath: '/echo', streaming: false },
    getItem: { operationId: 'get_item', method: 'GET', path: '/items/{item_id}', gatewayPath: '/items/{item_id}', streaming: false },
    createItem: { operationId: 'create_item', method: 'POST', path: '/items', gatewayPath: '/items', streaming: false },
    stream: { operationId: 'stream', method: 'POST', path: '/stream', gatewayPath: '/stream', streaming: true },
  });
});

test('the module finds the bundle from where it lies', () => {
  expect(generate(openApi(exampleRoutes)).bundle).toBe(join(folder, '..', 'my-api', 'dist', 'bundle'));
});

test('the skeleton is OpenAPI 3.0.1 with path parameters and the parameters that a request must have', () => {
  const parameters = [
    { name: 'limit', in: 'query', required: false },
    { name: 'X-Tenant', in: 'header', required: true },
    { name: 'Authorization', in: 'header', required: true },
    { name: 'session', in: 'cookie', required: true },
    { name: 'item_id', in: 'path', required: true },
  ];
  const { skeleton } = generate(openApi([['GET', '/items/{item_id}', 'get_item', { parameters }]]));
  expect(skeleton).toEqual({
    openapi: '3.0.1',
    info: { title: 'My API', version: '1.0.0' },
    paths: {
      '/items/{item_id}': {
        get: {
          operationId: 'getItem',
          parameters: [
            { name: 'item_id', in: 'path', required: true, schema: { type: 'string' } },
            { name: 'X-Tenant', in: 'header', required: true, schema: { type: 'string' } },
          ],
          responses: { 200: { description: 'Success' } },
        },
      },
    },
  });
});

test('a path converter takes the rest of the path, other converters one part', () => {
  expect(gatewayPaths(['GET', '/files/{name:path}', 'get_file'], ['GET', '/items/{id:int}', 'get_item'])).toEqual([
    '/files/{name+}',
    '/items/{id}',
  ]);
});

test('parameters of one place in the path have the name that came first', () => {
  expect(
    gatewayPaths(
      ['GET', '/orders/{order_id}', 'get_order'],
      ['GET', '/orders/{oid}/lines', 'list_lines'],
      ['DELETE', '/orders/{id}', 'delete_order'],
      ['GET', '/customers/{oid}', 'get_customer'],
    ),
  ).toEqual(['/orders/{order_id}', '/orders/{order_id}/lines', '/orders/{order_id}', '/customers/{oid}']);
});

test('renaming never gives a path two parameters of one name', () => {
  expect(gatewayPaths(['GET', '/a/{x}', 'one'], ['GET', '/a/{y}/b/{x}', 'two'])).toEqual(['/a/{x}', '/a/{x}/b/{x_2}']);
});

test('several methods on a path, and the root, are routes of their own', () => {
  expect(gatewayPaths(['GET', '/', 'root'], ['GET', '/items', 'list_items'], ['POST', '/items', 'create_item'])).toEqual([
    '/',
    '/items',
    '/items',
  ]);
});

test('webhooks are left out', () => {
  const document = { ...openApi(exampleRoutes), webhooks: { 'new-item': { post: { operationId: 'new_item', responses: {} } } } };
  expect(Object.keys(generate(document).operations)).toEqual(['echo', 'getItem', 'createItem', 'stream']);
});

test.each<[string, Route[], string]>([
  [
    'a partial segment',
    [['GET', '/report/{name}.csv', 'report']],
    'GET /report/{name}.csv (report): API Gateway holds a parameter only as a whole part of the path, not as in {name}.csv.',
  ],
  ['the reserved /ping', [['GET', '/ping', 'ping']], 'GET /ping (ping): API Gateway answers /ping itself: choose another path.'],
  ['the reserved /sping', [['POST', '/sping', 'sping']], 'POST /sping (sping): API Gateway answers /sping itself: choose another path.'],
  [
    'a path that ends with /',
    [['GET', '/users/', 'list_users']],
    'GET /users/ (list_users): API Gateway holds no path that ends with /: use /users.',
  ],
  [
    'a rest of the path that does not end it',
    [['GET', '/files/{p:path}/meta', 'meta']],
    'GET /files/{p:path}/meta (meta): API Gateway holds {p:path} only at the end of a path.',
  ],
  ['an empty part', [['GET', '/a//b', 'ab']], 'GET /a//b (ab): API Gateway holds no empty part of a path.'],
  [
    'another character',
    [['GET', '/a~b', 'ab']],
    'GET /a~b (ab): API Gateway holds only letters, digits and . _ : - in a part of a path, not a~b.',
  ],
  ['TRACE', [['TRACE', '/a', 'trace_a']], 'TRACE /a (trace_a): API Gateway has no method TRACE.'],
  [
    'a parameter beside a rest of the path',
    [
      ['GET', '/files/{id}', 'get_file'],
      ['GET', '/files/{p:path}', 'get_path'],
    ],
    'GET /files/{id} (get_file) and GET /files/{p:path} (get_path): API Gateway cannot hold a parameter and a rest of the path side by side: give one of them another prefix.',
  ],
  [
    'routes that differ in a parameter name alone',
    [
      ['GET', '/items/{a}', 'one'],
      ['GET', '/items/{b}', 'two'],
    ],
    'GET /items/{a} (one) and GET /items/{b} (two) are the same route, GET /items/{a}, to API Gateway: remove one of them.',
  ],
  ['a missing id', [['GET', '/a', '']], 'GET /a: the operation has no id: give its route an operation_id.'],
  [
    'an id that is no name',
    [['GET', '/a', '3d']],
    "GET /a (3d): the operation's id gives no name in code: give its route an operation_id of ASCII letters, digits and _.",
  ],
  [
    'an id of other letters',
    [['GET', '/a', 'lấy_hàng']],
    "GET /a (lấy_hàng): the operation's id gives no name in code: give its route an operation_id of ASCII letters, digits and _.",
  ],
  [
    'a duplicate id',
    [
      ['GET', '/a', 'get_a'],
      ['GET', '/b', 'get_a'],
    ],
    'GET /a (get_a) and GET /b (get_a) share the name getA: give one of them another operation_id.',
  ],
  [
    'ids that meet after casing',
    [
      ['GET', '/a', 'get_item'],
      ['GET', '/b', 'getItem'],
    ],
    'GET /a (get_item) and GET /b (getItem) share the name getItem: give one of them another operation_id.',
  ],
  [
    'ids that meet in camelCase alone',
    [
      ['GET', '/a', 'item_2'],
      ['GET', '/b', 'item2'],
    ],
    'GET /a (item_2) and GET /b (item2) share the name item2: give one of them another operation_id.',
  ],
  [
    'the reserved name router',
    [['GET', '/a', 'router']],
    'GET /a (router): the name router is kept for the shared function: give its route another operation_id.',
  ],
  ['no operation', [], 'The API has no operation: API Gateway needs at least one route.'],
])('%s is refused, and nothing is written', (_, routes, message) => {
  expect(refusal(...routes)).toBe(message);
});

test('each problem of a document has its line', () => {
  expect(refusal(['GET', '/ping', 'ping'], ['TRACE', '/a', 'a']).split('\n')).toHaveLength(2);
});

test('a missing document is one line that says how to make it', () => {
  const { status, stderr } = spawnSync(process.execPath, [script, '--openapi', 'no.json', '--typescript', 'a.ts', '--bundle', 'b'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^no\.json can't be read .*: run the API's target openapi first\.\n$/);
});

test('an unknown flag is refused in one line', () => {
  const { status, stderr } = spawnSync(process.execPath, [script, '--opnapi', 'x'], { cwd: folder, encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

test('a module that is right already is not written again', () => {
  generate(openApi(exampleRoutes));
  const module = join(folder, 'generated', 'metadata.gen.ts');
  const before = statSync(module).mtimeMs;
  generate(openApi(exampleRoutes));
  expect(statSync(module).mtimeMs).toBe(before);
});
