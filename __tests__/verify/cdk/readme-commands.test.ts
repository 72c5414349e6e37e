// The commands of the generated READMEs, each README's in its order, in one shell: the AWS CLI and curl against stand-ins. Targets of Nx
// are looked up here and run by the tests that support/readme-commands.ts names, which also lists what no test runs, and why.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../lib/templates/package-root.ts';
import {
  type Documented,
  documented,
  type Flavour,
  inlineCommands,
  neverRun,
  runners,
  sharedRunners,
} from '../../support/readme-commands.ts';
import { type RanReadme, runReadme } from '../../support/readme-run.ts';
import { Moto } from '../../support/terraform-tools.ts';

const flavours: Flavour[] = ['CDK', 'Terraform'];
const all: Record<Flavour, Documented> = { CDK: documented('CDK'), Terraform: documented('Terraform') };

let moto: Moto;
beforeAll(async () => {
  moto = await Moto.start();
}, 300_000);
afterAll(() => moto?.stop());
beforeEach(() => moto.reset());

/** Fails where Nx has no such target, or nothing says who runs it. */
function check(command: string, { projects }: Documented, flavour: Flavour): void {
  const [, project, target, configuration] = /nx run ([\w-]+):([\w-]+)(?:.* --configuration=(\w+))?/.exec(command) ?? [];
  const many = /nx run-many -t ((?:[\w-]+ ?)+)/.exec(command)?.[1]?.trim().split(' ');
  for (const name of many ?? [target as string]) {
    const found = many ? Object.values(projects).find((targets) => targets[name])?.[name] : projects[project as string]?.[name];
    expect({ command, target: found ? name : undefined }).toEqual({ command, target: name });
    if (configuration)
      expect({ command, there: Object.keys(found?.configurations ?? {}) }).toMatchObject({
        there: expect.arrayContaining([configuration]),
      });
    const runner = (many ? undefined : runners[flavour][name]) ?? sharedRunners[name] ?? runners[flavour][name];
    expect({ command, runner: runner && Object.keys(runner) }).toEqual({ command, runner: [expect.stringMatching(/^(by|never)$/)] });
    if (!runner || 'never' in runner) continue;
    const file = join(packageRoot(), '__tests__/verify', runner.by);
    expect({ command, file: runner.by, there: existsSync(file) }).toMatchObject({ there: true });
    expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`\\b${name}\\b`));
  }
}

/** A command that a stand-in took is one of Nx that is there, or one of those that no test runs. */
function checkTold({ told }: RanReadme, workspace: Documented, flavour: Flavour): void {
  for (const command of told) {
    if (/^npx nx /.test(command)) check(command, workspace, flavour);
    else if (!command.startsWith('uv add ')) expect(Object.keys(neverRun).filter((known) => command.startsWith(known))).toHaveLength(1);
  }
}

describe.each(flavours)('%s', (flavour) => {
  test('each command of Nx in a sentence or a table is one of a target that is there, and that a test runs', () => {
    for (const readme of Object.values(all[flavour].readmes))
      for (const command of inlineCommands(readme)) if (!command.includes('<')) check(command, all[flavour], flavour);
  });

  test('everyday commands are those of targets that are there', async () => {
    const ran = await runReadme(moto, all[flavour].readmes.workspace as string);
    expect(ran).toMatchObject({ status: 0 });
    expect(ran.told.length).toBeGreaterThan(6);
    checkTold(ran, all[flavour], flavour);
  });
});

test('settings and secrets are put, changed and removed', async () => {
  const readme = all.CDK.readmes.runtime as string;
  const names = '/my-scope/development';
  const ran = await runReadme(moto, readme, {
    typed: ['postgresql://one', 'key-one', 'postgresql://two'],
    after: `aws secretsmanager get-secret-value --secret-id ${names}/database-url --query SecretString --output text
aws secretsmanager list-secrets --query 'SecretList[?DeletedDate==null].Name' --output text
aws ssm get-parameters --names ${names}/page-size --query InvalidParameters --output text`,
  });
  expect(ran).toMatchObject({ status: 0 });
  expect(ran.output.trim().split('\n').slice(-3)).toEqual(['postgresql://two', `${names}/database-url`, `${names}/page-size`]);
  expect(ran.told).toEqual(['uv add my-scope-fastapi-runtime[settings]']);
}, 300_000);

test('an API in CDK is deployed, called as its auth asks, watched and removed, in the order of the README', async () => {
  const stack = JSON.stringify({
    Resources: { Logs: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/aws/lambda/echo' } } },
    Outputs: { MyApiUrl: { Value: 'ADDRESS' } },
  });
  const ran = await runReadme(moto, all.CDK.readmes['infra-cdk'] as string, {
    typed: ['A-long-Passw0rd!', 'postgresql://secret'],
    before: `template='${stack}'
aws cloudformation create-stack --stack-name my-scope-development-MyApi --template-body "\${template/ADDRESS/$API_ADDRESS}"
POOL=$(aws cognito-idp create-user-pool --pool-name my-api --query UserPool.Id --output text)
CLIENT=$(aws cognito-idp create-user-pool-client --user-pool-id "$POOL" --client-name my-api \\
  --explicit-auth-flows ALLOW_USER_SRP_AUTH ALLOW_REFRESH_TOKEN_AUTH --query UserPoolClient.ClientId --output text)`,
    after:
      'printf "%s\\n" "$CLIENT" "$URL"; aws secretsmanager get-secret-value --secret-id /my-scope/development/database-url --query SecretString --output text',
    env: {
      // Where pycognito would ask Cognito for the keys of its tokens.
      COGNITO_JWKS: JSON.stringify(await moto.get('cognito-idp', '/any/.well-known/jwks.json')),
    },
  });
  expect(ran).toMatchObject({ status: 0 });
  expect(ran.output).toContain('/aws/lambda/echo');
  const [client, ...rest] = ran.output.trim().split('\n').slice(-3);
  expect(rest).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), 'postgresql://secret']);
  expect(ran.requests.map(({ url }) => url)).toEqual(['/echo?message=hi', '/echo?message=hi']);
  const [signed, bearing] = ran.requests.map(({ headers }) => headers);
  expect(signed?.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=test\/\d{8}\/eu-central-1\/execute-api\/aws4_request/);
  expect(signed?.['x-amz-security-token']).toBe('token');
  const [, claims = ''] = bearing?.authorization?.split(' ')[1]?.split('.') ?? [];
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ token_use: 'id', aud: client });
  checkTold(ran, all.CDK, 'CDK');
}, 300_000);
