import { chmodSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitFiles } from '../../lib/commit.ts';
import { mergeJson } from '../../lib/merge/json.ts';
import { mergeLines } from '../../lib/merge/lines.ts';
import { type Addition, type PlannedFile, type PlanOptions, type Resolution, resolvePlan } from '../../lib/plan.ts';
import { put, read, snapshot, tree } from '../support/trust-tree.ts';

const ours = (path: string, contents: string, mode = 0o644): PlannedFile => ({ path, contents, mode, ownership: 'ours', record: 'my-api' });
const once = (path: string, contents: string): PlannedFile => ({ path, contents, mode: 0o644, ownership: 'once', record: 'my-api' });

async function run(root: string, planned: PlannedFile[], options: PlanOptions = {}): Promise<Resolution> {
  const resolution = resolvePlan(root, planned, options);
  expect(resolution.conflicts).toEqual([]);
  await commitFiles(root, [...resolution.writes, ...resolution.records]);
  return resolution;
}

const paths = (files: { path: string }[]): string[] => files.map(({ path }) => path);

test('a second run with the same plan writes nothing', async () => {
  const root = tree();
  const plan = [ours('a.txt', 'a\n'), ours('run.sh', 'x\n', 0o755), once('b.txt', 'b\n')];
  await run(root, plan);
  expect(statSync(join(root, 'run.sh')).mode & 0o100).toBe(0o100);
  expect(await run(root, plan)).toMatchObject({ writes: [], records: [], kept: [], merged: [] });
});

test('an edit stays where nothing of ours has changed', async () => {
  const root = tree();
  const plan = [ours('a.txt', 'one\ntwo\n')];
  await run(root, plan);
  put(root, { 'a.txt': 'one\nTWO\n' });
  expect(await run(root, plan)).toMatchObject({ writes: [], records: [], kept: ['a.txt'] });
});

test('an unedited file follows ours', async () => {
  const root = tree();
  await run(root, [ours('a.txt', 'one\n')]);
  await run(root, [ours('a.txt', 'two\n')]);
  expect(read(root, 'a.txt')).toBe('two\n');
});

test('an edit and a change of ours in other lines are merged, and the next run has ours as its base', async () => {
  const root = tree();
  await run(root, [ours('a.txt', '1\n2\n3\n4\n')]);
  put(root, { 'a.txt': '1\n2\n3\nfour\n' });
  expect(await run(root, [ours('a.txt', 'one\n2\n3\n4\n')])).toMatchObject({ merged: ['a.txt'] });
  expect(read(root, 'a.txt')).toBe('one\n2\n3\nfour\n');
  expect(await run(root, [ours('a.txt', 'one\n2\n3\n4\n')])).toMatchObject({ writes: [], kept: ['a.txt'] });
});

test('an edit in the same lines is a conflict, and nothing is decided for the user', async () => {
  const root = tree();
  await run(root, [ours('a.txt', 'one\n')]);
  put(root, { 'a.txt': 'mine\n' });
  const plan = [ours('a.txt', 'two\n')];
  expect(resolvePlan(root, plan)).toMatchObject({ writes: [], conflicts: [{ path: 'a.txt', contents: 'two\n' }] });
  expect(resolvePlan(root, plan, { force: true })).toMatchObject({ writes: [{ path: 'a.txt', contents: 'two\n' }], conflicts: [] });
  expect(resolvePlan(root, plan, { merge: true })).toMatchObject({
    marked: ['a.txt'],
    writes: [{ contents: '<<<<<<< yours\nmine\n=======\ntwo\n>>>>>>> generated\n' }],
    conflicts: [],
  });
});

test.each(['json', 'toml', 'yaml', 'yml'])('%s never gets conflict markers', async (format) => {
  const root = tree();
  const text = (value: string) => (format === 'json' ? `{ "a": "${value}" }\n` : format === 'toml' ? `a = "${value}"\n` : `a: ${value}\n`);
  await run(root, [ours(`x.${format}`, text('base'))]);
  put(root, { [`x.${format}`]: text('mine') });
  expect(resolvePlan(root, [ours(`x.${format}`, text('ours'))], { merge: true })).toMatchObject({
    writes: [],
    marked: [],
    conflicts: [{ path: `x.${format}` }],
  });
});

test('lines that merge cleanly and give no valid TOML are a conflict', async () => {
  const root = tree();
  await run(root, [ours('x.toml', 'a = 1\n\n\n\nb = 1\n')]);
  put(root, { 'x.toml': 'c = 1\na = 1\n\n\n\nb = 1\n' });
  expect(resolvePlan(root, [ours('x.toml', 'a = 1\n\n\n\nb = 1\nc = 2\n')]).conflicts).toHaveLength(1);
});

test('in JSON neighbours are independent', async () => {
  const root = tree();
  await run(root, [ours('x.json', '{\n  "a": 1,\n  "b": 1\n}\n')]);
  put(root, { 'x.json': '{\n  "a": 1,\n  "b": 2\n}\n' });
  await run(root, [ours('x.json', '{\n  "a": 9,\n  "b": 1\n}\n')]);
  expect(read(root, 'x.json')).toBe('{\n  "a": 9,\n  "b": 2\n}\n');
});

test('a file that we never wrote is a conflict where it differs, and none where it is the same', () => {
  const root = tree({ 'a.txt': 'theirs\n', 'b.txt': 'same\n', 'c.txt': 'theirs\n' });
  const resolution = resolvePlan(root, [ours('a.txt', 'ours\n'), ours('b.txt', 'same\n'), once('c.txt', 'ours\n')]);
  expect(paths(resolution.conflicts)).toEqual(['a.txt', 'c.txt']);
  expect(resolution.writes).toEqual([]);
});

test('a conflict that the user answered with no is not asked again', async () => {
  const root = tree({ 'a.txt': 'theirs\n' });
  const plan = [ours('a.txt', 'ours\n')];
  const { records } = resolvePlan(root, plan);
  await commitFiles(root, records);
  expect(resolvePlan(root, plan)).toMatchObject({ conflicts: [], kept: ['a.txt'] });
});

test("a file that is written once is the user's afterwards, also when it is deleted", async () => {
  const root = tree();
  await run(root, [once('a.txt', 'one\n'), ours('b.txt', 'b\n')]);
  put(root, { 'a.txt': 'mine\n' });
  expect(await run(root, [once('a.txt', 'two\n'), ours('b.txt', 'b\n')])).toMatchObject({ writes: [] });
  rmSync(join(root, 'a.txt'));
  expect(await run(root, [once('a.txt', 'three\n'), ours('b.txt', 'b\n')])).toMatchObject({ writes: [] });
});

test('a file of ours that was deleted comes back', async () => {
  const root = tree();
  await run(root, [ours('a.txt', 'a\n'), ours('b.txt', 'b\n')]);
  rmSync(join(root, 'a.txt'));
  await run(root, [ours('a.txt', 'a\n'), ours('b.txt', 'b\n')]);
  expect(read(root, 'a.txt')).toBe('a\n');
});

test('an API whose files are all gone starts afresh', async () => {
  const root = tree();
  await run(root, [once('a.txt', 'one\n')]);
  rmSync(join(root, 'a.txt'));
  await run(root, [once('a.txt', 'two\n')]);
  expect(read(root, 'a.txt')).toBe('two\n');
});

test('Windows line endings are no edit, and stay', async () => {
  const root = tree();
  await run(root, [ours('a.txt', 'one\ntwo\n')]);
  put(root, { 'a.txt': '\uFEFFone\r\ntwo\r\n' });
  expect(await run(root, [ours('a.txt', 'one\ntwo\n')])).toMatchObject({ writes: [], kept: [] });
  await run(root, [ours('a.txt', 'one\ntwo\nthree\n')]);
  expect(read(root, 'a.txt')).toBe('\uFEFFone\r\ntwo\r\nthree\r\n');
});

test('permission bits of a file that is there stay; one that becomes a program gets them', async () => {
  const root = tree();
  await run(root, [ours('a.sh', 'a\n', 0o755), ours('b.sh', 'b\n')]);
  chmodSync(join(root, 'a.sh'), 0o600);
  expect(await run(root, [ours('a.sh', 'a\n', 0o755), ours('b.sh', 'b\n')])).toMatchObject({ writes: [] });
  await run(root, [ours('a.sh', 'changed\n', 0o755), ours('b.sh', 'b\n', 0o755)]);
  expect(statSync(join(root, 'a.sh')).mode & 0o777).toBe(0o600);
  expect(statSync(join(root, 'b.sh')).mode & 0o111).toBe(0o111);
});

test('a file that is no text in UTF-8 is a conflict, and is not merged', async () => {
  const root = tree();
  await run(root, [ours('a.txt', 'one\n')]);
  writeFileSync(join(root, 'a.txt'), Buffer.from([0x6f, 0xff, 0x0a]));
  expect(resolvePlan(root, [ours('a.txt', 'one\n')])).toMatchObject({ conflicts: [], kept: ['a.txt'] });
  expect(resolvePlan(root, [ours('a.txt', 'two\n')], { merge: true }).conflicts).toHaveLength(1);
});

test('nothing is written by planning', () => {
  const root = tree({ 'a.txt': 'theirs\n' });
  const before = snapshot(root);
  resolvePlan(root, [ours('a.txt', 'ours\n'), ours('new/b.txt', 'b\n')], { force: true });
  expect(snapshot(root)).toEqual(before);
});

describe('an addition', () => {
  const addition = (lines: string[], record = 'my-api'): Addition => ({
    path: 'list.txt',
    record,
    addition: lines.join('\n'),
    apply: (text) => mergeLines(text, lines),
  });
  const plan = [ours('list.txt', 'base\n')];

  test('is made to a file of ours and to one of the user alike', async () => {
    const root = tree();
    await run(root, plan, { additions: [addition(['x'])] });
    expect(read(root, 'list.txt')).toBe('base\n\nx\n');
    const other = tree({ 'list.txt': 'theirs\r\n' });
    await run(other, [], { additions: [addition(['x'])] });
    expect(read(other, 'list.txt')).toBe('theirs\r\n\r\nx\r\n');
  });

  test('is made once: the user may take it out again', async () => {
    const root = tree();
    await run(root, plan, { additions: [addition(['x'])] });
    put(root, { 'list.txt': 'base\n' });
    expect(await run(root, plan, { additions: [addition(['x'])] })).toMatchObject({ writes: [], records: [] });
    await run(root, plan, { additions: [addition(['y'])] });
    expect(read(root, 'list.txt')).toBe('base\n\ny\n');
  });

  test('survives a change of the file it was made to', async () => {
    const root = tree();
    await run(root, plan, { additions: [addition(['x'])] });
    await run(root, [ours('list.txt', 'new\nbase\n')], { additions: [addition(['z'], 'other-api')] });
    expect(read(root, 'list.txt')).toBe('new\nbase\n\nx\n\nz\n');
  });

  test('is made again to a file that was deleted', async () => {
    const root = tree();
    await run(root, [...plan, ours('other.txt', '')], { additions: [addition(['x'])] });
    rmSync(join(root, 'list.txt'));
    await run(root, [...plan, ours('other.txt', '')], { additions: [addition(['x'])] });
    expect(read(root, 'list.txt')).toBe('base\n\nx\n');
  });

  test('to a file that the user has deleted is told, and the file stays away', async () => {
    const root = tree();
    const plan = [once('list.txt', 'base\n'), ours('other.txt', '')];
    await run(root, plan, { additions: [addition(['x'])] });
    rmSync(join(root, 'list.txt'));
    expect(await run(root, plan, { additions: [addition(['x'])] })).toMatchObject({ writes: [], manual: [] });
    const second = await run(root, plan, { additions: [addition(['y'])] });
    expect(second).toMatchObject({ writes: [], manual: [{ path: 'list.txt', lines: 'y' }] });
  });

  test('for which a text has no place is told with its lines, in every run until it is there', async () => {
    const root = tree({ 'list.txt': 'theirs\n' });
    const lost: Addition = { ...addition(['x']), apply: (text) => ({ text: text ?? '', notes: [], ok: false, manual: 'add x' }) };
    for (let times = 0; times < 2; times += 1) {
      expect(await run(root, [], { additions: [lost] })).toMatchObject({ manual: [{ path: 'list.txt', lines: 'add x' }], writes: [] });
    }
  });

  test('brings the notes of its merge along', async () => {
    const root = tree({ 'x.json': '{ "a": 1 }' });
    const step: Addition = { path: 'x.json', record: 'shared', addition: 'a', apply: (text) => mergeJson(text, { a: 2 }) };
    expect((await run(root, [], { additions: [step] })).notes).toEqual([{ path: 'x.json', note: 'keeps a = 1 (ours: 2)' }]);
  });

  test('to a file in conflict is part of what is asked about', () => {
    const root = tree({ 'list.txt': 'theirs\n' });
    const { conflicts, writes } = resolvePlan(root, plan, { additions: [addition(['x'])] });
    expect(conflicts).toMatchObject([{ contents: 'base\n\nx\n' }]);
    expect(writes).toEqual([]);
  });
});
