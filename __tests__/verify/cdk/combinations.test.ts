import { authMethods, computeTypes, integrationPatterns } from '../../../lib/options/choices.ts';
import { testFindings } from '../../support/cdk-checkers.ts';
import { exampleRoutes } from '../../support/cdk-openapi.ts';
import {
  bodyOf,
  functionOf,
  type Json,
  onlyResource,
  type Resource,
  resourcesOf,
  type Synthesized,
  scenarioOf,
  synthesize,
  text,
} from '../../support/cdk-scenarios.ts';
import { type CdkApi, cdkWorkspace, runBin } from '../../support/cdk-workspace.ts';

const combinations = computeTypes.flatMap((computeType) =>
  integrationPatterns.flatMap((integrationPattern) =>
    authMethods.map((auth) => {
      const type = computeType === 'ServerlessApiGatewayRestApi' ? 'Rest' : 'Http';
      const apiClass = `${type}${integrationPattern === 'isolated' ? 'Isolated' : 'Shared'}${auth}Api`;
      return { computeType, integrationPattern, auth, isRest: type === 'Rest', apiClass };
    }),
  ),
);
const kebab = (name: string) =>
  name
    .replace(/(?<!^)([A-Z])/g, '-$1')
    .toLowerCase()
    .replace('i-a-m', 'iam');

/** As `openapi` writes them of an app whose classes of settings name them. */
const settings = { settings: { parameters: ['my-api/hosts', 'page-size'], secrets: ['database-url'] } };

let root: string;
let synthesized: Record<string, Synthesized>;

beforeAll(() => {
  root = cdkWorkspace(
    'combinations',
    combinations.map(({ isRest: _, ...data }): CdkApi => {
      const apiName = kebab(data.apiClass);
      return { data: { ...data, apiName, apiDir: `packages/${apiName}` }, settings };
    }),
  );
  const scenarios = Object.fromEntries(
    combinations.map(({ apiClass }) => [
      `nag-${apiClass}`,
      `new ${apiClass}(this, 'Api', { integrations: ${apiClass}.defaultIntegrations(this).build() });`,
    ]),
  );
  const all = combinations.map(({ apiClass }) => apiClass).join(', ');
  synthesized = synthesize(root, 'combinations', `import { ${all} } from ':my-scope/common-constructs';`, scenarios);
}, 600_000);

const of = (apiClass: string): Synthesized => scenarioOf(synthesized, `nag-${apiClass}`);

const operations = {
  echo: ['get', '/echo'],
  getItem: ['get', '/items/{item_id}'],
  createItem: ['post', '/items'],
  stream: ['post', '/stream'],
} as const;

describe.each(combinations)('$apiClass', ({ apiClass, auth, integrationPattern, isRest }) => {
  test('has one function for each operation, or one for all', () => {
    const result = of(apiClass);
    const functions = Object.keys(resourcesOf(result, 'AWS::Lambda::Function')).filter((id) => id.includes('Functions'));
    expect(functions).toHaveLength(integrationPattern === 'isolated' ? 4 : 1);
    expect(Object.keys(operations)).toHaveLength(exampleRoutes.length);
  });

  test('routes each operation to its function, by method and path', () => {
    const body = bodyOf(of(apiClass));
    for (const [name, [method, path]] of Object.entries(operations)) {
      const integration = body.paths[path][method]['x-amazon-apigateway-integration'];
      const uri = text(integration.uri);
      expect(uri).toMatch(
        new RegExp(`functions/\\$\\{\\w*Functions${integrationPattern === 'isolated' ? name : 'router'}Function\\w+\\.Arn\\}/`),
      );
      expect(uri).toMatch(
        isRest ? /:lambda:path\/2021-11-15\/.*\/response-streaming-invocations$/ : /:lambda:path\/2015-03-31\/.*\/invocations$/,
      );
      expect(integration).toMatchObject(
        isRest
          ? { type: 'aws_proxy', httpMethod: 'POST', responseTransferMode: 'STREAM' }
          : { type: 'aws_proxy', payloadFormatVersion: '2.0' },
      );
    }
    const reachable = Object.entries<Json>(body.paths).flatMap(([path, item]) =>
      Object.keys(item)
        .filter((method) => method !== 'options')
        .map((method) => `${method} ${path}`),
    );
    expect(reachable.sort()).toEqual(
      Object.values(operations)
        .map((route) => route.join(' '))
        .sort(),
    );
  });

  test('asks every operation for its credentials, and no preflight', () => {
    const body = bodyOf(of(apiClass));
    const expected = { IAM: [{ sigv4: [] }], Cognito: [{ cognito: [] }], Custom: [{ custom: [] }], None: [] }[auth];
    for (const [method, path] of Object.values(operations)) expect(body.paths[path][method].security).toEqual(expected);
    for (const item of Object.values<Json>(body.paths)) expect(item.options?.security).toBeUndefined();
    expect(body.security).toBeUndefined();
    const scheme: Json = Object.values(body.components.securitySchemes)[0];
    const authorizer = scheme?.['x-amazon-apigateway-authorizer'];
    if (auth === 'IAM') expect(scheme).toMatchObject({ in: 'header', name: 'Authorization', 'x-amazon-apigateway-authtype': 'awsSigv4' });
    if (auth === 'None') expect(scheme).toBeUndefined();
    if (auth === 'Cognito')
      expect(authorizer).toMatchObject(
        isRest ? { type: 'cognito_user_pools' } : { type: 'jwt', identitySource: '$request.header.Authorization' },
      );
    if (auth === 'Custom') {
      expect(authorizer).toMatchObject({
        type: 'request',
        authorizerResultTtlInSeconds: 300,
        identitySource: `${isRest ? 'method.request' : '$request'}.header.Authorization`,
      });
      expect(authorizer.authorizerPayloadFormatVersion).toBe(isRest ? undefined : '2.0');
    }
  });

  test('brings a pool of its own under Cognito, which stays when the stack goes', () => {
    const pools = Object.values(resourcesOf(of(apiClass), 'AWS::Cognito::UserPool'));
    expect(pools.map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(auth === 'Cognito' ? ['Retain'] : []);
  });

  test('brings a client without a secret under Cognito, and tells scripts the ids', () => {
    const result = of(apiClass);
    const clients = Object.values(resourcesOf(result, 'AWS::Cognito::UserPoolClient')).map(({ Properties }) => Properties);
    expect(clients).toEqual(
      auth === 'Cognito'
        ? [
            {
              AllowedOAuthFlowsUserPoolClient: false,
              ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
              GenerateSecret: false,
              PreventUserExistenceErrors: 'ENABLED',
              SupportedIdentityProviders: ['COGNITO'],
              UserPoolId: { Ref: Object.keys(resourcesOf(result, 'AWS::Cognito::UserPool'))[0] },
            },
          ]
        : [],
    );
    expect(Object.keys(result.template.Outputs).sort()).toEqual(
      auth === 'Cognito' ? ['ApiAuth', 'ApiUrl', 'ApiUserPoolClientId', 'ApiUserPoolId'] : ['ApiAuth', 'ApiUrl'],
    );
    expect(result.template.Outputs.ApiAuth.Value).toBe(auth);
  });

  test('declares the execution logs of a REST API before its stage, to be kept for a year and to go with it', () => {
    const result = of(apiClass);
    const [id, group] =
      Object.entries(resourcesOf(result, 'AWS::Logs::LogGroup')).find(([, { Properties }]) => Properties.LogGroupName) ?? [];
    expect(group && [text(group.Properties.LogGroupName), group.Properties.RetentionInDays, group.DeletionPolicy]).toEqual(
      isRest ? [expect.stringMatching(/^API-Gateway-Execution-Logs_\$\{Api\w+\}\/Test$/), 365, 'Delete'] : undefined,
    );
    if (isRest) expect(onlyResource(result, 'AWS::ApiGateway::Stage').DependsOn).toContain(id);
  });

  test('traces and logs every function, and tells it its service, namespace and mode', () => {
    const result = of(apiClass);
    for (const name of integrationPattern === 'isolated' ? Object.keys(operations) : ['router']) {
      const { Properties } = functionOf(result, name);
      expect(Properties).toMatchObject({
        Architectures: ['arm64'],
        Handler: 'run.sh',
        MemorySize: 512,
        Runtime: 'python3.13',
        // Below what an HTTP API waits: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
        Timeout: isRest && (name === 'stream' || name === 'router') ? 900 : 29,
        TracingConfig: { Mode: 'Active' },
      });
      expect(Properties.Environment.Variables).toEqual({
        ALLOWED_ORIGINS: '*',
        AWS_LAMBDA_EXEC_WRAPPER: '/opt/bootstrap',
        AWS_LWA_INVOKE_MODE: isRest ? 'response_stream' : 'buffered',
        AWS_LWA_READINESS_CHECK_PROTOCOL: 'tcp',
        INTEGRATION_TIMEOUT_SECONDS: isRest && name === 'stream' ? '900' : '30',
        ...(isRest && name === 'router' && { STREAM_TIMEOUT_SECONDS: '900' }),
        LOG_LEVEL: 'INFO',
        PORT: '8080',
        POWERTOOLS_METRICS_NAMESPACE: `${kebab(apiClass)}-Test`,
        POWERTOOLS_SERVICE_NAME: kebab(apiClass),
        SETTINGS_PATH: '/my-scope/Test',
      });
      expect(text(Properties.Layers[0])).toMatch(
        /^arn:\$\{AWS::Partition\}:lambda:\$\{AWS::Region\}:753240598075:layer:LambdaAdapterLayerArm64:30$/,
      );
      const logGroup = result.template.Resources[Properties.LoggingConfig.LogGroup.Ref];
      expect(logGroup).toMatchObject({ Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 365 } });
    }
    const groups = Object.values(resourcesOf(result, 'AWS::Lambda::Function')).map(
      ({ Properties }) => Properties.LoggingConfig.LogGroup.Ref,
    );
    expect(new Set(groups).size).toBe(groups.length);
  });

  // An authorizer reads what it checks tokens with.
  test('lets every function read the settings that the app names, and nothing else', () => {
    const result = of(apiClass);
    expect(resourcesOf(result, 'AWS::IAM::Policy')).toEqual({});
    for (const { Properties } of Object.values(resourcesOf(result, 'AWS::Lambda::Function'))) {
      expect(Properties.Environment.Variables.SETTINGS_PATH).toBe('/my-scope/Test');
      const { Policies } = result.template.Resources[Properties.Role['Fn::GetAtt'][0]]?.Properties ?? {};
      const statements = Policies.flatMap(({ PolicyDocument }: Json) => PolicyDocument.Statement).map(({ Action, Resource }: Json) =>
        [Action, Resource].map((one) => [one].flat().map(text)),
      );
      expect(statements.filter(([actions]: string[][]) => !/^(logs|xray):/.test(String(actions)))).toEqual([
        [
          ['ssm:GetParameters'],
          ['my-api/hosts', 'page-size'].map(
            (name) => `arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter/my-scope/Test/${name}`,
          ),
        ],
        [
          ['secretsmanager:GetSecretValue'],
          [`arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:/my-scope/Test/database-url-??????`],
        ],
      ]);
    }
  });

  test('lets API Gateway invoke each function by one permission on its own route', () => {
    const permissions = Object.values(resourcesOf(of(apiClass), 'AWS::Lambda::Permission')).map(({ Properties }) =>
      text(Properties.SourceArn).replace(/^.*\}\//, ''),
    );
    const stage = isRest ? 'Test' : '*';
    const routes = integrationPattern === 'isolated' ? ['GET/echo', 'GET/items/*', 'POST/items', 'POST/stream'] : ['*'];
    expect(permissions.sort()).toEqual(
      [...routes.map((route) => `${stage}/${route}`), ...(auth === 'Custom' ? ['authorizers/*'] : [])].sort(),
    );
  });

  test('logs requests as JSON, and says its address', () => {
    const result = of(apiClass);
    const [stage] = Object.values(resourcesOf(result, isRest ? 'AWS::ApiGateway::Stage' : 'AWS::ApiGatewayV2::Stage'));
    const { Format, DestinationArn } = (stage as Resource).Properties[isRest ? 'AccessLogSetting' : 'AccessLogSettings'];
    // A number where a request has one, as every request has a latency.
    expect(JSON.parse(Format.replace(/:(\$context\.responseLatency)/, ':"$1"'))).toMatchObject({
      responseLatency: '$context.responseLatency',
      requestId: '$context.requestId',
      status: '$context.status',
    });
    expect(text(DestinationArn)).toMatch(/AccessLogs/);
    if (isRest) expect(stage?.Properties).toMatchObject({ StageName: 'Test', TracingEnabled: true });
    expect(text(result.template.Outputs.ApiUrl.Value)).toMatch(
      isRest
        ? /^https:\/\/\$\{\w+\}\.execute-api\.\$\{AWS::Region\}\.\$\{AWS::URLSuffix\}\/Test$/
        : /^https:\/\/\$\{\w+\}\.execute-api\.\$\{AWS::Region\}\.\$\{AWS::URLSuffix\}$/,
    );
    expect(resourcesOf(result, 'AWS::ApiGateway::Account')).toEqual({});
    if (isRest)
      expect(Object.values(resourcesOf(result, 'AWS::ApiGateway::RestApi'))[0]?.Properties.EndpointConfiguration.Types).toEqual([
        'REGIONAL',
      ]);
  });

  test('leaves no finding of cdk-nag and of CDK itself', () => {
    const { violations, messages } = of(apiClass);
    expect(violations).toEqual([]);
    expect(messages.filter((message) => !message.startsWith('info'))).toEqual([]);
    expect(messages.some((message) => message.includes('anyone on the internet'))).toBe(auth === 'None');
  });
});

testFindings(() => Object.fromEntries(combinations.map(({ apiClass }) => [apiClass, of(apiClass).template])));

test('the stack of the logging role leaves no finding of cdk-nag', () => {
  const { status, output } = runBin(
    root,
    'cdk',
    ['synth', '--quiet', '--no-notices', '--app', 'tsx src/logging-role.ts', '--output', 'dist/logging-role'],
    'packages/infra',
  );
  expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
});

test('the tests that ship with the package pass', () => {
  const { status, output } = runBin(root, 'tsx', ['scripts/unit-tests.mjs'], 'packages/common/constructs');
  expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
}, 600_000);
