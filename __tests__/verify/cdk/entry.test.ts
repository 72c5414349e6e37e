// The infrastructure app as it is generated, by the commands of its targets.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { authMethods, computeTypes } from '../../../lib/options/choices.ts';
import { renderTemplates } from '../../../lib/templates/render.ts';
import { exampleRoutes } from '../../support/cdk-openapi.ts';
import { bodyOf, type Json, type Resource } from '../../support/cdk-scenarios.ts';
import { cdkWorkspace, runBin, runTarget, writeMetadata } from '../../support/cdk-workspace.ts';
import { listsOf, templateData } from '../../support/template-data.ts';
import { Moto } from '../../support/terraform-tools.ts';

const infra = (root: string): string => join(root, 'packages/infra');

/** What a resource is called in an account and region: its names, and where its metrics and logs go. A reference is to its own stack. */
function placesOf(stack: string, resources: Record<string, Resource>): { names: string[]; metrics: string[]; logs: string[] } {
  const own = (value: unknown): string => JSON.stringify(value, (_, part) => (part?.Ref ? `${stack}.${part.Ref}` : part));
  const all = Object.entries(resources);
  return {
    names: all.flatMap(([, { Type, Properties = {} }]) =>
      // The stage of an HTTP API is in the API alone.
      Object.entries(Properties).flatMap(([key, value]) =>
        /Name$/.test(key) && typeof value === 'string' && !/^AWS::(ApiGatewayV2::Stage|CloudWatch|CDK)/.test(Type)
          ? [`${Type} ${value}`]
          : [],
      ),
    ),
    metrics: all.flatMap(([, { Type, Properties: given }]) => {
      if (Type === 'AWS::CloudWatch::Alarm') return [own([given.Namespace, given.MetricName, given.Dimensions])];
      if (Type === 'AWS::Logs::MetricFilter') return given.MetricTransformations.map(own);
      if (Type === 'AWS::WAFv2::WebACL') return [`WAF ${given.VisibilityConfig.MetricName}`];
      return given?.Environment ? [`EMF ${given.Environment.Variables.POWERTOOLS_METRICS_NAMESPACE}`] : [];
    }),
    logs: all.flatMap(([id, { Type, Properties: given }]) =>
      Type === 'AWS::Logs::LogGroup' ? [given.LogGroupName ?? `${stack}.${id}`] : [],
    ),
  };
}

function templateOf(root: string, stage: string): { Resources: Record<string, Resource> } {
  const folder = join(infra(root), `dist/cdk.out/assembly-${stage}`);
  const file = readdirSync(folder).find((name) => name.endsWith('.template.json')) as string;
  return JSON.parse(readFileSync(join(folder, file), 'utf8'));
}

const entries = process.env.VERIFY_FULL
  ? computeTypes.flatMap((computeType) => authMethods.map((auth) => ({ computeType, auth })))
  : [
      { computeType: computeTypes[0], auth: 'IAM' as const },
      { computeType: computeTypes[1], auth: 'Cognito' as const },
    ];

test.each(entries)(
  'the entry type-checks and synthesizes both environments without a finding: $computeType, $auth',
  ({ computeType, auth }) => {
    const root = cdkWorkspace('entry', [{ data: { computeType, auth } }]);
    expect(runTarget(root, 'typecheck')).toEqual({ status: 0, output: '' });
    const file = join(infra(root), 'src/stacks/my-api.ts');
    const source = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      source.replace('.build(),', `.build(),\nalarms: true, dashboard: true, ${computeType === computeTypes[0] ? 'webAcl: true' : ''}`),
    );
    const { status, output } = runTarget(root, 'synth', 'strict');
    expect({ status, output }).toMatchObject({ status: 0, output: expect.not.stringMatching(/ERROR|WARNING/) });

    const places = ['development', 'production'].map((stage) => placesOf(`my-scope-${stage}-MyApi`, templateOf(root, stage).Resources));
    for (const kind of ['names', 'metrics', 'logs'] as const) {
      const [ofDevelopment, ofProduction] = places.map((all) => all[kind]);
      if (kind !== 'names' || computeType === computeTypes[0]) expect(ofDevelopment?.length).toBeGreaterThan(0);
      expect(ofDevelopment).toHaveLength(ofProduction?.length ?? 0);
      expect(ofDevelopment?.filter((place) => ofProduction?.includes(place))).toEqual([]);
    }
    expect(places.map(({ metrics }) => metrics.filter((metric) => metric.startsWith('EMF'))[0])).toEqual([
      'EMF my-api-development',
      'EMF my-api-production',
    ]);
    expect(bodyOf({ template: templateOf(root, 'development'), nested: {} } as never).info.title).toBe('My API (development)');
    const isProtected = (stage: string) => {
      const manifest = JSON.parse(readFileSync(join(infra(root), `dist/cdk.out/assembly-${stage}/manifest.json`), 'utf8'));
      return Object.values<Json>(manifest.artifacts).flatMap(({ properties }) =>
        properties?.stackName ? [`${properties.stackName}: ${properties.terminationProtection ?? false}`] : [],
      );
    };
    expect([...isProtected('development'), ...isProtected('production')]).toEqual([
      'my-scope-development-MyApi: false',
      'my-scope-production-MyApi: true',
    ]);

    const [development, production] = ['development', 'production'].map((stage) => Object.values(templateOf(root, stage).Resources));
    const types = (resources: Resource[] = []) => resources.map(({ Type }) => Type).sort();
    expect(types(development)).toEqual(types(production));
    expect(types(development).filter((type) => type === 'AWS::Lambda::Function')).toHaveLength(
      exampleRoutes.length + (auth === 'Custom' ? 1 : 0),
    );
    const removals = (resources: Resource[] = []) =>
      new Set(
        // API Gateway's own log of an API goes with its id.
        resources
          .filter(({ Type, Properties }) => Type === 'AWS::Logs::LogGroup' && !Properties.LogGroupName)
          .map(({ DeletionPolicy }) => DeletionPolicy),
      );
    expect([...removals(development)]).toEqual(['Delete']);
    expect([...removals(production)]).toEqual(['Retain']);
  },
  120_000,
);

describe('the default entry', () => {
  let root: string;
  beforeAll(() => {
    root = cdkWorkspace('entry', [{}]);
  }, 600_000);
  const stack = () => join(infra(root), 'src/stacks/my-api.ts');

  describe("what a user's stack adds", () => {
    /** Grants, an S3 and a Cognito override, a network and a table, beside the API. */
    const users = `import { AwsIntegration, CognitoUserPoolsAuthorizer, HttpIntegration } from 'aws-cdk-lib/aws-apigateway';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { MyApi } from ':my-scope/common-constructs';
import { Stack, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ApiStackProps } from '../api-stack.js';

export class MyApiStack extends Stack {
  constructor(scope: Construct, id: string, props: ApiStackProps) {
    super(scope, id, props);
    const vpc = new Vpc(this, 'Vpc', { maxAzs: 2 });
    const table = new TableV2(this, 'Table', { partitionKey: { name: 'id', type: AttributeType.STRING } });
    const bucket = new Bucket(this, 'Bucket');
    const gatewayRole = new Role(this, 'GatewayRole', { assumedBy: new ServicePrincipal('apigateway.amazonaws.com') });
    bucket.grantRead(gatewayRole);
    const caller = new Role(this, 'Caller', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    const users = new UserPool(this, 'Users');
    const api = new MyApi(this, 'MyApi', {
      integrations: MyApi.defaultIntegrations(this)
        .withDefaultOptions({ vpc })
        .withOverrides({
          echo: {
            bucket,
            integration: new AwsIntegration({ service: 's3', integrationHttpMethod: 'GET', path: \`\${bucket.bucketName}/echo\`, options: { credentialsRole: gatewayRole, integrationResponses: [{ statusCode: '200' }] } }),
            options: { methodResponses: [{ statusCode: '200' }] },
          },
          createItem: {
            integration: new HttpIntegration('https://example.com/items'),
            options: { authorizer: new CognitoUserPoolsAuthorizer(this, 'Authorizer', { cognitoUserPools: [users] }) },
          },
        })
        .build(),
    });
    api.grantInvokeAccess(caller);
    api.grantInvokeAccess(caller, 'getItem');
    bucket.grantRead(api.integrations.getItem.handler);
    table.grantReadWriteData(api.integrations.getItem.handler);
    // more
  }
}
`;
    let source: string;
    const withMore = (more: string) => writeFileSync(stack(), users.replace('// more', more));
    /** Findings as \`path: what it is acknowledged with\`, of the development environment. */
    const findingsOf = (output: string): string[] =>
      [...output.matchAll(/^ +development\/MyApi\/(\S+) .*\n +Acknowledge with '(\S+)'$/gm)].map(([, path, id]) => `${path}: ${id}`);
    beforeAll(() => {
      source = readFileSync(stack(), 'utf8');
    });
    afterAll(() => writeFileSync(stack(), source));

    test('passes the synth, with a warning for each finding in it and none in what our constructs do', () => {
      withMore('');
      expect(runTarget(root, 'typecheck')).toEqual({ status: 0, output: '' });
      const { status, output } = runTarget(root, 'synth');
      expect({ status, output }).toMatchObject({ status: 0, output: expect.stringMatching(/^WARNING /m) });
      expect(output).not.toMatch(/^ERROR/m);
      const findings = findingsOf(output);
      expect(findings).toContain(
        'MyApiFunctions/getItem/Role/DefaultPolicy/Resource: AwsSolutions::AwsSolutions-IAM5[Action::s3:GetObject*]',
      );
      expect(findings).toContain('Bucket/Resource: AwsSolutions::AwsSolutions-S1');
      expect(findings.filter((finding) => /execute-api|MyApi\/|Role\/Resource/.test(finding))).toEqual([]);
    }, 600_000);

    test('fails the strict synth, which names a function that may pass any role, and not what was acknowledged by the README', () => {
      const [acknowledgement] = /^Validations\.of[\s\S]*?^\}\);$/m.exec(readFileSync(join(infra(root), 'README.md'), 'utf8')) ?? [''];
      expect(acknowledgement).toContain('IAM5[Action::s3:GetObject*]');
      const passRole = `api.integrations.getItem.handler.addToRolePolicy(new PolicyStatement({ actions: ['iam:PassRole'], resources: ['*'] }));`;
      withMore(passRole + acknowledgement);
      expect(runTarget(root, 'typecheck')).toEqual({ status: 0, output: '' });
      const { status, output } = runTarget(root, 'synth', 'strict');
      expect({ status, output }).toMatchObject({
        status: 1,
        output: expect.stringMatching(/^ERROR The S3 Bucket has server access logs/m),
      });
      expect(output).toMatch(/^ERROR .*iam:PassRole/m);
      const policy = 'MyApiFunctions/getItem/Role/DefaultPolicy/Resource';
      const findings = findingsOf(output);
      for (const id of ['IAM5[Resource::*]', 'IAM5[Action::s3:GetBucket*]', 'PassRole'])
        expect(findings).toContain(`${policy}: AwsSolutions::AwsSolutions-${id}`);
      expect(findings).not.toContain(`${policy}: AwsSolutions::AwsSolutions-IAM5[Action::s3:GetObject*]`);
    }, 600_000);
  });

  test('a stage that shares a pool needs no API with Cognito', () => {
    const stage = join(infra(root), 'src/stages/application-stage.ts');
    const source = readFileSync(stage, 'utf8');
    writeFileSync(
      stage,
      `import { ApplicationUserPool } from ':my-scope/common-constructs';\n${source
        .replace('{ RemovalPolicies, Stage,', '{ RemovalPolicies, Stack, Stage,')
        .replace('ApiStackProps = {}', "ApiStackProps = { userPool: new ApplicationUserPool(new Stack(this, 'Shared'), 'Users') }")}`,
    );
    const ran = runTarget(root, 'typecheck');
    writeFileSync(stage, source);
    expect(ran).toEqual({ status: 0, output: '' });
  }, 600_000);

  test('an app whose last API was removed still compiles', () => {
    const list = join(infra(root), 'src/stacks/index.ts');
    const source = readFileSync(list, 'utf8');
    const none = renderTemplates('infra-cdk', templateData(listsOf([]))).find(({ path }) => path === 'src/stacks/index.ts');
    writeFileSync(list, none?.contents ?? '');
    const ran = runTarget(root, 'typecheck');
    writeFileSync(list, source);
    expect(ran).toEqual({ status: 0, output: '' });
  }, 600_000);

  test('a new operation needs no other edit, and code that names a removed one does not compile', () => {
    const source = readFileSync(stack(), 'utf8');
    writeMetadata(root, [...exampleRoutes, ['DELETE', '/items/{item_id}', 'delete_item']]);
    writeFileSync(
      stack(),
      source.replace(
        /new MyApi\([\s\S]*?\n {4}\}\);/,
        (code) => `const api = ${code}\n    api.integrations.deleteItem.handler.addEnvironment('TABLE', 'items');`,
      ),
    );
    expect(runTarget(root, 'typecheck').status).toBe(0);
    expect(runTarget(root, 'synth').status).toBe(0);
    expect(Object.keys(templateOf(root, 'production').Resources).filter((id) => id.includes('deleteItemFunction'))).toHaveLength(1);

    writeMetadata(root, exampleRoutes);
    const { status, output } = runTarget(root, 'typecheck');
    writeFileSync(stack(), source);
    expect(output).toMatch(/Property 'deleteItem' does not exist/);
    expect(status).not.toBe(0);
  }, 600_000);

  test('a workspace with HTTP APIs alone has no REST constructs, and the other way round', () => {
    const files = (computeType: (typeof computeTypes)[number]) =>
      readdirSync(join(cdkWorkspace('entry-types', [{ data: { computeType } }]), 'packages/common/constructs/src/core/api')).filter(
        (name) => /^(rest|http)-/.test(name),
      );
    expect(files('ServerlessApiGatewayRestApi')).toEqual(['rest-api.tests.ts', 'rest-api.ts', 'rest-overrides.ts', 'rest-web-acl.ts']);
    expect(files('ServerlessApiGatewayHttpApi')).toEqual(['http-api.tests.ts', 'http-api.ts', 'http-overrides.ts']);
    const http = cdkWorkspace('entry-types', [{ data: { computeType: 'ServerlessApiGatewayHttpApi' } }]);
    expect(runBin(http, 'tsc', ['--noEmit'], 'packages/common/constructs')).toEqual({ status: 0, output: '' });
  }, 600_000);

  test('an account is bootstrapped from a fresh clone, without the metadata and the bundles that the app wants', async () => {
    rmSync(join(root, 'packages/common/constructs/src/generated'), { recursive: true });
    rmSync(join(root, 'packages/my-api/dist'), { recursive: true });
    const moto = await Moto.start();
    try {
      const { status, output } = runTarget(root, 'bootstrap', undefined, { ...moto.env, AWS_REGION: 'eu-central-1' });
      expect({ status, output }).toEqual({ status: 0, output: expect.stringContaining('aws://123456789012/eu-central-1 bootstrapped') });
    } finally {
      moto.stop();
    }
  }, 300_000);
});
