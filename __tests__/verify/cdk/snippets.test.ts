// The CDK snippets of the generator's documentation: imports, `super` and `...` are filled in, the rest stands as it is.
import type { Route } from '../../support/cdk-openapi.ts';
import {
  actionsOfRole,
  bodyOf,
  functionOf,
  type Json,
  onlyResource,
  resourcesOf,
  roleOf,
  type Synthesized,
  scenarioOf,
  synthesize,
  text,
} from '../../support/cdk-scenarios.ts';
import { cdkWorkspace } from '../../support/cdk-workspace.ts';

const routes: Route[] = [
  ['GET', '/hello', 'say_hello'],
  ['GET', '/documentation', 'get_documentation'],
  ['GET', '/file', 'get_file'],
];
const small: Route[] = [routes[0] as Route, routes[1] as Route];

const http = { computeType: 'ServerlessApiGatewayHttpApi' } as const;
const named = (apiName: string, apiClass: string) => ({
  apiName,
  apiClass,
  apiDir: `packages/${apiName}`,
  moduleName: apiName.replaceAll('-', '_'),
});

let synthesized: Record<string, Synthesized>;
const of = (name: string): Synthesized => scenarioOf(synthesized, name);

beforeAll(() => {
  const root = cdkWorkspace('snippets', [
    { routes },
    { routes, data: { ...named('my-shared-api', 'MySharedApi'), integrationPattern: 'shared' } },
    { routes, data: { ...named('my-http-api', 'MyHttpApi'), ...http } },
    { routes, data: { ...named('my-shared-http-api', 'MySharedHttpApi'), ...http, integrationPattern: 'shared' } },
    { routes: small, data: named('my-small-api', 'MySmallApi') },
    { routes: small, data: { ...named('my-small-http-api', 'MySmallHttpApi'), ...http } },
  ]);
  const forBoth = (snippet: (api: string, isRest: boolean) => string) => [snippet('MyApi', true), snippet('MyHttpApi', false)];
  const scenarios: Record<string, string> = {};
  const both = (name: string, snippet: (api: string, isRest: boolean) => string) => {
    [scenarios[`${name} rest`], scenarios[`${name} http`]] = forBoth(snippet) as [string, string];
  };

  both(
    'construct',
    (api) => `
    const api = new ${api}(this, 'MyApi', {
      integrations: ${api}.defaultIntegrations(this).build(),
    });`,
  );
  both(
    'policy',
    (api) => `
    const api = new ${api}(this, 'MyApi', {
      integrations: ${api}.defaultIntegrations(this).build(),
    });
    api.integrations.sayHello.handler.addToRolePolicy(new PolicyStatement({
      effect: Effect.ALLOW,
      actions: ['dynamodb:GetItem'],
      resources: ['arn:aws:dynamodb:eu-central-1:111111111111:table/greetings'],
    }));`,
  );
  for (const [type, api] of [
    ['rest', 'MySharedApi'],
    ['http', 'MySharedHttpApi'],
  ]) {
    scenarios[`router ${type}`] = `
    const api = new ${api}(this, 'MyApi', {
      integrations: ${api}.defaultIntegrations(this).build(),
    });
    api.integrations.$router.handler.addEnvironment('LOG_LEVEL', 'DEBUG');`;
  }
  both(
    'vpc',
    (api) => `
    const vpc = new Vpc(this, 'Vpc', {});
    new ${api}(this, 'MyApi', {
      integrations: ${api}.defaultIntegrations(this)
        .withDefaultOptions({
          vpc,
        })
        .build(),
    });`,
  );
  const documentation = (isRest: boolean) =>
    isRest
      ? `new HttpIntegration('https://example.com/documentation')`
      : `new integrations.HttpUrlIntegration('Documentation', 'https://example.com/documentation')`;
  both(
    'override',
    (api, isRest) => `
    const api = new ${api}(this, 'MyApi', {
      integrations: ${api}.defaultIntegrations(this)
        .withOverrides({
          getDocumentation: {
            integration: ${documentation(isRest)},
          },
        })
        .build(),
    });
    return 'handler' in api.integrations.getDocumentation;`,
  );
  scenarios.bucket = `
    const storageBucket = new Bucket(this, 'Bucket', {});
    const apiGatewayRole = new Role(this, 'ApiGatewayS3Role', {
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
    });
    storageBucket.grantRead(apiGatewayRole);
    const api = new MyApi(this, 'MyApi', {
      integrations: MyApi.defaultIntegrations(this)
        .withOverrides({
          getFile: {
            bucket: storageBucket,
            integration: new AwsIntegration({
              service: 's3',
              integrationHttpMethod: 'GET',
              path: \`\${storageBucket.bucketName}/{fileName}\`,
              options: {
                credentialsRole: apiGatewayRole,
                requestParameters: {
                  'integration.request.path.fileName': 'method.request.querystring.fileName',
                },
                integrationResponses: [{ statusCode: '200' }],
              },
            }),
            options: {
              requestParameters: {
                'method.request.querystring.fileName': true,
              },
              methodResponses: [{
                statusCode: '200',
              }],
            }
          },
        })
        .build(),
    });
    api.integrations.getFile.bucket.grantRead(new User(this, 'Reader'));`;
  both(
    'authorizer',
    (api, isRest) => `
    const pool = new cognito.UserPool(this, 'Pool');
    new ${api}(this, 'MyApi', {
      integrations: ${api}.defaultIntegrations(this)
        .withOverrides({
          getDocumentation: {
            integration: ${documentation(isRest)},
            options: {
              authorizer: ${isRest ? `new CognitoUserPoolsAuthorizer(this, 'Users', { cognitoUserPools: [pool] })` : `new authorizers.HttpUserPoolAuthorizer('Users', pool, { userPoolClients: [pool.addClient('Web')] })`}
            }
          },
        })
        .build(),
    });`,
  );
  scenarios['explicit rest'] = `
    new MySmallApi(this, 'MyApi', {
      integrations: {
        sayHello: {
          integration: new LambdaIntegration(anyFunction(this)),
        },
        getDocumentation: {
          integration: new HttpIntegration('https://example.com/documentation'),
        },
      },
    });`;
  scenarios['explicit http'] = `
    new MySmallHttpApi(this, 'MyApi', {
      integrations: {
        sayHello: {
          integration: new integrations.HttpLambdaIntegration('SayHello', anyFunction(this)),
        },
        getDocumentation: {
          integration: new integrations.HttpUrlIntegration('Documentation', 'https://example.com/documentation'),
        },
      },
    });`;
  both(
    'grant',
    (api) => `
    const api = new ${api}(this, 'MyApi', {
      integrations: ${api}.defaultIntegrations(this).build(),
    });
    const myIdentityPool = { authenticatedRole: new Role(this, 'Authenticated', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }) };
    api.grantInvokeAccess(myIdentityPool.authenticatedRole);`,
  );
  both(
    'nag grant',
    (api) => `
    const api = new ${api}(this, 'MyApi', {
      integrations: ${api}.defaultIntegrations(this).build(),
    });
    const other = new Stack(app, 'Other');
    for (const stack of [this, other]) {
      const caller = new Role(stack, 'Caller', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
      api.grantInvokeAccess(caller);
      api.grantInvokeAccess(caller, 'getFile');
      caller.addToPolicy(new PolicyStatement({ actions: ['s3:ListAllMyBuckets'], resources: ['*'] }));
    }`,
  );
  synthesized = synthesize(
    root,
    'snippets',
    `import { MyApi, MyHttpApi, MySharedApi, MySharedHttpApi, MySmallApi, MySmallHttpApi } from ':my-scope/common-constructs';`,
    scenarios,
  );
}, 600_000);

const types = ['rest', 'http'];

test.each(types)('the construct sets up functions, API, roles, permissions, log groups, traces and metrics: %s', (type) => {
  const result = of(`construct ${type}`);
  const count = (resource: string) => Object.keys(resourcesOf(result, resource)).length;
  expect(count('AWS::Lambda::Function')).toBe(3);
  expect(count('AWS::IAM::Role')).toBe(3);
  expect(count('AWS::Lambda::Permission')).toBe(3);
  // Requests, and what else API Gateway logs of a REST API.
  expect(count('AWS::Logs::LogGroup')).toBe(type === 'rest' ? 5 : 4);
  expect(count(type === 'rest' ? 'AWS::ApiGateway::RestApi' : 'AWS::ApiGatewayV2::Api')).toBe(1);
  for (const operation of ['sayHello', 'getDocumentation', 'getFile']) {
    const { Properties } = functionOf(result, operation);
    expect(Properties.TracingConfig).toEqual({ Mode: 'Active' });
    expect(Properties.LoggingConfig.LogGroup.Ref).toMatch(`${operation}LogGroup`);
    expect(Properties.Environment.Variables).toMatchObject({
      POWERTOOLS_SERVICE_NAME: type === 'rest' ? 'my-api' : 'my-http-api',
      POWERTOOLS_METRICS_NAMESPACE: type === 'rest' ? 'my-api-Test' : 'my-http-api-Test',
    });
  }
});

test.each(types)('a policy that is added to one handler holds for its role alone: %s', (type) => {
  const result = of(`policy ${type}`);
  expect(actionsOfRole(result, roleOf(result, 'sayHello'))).toContain('dynamodb:GetItem');
  expect(actionsOfRole(result, roleOf(result, 'getFile'))).not.toContain('dynamodb:GetItem');
});

test.each(types)('the environment of the shared function is set on $router, which serves every operation: %s', (type) => {
  const result = of(`router ${type}`);
  const router = onlyResource(result, 'AWS::Lambda::Function');
  expect(router.Properties.Environment.Variables.LOG_LEVEL).toBe('DEBUG');
  const uris = Object.values<Json>(bodyOf(result).paths).map((path) => text(path.get['x-amazon-apigateway-integration'].uri));
  expect(new Set(uris).size).toBe(1);
  expect(uris[0]).toContain('routerFunction');
});

test.each(types)('every function is in the VPC, in one security group: %s', (type) => {
  const result = of(`vpc ${type}`);
  const configs = Object.values(resourcesOf(result, 'AWS::Lambda::Function'))
    .map(({ Properties }) => Properties.VpcConfig)
    .filter(Boolean);
  expect(configs).toHaveLength(3);
  expect(new Set(configs.map((config) => JSON.stringify(config.SecurityGroupIds))).size).toBe(1);
  expect(actionsOfRole(result, roleOf(result, 'sayHello'))).toContain('ec2:CreateNetworkInterface');
});

test.each(types)('an override answers in place of the function, and has no handler: %s', (type) => {
  const result = of(`override ${type}`);
  expect(result.result).toBe(false);
  const { type: kind, uri } = bodyOf(result).paths['/documentation'].get['x-amazon-apigateway-integration'];
  expect({ kind: kind.toLowerCase(), uri }).toEqual({ kind: 'http_proxy', uri: 'https://example.com/documentation' });
  expect(() => functionOf(result, 'getDocumentation')).toThrow('no function of getDocumentation');
  expect(bodyOf(result).paths['/documentation'].get.security).toEqual([{ sigv4: [] }]);
});

test('a bucket answers an operation, with its parameters, responses and role, and stays typed', () => {
  const result = of('bucket');
  const operation = bodyOf(result).paths['/file'].get;
  expect(operation.parameters).toEqual([{ name: 'fileName', in: 'query', required: true, schema: { type: 'string' } }]);
  expect(operation.responses).toEqual({ 200: { description: 'Response' } });
  const integration = operation['x-amazon-apigateway-integration'];
  expect(integration).toMatchObject({
    type: 'aws',
    httpMethod: 'GET',
    requestParameters: { 'integration.request.path.fileName': 'method.request.querystring.fileName' },
    responses: { default: { statusCode: '200' } },
  });
  expect(text(integration.uri)).toMatch(/^arn:\$\{AWS::Partition\}:apigateway:\$\{AWS::Region\}:s3:path\/\$\{Bucket\w+\}\/\{fileName\}$/);
  expect(text(integration.credentials)).toMatch(/^\$\{ApiGatewayS3Role\w+\.Arn\}$/);
  const readers = Object.values(resourcesOf(result, 'AWS::IAM::Policy')).filter(({ Properties }) => Properties.Users);
  expect(readers).toHaveLength(1);
  expect(JSON.stringify(readers[0])).toContain('s3:GetObject*');
});

test.each(types)('an authorizer of one operation wins over that of the API: %s', (type) => {
  const result = of(`authorizer ${type}`);
  const body = bodyOf(result);
  const [requirement] = body.paths['/documentation'].get.security;
  const [name] = Object.keys(requirement);
  expect(JSON.stringify(body.components.securitySchemes[name as string])).toMatch(
    type === 'rest' ? /"providerARNs":\[\{"Fn::GetAtt":\["Pool/ : /"audience":\[\{"Ref":"PoolWeb/,
  );
  expect(body.paths['/hello'].get.security).toEqual([{ sigv4: [] }]);
  expect(resourcesOf(result, type === 'rest' ? 'AWS::ApiGateway::Authorizer' : 'AWS::ApiGatewayV2::Authorizer')).toEqual({});
});

test.each(types)('an API without default integrations has those that are given: %s', (type) => {
  const result = of(`explicit ${type}`);
  expect(Object.keys(resourcesOf(result, 'AWS::Lambda::Function'))).toEqual([expect.stringMatching(/^Own/)]);
  expect(text(bodyOf(result).paths['/hello'].get['x-amazon-apigateway-integration'].uri)).toContain('Own');
  expect(bodyOf(result).paths['/documentation'].get['x-amazon-apigateway-integration'].uri).toBe('https://example.com/documentation');
  const permissions = Object.values(resourcesOf(result, 'AWS::Lambda::Permission'));
  expect(permissions.length).toBeGreaterThan(0);
  for (const { Properties } of permissions) expect(text(Properties.SourceArn)).toMatch(/\/hello$/);
});

test.each(types)('grantInvokeAccess lets a role call the API: %s', (type) => {
  const result = of(`grant ${type}`);
  const [policy] = Object.values(resourcesOf(result, 'AWS::IAM::Policy'));
  const [statement] = policy?.Properties.PolicyDocument.Statement ?? [];
  expect(statement).toMatchObject({ Action: 'execute-api:Invoke', Effect: 'Allow' });
  expect(text(statement.Resource)).toMatch(type === 'rest' ? /:execute-api:.*\}\/Test\/\*$/ : /:execute-api:.*\}\/\*\/\*$/);
});

test.each(types)('a grant leaves no finding, in any stack, and hides none of another statement beside it: %s', (type) => {
  expect(synthesized[`nag grant ${type}`]?.violations.sort()).toEqual([
    'AwsSolutions-IAM5[Resource::*] at Other/Caller/DefaultPolicy/Resource',
    'AwsSolutions-IAM5[Resource::*] at Test/Caller/DefaultPolicy/Resource',
  ]);
});
