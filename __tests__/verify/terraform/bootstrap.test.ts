// The bootstrap by the commands of its targets, as nx runs them: environment after environment, and again, from one clone.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeTerraform, useMoto } from '../../support/terraform-suite.ts';
import { type Ran, terraform } from '../../support/terraform-tools.ts';
import { terraformWorkspace } from '../../support/terraform-workspace.ts';

describeTerraform('the bootstrap', () => {
  const moto = useMoto();
  let infra: string;
  beforeAll(() => {
    infra = terraformWorkspace('bootstrap', { ci: 'GitHub' }).infra;
  });

  /** Runs a target, and what it depends on, as nx would. An apply asks nobody here, or is a plan. */
  const run = (target: string, configuration?: 'production', verb: 'apply' | 'plan' = 'apply'): Ran => {
    const { targets } = JSON.parse(readFileSync(join(infra, 'project.json'), 'utf8'));
    const { dependsOn = [], options, configurations = {} } = targets[target];
    for (const needed of dependsOn) expect(run(needed, configuration)).toMatchObject({ status: 0 });
    const { command, cwd } = { ...options, ...(configuration && configurations[configuration]) };
    const [first, ...args]: string[] = command.split(' ').slice(1);
    const words = first === 'apply' ? [verb, ...(verb === 'apply' ? ['-auto-approve'] : [])] : [first as string];
    return terraform(cwd.replace('{projectRoot}', infra), [...words, ...args], moto().env);
  };
  const changes = ({ status, output }: Ran) => {
    if (status !== 0) throw new Error(output);
    return (/Resources: .*destroyed/.exec(output) ?? /Plan: .*destroy|No changes/.exec(output))?.[0];
  };

  test("makes a bucket for each environment and the account's role for logs, and forgets nothing when it is repeated", async () => {
    expect(changes(run('bootstrap'))).toMatch(/[1-9] added, 0 changed, 0 destroyed/);
    expect(changes(run('logging-role'))).toMatch(/[1-9] added, 0 changed, 0 destroyed/);
    const production = run('bootstrap', 'production', 'plan');
    expect(changes(production)).toMatch(/[1-9] to add, 0 to change, 0 to destroy/);
    expect(changes(run('bootstrap', undefined, 'plan'))).toBe('No changes');
    expect(changes(run('logging-role', undefined, 'plan'))).toBe('No changes');

    const buckets = await moto().query('s3', 'ListBuckets');
    expect(buckets).toContain('<Name>my-scope-development-tfstate-123456789012</Name>');
    expect(production.output).toContain('"my-scope-production-tfstate-123456789012"');
    for (const environment of ['development', 'production'])
      expect(readFileSync(join(infra, `environments/${environment}.tfbackend`), 'utf8')).toContain(
        `"my-scope-${environment}-tfstate-ACCOUNT"`,
      );
    expect(await moto().query('iam', 'ListRoles')).toContain('<RoleName>api-gateway-logs-us-east-1</RoleName>');
  }, 400_000);

  test('keeps its states where git keeps them', () => {
    const ignored = readFileSync(join(infra, '.gitignore'), 'utf8');
    for (const folder of ['bootstrap', 'logging-role']) expect(ignored).toContain(`!${folder}/*.tfstate\n`);
    expect(() => readFileSync(join(infra, 'bootstrap/development.tfstate'))).not.toThrow();
  });

  test('makes the role that GitHub deploys an environment by, below a boundary, and keeps it', () => {
    const values = join(infra, 'bootstrap/github.auto.tfvars');
    writeFileSync(values, readFileSync(values, 'utf8').replace('= null', '= "octo-org/octo-repo"'));
    const made = run('bootstrap');
    expect(changes(made)).toBe('Resources: 4 added, 0 changed, 0 destroyed');
    const production = run('bootstrap', 'production', 'plan').output;
    expect(changes(run('bootstrap', undefined, 'plan'))).toBe('No changes');
    expect(production).toContain('"my-scope-production-github"');
    expect(production).toContain('repo:octo-org/octo-repo:environment:production');

    const { resources } = JSON.parse(readFileSync(join(infra, 'bootstrap/development.tfstate'), 'utf8')) as {
      resources: { type: string; name: string; mode: string; instances: { attributes: Record<string, string> }[] }[];
    };
    const attributes = (type: string, name: string) =>
      resources.find((one) => one.type === type && one.name === name)?.instances[0]?.attributes ?? {};
    const policy = (text = '{}') => JSON.parse(text) as { Statement: Record<string, unknown>[] };
    const { assume_role_policy: trust, permissions_boundary: boundary, name } = attributes('aws_iam_role', 'github');
    expect({ name, boundary }).toEqual({
      name: 'my-scope-development-github',
      boundary: 'arn:aws:iam::123456789012:policy/my-scope-development-boundary',
    });
    expect(policy(trust).Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRoleWithWebIdentity',
        Principal: { Federated: 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com' },
        Condition: {
          StringEquals: {
            'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
            'token.actions.githubusercontent.com:sub': 'repo:octo-org/octo-repo:environment:development',
          },
        },
      },
    ]);
    const { policy: text } = attributes('aws_iam_role_policy', 'github');
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: without white space.
    expect((text ?? '').length).toBeLessThan(10_240);
    const deploy = policy(text).Statement;
    // An explicit list: no action has a wildcard, and nothing but the environment's roles is within its reach in IAM.
    expect(deploy.flatMap(({ Action: action }) => action as string[]).filter((action) => action.includes('*'))).toEqual([]);
    for (const { Action: action, Resource: resource } of deploy)
      if (JSON.stringify(action).includes('"iam:'))
        expect([resource].flat()).toEqual([
          // The one that API Gateway makes for itself with the first API of an account, else the environment's.
          action === 'iam:CreateServiceLinkedRole'
            ? 'arn:aws:iam::123456789012:role/aws-service-role/ops.apigateway.amazonaws.com/*'
            : 'arn:aws:iam::123456789012:role/my-scope-development-*',
        ]);

    const limits = policy(attributes('aws_iam_policy', 'boundary').policy).Statement;
    const denied = Object.fromEntries(limits.filter(({ Effect: effect }) => effect === 'Deny').map(({ Sid: sid, ...rest }) => [sid, rest]));
    expect(denied.NoRoleWithoutThisBoundary).toMatchObject({
      Action: expect.arrayContaining(['iam:CreateRole', 'iam:PutRolePolicy', 'iam:AttachRolePolicy', 'iam:PutRolePermissionsBoundary']),
      Resource: '*',
      Condition: { StringNotEquals: { 'iam:PermissionsBoundary': boundary } },
    });
    expect(denied.NotTheWorkflowsOwnRole).toMatchObject({ Resource: 'arn:aws:iam::123456789012:role/my-scope-development-github' });
    // The shortest ways around it: roles that trust the whole account, as those of CDK's bootstrap do, code with another role, a shell.
    expect(denied).toMatchObject({
      NoOtherRole: { Action: 'sts:AssumeRole', NotResource: 'arn:aws:iam::123456789012:role/my-scope-development-*' },
      NoOtherFunction: {
        Action: expect.arrayContaining(['lambda:AddPermission', 'lambda:UpdateFunctionCode', 'lambda:UpdateFunctionConfiguration']),
        NotResource: 'arn:aws:lambda:us-east-1:123456789012:function:my-scope-development-*',
      },
      NoShell: { Action: ['ssm:SendCommand', 'ssm:StartSession'], Resource: '*' },
    });
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: without white space.
    expect((attributes('aws_iam_policy', 'boundary').policy ?? '').length).toBeLessThan(6_144);
    // What AWS names by itself, such as a user pool, is told apart by its tag.
    for (const action of ['cognito-idp:DeleteUserPool', 'cognito-idp:UpdateUserPool', 'cognito-idp:DeleteUserPoolClient'])
      expect(deploy.filter(({ Action: actions }) => [actions].flat().includes(action))).toMatchObject([
        { Condition: { StringEquals: { 'aws:ResourceTag/Environment': 'development' } } },
      ]);
    expect(deploy.find(({ Action: actions }) => [actions].flat().includes('wafv2:DeleteWebACL'))?.Resource).toEqual([
      'arn:aws:wafv2:us-east-1:123456789012:regional/webacl/my-scope-development-*',
    ]);
    // What is in the list without a name is left alone where it has the tags of another environment or workspace, as providers.tf sets them.
    const tagged = deploy.filter(({ Effect: effect }) => effect === 'Deny');
    expect(tagged.map(({ Sid: sid, Condition: condition }) => [sid, condition])).toEqual(
      Object.entries({ Application: 'my-scope', Environment: 'development' }).map(([tag, own]) => [
        `NotOfAnother${tag}`,
        { Null: { [`aws:ResourceTag/${tag}`]: 'false' }, StringNotEquals: { [`aws:ResourceTag/${tag}`]: own } },
      ]),
    );
    // Whose it is can't be changed first, either.
    const labels = ['ec2:CreateTags', 'logs:TagResource', 'logs:UntagResource', 'wafv2:TagResource', 'wafv2:UntagResource'];
    const harms = ['apigateway:DELETE', 'ec2:DeleteSecurityGroup', 'wafv2:UpdateWebACL'];
    const ofLogs = ['AssociateKmsKey', 'DeleteLogGroup', 'DeleteMetricFilter', 'DisassociateKmsKey', 'PutMetricFilter'];
    for (const { Action: actions } of tagged)
      expect(actions).toEqual(expect.arrayContaining([...labels, ...harms, ...ofLogs.map((action) => `logs:${action}`)]));
    expect(deploy.find(({ Sid: sid }) => sid === 'Calls')?.Resource).toEqual(['arn:aws:execute-api:us-east-1:123456789012:*/*/GET/*']);
    expect(JSON.stringify(limits)).not.toContain('DeleteRolePermissionsBoundary');
  }, 400_000);

  test('refuses a repository that is a pattern', () => {
    const { status, output } = terraform(
      join(infra, 'bootstrap'),
      ['plan', '-input=false', '-var-file=../environments/development.tfvars', '-var=github_repository=octo-org/*'],
      moto().env,
    );
    expect(status).toBe(1);
    expect(output).toContain('A repository is owner/name');
  }, 120_000);
});
