import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { commitFiles } from '../../lib/commit/commit.ts';
import type { Request } from '../../lib/model/model.ts';
import { packageManagers } from '../../lib/read/package-manager.ts';
import { Reader } from '../../lib/read/reader.ts';
import { type PreparedRun, prepareRun, type RunInput } from '../../lib/run.ts';
import { packageRoot } from '../../lib/templates/package-root.ts';
import { apiRequest as api } from '../support/requests.ts';
import { put, read, tree } from '../support/trust-tree.ts';

const workflowPath = '.github/workflows/fastapi-lambda.yml';
const actionPath = '.github/actions/fastapi-lambda/action.yml';

interface Step {
  uses?: string;
  with?: Record<string, unknown>;
  run?: string;
  shell?: string;
  name?: string;
  env?: Record<string, string>;
  'working-directory'?: string;
}
interface Job {
  needs?: string;
  environment?: string;
  permissions?: Record<string, string>;
  'timeout-minutes': number;
  concurrency: { group: string; 'cancel-in-progress'?: unknown };
  steps: Step[];
}

const prepared = (root: string, requests: Request[], more: Partial<RunInput> = {}): PreparedRun =>
  prepareRun(new Reader(root), { requests, ...more });

async function run(root: string, requests: Request[], more: Partial<RunInput> = {}): Promise<void> {
  const reader = new Reader(root);
  await commitFiles(reader, prepareRun(reader, { requests, ...more }).files(new Set()));
}

const workflowOf = (root: string) => parse(read(root, workflowPath)) as { permissions: object; jobs: Record<string, Job> };
const stepsOf = (root: string): Step[] => (parse(read(root, actionPath)) as { runs: { steps: Step[] } }).runs.steps;
const lines = (steps: Step[]): string[] => steps.flatMap(({ run: line }) => (line === undefined ? [] : [line]));
/** Without their commits. */
const actions = (steps: Step[]): string[] => steps.flatMap(({ uses }) => (uses === undefined ? [] : [uses.replace(/@.*/, '')]));
/** Commands but for the look at what is deployed. */
const commands = ({ steps }: Job): string[] => lines(steps.filter(({ name }) => name === undefined));

const installs = {
  npm: ['npm ci'],
  pnpm: ['corepack enable', 'pnpm install --frozen-lockfile'],
  yarn: ['corepack enable', 'yarn install --frozen-lockfile'],
  bun: ['bun install --frozen-lockfile'],
};
const prefixes = { npm: 'npx nx', pnpm: 'pnpm nx', yarn: 'yarn nx', bun: 'bunx nx' };
const flavours = { CDK: ['CDK'], Terraform: ['Terraform'], both: ['CDK', 'Terraform'] } as const;

const cases = packageManagers.flatMap((manager) =>
  (Object.keys(flavours) as (keyof typeof flavours)[]).map((flavour) => [manager, flavour] as const),
);

test.each(cases)('%s, %s: what is checked, installed and deployed', async (manager, flavour) => {
  const root = tree({ 'package.json': `{ "name": "shop", "packageManager": "${manager}@1.2.3" }\n` });
  const providers = flavours[flavour];
  await run(
    root,
    providers.map((provider) => api(`${provider} API`, provider)),
    { ci: 'GitHub' },
  );
  const { permissions, jobs } = workflowOf(root);
  const nx = prefixes[manager];
  expect(permissions).toEqual({ contents: 'read' });
  expect(Object.keys(jobs)).toEqual(['check', 'development', 'production']);
  expect(lines(jobs.check?.steps ?? [])).toEqual([
    ...['lint', 'typecheck', 'test', 'build'].map((target) => `${nx} run-many -t ${target}`),
    ...(flavour === 'Terraform' ? [] : [`${nx} run infra:synth --configuration=strict`]),
  ]);
  // AWS is out of reach for a pull request's code.
  expect(jobs.check).not.toHaveProperty('permissions');
  expect(jobs.check).not.toHaveProperty('environment');
  for (const environment of ['development', 'production']) {
    const job = jobs[environment] as Job;
    const configuration = environment === 'production' ? ' --configuration=production' : '';
    expect(job).toMatchObject({
      needs: environment === 'production' ? 'development' : 'check',
      if: "github.event_name == 'push'",
      environment,
      permissions: { contents: 'read', deployments: 'read', 'id-token': 'write' },
    });
    expect(job.concurrency['cancel-in-progress']).toBeUndefined();
    // Terraform's apply publishes versions, and leaves calls where they are.
    const of = {
      CDK: [`deploy${configuration} --require-approval=never`],
      Terraform: [`apply${configuration}`, `rollout${configuration} --if-any`],
    };
    // What is deployed is called before it is anybody's turn to approve it for production.
    expect(commands(job)).toEqual(
      providers.flatMap((provider, index) => [
        ...of[provider].map((target) => `${nx} run ${index === 0 ? 'infra' : 'infra-terraform'}:${target}`),
        `${nx} run ${provider.toLowerCase()}-api:smoke${configuration} --if-any`,
      ]),
    );
    // No other step, and no script of a package, gets what signs in.
    for (const { run: line = '', env = {} } of job.steps) expect(JSON.stringify(env).includes('secrets.')).toBe(line.includes(':smoke'));
    // Two of the slowest rollouts, Linear10PercentEvery10Minutes, one after the other; credentials end no sooner than the job.
    expect(job['timeout-minutes']).toBeGreaterThan(2 * 90);
    for (const { with: given } of job.steps)
      if (given?.['role-to-assume']) expect(given['role-duration-seconds']).toBe(job['timeout-minutes'] * 60);
    // Tools and packages come before credentials: no script of a package finds any.
    expect(actions(job.steps)).toEqual([
      'actions/checkout',
      './.github/actions/fastapi-lambda',
      ...providers.map(() => 'aws-actions/configure-aws-credentials'),
    ]);
    expect(job.steps.flatMap(({ with: given }) => given?.['role-to-assume'] ?? [])).toEqual(
      providers.map((provider) => `\${{ vars.${provider.toUpperCase()}_ROLE_ARN }}`),
    );
  }
  expect(new Set(Object.values(jobs).map(({ concurrency }) => concurrency.group)).size).toBe(3);
  expect(lines(stepsOf(root))).toEqual([...installs[manager], 'uv sync --all-packages --locked']);
  expect(actions(stepsOf(root))).toEqual([
    'actions/setup-node',
    ...(manager === 'bun' ? ['oven-sh/setup-bun'] : []),
    'astral-sh/setup-uv',
    ...(flavour === 'CDK' ? [] : ['hashicorp/setup-terraform']),
  ]);
  // Whoever owns an action can move its tags.
  for (const path of [workflowPath, actionPath])
    for (const [, pin] of read(root, path).matchAll(/uses: (?!\.\/)(.*)/g))
      expect(pin).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  for (const step of stepsOf(root)) expect(step.run === undefined || step.shell === 'bash').toBe(true);
  for (const path of [workflowPath, actionPath]) for (const line of read(root, path).split('\n')) expect(line.trimEnd()).toBe(line);
});

test('an API of both flavours is called in each', async () => {
  const root = tree();
  await run(root, [api('Orders', 'CDK')], { ci: 'GitHub' });
  await run(root, [{ kind: 'flavour', api: 'orders', iacProvider: 'Terraform' }]);
  expect(commands(workflowOf(root).jobs.development as Job).filter((line) => line.includes('smoke'))).toEqual([
    'npx nx run orders:smoke --if-any',
    'npx nx run orders:smoke-terraform --if-any',
  ]);
});

test('each API is called by secrets of its own', async () => {
  const root = tree();
  await run(root, [api('My Orders', 'CDK'), api('Billing', 'CDK')], { ci: 'GitHub' });
  const calls = (workflowOf(root).jobs.production as Job).steps.filter(({ run: line }) => line?.includes(':smoke'));
  for (const { run: line, env } of calls) {
    const of = line?.includes('my-orders:') ? 'MY_ORDERS' : 'BILLING';
    expect(env).toEqual({
      SMOKE_OPERATION: `\${{ vars.SMOKE_OPERATION_${of} }}`,
      ...Object.fromEntries(['TOKEN', 'USERNAME', 'PASSWORD'].map((name) => [`SMOKE_${name}`, `\${{ secrets.SMOKE_${name}_${of} }}`])),
    });
  }
  expect(calls).toHaveLength(2);
});

/** Prints what a filter makes of a file, as `gh api --jq` does. */
const jq = join(packageRoot(), '__tests__', 'support', 'jq.mjs');

describe('before a deployment', () => {
  let step: Step;
  beforeAll(async () => {
    const root = tree();
    await run(root, [api('Orders')], { ci: 'GitHub' });
    step = workflowOf(root).jobs.production?.steps[0] as Step;
  });

  interface Deployment {
    commit: { oid: string } | null;
    statuses: { nodes: { state: string }[] };
  }
  const deployment = (oid: string | null, ...states: string[]): Deployment => ({
    commit: oid === null ? null : { oid },
    statuses: { nodes: states.map((state) => ({ state })) },
  });

  /** Runs the step with a `gh` that knows these deployments, and how a commit stands to ours; it exits as GitHub's does without an answer. */
  const look = (nodes: Deployment[], compared: Record<string, string> = {}) => {
    const cases = Object.entries(compared).map(([commit, status]) => `*/${commit}...ours) ${status};;`);
    const folder = tree({
      'deployments.json': JSON.stringify({ data: { repository: { deployments: { nodes } } } }),
      gh: `#!/bin/sh\necho "$*" >>asked\ncase "$2" in graphql) exec node "${jq}" "$4" deployments.json;; ${cases.join(' ')} *) exit 2;; esac\n`,
    });
    chmodSync(join(folder, 'gh'), 0o755);
    const env = {
      ...process.env,
      ...step.env,
      PATH: `${folder}:${process.env.PATH}`,
      GITHUB_REPOSITORY: 'octo-org/octo-repo',
      GITHUB_REPOSITORY_OWNER: 'octo-org',
      GITHUB_SHA: 'ours',
    };
    const ran = spawnSync('bash', ['-e', '-c', step.run as string], { cwd: folder, encoding: 'utf8', env });
    return { status: ran.status, output: ran.stdout, asked: read(folder, 'asked') };
  };
  const refusal = '::error::theirs was deployed, which is newer than ours. To go back, revert on main.\n';

  test('a commit that main had before the deployed one is refused', () => {
    const { status, output, asked } = look([deployment('theirs', 'SUCCESS', 'IN_PROGRESS', 'QUEUED')], { theirs: 'echo behind' });
    expect([status, output]).toEqual([1, refusal]);
    expect(asked).toMatch(/environments: \["production"\][\s\S]* -f owner=octo-org -f name=octo-repo\n/);
    expect(asked).toContain('repos/octo-org/octo-repo/compare/theirs...ours');
  });

  test('so it is where a later step of the newer one failed, or an older one came after that', () => {
    const failed = [deployment('older', 'SUCCESS', 'IN_PROGRESS'), deployment('theirs', 'FAILURE', 'IN_PROGRESS')];
    const compared = { older: 'echo ahead', theirs: 'echo behind', ours: 'echo identical' };
    for (const after of [[], [deployment('ours', 'IN_PROGRESS', 'QUEUED')], [deployment('older', 'FAILURE', 'IN_PROGRESS')]])
      expect(look([...failed, ...after], compared)).toMatchObject({ status: 1, output: refusal });
  });

  test('so it is where GitHub does not tell how the two stand', () => {
    expect(look([deployment('theirs', 'SUCCESS', 'IN_PROGRESS')], { theirs: 'exit 1' })).toMatchObject({ status: 1, output: '' });
  });

  test.each([
    ['a newer one', deployment('theirs', 'SUCCESS', 'IN_PROGRESS'), 'echo ahead'],
    ['one after a forced push', deployment('theirs', 'SUCCESS', 'IN_PROGRESS'), 'echo diverged'],
    ['one after a commit that is gone', deployment(null, 'SUCCESS', 'IN_PROGRESS'), 'exit 1'],
    ['one while a newer one waits', deployment('theirs', 'WAITING'), 'echo behind'],
    ['one after a newer one was turned down', deployment('theirs', 'FAILURE', 'WAITING'), 'echo behind'],
  ])('%s is not', (_, theirs, status) => {
    expect(look([theirs], { theirs: status })).toMatchObject({ status: 0, output: '' });
  });

  test('the first one is not', () => {
    expect(look([])).toMatchObject({ status: 0, output: '' });
  });
});

test('APIs that stand beside a Python project of the repository are installed one by one', async () => {
  const root = tree({ 'pyproject.toml': '[tool.poetry]\nname = "shop"\n' });
  await run(root, [api('Orders')], { ci: 'GitHub' });
  expect(stepsOf(root).flatMap(({ run: line, ...step }) => (line?.startsWith('uv') ? [[line, step['working-directory']]] : []))).toEqual([
    ['uv sync --locked', 'packages/common/runtime'],
    ['uv sync --locked', 'packages/orders'],
  ]);
});

test('a workspace without an infrastructure is checked, and deploys nothing', async () => {
  const root = tree();
  await run(root, [{ kind: 'constructs' }], { ci: 'GitHub' });
  expect(Object.keys(workflowOf(root).jobs)).toEqual(['check']);
});

test('without the option there is nothing of it', async () => {
  const root = tree();
  await run(root, [api('Orders', 'CDK'), api('Billing', 'Terraform')]);
  expect(existsSync(join(root, '.github'))).toBe(false);
  expect(existsSync(join(root, 'packages/infra/src/github-role.ts'))).toBe(false);
  expect(read(root, 'packages/infra/project.json')).not.toContain('github');
  expect(read(root, '.yo-rc.json')).not.toContain('"ci"');
});

test('the workspace keeps it: a rerun without it changes nothing, and another API is deployed too', async () => {
  const root = tree();
  await run(root, [api('Orders', 'CDK')], { ci: 'GitHub' });
  expect(prepared(root, [api('Orders', 'CDK')]).files(new Set())).toEqual([]);
  expect(prepared(root, [{ kind: 'update' }]).files(new Set())).toEqual([]);
  await run(root, [api('Billing', 'Terraform')]);
  expect(lines(workflowOf(root).jobs.production?.steps ?? [])).toContain('npx nx run infra-terraform:apply --configuration=production');
});

test('it can be added to a workspace that is there', async () => {
  const root = tree();
  await run(root, [api('Orders', 'CDK')]);
  await run(root, [api('Orders', 'CDK')], { ci: 'GitHub' });
  expect(Object.keys(workflowOf(root).jobs)).toContain('production');
  expect(prepared(root, [api('Orders', 'CDK')]).files(new Set())).toEqual([]);
});

test('it is not taken back by a flag, and names what can go once its answer is taken out', async () => {
  const root = tree();
  await run(root, [api('Orders', 'CDK')], { ci: 'GitHub' });
  expect(() => prepared(root, [api('Orders', 'CDK')], { ci: 'None' })).toThrow(/^The workspace has the workflow for GitHub already: leave/);
  put(root, { '.yo-rc.json': read(root, '.yo-rc.json').replace('    "ci": "GitHub",\n', '') });
  const { notes } = prepared(root, [{ kind: 'update' }]);
  expect(notes.join('\n')).toContain(
    `Not generated any more, and left as they are. To delete them: rm -r ${actionPath} ${workflowPath} packages/infra/src/github-role.ts`,
  );
  await run(root, [{ kind: 'update' }]);
  expect(read(root, 'packages/infra/project.json')).not.toContain('github');
});

test("a workflow of the repository's own of that name is a conflict, as any file is", () => {
  const root = tree({ [workflowPath]: 'name: Mine\n' });
  const { decisions } = prepared(root, [api('Orders')], { ci: 'GitHub' });
  expect(decisions.filter(({ outcome }) => outcome === 'conflict').map(({ path }) => path)).toEqual([workflowPath]);
});

test('GitHub reads no workflow below the top of a repository, so there it is refused before anything is written', async () => {
  const top = tree({ '.git/HEAD': '', 'services/shop/package.json': '{ "name": "shop" }\n' });
  const root = join(top, 'services/shop');
  expect(() => prepared(root, [api('Orders')], { ci: 'GitHub' })).toThrow(
    `GitHub reads workflows at the top of a repository alone, and that of this workspace is ${top}: leave out --ci, or make the workspace a repository of its own with "git init".`,
  );
  expect(prepared(root, [api('Orders')], { ci: 'None' }).notes).toEqual([]);
  put(root, { '.git/HEAD': '' });
  await run(root, [api('Orders')], { ci: 'GitHub' });
  expect(existsSync(join(root, workflowPath))).toBe(true);
});

test('a service that is none in .yo-rc.json is refused in one line', async () => {
  const root = tree();
  await run(root, [api('Orders')], { ci: 'GitHub' });
  put(root, { '.yo-rc.json': read(root, '.yo-rc.json').replace('"GitHub"', '"Jenkins"') });
  expect(() => prepared(root, [{ kind: 'update' }])).toThrow('ci in .yo-rc.json is "Jenkins": it has to be one of None, GitHub.');
});
