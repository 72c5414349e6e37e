import { BadInput } from '../../../lib/bad-input.ts';
import type { PlannedFile } from '../../../lib/plan/file.ts';
import type { FoundFile, Reader } from '../../../lib/read/reader.ts';
import { type RecordedFile, readRecord, type WrittenRecord, writeRecord } from '../../../lib/read/record.ts';
import { recordAfter, strayFiles } from '../../../lib/resolve/next-record.ts';
import { type Decision, type ResolveOptions, resolveFiles } from '../../../lib/resolve/resolve.ts';

const path = 'a.py';
const base = 'one\ntwo\nthree\nfour\nfive\n';
const ours = base.replace('two', 'TWO');

interface Situation {
  owner?: PlannedFile['owner'];
  planned?: string;
  there?: string | Buffer | undefined;
  thereMode?: number;
  last?: string | 'once' | undefined;
  lastMode?: number;
  mode?: number;
  /** There is no record, though files were written. */
  isLost?: boolean;
  /** There is a record. */
  hasRecord?: boolean;
  options?: ResolveOptions;
  path?: string;
}

function decided({ owner = 'ours', planned = ours, isLost = false, mode = 0o644, options = {}, ...rest }: Situation): Decision {
  const name = rest.path ?? path;
  const last: RecordedFile | undefined =
    rest.last === undefined ? undefined : { text: rest.last === 'once' ? undefined : rest.last, mode: rest.lastMode ?? mode };
  const record = recordWith(last === undefined ? {} : { [name]: last }, rest.hasRecord ?? last !== undefined);
  const file: PlannedFile = { path: name, owner, contents: planned, mode, record: 'shared' };
  const [decision] = resolveFiles(
    [file],
    () => found(rest.there, rest.thereMode ?? 0o644),
    new Map([['shared', record]]),
    () => isLost,
    options,
  );
  return decision as Decision;
}

const recordWith = (files: Record<string, RecordedFile>, isThere = true): WrittenRecord => ({
  isThere,
  files: new Map(Object.entries(files)),
  additions: new Map(),
  alsoAdded: new Map(),
  packed: new Map(),
});

function found(contents: string | Buffer | undefined, mode: number): FoundFile | undefined {
  if (contents === undefined) return undefined;
  const bytes = Buffer.from(contents as Buffer);
  return { bytes, text: typeof contents === 'string' ? contents : undefined, mode, isPending: false };
}

const edited = `# mine\n${base}`;
const meeting = base.replace('two', 'my two');

describe('row by row of the table', () => {
  test.each<[string, Situation, Partial<Decision>]>([
    ['ours, not there, never written', { there: undefined }, { outcome: 'create', contents: ours, notes: [] }],
    ['once, not there, never written', { owner: 'once', there: undefined }, { outcome: 'create', contents: ours, notes: [] }],
    ['ours, deleted', { there: undefined, last: base }, { outcome: 'restore', contents: ours, notes: ['Restored, it was deleted: a.py'] }],
    ['once, deleted', { owner: 'once', there: undefined, last: 'once' }, { outcome: 'leave', notes: [] }],
    ['once, there', { owner: 'once', there: 'the user\n', last: 'once' }, { outcome: 'leave' }],
    ['once, there, its record lost', { owner: 'once', there: 'the user\n', isLost: true }, { outcome: 'leave' }],
    ['ours, as planned', { there: ours, last: base }, { outcome: 'same' }],
    ['ours, as planned, never written', { there: ours }, { outcome: 'same' }],
    ['ours, as last written', { there: base, last: base }, { outcome: 'replace', contents: ours, notes: [] }],
    ['ours, edited, planned as last written', { there: edited, last: ours, planned: ours }, { outcome: 'leave' }],
    [
      'ours, edited elsewhere',
      { there: edited, last: base },
      { outcome: 'merge', contents: `# mine\n${ours}`, notes: ['Merged with your edits: a.py'] },
    ],
    [
      'ours, edited in the same lines',
      { there: `${meeting}# mine\n`, last: base },
      { outcome: 'conflict', contents: `${ours}# mine\n`, notes: ['your changes and ours meet in the same lines'] },
    ],
    [
      'ours, there before us',
      { there: 'theirs\n' },
      { outcome: 'conflict', contents: ours, notes: ['it was there before, with other content'] },
    ],
    [
      'ours, its record lost',
      { there: edited, isLost: true },
      { outcome: 'conflict', contents: ours, notes: ['what was written into it last is not known any more'] },
    ],
    [
      'ours, kept when its record was lost',
      { there: edited, last: 'once' },
      { outcome: 'conflict', contents: ours, notes: ['what was written into it last is not known any more'] },
    ],
    [
      'once, there before us',
      { owner: 'once', there: 'theirs\n' },
      { outcome: 'conflict', contents: ours, notes: ['it was there before, with other content'] },
    ],
    ['the same edit on both sides', { there: ours, last: base, planned: ours }, { outcome: 'same' }],
  ])('%s', (_, situation, expected) => {
    const decision = decided(situation);
    expect(decision).toMatchObject(expected);
    if (!('contents' in expected)) expect(decision.contents).toBeUndefined();
  });
});

describe('the user', () => {
  test('keeps Windows line endings, which are no edit', () => {
    const windows = (text: string): string => text.replaceAll('\n', '\r\n');
    expect(decided({ there: windows(base), last: base })).toMatchObject({ outcome: 'replace', contents: windows(ours) });
    expect(decided({ there: windows(ours), last: base })).toMatchObject({ outcome: 'same' });
    expect(decided({ there: windows(edited), last: base })).toMatchObject({ outcome: 'merge', contents: windows(`# mine\n${ours}`) });
  });

  test('keeps the permission bits; what becomes a program is made one', () => {
    expect(decided({ there: base, thereMode: 0o600, last: base }).mode).toBe(0o600);
    expect(decided({ there: base, thereMode: 0o640, last: base, lastMode: 0o644, mode: 0o755 }).mode).toBe(0o751);
    expect(decided({ there: ours, thereMode: 0o644, last: ours, lastMode: 0o644, mode: 0o755 })).toMatchObject({
      outcome: 'replace',
      mode: 0o755,
    });
    // Made no program by the user, it stays none.
    expect(decided({ there: base, thereMode: 0o644, last: base, lastMode: 0o755, mode: 0o755 }).mode).toBe(0o644);
  });

  test('is asked about bytes that are no text, but not where nothing of ours has changed', () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x00]);
    expect(decided({ there: bytes, last: base })).toMatchObject({ outcome: 'conflict', notes: ['it is no text in UTF-8 any more'] });
    expect(decided({ there: bytes, last: ours })).toMatchObject({ outcome: 'leave' });
    expect(decided({ there: bytes })).toMatchObject({ outcome: 'conflict', notes: ['it was there before, with other content'] });
  });
});

describe('the flags', () => {
  test('force tells of edits that go although they are elsewhere', () => {
    const moved = base.replace('one\n', '').replace('two\n', 'two\none\n');
    expect(decided({ there: moved, last: base, planned: ours.replace('TWO', 'two\nours'), options: { force: true } })).toMatchObject({
      outcome: 'replace',
      contents: base.replace('two', 'two\nours'),
      notes: ['Replaced without some of your edits, for which ours has no place: a.py'],
    });
  });

  test('without them, the same is told of a question', () => {
    const moved = base.replace('one\n', '').replace('two\n', 'two\none\n');
    const decision = decided({ there: moved, last: base, planned: ours.replace('TWO', 'two\nours') });
    expect(decision).toMatchObject({ outcome: 'conflict', isLess: true });
    expect(decided({ there: `${meeting}# mine\n`, last: base })).not.toHaveProperty('isLess', true);
  });

  test('force takes ours where the two meet, and keeps the other edits', () => {
    expect(decided({ there: `${meeting}# mine\n`, last: base, options: { force: true } })).toMatchObject({
      outcome: 'replace',
      contents: `${ours}# mine\n`,
      notes: [],
    });
  });

  test('merge writes markers into text, and asks about JSON, TOML and YAML', () => {
    const decision = decided({ there: meeting, last: base, options: { merge: true } });
    expect(decision).toMatchObject({ outcome: 'merge', notes: ['Holds conflict markers, to be resolved by you: a.py'] });
    expect(decision.contents).toBe('one\n<<<<<<< yours\nmy two\n=======\nTWO\n>>>>>>> generated\nthree\nfour\nfive\n');
    for (const name of ['a.json', 'a.toml', 'a.yaml'])
      expect(decided({ path: name, there: 'b = 1\n', last: 'a = 1\n', planned: 'c = 1\n', options: { merge: true } }).outcome).toBe(
        'conflict',
      );
  });

  test('neither is asked for without a conflict', () => {
    for (const options of [{ force: true }, { merge: true }]) {
      expect(decided({ there: edited, last: base, options }).outcome).toBe('merge');
      expect(decided({ owner: 'once', there: 'the user\n', last: 'once', options }).outcome).toBe('leave');
    }
  });
});

describe('an addition', () => {
  const addition = (there: string | Buffer | undefined, last?: string): Decision => {
    const record: WrittenRecord = { ...recordWith({}), additions: new Map(last === undefined ? [] : [['.gitignore', last]]) };
    const file: PlannedFile = { path: '.gitignore', owner: 'addition', contents: 'dist/\n', mode: 0o644, record: 'shared' };
    return resolveFiles(
      [file],
      () => found(there, 0o644),
      new Map([['shared', record]]),
      () => false,
    )[0] as Decision;
  };

  test('joins what the user has, once, and stays out where the user took it out', () => {
    expect(addition('/out\n')).toMatchObject({ outcome: 'add', written: { addition: 'dist/\n' } });
    expect(addition('/out\n').contents).toMatch(/^\/out\n(.*\n)*dist\/\n$/);
    expect(addition('/out\ndist/\n', 'dist/\n')).toMatchObject({ outcome: 'same' });
    expect(addition('/out\n', 'dist/\n')).toMatchObject({ outcome: 'same' });
  });

  test('into what is no text is refused', () => {
    expect(() => addition(Buffer.from([0xff]))).toThrow(new BadInput('.gitignore is no text in UTF-8: convert it, then run again.'));
  });
});

describe('the record afterwards', () => {
  const before = recordWith({
    'a.py': { text: base, mode: 0o644 },
    'gone.py': { text: 'x\n', mode: 0o644 },
    'stray.py': { text: 'y\n', mode: 0o644 },
  });
  const isThere = (name: string): boolean => name !== 'gone.py';

  test('has what was written, what is not planned any more as long as it is there, and nothing else', () => {
    const { files } = recordAfter(before, [decided({ there: base, last: base })], new Set(), isThere);
    expect([...files].map(([name, file]) => [name, file.text])).toEqual([
      ['a.py', ours],
      ['stray.py', 'y\n'],
    ]);
  });

  test('keeps the base of a file that was kept, so that it is offered again', () => {
    const decision = decided({ there: meeting, last: base });
    expect(recordAfter(before, [decision], new Set([path]), isThere).files.get(path)?.text).toBe(base);
    expect(recordAfter(before, [decision], new Set(), isThere).files.get(path)?.text).toBe(ours);
  });

  test('knows a file as ours that was kept when its record was lost, and one of others not', () => {
    const none = recordWith({}, false);
    const lost = decided({ there: edited, isLost: true });
    expect(recordAfter(none, [lost], new Set([path]), isThere).files.get(path)).toEqual({ text: undefined, mode: 0o644 });
    const bytes = decided({ there: Buffer.from([0xff]), isLost: true });
    expect(recordAfter(none, [bytes], new Set([path]), isThere).files.has(path)).toBe(true);
    expect(recordAfter(none, [decided({ there: 'theirs\n' })], new Set([path]), isThere).files.has(path)).toBe(false);
  });

  test('of a file that is written once it keeps the name alone', () => {
    const decision = decided({ owner: 'once', there: undefined });
    expect(recordAfter(recordWith({}), [decision], new Set(), () => true).files.get(path)).toEqual({ text: undefined, mode: 0o644 });
  });

  test('knows a file that is written once and was kept at the question as it knows one that it wrote: the next run leaves it', () => {
    const decision = decided({ owner: 'once', there: 'theirs\n', mode: 0o755 });
    expect(decision.outcome).toBe('conflict');
    const { files } = recordAfter(recordWith({}), [decision], new Set([path]), () => true);
    expect(files.get(path)).toEqual({ text: undefined, mode: 0o755 });
  });

  test('tells the files that it has and nobody plans any more', () => {
    expect(strayFiles(before, [decided({ there: base, last: base })], isThere)).toEqual(['stray.py']);
  });
});

test('what the user adds by hand as they were told is ours: it is told to be taken out again', () => {
  const members = (...items: string[]): string => `[tool.uv.workspace]\nmembers = [${items.map((item) => `"${item}"`).join(', ')}]\n`;
  const own = (...items: string[]): string => `[tool.uv]\nworkspace.members = [${items.map((item) => `"${item}"`).join(', ')}]\n`;
  let record = recordWith({});
  const run = (there: string, contents: string): string[] => {
    const file: PlannedFile = { path: 'pyproject.toml', owner: 'addition', contents, mode: 0o644, record: 'shared' };
    const decisions = resolveFiles(
      [file],
      () => found(there, 0o644),
      new Map([['shared', record]]),
      () => false,
    );
    const after = recordAfter(record, decisions, new Set(), () => true);
    // As the next run reads it.
    record = readRecord({ text: () => writeRecord('shared', after) } as unknown as Reader, 'shared');
    return decisions.flatMap(({ notes }) => notes);
  };
  const told = 'Add to pyproject.toml, where no place was found for it:\n    "a", "b" in members of tool.uv.workspace';
  expect(run(own('x'), members('a', 'b'))).toEqual([told]);
  expect(run(own('x'), members('a', 'b'))).toEqual([told]);
  expect(run(own('x', 'a', 'b'), members('a', 'b'))).toEqual([]);
  expect(record.additions.get('pyproject.toml')).toBe(members('a', 'b'));
  const out = (items: string): string =>
    `pyproject.toml nothing that is generated needs these lines any more, take them out:\n    ${items} in members of tool.uv.workspace`;
  expect(run(own('x', 'a', 'b'), members('a'))).toEqual([out('"b"')]);
  expect(run(own('x', 'a'), members('a'))).toEqual([]);
  expect(run(own('x', 'a'), '')).toEqual([out('"a"')]);
  expect(run(own('x'), '')).toEqual([]);
  expect(record.additions.size).toBe(0);
});
