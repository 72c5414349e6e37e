// The stacks that the tests of options look at, synthesized once for all of them.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { exampleRoutes, type Route } from '../../../support/cdk-openapi.ts';
import { resourcesOf, type Synthesized, scenarioOf, synthesize } from '../../../support/cdk-scenarios.ts';
import { cdkWorkspace } from '../../../support/cdk-workspace.ts';

export const routes: Route[] = [
  ...exampleRoutes,
  ['GET', '/', 'root'],
  ['GET', '/files/{name:path}', 'get_file'],
  ['OPTIONS', '/own', 'own_options'],
  ['GET', '/own', 'get_own'],
];

export const http = { computeType: 'ServerlessApiGatewayHttpApi' } as const;
export const named = (apiName: string, apiClass: string) => ({
  apiName,
  apiClass,
  apiDir: `packages/${apiName}`,
  moduleName: apiName.replaceAll('-', '_'),
});

let synthesized: Record<string, Synthesized>;
export const of = (name: string): Synthesized => scenarioOf(synthesized, name);
export const errorOf = (name: string): string | undefined => synthesized[name]?.error;
export const count = (result: Synthesized, type: string): number => Object.keys(resourcesOf(result, type)).length;

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
