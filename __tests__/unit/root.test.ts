import { join } from 'node:path';
import { findWorkspaceRoot } from '../../lib/read/root.ts';
import { tree } from '../support/trust-tree.ts';

const answers = '{ "generator-fastapi-lambda": { "scope": "shop", "apis": {} } }';
const git = { '.git/HEAD': '' };

describe('the root of a folder', () => {
  test('is found from a folder below, by our answers before any other mark', () => {
    const root = tree({ ...git, '.yo-rc.json': answers, 'packages/orders/nx.json': '{}', 'packages/orders/src/x.py': '' });
    expect(findWorkspaceRoot(join(root, 'packages/orders/src'))).toBe(root);
  });

  test('is found by the marks of a workspace', () => {
    const root = tree({ ...git, 'package.json': '{ "workspaces": ["packages/*"] }', 'packages/a/x': '' });
    expect(findWorkspaceRoot(join(root, 'packages/a'))).toBe(root);
  });

  test('ends at the top of the git repository', () => {
    const root = tree({ 'nx.json': '{}', 'inner/.git/HEAD': '', 'inner/x': '' });
    expect(findWorkspaceRoot(join(root, 'inner'))).toBe(join(root, 'inner'));
  });

  test('ends at the file that is the .git of a worktree or a submodule', () => {
    const root = tree({ ...git, 'nx.json': '{}', 'inner/.git': 'gitdir: ../.git/worktrees/inner\n', 'inner/deep/x': '' });
    expect(findWorkspaceRoot(join(root, 'inner/deep'))).toBe(join(root, 'inner/deep'));
    expect(findWorkspaceRoot(join(tree({ 'nx.json': '{}', '.git': 'gitdir: x', 'a/x': '' }), 'a'))).not.toMatch(/\/a$/);
  });

  test('is the folder itself without a git repository, whatever marks lie above', () => {
    const root = tree({ 'package.json': '{ "workspaces": ["*"] }', 'nx.json': '{}', 'victim/x': '' });
    expect(findWorkspaceRoot(join(root, 'victim'))).toBe(join(root, 'victim'));
    expect(findWorkspaceRoot(root)).toBe(root);
  });

  test('is not guessed where a workspace of ours lies above without a git repository', () => {
    const root = tree({ '.yo-rc.json': answers, 'packages/orders/x': '' });
    expect(() => findWorkspaceRoot(join(root, 'packages/orders'))).toThrow(
      `${root} holds a workspace of this generator, but no git repository joins it with this folder: run there, or "git init" in the folder that is to be the root.`,
    );
    expect(findWorkspaceRoot(root)).toBe(root);
    expect(findWorkspaceRoot(join(tree({ '.yo-rc.json': '{', 'a/x': '' }), 'a'))).toMatch(/a$/);
  });

  test('is not told where the answers are no file that can be read', () => {
    const root = tree({ ...git, '.yo-rc.json/x': '' });
    expect(() => findWorkspaceRoot(root)).toThrow(`${root}/.yo-rc.json can't be read (EISDIR): make it a file that you may read`);
  });

  test('is never one of another owner, but for root', () => {
    const stranger = 4_000_000;
    const root = tree({ ...git, '.yo-rc.json': answers, 'packages/x': '' });
    const folder = join(root, 'packages');
    expect(findWorkspaceRoot(folder, stranger)).toBe(folder);
    expect(findWorkspaceRoot(folder, 0)).toBe(root);
    expect(findWorkspaceRoot(folder, undefined)).toBe(root);
    const loose = tree({ '.yo-rc.json': answers, 'packages/x': '' });
    expect(findWorkspaceRoot(join(loose, 'packages'), stranger)).toBe(join(loose, 'packages'));
  });
});
