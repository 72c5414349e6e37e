/** One route of a document for tests: `['GET', '/items/{item_id}', 'get_item']`, with more of the operation where it matters. */
export type Route = [method: string, path: string, operationId: string, more?: Record<string, unknown>];

const successes = { 200: { description: 'Successful Response', content: { 'application/json': { schema: {} } } } };

/**
 * An OpenAPI document as the API's target `openapi` writes it. A path may have converters: `/files/{name:path}`. The method ANY
 * stands for a mounted app. `settings` are more of `x-fastapi-lambda`.
 */
export function openApi(routes: Route[], settings: object = {}): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  const operations = routes.filter(([method]) => method === 'ANY').map(mounted);
  for (const [method, path, operationId, more] of routes) {
    if (method === 'ANY') continue;
    const documentPath = path.replace(/\{(\w+):\w+\}/g, '{$1}');
    paths[documentPath] = {
      ...paths[documentPath],
      [method.toLowerCase()]: {
        operationId,
        responses: successes,
        ...(documentPath !== path && { 'x-fastapi-path': path }),
        ...more,
      },
    };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'My API', version: '1.0.0' },
    'x-fastapi-lambda': {
      module: 'my_api',
      runtime: 'python3.13',
      architecture: 'arm64',
      serviceName: 'my-api',
      ...(operations.length > 0 && { operations }),
      ...settings,
    },
    paths,
  };
}

const mounted = ([, path, operationId]: Route) => ({
  operationId,
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  paths: [path, `${path.replace(/\/$/, '')}/{proxy:path}`],
});

const body = (schema: string) => ({
  requestBody: { content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } }, required: true },
});
const streams = { responses: { 200: { description: 'Stream of chunks', content: { 'application/jsonl': { itemSchema: {} } } } } };

/** The operations of a generated API, `stream` included. */
export const exampleRoutes: Route[] = [
  ['GET', '/echo', 'echo', { parameters: [{ name: 'message', in: 'query', required: true, schema: { type: 'string' } }] }],
  ['GET', '/items/{item_id}', 'get_item'],
  ['POST', '/items', 'create_item', body('Item')],
  ['POST', '/stream', 'stream', streams],
];

/** Routes of an API of `count` operations: resources with the usual methods, four operations on two paths each. */
export function manyRoutes(count: number): Route[] {
  return Array.from({ length: count }, (_, index): Route => {
    const resource = Math.floor(index / 4);
    const methods = [
      ['GET', `/resource${resource}`, `list_resource${resource}`],
      ['POST', `/resource${resource}`, `create_resource${resource}`],
      ['GET', `/resource${resource}/{id}`, `get_resource${resource}`],
      ['DELETE', `/resource${resource}/{id}`, `delete_resource${resource}`],
    ] as const;
    return [...(methods[index % 4] as (typeof methods)[0])];
  });
}
