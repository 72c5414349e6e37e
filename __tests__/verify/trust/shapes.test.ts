import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { commitAll, fastapiLambda, generate, gitStatus, repository } from '../../support/trust-run.ts';
import { runOwn, type Shape, shapeArgs, shapes } from '../../support/trust-shapes.ts';
import { isKept } from '../../support/trust-texts.ts';
import { put, read, snapshot, treeHash } from '../../support/trust-tree.ts';

jest.setTimeout(20 * 60_000);

const args = (shape: Partial<Shape> = {}, name?: string): string[] => [...shapeArgs(shape, [], name), '--skip-install', '--yes'];

test.each(shapes.map((shape) => [shape.title, shape] as const))('%s', (_, shape) => {
  const root = repository(shape.files);
  runOwn(shape, root);
  expect(gitStatus(root)).toBe('');

  generate(args(shape), join(root, shape.from ?? ''));

  // Only additions, and only to the files that are named.
  const changed = gitStatus(root)
    .split('\n')
    .filter((line) => /^ ?[MDRT]/.test(line))
    .map((line) => line.slice(3));
  expect(changed.filter((path) => !shape.merged.includes(path))).toEqual([]);
  for (const [path, before] of Object.entries(shape.files)) {
    const after = readFileSync(join(root, path), 'utf8');
    expect({ path, isKept: isKept(before, after) }).toEqual({ path, isKept: true });
    if (before.includes('\r\n')) expect({ path, endings: /(?<!\r)\n/.test(after) }).toEqual({ path, endings: false });
  }

  // Their own build and tests pass as before.
  runOwn(shape, root);

  // What is written is complete: a second run, another API and the first again change nothing that is there.
  commitAll(root);
  generate(args(shape), join(root, shape.from ?? ''));
  expect(gitStatus(root)).toBe('');
  generate(args({ args: [...(shape.args ?? []), '--module-name', 'other_api', '--iac-provider', 'Inherit'] }, 'Other API'), root);
  commitAll(root);
  generate(args(shape), root);
  expect(gitStatus(root)).toBe('');
});

test('a repository whose .gitignore hides packages: nothing is written, and the line to add is told', () => {
  const root = repository({ 'package.json': '{}\n', '.gitignore': '# made by the build\npackages\n' });
  const before = treeHash(root);
  const { status, stderr } = fastapiLambda(args(), root);
  expect(status).toBe(1);
  expect(treeHash(root)).toBe(before);
  const line = /!\/\S+/.exec(stderr)?.[0].replace(/[,.:]$/, '') as string;
  put(root, { '.gitignore': `${read(root, '.gitignore')}${line}\n` });
  generate(args(), root);
  expect(gitStatus(root)).toContain('packages/my-api/my_api/main.py');
  expect(gitStatus(root)).toContain('packages/infra/');
});

test('an API elsewhere than in packages, where the rest of a rule hides a part of it', () => {
  const root = repository({ '.gitignore': 'run.sh\n' });
  const before = snapshot(root);
  const { status, stderr } = fastapiLambda([...args({ args: ['--directory', 'services'] })], root);
  expect({ status, line: /!\/services\/my-api\/run\.sh/.test(stderr) }).toEqual({ status: 1, line: true });
  expect(snapshot(root)).toEqual(before);
});
