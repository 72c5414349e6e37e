// The snippets of the constructs package's README and of the documentation compile and synthesize as they stand there.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../lib/templates/package-root.ts';
import { resourcesOf, type Synthesized, synthesize } from '../../support/cdk-scenarios.ts';
import { cdkWorkspace, runBin } from '../../support/cdk-workspace.ts';
import { snippetsOfKind } from '../../support/documentation.ts';

const readme = readFileSync(join(packageRoot(), 'templates/constructs/README.md.ejs'), 'utf8');
const snippets = [...readme.matchAll(/^## (.+)\n[\s\S]*?```ts\n([\s\S]*?)```/gm)].map(
  ([, title, code]) => [title, code] as [string, string],
);

const infra = readFileSync(join(packageRoot(), 'templates/infra-cdk/README.md.ejs'), 'utf8');
const rollout = /^## Rolling out, and back\n[\s\S]*?```ts\n([\s\S]*?)```/m.exec(infra)?.[1];
const cors = /^## A website\n[\s\S]*?```ts\n(api\.[\s\S]*?)```/m.exec(infra)?.[1];
const domain = /^## A domain name\n[\s\S]*?```ts\n([\s\S]*?)```/m.exec(infra)?.[1];

const documented = snippetsOfKind('stack').map(
  ({ page, heading, code }) => [`${page.replace('/', ' ')} ${heading}`, code] as [string, string],
);

let root: string;
let synthesized: Record<string, Synthesized>;
beforeAll(() => {
  root = cdkWorkspace('readme', [{}]);
  const given = `const vpc = new Vpc(this, 'Vpc'); const table = new cdk.aws_dynamodb.TableV2(this, 'Table', { partitionKey: { name: 'id', type: cdk.aws_dynamodb.AttributeType.STRING } }); const role = new Role(this, 'Caller', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });`;
  synthesized = synthesize(
    root,
    'readme',
    `import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';\nimport { HostedZone } from 'aws-cdk-lib/aws-route53';\nimport { MyApi } from ':my-scope/common-constructs';`,
    Object.fromEntries([
      ['a rollout', `const props = {}; const authProps = (_: object) => ({}); ${rollout}`],
      ['a domain name', `const props = {}; const authProps = (_: object) => ({}); ${domain}`],
      [
        'a website',
        `const origin = new cdk.aws_cloudfront_origins.HttpOrigin('example.com'); const props = { distribution: new cdk.aws_cloudfront.Distribution(this, 'Website', { defaultBehavior: { origin } }) }; const api = new MyApi(this, 'MyApi', { integrations: MyApi.defaultIntegrations(this).build() }); ${cors}`,
      ],
      ...snippets.map(([title, code]) => [title, `${given}\n${code}\nreturn [vpc, table, role, api];`]),
      ...documented.map(([title, code]) => [title, `${given}\n${code}\nreturn [vpc, table, role];`]),
    ]),
  );
}, 600_000);

test('the README has snippets', () => {
  expect(snippets.map(([title]) => title)).toEqual(['An API', 'Functions', 'Other integrations', 'Choices of an API']);
});

test.each([...snippets, ...documented])('%s', (title) => {
  const result = synthesized[title];
  expect(result?.error).toBeUndefined();
  expect(Object.keys(resourcesOf(result as Synthesized, 'AWS::ApiGateway::RestApi'))).toHaveLength(1);
});

test("the infrastructure's README gives an API a domain name", () => {
  const result = synthesized['a domain name'] as Synthesized;
  expect(result.error).toBeUndefined();
  expect(Object.keys(resourcesOf(result, 'AWS::ApiGateway::DomainName'))).toHaveLength(1);
  expect(Object.keys(resourcesOf(result, 'AWS::Route53::RecordSet'))).toHaveLength(1);
});

test("the infrastructure's README lets a website's distribution alone call an API", () => {
  const result = synthesized['a website'] as Synthesized;
  expect(result.error).toBeUndefined();
  const [api] = Object.values(resourcesOf(result, 'AWS::ApiGateway::RestApi'));
  const [website] = Object.keys(resourcesOf(result, 'AWS::CloudFront::Distribution'));
  expect(JSON.stringify(api)).toContain(JSON.stringify({ 'Fn::GetAtt': [website, 'DomainName'] }));
});

test("the infrastructure's README names every target", () => {
  const { targets } = JSON.parse(readFileSync(join(root, 'packages/infra/project.json'), 'utf8'));
  for (const target of Object.keys(targets).filter((name) => !['build', 'bundle'].includes(name))) expect(infra).toContain(`\`${target}\``);
});

test('the documentation makes an environment of its own', () => {
  const [{ code = '' } = {}] = snippetsOfKind('stages');
  const main = join(root, 'packages/infra/src/main.ts');
  const before = readFileSync(main, 'utf8');
  writeFileSync(
    main,
    before.replace('app.synth();', () => `${code}\napp.synth();`),
  );
  expect(runBin(root, 'tsc', ['--noEmit'], 'packages/infra')).toEqual({ status: 0, output: '' });
  writeFileSync(main, before);
});

test("the infrastructure's README gives an API a rollout in steps", () => {
  const result = synthesized['a rollout'];
  expect(result?.error).toBeUndefined();
  const groups = Object.values(resourcesOf(result as Synthesized, 'AWS::CodeDeploy::DeploymentGroup'));
  expect(new Set(groups.map(({ Properties }) => Properties.DeploymentConfigName))).toEqual(
    new Set(['CodeDeployDefault.LambdaCanary10Percent10Minutes']),
  );
});
