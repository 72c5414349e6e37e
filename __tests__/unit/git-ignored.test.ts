import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { checkNotIgnored } from '../../lib/read/git-ignored.ts';
import { tree } from '../support/trust-tree.ts';

const git = (root: string, ...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' });

/** A git repository with some files, none of them added. */
function repository(files: Record<string, string>): string {
  const root = tree(files);
  git(root, 'init', '--quiet');
  return root;
}

const paths = ['packages/my-api/main.tf'];

test.each([
  ['packages', 'packages/', ''],
  ['/packages/', 'packages/', ''],
  ['packages/*', 'packages/my-api/', ''],
  ['packages/**', 'packages/my-api/', '**'],
  ['*.tf', 'packages/my-api/main.tf', ''],
])('%s hides %s, which is said with the line that shows it again', (rule, hidden, all) => {
  const root = repository({ '.gitignore': `${rule}\n` });
  const line = `!/${hidden}`;
  expect(() => checkNotIgnored(root, paths)).toThrow(
    `.gitignore hides ${hidden}, so git would not see what is written there: add the line${all ? `s ${line} and ${line}**` : ` ${line}`} to it, then run again.`,
  );
  writeFileSync(join(root, '.gitignore'), `${rule}\n${line}\n${all && `${line}**\n`}`);
  expect(checkNotIgnored(root, paths).size).toBe(0);
});

test('a nested .gitignore counts for its folder', () => {
  const root = repository({ 'packages/.gitignore': 'my-api/\n' });
  expect(() => checkNotIgnored(root, paths)).toThrow(
    'packages/.gitignore hides packages/my-api/, so git would not see what is written there: add the line !/my-api/ to it',
  );
  expect(checkNotIgnored(root, ['other/my-api/main.tf']).size).toBe(0);
});

test('case counts as it does for git on this disk', () => {
  const root = repository({ '.gitignore': 'Packages/\n' });
  git(root, 'config', 'core.ignorecase', 'false');
  expect(checkNotIgnored(root, paths).size).toBe(0);
  git(root, 'config', 'core.ignorecase', 'true');
  expect(() => checkNotIgnored(root, paths)).toThrow('.gitignore hides packages/');
});

test('rules of a repository further up count, from folders that are not there yet too', () => {
  const root = repository({ '.gitignore': 'packages/\n/out/\n', 'shop/x': '' });
  expect(() => checkNotIgnored(join(root, 'shop'), paths)).toThrow(
    '../.gitignore hides packages/, so git would not see what is written there: add the line !/shop/packages/ to it, then run again.',
  );
  expect(() => checkNotIgnored(join(root, 'new/shop'), paths)).toThrow('../../.gitignore hides packages/');
  expect(checkNotIgnored(join(root, 'shop'), ['src/main.tf']).size).toBe(0);
  mkdirSync(join(root, 'out/shop'), { recursive: true });
  for (const folder of ['out', 'out/shop']) {
    expect(() => checkNotIgnored(join(root, folder), ['src/main.tf'])).toThrow(
      `${root}/.gitignore hides this folder, so git would not see what is written here: run "git init" here, or choose another folder.`,
    );
  }
});

test("rules of one's own and of the clone count, and a .gitignore is said to overrule them", () => {
  const root = repository({ rules: '*.tf\n' });
  writeFileSync(join(root, '.git/info/exclude'), 'my-api/\n');
  expect(() => checkNotIgnored(root, paths)).toThrow(
    '.git/info/exclude hides packages/my-api/, so git would not see what is written there: add the line !/packages/my-api/ to .gitignore',
  );
  writeFileSync(join(root, '.git/info/exclude'), '');
  git(root, 'config', 'core.excludesFile', join(root, 'rules'));
  expect(() => checkNotIgnored(root, paths)).toThrow('rules hides packages/my-api/main.tf');
});

test('a tracked file is seen, whatever the rules', () => {
  const root = repository({ '.gitignore': 'packages/\n', 'packages/my-api/main.tf': '' });
  git(root, 'add', '--force', 'packages/my-api/main.tf');
  expect(checkNotIgnored(root, paths).size).toBe(0);
  expect(() => checkNotIgnored(root, [...paths, 'packages/my-api/new.tf'])).toThrow('.gitignore hides packages/');
});

test('files that one can do without are given back, the first other one stops', () => {
  const root = repository({ '.gitignore': '.python-version\n.editorconfig\n*.log\n' });
  const optional = new Set(['.python-version', '.editorconfig', 'biome.json']);
  expect(checkNotIgnored(root, ['.python-version', 'biome.json', '.editorconfig', 'a/đơn "hàng".txt'], optional)).toEqual(
    new Set(['.python-version', '.editorconfig']),
  );
  expect(() => checkNotIgnored(root, ['.python-version', 'a.log'], optional)).toThrow('.gitignore hides a.log');
});

test('a link to a folder and a repository within are looked at for what they are', () => {
  const root = repository({ '.gitignore': 'hidden/\n', 'real/x': '', 'inner/.gitignore': 'src/\n' });
  symlinkSync('real', join(root, 'link'));
  git(join(root, 'inner'), 'init', '--quiet');
  git(join(root, 'inner'), '-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '--allow-empty', '-m', 'x');
  git(root, '-c', 'advice.addEmbeddedRepo=false', 'add', 'inner');
  expect(checkNotIgnored(root, ['link/a.txt', 'inner/a.txt']).size).toBe(0);
  expect(() => checkNotIgnored(root, ['link/hidden/a.txt'])).toThrow('.gitignore hides real/hidden/');
  expect(() => checkNotIgnored(root, ['inner/src/a.txt'])).toThrow('inner/.gitignore hides inner/src/');
});

test('without git, or outside of a repository, nothing is hidden', () => {
  const root = tree({ '.gitignore': 'packages/\n' });
  expect(checkNotIgnored(root, paths).size).toBe(0);
  git(root, 'init', '--quiet');
  expect(() => checkNotIgnored(root, paths)).toThrow('hides packages/');
  const { PATH } = process.env;
  try {
    process.env.PATH = '/nowhere';
    expect(checkNotIgnored(root, paths).size).toBe(0);
  } finally {
    process.env.PATH = PATH;
  }
});
