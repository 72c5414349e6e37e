import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import fc from 'fast-check';
import { type CommitFile, commitFiles } from '../../lib/commit/commit.ts';
import { unifiedPatch } from '../../lib/commit/patch.ts';
import { Reader } from '../../lib/read/reader.ts';
import { put, snapshot, tree } from '../support/trust-tree.ts';

/** Applies a patch to a copy of a tree by git, and gives the copy's content. */
function applied(root: string, patch: Buffer): Map<string, string> {
  const copy = tree();
  cpSync(root, copy, { recursive: true });
  if (patch.length > 0) {
    const { status, stderr } = spawnSync('git', ['apply', '--whitespace=nowarn', '-'], { cwd: copy, input: patch, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  }
  const result = snapshot(copy);
  rmSync(copy, { recursive: true });
  return result;
}

async function expectSame(root: string, files: CommitFile[]): Promise<void> {
  const byPatch = applied(root, unifiedPatch(root, files));
  await commitFiles(new Reader(root), files);
  expect(byPatch).toEqual(snapshot(root));
}

test('new, changed and unchanged files, programs and empty files: git makes the tree of the run', async () => {
  const root = tree({ 'a.txt': '1\n2\n3\n', 'same.txt': 'x', 'program.sh': 'x\n', 'latin.txt': Buffer.from([0xe9, 0x0a]) });
  await expectSame(root, [
    { path: 'a.txt', contents: '1\ntwo\n3\n' },
    { path: 'same.txt', contents: 'x' },
    { path: 'new/deep/b.txt', contents: 'b' },
    { path: 'new/run.sh', contents: '#!/bin/sh\n', mode: 0o755 },
    { path: 'new/__init__.py', contents: '' },
    { path: 'program.sh', contents: 'y\n', mode: 0o755 },
    { path: 'latin.txt', contents: 'é\n' },
  ]);
});

test.each(['with space.txt', 'đơn hàng.txt', 'quote".txt', 'tab\t.txt', "it's.txt", 'a/b c/d.txt', '#x', '-x'])(
  'a file called %j',
  async (path) => {
    const root = tree();
    await expectSame(root, [{ path, contents: 'new\n' }]);
    await expectSame(root, [{ path, contents: 'changed' }]);
    await expectSame(root, [{ path, contents: '' }]);
  },
);

test('a run that changes nothing gives an empty patch', () => {
  expect(unifiedPatch(tree({ a: 'x' }), [{ path: 'a', contents: 'x' }]).length).toBe(0);
});

test('whatever the texts and their line endings, git makes the same of the patch', async () => {
  const line = fc.constantFrom(
    'a\n',
    'b\n',
    '\n',
    'c\r\n',
    '\r\n',
    'đ\n',
    '-- x\n',
    '+++ y\n',
    '\\ No newline at end of file\n',
    '@@ -1 +1 @@\n',
    '\r',
    '\u2028\n',
  );
  const text = fc
    .tuple(fc.array(line, { maxLength: 14 }), fc.constantFrom('', 'end', ' ', '\r'))
    .map(([lines, end]) => lines.join('') + end);
  // Many files at a time: git takes longer to start than to apply.
  const pairs = fc.array(fc.tuple(text, text), { minLength: 20, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(pairs, async (all) => {
      const root = tree(Object.fromEntries(all.map(([before], index) => [`${index}.txt`, before])));
      await expectSame(
        root,
        all.map(([, after], index) => ({ path: `${index}.txt`, contents: after })),
      );
      rmSync(root, { recursive: true });
    }),
    { numRuns: 5 },
  );
}, 60_000);

test('files are in the order of their paths', () => {
  const root = tree();
  put(root, {});
  const patch = unifiedPatch(
    root,
    ['b', 'a'].map((path) => ({ path, contents: 'x\n' })),
  ).toString();
  expect(patch.indexOf('a/a')).toBeLessThan(patch.indexOf('a/b'));
});
