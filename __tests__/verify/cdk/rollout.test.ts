import { join } from 'node:path';
import { testFindings } from '../../support/cdk-checkers.ts';
import { exampleRoutes, manyRoutes } from '../../support/cdk-openapi.ts';
import {
  bodyOf,
  functionOf,
  type Json,
  onlyResource,
  resourcesOf,
  type Synthesized,
  scenarioOf,
  synthesize,
  text,
} from '../../support/cdk-scenarios.ts';
import { cdkWorkspace } from '../../support/cdk-workspace.ts';
import { inventory } from '../../support/moto-inventory.ts';
import { ask } from '../../support/moto-website.ts';
import { aliasesOf, runRollout } from '../../support/rollout-moto.ts';
import { Moto } from '../../support/terraform-tools.ts';

const named = (apiName: string, apiClass: string) => ({ apiName, apiClass, apiDir: `packages/${apiName}` });
const http = { computeType: 'ServerlessApiGatewayHttpApi' } as const;

/** What an API of a user's stands beside. */
const everyOption = `const key = new cdk.aws_kms.Key(this, 'Key', { removalPolicy: cdk.RemovalPolicy.DESTROY });
      const topic = new cdk.aws_sns.Topic(this, 'Topic');
      const hostedZone = route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' });
      const certificate = acm.Certificate.fromCertificateArn(this, 'Certificate', 'arn:aws:acm:us-east-1:123456789012:certificate/x');`;

const manySettings = Array.from({ length: 110 }, (_, index) => `setting-${index}`);

let root: string;
let synthesized: Record<string, Synthesized>;
const of = (name: string): Synthesized => scenarioOf(synthesized, name);

beforeAll(() => {
  root = cdkWorkspace('rollout', [
    {
      data: { ...named('one-rest-api', 'OneRestApi'), auth: 'Custom' },
      settings: { settings: { parameters: ['page-size'], secrets: ['url'] } },
    },
    { data: { ...named('one-http-api', 'OneHttpApi'), ...http, auth: 'Custom', integrationPattern: 'shared' } },
    { routes: manyRoutes(300), data: named('big-api', 'BigApi'), settings: { settings: { parameters: manySettings } } },
    { routes: manyRoutes(480), data: named('too-big-api', 'TooBigApi') },
    { routes: manyRoutes(300), data: { ...named('big-http-api', 'BigHttpApi'), ...http } },
  ]);
  const api = (name: string, options: string, props = 'alarms: true', more = '') =>
    `const api = new ${name}(this, 'Api', { ${props ? `${props}, ` : ''}integrations: ${name}.defaultIntegrations(this).withDefaultOptions(${options})${more}.build() });`;
  const canary = `{ rollout: 'Canary10Percent5Minutes' }`;
  synthesized = synthesize(
    root,
    'rollout',
    `import { BigApi, BigHttpApi, OneHttpApi, OneRestApi, TooBigApi } from ':my-scope/common-constructs';`,
    {
      off: api('OneRestApi', '{}'),
      'nag-rest': `${api('OneRestApi', canary)}
      api.integrations.getItem.target.grantInvoke(new User(this, 'Caller'));
      api.integrations.getItem.target.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });`,
      'nag-http': api('OneHttpApi', `{ rollout: 'Linear10PercentEvery1Minute' }`),
      'nag-at-once': api('OneRestApi', `{ rollout: 'AllAtOnce' }`),
      'nag-snap-start': api(
        'OneRestApi',
        `{ rollout: 'Linear10PercentEvery2Minutes', snapStart: lambda.SnapStartConf.ON_PUBLISHED_VERSIONS, reservedConcurrentExecutions: 5 }`,
      ),
      'one of its own': api(
        'OneRestApi',
        canary,
        'alarms: true',
        `.withOperationOptions({ echo: { rollout: 'AllAtOnce', provisionedConcurrentExecutions: 1 } })`,
      ),
      'every option': `${everyOption}
      ${api(
        'OneRestApi',
        `{ rollout: 'Canary10Percent5Minutes', logRemovalPolicy: cdk.RemovalPolicy.DESTROY, encryptionKey: key, reservedConcurrentExecutions: 5 }`,
        `alarms: { topic, serverErrors: 5 }, dashboard: true, logRemovalPolicy: cdk.RemovalPolicy.DESTROY, detailedMetrics: true, webAcl: true, requestValidation: true,
        throttle: { rateLimit: 50, burstLimit: 100 }, operationThrottle: { echo: { rateLimit: 5, burstLimit: 10 } },
        settingsPath: '/shop', settingsKey: key, disableExecuteApiEndpoint: true, binaryMediaTypes: ['audio/*'],
        allowedHeaders: ['X-More'], exposedHeaders: ['X-Total'], authorizerCacheTtl: Duration.minutes(1),
        domain: { domainName: 'api.example.com', certificate, hostedZone, basePath: 'v1' }`,
      )}
      api.restrictCorsTo('https://example.com');`,
      edited: api('OneRestApi', `{ rollout: 'Canary10Percent5Minutes', environment: { LOG_LEVEL: 'DEBUG' } }`),
      'without alarms': api('OneRestApi', canary, ''),
      provisioned: api('OneRestApi', `{ rollout: 'Canary10Percent5Minutes', provisionedConcurrentExecutions: 1 }`),
      BigApi: api('BigApi', canary, 'alarms: true, dashboard: true'),
      'too many functions': api('TooBigApi', canary),
      BigHttpApi: api('BigHttpApi', canary),
      'BigApi at once': api('BigApi', `{ rollout: 'AllAtOnce' }`, ''),
    },
  );
}, 600_000);

/** Every function of CloudFormation's in a value as text. */
const asText = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value !== 'object' || value === null) return value;
  if (Object.keys(value).some((key) => /^(Ref|Fn::.*)$/.test(key))) return text(value);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, asText(part)]));
};
const count = (result: Synthesized, type: string): number => Object.keys(resourcesOf(result, type)).length;
const templateAliases = (result: Synthesized) => Object.entries(resourcesOf(result, 'AWS::Lambda::Alias'));
const alarmNames = (result: Synthesized) =>
  Object.values(resourcesOf(result, 'AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties.AlarmName);

test('without the choice there is no version, no alias and nothing of CodeDeploy', () => {
  for (const type of ['AWS::Lambda::Version', 'AWS::Lambda::Alias', 'AWS::CodeDeploy::Application', 'AWS::CodeDeploy::DeploymentGroup'])
    expect(count(of('off'), type)).toBe(0);
});

test.each([
  ['nag-rest', 'Canary10Percent5Minutes', exampleRoutes.length + 1],
  ['nag-http', 'Linear10PercentEvery1Minute', 2],
])('every function, the authorizer too, moves by a group of its own, with the alarms as the brake: %s', (name, steps, functions) => {
  const result = of(name);
  expect(count(result, 'AWS::Lambda::Function')).toBe(functions);
  expect(count(result, 'AWS::Lambda::Version')).toBe(functions);
  expect(count(result, 'AWS::CodeDeploy::Application')).toBe(1);
  const groups = resourcesOf(result, 'AWS::CodeDeploy::DeploymentGroup');
  expect(alarmNames(result)).toEqual(['Test-Api-server-errors', 'Test-Api-latency', 'Test-Api-throttles']);
  // One caller above the limit is no symptom of new code.
  const alarms = ['Test-Api-server-errors', 'Test-Api-latency'];
  const aliases = templateAliases(result);
  expect(aliases).toHaveLength(functions);
  expect(
    new Set(aliases.map(([, { UpdatePolicy }]: [string, Json]) => UpdatePolicy.CodeDeployLambdaAliasUpdate.DeploymentGroupName.Ref)),
  ).toEqual(new Set(Object.keys(groups)));
  for (const { Properties } of Object.values(groups)) {
    expect(Properties).toMatchObject({
      DeploymentConfigName: `CodeDeployDefault.Lambda${steps}`,
      DeploymentStyle: { DeploymentOption: 'WITH_TRAFFIC_CONTROL', DeploymentType: 'BLUE_GREEN' },
      AlarmConfiguration: { Enabled: true, Alarms: alarms.map((Name) => ({ Name })) },
      AutoRollbackConfiguration: {
        Enabled: true,
        Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_REQUEST', 'DEPLOYMENT_STOP_ON_ALARM'],
      },
    });
  }
  const [role] = Object.values(resourcesOf(result, 'AWS::IAM::Role')).filter(({ Properties }) =>
    JSON.stringify(Properties.AssumeRolePolicyDocument).includes('codedeploy'),
  );
  expect(role?.Properties.ManagedPolicyArns.map(text)).toEqual([
    expect.stringMatching(/:iam::aws:policy\/service-role\/AWSCodeDeployRoleForLambdaLimited$/),
  ]);
});

test.each(['nag-rest', 'nag-http', 'nag-at-once', 'nag-snap-start', 'one of its own'])(
  'whatever invokes a function invokes its alias: %s',
  (name) => {
    const result = of(name);
    const aliases = new Set(templateAliases(result).map(([id]) => id));
    for (const { Properties } of Object.values(resourcesOf(result, 'AWS::Lambda::Permission'))) {
      expect(aliases).toContain(Properties.FunctionName.Ref);
    }
    const body = bodyOf(result);
    const uris = [
      ...Object.values<Json>(body.paths)
        .flatMap((path) => Object.values<Json>(path))
        .map((operation) => operation['x-amazon-apigateway-integration']),
      ...Object.values<Json>(body.components.securitySchemes).map((scheme) => ({
        uri: scheme['x-amazon-apigateway-authorizer'].authorizerUri,
      })),
    ].flatMap((integration) => (integration?.uri ? [text(integration.uri)] : []));
    expect(uris.length).toBeGreaterThan(exampleRoutes.length);
    for (const uri of uris) expect(aliases).toContain(/functions\/\$\{(\w+)\}\//.exec(uri)?.[1]);
  },
);

test('what is granted on a target, and its function URL, are those of the alias', () => {
  const result = of('nag-rest');
  const url = onlyResource(result, 'AWS::Lambda::Url').Properties;
  expect(url).toMatchObject({ Qualifier: 'live' });
  const statements = Object.values(resourcesOf(result, 'AWS::IAM::Policy')).flatMap(
    ({ Properties }) => Properties.PolicyDocument.Statement,
  );
  const [granted] = statements.filter(({ Action }: Json) => JSON.stringify(Action).includes('lambda:InvokeFunction'));
  expect(JSON.stringify(granted.Resource)).toMatch(/getItemLive/);
  expect(JSON.stringify(granted.Resource)).not.toMatch(/getItemFunction/);
});

test('all at once there is an alias that a deployment moves, and nothing of CodeDeploy', () => {
  const result = of('nag-at-once');
  // The names of the rollout in steps, so that the alarms are there when it is chosen again.
  expect(alarmNames(result)).toEqual(alarmNames(of('nag-rest')));
  expect(alarmNames(of('off'))).toEqual([undefined, undefined, undefined]);
  expect(templateAliases(result).map(([, alias]) => (alias as Json).UpdatePolicy)).toEqual(Array(exampleRoutes.length + 1).fill(undefined));
  expect(count(result, 'AWS::CodeDeploy::Application')).toBe(0);
});

test('an operation may have another rollout than the API, and with it provisioned concurrency', () => {
  const result = of('one of its own');
  expect(count(result, 'AWS::Lambda::Alias')).toBe(exampleRoutes.length + 1);
  expect(count(result, 'AWS::CodeDeploy::DeploymentGroup')).toBe(exampleRoutes.length);
});

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html: the version of a deployment that
// was taken back goes with it, every other one stays.
test('a deployment publishes another version, and leaves the one before to go back to', () => {
  const versions = (name: string) => Object.entries(resourcesOf(of(name), 'AWS::Lambda::Version'));
  for (const [, version] of versions('nag-rest')) expect(version.DeletionPolicy).toBe('RetainExceptOnCreate');
  const ids = (name: string) => versions(name).map(([id]) => id);
  // The authorizer has no environment of the integrations'.
  expect(ids('edited').filter((id) => ids('nag-rest').includes(id))).toEqual([expect.stringContaining('Authorizer')]);
  expect(templateAliases(of('edited')).map(([id]) => id)).toEqual(templateAliases(of('nag-rest')).map(([id]) => id));
});

test('no route of a REST API is live before API Gateway may invoke what answers it', () => {
  for (const name of ['off', 'nag-rest']) {
    const { DependsOn } = onlyResource(of(name), 'AWS::ApiGateway::Deployment');
    expect(DependsOn).toEqual(expect.arrayContaining(Object.keys(resourcesOf(of(name), 'AWS::Lambda::Permission'))));
  }
});

test('SnapStart and reserved concurrency stay what they are', () => {
  expect(functionOf(of('nag-snap-start'), 'getItem').Properties).toMatchObject({
    SnapStart: { ApplyOn: 'PublishedVersions' },
    ReservedConcurrentExecutions: 5,
  });
});

test.each([
  ['without alarms', 'My API has a rollout in steps, which nothing would stop: give the API alarms, or choose AllAtOnce.'],
  // https://github.com/hashicorp/terraform/issues/24957
  ['provisioned', 'echo has provisioned concurrency, which Lambda refuses an alias between two versions: choose the rollout AllAtOnce.'],
  [
    'too many functions',
    "The 480 functions of My API don't fit into stacks of 500 resources each, nested ones included: choose the pattern 'shared', or make two APIs of it.",
  ],
])('is refused in one line: %s', (name, message) => {
  expect(synthesized[name]?.error).toBe(message);
});

// A function's role has at most 10,240 characters of policies, an alias and its deployment are two resources more for each, and a
// dashboard's graphs name every function.
test.each(['BigApi', 'BigHttpApi', 'BigApi at once'])('some 300 isolated operations fit into the limits of CloudFormation: %s', (name) => {
  const result = of(name);
  expect(count(result, 'AWS::Lambda::Alias')).toBe(300);
  for (const stack of [result.template, ...Object.values(result.nested)]) {
    expect(Object.keys(stack.Resources).length).toBeLessThanOrEqual(500);
    expect(Object.keys(stack.Outputs ?? {}).length).toBeLessThanOrEqual(200);
    expect(Object.keys(('Parameters' in stack && stack.Parameters) || {}).length).toBeLessThanOrEqual(200);
    expect(JSON.stringify(stack).length).toBeLessThan(900_000);
  }
  for (const { Properties } of Object.values(resourcesOf(result, 'AWS::IAM::Role'))) {
    const documents = (Properties.Policies ?? []).map(({ PolicyDocument }: Json) => JSON.stringify(asText(PolicyDocument)));
    const deployed = documents.join('').replaceAll(`\${AWS::Partition}`, 'aws').replaceAll(`\${AWS::Region}`, 'ap-southeast-1');
    expect(deployed.replaceAll(`\${AWS::AccountId}`, '111111111111').length).toBeLessThanOrEqual(10_240);
  }
  expect(result.messages).toContainEqual(
    expect.stringContaining(`The 300 functions of My API need ${name.includes('once') ? 1800 : 2100} resources`),
  );
});

test('leaves no finding of cdk-nag and of CDK itself', () => {
  for (const name of ['nag-http', 'nag-at-once', 'nag-snap-start']) expect([name, of(name).violations]).toEqual([name, []]);
  // A user's grant of invocation is not ours to acknowledge.
  expect(of('nag-rest').violations.filter((violation) => !violation.includes('Caller'))).toEqual([]);
});

testFindings(() =>
  Object.fromEntries(
    ['nag-http', 'nag-at-once', 'nag-snap-start', 'one of its own'].map((name) => [name.replaceAll(' ', '-'), of(name).template]),
  ),
);

// moto's CloudFormation makes what of the template it knows, and with our help the first version of each alias and the application. What
// it leaves out is listed, with the reason: that is seen in templates alone. What a deployment does after the first one is done here by
// calls of Lambda and CodeDeploy.
describe('the way back', () => {
  const leftOut: Record<string, string> = {
    'AWS::ApiGateway::BasePathMapping': 'moto knows it not',
    'AWS::ApiGateway::Deployment': 'moto ignores the body, so there is no method to deploy',
    'AWS::ApiGateway::DomainName': 'moto knows it not',
    'AWS::ApiGateway::Stage': 'moto knows it not',
    'AWS::CloudWatch::Alarm': 'moto knows it not',
    'AWS::CodeDeploy::DeploymentGroup': 'moto knows it not',
    'AWS::Lambda::Version': 'an alias brings its first version here',
    'AWS::Logs::MetricFilter': 'moto knows it not',
    'AWS::Route53::RecordSet': 'it points at the domain name, which is left out',
    'AWS::WAFv2::WebACL': 'moto knows it not',
    'AWS::WAFv2::WebACLAssociation': 'moto knows it not',
  };
  const stackName = 'my-scope-development-OneRestApi';
  let moto: Moto;
  let before: string[];
  let functions: string[];
  beforeAll(async () => {
    moto = await Moto.start();
    before = await inventory(moto);
    const { Resources: all } = of('every option').template;
    const types = [...new Set(Object.values<Json>(all).map(({ Type }) => Type))];
    expect(Object.keys(leftOut).filter((type) => !types.includes(type))).toEqual([]);
    const resources = Object.entries<Json>(all)
      .filter(([, { Type }]) => !(Type in leftOut))
      .map(([id, { Type, Properties, DeletionPolicy }]) => [id, { Type, Properties: deployable(Type, Properties), DeletionPolicy }]);
    const template = JSON.stringify({ Resources: Object.fromEntries(resources) });
    expect(await cloudFormation({ Action: 'CreateStack', StackName: stackName, TemplateBody: template })).toContain('<StackId>');
    functions = Object.keys(await aliasesOf(moto)).sort();
  }, 120_000);
  afterAll(() => moto?.stop());

  /** Code from S3, layers and CloudFormation's own bucket are not there. */
  const deployable = (type: string, properties: Json): Json => {
    if (type === 'AWS::Lambda::Function') return { ...properties, Code: { ZipFile: 'handler = 1' }, Layers: undefined };
    if (type === 'AWS::Lambda::Alias') return { FunctionName: properties.FunctionName, Name: properties.Name };
    return type === 'AWS::IAM::Role' ? { ...properties, ManagedPolicyArns: undefined } : properties;
  };
  const cloudFormation = async (parameters: Record<string, string>): Promise<string> =>
    (await ask(moto, 'cloudformation', 'POST', '/', new URLSearchParams(parameters))).text();
  const lambdaCall = async (method: string, path: string, body: object): Promise<void> => {
    const answer = await ask(moto, 'lambda', method, `/2015-03-31/functions/${path}`, JSON.stringify(body));
    if (!answer.ok) throw new Error(await answer.text());
  };
  /** What a deployment does that changes every function. */
  const deploy = async (version: string): Promise<void> => {
    for (const name of functions) {
      await lambdaCall('PUT', `${name}/configuration`, { Description: version });
      await lambdaCall('POST', `${name}/versions`, {});
      await lambdaCall('PUT', `${name}/aliases/live`, { FunctionVersion: version });
    }
  };
  const codeDeploy = async (action: string, parameters: object): Promise<Json> => {
    const target = { 'x-amz-target': `CodeDeploy_20141006.${action}`, 'content-type': 'application/x-amz-json-1.1' };
    const authorization = 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/codedeploy/aws4_request, SignedHeaders=host, Signature=0';
    const answer = await fetch(moto.url, { method: 'POST', headers: { ...target, authorization }, body: JSON.stringify(parameters) });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  };
  const answering = async (): Promise<string[]> =>
    Object.values(await aliasesOf(moto))
      .flat()
      .map(({ name, version }) => `${name} ${version}`);
  const every = (answer: string): string[] => functions.map(() => answer);
  const run = (target: 'rollback' | 'prune-versions', args: string[] = []) => runRollout(join(root, 'packages/infra'), target, moto, args);

  test('has nothing to go back to after the first deployment', async () => {
    expect(functions).toHaveLength(exampleRoutes.length + 1);
    expect(await answering()).toEqual(every('live 1'));
    // A dashboard, a key, a topic, a zone, the API, and of each function a role and a log group.
    expect((await inventory(moto)).length - before.length).toBeGreaterThan(4 * functions.length);
    expect(run('rollback')).toMatchObject({ status: 1, output: `${stackName}: there is nothing to go back from.\n` });
    expect(run('rollback', ['--api=Other'])).toMatchObject({ status: 1, output: 'No stack my-scope-development-Other is deployed.\n' });
  }, 120_000);

  test('points the aliases at the versions before, and goes no further', async () => {
    await deploy('2');
    const { status, output } = run('rollback', ['--api=OneRestApi']);
    expect([status, output.trim().split('\n').sort()]).toEqual([
      0,
      functions.map((name) => `${name}: every call goes to version 1, and none to 2`),
    ]);
    expect(await answering()).toEqual(every('live 1'));
    expect(run('rollback')).toMatchObject({
      status: 1,
      output: expect.stringMatching(new RegExp(`^${stackName}: version 2 of \\S+ was rolled back\\.\\n$`)),
    });
  }, 120_000);

  test('leaves out versions that were rolled back, and keeps the one to go back to when it deletes others', async () => {
    await deploy('3');
    expect(run('rollback')).toMatchObject({ status: 0 });
    expect(await answering()).toEqual(every('live 1'));
    await deploy('4');
    expect(run('prune-versions')).toMatchObject({
      status: 0,
      output: `${stackName}: deleted ${2 * functions.length} version(s), and kept the one before of each function.\n`,
    });
    const { Versions: versions } = await moto.get<{ Versions: { Version: string }[] }>(
      'lambda',
      `/2015-03-31/functions/${functions[0]}/versions`,
    );
    expect(versions.map(({ Version }) => Version)).toEqual(['$LATEST', '1', '4']);
  }, 120_000);

  test('stops a deployment that is under way, and leaves the aliases to CodeDeploy', async () => {
    const { applications } = await codeDeploy('ListApplications', {});
    const group = { applicationName: applications[0], deploymentGroupName: 'group' };
    await codeDeploy('CreateDeploymentGroup', { ...group, serviceRoleArn: 'arn:aws:iam::123456789012:role/role' });
    const { deploymentId } = await codeDeploy('CreateDeployment', { ...group, revision: { revisionType: 'AppSpecContent' } });
    expect(run('rollback')).toMatchObject({
      status: 0,
      output: `${stackName}: stopped 1 deployment(s). CloudFormation puts the stack back.\n${stackName}: run rollback again then: its books may have a version that was rolled back.\n`,
    });
    const { deploymentInfo } = await codeDeploy('GetDeployment', { deploymentId });
    expect(deploymentInfo).toMatchObject({ status: 'Stopped', description: 'rolled back: True' });
    expect(await answering()).toEqual(every('live 4'));
  }, 120_000);

  test('is gone with the stack', async () => {
    await cloudFormation({ Action: 'DeleteStack', StackName: stackName });
    expect(await inventory(moto)).toEqual(before);
    expect(run('rollback')).toMatchObject({ status: 1, output: 'No stack my-scope-development-* is deployed.\n' });
  }, 120_000);
});
