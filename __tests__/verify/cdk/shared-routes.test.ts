// Mounted apps, slashes at the end, parts of paths that mix text and parameters, and operations that share a route.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Route } from '../../support/cdk-openapi.ts';
import { cdkWorkspace } from '../../support/cdk-workspace.ts';

const routes: Route[] = [
  ['GET', '/items/', 'list_items'],
  ['GET', '/tiles/{y}', 'tile'],
  ['GET', '/tiles/{y}.{format}', 'tile_format'],
  ['GET', '/a', 'constructor'],
  ['GET', '/b', 'value_of'],
  ['GET', '/long', 'an_operation_whose_name_is_longer_than_the_64_characters_that_api_gateway_takes'],
  ['ANY', '/v1', 'v1'],
];
const alone = routes.filter(([, , id]) => id !== 'tile_format');

const script = `
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { HttpIntegration } from 'aws-cdk-lib/aws-apigateway';
import { HttpUrlIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Role, AccountRootPrincipal } from 'aws-cdk-lib/aws-iam';
import { iamAuth } from '../../common/constructs/src/core/api/auth.js';
import { IntegrationBuilder } from '../../common/constructs/src/core/api/builder.js';
import { HttpApi } from '../../common/constructs/src/core/api/http-api.js';
import { RestApi } from '../../common/constructs/src/core/api/rest-api.js';
import { metadata } from '../../common/constructs/src/generated/my-api/metadata.gen.js';
import { metadata as alone } from '../../common/constructs/src/generated/alone/metadata.gen.js';

const cors = { origins: ['https://example.com'], originRegex: '', methods: ['GET'], headers: [], credentials: true, exposedHeaders: [], maxAge: 600 };
const throttle = { rateLimit: 10, burstLimit: 5 };
const attempts: Record<string, (stack: Stack, type: string) => any> = {
  shared: (stack, type) => api(stack, type, metadata, 'shared', (b) => b, { operationThrottle: { v1: throttle } }),
  isolated: (stack, type) => api(stack, type, metadata, 'isolated'),
  alone: (stack, type) => api(stack, type, alone, 'isolated', (b) => b.withOperationOptions({ constructor: { memorySize: 1024 } }).withOverrides({ valueOf: other(type) }), { operationThrottle: { v1: throttle, listItems: throttle } }),
  overriddenAlone: (stack, type) => api(stack, type, metadata, 'shared', (b) => b.withOverrides({ tile: other(type) })),
  overriddenAlike: (stack, type) => { const both = other(type); return api(stack, type, metadata, 'isolated', (b) => b.withOverrides({ tile: both, tileFormat: both })); },
  throttledAlone: (stack, type) => api(stack, type, metadata, 'shared', (b) => b, { operationThrottle: { tile: throttle } }),
  ownCorsAndOrigins: (stack, type) => api(stack, type, { ...alone, api: { ...alone.api, cors } }, 'shared').restrictCorsTo('https://example.com'),
  pattern: (stack, type) => api(stack, type, { ...alone, api: { ...alone.api, cors: { ...cors, originRegex: 'https://.*' } } }, 'shared'),
  mountOverridden: (stack, type) => api(stack, type, alone, 'isolated', (b) => b.withOverrides({ v1: other(type) })),
};
const other = (type: string): any => ({ integration: type === 'REST' ? new HttpIntegration('https://example.com', { httpMethod: 'ANY' }) : new HttpUrlIntegration('Url', 'https://example.com') });
function api(stack: Stack, type: string, metadata: any, pattern: any, change = (builder: any) => builder, more: any = {}) {
  const props = { scope: stack, metadata, pattern };
  const integrations = change(type === 'REST' ? IntegrationBuilder.rest(props) : IntegrationBuilder.http(props)).build();
  const made: any = type === 'REST' ? new RestApi(stack, 'Api', { metadata, auth: iamAuth(), integrations, ...more }) : new HttpApi(stack, 'Api', { metadata, auth: iamAuth(), integrations, ...more });
  made.grantInvokeAccess(new Role(stack, 'Caller', { assumedBy: new AccountRootPrincipal() }), 'v1');
  return made;
}
const results = Object.fromEntries(Object.entries(attempts).flatMap(([name, attempt]) => ['REST', 'HTTP'].map((type) => {
  const stack = new Stack(new App(), 'Test');
  try {
    const made = attempt(stack, type);
    const body = stack.resolve(made.api.node.defaultChild.body);
    return [name + type, { body, template: Template.fromStack(stack).toJSON() }];
  } catch (error) {
    return [name + type, { error: (error as Error).message }];
  }
})));
console.log(JSON.stringify(results));
`;

// biome-ignore lint/suspicious/noExplicitAny: bodies and templates
type Json = any;
let results: Record<string, { error?: string; body: Json; template: Json }>;
beforeAll(() => {
  const root = cdkWorkspace('shared-routes', [
    { routes },
    {
      routes: alone,
      data: { apiName: 'alone', apiClass: 'Alone', apiDir: 'packages/alone', computeType: 'ServerlessApiGatewayHttpApi' },
    },
  ]);
  const infra = join(root, 'packages/infra');
  writeFileSync(join(infra, 'src/attempts.ts'), script);
  const output = execFileSync(join(root, 'node_modules/.bin/tsx'), ['src/attempts.ts'], {
    cwd: infra,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
    maxBuffer: 1 << 28,
  });
  results = JSON.parse(output.trim().split('\n').at(-1) ?? '');
}, 300_000);

const result = (name: string) => {
  const found = results[name];
  if (!found || found.error) throw new Error(found?.error ?? `There is no ${name}.`);
  return found;
};
const routesOf = (body: Json, type: string): string[] =>
  Object.entries<Json>(body.paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((method) => type === 'HTTP' || method !== 'options')
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
const every = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'PATCH'];

describe.each(['REST', 'HTTP'])('a %s API', (type) => {
  test('has one route for operations that share it, and all of a mounted app', () => {
    for (const name of ['shared', 'alone', 'overriddenAlike', 'mountOverridden']) {
      expect(routesOf(result(name + type).body, type)).toEqual([
        'GET /items',
        'GET /tiles/{y}',
        'GET /a',
        'GET /b',
        'GET /long',
        ...every.map((method) => `${method} /v1`),
        ...every.map((method) => `${method} /v1/{proxy+}`),
      ]);
    }
  });

  test('answers OPTIONS of a mounted app as preflight, without asking who calls', () => {
    const { body } = result(`shared${type}`);
    const preflights = ['/v1', '/v1/{proxy+}'].map((path) => body.paths[path].options?.['x-amazon-apigateway-integration'].type);
    expect(preflights).toEqual(type === 'REST' ? ['mock', 'mock'] : [undefined, undefined]);
    expect(body.paths['/v1/{proxy+}'].delete.security).toEqual([{ sigv4: [] }]);
    expect(body.paths['/v1'].get.security).toEqual([{ sigv4: [] }]);
  });

  test('gives a mounted app one function, which it may invoke from each of its routes', () => {
    const { template, body } = result(`alone${type}`);
    const functions = Object.values<Json>(template.Resources).filter(
      ({ Type, Properties }) => Type === 'AWS::Lambda::Function' && /: v1$/.test(Properties.Description),
    );
    expect(functions).toHaveLength(1);
    const uris = new Set(
      ['/v1', '/v1/{proxy+}'].flatMap((path) =>
        every.map((method) => JSON.stringify(body.paths[path][method.toLowerCase()]['x-amazon-apigateway-integration'].uri)),
      ),
    );
    expect(uris.size).toBe(1);
    const permissions = Object.entries<Json>(template.Resources).filter(
      ([id, { Type }]) => Type === 'AWS::Lambda::Permission' && /v1Permission/.test(id),
    );
    expect(permissions).toHaveLength(1);
    expect(JSON.stringify(permissions)).toMatch(/\/(Test|\*)\/\*"/);
  });

  test('grants a mounted app with all that is below it, and nothing else', () => {
    const { template } = result(`alone${type}`);
    const policies = Object.values<Json>(template.Resources).filter(({ Type }) => Type === 'AWS::IAM::Policy');
    const granted = JSON.stringify(policies.at(-1)?.Properties.PolicyDocument.Statement[0].Resource);
    expect(granted.match(/\/\*\/v1(\/\*)?"/g)).toEqual(['/*/v1"', '/*/v1/*"']);
  });

  test('keeps ids of routes within the 64 characters that HTTP APIs take', () => {
    const { operationId } = result(`alone${type}`).body.paths['/long'].get;
    if (type === 'HTTP') expect(operationId).toMatch(/^anOperationWhoseName.{35}-[0-9a-f]{8}$/);
    else expect(operationId).toHaveLength(66);
  });

  test('throttles each route of a mounted app', () => {
    const text = JSON.stringify(result(`alone${type}`).template);
    for (const method of every) {
      expect(text).toContain(
        type === 'REST' ? `"HttpMethod":"${method}","LoggingLevel":"ERROR","ResourcePath":"/~1v1"` : `"${method} /v1"`,
      );
    }
  });

  test("takes options and overrides of operations named like JavaScript's own properties", () => {
    const { template, body } = result(`alone${type}`);
    const functions = Object.values<Json>(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
    const memory = functions.find(({ Properties }) => /: constructor$/.test(Properties.Description))?.Properties.MemorySize;
    expect(memory).toBe(1024);
    expect(functions.some(({ Properties }) => /: valueOf$/.test(Properties.Description))).toBe(false);
    expect(body.paths['/b'].get['x-amazon-apigateway-integration'].type).toMatch(/http/);
  });

  test("refuses origins beside the app's own rule", () => {
    expect(results[`ownCorsAndOrigins${type}`]?.error).toBe(
      'My API has a CORSMiddleware of its own, which decides for API Gateway too: give it the origins, or remove it.',
    );
  });

  test('refuses operations that share a route and not what answers it', () => {
    const line =
      "'tile' and 'tileFormat' share the route GET /tiles/{y} of API Gateway, so one integration has to answer both: use the pattern shared, override both alike, or give one of them another path.";
    expect(results[`isolated${type}`]?.error).toBe(line);
    expect(results[`overriddenAlone${type}`]?.error).toBe(line);
    expect(results[`throttledAlone${type}`]?.error).toBe(
      "'tile' and 'tileFormat' share the route GET /tiles/{y} of API Gateway, so operationThrottle has to limit both alike.",
    );
  });
});

test('a pattern of origins is matched by a REST API, and refused by an HTTP API', () => {
  const { body } = result('patternREST');
  const answer = body.paths['/a'].options['x-amazon-apigateway-integration'].responses.default;
  expect(answer.responseTemplates['application/json']).toContain("$origin.matches('https://.*')");
  expect(answer.responseParameters['method.response.header.Access-Control-Allow-Credentials']).toBe("'true'");
  expect(results.patternHTTP?.error).toBe(
    "An HTTP API knows no pattern of origins, as in the app's allow_origin_regex https://.*: list them in allow_origins, or use a REST API.",
  );
});
