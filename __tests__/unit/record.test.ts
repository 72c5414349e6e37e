import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import { emptyRecord, readRecord, recordPath, type WrittenRecord, writeRecord } from '../../lib/record.ts';

// Many random cases, on a machine that may be busy.
jest.setTimeout(60_000);

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'record-'));
  mkdirSync(join(root, '.fastapi-lambda'));
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (text: string): void => writeFileSync(join(root, recordPath('my-api')), text);

const recordOf = (files: Record<string, string | undefined>): WrittenRecord => {
  const record = emptyRecord();
  for (const [path, text] of Object.entries(files)) record.files.set(path, { text, mode: 0o644 });
  return record;
};

test('what is written is read again', () => {
  const record = recordOf({ 'a/b.py': 'x = 1\n', 'main.py': undefined, 'đơn.py': 'ặ\r\n\0' });
  record.additions.set('package.json', new Set(['b', 'a']));
  record.versions.set('tsx', '^4.0.0');
  put(writeRecord('my-api', record));
  const { files, additions, versions } = readRecord(root, 'my-api');
  expect(files).toEqual(record.files);
  expect(additions).toEqual(record.additions);
  expect(versions).toEqual(record.versions);
});

test('the order in which files come has no part in the bytes', () => {
  expect(writeRecord('x', recordOf({ a: '1', b: '2' }))).toBe(writeRecord('x', recordOf({ b: '2', a: '1' })));
});

test('a text that did not change keeps its packed form, whatever this Node would make of it', () => {
  const record = recordOf({ a: 'same', b: 'before' });
  // The same text by a compressor with another quality.
  const stored = '644 0967115f2813 gwGAc2FtZQM=';
  put(writeRecord('my-api', record).replace(/"a": "[^"]*"/, `"a": "${stored}"`));
  const read = readRecord(root, 'my-api');
  read.files.set('b', { text: 'after', mode: 0o644 });
  expect(writeRecord('my-api', read)).toContain(stored);
  expect(readRecord(root, 'my-api').files.get('a')?.text).toBe('same');
});

test('a record that is not there is empty', () => {
  expect(readRecord(root, 'none').files.size).toBe(0);
});

test('a git checkout with Windows line endings reads the same', () => {
  put(writeRecord('my-api', recordOf({ a: 'x\n' })).replaceAll('\n', '\r\n'));
  expect(readRecord(root, 'my-api').files.get('a')?.text).toBe('x\n');
});

test('a damaged or edited record is refused in one line that tells how to go on', () => {
  const whole = writeRecord('my-api', recordOf({ 'a.py': 'x = 1\n' }));
  const message =
    /^\.fastapi-lambda\/my-api\.json was damaged or edited by hand: restore it from version control, or delete it and run again\.$/;
  for (const text of [
    '',
    '{}',
    '[]',
    'null',
    whole.slice(0, -20),
    whole.replace('"644 ', '"999 '),
    whole.replace(/"644 [^ ]+/, '"644 0123456789ab'),
    `<<<<<<< HEAD\n${whole}`,
    whole.replace(/"644[^"]*"/, '7'),
    whole.replace('"format": 1', '"format": "1"'),
  ]) {
    put(text);
    expect(() => readRecord(root, 'my-api')).toThrow(message);
  }
});

test('whatever character of the packed text is changed, it is noticed or has no effect', () => {
  const whole = writeRecord('my-api', recordOf({ 'a.py': 'x = 1\ny = 2\n' }));
  const start = whole.indexOf('"644 ') + 1;
  const end = whole.indexOf('"', start);
  fc.assert(
    fc.property(fc.integer({ min: start, max: end - 1 }), fc.constantFrom('A', 'z', '0', '=', ' '), (at, character) => {
      put(whole.slice(0, at) + character + whole.slice(at + 1));
      try {
        expect(readRecord(root, 'my-api').files.get('a.py')?.text).toBe('x = 1\ny = 2\n');
      } catch (error) {
        expect((error as Error).message).toMatch(/was damaged or edited by hand/);
      }
    }),
  );
});

test('a record of a newer version says so', () => {
  put(writeRecord('my-api', emptyRecord()).replace('"format": 1', '"format": 2'));
  expect(() => readRecord(root, 'my-api')).toThrow(/newer version/);
});
