import fs, { chmodSync, lstatSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { BadInput } from '../../../lib/bad-input.ts';
import { type CommitFile, commitFiles, replaces } from '../../../lib/commit/commit.ts';
import type { Disk } from '../../../lib/read/disk.ts';
import { Reader } from '../../../lib/read/reader.ts';
import { asDisk, failing, MemoryDisk } from '../../support/model-disk.ts';
import { put, read, snapshot, tree } from '../../support/trust-tree.ts';

const root = '/work';
const files: CommitFile[] = [
  { path: '.yo-rc.json', contents: 'begun\n' },
  { path: 'packages/a/new.py', contents: 'new\n' },
  { path: 'packages/a/run.sh', contents: '#!/bin/sh\n', mode: 0o755 },
  { path: 'there.txt', contents: 'after\n' },
  { path: '.fastapi-lambda/shared.json', contents: '{}\n' },
  { path: '.yo-rc.json', contents: 'done\n' },
];

function memory(): MemoryDisk {
  const disk = new MemoryDisk();
  disk.put(`${root}/there.txt`, 'before\n');
  disk.put(`${root}/untouched.txt`, 'as it was\n');
  return disk;
}

/** A reader that has read what is to be replaced, as every run has. */
function readerOf(disk: Disk, folder = root): Reader {
  const reader = new Reader(folder, disk);
  for (const { path } of files) reader.onDisk(path);
  return reader;
}

test('files are written in their order with folders and modes, and no trace stays', async () => {
  const disk = memory();
  const order: string[] = [];
  const renameSync = (from: string, to: string): void => {
    order.push(to);
    disk.renameSync(from, to);
  };
  const watched = { ...asDisk(disk), renameSync } as unknown as Disk;
  await commitFiles(readerOf(watched), files);
  expect(disk.files(root)).toEqual(
    new Map([
      ['there.txt', 'after\n'],
      ['untouched.txt', 'as it was\n'],
      ['.yo-rc.json', 'done\n'],
      ['packages/a/new.py', 'new\n'],
      ['packages/a/run.sh', '#!/bin/sh\n'],
      ['.fastapi-lambda/shared.json', '{}\n'],
    ]),
  );
  expect(disk.statSync(`${root}/packages/a/run.sh`)?.mode).toBe(0o100755);
  expect(order.filter((path) => !path.includes('.commit'))).toEqual(files.map(({ path }) => `${root}/${path}`));
});

test('nothing to write leaves nothing', async () => {
  const disk = memory();
  await commitFiles(readerOf(asDisk(disk)), []);
  expect(disk.existsSync(`${root}/.fastapi-lambda`)).toBe(false);
});

test('an error at whichever operation puts everything back, with one line', async () => {
  const whole = failing(asDisk(memory()), { at: -1 });
  await commitFiles(readerOf(whole.disk), files);
  let refused = 0;
  for (let at = 0; at < whole.count(); at += 1) {
    const disk = memory();
    const broken = failing(asDisk(disk), { at, code: 'EIO' });
    const error = await commitFiles(readerOf(broken.disk), files).then(
      () => undefined,
      (one: unknown) => one,
    );
    // Where a second name can't be given, a copy serves; what can't be tidied up at the end is no failure.
    const isDone = disk.text(`${root}/.yo-rc.json`) === 'done\n';
    expect({ at, isDone, error: error instanceof BadInput ? error.message : error }).toEqual({
      at,
      isDone,
      error: isDone ? undefined : expect.stringMatching(/^Can't write \S+ \(EIO\): nothing was changed\.$/),
    });
    if (!isDone) refused += 1;
    const left = new Map([...disk.files(root)].filter(([path]) => !path.startsWith('.fastapi-lambda/.commit')));
    expect({ at, left }).toEqual({ at, left: isDone ? expectedEnd() : memory().files(root) });
  }
  expect(refused).toBeGreaterThan(15);
});

test('a file that can be neither replaced nor put back keeps no other one from being put back', async () => {
  const disk = memory();
  const renameSync = (from: string, to: string): void => {
    // As on Windows, where a program holds the file open.
    if (to === `${root}/there.txt`) throw Object.assign(new Error('EPERM'), { code: 'EPERM', path: to });
    disk.renameSync(from, to);
  };
  const held = { ...asDisk(disk), renameSync } as unknown as Disk;
  await expect(commitFiles(readerOf(held), files)).rejects.toThrow(`No permission to write ${root}/there.txt: nothing was changed.`);
  expect(new Map([...disk.files(root)].filter(([path]) => !path.startsWith('.fastapi-lambda/')))).toEqual(memory().files(root));
});

/** A disk on which something happens right before a file is renamed into its place. */
function before(disk: MemoryDisk, path: string, act: () => void): Disk {
  const renameSync = (from: string, to: string): void => {
    if (to === `${root}/${path}` && from.includes('.commit')) act();
    disk.renameSync(from, to);
  };
  return { ...asDisk(disk), renameSync } as unknown as Disk;
}

const refuse = (): never => {
  throw Object.assign(new Error('EBUSY'), { code: 'EBUSY' });
};

test('what somebody saves between its replacement and the way back stays, and what the file was before is kept', async () => {
  const disk = memory();
  const held = before(disk, '.fastapi-lambda/shared.json', () => {
    disk.put(`${root}/there.txt`, 'after\nand a line\n');
    disk.put(`${root}/packages/a/new.py`, 'new\nand a line\n');
    refuse();
  });
  await expect(commitFiles(readerOf(held), files)).rejects.toThrow(
    'these files could not be put back, or were saved by somebody meanwhile: there.txt, packages/a/new.py. What was there before is in .fastapi-lambda/.before: there.txt. New, and left behind: packages/a/new.py.',
  );
  expect(disk.files(root)).toEqual(
    new Map([
      ['there.txt', 'after\nand a line\n'],
      ['untouched.txt', 'as it was\n'],
      ['packages/a/new.py', 'new\nand a line\n'],
      ['.fastapi-lambda/.before/.gitignore', '*\n'],
      ['.fastapi-lambda/.before/there.txt', 'before\n'],
    ]),
  );
});

test('what a file was before a second run that failed takes no place of what the first one kept', async () => {
  const disk = memory();
  const failed = (text: string): Promise<void> => {
    const held = before(disk, '.fastapi-lambda/shared.json', () => {
      disk.put(`${root}/there.txt`, text);
      refuse();
    });
    return commitFiles(readerOf(held), files);
  };
  await expect(failed('once\n')).rejects.toThrow('is in .fastapi-lambda/.before: there.txt.');
  await expect(failed('twice\n')).rejects.toThrow('is in .fastapi-lambda/.before-2: there.txt.');
  const kept = ['.before', '.before-2'].map((folder) => disk.text(`${root}/.fastapi-lambda/${folder}/there.txt`));
  expect(kept).toEqual(['before\n', 'once\n']);
});

test('a new file that somebody has saved is not said to be in version control', async () => {
  const disk = memory();
  const held = before(disk, '.fastapi-lambda/shared.json', () => {
    disk.put(`${root}/packages/a/new.py`, 'new\nand a line\n');
    refuse();
  });
  await expect(commitFiles(readerOf(held), files)).rejects.toThrow(
    /: packages\/a\/new\.py\. New, and left behind: packages\/a\/new\.py\.$/,
  );
});

test.each(['EMFILE', 'EIO', 'EACCES'])(
  'what is staged counts as held where its owner can not be read (%s): everything is put back',
  async (code) => {
    const disk = memory();
    const fail = (): never => {
      throw Object.assign(new Error(code), { code, path: `${root}/there.txt` });
    };
    let isBroken = false;
    const broken = {
      ...asDisk(disk),
      renameSync: (from: string, to: string) => {
        isBroken ||= to === `${root}/there.txt`;
        return to === `${root}/there.txt` ? fail() : disk.renameSync(from, to);
      },
      readFileSync: (path: string, ...more: []) =>
        isBroken && path.endsWith('/owner') ? fail() : asDisk(disk).readFileSync(path, ...more),
    } as unknown as Disk;
    await expect(commitFiles(readerOf(broken), files)).rejects.toThrow(/there\.txt.*: nothing was changed\./);
    expect(disk.files(root)).toEqual(memory().files(root));
  },
);

test('a run that was taken for killed takes nothing back: another one has gone on from there', async () => {
  const disk = memory();
  const slept = before(disk, 'there.txt', () => {
    disk.rmSync(`${root}/.fastapi-lambda/.commit`, { recursive: true });
    disk.put(`${root}/.fastapi-lambda/.commit/owner`, '1 0123456789ab\n');
    disk.put(`${root}/.fastapi-lambda/.commit/3`, "the other one's\n");
  });
  await expect(commitFiles(readerOf(slept), files)).rejects.toThrow(
    'This run stood still for so long that another one has taken it for killed',
  );
  expect([disk.text(`${root}/there.txt`), disk.text(`${root}/packages/a/new.py`)]).toEqual(['before\n', 'new\n']);
  expect(disk.existsSync(`${root}/.fastapi-lambda/.commit/3`)).toBe(true);
});

function expectedEnd(): Map<string, string> {
  const end = memory().files(root);
  for (const { path, contents } of files) end.set(path, String(contents));
  return end;
}

test.each([
  ['ENOSPC', 'No space left for the files in /work: nothing was changed. Make room, then run again.'],
  ['EROFS', /is on a file system that is read-only: nothing was changed\.$/],
  ['EACCES', /^No permission to write \S+: nothing was changed\./],
])('%s while the files are staged is told in one line', async (code, message) => {
  const disk = memory();
  // The fifth operation stages the first file.
  const { disk: broken } = failing(asDisk(disk), { at: 5, code });
  await expect(commitFiles(readerOf(broken), files)).rejects.toThrow(message);
  expect(disk.files(root)).toEqual(memory().files(root));
});

test('a line saved while a question waits stays, and nothing is written', async () => {
  const disk = memory();
  const reader = readerOf(asDisk(disk));
  disk.put(`${root}/there.txt`, 'before\nand a line\n');
  const before = disk.files(root);
  await expect(commitFiles(reader, files)).rejects.toThrow('there.txt has changed while this run was at work');
  expect(disk.files(root)).toEqual(before);
});

test.each([
  ['made', (disk: MemoryDisk) => disk.put(`${root}/packages/a/new.py`, 'by an editor\n')],
  ['removed', (disk: MemoryDisk) => disk.rmSync(`${root}/there.txt`)],
])('a file that was %s meanwhile stops the run, and nothing is written', async (_, change) => {
  const disk = memory();
  const reader = readerOf(asDisk(disk));
  change(disk);
  const before = disk.files(root);
  await expect(commitFiles(reader, files)).rejects.toThrow('by an editor or another run: nothing was written. Run again.');
  expect(disk.files(root)).toEqual(before);
});

test('a folder of ours on another file system, and one that knows no hard links', async () => {
  const disk = memory();
  const fail = (code: string): never => {
    throw Object.assign(new Error(code), { code });
  };
  const odd = {
    ...asDisk(disk),
    linkSync: () => fail('EPERM'),
    renameSync: (from: string, to: string) =>
      /\.commit\/\d/.test(from) && !to.includes('.commit') ? fail('EXDEV') : disk.renameSync(from, to),
  } as unknown as Disk;
  await commitFiles(readerOf(odd), files);
  expect(disk.files(root)).toEqual(expectedEnd());
  expect(disk.statSync(`${root}/packages/a/run.sh`)?.mode).toBe(0o100755);
});

test('only what differs in content or permission bits is replaced', () => {
  const disk = memory();
  const reader = new Reader(root, asDisk(disk));
  expect(replaces(reader, { path: 'there.txt', contents: 'before\n' })).toBe(false);
  expect(replaces(reader, { path: 'there.txt', contents: 'before\n', mode: 0o755 })).toBe(true);
  expect(replaces(reader, { path: 'there.txt', contents: Buffer.from('after\n') })).toBe(true);
  expect(replaces(reader, { path: 'missing.txt', contents: '' })).toBe(true);
});

describe("on the machine's own disk", () => {
  test('a file that is there keeps its permission bits, a new one gets what is asked for', async () => {
    const folder = tree({ 'there.txt': 'before\n' });
    chmodSync(join(folder, 'there.txt'), 0o600);
    await commitFiles(readerOf(fs, folder), [...files]);
    expect(statSync(join(folder, 'there.txt')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'packages/a/run.sh')).mode & 0o777).toBe(0o755 & ~process.umask());
    expect([...snapshot(folder).keys()].filter((path) => path.includes('.commit'))).toEqual([]);
  });

  test('a symbolic link to a file below the root stays one', async () => {
    const folder = tree({ 'real/there.txt': 'before\n' });
    symlinkSync('real/there.txt', join(folder, 'there.txt'));
    await commitFiles(readerOf(fs, folder), files);
    expect(lstatSync(join(folder, 'there.txt')).isSymbolicLink()).toBe(true);
    expect(read(folder, 'real/there.txt')).toBe('after\n');
  });

  test('a file in the place of a folder: everything is put back', async () => {
    const folder = tree({ 'there.txt': 'before\n' });
    const reader = readerOf(fs, folder);
    put(folder, { packages: 'a file\n' });
    const before = snapshot(folder);
    await expect(commitFiles(reader, files)).rejects.toThrow(BadInput);
    expect(snapshot(folder)).toEqual(before);
  });
});
