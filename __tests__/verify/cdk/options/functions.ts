// What options of functions do to the template, and where settings come from.
import {
  actionsOfRole,
  bodyOf,
  functionOf,
  type Json,
  onlyResource,
  resourcesOf,
  roleOf,
  type Synthesized,
  text,
} from '../../../support/cdk-scenarios.ts';
import { count, errorOf, of, routes } from './scenarios.ts';

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
