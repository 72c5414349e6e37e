import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkedDirectory, findWorkspace, findWorkspaceRoot, workspaceScope } from '../../lib/workspace.ts';

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

const git = { '.git/HEAD': '' };

describe('the workspace of a folder', () => {
  test('is found from a folder below, by our answers before any other mark', () => {
    const root = tree({ ...git, '.yo-rc.json': stored({ orders }), 'packages/orders/nx.json': '{}', 'packages/orders/src/x.py': '' });
    expect(findWorkspace(join(root, 'packages/orders/src'))).toMatchObject({ root, stored: { scope: 'shop' } });
  });

  test('is found by the marks of a workspace', () => {
    const root = tree({ ...git, 'package.json': '{ "workspaces": ["packages/*"] }', 'packages/a/x': '' });
    expect(findWorkspace(join(root, 'packages/a'))).toMatchObject({ root, isNew: false });
  });

  test('ends at the top of the git repository', () => {
    const root = tree({ 'nx.json': '{}', 'inner/.git/HEAD': '', 'inner/x': '' });
    expect(findWorkspace(join(root, 'inner'))).toMatchObject({ root: join(root, 'inner'), isNew: true });
  });

  test('ends at the file that is the .git of a worktree or a submodule', () => {
    const root = tree({ ...git, 'nx.json': '{}', 'inner/.git': 'gitdir: ../.git/worktrees/inner\n', 'inner/deep/x': '' });
    expect(findWorkspaceRoot(join(root, 'inner/deep'))).toBe(join(root, 'inner/deep'));
    expect(findWorkspaceRoot(join(tree({ 'nx.json': '{}', '.git': 'gitdir: x', 'a/x': '' }), 'a'))).not.toMatch(/\/a$/);
  });

  test('is the folder itself without a git repository, whatever marks lie above', () => {
    const root = tree({ 'package.json': '{ "workspaces": ["*"] }', 'nx.json': '{}', 'victim/x': '' });
    expect(findWorkspace(join(root, 'victim'))).toMatchObject({ root: join(root, 'victim'), isNew: true });
    expect(findWorkspace(root)).toMatchObject({ root, isNew: false });
  });

  test('is not guessed where a workspace of ours lies above without a git repository', () => {
    const root = tree({ '.yo-rc.json': stored({ orders }), 'packages/orders/x': '' });
    expect(() => findWorkspaceRoot(join(root, 'packages/orders'))).toThrow(
      `${root} holds a workspace of this generator, but no git repository joins it with this folder: run there, or "git init" in the folder that is to be the root.`,
    );
    expect(findWorkspaceRoot(root)).toBe(root);
    expect(findWorkspaceRoot(join(tree({ '.yo-rc.json': '{', 'a/x': '' }), 'a'))).toMatch(/a$/);
  });

  test('is never one of another owner, but for root', () => {
    const stranger = 4_000_000;
    const root = tree({ ...git, '.yo-rc.json': stored({ orders }), 'packages/x': '' });
    const folder = join(root, 'packages');
    expect(findWorkspaceRoot(folder, stranger)).toBe(folder);
    expect(findWorkspaceRoot(folder, 0)).toBe(root);
    expect(findWorkspaceRoot(folder, undefined)).toBe(root);
    const loose = tree({ '.yo-rc.json': stored({ orders }), 'packages/x': '' });
    expect(findWorkspaceRoot(join(loose, 'packages'), stranger)).toBe(join(loose, 'packages'));
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
