// The roles by which GitHub deploys, as their app makes them; and the workflow that takes them, by its linter.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageManagers, runPrefix } from '../../../lib/read/package-manager.ts';
import { renderTemplates } from '../../../lib/templates/render.ts';
import type { SharedData } from '../../../lib/templates/template-data.ts';
import { cfnLint } from '../../support/cdk-checkers.ts';
import { text as asText, type Json, type Resource } from '../../support/cdk-scenarios.ts';
import { cdkWorkspace, runBin } from '../../support/cdk-workspace.ts';
import { templateData } from '../../support/template-data.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { cacheFolder } from '../../support/tools.ts';

interface Template {
  Resources: Record<string, Resource>;
  Parameters: Record<string, { AllowedPattern?: string }>;
  Outputs?: Record<string, unknown>;
}

let root: string;
beforeAll(() => {
  root = cdkWorkspace('github-role', [{ data: { ci: 'GitHub' } }]);
}, 600_000);

/** The templates by the names of their stacks, and what the synthesis had to say. */
function synthesized(context: string[] = []): { output: string; folder: string; templates: Record<string, Template> } {
  const folder = join(root, 'packages/infra/dist/github-role.out');
  rmSync(folder, { recursive: true, force: true });
  const args = ['synth', '--quiet', '--app', 'tsx src/github-role.ts', '--output', 'dist/github-role.out', ...context];
  const { status, output } = runBin(root, 'cdk', args, 'packages/infra');
  expect({ status, output }).toMatchObject({ status: 0 });
  const templates = readdirSync(folder).filter((name) => name.endsWith('.template.json'));
  return {
    output,
    folder,
    templates: Object.fromEntries(
      templates.map((name) => [name.replace('.template.json', ''), JSON.parse(readFileSync(join(folder, name), 'utf8'))]),
    ),
  };
}

const only = (template: Template | undefined, type: string): Resource => {
  const found = Object.values(template?.Resources ?? {}).filter(({ Type }) => Type === type);
  expect(found).toHaveLength(1);
  return found[0] as Resource;
};
/** Names of what a template holds, but for CDK's own note of its version. */
const types = ({ Resources }: Template): string[] =>
  Object.values(Resources).flatMap(({ Type }) => (Type === 'AWS::CDK::Metadata' ? [] : [Type]));

test('a role for each environment, for this repository alone, to take the roles of the bootstrap and to call what they deployed', () => {
  const { output, folder, templates } = synthesized();
  expect(output).not.toMatch(/ERROR|WARNING|AwsSolutions/);
  expect(Object.keys(templates).sort()).toEqual([
    'GitHubOidcProvider',
    'my-scope-development-GitHubRole',
    'my-scope-production-GitHubRole',
  ]);

  expect(types(templates.GitHubOidcProvider as Template)).toEqual(['AWS::IAM::OIDCProvider']);
  expect(only(templates.GitHubOidcProvider, 'AWS::IAM::OIDCProvider')).toMatchObject({
    DeletionPolicy: 'Retain',
    Properties: { Url: 'https://token.actions.githubusercontent.com', ClientIdList: ['sts.amazonaws.com'] },
  });

  for (const environment of ['development', 'production']) {
    const template = templates[`my-scope-${environment}-GitHubRole`] as Template;
    expect(types(template)).toEqual(['AWS::IAM::Role']);
    const {
      AssumeRolePolicyDocument: trust,
      Policies: policies,
      ManagedPolicyArns: managed,
      MaxSessionDuration: duration,
    } = only(template, 'AWS::IAM::Role').Properties;
    expect(managed).toBeUndefined();
    // As long as a job of the workflow.
    expect(duration).toBe(14_400);
    expect(trust.Statement).toHaveLength(1);
    expect(trust.Statement[0].Action).toBe('sts:AssumeRoleWithWebIdentity');
    expect(JSON.stringify(trust.Statement[0].Principal)).toContain(':oidc-provider/token.actions.githubusercontent.com');
    // https://docs.github.com/en/actions/reference/security/oidc: the subject of a job that names an environment.
    expect(trust.Statement[0].Condition).toEqual({
      StringEquals: {
        'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
        'token.actions.githubusercontent.com:sub': { 'Fn::Join': ['', ['repo:', { Ref: 'Repository' }, `:environment:${environment}`]] },
      },
    });
    expect(policies).toHaveLength(2);
    const [statement, ...more] = policies[0].PolicyDocument.Statement;
    expect(more).toEqual([]);
    expect(statement).toMatchObject({ Effect: 'Allow', Action: 'sts:AssumeRole' });
    // The names of https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html, without a wildcard.
    const text = JSON.stringify(statement.Resource);
    expect(text).not.toContain('*');
    expect(text.match(/role\/cdk-hnb659fds-[a-z-]+-role-/g)).toEqual(
      ['deploy', 'file-publishing', 'image-publishing', 'lookup'].map((purpose) => `role/cdk-hnb659fds-${purpose}-role-`),
    );
    // What the workflow's call of each API needs: the outputs, the names of log groups, and a GET that is signed.
    const named = (service: string, resource: string) => `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`;
    expect(policies[1].PolicyDocument.Statement.map(({ Action, Resource }: Json) => [Action, [Resource].flat().map(asText)])).toEqual([
      ['cloudformation:DescribeStacks', ['*']],
      ['cloudformation:ListStackResources', [named('cloudformation', `stack/my-scope-${environment}-*`)]],
      ['execute-api:Invoke', [named('execute-api', '*/*/GET/*')]],
    ]);
    expect(Object.keys(template.Outputs ?? {})).toEqual(['RoleArn']);

    const pattern = new RegExp(template.Parameters.Repository?.AllowedPattern ?? '$^');
    // With ids, as the subjects of newer repositories have them.
    for (const repository of ['octo-org/octo-repo', 'octo-org/octo.repo_1', 'octo-org@123456/octo-repo@456789'])
      expect(repository).toMatch(pattern);
    for (const repository of ['octo-org/*', '*', 'octo-repo', 'octo-org/octo-repo:ref', 'octo-org/octo?', ''])
      expect(repository).not.toMatch(pattern);
  }
  const linted = join(folder, 'linted');
  mkdirSync(linted);
  for (const [name, template] of Object.entries(templates)) writeFileSync(join(linted, `${name}.template.json`), JSON.stringify(template));
  expect(cfnLint(linted)).toEqual({ status: 0, output: '' });
}, 300_000);

test('a bootstrap of another name is the one whose roles are taken', () => {
  const { templates } = synthesized(['--context', '@aws-cdk/core:bootstrapQualifier=shop12345']);
  const { Policies: policies } = only(templates['my-scope-production-GitHubRole'], 'AWS::IAM::Role').Properties;
  expect(JSON.stringify(policies)).toContain('role/cdk-shop12345-deploy-role-');
  expect(JSON.stringify(policies)).not.toContain('hnb659fds');
}, 120_000);

test('the targets name those stacks, and the app passes compiler and linter', () => {
  const { targets } = JSON.parse(readFileSync(join(root, 'packages/infra/project.json'), 'utf8'));
  const { 'github-provider': provider, 'github-role': role } = targets;
  expect(provider.options.command).toMatch(/ GitHubOidcProvider$/);
  expect(role.options.command).toMatch(/ my-scope-development-GitHubRole$/);
  expect(role.configurations.production.command).toMatch(/ my-scope-production-GitHubRole$/);
  expect(runBin(root, 'tsc', ['--noEmit'], 'packages/infra')).toEqual({ status: 0, output: '' });
  expect(runBin(root, 'biome', ['check', '--vcs-enabled=false', 'src'], 'packages/infra')).toMatchObject({ status: 0 });
}, 300_000);

/** Path of actionlint, built from its module once; none where Go is missing. */
function actionlint(): string | undefined {
  const folder = cacheFolder('tools', 'go-bin');
  const program = join(folder, 'actionlint');
  if (!existsSync(program)) {
    if (spawnSync('go', ['version']).status !== 0) return undefined;
    execFileSync('go', ['install', 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.9'], {
      env: { ...process.env, GOBIN: folder },
      stdio: 'pipe',
    });
  }
  return program;
}

const program = actionlint();
if (!program) console.warn('Skipped actionlint: Go is not installed.');
(program ? test : test.skip)(
  'actionlint finds nothing in the workflow, whichever package manager and flavours',
  () => {
    const entries = (['CDK', 'Terraform'] as const).map((provider) => ({
      provider,
      infraDir: `packages/infra-${provider}`,
      infraName: 'infra',
      infraToRoot: '../..',
    }));
    const website = { websiteDir: 'apps/website', websiteToRoot: '../..', isMember: false, apis: [], targets: [], defaultInputs: '[]' };
    for (const packageManager of packageManagers) {
      for (const [count, isAlone] of [
        [0, false],
        [1, false],
        [2, true],
      ] as const) {
        const data: SharedData = {
          ...templateData({ ci: 'GitHub', isAlone }),
          packageManager,
          nx: runPrefix(packageManager),
          devDependencies: {},
          entries: entries.slice(2 - count),
          websites: [website],
          ignoringWebsites: [],
        };
        const folder = temporaryFolder('workflow');
        mkdirSync(join(folder, '.git'));
        const files = renderTemplates('workspace', data).filter(({ path }) => path.startsWith('.github/'));
        expect(files).toHaveLength(2);
        for (const { path, contents } of files) {
          mkdirSync(dirname(join(folder, path)), { recursive: true });
          writeFileSync(join(folder, path), contents);
        }
        const { status, stdout, stderr } = spawnSync(program as string, ['-no-color'], { cwd: folder, encoding: 'utf8' });
        expect({ packageManager, count, status, output: `${stdout}${stderr}` }).toEqual({ packageManager, count, status: 0, output: '' });
        // It reads the workflow at all.
        const workflow = join(folder, '.github/workflows/fastapi-lambda.yml');
        writeFileSync(workflow, readFileSync(workflow, 'utf8').replace('github.event_name ==', 'github.event_nam =='));
        expect(spawnSync(program as string, ['-no-color'], { cwd: folder, encoding: 'utf8' }).stdout).toContain('event_nam');
      }
    }
  },
  120_000,
);
