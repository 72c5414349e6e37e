// What `nx run my-api:deploy` does before and when it deploys, for an API of both flavours beside another one.
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cdkWorkspace, runTarget, workspaceModules, writeSet } from '../../support/cdk-workspace.ts';
import { listsOf, templateData } from '../../support/template-data.ts';
import { nxProgram } from '../../support/workspace.ts';

const cdk = { provider: 'CDK', infraDir: 'packages/infra', infraName: 'infra', infraToRoot: '../..' } as const;
const terraform = {
  provider: 'Terraform',
  infraDir: 'packages/infra-terraform',
  infraName: 'infra-terraform',
  infraToRoot: '../..',
} as const;
const apis = [
  templateData({ deployments: [cdk, terraform] }),
  templateData({ apiName: 'orders', apiClass: 'Orders', apiDir: 'packages/orders', deployments: [cdk] }),
];

let root: string;

beforeAll(() => {
  root = cdkWorkspace(
    'deploy',
    apis.map((data) => ({ data })),
  );
  const lists = listsOf(apis);
  const isProject = (path: string) => path === 'project.json';
  for (const data of apis) writeSet(root, 'api', data.apiDir, data, isProject);
  const modules = templateData({ ...lists, ...terraform, commonName: 'common-terraform' });
  writeSet(root, 'runtime', modules.runtimeDir, modules, isProject);
  writeSet(root, 'terraform', 'packages/common/terraform', modules, isProject);
  writeSet(root, 'infra-terraform', terraform.infraDir, modules, isProject);
  const workspace = { ...modules, packageManager: 'npm', nx: 'npx nx', devDependencies: {}, websites: [], ignoringWebsites: [] };
  writeSet(root, 'workspace', '.', workspace, (path) => path === 'nx.json');
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(dirname(workspaceModules()), file), join(root, file));
}, 600_000);

interface TaskGraph {
  tasks: Record<string, unknown>;
  dependencies: Record<string, { id: string }[]>;
}

/** What Nx would run, without running it. */
function tasksOf(...args: string[]): TaskGraph {
  const { stdout, stderr } = spawnSync(process.execPath, [nxProgram(root), 'run', ...args, '--graph=stdout'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NODE_OPTIONS: '' },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (!stdout.startsWith('{')) throw new Error(`${stdout}${stderr}`);
  return (JSON.parse(stdout) as { tasks: TaskGraph }).tasks;
}

const needed = (graph: TaskGraph, task: string): string[] => (graph.dependencies[task] ?? []).map(({ id }) => id).sort();

test.each([
  ['development', [], ''],
  ['production', ['--configuration=production'], ':production'],
] as const)("in %s it follows the app's types and all bundles, and no other deployment", (_, args, suffix) => {
  const graph = tasksOf('my-api:deploy', ...args);
  expect(needed(graph, `my-api:deploy${suffix}`)).toEqual(['infra:bundle', 'infra:typecheck']);
  expect(needed(graph, 'infra:bundle')).toEqual(['my-api:bundle', 'orders:bundle']);
  expect(Object.keys(graph.tasks)).toEqual(
    expect.arrayContaining(['common-constructs:generate:MyApi-metadata', 'common-constructs:generate:Orders-metadata', 'orders:openapi']),
  );
  expect(Object.keys(graph.tasks).filter((task) => task.includes('deploy'))).toEqual([`my-api:deploy${suffix}`]);
  expect(Object.keys(graph.tasks).filter((task) => task.includes('terraform'))).toEqual([]);
});

test("the second flavour's deployment follows what that flavour needs, in the same environment", () => {
  const graph = tasksOf('my-api:deploy-terraform', '--configuration=production');
  expect(needed(graph, 'my-api:deploy-terraform:production')).toEqual(['infra-terraform:ready:production']);
  expect(needed(graph, 'infra-terraform:ready:production')).toEqual([
    'common-terraform:metadata',
    'infra-terraform:bundle',
    'infra-terraform:init:production',
  ]);
  expect(needed(graph, 'infra-terraform:bundle')).toEqual(['my-api:bundle']);
  expect(Object.keys(graph.tasks).filter((task) => /^(infra:|orders|common-constructs)/.test(task))).toEqual([]);
});

test('a plan of all APIs in an environment is of that environment throughout', () => {
  const graph = tasksOf('infra-terraform:apply', '--configuration=production');
  expect(needed(graph, 'infra-terraform:plan:production')).toEqual(['infra-terraform:ready:production']);
  expect(needed(graph, 'infra-terraform:ready:production')).toContain('infra-terraform:init:production');
});

/** The stacks that a command deploys, as CDK itself selects them. */
function selected(command: string): string[] {
  expect(command).toMatch(/^cdk (deploy|destroy) "[^"]+"$/);
  const { status, stdout, stderr } = spawnSync(`${command.replace(/^cdk \w+/, 'cdk list')} --app dist/cdk.out`, {
    cwd: join(root, 'packages/infra'),
    shell: true,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` },
  });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  // With the stack's name behind its id.
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.replace(/ \(.*\)$/, ''));
}

test("an API's target selects its stack, the app's targets select all stacks of an environment", () => {
  expect(runTarget(root, 'synth')).toMatchObject({ status: 0 });
  const targetsOf = (folder: string) => JSON.parse(readFileSync(join(root, folder, 'project.json'), 'utf8')).targets;
  const commands = ({ options, configurations }: { options: { command: string }; configurations: { production: { command: string } } }) => [
    options.command,
    configurations.production.command,
  ];
  const [development = '', production = ''] = commands(targetsOf('packages/my-api').deploy);
  expect(selected(development)).toEqual(['development/MyApi']);
  expect(selected(production)).toEqual(['production/MyApi']);
  for (const target of ['deploy', 'destroy']) {
    const [all = '', allOfProduction = ''] = commands(targetsOf('packages/infra')[target]);
    expect(selected(all)).toEqual(['development/MyApi', 'development/Orders']);
    expect(selected(allOfProduction)).toEqual(['production/MyApi', 'production/Orders']);
  }
}, 600_000);
