// The infrastructure's README from its first command to the last, by the commands of the targets as Nx runs them, with the state in a
// bucket that its own bootstrap makes; and what CI runs where generated files are committed.
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderTemplates } from '../../../lib/templates/render.ts';
import { runReadme } from '../../support/readme-run.ts';
import { describeTerraform, useMoto } from '../../support/terraform-suite.ts';
import { cliConfiguration } from '../../support/terraform-tools.ts';
import { commonDir, type TerraformWorkspace, terraformWorkspace } from '../../support/terraform-workspace.ts';

/** They have tests of their own, for what the workspace needs first: a website, or functions with a rollout. */
const runElsewhere = '*runtime-config* | *rollout | *rollback | *prune-versions | *smoke*';

/** Runs a target and those of the same project that it depends on; those of others have made their files already. */
const nx = `
import { spawnSync } from 'node:child_process';
const [projects, infra, , , named] = JSON.parse(process.argv[2]).concat(process.argv.slice(3));
const run = (project, target) => {
  const { dependsOn = [], options } = projects[project].targets[target];
  for (const needed of dependsOn) if (typeof needed === 'string' && needed !== 'bundle') run(project, needed);
  for (const { projects: [other], target } of dependsOn.filter((needed) => needed.projects?.[0] === 'infra')) run(other, target);
  if (!options) return;
  const cwd = options.cwd.replace('{projectRoot}', infra).replace(/^packages\\/infra/, infra);
  const { status } = spawnSync(options.command, { cwd, shell: true, input: 'yes\\n', stdio: ['pipe', 'inherit', 'inherit'] });
  if (status !== 0) process.exit(status ?? 1);
};
run(...named.split(':'));
`;

describeTerraform('the README', () => {
  const moto = useMoto();
  let workspace: TerraformWorkspace;
  beforeAll(() => {
    workspace = terraformWorkspace('readme', { integrationPattern: 'shared' });
  });

  test('leads from an empty account to an API that is deployed, and back', async () => {
    const { infra, data } = workspace;
    const api = renderTemplates('api', data).find(({ path }) => path === 'project.json');
    const projects = { infra: JSON.parse(readFileSync(join(infra, 'project.json'), 'utf8')), 'my-api': JSON.parse(api?.contents ?? '') };
    const standIn = join(workspace.root, 'nx.mjs');
    writeFileSync(standIn, nx);
    writeFileSync(join(workspace.root, 'projects.json'), JSON.stringify([projects, infra]));
    // As the README asks; and S3 by paths, as servers that stand for AWS want it.
    const backend = join(infra, 'environments/development.tfbackend');
    writeFileSync(backend, readFileSync(backend, 'utf8').replace('ACCOUNT', '123456789012'));
    const override = join(infra, 'test_override.tf');
    writeFileSync(override, readFileSync(override, 'utf8').replace('backend "local" {}', 'backend "s3" {\n    use_path_style = true\n  }'));
    writeFileSync(join(infra, 'bootstrap/test_override.tf'), 'provider "aws" {\n  s3_use_path_style = true\n}\n');

    const ran = await runReadme(moto(), readFileSync(join(infra, 'README.md'), 'utf8'), {
      typed: ['postgresql://secret'],
      nx: `case "$*" in ${runElsewhere}) ;; *) exec '${process.execPath}' '${standIn}' "$(cat '${join(workspace.root, 'projects.json')}')" "$@" ;; esac`,
      after: `cd '${infra}' && terraform output -raw MyApiUrl
printf '\\n'
aws s3api list-objects --bucket my-scope-development-tfstate-123456789012 --query 'Contents[].Key' --output text
aws ssm get-parameter --name /my-scope/development/page-size --query Parameter.Value --output text
npx nx run infra:destroy
aws apigateway get-rest-apis --query 'length(items)' --output text`,
      env: { TF_CLI_CONFIG_FILE: cliConfiguration(), TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1', TF_CLI_ARGS: '-no-color' },
    });
    if (ran.status !== 0) throw new Error(ran.output.slice(-6000));

    expect(ran.told.slice(0, 5)).toEqual(
      ['infra:bootstrap', 'infra:logging-role', 'infra:plan', 'infra:apply', 'my-api:deploy'].map((target) => `npx nx run ${target}`),
    );
    expect(ran.output).toMatch(/bucket = "my-scope-development-tfstate-123456789012"/);
    expect(ran.output).toMatch(/^https:\/\/\w+\.execute-api\.us-east-1\.amazonaws\.com\/development$/m);
    expect(ran.output).toMatch(/^my-scope\/development\.tfstate$/m);
    expect(ran.output).toMatch(/^20$/m);
    expect(ran.output.trim().split('\n').at(-1)).toBe('0');
  }, 600_000);

  test('tells CI of generated files that are not the ones which are committed', () => {
    const common = join(workspace.root, commonDir);
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.com', ...args], { cwd: common, stdio: 'pipe' });
    const { options } = JSON.parse(readFileSync(join(common, 'project.json'), 'utf8')).targets['check-fresh'];
    const fresh = () => spawnSync(options.command, { cwd: common, shell: true, encoding: 'utf8' });
    git('init', '--quiet');
    // Ignored, as a workspace has them that does not commit them.
    expect(fresh()).toMatchObject({ status: 1, stderr: expect.stringContaining('src/app/apis/my-api/operations.gen.json') });
    git('add', '--force', '.');
    git('commit', '--quiet', '--message', 'Commit what is generated');
    expect(fresh()).toMatchObject({ status: 0, stderr: '' });

    appendFileSync(join(workspace.api, 'variables.gen.tf'), '\n');
    const { status, stderr } = fresh();
    expect(status).toBe(1);
    expect(stderr).toContain('src/app/apis/my-api/variables.gen.tf');
    expect(stderr).not.toContain('operations.gen.json');
  });
});
