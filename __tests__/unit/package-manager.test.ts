import { delimiter, join } from 'node:path';
import { onPath, packageManagerOf } from '../../lib/read/package-manager.ts';
import { tree } from '../support/trust-tree.ts';

const manifest = (value: object): Record<string, string> => ({ 'package.json': JSON.stringify(value) });
const pnpm = join(tree({ 'bin/pnpm': '' }), 'bin');

test.each([
  ['packageManager, before a lock file', { ...manifest({ packageManager: 'bun@1.4.5' }), 'yarn.lock': '' }, 'bun'],
  ['devEngines', manifest({ devEngines: { packageManager: { name: 'yarn', version: '4' } } }), 'yarn'],
  ['devEngines with a list', manifest({ devEngines: { packageManager: [{ name: 'deno' }, { name: 'npm' }] } }), 'npm'],
  ['packageManager before devEngines', manifest({ packageManager: 'npm@11', devEngines: { packageManager: { name: 'yarn' } } }), 'npm'],
  ['a package.json with a byte order mark', { 'package.json': '\uFEFF{ "packageManager": "yarn@4.1.0" }' }, 'yarn'],
  ['a lock file, where package.json names another program', { ...manifest({ packageManager: 'deno@2' }), 'bun.lock': '' }, 'bun'],
  ['a lock file, where package.json is no JSON', { 'package.json': '{', 'package-lock.json': '' }, 'npm'],
  ['npm-shrinkwrap.json', { 'npm-shrinkwrap.json': '' }, 'npm'],
  ['pnpm-workspace.yaml', { 'pnpm-workspace.yaml': '', 'yarn.lock': '' }, 'pnpm'],
  ['.yarnrc.yml', { '.yarnrc.yml': '' }, 'yarn'],
  ['workspaces, which pnpm does not read', manifest({ workspaces: ['packages/*'] }), 'npm'],
  ['nothing, and pnpm is installed', {}, 'pnpm'],
] as const)('is told from %s', (_, files, manager) => {
  expect(packageManagerOf(tree({ ...files }), pnpm)).toBe(manager);
});

test('is npm where there is neither a sign nor pnpm', () => {
  expect(packageManagerOf(tree(), '/nowhere')).toBe('npm');
  expect(packageManagerOf(tree(), ['/nowhere', pnpm].join(delimiter))).toBe('pnpm');
});

test('is told from files that are not on the disk yet', () => {
  const files = { text: () => '{ "packageManager": "yarn@4" }', exists: () => false };
  expect(packageManagerOf('/nowhere', pnpm, files)).toBe('yarn');
});

test('a program on Windows has one of its endings', () => {
  const bin = tree({ 'pnpm.cmd': '', uv: '' });
  expect(onPath('pnpm', bin, 'win32')).toBe(true);
  expect(onPath('uv', bin, 'win32')).toBe(false);
  expect(onPath('pnpm', bin, 'linux')).toBe(false);
});
