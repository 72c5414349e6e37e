import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import {
  dueInstalls,
  type Installation,
  type InstallInput,
  installCommands,
  noteDue,
  noteInstalled,
  readInstallations,
} from '../../lib/finish/install.ts';
import { put, tree } from '../support/trust-tree.ts';

const node: Installation = { kind: 'node', of: '.', fills: 'node_modules', isThere: true, isPending: false };
const python: Installation = { kind: 'python', of: '.', fills: '.venv', isThere: true, isPending: false };
const orders: Installation = { ...python, of: 'packages/orders', fills: 'packages/orders/.venv' };

const due = (installations: Installation[], changed: string[] = []): string[] =>
  dueInstalls(installations, changed).map(({ fills }) => fills);

test.each([
  ['nothing has changed', [], []],
  ['other files have changed', ['packages/orders/orders/main.py', 'nx.json', 'packages/orders/project.json', 'x/my-package.json'], []],
  ['the root manifest has changed', ['package.json'], ['node_modules']],
  ['a package in the workspace has changed', ['packages/common/constructs/package.json'], ['node_modules']],
  ['settings of pnpm have changed', ['pnpm-workspace.yaml'], ['node_modules']],
  ['settings of yarn have changed', ['.yarnrc.yml'], ['node_modules']],
  ['a Python project has changed', ['packages/orders/pyproject.toml'], ['.venv']],
  ['both have changed', ['package.json', 'pyproject.toml'], ['node_modules', '.venv']],
])('where all is installed and %s, due are: %j', (_, changed, expected) => {
  expect(due([node, python], changed)).toEqual(expected);
});

test('what is not there or pending is due, whatever has changed', () => {
  expect(due([{ ...node, isThere: false }, python])).toEqual(['node_modules']);
  expect(due([node, { ...python, isPending: true }])).toEqual(['.venv']);
});

test('projects that stand alone follow their own manifest and those of the shared packages', () => {
  const billing = { ...orders, of: 'packages/billing', fills: 'packages/billing/.venv' };
  expect(due([node, orders, billing], ['packages/orders/pyproject.toml'])).toEqual(['packages/orders/.venv']);
  expect(due([node, orders, billing], ['packages/common/runtime/pyproject.toml'])).toEqual([
    'packages/orders/.venv',
    'packages/billing/.venv',
  ]);
  expect(due([node, orders, billing], ['pyproject.toml'])).toEqual([]);
});

describe('on a disk', () => {
  const input = (root: string, changes: Partial<InstallInput> = {}): InstallInput => ({
    root,
    placement: 'workspace',
    projects: ['packages/orders'],
    ...changes,
  });

  test('each placement has its environments, and none without an API', () => {
    const root = tree({ 'node_modules/x': '', 'packages/orders/.venv/x': '' });
    const seen = (changes: Partial<InstallInput>): [string, boolean][] =>
      readInstallations(input(root, changes)).map(({ fills, isThere }) => [fills, isThere]);
    expect(seen({})).toEqual([
      ['node_modules', true],
      ['.venv', false],
    ]);
    expect(seen({ placement: 'alone' })).toEqual([
      ['node_modules', true],
      ['packages/orders/.venv', true],
    ]);
    expect(seen({ projects: [] })).toEqual([['node_modules', true]]);
  });

  test('an environment of uv that lies elsewhere is looked for there', () => {
    const elsewhere = tree();
    try {
      process.env.UV_PROJECT_ENVIRONMENT = elsewhere;
      const [, environment] = readInstallations(input(tree()));
      expect(environment).toMatchObject({ fills: elsewhere, isThere: true, isPending: false });
      noteDue('/nowhere', elsewhere);
      expect(readInstallations(input(tree()))[1]?.isPending).toBe(true);
    } finally {
      delete process.env.UV_PROJECT_ENVIRONMENT;
    }
  });

  test("yarn's Plug'n'Play has no node_modules: a failed install is remembered in its folder of state", () => {
    const root = tree({ '.pnp.cjs': '', '.yarn/install-state.gz': '' });
    const seen = () => readInstallations(input(root)).slice(0, 1);
    expect(seen()).toMatchObject([{ isThere: true, isPending: false }]);
    for (const { fills } of seen()) noteDue(root, fills);
    expect(seen()).toMatchObject([{ isThere: true, isPending: true }]);
    for (const { fills } of seen()) noteInstalled(root, fills);
    expect(seen()).toMatchObject([{ isThere: true, isPending: false }]);
  });

  test('a failed or skipped install is remembered until one succeeds, and git sees nothing of it', () => {
    const root = tree({ '.gitignore': 'node_modules/\n.venv/\n', 'node_modules/x': '' });
    execFileSync('git', ['init', '--quiet'], { cwd: root });
    const pending = (): boolean[] => readInstallations(input(root)).map(({ isPending }) => isPending);
    const status = execFileSync('git', ['status', '--porcelain', '--untracked-files=all'], { cwd: root, encoding: 'utf8' });
    for (const fills of ['node_modules', '.venv']) noteDue(root, fills);
    expect(pending()).toEqual([true, false]);
    expect(execFileSync('git', ['status', '--porcelain', '--untracked-files=all'], { cwd: root, encoding: 'utf8' })).toBe(status);
    noteInstalled(root, 'node_modules');
    noteInstalled(root, '.venv');
    expect(pending()).toEqual([false, false]);
    put(root, { '.venv/x': '' });
    noteDue(root, '.venv');
    expect(pending()).toEqual([false, true]);
    // Whoever removes the folder has it installed anew anyway.
    rmSync(join(root, '.venv'), { recursive: true });
    expect(due(readInstallations(input(root)))).toEqual(['.venv']);
  });
});

test('the commands are those of what is due', () => {
  const lines = (installations: Installation[], hasUv = true): string[] =>
    installCommands('pnpm', installations, hasUv).commands.map(({ line, cwd, fills }) => `${cwd}: ${line} > ${fills}`);
  expect(lines([node, python])).toEqual(['.: pnpm install > node_modules', '.: uv sync --all-packages > .venv']);
  expect(lines([orders])).toEqual(['packages/orders: uv sync > packages/orders/.venv']);
  expect(lines([])).toEqual([]);
  expect(lines([node, python], false)).toEqual(['.: pnpm install > node_modules']);
  expect(installCommands('npm', [node, python], false).hints).toHaveLength(1);
  expect(installCommands('npm', [node], false).hints).toEqual([]);
});
