import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { checkPaths } from '../../lib/commit/safe-path.ts';
import { realDisk, realTarget } from '../../lib/read/disk.ts';
import { tree } from '../support/trust-tree.ts';
import { asOrdinaryUser } from '../support/trust-user.ts';

test('new and existing files below the root are fine, also where the root is not there yet', () => {
  const root = tree({ 'a/b.txt': '' });
  checkPaths(root, ['a/b.txt', 'a/c.txt', 'x/y/z.txt', 'đơn hàng/x', '..a/b']);
  checkPaths(join(root, 'new/root'), ['a.txt']);
});

test.each([
  ['/etc/passwd', /^\/etc\/passwd is an absolute path/],
  ['C:/x', /is an absolute path/],
  ['../x', /leads out of the workspace/],
  ['a/../../x', /leads out of the workspace/],
  ['a/./b', /leads out of the workspace or is no plain path/],
  ['a//b', /no plain path/],
  ['a\\b', /no plain path/],
  ['', /is no path of a file/],
  ['a\0b', /is no path of a file/],
  ['.git/hooks/post-commit', /^\.git\/hooks\/post-commit can't be written on every system: \.git is \.git on some disks/],
  ['.GIT/hooks/x', /\.GIT is \.git on some disks, which belongs to git alone/],
  ['git~1/x', /git~1 is \.git on some disks/],
  ['packages/.git./x', /is \.git on some disks/],
  ['packages/con/x', /con is the name of a device on Windows/],
  ['packages/x/aux.tf', /aux\.tf is the name of a device on Windows/],
  ['packages/a b /x', /ends with a dot or a blank/],
  ['ab:c/d', /holds a character that no name on Windows has/],
  [`${'x'.repeat(256)}/a`, /more than 255 bytes/],
  ['ặ'.repeat(100), /more than 255 bytes/],
  [Array.from({ length: 50 }, () => 'y'.repeat(99)).join('/'), /longer than 4000 bytes/],
])('%.40j is refused in one line', (path, message) => {
  const root = tree();
  expect(() => checkPaths(root, [path])).toThrow(message);
  expect(() => checkPaths(root, [path])).not.toThrow(/\n/);
});

test('a symbolic link that stays below the root is followed, one that leads out is refused', () => {
  const root = tree({ 'real/x.txt': '' });
  const outside = tree();
  symlinkSync('real', join(root, 'inside'));
  symlinkSync(outside, join(root, 'out'));
  symlinkSync('out', join(root, 'twice'));
  symlinkSync('nowhere', join(root, 'dangling'));
  symlinkSync('loop', join(root, 'loop'));
  symlinkSync(join(root, 'real/x.txt'), join(root, 'file.txt'));
  checkPaths(root, ['inside/a.txt', 'file.txt']);
  expect(realTarget(realDisk, join(root, 'file.txt'))).toBe(join(root, 'real/x.txt'));
  expect(() => checkPaths(root, ['out/a.txt'])).toThrow(/^out is a symbolic link that leads out of the workspace/);
  expect(() => checkPaths(root, ['twice/deep/a.txt'])).toThrow(/^twice is a symbolic link that leads out/);
  expect(() => checkPaths(root, ['dangling/a.txt'])).toThrow(/^dangling is a symbolic link to nothing/);
  expect(() => checkPaths(root, ['dangling'])).toThrow(/^dangling is a symbolic link to nothing/);
  expect(() => checkPaths(root, ['loop/x'])).toThrow(/^loop is a symbolic link to nothing/);
});

test('files stand where files are expected, folders where folders are', () => {
  const root = tree({ packages: 'a file', 'folder/x': '' });
  expect(() => checkPaths(root, ['packages/my-api/main.py'])).toThrow(/^packages is a file where a folder should be/);
  expect(() => checkPaths(root, ['packages/my-api/deep/main.py'])).toThrow(/^packages is a file where a folder should be/);
  expect(() => checkPaths(root, ['folder'])).toThrow(/^folder is a folder where a file should be/);
  expect(() => checkPaths(join(root, 'packages'), ['a'])).toThrow(/packages is a file where a folder should be/);
  expect(() => checkPaths(join(root, 'packages/below'), ['a'])).toThrow(
    /below a file where a folder should be|is a file where a folder should be/,
  );
  expect(() => checkPaths(root, ['a', 'a/b'])).toThrow(/^a would be a file and a folder/);
  expect(() => checkPaths(root, ['a', 'a'])).toThrow(/^The file a is to be written twice/);
});

test('what the user may not write is refused before anything is tried', () => {
  const root = tree({ 'closed/x.txt': '', 'read-only.txt': '' });
  chmodSync(join(root, 'closed'), 0o555);
  chmodSync(join(root, 'read-only.txt'), 0o444);
  chmodSync(root, 0o755);
  const { stdout, stderr } = asOrdinaryUser(`
    import { checkPaths } from './lib/commit/safe-path.ts';
    for (const path of ['closed/new.txt', 'closed/x.txt', 'read-only.txt', 'new.txt']) {
      try {
        checkPaths(${JSON.stringify(root)}, [path]);
        console.log('fine');
      } catch (error) {
        console.log(error.message);
      }
    }
  `);
  expect(stderr).toBe('');
  const lines = stdout.split('\n');
  expect(lines).toHaveLength(5);
  expect(lines[0]).toBe(`No permission to write into ${root}/closed: run as its owner, or choose another folder.`);
  expect(lines.slice(0, 3).every((line) => line.startsWith('No permission to write'))).toBe(true);
});
