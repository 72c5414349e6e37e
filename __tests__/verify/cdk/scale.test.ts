// Large APIs: what an operation costs, how functions are spread over nested stacks, and what one operation more changes.
import { manyRoutes, type Route } from '../../support/cdk-openapi.ts';
import { type Json, type Resource, resourcesOf, type Synthesized, scenarioOf, synthesize } from '../../support/cdk-scenarios.ts';
import { type CdkApi, cdkWorkspace } from '../../support/cdk-workspace.ts';
import { bodyOfTemplate as dashboardOf, problemsOf } from '../../support/dashboard.ts';

const named = (apiName: string, apiClass: string) => ({ apiName, apiClass, apiDir: `packages/${apiName}` });
const http = { computeType: 'ServerlessApiGatewayHttpApi' } as const;
const added: Route = ['PUT', '/resource7/{id}', 'replace_resource7'];

let synthesized: Record<string, Synthesized>;
const of = (name: string): Synthesized => scenarioOf(synthesized, name);

beforeAll(() => {
  const three = manyRoutes(300);
  const apis = [
    { routes: manyRoutes(10), data: named('ten-api', 'TenApi') },
    { routes: manyRoutes(20), data: named('twenty-api', 'TwentyApi') },
    { routes: manyRoutes(10), data: { ...named('ten-http-api', 'TenHttpApi'), ...http } },
    { routes: manyRoutes(20), data: { ...named('twenty-http-api', 'TwentyHttpApi'), ...http } },
    { routes: three, data: named('big-api', 'BigApi') },
    { routes: three, data: { ...named('big-http-api', 'BigHttpApi'), ...http } },
    { routes: three, data: { ...named('big-shared-api', 'BigSharedApi'), integrationPattern: 'shared' } },
    { routes: [...three.slice(0, 150), added, ...three.slice(150)], data: named('more-api', 'MoreApi') },
    { routes: three.filter(([, , id]) => id !== 'get_resource7'), data: named('less-api', 'LessApi') },
    { routes: [...three, added], data: { ...named('more-http-api', 'MoreHttpApi'), ...http } },
    {
      routes: Array.from({ length: 299 }, (_, index): Route => ['GET', `/path${index}`, `get_path${index}`]),
      data: named('spread-api', 'SpreadApi'),
    },
    {
      routes: Array.from({ length: 301 }, (_, index): Route => ['GET', `/path${index}`, `get_path${index}`]),
      data: { ...named('wide-api', 'WideApi'), integrationPattern: 'shared' },
    },
    {
      routes: Array.from({ length: 301 }, (_, index): Route => ['GET', `/path${index}`, `get_path${index}`]),
      data: { ...named('wide-http-api', 'WideHttpApi'), ...http, integrationPattern: 'shared' },
    },
  ] satisfies CdkApi[];
  // One name of the service, so that templates of two states of an API can be compared.
  const root = cdkWorkspace(
    'scale',
    apis.map((api) => ({ ...api, serviceName: 'my-api' })),
  );
  const plain = (api: string) => `new ${api}(this, 'Api', { integrations: ${api}.defaultIntegrations(this).build() });`;
  const inVpc = (api: string) =>
    `const vpc = new Vpc(this, 'Vpc'); new ${api}(this, 'Api', { integrations: ${api}.defaultIntegrations(this).withDefaultOptions({ vpc }).build() });`;
  synthesized = synthesize(
    root,
    'scale',
    `import { BigApi, BigHttpApi, BigSharedApi, LessApi, MoreApi, MoreHttpApi, SpreadApi, TenApi, TenHttpApi, TwentyApi, TwentyHttpApi, WideApi, WideHttpApi } from ':my-scope/common-constructs';`,
    {
      ...Object.fromEntries(
        [
          'TenApi',
          'TwentyApi',
          'TenHttpApi',
          'TwentyHttpApi',
          'BigApi',
          'BigHttpApi',
          'BigSharedApi',
          'MoreApi',
          'LessApi',
          'MoreHttpApi',
          'SpreadApi',
          'WideApi',
          'WideHttpApi',
        ].map((api) => [api, plain(api)]),
      ),
      ...Object.fromEntries(['TenApi', 'TwentyApi', 'TenHttpApi', 'TwentyHttpApi', 'BigApi'].map((api) => [`${api} in a VPC`, inVpc(api)])),
      'BigApi with a policy': `const api = new BigApi(this, 'Api', { integrations: BigApi.defaultIntegrations(this).build() });
        api.integrations.getResource7.handler.addToRolePolicy(new PolicyStatement({ actions: ['s3:GetObject'], resources: [new Bucket(this, 'Bucket').arnForObjects('*')] }));
        api.restrictCorsTo('https://example.com');`,
      'BigApi with a dashboard': `new BigApi(this, 'Api', { integrations: BigApi.defaultIntegrations(this).build(), dashboard: true });`,
      'BigApi with SnapStart': `new BigApi(this, 'Api', { integrations: BigApi.defaultIntegrations(this).withDefaultOptions({ snapStart: lambda.SnapStartConf.ON_PUBLISHED_VERSIONS }).build() });`,
    },
  );
}, 600_000);

const total = (result: Synthesized): number =>
  [result.template, ...Object.values(result.nested)].reduce((sum, { Resources }) => sum + Object.keys(Resources).length, 0);

test.each(['Api', 'HttpApi', 'Api in a VPC', 'HttpApi in a VPC'])('an isolated operation takes four resources: %s', (name) => {
  expect((total(of(`Twenty${name}`)) - total(of(`Ten${name}`))) / 10).toBe(4);
});

test('an operation more of a shared function takes none', () => {
  expect(total(of('BigSharedApi'))).toBeLessThan(12);
});

const stacksOf = (result: Synthesized) => [result.template, ...Object.values(result.nested)];

test.each([
  'BigApi',
  'BigHttpApi',
  'SpreadApi',
  'BigApi in a VPC',
  'BigApi with a policy',
  'BigApi with a dashboard',
  'BigApi with SnapStart',
])('some 300 isolated operations fit into the limits of CloudFormation: %s', (name) => {
  const result = of(name);
  expect(Object.keys(resourcesOf(result, 'AWS::Lambda::Function')).length).toBeGreaterThanOrEqual(299);
  expect(Object.keys(result.nested).length).toBeGreaterThan(3);
  for (const stack of stacksOf(result)) {
    expect(Object.keys(stack.Resources).length).toBeLessThanOrEqual(500);
    expect(Object.keys(stack.Outputs ?? {}).length).toBeLessThanOrEqual(200);
    expect(Object.keys(('Parameters' in stack && stack.Parameters) || {}).length).toBeLessThanOrEqual(200);
    // 1 MB is the limit of a template.
    expect(JSON.stringify(stack).length).toBeLessThan(900_000);
  }
  expect(result.size).toBeLessThan(1_000_000);
  expect(result.violations).toEqual(['Annotation::@fastapi-lambda/nested-functions at Test/MyApiFunctions']);
});

test('what is chosen for an operation reaches its function in the nested stack', () => {
  const result = of('BigApi with a policy');
  const policies = Object.values(resourcesOf(result, 'AWS::IAM::Policy'));
  expect(policies).toHaveLength(1);
  expect(policies[0]?.Properties.Roles[0].Ref).toMatch(/getResource7Role/);
  for (const { Properties } of Object.values(resourcesOf(result, 'AWS::Lambda::Function')))
    expect(Properties.Environment.Variables.ALLOWED_ORIGINS).toBe('https://example.com');
});

test('a dashboard of 300 functions fits into one graph for each of their metrics', () => {
  const body = dashboardOf(of('BigApi with a dashboard'));
  expect(problemsOf(body, 'my-api-Test', 'my-api')).toEqual([]);
  expect(body.widgets.map(({ properties }: Json) => [properties.title, properties.metrics.length]).slice(-3)).toEqual([
    ['Function errors', 302],
    ['Function throttles', 302],
    ['Concurrency', 302],
  ]);
  // Nested stacks put out no more than they do anyway.
  const outputs = (result: Synthesized) =>
    Object.values(result.nested).reduce((sum, { Outputs = {} }) => sum + Object.keys(Outputs).length, 0);
  expect(outputs(of('BigApi with a dashboard'))).toBe(outputs(of('BigApi')));
});

test('crossing the limit warns that functions are replaced, and nothing nested has a physical name', () => {
  const result = of('BigApi');
  expect(result.messages).toContainEqual(
    expect.stringMatching(
      /^warning: The 300 functions of My API need 1200 resources, so they are in nested stacks\. A deployment that crosses this limit replaces every function once\./,
    ),
  );
  for (const { Resources } of Object.values(result.nested)) {
    for (const { Properties } of Object.values(Resources)) {
      for (const name of ['FunctionName', 'RoleName', 'LogGroupName', 'PolicyName']) {
        if (typeof Properties?.[name] === 'string') throw new Error(`${name} ${Properties[name]}`);
      }
    }
  }
  expect(of('TwentyApi').nested).toEqual({});
  expect(of('TwentyApi').messages).toEqual([]);
});

test('no policy grows with the number of operations', () => {
  const largest = (result: Synthesized, type: string) =>
    Math.max(
      ...Object.values(resourcesOf(result, type)).map(
        ({ Properties }) => JSON.stringify(Properties).replace(/"[A-Z]\w*?(Ref|Arn)?"/g, '').length,
      ),
    );
  for (const type of ['AWS::IAM::Role', 'AWS::Lambda::Permission'])
    expect(largest(of('BigApi'), type) - largest(of('TenApi'), type)).toBeLessThan(120);
  const byFunction = (result: Synthesized) =>
    Object.values(resourcesOf(result, 'AWS::Lambda::Permission')).map(({ Properties }) => JSON.stringify(Properties.FunctionName));
  expect(new Set(byFunction(of('BigApi'))).size).toBe(300);
  expect(byFunction(of('BigSharedApi'))).toHaveLength(1);
});

test.each([
  ['WideApi', /^warning: My API has 302 resources: API Gateway allows 300 for a REST API until the quota is raised\./],
  ['WideHttpApi', /^warning: My API has 301 routes: API Gateway allows 300 for an HTTP API until the quota is raised\./],
])("going beyond API Gateway's own quota warns: %s", (name, message) => {
  expect(of(name).messages).toContainEqual(expect.stringMatching(message));
});

/** Logical ids whose resource differs between two templates, by file. */
function changes(before: Synthesized, after: Synthesized): string[] {
  const found: string[] = [];
  const number = (file: string) => /Stack\d/.exec(file)?.[0] ?? file;
  const stacks = (result: Synthesized) =>
    new Map<string, { Resources: Record<string, Resource> }>([
      ['main', result.template],
      ...Object.entries(result.nested).map(([file, stack]) => [number(file), stack] as const),
    ]);
  const [first, second] = [stacks(before), stacks(after)];
  for (const stack of new Set([...first.keys(), ...second.keys()])) {
    const [left, right] = [first.get(stack)?.Resources ?? {}, second.get(stack)?.Resources ?? {}];
    for (const id of new Set([...Object.keys(left), ...Object.keys(right)])) {
      if (JSON.stringify(left[id]) !== JSON.stringify(right[id]))
        found.push(`${stack} ${(left[id] ?? right[id])?.Type.replace('AWS::', '')} ${id.replace(/[0-9A-F]{8,}.*$/, '')}`);
    }
  }
  return found.sort();
}

test.each([
  ['adding', 'BigApi', 'MoreApi', 'replaceResource7'],
  ['removing', 'BigApi', 'LessApi', 'getResource7'],
])(
  '%s one of 300 operations changes its own resources, its nested stack, the body, the deployment and the stage',
  (_, before, after, name) => {
    const found = changes(of(before), of(after));
    const own = found.filter((change) => change.startsWith('Stack'));
    expect(own.map((change) => change.replace(/^Stack\d /, ''))).toEqual([
      `IAM::Role ${name}Role`,
      `Lambda::Function ${name}Function`,
      `Logs::LogGroup ${name}LogGroup`,
    ]);
    const main = found.filter((change) => change.startsWith('main')).map((change) => change.split(' ')[1]);
    expect(main).toEqual([
      'ApiGateway::Deployment',
      'ApiGateway::Deployment',
      'ApiGateway::RestApi',
      'ApiGateway::Stage',
      'CloudFormation::Stack',
      'Lambda::Permission',
    ]);
  },
);

test('adding one of 300 operations of an HTTP API changes its own resources, its nested stack and the body', () => {
  const found = changes(of('BigHttpApi'), of('MoreHttpApi'));
  expect(found.map((change) => change.split(' ')[1])).toEqual([
    'IAM::Role',
    'Lambda::Function',
    'Logs::LogGroup',
    'ApiGatewayV2::Api',
    'CloudFormation::Stack',
    'Lambda::Permission',
  ]);
});
