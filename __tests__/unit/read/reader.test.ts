import { BadInput } from '../../../lib/bad-input.ts';
import type { Disk } from '../../../lib/read/disk.ts';
import { Reader } from '../../../lib/read/reader.ts';
import { asDisk, MemoryDisk } from '../../support/model-disk.ts';

const root = '/work';

function diskOf(files: Record<string, string | Buffer>): MemoryDisk {
  const disk = new MemoryDisk();
  for (const [path, contents] of Object.entries(files)) disk.put(`${root}/${path}`, contents as string);
  return disk;
}

test('a file is read once, and what was read first holds for the whole run', () => {
  const disk = diskOf({ 'a.txt': 'first\n' });
  let reads = 0;
  const readFileSync = (path: string): unknown => {
    reads += 1;
    return disk.readFileSync(path);
  };
  const counted = { ...asDisk(disk), readFileSync } as unknown as Disk;
  const reader = new Reader(root, counted);
  expect([reader.text('a.txt'), reader.text('b.txt')]).toEqual(['first\n', undefined]);
  disk.put(`${root}/a.txt`, 'second\n');
  disk.put(`${root}/b.txt`, 'new\n');
  expect([reader.text('a.txt'), reader.file('a.txt')?.bytes.toString(), reader.onDisk('b.txt')]).toEqual(['first\n', 'first\n', undefined]);
  expect(reads).toBe(2);
});

test('what another generator of the run has written or deleted counts, and the disk is known all the same', () => {
  const disk = diskOf({ 'written.txt': 'old\n', 'deleted.txt': 'old\n' });
  disk.chmodSync(`${root}/written.txt`, 0o755);
  const pending = new Map<string, Buffer | null>([
    ['written.txt', Buffer.from('new\n')],
    ['made.txt', Buffer.from('made\n')],
    ['deleted.txt', null],
  ]);
  const reader = new Reader(root, asDisk(disk), pending);
  expect(reader.file('written.txt')).toMatchObject({ text: 'new\n', mode: 0o755, isPending: true });
  expect(reader.file('made.txt')).toMatchObject({ text: 'made\n', mode: 0o644, isPending: true });
  expect(reader.file('deleted.txt')).toBeUndefined();
  expect(['written.txt', 'made.txt', 'deleted.txt', 'none.txt'].map((path) => reader.exists(path))).toEqual([true, true, false, false]);
  expect([reader.onDisk('written.txt')?.text, reader.onDisk('made.txt'), reader.onDisk('deleted.txt')?.text]).toEqual([
    'old\n',
    undefined,
    'old\n',
  ]);
});

test('a folder lists what other generators have written into it, and not what they have deleted', () => {
  const disk = diskOf({ 'a/there.txt': '', 'a/deleted.txt': '', 'a/b/deep.txt': '', 'other.txt': '' });
  const pending = new Map<string, Buffer | null>([
    ['a/made.txt', Buffer.from('')],
    ['a/new/deep.txt', Buffer.from('')],
    ['a/deleted.txt', null],
    ['ab/beside.txt', Buffer.from('')],
  ]);
  const reader = new Reader(root, asDisk(disk), pending);
  const listed = (folder: string): string[] => reader.entries(folder).map(({ name, isFolder }) => (isFolder ? `${name}/` : name));
  expect(listed('a').sort()).toEqual(['b/', 'made.txt', 'new/', 'there.txt']);
  expect(listed('.').sort()).toEqual(['a/', 'ab/', 'other.txt']);
  expect(listed('none')).toEqual([]);
});

test('bytes that are no UTF-8 are no text, a byte order mark is part of one', () => {
  const reader = new Reader(root, asDisk(diskOf({ latin: Buffer.from([0x61, 0xe9, 0x0a]), marked: '\uFEFFa\n' })));
  expect(reader.file('latin')).toMatchObject({ text: undefined, bytes: Buffer.from([0x61, 0xe9, 0x0a]) });
  expect(reader.text('latin')).toBe('a\uFFFD\n');
  expect(reader.text('marked')).toBe('\uFEFFa\n');
});

test('what is below a file is not there', () => {
  expect(new Reader(root, asDisk(diskOf({ a: 'file' }))).file('a/b')).toBeUndefined();
});

test.each([
  ['EISDIR', 'a is a folder where a file should be: move it, or choose another directory.'],
  ['EACCES', 'No permission to read a: run as its owner, or make it readable.'],
  ['EIO', "a can't be read (EIO): mend it, then run again."],
])('%s is told in one line', (code, message) => {
  const broken = {
    ...asDisk(diskOf({})),
    readFileSync: () => {
      throw Object.assign(new Error(code), { code });
    },
  } as unknown as Disk;
  expect(() => new Reader(root, broken).file('a')).toThrow(new BadInput(message));
});
