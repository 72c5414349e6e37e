// A website's runtime-config.json after a deployment with CDK, through the generated target. Terraform's: terraform/changes.test.ts.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderTemplates } from '../../../lib/templates/render.ts';
import { pythonRequirement } from '../../../lib/templates/versions.ts';
import { apiDocument } from '../../support/connection-api.ts';
import { load, website } from '../../support/connection-website.ts';
import { ask, invalidations, runTargetWithMoto } from '../../support/moto-website.ts';
import { listsOf, templateData } from '../../support/template-data.ts';
import { Moto } from '../../support/terraform-tools.ts';
import { cacheFolder, pythonTools } from '../../support/tools.ts';

const apis = [templateData(), templateData({ apiName: 'orders', apiClass: 'Orders', apiDir: 'packages/orders', apiSnake: 'orders' })];

let moto: Moto;
let infra: string;
let distribution: string;

/** The outputs of a stack that is deployed. */
async function stack(name: string, outputs: Record<string, string>): Promise<void> {
  const Outputs = Object.fromEntries(Object.entries(outputs).map(([key, Value]) => [key, { Value }]));
  const template = { Resources: { Topic: { Type: 'AWS::SNS::Topic' } }, Outputs };
  const form = { Action: 'CreateStack', Version: '2010-05-15', StackName: name, TemplateBody: JSON.stringify(template) };
  const answer = await ask(moto, 'cloudformation', 'POST', '/', new URLSearchParams(form));
  expect(answer.status).toBe(200);
}

const run = (args: string[] = [], configuration?: string) => runTargetWithMoto(infra, 'runtime-config', moto, args, configuration);
const uploaded = (path = 'website/runtime-config.json') => ask(moto, 's3', 'GET', `/${path}`);

beforeAll(async () => {
  moto = await Moto.start();
  infra = cacheFolder('connection', 'upload-infra');
  rmSync(infra, { recursive: true, force: true });
  for (const set of ['infra-cdk', 'infra'] as const) {
    for (const { path, contents } of renderTemplates(set, { ...templateData(), ...listsOf(apis) })) {
      if (!/project\.json$|\.py$/.test(path)) continue;
      mkdirSync(dirname(join(infra, path)), { recursive: true });
      writeFileSync(join(infra, path), contents);
    }
  }
  await ask(moto, 's3', 'PUT', '/website');
  const config = `<DistributionConfig xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><CallerReference>1</CallerReference>
    <Origins><Quantity>1</Quantity><Items><Origin><Id>files</Id><DomainName>website.s3.amazonaws.com</DomainName>
    <S3OriginConfig><OriginAccessIdentity></OriginAccessIdentity></S3OriginConfig></Origin></Items></Origins>
    <DefaultCacheBehavior><TargetOriginId>files</TargetOriginId><ViewerProtocolPolicy>https-only</ViewerProtocolPolicy></DefaultCacheBehavior>
    <Comment></Comment><Enabled>true</Enabled></DistributionConfig>`;
  const made = await (await ask(moto, 'cloudfront', 'POST', '/2020-05-31/distribution', config)).text();
  distribution = /<Id>(\w+)<\/Id>/.exec(made)?.[1] ?? '';
  expect(distribution).not.toBe('');
}, 600_000);

afterAll(() => moto?.stop());

test('Ruff finds nothing in the scripts, by the rules of the generated Python', () => {
  const rules = [
    ...'A B C4 D2 D3 D4 E F I N RUF S SIM UP W'.split(' ').flatMap((rule) => ['--select', rule]),
    '--ignore',
    'D203,D213,D401,D413,S603,S607',
  ];
  const ruff = join(pythonTools('ruff', [pythonRequirement('ruff')]), 'ruff');
  const scripts = join(infra, 'scripts');
  for (const args of [
    ['check', ...rules],
    ['format', '--check'],
  ]) {
    const { status, stdout } = spawnSync(ruff, [...args, '--isolated', '--line-length', '100', scripts], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.any(String) });
  }
}, 120_000);

test('without a deployment, nothing is uploaded', () => {
  expect(run()).toEqual({
    status: 1,
    output: 'no stack my-scope-development-* has an output MyApiUrl or OrdersUrl: deploy an API first.\n',
  });
}, 120_000);

test('without a region, nothing is asked', () => {
  expect(runTargetWithMoto(infra, 'runtime-config', moto, [], undefined, { AWS_REGION: '' })).toEqual({
    status: 1,
    output: 'Which region are the stacks in? Give --region, or set AWS_REGION.\n',
  });
}, 120_000);

test('it says what is missing of the website', async () => {
  await stack('my-scope-production-MyApi', { MyApiUrl: 'https://prod.execute-api.eu-central-1.amazonaws.com/prod' });
  await stack('my-scope-development-MyApi', { MyApiUrl: 'https://abc.execute-api.eu-central-1.amazonaws.com/prod' });
  expect(run()).toEqual({
    status: 1,
    output:
      'Orders is left out: no stack my-scope-development-* has an output OrdersUrl.\n' +
      'Where is the website? Give --bucket, or an output WebsiteBucket with its name.\n',
  });
  expect(run(['--bucket=nobodys']).output).toMatch(/AWS refused: .*NoSuchBucket.*\n$/);
}, 120_000);

test('the file is in the bucket, and the old one out of CloudFront', async () => {
  // A domain name doesn't tell the region, which a signature needs.
  await stack('my-scope-development-Orders', { OrdersUrl: 'https://orders.example.com', OrdersUserPoolId: 'us-east-1_pool' });
  await stack('my-scope-development-Website', {
    WebsiteBucket: 'website',
    WebsiteDistribution: distribution,
    IdentityPoolId: 'us-east-1:pool',
  });
  const { status, output } = run();
  expect([status, output]).toEqual([0, expect.stringContaining(`Invalidated /runtime-config.json of ${distribution}\n`)]);
  const answer = await uploaded();
  expect([answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual(['application/json', 'no-cache']);
  const config = (await answer.json()) as { apis: Record<string, object>; cognito: object };
  expect(config).toEqual({
    apis: {
      MyApi: { url: 'https://abc.execute-api.eu-central-1.amazonaws.com/prod' },
      Orders: { url: 'https://orders.example.com', region: 'us-east-1' },
    },
    cognito: { identityPoolId: 'us-east-1:pool', userPoolId: 'us-east-1_pool' },
  });
  expect(await invalidations(moto, distribution)).toEqual(['/runtime-config.json']);

  const { root } = website('upload', apiDocument());
  const { runtimeConfig } = await load(root, `export { runtimeConfig } from './connections/runtime';`);
  // What a website reads of it.
  const real = globalThis.fetch;
  globalThis.fetch = async () => Response.json(config);
  const read = await runtimeConfig('Orders', '/').finally(() => {
    globalThis.fetch = real;
  });
  expect(read).toEqual({ ...config.apis.Orders, cognito: config.cognito });
}, 120_000);

test('options stand before outputs: another key, another bucket, a file here', async () => {
  expect(run(['--key=app/runtime-config.json'], 'production')).toMatchObject({ status: 1 });
  await ask(moto, 's3', 'PUT', '/other');
  const { status, output } = run(['--key=app/runtime-config.json', '--bucket=other'], 'production');
  expect([status, output]).toEqual([0, expect.stringContaining('No distribution is known')]);
  expect(await (await uploaded('other/app/runtime-config.json')).json()).toMatchObject({
    apis: { MyApi: { url: 'https://prod.execute-api.eu-central-1.amazonaws.com/prod' } },
  });
  expect(run(['--out=here.json'])).toMatchObject({ status: 0 });
  expect(JSON.parse(readFileSync(join(infra, 'here.json'), 'utf8'))).toEqual(await (await uploaded()).json());
}, 120_000);

test('pools that differ are told', async () => {
  await stack('my-scope-development-More', { MyApiUserPoolId: 'us-east-1_other' });
  expect(run().output).toBe(
    'There are several outputs ...UserPoolId, and a website signs in to one: add an output UserPoolId with that one.\n',
  );
}, 120_000);
