import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../lib/templates/package-root.ts';
import { exampleRoutes, openApi, type Route } from '../support/cdk-openapi.ts';

interface Operation {
  operationId: string;
  method: string;
  path: string;
  gatewayPath: string;
  streaming: boolean;
  meets?: string;
  routes?: Array<{ method: string; gatewayPath: string }>;
}

interface Api {
  api: Record<string, string | string[]>;
  operations: Record<string, Operation>;
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
const generate = (document: unknown, ...told: string[]): Api => {
  const { status, stderr } = run(document);
  expect({ status, told: stderr.split('\n').filter(Boolean) }).toEqual({ status: 0, told });
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

test('an operation on OPTIONS is told, since it takes the place of the preflight', () => {
  generate(
    openApi([['OPTIONS', '/own', 'own_options']]),
    'OPTIONS /own (own_options) takes the place of the preflight, with which browsers send no credentials: it has no auth, unless the infrastructure gives it one.',
  );
});

test('a parameter whose name API Gateway refuses is none of the skeleton', () => {
  // https://github.com/api-platform/api-platform/issues/2150: names match ^[a-zA-Z0-9:._$-]+$.
  const parameters = ['ids[]', 'filter[a]', 'größe', 'a:b._$-1'].map((name) => ({ name, in: 'query', required: true }));
  const { skeleton } = generate(openApi([['GET', '/items', 'list_items', { parameters }]]));
  expect(skeleton.paths['/items']?.get?.parameters).toEqual([
    { name: 'a:b._$-1', in: 'query', required: true, schema: { type: 'string' } },
  ]);
});

test('headers that operations declare are named once, those of security schemes too', () => {
  const header = (name: string) => ({ name, in: 'header', required: false });
  const answers = { 200: { headers: { 'X-Total': {}, Link: {} } }, 404: { headers: { 'x-total': {} } } };
  const { api } = generate({
    ...openApi([
      ['GET', '/items', 'list_items', { parameters: [header('x-tenant'), header('Accept'), header("it's")], responses: answers }],
      [
        'POST',
        '/items',
        'create_item',
        { parameters: [header('X-Tenant'), header('Content-Type')], security: [{ key: [] }, { session: [] }] },
      ],
      ['POST', '/more', 'more', { parameters: [{ name: 'x-query', in: 'query' }] }],
    ]),
    components: {
      securitySchemes: {
        key: { type: 'apiKey', in: 'header', name: 'X-Key' },
        session: { type: 'apiKey', in: 'cookie', name: 'session' },
        unused: { type: 'apiKey', in: 'header', name: 'X-Unused' },
      },
    },
  });
  expect([api.requestHeaders, api.responseHeaders]).toEqual([
    ['X-Key', 'X-Tenant'],
    ['Link', 'x-total'],
  ]);
});

test('media types of request bodies that are no text are named', () => {
  const takes = (...types: string[]) => ({ requestBody: { content: Object.fromEntries(types.map((type) => [type, {}])) } });
  const { api } = generate(
    openApi([
      ['PUT', '/image', 'put_image', takes('image/png', 'IMAGE/JPEG', 'application/json')],
      [
        'PUT',
        '/file',
        'put_file',
        takes('application/pdf; version=2', 'image/png', 'text/csv', 'application/geo+json', 'application/x-www-form-urlencoded'),
      ],
      ['POST', '/form', 'post_form', takes('multipart/form-data')],
    ]),
  );
  expect(api.binaryMediaTypes).toEqual(['application/pdf', 'image/jpeg', 'image/png', 'multipart/form-data']);
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

test('a slash at the end is none of the gateway path, and stays in the path', () => {
  const { operations, skeleton } = generate(
    openApi([
      ['GET', '/items/', 'list_items'],
      ['GET', '/items/{id}/', 'read_item'],
      ['GET', '/', 'root'],
    ]),
  );
  expect(Object.values(operations).map(({ path, gatewayPath }) => [path, gatewayPath])).toEqual([
    ['/items/', '/items'],
    ['/items/{id}/', '/items/{id}'],
    ['/', '/'],
  ]);
  expect(Object.keys(skeleton.paths)).toEqual(['/items', '/items/{id}', '/']);
});

test('the two forms of a path are one route, which the second shares', () => {
  const { operations, skeleton } = generate(
    openApi([
      ['GET', '/x', 'without'],
      ['GET', '/x/', 'with_slash'],
      ['POST', '/x/', 'create'],
    ]),
  );
  expect([operations.without?.meets, operations.withSlash?.meets, operations.create?.meets]).toEqual([undefined, 'without', undefined]);
  expect(skeleton.paths['/x']?.get?.operationId).toBe('without');
  expect(Object.keys(skeleton.paths['/x'] ?? {})).toEqual(['get', 'post']);
});

test('a part that mixes text and parameters is one parameter', () => {
  expect(
    gatewayPaths(
      ['GET', '/report/{name}.csv', 'report'],
      ['GET', '/maps/{z}/{x}/{y}@{scale}x.{format}', 'scaled'],
      ['GET', '/v{major:int}.{minor:int}/x', 'versioned'],
      ['GET', '/a/b{p:path}', 'rest'],
      ['GET', '/a~b{name}', 'other_text'],
    ),
  ).toEqual(['/report/{name}', '/maps/{z}/{x}/{y_scale_format}', '/{major_minor}/x', '/a/{p+}', '/{major_minor}']);
});

test('operations that API Gateway cannot tell apart share the route of the first', () => {
  const { operations, skeleton } = generate(
    openApi([
      ['GET', '/tiles/{z}/{x}/{y}', 'tile'],
      ['GET', '/tiles/{z}/{x}/{y}.{format}', 'tile_format'],
      ['GET', '/tiles/{z}/{x}/{y}@{scale}x', 'tile_scale'],
      ['POST', '/tiles/{z}/{x}/{y}.{format}', 'put_tile'],
      ['GET', '/numbers/{n:int}', 'number'],
      ['GET', '/numbers/{name}', 'name'],
    ]),
  );
  expect(Object.entries(operations).map(([name, { gatewayPath, meets }]) => [name, gatewayPath, meets])).toEqual([
    ['tile', '/tiles/{z}/{x}/{y}', undefined],
    ['tileFormat', '/tiles/{z}/{x}/{y}', 'tile'],
    ['putTile', '/tiles/{z}/{x}/{y}', undefined],
    ['tileScale', '/tiles/{z}/{x}/{y}', 'tile'],
    ['number', '/numbers/{n}', undefined],
    ['name', '/numbers/{n}', 'number'],
  ]);
  expect(Object.entries(skeleton.paths).map(([path, item]) => [path, Object.values(item).map(({ operationId }) => operationId)])).toEqual([
    ['/tiles/{z}/{x}/{y}', ['tile', 'putTile']],
    ['/numbers/{n}', ['number']],
  ]);
});

test('beside a rest of the path other parameters take the rest too, whichever comes first', () => {
  const { operations } = generate(
    openApi([
      ['GET', '/files/{id}', 'get_file'],
      ['GET', '/files/{id}/lines/{n}', 'get_line'],
      ['PUT', '/files/{p:path}', 'put_path'],
      ['GET', '/files/new', 'new_file'],
      ['GET', '/other/{p:path}/meta', 'meta'],
    ]),
  );
  expect(Object.entries(operations).map(([name, { gatewayPath, meets }]) => [name, gatewayPath, meets])).toEqual([
    ['getFile', '/files/{id+}', undefined],
    ['getLine', '/files/{id+}', 'getFile'],
    ['putPath', '/files/{id+}', undefined],
    ['newFile', '/files/new', undefined],
    ['meta', '/other/{p+}', undefined],
  ]);
});

test('a rest of the path that is empty has a route too, unless another operation has it', () => {
  const { operations, skeleton } = generate(
    openApi([
      ['GET', '/{rest:path}', 'spa'],
      ['GET', '/files/{p:path}', 'get_file'],
      ['PUT', '/files/{p:path}', 'put_file'],
      ['GET', '/files', 'list_files'],
      ['GET', '/{org}/tree/{p:path}', 'tree'],
      ['GET', '/notes/{id}', 'note'],
      ['DELETE', '/notes/{p:path}', 'delete_notes'],
      ['GET', '/raw/{p:path}/meta', 'meta'],
      ['GET', '/mixed/a{p:path}', 'mixed'],
      ['GET', '/tiles/{z}', 'zoom'],
      ['GET', '/tiles/{all:path}', 'any_zoom'],
    ]),
  );
  const routes = Object.entries(operations).map(([name, { method, gatewayPath, routes }]) => [
    name,
    (routes ?? [{ method, gatewayPath }]).map((route) => `${route.method} ${route.gatewayPath}`),
  ]);
  expect(Object.fromEntries(routes)).toEqual({
    spa: ['GET /{rest+}', 'GET /'],
    getFile: ['GET /files/{p+}'],
    putFile: ['PUT /files/{p+}', 'PUT /files'],
    listFiles: ['GET /files'],
    tree: ['GET /{rest+}'],
    note: ['GET /notes/{id+}'],
    deleteNotes: ['DELETE /notes/{id+}', 'DELETE /notes'],
    meta: ['GET /raw/{p+}'],
    mixed: ['GET /mixed/{p+}'],
    zoom: ['GET /tiles/{z+}', 'GET /tiles'],
    anyZoom: ['GET /tiles/{z+}'],
  });
  expect([operations.tree?.meets, operations.anyZoom?.meets]).toEqual(['spa', 'zoom']);
  expect(skeleton.paths['/files']?.put).toEqual({ parameters: [], responses: { 200: { description: 'Success' } } });
  expect(skeleton.paths['/']?.get?.parameters).toEqual([]);
});

/** A document with mounted apps besides. */
const withMounts = (routes: Route[], ...mounts: Array<[operationId: string, path: string]>) =>
  openApi([...routes, ...mounts.map(([operationId, path]): Route => ['ANY', path, operationId])]);

test('a mounted app is one operation on its path and all below, for every method but OPTIONS', () => {
  const { operations, skeleton, api } = generate(
    withMounts([['GET', '/items/{id}', 'get_item']], ['v1', '/v1'], ['tenant_app', '/tenants/{id}'], ['root', '/']),
  );
  expect(Object.keys(operations)).toEqual(['getItem', 'v1', 'tenantApp', 'root']);
  expect(operations.v1).toMatchObject({ operationId: 'v1', method: 'ANY', path: '/v1', gatewayPath: '/v1/{proxy+}', streaming: false });
  expect(operations.v1?.routes).toHaveLength(12);
  expect(Object.keys(skeleton.paths)).toEqual([
    '/items/{id}',
    '/v1',
    '/v1/{proxy+}',
    '/tenants/{id}',
    '/tenants/{id}/{proxy+}',
    '/',
    '/{proxy+}',
  ]);
  expect(Object.keys(skeleton.paths['/v1/{proxy+}'] ?? {})).toEqual(['get', 'put', 'post', 'delete', 'head', 'patch']);
  const parameters = skeleton.paths['/tenants/{id}/{proxy+}']?.get?.parameters as Array<{ name: string }>;
  expect(parameters.map(({ name }) => name)).toEqual(['id', 'proxy']);
  expect(api).not.toHaveProperty('operations');
  const ids = Object.values(skeleton.paths).flatMap((item) => Object.values(item).map(({ operationId }) => operationId));
  expect(ids.filter(Boolean)).toEqual(['getItem', 'v1', 'tenantApp', 'root']);
});

test('a mounted app that streams is a stream on all of its routes', () => {
  const document = withMounts([], ['v1', '/v1'], ['v2', '/v2']);
  const [mounted] = (document['x-fastapi-lambda'] as unknown as { operations: Array<Record<string, unknown>> }).operations;
  Object.assign(mounted ?? {}, { streaming: true });
  const { operations } = generate(document);
  expect([operations.v1?.streaming, operations.v2?.streaming]).toEqual([true, false]);
});

test('routes of the app keep theirs where a mounted app has the same', () => {
  const { operations } = generate(
    withMounts(
      [
        ['GET', '/v1', 'about'],
        ['POST', '/v1/{p:path}', 'relay'],
      ],
      ['v1', '/v1'],
    ),
  );
  expect(operations.v1?.routes?.map(({ method, gatewayPath }) => `${method} ${gatewayPath}`)).toEqual([
    'HEAD /v1',
    'PUT /v1',
    'PATCH /v1',
    'DELETE /v1',
    'GET /v1/{p+}',
    'HEAD /v1/{p+}',
    'PUT /v1/{p+}',
    'PATCH /v1/{p+}',
    'DELETE /v1/{p+}',
  ]);
});

test('a mounted app beside a parameter is left out and told', () => {
  const { operations } = generate(
    withMounts(
      [
        ['GET', '/{slug}', 'page'],
        ['GET', '/v1/{id}', 'get_one'],
      ],
      ['root', '/'],
      ['v1', '/v1'],
      ['v2', '/v2'],
      ['again', '/v2'],
    ),
    'ANY / (root) is left out: API Gateway cannot hold it beside the parameter in /{slug}: mount it below another path.',
    'ANY /v1 (v1) is left out: API Gateway cannot hold it beside the parameter in /v1/{id}: mount it below another path.',
    'ANY /v2 (again) is left out: others have all of its routes.',
  );
  expect(Object.keys(operations)).toEqual(['page', 'getOne', 'v2']);
});

test('what the document says of a stream wins over media types', () => {
  const streams = { responses: { 200: { content: { 'application/jsonl': {} } } } };
  const { operations } = generate(
    openApi([
      ['GET', '/a', 'a', { 'x-fastapi-stream': true }],
      ['GET', '/b', 'b', { ...streams, 'x-fastapi-stream': false }],
      ['GET', '/c', 'c', streams],
    ]),
  );
  expect(Object.values(operations).map(({ streaming }) => streaming)).toEqual([true, false, true]);
});

test("names of JavaScript's own objects are names of operations", () => {
  const { operations } = generate(
    openApi([
      ['GET', '/a', 'constructor'],
      ['GET', '/b', 'value_of'],
      ['GET', '/c', '__proto__'],
    ]),
  );
  expect(Object.keys(operations)).toEqual(['constructor', 'valueOf', 'proto']);
});

test.each<[string, Route, string]>([
  ['an empty part', ['GET', '/a//b', 'ab'], 'GET /a//b (ab) is left out: API Gateway holds no empty part of a path.'],
  [
    'another character',
    ['GET', '/a~b', 'ab'],
    'GET /a~b (ab) is left out: API Gateway holds only letters, digits and . _ : - in a part of a path, not a~b.',
  ],
  ['TRACE', ['TRACE', '/a', 'trace_a'], 'TRACE /a (trace_a) is left out: API Gateway has no method TRACE.'],
])('%s is left out and told', (_, route, line) => {
  expect(Object.keys(generate(openApi([['GET', '/x', 'x'], route]), line).operations)).toEqual(['x']);
});

test('the paths that API Gateway checks itself with are routed, and told', () => {
  const { operations } = generate(
    openApi([
      ['GET', '/ping', 'ping'],
      ['POST', '/sping', 'sping'],
      ['GET', '/v1/ping', 'ping_v1'],
    ]),
    'GET /ping (ping): behind a custom domain API Gateway answers /ping itself.',
    'POST /sping (sping): behind a custom domain API Gateway answers /sping itself.',
  );
  expect(Object.keys(operations)).toHaveLength(3);
});

test.each<[string, Route[], string]>([
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
    'GET /a (get_a) and GET /b (get_a) share the name getA: write get("...", operation_id="b_get_a") at the second, or include_router(..., generate_unique_id_function=lambda route: f"b_{route.name}") for a router that is included twice or is a library\'s.',
  ],
  [
    'ids that meet after casing',
    [
      ['GET', '/a', 'get_item'],
      ['GET', '/b', 'getItem'],
    ],
    'GET /a (get_item) and GET /b (getItem) share the name getItem: write get("...", operation_id="b_get_item") at the second, or include_router(..., generate_unique_id_function=lambda route: f"b_{route.name}") for a router that is included twice or is a library\'s.',
  ],
  [
    'a router that is included twice',
    [
      ['GET', '/api/v1/items/{item_id}', 'read'],
      ['GET', '/api/v2/items/{item_id}', 'read'],
      ['GET', '/other', 'v2_read'],
    ],
    'GET /api/v1/items/{item_id} (read) and GET /api/v2/items/{item_id} (read) share the name read: write get("...", operation_id="v2_read_2") at the second, or include_router(..., generate_unique_id_function=lambda route: f"v2_{route.name}") for a router that is included twice or is a library\'s.',
  ],
  [
    "a library's routers",
    [
      ['POST', '/auth/jwt/login', 'login', { 'x-fastapi-name': 'auth:jwt.login' }],
      ['POST', '/auth/cookie/login', 'login', { 'x-fastapi-name': 'auth:cookie.login' }],
    ],
    'POST /auth/jwt/login (login) and POST /auth/cookie/login (login) share the name login: write post("...", operation_id="cookie_login") at the second, or include_router(..., generate_unique_id_function=lambda route: route.name) for a router that is included twice or is a library\'s.',
  ],
  [
    'ids that meet in camelCase alone',
    [
      ['GET', '/a', 'item_2'],
      ['GET', '/b', 'item2'],
    ],
    'GET /a (item_2) and GET /b (item2) share the name item2: write get("...", operation_id="b_item2") at the second, or include_router(..., generate_unique_id_function=lambda route: f"b_{route.name}") for a router that is included twice or is a library\'s.',
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
  expect(refusal(['GET', '/a', '3d'], ['GET', '/b', '']).split('\n')).toHaveLength(2);
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
