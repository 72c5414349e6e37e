// What each choice does to the template.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { testFindings } from '../../support/cdk-checkers.ts';
import { exampleRoutes, type Route } from '../../support/cdk-openapi.ts';
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
import { bodyOfTemplate as dashboardOf, metricsOf, problemsOf } from '../../support/dashboard.ts';

const routes: Route[] = [
  ...exampleRoutes,
  ['GET', '/', 'root'],
  ['GET', '/files/{name:path}', 'get_file'],
  ['OPTIONS', '/own', 'own_options'],
  ['GET', '/own', 'get_own'],
];

const http = { computeType: 'ServerlessApiGatewayHttpApi' } as const;
const named = (apiName: string, apiClass: string) => ({
  apiName,
  apiClass,
  apiDir: `packages/${apiName}`,
  moduleName: apiName.replaceAll('-', '_'),
});

let synthesized: Record<string, Synthesized>;
const of = (name: string): Synthesized => scenarioOf(synthesized, name);
const errorOf = (name: string): string | undefined => synthesized[name]?.error;
const count = (result: Synthesized, type: string): number => Object.keys(resourcesOf(result, type)).length;

const rest = (code = '', props = '') =>
  `const api = new MyApi(this, 'MyApi', { integrations: MyApi.defaultIntegrations(this)${code}.build(), ${props} });`;
const httpApi = (code = '', props = '') =>
  `const api = new MyHttpApi(this, 'MyApi', { integrations: MyHttpApi.defaultIntegrations(this)${code}.build(), ${props} });`;
const domain = (basePath = '') => `domain: {
  domainName: 'api.example.com',
  certificate: acm.Certificate.fromCertificateArn(this, 'Certificate', 'arn:aws:acm:eu-central-1:111111111111:certificate/x'),
  hostedZone: route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' }),
  ${basePath}
}`;
const ownKey =
  "const key = cdk.aws_kms.Key.fromKeyArn(this, 'Key', 'arn:aws:kms:eu-central-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab');";
const settled = (props = '', code = '') =>
  `${ownKey} const api = new SettledApi(this, 'MyApi', { integrations: SettledApi.defaultIntegrations(this)${code}.build(), ${props} }); return [key, api];`;
const parametrised = (props: string) =>
  `${ownKey} const api = new ParametrisedApi(this, 'MyApi', { integrations: ParametrisedApi.defaultIntegrations(this).build(), ${props} }); return [key, api];`;
/** A website in a stack of its own. */
const website =
  "const distribution = new Distribution(new Stack(this.node.root, 'Website'), 'Distribution', { defaultBehavior: { origin: new HttpOrigin('files.example.com') } });";
const everyOverride = (integration: string) =>
  `Object.fromEntries(Object.keys(metadata.operations).map((name) => [name, { integration: ${integration} }])) as any`;

beforeAll(() => {
  const root = cdkWorkspace('options', [
    { routes },
    { routes, data: { ...named('my-http-api', 'MyHttpApi'), ...http } },
    { data: { ...named('shared-api', 'SharedApi'), integrationPattern: 'shared' } },
    { data: { ...named('cognito-api', 'CognitoApi'), auth: 'Cognito' } },
    { data: { ...named('cognito-http-api', 'CognitoHttpApi'), auth: 'Cognito', ...http } },
    { data: { ...named('custom-api', 'CustomApi'), auth: 'Custom' } },
    { data: { ...named('custom-http-api', 'CustomHttpApi'), auth: 'Custom', ...http } },
    { data: { ...named('lacking-api', 'LackingApi'), auth: 'Custom' } },
    { data: { ...named('settled-api', 'SettledApi'), auth: 'Custom' }, settings: { settings: { secrets: ['database-url'] } } },
    {
      data: { ...named('parametrised-api', 'ParametrisedApi'), integrationPattern: 'shared' },
      settings: { settings: { parameters: ['page-size'] } },
    },
    {
      data: named('demanding-api', 'DemandingApi'),
      settings: { settings: { parameters: Array.from({ length: 140 }, (_, index) => `setting-${index}`) } },
    },
    { data: named('unbuilt-api', 'UnbuiltApi') },
    { data: { ...named('open-api', 'OpenApi'), auth: 'None' } },
    { data: { ...named('open-http-api', 'OpenHttpApi'), auth: 'None', ...http } },
  ]);
  rmSync(join(root, 'packages/lacking-api/dist/bundle/lacking_api/authorizer.py'));
  rmSync(join(root, 'packages/unbuilt-api/dist/bundle'), { recursive: true });
  synthesized = synthesize(
    root,
    'options',
    `import { CognitoApi, CognitoHttpApi, CustomApi, CustomHttpApi, DemandingApi, LackingApi, MyApi, MyHttpApi, OpenApi, OpenHttpApi, ParametrisedApi, SettledApi, SharedApi, UnbuiltApi } from ':my-scope/common-constructs';
import { iamAuth } from '../../common/constructs/src/core/api/auth.js';
import { IntegrationBuilder } from '../../common/constructs/src/core/api/builder.js';
import { RestApi } from '../../common/constructs/src/core/api/rest-api.js';
import { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { metadata } from '../../common/constructs/src/generated/my-api/metadata.gen.js';
import { metadata as sharedMetadata } from '../../common/constructs/src/generated/shared-api/metadata.gen.js';`,
    {
      precedence:
        rest(`.withDefaultOptions({ memorySize: 1024, timeout: Duration.seconds(20), environment: { VA: 'default', VB: 'default', LOG_LEVEL: 'DEBUG' } })
        .withOperationOptions({ getItem: { memorySize: 2048, environment: { VB: 'own' } } })
        .withOperationOptions({ getItem: { environment: { VC: 'own' } } })
        .withDefaultOptions({ environment: { VD: 'later' } })`),
      snapStart: rest('.withDefaultOptions({ snapStart: lambda.SnapStartConf.ON_PUBLISHED_VERSIONS })'),
      'snapStart http': httpApi('.withDefaultOptions({ snapStart: lambda.SnapStartConf.ON_PUBLISHED_VERSIONS })'),
      provisioned: rest('.withOperationOptions({ getItem: { provisionedConcurrentExecutions: 2 } })'),
      telemetry: rest(
        `.withDefaultOptions({ tracing: lambda.Tracing.DISABLED, logRetention: cdk.aws_logs.RetentionDays.ONE_WEEK, logRemovalPolicy: cdk.RemovalPolicy.DESTROY })`,
      ),
      policies: rest(`.withOperationOptions({
          getItem: { initialPolicy: [new PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] })] },
          echo: { role: new Role(this, 'Own', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }) },
        })`),
      'layer account': rest(`.withDefaultOptions({ adapterLayerAccount: '111111111111' })`),
      layers: rest(
        `.withDefaultOptions({ layers: [lambda.LayerVersion.fromLayerVersionArn(this, 'Layer', 'arn:aws:lambda:eu-central-1:111111111111:layer:x:1')] })`,
      ),
      x86: `const x86 = { ...metadata, api: { ...metadata.api, architecture: 'x86_64' } };
        new RestApi(this, 'MyApi', { metadata: x86, auth: iamAuth(), integrations: IntegrationBuilder.rest({ scope: this, pattern: 'isolated', metadata: x86 }).build() });`,
      'two vpcs': `const one = new Vpc(this, 'One'); const two = new Vpc(this, 'Two'); ${rest('.withDefaultOptions({ vpc: one }).withOperationOptions({ getItem: { vpc: two }, echo: { securityGroups: [new cdk.aws_ec2.SecurityGroup(this, "Group", { vpc: one })] } })')}`,
      webAcl: rest('', 'webAcl: true'),
      alarms: rest('', 'alarms: true'),
      'alarms http': httpApi('', `alarms: { topic: new sns.Topic(this, 'Topic') }`),
      dashboard: rest('', 'dashboard: true'),
      'dashboard http': httpApi('.withDefaultOptions({ snapStart: lambda.SnapStartConf.ON_PUBLISHED_VERSIONS })', 'dashboard: true'),
      'dashboard shared': `new SharedApi(this, 'MyApi', { integrations: SharedApi.defaultIntegrations(this).build(), dashboard: true });`,
      'dashboard custom': `new CustomApi(this, 'MyApi', { integrations: CustomApi.defaultIntegrations(this).build(), dashboard: true });`,
      'dashboard without functions': `new SharedApi(this, 'MyApi', { dashboard: true, integrations: SharedApi.defaultIntegrations(this).withOverrides(${everyOverride(`new HttpIntegration('https://example.com')`).replace('metadata.', 'sharedMetadata.')}).build() });`,
      'two environments': `${rest('', 'alarms: true, webAcl: true, dashboard: true')} new MyApi(this, 'Other', { integrations: MyApi.defaultIntegrations(this).build(), alarms: true, environment: 'blue', dashboard: true });`,
      'one environment twice': `${rest()} new MyApi(this, 'Other', { integrations: MyApi.defaultIntegrations(this).build() });`,
      'no environment': rest('', `environment: 'in production'`),
      'custom environment': `new CustomApi(this, 'MyApi', { integrations: CustomApi.defaultIntegrations(this).build(), environment: 'blue' });`,
      settings: settled('settingsKey: key', '.withDefaultOptions({ snapStart: lambda.SnapStartConf.ON_PUBLISHED_VERSIONS })'),
      'settings elsewhere': settled(`environment: 'blue', settingsPath: '/elsewhere/blue'`),
      'settings of an environment': settled(`environment: 'blue'`),
      'settings of an own role': settled(
        '',
        `.withOperationOptions({ echo: { role: new Role(this, 'Own', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }) } })`,
      ),
      'nag-settings': settled('settingsKey: key'),
      'parameters alone': parametrised('settingsKey: key'),
      'settings beyond a policy': `new DemandingApi(this, 'MyApi', { integrations: DemandingApi.defaultIntegrations(this).build() });`,
      'settings of a bad path': settled(`settingsPath: 'my-scope/*'`),
      "settings of AWS's path": parametrised(`settingsPath: '/aws-shop/production'`),
      domain: rest('', `${domain(`basePath: 'v1'`)}, disableExecuteApiEndpoint: true`),
      'domain http': httpApi('', `${domain(`basePath: 'v1'`)}, disableExecuteApiEndpoint: true`),
      'domain without base path': rest('', domain()),
      'no endpoint': rest('', 'disableExecuteApiEndpoint: true'),
      'no endpoint http': httpApi('', 'disableExecuteApiEndpoint: true'),
      'stage name': rest('', `stageName: 'live'`),
      cors: `${rest()} api.restrictCorsTo('https://example.com');`,
      'cors of several': `${rest()} api.restrictCorsTo('https://example.com', 'https://www.example.com');`,
      'cors http': `${httpApi()} api.restrictCorsTo('https://example.com', 'https://www.example.com');`,
      'cors shared': `const api = new SharedApi(this, 'MyApi', { integrations: SharedApi.defaultIntegrations(this).build() }); api.restrictCorsTo('https://example.com');`,
      'cors of distributions': `${rest()} ${website} api.restrictCorsTo(distribution, 'https://www.example.com');`,
      'cors of a distribution': `${rest()} ${website} api.restrictCorsTo(distribution);`,
      'cors of a distribution http': `${httpApi()} ${website} api.restrictCorsTo(distribution);`,
      'cors of none': `${rest()} api.restrictCorsTo();`,
      shared: `new SharedApi(this, 'MyApi', { integrations: SharedApi.defaultIntegrations(this).build() });`,
      'shared timeout': `new SharedApi(this, 'MyApi', { integrations: SharedApi.defaultIntegrations(this).withDefaultOptions({ timeout: Duration.minutes(1) }).build() });`,
      open: `new OpenApi(this, 'MyApi', { integrations: OpenApi.defaultIntegrations(this).build() });`,
      'open http': `new OpenHttpApi(this, 'MyApi', { integrations: OpenHttpApi.defaultIntegrations(this).build() });`,
      'open throttled': `new OpenApi(this, 'MyApi', { integrations: OpenApi.defaultIntegrations(this).build(), throttle: { rateLimit: 5000, burstLimit: 6000 } });`,
      'options with auth': rest('', 'authorizeOptions: true'),
      throttle: rest('', 'throttle: { rateLimit: 100, burstLimit: 50 }, operationThrottle: { getItem: { rateLimit: 10, burstLimit: 5 } }'),
      'throttle http': httpApi(
        '',
        'throttle: { rateLimit: 100, burstLimit: 50 }, operationThrottle: { getItem: { rateLimit: 10, burstLimit: 5 } }',
      ),
      'two instances': `new MyApi(this, 'One', { integrations: MyApi.defaultIntegrations(this).build() }); new MyApi(this, 'Two', { integrations: MyApi.defaultIntegrations(this).build() });`,
      'two instances http': `new MyHttpApi(this, 'One', { integrations: MyHttpApi.defaultIntegrations(this).build() }); new MyHttpApi(this, 'Two', { integrations: MyHttpApi.defaultIntegrations(this).build() });`,
      validation: rest('', 'requestValidation: true'),
      flagged: rest(),
      'flagged http': httpApi(),
      'unflagged rest': `${rest()} api.integrations.getItem.handler.addToRolePolicy(new PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] }));`,
      'unflagged http': httpApi(),
      'step functions': rest(`.withOverrides({ createItem: { integration: apigateway.StepFunctionsIntegration.startExecution(
          new stepfunctions.StateMachine(this, 'Machine', { stateMachineType: stepfunctions.StateMachineType.EXPRESS, definitionBody: stepfunctions.DefinitionBody.fromChainable(new stepfunctions.Pass(this, 'Pass')) })) } })`),
      'own lambda': rest(`.withOverrides({ getFile: { integration: new LambdaIntegration(anyFunction(this)) } })`),
      'streaming lambda': rest(
        `.withOverrides({ getFile: { integration: new LambdaIntegration(anyFunction(this), { responseTransferMode: apigateway.ResponseTransferMode.STREAM, timeout: Duration.minutes(5) }) } })`,
      ),
      'method options': rest(`.withOverrides({
          getItem: { integration: new HttpIntegration('https://example.com'), options: { apiKeyRequired: true, operationName: 'Item', requestValidatorOptions: { validateRequestParameters: true },
            methodResponses: [{ statusCode: '200', responseParameters: { 'method.response.header.Link': true } }] } },
          echo: { integration: new HttpIntegration('https://example.com'), options: { authorizationType: apigateway.AuthorizationType.NONE } },
        })`),
      ...Object.fromEntries(
        Object.entries({
          requestModels: `{ 'application/json': apigateway.Model.EMPTY_MODEL }`,
          requestValidator: `apigateway.RequestValidator.fromRequestValidatorId(this, 'Validator', 'x')`,
          methodResponses: `[{ statusCode: '200', responseModels: { 'application/json': apigateway.Model.EMPTY_MODEL } }]`,
        }).map(([option, value]) => [
          `refused ${option}`,
          rest(
            `.withOverrides({ getItem: { integration: new HttpIntegration('https://example.com'), options: { ${option}: ${value} } } })`,
          ),
        ]),
      ),
      'foreign authorizer': rest(
        `.withOverrides({ getItem: { integration: new HttpIntegration('https://example.com'), options: { authorizer: { authorizerId: 'x', authorizationType: apigateway.AuthorizationType.CUSTOM } as any } } })`,
      ),
      'token authorizer': `const authorizer = new apigateway.TokenAuthorizer(this, 'Tokens', { handler: anyFunction(this, 'Check'), resultsCacheTtl: Duration.minutes(1) });
        ${rest(`.withOverrides({
          getItem: { integration: new HttpIntegration('https://example.com'), options: { authorizer } },
          echo: { integration: new HttpIntegration('https://example.com'), options: { authorizer } },
        })`)}`,
      'request authorizer': `const authorizer = new apigateway.RequestAuthorizer(this, 'Requests', { handler: anyFunction(this, 'Check'), identitySources: [apigateway.IdentitySource.header('X-Token'), apigateway.IdentitySource.queryString('tenant')] });
        ${rest(`.withOverrides({ getItem: { integration: new HttpIntegration('https://example.com'), options: { authorizer } } })`)}`,
      'iam override under cognito': `const api = new CognitoApi(this, 'MyApi', { userPool: new cognito.UserPool(this, 'Pool'), integrations: CognitoApi.defaultIntegrations(this).withOverrides({
          getItem: { integration: new HttpIntegration('https://example.com'), options: { authorizationType: apigateway.AuthorizationType.IAM } } }).build() });
        api.grantInvokeAccess(new User(this, 'Caller'), 'getItem');`,
      'http authorizers': `const shared = new authorizers.HttpLambdaAuthorizer('Lambda', anyFunction(this, 'Check'), { responseTypes: [authorizers.HttpLambdaResponseType.SIMPLE] });
        const url = () => new integrations.HttpUrlIntegration('Url', 'https://example.com/{proxy}');
        ${httpApi(`.withOverrides({
          getItem: { integration: url(), options: { authorizer: shared } },
          echo: { integration: url(), options: { authorizer: shared } },
          root: { integration: url(), options: { authorizer: new apigatewayv2.HttpNoneAuthorizer() } },
          createItem: { integration: url(), options: { authorizer: new authorizers.HttpJwtAuthorizer('Jwt', 'https://issuer.example.com', { jwtAudience: ['me'] }), authorizationScopes: ['items/write'] } },
        })`)}`,
      'http integrations': `const one = new integrations.HttpUrlIntegration('Url', 'https://example.com');
        ${httpApi(`.withOverrides({
          getItem: { integration: one },
          echo: { integration: one },
          createItem: { integration: new integrations.HttpLambdaIntegration('Own', anyFunction(this)) },
        })`)}`,
      ...Object.fromEntries(
        ['MyApi', 'MyHttpApi', 'CognitoApi', 'CognitoHttpApi', 'CustomApi', 'CustomHttpApi', 'OpenApi', 'OpenHttpApi'].map((api) => [
          `wins over ${api}`,
          `const pool = new cognito.UserPool(this, 'Pool');
           new ${api}(this, 'MyApi', { ${api.startsWith('Cognito') ? 'userPool: pool,' : ''} integrations: ${api}.defaultIntegrations(this).withOverrides({ getItem: ${
             api.includes('Http')
               ? `{ integration: new integrations.HttpUrlIntegration('Url', 'https://example.com'), options: { authorizer: new authorizers.HttpUserPoolAuthorizer('Own', pool) } }`
               : `{ integration: new HttpIntegration('https://example.com'), options: { authorizer: new CognitoUserPoolsAuthorizer(this, 'Own', { cognitoUserPools: [pool] }) } }`
           } }).build() });`,
        ]),
      ),
      ...Object.fromEntries(
        Object.entries({
          webAcl: rest('', 'webAcl: true, alarms: true, dashboard: true'),
          domain: rest('', domain()),
          http: httpApi('', `alarms: true, dashboard: true, ${domain()}`),
          guarded: `${rest('', 'requestValidation: true, throttle: { rateLimit: 10, burstLimit: 20 }, operationThrottle: { getItem: { rateLimit: 1, burstLimit: 2 } }')} api.restrictCorsTo('https://a.example.com', 'https://b.example.com');`,
          'guarded-http': `${httpApi('.withDefaultOptions({ snapStart: lambda.SnapStartConf.ON_PUBLISHED_VERSIONS })', 'throttle: { rateLimit: 10, burstLimit: 20 }')} api.restrictCorsTo('https://a.example.com');`,
          shared: `new SharedApi(this, 'MyApi', { webAcl: true, alarms: true, integrations: SharedApi.defaultIntegrations(this).withOverrides({ getItem: { integration: new HttpIntegration('https://example.com') } }).build() });`,
        }).map(([name, code]) => [`nag-${name}`, code]),
      ),
      'nag-vpc': `const vpc = Vpc.fromVpcAttributes(this, 'Vpc', { vpcId: 'vpc-12345678', availabilityZones: ['eu-central-1a'], privateSubnetIds: ['subnet-12345678'], privateSubnetRouteTableIds: ['rtb-12345678'] }); ${rest('.withDefaultOptions({ vpc, snapStart: lambda.SnapStartConf.ON_PUBLISHED_VERSIONS })')}`,
      'all overridden': `new SharedApi(this, 'MyApi', { integrations: SharedApi.defaultIntegrations(this).withOverrides(${everyOverride(`new HttpIntegration('https://example.com')`).replace('metadata.', 'sharedMetadata.')}).build() });`,
      'untyped unknown': `MyApi.defaultIntegrations(this).withOverrides({ getWidget: { integration: new HttpIntegration('https://example.com') } } as any).build();`,
      'untyped both': `(MyApi.defaultIntegrations(this).withOperationOptions({ getItem: { memorySize: 128 } }) as any).withOverrides({ getItem: { integration: new HttpIntegration('https://example.com') } }).build();`,
      'untyped missing': `new MyApi(this, 'MyApi', { integrations: {} as any });`,
      grant: `${rest()} api.grantInvokeAccess(new User(this, 'Caller'), 'getItem'); api.grantInvokeAccess(new User(this, 'Other'), 'root');`,
      'grant http': `${httpApi()} api.grantInvokeAccess(new User(this, 'Caller'), 'getItem');`,
      'grant without IAM': `new CustomApi(this, 'MyApi', { integrations: CustomApi.defaultIntegrations(this).build() }).grantInvokeAccess(new User(this, 'Caller'));`,
      scopes: `new CognitoApi(this, 'MyApi', { userPool: new cognito.UserPool(this, 'Pool'), authorizationScopes: ['items/read'], integrations: CognitoApi.defaultIntegrations(this).build() });`,
      'scopes http': `const pool = new cognito.UserPool(this, 'Pool'); new CognitoHttpApi(this, 'MyApi', { userPool: pool, userPoolClients: [pool.addClient('Own')], authorizationScopes: ['items/read'], integrations: CognitoHttpApi.defaultIntegrations(this).build() });`,
      'imported pool': `new CognitoHttpApi(this, 'MyApi', { userPool: cognito.UserPool.fromUserPoolId(this, 'Pool', 'eu-central-1_abc'), integrations: CognitoHttpApi.defaultIntegrations(this).build() });`,
      custom: `new CustomApi(this, 'MyApi', { authorizerCacheTtl: Duration.seconds(0), integrations: CustomApi.defaultIntegrations(this).build() });`,
      'custom http': `new CustomHttpApi(this, 'MyApi', { integrations: CustomHttpApi.defaultIntegrations(this).build() });`,
      'own authorizer': `new CustomApi(this, 'MyApi', { authorizerFunction: anyFunction(this, 'Check'), integrations: CustomApi.defaultIntegrations(this).build() });`,
      'no authorizer.py': `new LackingApi(this, 'MyApi', { integrations: LackingApi.defaultIntegrations(this).build() });`,
      'no bundle': `new UnbuiltApi(this, 'MyApi', { integrations: UnbuiltApi.defaultIntegrations(this).build() });`,
    },
  );
}, 600_000);

describe('functions', () => {
  test('an option of one operation wins over withDefaultOptions, which wins over the defaults; environments merge', () => {
    const result = of('precedence');
    const getItem = functionOf(result, 'getItem').Properties;
    expect(getItem).toMatchObject({ MemorySize: 2048, Timeout: 20 });
    expect(getItem.Environment.Variables).toMatchObject({
      VA: 'default',
      VB: 'own',
      VC: 'own',
      VD: 'later',
      LOG_LEVEL: 'DEBUG',
      PORT: '8080',
    });
    const echo = functionOf(result, 'echo').Properties;
    expect(echo).toMatchObject({ MemorySize: 1024, Timeout: 20 });
    expect(echo.Environment.Variables).toMatchObject({ VA: 'default', VB: 'default', VD: 'later' });
    expect(bodyOf(result).paths['/echo'].get['x-amazon-apigateway-integration'].timeoutInMillis).toBe(21_000);
  });

  // 15 minutes: https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
  test.each([
    ['shared', 900_000, 30_000],
    ['shared timeout', 60_000, 61_000],
    ['flagged', 900_000, 30_000],
  ])('a stream waits for its function, other routes of the same function for an answer: %s', (name, stream, answer) => {
    const wait = (path: string, method: string) => bodyOf(of(name)).paths[path][method]['x-amazon-apigateway-integration'].timeoutInMillis;
    expect(wait('/stream', 'post')).toBe(stream);
    expect(wait('/echo', 'get')).toBe(answer);
  });

  test.each(['snapStart', 'snapStart http'])('SnapStart publishes versions, and API Gateway invokes their alias: %s', (name) => {
    const result = of(name);
    expect(functionOf(result, 'getItem').Properties.SnapStart).toEqual({ ApplyOn: 'PublishedVersions' });
    expect(functionOf(result, 'getItem').Properties.Environment.Variables).toMatchObject({
      AWS_LWA_SNAPSTART_BEFORE_CHECKPOINT_PATH: '/_lambda/before-checkpoint',
    });
    expect(count(result, 'AWS::Lambda::Version')).toBe(routes.length);
    expect(text(bodyOf(result).paths['/echo'].get['x-amazon-apigateway-integration'].uri)).toMatch(/echoAliaslive|echoLive/);
    for (const { Properties } of Object.values(resourcesOf(result, 'AWS::Lambda::Permission')))
      expect(text(Properties.FunctionName)).toMatch(/Live/);
  });

  test('provisioned concurrency is a choice of one operation', () => {
    const result = of('provisioned');
    expect(onlyResource(result, 'AWS::Lambda::Alias').Properties.ProvisionedConcurrencyConfig).toEqual({
      ProvisionedConcurrentExecutions: 2,
    });
  });

  test('tracing, retention and removal of logs are choices', () => {
    const result = of('telemetry');
    expect(functionOf(result, 'getItem').Properties.TracingConfig).toBeUndefined();
    expect(actionsOfRole(result, roleOf(result, 'getItem'))).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents']);
    const group = result.template.Resources[functionOf(result, 'getItem').Properties.LoggingConfig.LogGroup.Ref];
    expect(group).toMatchObject({ DeletionPolicy: 'Delete', Properties: { RetentionInDays: 7 } });
    expect(count(result, 'Custom::LogRetention')).toBe(0);
  });

  test('policies and roles of one operation reach that operation', () => {
    const result = of('policies');
    expect(actionsOfRole(result, roleOf(result, 'getItem'))).toContain('s3:GetObject');
    expect(roleOf(result, 'echo')).toMatch(/^Own/);
    expect(actionsOfRole(result, roleOf(result, 'createItem')).sort()).toEqual([
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  /** What a function may do besides writing logs and traces, as `action resource condition`. */
  const grants = (result: Synthesized, operation: string): string[] => {
    const roleId = roleOf(result, operation);
    const inline = (resourcesOf(result, 'AWS::IAM::Role')[roleId]?.Properties.Policies ?? []).map((policy: Json) => policy.PolicyDocument);
    const attached = Object.values(resourcesOf(result, 'AWS::IAM::Policy'))
      .filter(({ Properties }) => Properties.Roles?.some((given: Json) => given.Ref === roleId))
      .map(({ Properties }) => Properties.PolicyDocument);
    return [...inline, ...attached]
      .flatMap(({ Statement }) => Statement)
      .filter(({ Action }) => !/^(logs|xray):/.test([Action].flat()[0]))
      .map(({ Action, Resource, Condition }) =>
        [Action, text(Resource), [Condition?.StringEquals['kms:ViaService'] ?? []].flat().map(text).join(',')].join(' ').trim(),
      );
  };
  const secret = (path: string) =>
    `secretsmanager:GetSecretValue arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:${path}/database-url-??????`;
  const key = 'kms:Decrypt arn:aws:kms:eu-central-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab';

  test('settings are granted one by one, and a key where one is named, for their services alone', () => {
    expect(grants(of('settings'), 'getItem')).toEqual([
      secret('/my-scope/Test'),
      `${key} secretsmanager.\${AWS::Region}.\${AWS::URLSuffix}`,
    ]);
    expect(grants(of('parameters alone'), 'router')).toEqual([
      `ssm:GetParameters arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter/my-scope/Test/page-size`,
      `${key} ssm.\${AWS::Region}.\${AWS::URLSuffix}`,
    ]);
    // In the role itself, where it takes no resource.
    expect(count(of('parameters alone'), 'AWS::IAM::Policy')).toBe(0);
    expect(of('nag-settings').violations).toEqual([]);
  });

  test("settings stand below the API's environment, or where it is said", () => {
    for (const [name, path] of [
      ['settings of an environment', '/my-scope/blue'],
      ['settings elsewhere', '/elsewhere/blue'],
    ] as const) {
      expect(grants(of(name), 'getItem')).toEqual([secret(path)]);
      for (const { Properties } of Object.values(resourcesOf(of(name), 'AWS::Lambda::Function')))
        expect(Properties.Environment.Variables.SETTINGS_PATH).toBe(path);
    }
  });

  test("settings are granted to a role of the user's own", () => {
    expect(roleOf(of('settings of an own role'), 'echo')).toMatch(/^Own/);
    expect(grants(of('settings of an own role'), 'echo')).toEqual([secret('/my-scope/Test')]);
  });

  test('a path that Parameter Store would refuse, or a policy would widen, is refused', () => {
    expect(errorOf('settings beyond a policy')).toBe(
      'The names of 140 settings take more than the 10,240 characters that IAM gives the policies of a role: put several values into one secret, as JSON.',
    );
    expect(errorOf('settings of a bad path')).toBe(
      "The settings' path 'my-scope/*' has to be like '/my-scope/production': letters, digits and _ . - after each slash.",
    );
    expect(errorOf("settings of AWS's path")).toBe(
      "Parameter Store takes no name that begins with aws or ssm, as '/aws-shop/production' does: give settingsPath another one.",
    );
  });

  test('the adapter comes from another account, and on another architecture, where it is said', () => {
    expect(text(functionOf(of('layer account'), 'getItem').Properties.Layers[0])).toContain(
      ':111111111111:layer:LambdaAdapterLayerArm64:30',
    );
    const x86 = functionOf(of('x86'), 'getItem').Properties;
    expect(x86.Architectures).toEqual(['x86_64']);
    expect(text(x86.Layers[0])).toContain(':layer:LambdaAdapterLayerX86:30');
    expect(functionOf(of('layers'), 'getItem').Properties.Layers).toHaveLength(2);
  });

  test('each VPC has one security group of its own, besides those that are given', () => {
    const result = of('two vpcs');
    const groups = (name: string) => JSON.stringify(functionOf(result, name).Properties.VpcConfig.SecurityGroupIds);
    expect(groups('createItem')).toBe(groups('stream'));
    expect(new Set([groups('createItem'), groups('getItem'), groups('echo')]).size).toBe(3);
  });

  test('a missing bundle is said, with what makes it', () => {
    expect(errorOf('no bundle')).toMatch(/unbuilt-api\/dist\/bundle is missing: run the target bundle of My API first\.$/);
  });
});

describe('the API', () => {
  test('a web ACL of managed rules stands before the stage, and counts large bodies', () => {
    const result = of('webAcl');
    const [rules] = Object.values(resourcesOf(result, 'AWS::WAFv2::WebACL')).map(({ Properties }) => Properties.Rules);
    expect(rules.map((rule: Json) => rule.Name)).toEqual([
      'AWSManagedRulesAmazonIpReputationList',
      'AWSManagedRulesCommonRuleSet',
      'AWSManagedRulesKnownBadInputsRuleSet',
    ]);
    expect(rules[1].Statement.ManagedRuleGroupStatement.RuleActionOverrides).toEqual([
      { Name: 'SizeRestrictions_BODY', ActionToUse: { Count: {} } },
    ]);
    expect(text(onlyResource(result, 'AWS::WAFv2::WebACLAssociation').Properties.ResourceArn)).toMatch(
      /apigateway:.*\/restapis\/.*\/stages\//,
    );
  });

  test.each(['alarms', 'alarms http'])('alarms watch server errors, latency and throttled requests: %s', (name) => {
    const result = of(name);
    const alarms = Object.values(resourcesOf(result, 'AWS::CloudWatch::Alarm'));
    expect(alarms.map(({ Properties }) => Properties.MetricName.replace(/-\w+$/, '')).sort()).toEqual(
      name === 'alarms' ? ['5XXError', 'Latency', 'ThrottledRequests'] : ['5xx', 'Latency', 'ThrottledRequests'],
    );
    for (const { Properties } of alarms) {
      expect(Properties.AlarmActions?.length ?? 0).toBe(name === 'alarms' ? 0 : 1);
      expect(Properties.OKActions).toEqual(Properties.AlarmActions);
    }
    const filters = Object.values(resourcesOf(result, 'AWS::Logs::MetricFilter')).map(({ Properties }) => Properties.FilterPattern);
    // API Gateway's own metric counts a stream until its end; an HTTP API has none.
    const others = '{ ($.responseLatency >= 0) && ($.route != "POST /stream") }';
    expect(filters.sort()).toEqual(name === 'alarms' ? ['{ $.status = "429" }', others] : ['{ $.status = "429" }']);
  });

  test.each(['dashboard', 'dashboard http', 'dashboard shared', 'dashboard custom', 'dashboard without functions'])(
    'a dashboard shows what is written, within the limits of CloudWatch: %s',
    (name) => {
      const result = of(name);
      const service = { 'dashboard http': 'my-http-api', 'dashboard custom': 'custom-api', dashboard: 'my-api' }[name] ?? 'shared-api';
      const body = dashboardOf(result);
      expect(problemsOf(body, `${service}-Test`, service)).toEqual([]);
      const functions = metricsOf(body).filter(({ namespace }) => namespace === 'AWS/Lambda');
      const names = functions.map(({ dimensions }) => dimensions.FunctionName);
      const answering = Object.keys(resourcesOf(result, 'AWS::Lambda::Function'));
      expect(new Set(names).size).toBe(answering.length);
      // The part of an ARN that is the function's name, also in that of an alias.
      const parts = name.endsWith('http') ? Object.keys(resourcesOf(result, 'AWS::Lambda::Alias')) : answering.map((id) => `${id}.Arn`);
      expect([...new Set(names)].sort()).toEqual(parts.map((part) => `\${${part} 6}`).sort());
      // What is counted in the access log is counted without alarms, too.
      expect(onlyResource(result, 'AWS::Logs::MetricFilter').Properties.FilterPattern).toBe('{ $.status = "429" }');
      expect(count(result, 'AWS::CloudWatch::Alarm')).toBe(0);
    },
  );

  test('a dashboard has a name for its stack and region, and its address is an output', () => {
    const result = of('dashboard');
    const [[id, dashboard] = ['', { Properties: {} }]] = Object.entries(resourcesOf(result, 'AWS::CloudWatch::Dashboard'));
    expect(text((dashboard.Properties as Json).DashboardName)).toBe(`Test-MyApi-\${AWS::Region}`);
    const [[consoles, hosts] = ['', {}]] = Object.entries((result.template as Json).Mappings);
    expect(text(result.template.Outputs.MyApiDashboardUrl.Value)).toBe(
      `https://\${AWS::Region}.${consoles}.\${AWS::Partition}.host/cloudwatch/home?region=\${AWS::Region}#dashboards/dashboard/\${${id}}`,
    );
    expect(hosts).toEqual({
      aws: { host: 'console.aws.amazon.com' },
      'aws-cn': { host: 'console.amazonaws.cn' },
      'aws-us-gov': { host: 'console.amazonaws-us-gov.com' },
    });
    expect(count(of('alarms'), 'AWS::CloudWatch::Dashboard')).toBe(0);
  });

  test('two environments of an API in one stack have metrics, names and stages apart', () => {
    const result = of('two environments');
    const filters = Object.values(resourcesOf(result, 'AWS::Logs::MetricFilter')).map(
      ({ Properties }) => Properties.MetricTransformations[0],
    );
    expect(filters.map(({ MetricNamespace, MetricName }) => `${MetricNamespace} ${MetricName}`).sort()).toEqual([
      'my-api-Test Latency',
      'my-api-Test ThrottledRequests',
      'my-api-blue Latency',
      'my-api-blue ThrottledRequests',
    ]);
    const alarms = Object.values(resourcesOf(result, 'AWS::CloudWatch::Alarm')).filter(({ Properties }) => Properties.Dimensions);
    const dimensions = alarms.map(({ Properties }) => Properties.Dimensions.map(({ Value }: Json) => Value).join());
    expect([...new Set(dimensions)].sort()).toEqual(['My API (Test),Test', 'My API (blue),blue']);
    const namespaces = Object.values(resourcesOf(result, 'AWS::Lambda::Function')).map(
      ({ Properties }) => Properties.Environment.Variables.POWERTOOLS_METRICS_NAMESPACE,
    );
    expect([...new Set(namespaces)].sort()).toEqual(['my-api-Test', 'my-api-blue']);
    expect(onlyResource(result, 'AWS::WAFv2::WebACL').Properties.VisibilityConfig.MetricName).toBe('my-api-Test');
    const dashboards = Object.values(resourcesOf(result, 'AWS::CloudWatch::Dashboard')).map(({ Properties }) => Properties);
    expect(dashboards.map(({ DashboardName }) => text(DashboardName)).sort()).toEqual([
      `Test-MyApi-\${AWS::Region}`,
      `Test-Other-\${AWS::Region}`,
    ]);
    const [one = [], other = []] = dashboards.map(({ DashboardBody }) =>
      metricsOf(JSON.parse(text(DashboardBody))).map((metric) => JSON.stringify(metric)),
    );
    expect(one).toHaveLength(other.length);
    expect(one.filter((metric) => other.includes(metric))).toEqual([]);
    expect(result.messages.filter((message) => message.startsWith('warning'))).toEqual([]);
  });

  test('an authorizer counts in the environment of its API', () => {
    for (const { Properties } of Object.values(resourcesOf(of('custom environment'), 'AWS::Lambda::Function')))
      expect(Properties.Environment.Variables.POWERTOOLS_METRICS_NAMESPACE).toBe('custom-api-blue');
  });

  test('streams of an HTTP API are told, which sends them whole', () => {
    const told =
      'info: My API is an HTTP API, which sends what these stream whole, and only if it has ended within 30 seconds: stream. A REST API streams.';
    expect(of('two instances http').messages).toContainEqual(told);
    expect(of('two instances').messages).not.toContainEqual(expect.stringContaining('stream'));
  });

  test('one environment of an API twice is told, and one that no stage can be named like is refused', () => {
    expect(of('one environment twice').messages.join('\n')).toMatch(/warning: Two APIs have the metrics namespace my-api-Test/);
    expect(errorOf('no environment')).toBe(
      "The environment 'in production' can't be the name of a stage: use letters, digits, hyphens and underscores.",
    );
  });

  test.each(['domain', 'domain http'])('a domain name has its mapping, its record and its base path: %s', (name) => {
    const result = of(name);
    const isRest = name === 'domain';
    expect(onlyResource(result, isRest ? 'AWS::ApiGateway::BasePathMapping' : 'AWS::ApiGatewayV2::ApiMapping').Properties).toMatchObject(
      isRest ? { BasePath: 'v1' } : { ApiMappingKey: 'v1' },
    );
    expect(onlyResource(result, 'AWS::Route53::RecordSet').Properties).toMatchObject({ Name: 'api.example.com.', Type: 'A' });
    expect(functionOf(result, 'getItem').Properties.Environment.Variables.AWS_LWA_REMOVE_BASE_PATH).toBe('/v1');
    expect(Object.values(result.template.Outputs).map(({ Value }) => Value)).toContain('https://api.example.com/v1');
    if (isRest) expect(onlyResource(result, 'AWS::ApiGateway::RestApi').Properties.DisableExecuteApiEndpoint).toBe(true);
    else expect(bodyOf(result)['x-amazon-apigateway-endpoint-configuration']).toEqual({ disableExecuteApiEndpoint: true });
  });

  test('a domain name without a base path leaves paths as they are', () => {
    const result = of('domain without base path');
    expect(functionOf(result, 'getItem').Properties.Environment.Variables.AWS_LWA_REMOVE_BASE_PATH).toBeUndefined();
    expect(Object.values(result.template.Outputs).map(({ Value }) => Value)).toContain('https://api.example.com');
  });

  test.each(['no endpoint', 'no endpoint http'])('an API without any address is refused: %s', (name) => {
    expect(errorOf(name)).toBe('disableExecuteApiEndpoint needs a domain: the API would have no address.');
  });

  test('the name of the stage is in the address and in the permissions', () => {
    const result = of('stage name');
    for (const { Properties } of Object.values(resourcesOf(result, 'AWS::Lambda::Permission')))
      expect(text(Properties.SourceArn)).toMatch(/\}\/live\//);
    expect(Object.values(result.template.Outputs).map(({ Value }) => text(Value))).toEqual([expect.stringMatching(/\/live$/), 'IAM']);
  });

  test('limits hold for the stage, and for one operation', () => {
    const settings = onlyResource(of('throttle'), 'AWS::ApiGateway::Stage').Properties.MethodSettings;
    expect(settings).toEqual([
      {
        DataTraceEnabled: false,
        HttpMethod: '*',
        LoggingLevel: 'ERROR',
        ResourcePath: '/*',
        ThrottlingBurstLimit: 50,
        ThrottlingRateLimit: 100,
      },
      {
        DataTraceEnabled: false,
        HttpMethod: 'GET',
        LoggingLevel: 'ERROR',
        ResourcePath: '/~1items~1{item_id}',
        ThrottlingBurstLimit: 5,
        ThrottlingRateLimit: 10,
      },
    ]);
    const stage = onlyResource(of('throttle http'), 'AWS::ApiGatewayV2::Stage').Properties;
    expect(stage.DefaultRouteSettings).toMatchObject({ ThrottlingBurstLimit: 50, ThrottlingRateLimit: 100 });
    expect(stage.RouteSettings).toEqual({ 'GET /items/{item_id}': { ThrottlingBurstLimit: 5, ThrottlingRateLimit: 10 } });
  });

  test.each(['two instances', 'two instances http'])('a stack holds an API twice, each with its own functions: %s', (name) => {
    const result = of(name);
    expect(count(result, 'AWS::Lambda::Function')).toBe(2 * routes.length);
    const apis = Object.values({ ...resourcesOf(result, 'AWS::ApiGateway::RestApi'), ...resourcesOf(result, 'AWS::ApiGatewayV2::Api') });
    const [first, second] = apis.map(({ Properties }) => text(Properties.Body.paths['/echo'].get['x-amazon-apigateway-integration'].uri));
    expect(first).not.toBe(second);
  });

  test('request validation is off until it is chosen', () => {
    expect(bodyOf(of('flagged'))['x-amazon-apigateway-request-validator']).toBe('none');
    expect(bodyOf(of('validation'))['x-amazon-apigateway-request-validator']).toBe('parameters');
    expect(bodyOf(of('validation'))['x-amazon-apigateway-request-validators'].parameters).toEqual({
      validateRequestBody: false,
      validateRequestParameters: true,
    });
  });

  test.each([
    ['flagged', 'unflagged rest'],
    ['flagged http', 'unflagged http'],
  ])('the template is the same with and without the recommended feature flags: %s', (flagged, unflagged) => {
    const types = (name: string) =>
      Object.values(of(name).template.Resources)
        .map(({ Type }) => Type)
        .filter((type) => type !== 'AWS::IAM::Policy')
        .sort();
    expect(types(unflagged)).toEqual(types(flagged));
    expect(count(of(unflagged), 'AWS::Logs::LogGroup')).toBe(routes.length + (unflagged.includes('http') ? 1 : 2));
    expect(count(of(unflagged), 'AWS::ApiGateway::Account')).toBe(0);
    expect(bodyOf(of(unflagged))).toEqual(bodyOf(of(flagged)));
  });

  // "A preflight request never includes credentials": https://fetch.spec.whatwg.org/#cors-protocol-and-credentials
  test("a user's own OPTIONS stands in place of the preflight, and asks for no auth unless it is told to", () => {
    const { options } = bodyOf(of('flagged')).paths['/own'];
    expect(options).toMatchObject({ operationId: 'ownOptions', security: [] });
    expect(bodyOf(of('flagged http')).paths['/own'].options.security).toEqual([]);
    expect(bodyOf(of('options with auth')).paths['/own'].options.security).toEqual([{ sigv4: [] }]);
    expect(bodyOf(of('flagged')).paths['/own'].get.security).toEqual([{ sigv4: [] }]);
    expect(options['x-amazon-apigateway-integration'].type).toBe('aws_proxy');
  });

  test('a rest of the path is greedy, it may be empty, and its permission spans both', () => {
    const result = of('flagged');
    expect(bodyOf(result).paths['/files/{name+}'].get.parameters).toEqual([
      { name: 'name', in: 'path', required: true, schema: { type: 'string' } },
    ]);
    expect(bodyOf(result).paths['/files'].get['x-amazon-apigateway-integration']).toEqual(
      bodyOf(result).paths['/files/{name+}'].get['x-amazon-apigateway-integration'],
    );
    expect(
      Object.values(resourcesOf(result, 'AWS::Lambda::Permission')).map(({ Properties }) => text(Properties.SourceArn)),
    ).toContainEqual(expect.stringMatching(/\/Test\/GET\/files\*$/));
  });
});

describe('answers of API Gateway itself', () => {
  const responses = (name: string) => bodyOf(of(name))['x-amazon-apigateway-gateway-responses'];

  // MISSING_AUTHENTICATION_TOKEN includes "the cases when the client attempts to invoke an unsupported API method or resource":
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
  test.each(['open', 'custom', 'scopes'])('an unknown path is not found where nothing asks for a signature: %s', (name) => {
    for (const type of ['MISSING_AUTHENTICATION_TOKEN', 'INVALID_SIGNATURE'])
      expect(responses(name)[type]).toMatchObject({
        statusCode: '404',
        responseTemplates: { 'application/json': '{"detail":"Not Found"}' },
        responseParameters: { 'gatewayresponse.header.Access-Control-Allow-Origin': "'*'" },
      });
  });

  test.each(['flagged', 'iam override under cognito'])('with IAM it may lack a signature as well, and the body names both: %s', (name) => {
    expect(responses(name).MISSING_AUTHENTICATION_TOKEN).toMatchObject({
      statusCode: '403',
      responseTemplates: {
        'application/json': '{"detail":"There is no such path and method, or the request is not signed (AWS Signature Version 4)."}',
      },
    });
    expect(responses(name).INVALID_SIGNATURE).toBeUndefined();
  });

  // https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
  test('are logged at ERROR, in a group that has a retention and goes with the API', () => {
    const result = of('flagged');
    const groups = Object.entries(resourcesOf(result, 'AWS::Logs::LogGroup'));
    const [id, group] =
      groups.find(([, { Properties }]) => text(Properties.LogGroupName ?? '').startsWith('API-Gateway-Execution-Logs_')) ?? [];
    expect(text(group?.Properties.LogGroupName)).toMatch(/^API-Gateway-Execution-Logs_\$\{MyApi\w+\}\/Test$/);
    expect(group).toMatchObject({ DeletionPolicy: 'Delete', Properties: { RetentionInDays: 365 } });
    const stage = onlyResource(result, 'AWS::ApiGateway::Stage');
    expect(stage.DependsOn).toContain(id);
    expect(stage.Properties.MethodSettings).toContainEqual(expect.objectContaining({ HttpMethod: '*', LoggingLevel: 'ERROR' }));
  });
});

test.each([
  ['open', 100, 200],
  ['open throttled', 5000, 6000],
  ['flagged', undefined, undefined],
])('what anybody may call has a limit, the bill of which has a bound: %s', (name, rate, burst) => {
  const [settings] = onlyResource(of(name), 'AWS::ApiGateway::Stage').Properties.MethodSettings;
  expect([settings.ThrottlingRateLimit, settings.ThrottlingBurstLimit]).toEqual([rate, burst]);
});

test('so has an HTTP API', () => {
  const settings = (name: string) => onlyResource(of(name), 'AWS::ApiGatewayV2::Stage').Properties.DefaultRouteSettings;
  expect(settings('open http')).toEqual({ ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 });
  expect(settings('flagged http')).toBeUndefined();
});

describe('CORS', () => {
  const preflights = (result: Synthesized) =>
    Object.entries<Json>(bodyOf(result).paths)
      .filter(([path]) => path !== '/own')
      .map(([, item]) => item.options['x-amazon-apigateway-integration'].responses.default);

  test.each([
    ['flagged', '*'],
    ['cors', 'https://example.com'],
    ['cors shared', 'https://example.com'],
  ])('one origin is in every preflight, `/` included, in gateway responses and in functions: %s', (name, origin) => {
    const result = of(name);
    expect(preflights(result).length).toBeGreaterThan(3);
    for (const response of preflights(result)) {
      expect(response.responseParameters['method.response.header.Access-Control-Allow-Origin']).toBe(`'${origin}'`);
      expect(response.responseParameters['method.response.header.Access-Control-Allow-Headers']).toContain('Authorization');
      expect(response.responseTemplates).toBeUndefined();
    }
    for (const { responseParameters } of Object.values<Json>(bodyOf(result)['x-amazon-apigateway-gateway-responses'])) {
      expect(responseParameters['gatewayresponse.header.Access-Control-Allow-Origin']).toBe(`'${origin}'`);
    }
    for (const { Properties } of Object.values(resourcesOf(result, 'AWS::Lambda::Function')))
      expect(Properties.Environment.Variables.ALLOWED_ORIGINS).toBe(origin);
  });

  test("with several origins, a preflight answers with the request's among them, and a gateway response echoes it", () => {
    const result = of('cors of several');
    for (const response of preflights(result)) {
      expect(response.responseTemplates['application/json']).toContain(
        '$origin == "https://example.com" || $origin == "https://www.example.com"',
      );
      expect(response.responseParameters['method.response.header.Access-Control-Allow-Origin']).toBe("'https://example.com'");
    }
    const { DEFAULT_4XX, DEFAULT_5XX } = bodyOf(result)['x-amazon-apigateway-gateway-responses'];
    expect(DEFAULT_4XX.responseParameters).toMatchObject({
      'gatewayresponse.header.Access-Control-Allow-Origin': 'method.request.header.Origin',
      'gatewayresponse.header.Vary': "'Origin'",
    });
    expect(DEFAULT_5XX).toEqual(DEFAULT_4XX);
    expect(functionOf(result, 'root').Properties.Environment.Variables.ALLOWED_ORIGINS).toBe('https://example.com,https://www.example.com');
  });

  test('an HTTP API answers preflights itself, for the origins', () => {
    const result = of('cors http');
    expect(bodyOf(result)['x-amazon-apigateway-cors']).toMatchObject({
      allowOrigins: ['https://example.com', 'https://www.example.com'],
      allowHeaders: expect.arrayContaining(['authorization']),
    });
    expect(functionOf(result, 'root').Properties.Environment.Variables.ALLOWED_ORIGINS).toBe('https://example.com,https://www.example.com');
    expect(bodyOf(of('flagged http'))['x-amazon-apigateway-cors'].allowOrigins).toEqual(['*']);
  });

  test('other origins deploy the API anew', () => {
    const deployment = (name: string) => Object.keys(resourcesOf(of(name), 'AWS::ApiGateway::Deployment'));
    expect(deployment('cors')).not.toEqual(deployment('flagged'));
  });

  test("a distribution stands for its address, in a stack that takes nothing from the API's", () => {
    const isOutput = (value: string) => expect(value).toMatch(/Fn::GetStackOutput.*"StackName":"Website".*DomainName/);
    const [rest, http] = [of('cors of a distribution'), of('cors of a distribution http')];
    for (const result of [rest, http]) isOutput(text(functionOf(result, 'root').Properties.Environment.Variables.ALLOWED_ORIGINS));
    for (const { responseParameters, responseTemplates } of preflights(rest)) {
      isOutput(text(responseParameters['method.response.header.Access-Control-Allow-Origin']));
      expect(responseTemplates).toBeUndefined();
    }
    isOutput(text(bodyOf(http)['x-amazon-apigateway-cors'].allowOrigins[0]));
    for (const response of preflights(of('cors of distributions'))) {
      const template = text(response.responseTemplates['application/json']);
      isOutput(template);
      expect(template).toContain('" || $origin == "https://www.example.com")');
    }
    const stack = JSON.parse(readFileSync(join(rest.folder, 'Website.template.json'), 'utf8'));
    expect(JSON.stringify(stack.Resources)).not.toContain('Fn::GetStackOutput');
  });

  test('restricting to nothing is refused', () => {
    expect(errorOf('cors of none')).toBe('restrictCorsTo needs an origin at least.');
  });
});

describe('overrides', () => {
  test('a state machine answers an operation, by a role of its own', () => {
    const integration = bodyOf(of('step functions')).paths['/items'].post['x-amazon-apigateway-integration'];
    expect(integration).toMatchObject({ type: 'aws', httpMethod: 'POST' });
    expect(text(integration.uri)).toContain(':states:action/StartSyncExecution');
    expect(integration.credentials).toBeDefined();
    expect(integration.responses.default.statusCode).toBe('200');
  });

  test('a function of your own answers an operation, and may be invoked', () => {
    const result = of('own lambda');
    expect(text(bodyOf(result).paths['/files/{name+}'].get['x-amazon-apigateway-integration'].uri)).toMatch(
      /functions\/\$\{Own\w+\.Arn\}\/invocations$/,
    );
    const own = Object.values(resourcesOf(result, 'AWS::Lambda::Permission')).filter(({ Properties }) =>
      text(Properties.FunctionName).includes('Own'),
    );
    expect(own.map(({ Properties }) => text(Properties.SourceArn))).toContainEqual(expect.stringMatching(/\/GET\/files\/\*$/));
    expect(count(result, 'AWS::ApiGateway::Method') + count(result, 'AWS::ApiGateway::Resource')).toBe(0);
  });

  test('a function of your own streams where it is said', () => {
    const integration = bodyOf(of('streaming lambda')).paths['/files/{name+}'].get['x-amazon-apigateway-integration'];
    expect(integration).toMatchObject({ responseTransferMode: 'STREAM', timeoutInMillis: 300_000 });
    expect(text(integration.uri)).toMatch(/response-streaming-invocations$/);
  });

  test('options of a method are in the body', () => {
    const body = bodyOf(of('method options'));
    expect(body.paths['/items/{item_id}'].get).toMatchObject({
      operationId: 'Item',
      security: [{ sigv4: [], api_key: [] }],
      'x-amazon-apigateway-request-validator': 'parameters',
      responses: { 200: { headers: { Link: { schema: { type: 'string' } } } } },
    });
    expect(body.components.securitySchemes.api_key).toEqual({ type: 'apiKey', name: 'x-api-key', in: 'header' });
    expect(body.paths['/echo'].get.security).toEqual([]);
  });

  test.each(['requestModels', 'requestValidator', 'methodResponses'])('what the body cannot hold is refused: %s', (option) => {
    expect(errorOf(`refused ${option}`)).toMatch(
      option === 'methodResponses'
        ? /^The responseModels of 'getItem' can't be held/
        : new RegExp(`^The option ${option} of 'getItem' can't be held`),
    );
  });

  test('an authorizer that is made elsewhere is refused', () => {
    expect(errorOf('foreign authorizer')).toMatch(/^The API's body holds only authorizers that are made in this app/);
  });

  test('a Lambda authorizer becomes one scheme of the body, with a permission that names no authorizer', () => {
    const result = of('token authorizer');
    const { paths, components } = bodyOf(result);
    expect(paths['/echo'].get.security).toEqual(paths['/items/{item_id}'].get.security);
    const [name] = Object.keys(paths['/echo'].get.security[0]) as [string];
    expect(components.securitySchemes[name]).toMatchObject({
      type: 'apiKey',
      name: 'Authorization',
      'x-amazon-apigateway-authtype': 'custom',
      'x-amazon-apigateway-authorizer': { type: 'token', authorizerResultTtlInSeconds: 60 },
    });
    expect(count(result, 'AWS::ApiGateway::Authorizer')).toBe(0);
    const [permission] = Object.values(resourcesOf(result, 'AWS::Lambda::Permission')).filter(({ Properties }) =>
      text(Properties.FunctionName).includes('Check'),
    );
    expect(text(permission?.Properties.SourceArn)).toMatch(/\/authorizers\/\*$/);
  });

  test('a request authorizer keeps its identity sources', () => {
    const { components } = bodyOf(of('request authorizer'));
    const scheme = Object.entries<Json>(components.securitySchemes).find(([name]) => name !== 'sigv4')?.[1];
    expect(scheme['x-amazon-apigateway-authorizer']).toMatchObject({
      type: 'request',
      identitySource: 'method.request.header.X-Token,method.request.querystring.tenant',
    });
  });

  test("an override's IAM wins over Cognito, and can be granted", () => {
    const result = of('iam override under cognito');
    expect(bodyOf(result).paths['/items/{item_id}'].get.security).toEqual([{ sigv4: [] }]);
    expect(bodyOf(result).paths['/echo'].get.security).toEqual([{ cognito: [] }]);
    expect(count(result, 'AWS::IAM::Policy')).toBe(1);
  });

  test.each(['MyApi', 'MyHttpApi', 'CognitoApi', 'CognitoHttpApi', 'CustomApi', 'CustomHttpApi', 'OpenApi', 'OpenHttpApi'])(
    "an override's authorizer wins over that of %s",
    (api) => {
      const { paths, components } = bodyOf(of(`wins over ${api}`));
      const [name] = Object.keys(paths['/items/{item_id}'].get.security[0]) as [string];
      expect(name).toMatch(/Own/);
      expect(JSON.stringify(components.securitySchemes[name])).toContain('Pool');
      expect(paths['/echo'].get.security).not.toEqual(paths['/items/{item_id}'].get.security);
    },
  );

  test("an HTTP API's authorizers become schemes of the body", () => {
    const result = of('http authorizers');
    const { paths, components } = bodyOf(result);
    expect(paths['/'].get.security).toEqual([]);
    expect(paths['/echo'].get.security).toEqual(paths['/items/{item_id}'].get.security);
    const [lambda] = Object.keys(paths['/echo'].get.security[0]) as [string];
    expect(components.securitySchemes[lambda]['x-amazon-apigateway-authorizer']).toMatchObject({
      type: 'request',
      enableSimpleResponses: true,
      authorizerPayloadFormatVersion: '2.0',
    });
    const [jwt, scopes] = Object.entries(paths['/items'].post.security[0])[0] as [string, string[]];
    expect(scopes).toEqual(['items/write']);
    const { type, jwtConfiguration } = components.securitySchemes[jwt]['x-amazon-apigateway-authorizer'];
    expect({ type, jwtConfiguration }).toEqual({
      type: 'jwt',
      jwtConfiguration: { audience: ['me'], issuer: 'https://issuer.example.com' },
    });
    expect(
      count(result, 'AWS::ApiGatewayV2::Authorizer') +
        count(result, 'AWS::ApiGatewayV2::Route') +
        count(result, 'AWS::ApiGatewayV2::Integration'),
    ).toBe(0);
    const [permission] = Object.values(resourcesOf(result, 'AWS::Lambda::Permission')).filter(({ Properties }) =>
      text(Properties.FunctionName).includes('Check'),
    );
    expect(text(permission?.Properties.SourceArn)).toMatch(/\/authorizers\/\*$/);
  });

  test('one integration answers two operations of an HTTP API', () => {
    const { paths } = bodyOf(of('http integrations'));
    expect(paths['/echo'].get['x-amazon-apigateway-integration']).toEqual(paths['/items/{item_id}'].get['x-amazon-apigateway-integration']);
    expect(paths['/items'].post['x-amazon-apigateway-integration']).toMatchObject({ type: 'aws_proxy', payloadFormatVersion: '2.0' });
  });

  test('with every operation overridden there is no function and no router', () => {
    const result = of('all overridden');
    expect(count(result, 'AWS::Lambda::Function') + count(result, 'AWS::Lambda::Permission')).toBe(0);
  });

  test('values without types are checked as well', () => {
    expect(errorOf('untyped unknown')).toMatch(/^'getWidget' is not an operation of My API: echo, getItem, /);
    expect(errorOf('untyped both')).toBe("'getItem' has an override, which the options of its function would not reach.");
    expect(errorOf('untyped missing')).toBe("The operation 'echo' of My API has no integration.");
  });
});

describe('auth', () => {
  const resources = (name: string) =>
    Object.values(resourcesOf(of(name), 'AWS::IAM::Policy')).map(({ Properties }) =>
      text(Properties.PolicyDocument.Statement[0].Resource).replace(/^.*?\}(?=\/(Test|\*)\/)/, ''),
    );

  test('a grant of one operation names its method and path', () => {
    expect(resources('grant').sort()).toEqual(['/Test/GET/', '/Test/GET/items/*']);
    expect(resources('grant http')).toEqual(['/*/GET/items/*']);
  });

  test('a grant without IAM is refused', () => {
    expect(errorOf('grant without IAM')).toMatch(/^grantInvokeAccess needs IAM/);
  });

  test.each(['scopes', 'scopes http'])('with scopes only access tokens are accepted: %s', (name) => {
    const body = bodyOf(of(name));
    for (const [path, method] of [
      ['/echo', 'get'],
      ['/items', 'post'],
    ] as const)
      expect(body.paths[path][method].security).toEqual([{ cognito: ['items/read'] }]);
    if (name === 'scopes http')
      expect(text(body.components.securitySchemes.cognito['x-amazon-apigateway-authorizer'].jwtConfiguration.audience[0])).toMatch(/Own/);
  });

  test('a pool that exists is taken, with a client for the API', () => {
    const result = of('imported pool');
    const { issuer, audience } = bodyOf(result).components.securitySchemes.cognito['x-amazon-apigateway-authorizer'].jwtConfiguration;
    expect(text(issuer)).toMatch(/^https:\/\/cognito-idp\.\$\{AWS::Region\}\.amazonaws\.com\/eu-central-1_abc$/);
    expect(audience).toEqual([{ Ref: Object.keys(resourcesOf(result, 'AWS::Cognito::UserPoolClient'))[0] }]);
  });

  test.each(['custom', 'custom http'])('the authorizer is a plain handler in the same bundle, without the adapter: %s', (name) => {
    const result = of(name);
    const authorizer = Object.entries(resourcesOf(result, 'AWS::Lambda::Function')).find(([id]) => id.includes('AuthorizerFunction'))?.[1];
    expect(authorizer?.Properties).toMatchObject({
      Handler: name === 'custom' ? 'custom_api.authorizer.handler' : 'custom_http_api.authorizer.handler',
      Timeout: 10,
      MemorySize: 256,
    });
    expect(authorizer?.Properties.Layers).toBeUndefined();
    expect(authorizer?.Properties.Environment.Variables).not.toHaveProperty('AWS_LAMBDA_EXEC_WRAPPER');
    expect(authorizer?.Properties.Code).toEqual(functionOf(result, 'echo').Properties.Code);
    expect(bodyOf(result).components.securitySchemes.custom['x-amazon-apigateway-authorizer'].authorizerResultTtlInSeconds).toBe(
      name === 'custom' ? 0 : 300,
    );
  });

  test('an authorizer of your own is taken instead', () => {
    const result = of('own authorizer');
    expect(Object.keys(resourcesOf(result, 'AWS::Lambda::Function')).filter((id) => id.includes('Authorizer'))).toEqual([]);
    expect(text(bodyOf(result).components.securitySchemes.custom['x-amazon-apigateway-authorizer'].authorizerUri)).toMatch(
      /functions\/\$\{Check\w+\.Arn\}\/invocations$/,
    );
  });

  test('a missing authorizer.py is said, with how to get it', () => {
    expect(errorOf('no authorizer.py')).toMatch(
      /^customAuth needs lacking_api\/authorizer\.py, which the bundle of My API lacks: write one/,
    );
  });
});

describe('checkers', () => {
  const names = ['webAcl', 'domain', 'http', 'guarded', 'guarded-http', 'shared', 'vpc'].map((name) => `nag-${name}`);

  test.each(names)('cdk-nag and CDK itself find nothing: %s', (name) => {
    expect(of(name).violations).toEqual([]);
  });

  testFindings(() => Object.fromEntries(names.map((name) => [name, of(name).template])));
});
