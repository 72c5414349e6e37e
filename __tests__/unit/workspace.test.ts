import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { checkNotIgnored } from '../../lib/git-ignored.ts';
import { packageManagerOf } from '../../lib/package-manager.ts';
import { pythonPlacement } from '../../lib/python-placement.ts';
import { checkedDirectory, findWorkspace, workspaceScope } from '../../lib/workspace.ts';

function tree(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'workspace-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const stored = (apis: object): string => JSON.stringify({ 'generator-fastapi-lambda': { scope: 'shop', iacProvider: 'CDK', apis } });
const orders = {
  name: 'Orders',
  directory: 'packages',
  computeType: 'ServerlessApiGatewayRestApi',
  integrationPattern: 'isolated',
  auth: 'IAM',
  moduleName: 'orders',
  port: 8000,
  iacProviders: ['CDK'],
};

describe('the workspace of a folder', () => {
  test('is found from a folder below, by our answers before any other mark', () => {
    const root = tree({ '.yo-rc.json': stored({ orders }), 'packages/orders/nx.json': '{}', 'packages/orders/src/x.py': '' });
    expect(findWorkspace(join(root, 'packages/orders/src'))).toMatchObject({ root, stored: { scope: 'shop' } });
  });

  test('is found by the marks of a workspace', () => {
    const root = tree({ 'package.json': '{ "workspaces": ["packages/*"] }', 'packages/a/x': '' });
    expect(findWorkspace(join(root, 'packages/a'))).toMatchObject({ root, isNew: false });
  });

  test('ends at the top of the git repository', () => {
    const root = tree({ 'nx.json': '{}', 'inner/.git/HEAD': '', 'inner/x': '' });
    expect(findWorkspace(join(root, 'inner'))).toMatchObject({ root: join(root, 'inner'), isNew: true });
  });

  test('a .yo-rc.json of other generators alone is no answer of ours', () => {
    expect(findWorkspace(tree({ '.yo-rc.json': '{ "generator-node": {} }' }))).toMatchObject({ isNew: true, stored: undefined });
  });

  test.each([
    ['text that is no JSON', '{', "can't be read"],
    ['a list', '[]', 'holds no object'],
    ['answers that are no object', '{ "generator-fastapi-lambda": 1 }', 'it has to be an object'],
    ['another auth', stored({ orders: { ...orders, auth: 'Basic' } }), 'auth of orders in .yo-rc.json is "Basic": it has to be one of'],
    ['a directory outside', stored({ orders: { ...orders, directory: '../x' } }), "it has to be a folder below the workspace's root"],
    ['a port that is none', stored({ orders: { ...orders, port: '8000' } }), 'it has to be a whole number'],
    ['a provider that is none', stored({ orders: { ...orders, iacProviders: ['Pulumi'] } }), 'it has to be one of CDK, Terraform'],
    ['a name with a path', stored({ '../x': orders }), 'it has to be kebab-case'],
  ])('stored answers are validated as flags are: %s', (_, text, message) => {
    const root = tree({ '.yo-rc.json': text });
    expect(() => findWorkspace(root)).toThrow(message);
    expect(() => findWorkspace(root)).toThrow(/^[^\n]+$/);
  });
});

test('the scope comes from an npm scope, a name, or the folder', () => {
  expect(workspaceScope(tree({ 'package.json': '{ "name": "@acme/shop" }' }))).toBe('acme');
  expect(workspaceScope(tree({ 'package.json': '{ "name": "my shop" }' }))).toBe('my-shop');
  expect(workspaceScope(tree({}))).toMatch(/^workspace-/);
});

test.each([
  ['packages', 'packages'],
  ['./apps//apis/', 'apps/apis'],
  ['.', '.'],
])('the directory %s is %s', (value, expected) => {
  expect(checkedDirectory(value, '--directory')).toBe(expected);
});

test.each([
  ...['/etc', 'C:\\x', '../x', 'a/../../x', 'node_modules', 'a/.git', 'a b', '<%= x %>', 'x'.repeat(201)],
  ...['.GIT/hooks', 'a/.Git', 'packages/con', 'aux.d', 'a./b', 'packages/Dist', 'build', '.venv', '.Fastapi-Lambda'],
])('the directory %s is refused', (value) => {
  expect(() => checkedDirectory(value, '--directory')).toThrow(/^--directory is .*instance packages\.$/);
});

describe('the package manager', () => {
  test('is the declared one, before the one of a lock file, before pnpm on the path, before npm', () => {
    const bin = dirname(join(tree({ 'bin/pnpm': '' }), 'bin', 'pnpm'));
    expect(packageManagerOf(tree({ 'package.json': '{ "packageManager": "bun@1.4.5" }', 'yarn.lock': '' }), bin)).toBe('bun');
    expect(packageManagerOf(tree({ 'yarn.lock': '' }), bin)).toBe('yarn');
    expect(packageManagerOf(tree({}), ['/nowhere', bin].join(delimiter))).toBe('pnpm');
    expect(packageManagerOf(tree({}), '/nowhere')).toBe('npm');
  });
});

test('a Python project stands alone beside another manager than uv', () => {
  expect(pythonPlacement(tree({}))).toBe('workspace');
  expect(pythonPlacement(tree({ 'setup.py': '' }))).toBe('alone');
  expect(pythonPlacement(tree({ 'requirements.txt': '' }))).toBe('alone');
  expect(pythonPlacement(tree({ 'pyproject.toml': '[tool.poetry]\nname = "x"\n' }))).toBe('alone');
  expect(pythonPlacement(tree({ 'pyproject.toml': '[project]\nname = "x"\n' }))).toBe('alone');
  expect(pythonPlacement(tree({ 'pyproject.toml': '[tool.uv]\npackage = false\n' }))).toBe('workspace');
  expect(pythonPlacement(tree({ 'pyproject.toml': '[project]\nname = "x"\n', 'uv.lock': '' }))).toBe('workspace');
});

test.each([
  ['3.12\n', 'alone'],
  ['# of the team\n3.12.4\n3.13.0\n', 'alone'],
  ['cpython-3.11-linux-x86_64-gnu\n', 'alone'],
  ['pypy3.11\n', 'alone'],
  ['3.13\n', 'workspace'],
  ['3.14.1\n', 'workspace'],
  ['my-environment\n', 'workspace'],
])('a .python-version of %j puts a Python project %s', (pin, placement) => {
  expect(pythonPlacement(tree({ '.python-version': pin }))).toBe(placement);
});

test.each([
  ['>=3.12', 'workspace'],
  ['>=3.11,<4', 'workspace'],
  ['>=3.11, <3.14', 'workspace'],
  ['>=3.11,<3.13', 'alone'],
  ['>=3.11,<3.13.0', 'alone'],
  ['>=3.11,<3.13.1', 'workspace'],
  ['<=3.12', 'alone'],
  ['==3.12.*', 'alone'],
  ['==3.13.*', 'workspace'],
  ['~=3.11', 'workspace'],
  ['~=3.12.0', 'alone'],
  ['~=3.13.0', 'workspace'],
])('beside a uv project for Python %s, a Python project stands: %s', (requires, placement) => {
  const root = tree({ 'pyproject.toml': `[project]\nname = "x"\nrequires-python = "${requires}"\n\n[tool.uv]\npackage = false\n` });
  expect(pythonPlacement(root)).toBe(placement);
});

describe('rules of .gitignore', () => {
  test.each([
    ['packages', 'packages/'],
    ['/packages/', 'packages/'],
    ['packages/*', 'packages/my-api/'],
    ['*.tf', 'packages/my-api/main.tf'],
  ])('%s hides %s, which is said with the line that shows it again', (rule, hidden) => {
    const root = tree({ '.gitignore': `${rule}\n` });
    expect(() => checkNotIgnored(root, ['packages/my-api/main.tf'])).toThrow(
      `.gitignore hides ${hidden}, so git would not see what is written there: add the line !/${hidden}`,
    );
    writeFileSync(join(root, '.gitignore'), `${rule}\n!/${hidden}\n`);
    expect(() => checkNotIgnored(root, ['packages/my-api/main.tf'])).not.toThrow();
  });

  test('a nested .gitignore counts for its folder', () => {
    const root = tree({ 'packages/.gitignore': 'my-api/\n' });
    expect(() => checkNotIgnored(root, ['packages/my-api/main.tf'])).toThrow('hides packages/my-api/');
    expect(() => checkNotIgnored(root, ['other/my-api/main.tf'])).not.toThrow();
  });
});
