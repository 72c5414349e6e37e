import { jest } from '@jest/globals';
import fc from 'fast-check';
import { Reader } from '../../../lib/read/reader.ts';
import { type RecordedFile, readRecord, recordNames, recordPath, type WrittenRecord, writeRecord } from '../../../lib/read/record.ts';
import { asDisk, MemoryDisk } from '../../support/model-disk.ts';

// Many random cases, on a machine that may be busy.
jest.setTimeout(60_000);

const root = '/work';

/** Reads the record of `my-api` from a workspace that has this text as it. */
function reading(text: string): WrittenRecord {
  const disk = new MemoryDisk();
  disk.put(`${root}/${recordPath('my-api')}`, text);
  return readRecord(new Reader(root, asDisk(disk)), 'my-api');
}

const recordOf = (texts: Record<string, string | undefined>, additions: Record<string, string> = {}): WrittenRecord => ({
  isThere: false,
  files: new Map(Object.entries(texts).map(([path, text]): [string, RecordedFile] => [path, { text, mode: 0o644 }])),
  additions: new Map(Object.entries(additions)),
  alsoAdded: new Map(),
  packed: new Map(),
});

const written = (texts: Record<string, string | undefined>, additions?: Record<string, string>): string =>
  writeRecord('my-api', recordOf(texts, additions));

test('what is written is read again', () => {
  const record = recordOf({ 'a/b.py': 'x = 1\n', 'main.py': undefined, 'đơn.py': 'ặ\r\n\0' }, { 'package.json': '{"a":1}\n' });
  const read = reading(writeRecord('my-api', record));
  expect(read.files).toEqual(record.files);
  expect(read.additions).toEqual(record.additions);
  expect(read.isThere).toBe(true);
});

test('permission bits are kept', () => {
  const record = { ...recordOf({}), files: new Map([['run.sh', { text: '#!/bin/sh\n', mode: 0o755 }]]) };
  expect(reading(writeRecord('my-api', record)).files.get('run.sh')).toEqual({ text: '#!/bin/sh\n', mode: 0o755 });
});

test('the order in which files come has no part in the bytes', () => {
  expect(written({ a: '1', b: '2' })).toBe(written({ b: '2', a: '1' }));
});

test('a text that did not change keeps its packed form, whatever this Node would make of it', () => {
  // The same text by a compressor with another quality.
  const stored = '644 0967115f2813 AQQA+/9zYW1l';
  const read = reading(written({ a: 'same', b: 'before' }).replace(/"a": "[^"]*"/, `"a": "${stored}"`));
  expect(read.files.get('a')?.text).toBe('same');
  const files = new Map(read.files).set('b', { text: 'after', mode: 0o644 });
  expect(writeRecord('my-api', { ...read, files })).toContain(stored);
  expect(writeRecord('my-api', { ...read, files: new Map([['a', { text: 'other', mode: 0o644 }]]) })).not.toContain(stored);
});

test('a record that is not there is empty', () => {
  const none = readRecord(new Reader(root, asDisk(new MemoryDisk())), 'none');
  expect({ isThere: none.isThere, files: none.files.size, additions: none.additions.size }).toEqual({
    isThere: false,
    files: 0,
    additions: 0,
  });
});

test('a git checkout with Windows line endings, or an editor with a byte order mark, reads the same', () => {
  expect(reading(`\uFEFF${written({ a: 'x\n' }).replaceAll('\n', '\r\n')}`).files.get('a')?.text).toBe('x\n');
});

const whole = written({ 'a.py': 'x = 1\n' }, { 'package.json': '{}\n' });

test.each([
  ['empty', ''],
  ['an object of another kind', '{}'],
  ['a list', '[]'],
  ['null', 'null'],
  ['cut off', whole.slice(0, -20)],
  ['with permission bits that are none', whole.replace('"644 ', '"999 ')],
  ['with another sum', whole.replace(/"644 [^ ]+/, '"644 0123456789ab')],
  ['with conflict markers of git', `<<<<<<< HEAD\n${whole}`],
  ['with a number for a file', whole.replace(/"644[^"]*"/, '7')],
  ['with a text for its format', whole.replace('"format": 2', '"format": "2"')],
  ['with an addition of another kind', whole.replace(/("package\.json": )"[^"]*"/, '$1[]')],
])('a record that is %s is refused in one line that tells how to go on', (_, text) => {
  expect(text).not.toBe(whole);
  expect(() => reading(text)).toThrow(
    /^\.fastapi-lambda\/my-api\.json was damaged or edited by hand, or two branches met in it: take it from version control, either side of a merge, then run again\.$/,
  );
});

test('whatever character of the packed text is changed, it is noticed or has no effect', () => {
  const start = whole.indexOf('"644 ') + 1;
  const end = whole.indexOf('"', start);
  fc.assert(
    fc.property(fc.integer({ min: start, max: end - 1 }), fc.constantFrom('A', 'z', '0', '=', ' '), (at, character) => {
      let text: string | undefined = 'x = 1\n';
      try {
        text = reading(whole.slice(0, at) + character + whole.slice(at + 1)).files.get('a.py')?.text;
      } catch (error) {
        expect((error as Error).message).toMatch(/was damaged or edited by hand/);
      }
      expect(text).toBe('x = 1\n');
    }),
  );
});

test('a record of a newer version says so', () => {
  expect(() => reading(whole.replace('"format": 2', '"format": 3'))).toThrow(/written by a newer version .* update this one\.$/);
});

test('the records of a workspace are told by their names, and nothing else in their folder is', () => {
  const disk = new MemoryDisk();
  for (const name of ['shared.json', 'my-api.json', 'notes.txt', '.commit/0.json', 'Other.json'])
    disk.put(`${root}/.fastapi-lambda/${name}`, '');
  expect(recordNames(new Reader(root, asDisk(disk)))).toEqual(['my-api', 'shared']);
  expect(recordNames(new Reader('/nowhere', asDisk(disk)))).toEqual([]);
  // Another generator of the run may delete one.
  const pending = new Map([['.fastapi-lambda/my-api.json', null]]);
  expect(recordNames(new Reader(root, asDisk(disk), pending))).toEqual(['shared']);
});
