import { spawnSync } from 'node:child_process';
import fs, { chmodSync, existsSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { commitFiles, recoverCommit } from '../../lib/commit.ts';
import { put, read, snapshot, tree } from '../support/trust-tree.ts';

const journal = '.fastapi-lambda/.journal';

test('files are written with their folders and modes, and no trace stays', async () => {
  const root = join(tree(), 'new');
  await commitFiles(root, [
    { path: 'a/b.txt', contents: 'b' },
    { path: 'run.sh', contents: 'x', mode: 0o755 },
  ]);
  expect([...snapshot(root).keys()]).toEqual(['a', 'a/b.txt', 'run.sh']);
  expect(statSync(join(root, 'run.sh')).mode & 0o777).toBe(0o755);
});

test('a file that is there keeps its permission bits', async () => {
  const root = tree({ a: 'x' });
  chmodSync(join(root, 'a'), 0o606);
  await commitFiles(root, [{ path: 'a', contents: 'y' }]);
  expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o606);
});

test('a symbolic link to a file below the root stays one', async () => {
  const root = tree({ 'real.txt': 'x' });
  symlinkSync('real.txt', join(root, 'link.txt'));
  await commitFiles(root, [{ path: 'link.txt', contents: 'y' }]);
  expect(fs.lstatSync(join(root, 'link.txt')).isSymbolicLink()).toBe(true);
  expect(read(root, 'real.txt')).toBe('y');
});

test('a file that is written for an API that has a folder of records leaves them alone', async () => {
  const root = tree({ '.fastapi-lambda/shared.json': '{}' });
  await commitFiles(root, [{ path: 'a', contents: 'x' }]);
  expect([...snapshot(root).keys()]).toEqual(['.fastapi-lambda', '.fastapi-lambda/shared.json', 'a']);
});

test.each([
  ['out of the workspace', '../x'],
  ['below a file', 'file/x'],
  ['onto a folder', 'folder'],
])('a path that leads %s: nothing is written', async (_, path) => {
  const root = tree({ file: 'x', 'folder/y': 'y' });
  const before = snapshot(root);
  await expect(
    commitFiles(root, [
      { path: 'good', contents: 'x' },
      { path, contents: 'x' },
    ]),
  ).rejects.toThrow(/^[^\n]+$/);
  expect(snapshot(root)).toEqual(before);
});

test('an error while the files are put in place puts everything back', async () => {
  const root = tree({ a: 'old a', 'deep/b': 'old b' });
  const before = snapshot(root);
  const rename = fs.renameSync;
  let count = 0;
  fs.renameSync = (from, to) => {
    if (String(to).endsWith('/c')) {
      count += 1;
      throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO', path: String(to) });
    }
    rename(from, to);
  };
  try {
    const files = ['a', 'deep/b', 'new/c', 'd'].map((path) => ({ path, contents: 'new' }));
    await expect(commitFiles(root, files)).rejects.toThrow(/^Can't write .*new\/c \(EIO\): nothing was changed\.$/);
  } finally {
    fs.renameSync = rename;
  }
  expect(count).toBe(1);
  expect(snapshot(root)).toEqual(before);
});

test('a file larger than the system allows: one line, and nothing has changed', () => {
  const root = tree({ a: 'old' });
  const before = snapshot(root);
  const program = `
    import { commitFiles } from ${JSON.stringify(new URL('../../lib/commit.ts', import.meta.url).href)};
    const files = [{ path: 'a', contents: 'new' }, { path: 'big', contents: 'x'.repeat(100_000) }];
    commitFiles(${JSON.stringify(root)}, files).catch((error) => console.log(error.message));
  `;
  const tsx = new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url).pathname;
  // 40 blocks of 1,024 bytes; the program itself comes in on standard input.
  const { stdout } = spawnSync('bash', ['-c', `ulimit -f 40; TSX_DISABLE_CACHE=1 exec node "${tsx}" --input-type=module -`], {
    input: program,
    encoding: 'utf8',
  });
  expect(stdout).toMatch(/^A file in .* would be larger than this system allows \(ulimit -f\): nothing was changed\.\n$/);
  expect(snapshot(root)).toEqual(before);
});

describe('recovery', () => {
  const killed = (root: string, state: string | undefined, files: Record<string, string>): void => {
    put(root, Object.fromEntries(Object.entries(files).map(([name, text]) => [`${journal}/${name}`, text])));
    if (state === undefined) return;
    const steps = [
      { target: 'a', staged: '0', backup: '0.old' },
      { target: 'new/b', staged: '1' },
    ];
    put(root, { [`${journal}/${state}`]: JSON.stringify({ steps, folders: ['new'] }) });
  };

  test('has nothing to do in an untouched workspace', () => {
    expect(recoverCommit(tree())).toBe('none');
    expect(recoverCommit('/nowhere/at/all')).toBe('none');
  });

  test('throws away what was staged only', () => {
    const root = tree({ a: 'old' });
    killed(root, undefined, { 0: 'new', lock: '999999999 \n', '.gitignore': '*' });
    expect(recoverCommit(root)).toBe('reverted');
    expect([...snapshot(root).keys()]).toEqual(['a']);
  });

  test('finishes what was on its way', () => {
    const root = tree({ a: 'old' });
    killed(root, 'apply.json', { 0: 'new a', '0.old': 'old', 1: 'new b' });
    expect(recoverCommit(root)).toBe('finished');
    expect(read(root, 'a')).toBe('new a');
    expect(read(root, 'new/b')).toBe('new b');
    expect(existsSync(join(root, '.fastapi-lambda'))).toBe(false);
  });

  test('finishes where some files are in place already', () => {
    const root = tree({ a: 'new a' });
    killed(root, 'apply.json', { '0.old': 'old', 1: 'new b' });
    expect(recoverCommit(root)).toBe('finished');
    expect(read(root, 'a')).toBe('new a');
    expect(read(root, 'new/b')).toBe('new b');
  });

  test('goes on with a revert', () => {
    const root = tree({ a: 'new a', 'new/b': 'new b' });
    killed(root, 'revert.json', { '0.old': 'old' });
    expect(recoverCommit(root)).toBe('reverted');
    expect(read(root, 'a')).toBe('old');
    expect(existsSync(join(root, 'new'))).toBe(false);
  });

  test('tidies up after what was done', () => {
    const root = tree({ a: 'new a', 'new/b': 'new b' });
    killed(root, 'done.json', { '0.old': 'old' });
    expect(recoverCommit(root)).toBe('finished');
    expect([...snapshot(root).keys()]).toEqual(['a', 'new', 'new/b']);
  });

  test('leaves the journal of a run that is at work', async () => {
    const root = tree({ a: 'old' });
    killed(root, 'apply.json', { 0: 'new a', lock: '1 \n' });
    const before = snapshot(root);
    expect(() => recoverCommit(root)).toThrow(/^Another run \(process 1\) is writing into/);
    await expect(commitFiles(root, [{ path: 'x', contents: '' }])).rejects.toThrow(/^Another run/);
    expect(snapshot(root)).toEqual(before);
  });

  test('knows a process that has the number of a dead one', () => {
    const root = tree({ a: 'old' });
    killed(root, undefined, { 0: 'new', lock: '1 123456789\n' });
    expect(recoverCommit(root)).toBe('reverted');
  });

  test.each([
    '{',
    '{}',
    '{"steps":[{"target":"../x","staged":"../../evil"}],"folders":[]}',
    '{"steps":[{"target":"../x","staged":"0"}],"folders":[]}',
    '{"steps":[],"folders":1}',
    '{"steps":[null],"folders":[]}',
    '{"steps":[],"folders":["../evil"]}',
  ])('refuses a journal that was edited: %s', (text) => {
    const root = tree();
    put(root, { [`${journal}/apply.json`]: text, [`${journal}/0`]: 'evil' });
    expect(() => recoverCommit(root)).toThrow(/edited by hand|leads out of the workspace/);
  });

  test('refuses a folder of records that is a link to elsewhere', () => {
    const root = tree();
    const outside = tree();
    mkdirSync(join(outside, '.journal'));
    symlinkSync(outside, join(root, '.fastapi-lambda'));
    expect(() => recoverCommit(root)).toThrow(/symbolic link that leads out/);
    expect(existsSync(join(outside, '.journal'))).toBe(true);
  });
});
