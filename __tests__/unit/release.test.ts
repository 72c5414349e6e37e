import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { packageRoot } from '../../lib/templates/package-root.ts';
import { temporaryFolder } from '../support/temporary.ts';

const entries = '\n- A new option.\n';
const older = '\n## 1.0.0 (2026-01-31)\n\n- The first version.\n';

/** A repository at version 1.0.0, which is tagged. */
function repository(changelog = `# Changelog\n\n## Unreleased\n${entries}${older}`): { root: string; git: (...args: string[]) => string } {
  const root = temporaryFolder();
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], { cwd: root, encoding: 'utf8' });
  git('init', '--quiet', '--initial-branch', 'main');
  writeFileSync(join(root, 'package.json'), '{\n  "name": "x",\n  "version": "1.0.0"\n}\n');
  writeFileSync(
    join(root, 'package-lock.json'),
    '{\n  "name": "x",\n  "version": "1.0.0",\n  "packages": {\n    "": {\n      "version": "1.0.0"\n    }\n  }\n}\n',
  );
  writeFileSync(join(root, 'CHANGELOG.md'), changelog);
  git('add', '.');
  git('commit', '--quiet', '--message', 'First');
  git('tag', 'v1.0.0');
  return { root, git };
}

function release(root: string, version: string): { status: number | null; stderr: string } {
  const author = {
    GIT_AUTHOR_NAME: 'Test',
    GIT_AUTHOR_EMAIL: 'test@example.com',
    GIT_COMMITTER_NAME: 'Test',
    GIT_COMMITTER_EMAIL: 'test@example.com',
  };
  const { status, stderr } = spawnSync(process.execPath, [join(packageRoot(), 'scripts', 'release.mjs'), version], {
    cwd: root,
    env: { ...process.env, ...author },
    encoding: 'utf8',
  });
  return { status, stderr };
}

test('a release dates the entries, writes the version everywhere, commits and tags', () => {
  const { root, git } = repository();
  expect(release(root, '1.1.0')).toEqual({ status: 0, stderr: '' });
  const text = (name: string): string => readFileSync(join(root, name), 'utf8');
  expect(text('CHANGELOG.md')).toMatch(/^# Changelog\n\n## Unreleased\n\n## 1\.1\.0 \(\d{4}-\d\d-\d\d\)\n\n- A new option\.\n\n## 1\.0\.0/);
  expect(text('package.json')).toBe('{\n  "name": "x",\n  "version": "1.1.0"\n}\n');
  expect(JSON.parse(text('package-lock.json'))).toMatchObject({ version: '1.1.0', packages: { '': { version: '1.1.0' } } });
  expect(git('status', '--porcelain')).toBe('');
  expect(git('tag', '--points-at', 'HEAD').trim()).toBe('v1.1.0');
  // Nothing is unreleased now.
  expect(release(root, '1.2.0').stderr).toContain('no entries under "## Unreleased"');
});

test.each<[string, string, (made: ReturnType<typeof repository>) => void, string]>([
  ['what is no version', 'next', () => {}, 'next is no version'],
  ['a version that is not newer', '1.0.0', () => {}, '1.0.0 is not newer than v1.0.0'],
  ['another branch', '1.1.0', ({ git }) => git('checkout', '--quiet', '-b', 'other'), 'made of main'],
  ['a dirty tree', '1.1.0', ({ root }) => writeFileSync(join(root, 'new.txt'), ''), 'not committed'],
])('%s is refused in one line, and nothing changes', (_, version, prepare, message) => {
  const made = repository();
  prepare(made);
  const before = made.git('log', '--format=%H');
  const { status, stderr } = release(made.root, version);
  expect(status).toBe(1);
  expect(stderr).toMatch(new RegExp(`^[^\\n]*${message}[^\\n]*\\n$`));
  expect(made.git('log', '--format=%H')).toBe(before);
  expect(readFileSync(join(made.root, 'package.json'), 'utf8')).toContain('"1.0.0"');
});

test("the project's own changelog can be released", () => {
  expect(readFileSync(join(packageRoot(), 'CHANGELOG.md'), 'utf8')).toMatch(/^# Changelog\n\n## Unreleased\n\n\S/);
});
