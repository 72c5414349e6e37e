// Over random OpenAPI documents: each operation has exactly one route, its function and its authorizer, or is told, and nothing
// else is reachable but preflight. Operations that share a route have one function, or are refused.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cdkWorkspace } from '../../support/cdk-workspace.ts';

const runs = process.env.VERIFY_FULL ? 400 : 60;

const script = (seed: number) => `
import assert from 'node:assert/strict';
import { App, Stack } from 'aws-cdk-lib';
import fc from 'fast-check';
import { cognitoAuth, iamAuth, noAuth } from '../../common/constructs/src/core/api/auth.js';
import { IntegrationBuilder } from '../../common/constructs/src/core/api/builder.js';
import { HttpApi } from '../../common/constructs/src/core/api/http-api.js';
import { RestApi } from '../../common/constructs/src/core/api/rest-api.js';
import { metadata as example } from '../../common/constructs/src/generated/my-api/metadata.gen.js';
import * as cognito from 'aws-cdk-lib/aws-cognito';
// @ts-expect-error plain JavaScript
import { DocumentError, readApi } from '../../common/constructs/scripts/generate-metadata.mjs';

const word = fc.constantFrom('items', 'orders', 'lines', 'v1', 'me', 'a.b', 'x-y', 'ping');
const parameter = fc.constantFrom('{id}', '{order_id}', '{n:int}', '{u:uuid}', '{id}.{format}');
const segment = fc.oneof({ weight: 3, arbitrary: word }, { weight: 2, arbitrary: parameter });
const odd = fc.constantFrom('{name}.csv', 'a b', 'a~b', '{p:path}', '');
const path = fc
  .tuple(fc.array(segment, { maxLength: 4 }), fc.oneof({ weight: 20, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: odd }), fc.boolean())
  .map(([parts, last, prefixed]) => '/' + [...(prefixed ? ['api'] : []), ...parts, ...(last === null ? [] : [last])].join('/'));
const method = fc.constantFrom('get', 'post', 'put', 'patch', 'delete', 'head', 'options');
const route = fc.tuple(path, method, fc.boolean());
const apart = fc.uniqueArray(route, { minLength: 1, maxLength: 12, selector: ([path, method]) => \`\${method} \${path.replace(/\\{[^}]*\\}/g, '{}')}\` });
// Two routes that API Gateway can't tell apart, now and then.
const meeting: [string, string, boolean][] = [['/tiles/{y}', 'get', false], ['/tiles/{y}.{format}', 'get', true]];
const routes = fc.tuple(apart, fc.nat(9)).map(([routes, chance]) => (chance === 0 ? [...routes, ...meeting] : routes));

const document = (routes: [string, string, boolean][]) => {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [index, [path, method, streaming]] of routes.entries()) {
    const plain = path.replace(/:\\w+/g, '');
    (paths[plain] ??= {})[method] = {
      operationId: \`operation_\${index}\`,
      'x-fastapi-path': path,
      responses: { 200: { content: { [streaming ? 'application/jsonl' : 'application/json']: {} } } },
    };
  }
  return { openapi: '3.1.0', info: { title: 'Random', version: '1' }, 'x-fastapi-lambda': example.api, paths };
};

let refused = 0;
let told = 0;
let shared = 0;
let checked = 0;
fc.assert(
  fc.property(routes, fc.constantFrom('isolated', 'shared'), fc.constantFrom('REST', 'HTTP'), fc.constantFrom('IAM', 'Cognito', 'None'), (routes, pattern, type, auth) => {
    let model;
    try {
      model = readApi(document(routes as [string, string, boolean][]));
    } catch (error) {
      assert(error instanceof DocumentError, String((error as Error).stack));
      // A refusal names a route that is there; where all are left out it says first that none is.
      for (const line of (error as Error).message.split('\\n').filter((one: string) => !one.startsWith('The API has no operation'))) assert(routes.some(([path, method]) => line.includes(\`\${method.toUpperCase()} \${path}\`)), line);
      refused += 1;
      return;
    }
    checked += 1;
    for (const line of model.told) assert(routes.some(([path, method]) => line.includes(\`\${method.toUpperCase()} \${path}\`)), line);
    const leftOut = model.told.filter((line: string) => line.includes('is left out')).length;
    told += leftOut;
    const sharing = model.operations.filter(({ meets }: any) => meets !== undefined);
    shared += sharing.length;
    const metadata = { ...example, ...model, operations: Object.fromEntries(model.operations.map(({ name, ...operation }: any) => [name, operation])) } as any;
    const stack = new Stack(new App(), 'Test');
    const authorizer = { IAM: () => iamAuth(), None: () => noAuth(), Cognito: () => cognitoAuth({ userPool: new cognito.UserPool(stack, 'Pool') }) }[auth]();
    const builder = { scope: stack, metadata, pattern: pattern as 'isolated' };
    if (sharing.length > 0 && pattern === 'isolated') {
      assert.throws(make, new RegExp(\`'\${sharing[0].name}' share the route\`));
      return;
    }
    const api: any = make();
    function make(): any { return type === 'REST'
      ? new RestApi(stack, 'Api', { metadata, auth: authorizer, integrations: IntegrationBuilder.rest(builder).build() as any })
      : new HttpApi(stack, 'Api', { metadata, auth: authorizer, integrations: IntegrationBuilder.http(builder).build() as any }); }
    const body = stack.resolve((api.api.node.defaultChild as any).body);
    const functionIds = new Map<string, string>();
    for (const [name, { handler }] of Object.entries<any>(api.integrations)) functionIds.set(name, stack.getLogicalId(handler.node.defaultChild));
    const reachable = Object.entries<any>(body.paths).flatMap(([path, item]) => Object.entries<any>(item).map(([method, operation]) => ({ path, method, operation })));
    const expected = { IAM: [{ sigv4: [] }], Cognito: [{ cognito: [] }], None: [] }[auth];
    const served = new Set<string>();
    for (const { path, method, operation } of reachable) {
      if (operation['x-amazon-apigateway-integration'].type === 'mock') {
        assert.equal(method, 'options');
        assert.equal(operation.security, undefined);
        continue;
      }
      const [name, known]: any = Object.entries<any>(metadata.operations).find(([, { meets, routes, ...one }]) =>
        !meets && (routes ?? [one]).some((route: any) => route.gatewayPath === path && route.method.toLowerCase() === method));
      if (operation.operationId === undefined) {
        // Where the rest of a path is empty.
        assert.equal(known.gatewayPath.replace(/\\/[^/]+$/, '') || '/', path);
        assert.deepEqual(operation.security, method === 'options' ? [] : expected);
        continue;
      }
      assert.equal(operation.operationId, name);
      assert(!served.has(name), \`\${name} has two routes\`);
      served.add(name);
      assert.deepEqual([path, method], [known.gatewayPath, known.method.toLowerCase()]);
      assert.deepEqual(operation.security, method === 'options' ? [] : expected);
      assert(JSON.stringify(operation['x-amazon-apigateway-integration'].uri).includes(\`"\${functionIds.get(name)}"\`));
      const names = [...path.matchAll(/\\{(\\w+)\\+?\\}/g)].map(([, parameter]) => parameter);
      assert.equal(new Set(names).size, names.length);
      assert.deepEqual(operation.parameters.filter((parameter: any) => parameter.in === 'path').map((parameter: any) => parameter.name), names);
    }
    assert.equal(served.size, routes.length - leftOut - sharing.length);
    // API Gateway's tree: at most one parameter below a node, and a greedy one at the end alone.
    const children = new Map<string, Set<string>>();
    for (const path of Object.keys(body.paths)) {
      const parts = path.split('/').slice(1);
      for (const [index, part] of parts.entries()) {
        if (!part.startsWith('{')) continue;
        const parent = parts.slice(0, index).join('/');
        children.set(parent, (children.get(parent) ?? new Set()).add(part));
        if (part.endsWith('+}')) assert.equal(index, parts.length - 1);
      }
    }
    for (const [parent, parameters] of children) assert.equal(parameters.size, 1, \`\${parent} has \${[...parameters]}\`);
  }),
  { numRuns: ${runs}, seed: ${seed}, verbose: 1 },
);
console.log(JSON.stringify({ refused, told, shared, checked }));
`;

test('each operation has one route, its function and its authorizer, or is told; nothing else is reachable but preflight', () => {
  const root = cdkWorkspace('routes', [
    {},
    { data: { apiName: 'my-http-api', apiClass: 'MyHttpApi', apiDir: 'packages/my-http-api', computeType: 'ServerlessApiGatewayHttpApi' } },
  ]);
  const infra = join(root, 'packages/infra');
  const seed = Number(process.env.SEED ?? 20261125);
  writeFileSync(join(infra, 'src/routes.ts'), script(seed));
  const output = execFileSync(join(root, 'node_modules/.bin/tsx'), ['src/routes.ts'], {
    cwd: infra,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const { told, shared, checked } = JSON.parse(output.trim().split('\n').at(-1) ?? '');
  // All sides have to be seen for the property to say anything.
  expect(told).toBeGreaterThan(runs / 20);
  expect(shared).toBeGreaterThan(0);
  expect(checked).toBeGreaterThan(runs / 4);
}, 600_000);
