import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { commitFiles } from '../../lib/commit/commit.ts';
import type { Request } from '../../lib/model/model.ts';
import { packageManagers } from '../../lib/read/package-manager.ts';
import { Reader } from '../../lib/read/reader.ts';
import { type PreparedRun, prepareRun, type RunInput } from '../../lib/run.ts';
import { apiRequest as api } from '../support/requests.ts';
import { put, read, tree } from '../support/trust-tree.ts';

const workflowPath = '.github/workflows/fastapi-lambda.yml';
const actionPath = '.github/actions/fastapi-lambda/action.yml';

interface Step {
  uses?: string;
  with?: Record<string, unknown>;
  run?: string;
  shell?: string;
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
const actions = (steps: Step[]): string[] => steps.flatMap(({ uses }) => (uses === undefined ? [] : [uses]));

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
      permissions: { contents: 'read', 'id-token': 'write' },
    });
    expect(job.concurrency['cancel-in-progress']).toBeUndefined();
    // Terraform's apply publishes versions, and leaves calls where they are.
    const of = {
      CDK: [`deploy${configuration} --require-approval=never`],
      Terraform: [`apply${configuration}`, `rollout${configuration} --if-any`],
    };
    expect(lines(job.steps)).toEqual(
      providers.flatMap((provider, index) =>
        of[provider].map((target) => `${nx} run ${index === 0 ? 'infra' : 'infra-terraform'}:${target}`),
      ),
    );
    // Two of the slowest rollouts, Linear10PercentEvery10Minutes, one after the other; credentials end no sooner than the job.
    expect(job['timeout-minutes']).toBeGreaterThan(2 * 90);
    for (const { with: given } of job.steps)
      if (given?.['role-to-assume']) expect(given['role-duration-seconds']).toBe(job['timeout-minutes'] * 60);
    // Tools and packages come before credentials: no script of a package finds any.
    expect(job.steps.map(({ uses, with: given }) => [uses, given?.['role-to-assume']]).filter(([uses]) => uses)).toEqual([
      ['actions/checkout@v5', undefined],
      ['./.github/actions/fastapi-lambda', undefined],
      ...providers.map((provider) => ['aws-actions/configure-aws-credentials@v5', `\${{ vars.${provider.toUpperCase()}_ROLE_ARN }}`]),
    ]);
  }
  expect(new Set(Object.values(jobs).map(({ concurrency }) => concurrency.group)).size).toBe(3);
  expect(lines(stepsOf(root))).toEqual([...installs[manager], 'uv sync --all-packages --locked']);
  expect(actions(stepsOf(root))).toEqual([
    'actions/setup-node@v5',
    ...(manager === 'bun' ? ['oven-sh/setup-bun@v2'] : []),
    'astral-sh/setup-uv@v7',
    ...(flavour === 'CDK' ? [] : ['hashicorp/setup-terraform@v3']),
  ]);
  for (const step of stepsOf(root)) expect(step.run === undefined || step.shell === 'bash').toBe(true);
  for (const path of [workflowPath, actionPath]) for (const line of read(root, path).split('\n')) expect(line.trimEnd()).toBe(line);
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

test('a service that is none in .yo-rc.json is refused in one line', async () => {
  const root = tree();
  await run(root, [api('Orders')], { ci: 'GitHub' });
  put(root, { '.yo-rc.json': read(root, '.yo-rc.json').replace('"GitHub"', '"Jenkins"') });
  expect(() => prepared(root, [{ kind: 'update' }])).toThrow('ci in .yo-rc.json is "Jenkins": it has to be one of None, GitHub.');
});
