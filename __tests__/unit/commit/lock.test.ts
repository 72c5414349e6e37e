import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import process from 'node:process';
import { jest } from '@jest/globals';
import { claim } from '../../../lib/commit/lock.ts';
import type { Disk } from '../../../lib/read/disk.ts';
import { asDisk, failing, Killed, MemoryDisk } from '../../support/model-disk.ts';

const root = '/work';
const folder = `${root}/.fastapi-lambda/.commit`;
const dead = spawnSync('true').pid;
const alive = process.ppid;

let disk: MemoryDisk;
/** Milliseconds that have passed, for what asks the clock. */
let passed = 0;
const now = Date.now;

beforeEach(() => {
  disk = new MemoryDisk();
  disk.put(`${root}/.fastapi-lambda/shared.json`, '{}');
  passed = 0;
  jest.spyOn(Date, 'now').mockImplementation(() => now() + passed);
});
afterEach(() => jest.restoreAllMocks());

/** A run that has waited long enough finds the folder as it was. */
const waitingInVain = async (): Promise<unknown> => {
  const run = claim(asDisk(disk), root, folder);
  const outcome = run.then(
    () => 'claimed',
    (error: Error) => error.message,
  );
  await new Promise((done) => setTimeout(done, 10));
  passed += 11_000;
  return outcome;
};

const left = (): string[] => [...disk.files(`${root}/.fastapi-lambda`).keys()].sort();

test('a claim holds its owner and hides itself from git; given back, it leaves nothing', async () => {
  const release = await claim(asDisk(disk), root, folder);
  expect(disk.text(`${folder}/owner`)).toBe(`${process.pid} ${hostname()}\n`);
  expect(disk.text(`${folder}/.gitignore`)).toBe('*\n');
  disk.put(`${folder}/0.old`, 'staged');
  release();
  expect(left()).toEqual(['shared.json']);
});

test('of two runs of one process the second one waits for the first', async () => {
  const release = await claim(asDisk(disk), root, folder);
  let isClaimed = false;
  const second = claim(asDisk(disk), root, folder).then((giveBack) => {
    isClaimed = true;
    return giveBack;
  });
  await new Promise((done) => setTimeout(done, 120));
  expect(isClaimed).toBe(false);
  release();
  (await second)();
  expect(left()).toEqual(['shared.json']);
});

test.each([
  [
    'of another host',
    () => `${dead} other.example\n`,
    `Another run (process ${dead}) is writing into ${root}: wait for its end, then run again. If there is no such run, remove ${folder}.`,
  ],
  [
    'of nobody: its owner is empty',
    () => '',
    `Another run is writing into ${root}: wait for its end, then run again. If there is no such run, remove ${folder}.`,
  ],
])('a folder %s is left alone for a minute, and taken over after one', async (_, owner, message) => {
  disk.put(`${folder}/owner`, owner());
  disk.put(`${folder}/0`, 'staged');
  expect(await waitingInVain()).toBe(message);
  expect(left()).toEqual(['.commit/0', '.commit/owner', 'shared.json']);
  passed += 60_001;
  (await claim(asDisk(disk), root, folder))();
  expect(left()).toEqual(['shared.json']);
});

test.each([
  ['a process that is gone', () => `${dead} ${hostname()}\n`],
  ["an earlier process of this one's number, as in another container", () => `${process.pid} ${hostname()}\n`],
])('a folder of %s is taken over at once', async (_, owner) => {
  disk.put(`${folder}/owner`, owner());
  disk.put(`${folder}/0`, 'staged');
  const release = await claim(asDisk(disk), root, folder);
  expect(left()).toEqual(['.commit/.gitignore', '.commit/owner', 'shared.json']);
  release();
});

/** The disk, with a way to rename of its own; one that is asked over and over, without a pause, fails rather than hang the test. */
function patient(renameSync: (from: string, to: string) => void = disk.renameSync): Disk {
  let times = 0;
  const mkdirSync = (path: string): void => {
    times += 1;
    if (times > 300) throw new Error('tried over and over');
    disk.mkdirSync(path);
  };
  return { ...asDisk(disk), renameSync, mkdirSync } as unknown as Disk;
}

test("where one of this process's number was killed while it took a folder over, the next one does it", async () => {
  for (const name of [folder, `${folder}.${process.pid}.left`]) {
    disk.put(`${name}/owner`, `${process.pid} ${hostname()}\n`);
    disk.put(`${name}/0`, 'staged');
  }
  (await claim(patient(), root, folder))();
  expect(left()).toEqual(['shared.json']);
});

test('a folder that was left behind and can not be moved is waited for no longer than another', async () => {
  disk.put(`${folder}/owner`, `${dead} ${hostname()}\n`);
  const used = patient((from, to) => {
    if (from === folder) throw Object.assign(new Error('EBUSY'), { code: 'EBUSY' });
    disk.renameSync(from, to);
  });
  const outcome = claim(used, root, folder).catch((error: Error) => error.message);
  await new Promise((done) => setTimeout(done, 10));
  passed += 11_000;
  expect(await outcome).toContain(`Another run (process ${dead}) is writing into ${root}`);
});

test('a folder of a process that is there is left alone, however long it does nothing', async () => {
  disk.put(`${folder}/owner`, `${alive} ${hostname()}\n`);
  passed += 60_001;
  expect(await waitingInVain()).toContain(`Another run (process ${alive}) is writing into ${root}`);
  expect(left()).toEqual(['.commit/owner', 'shared.json']);
});

test('what killed runs have left beside it goes with the next claim, and not what another run is making', async () => {
  disk.put(`${folder}.${dead}/owner`, `${dead} ${hostname()}\n`);
  disk.put(`${folder}.${dead}.left/0`, 'staged');
  disk.put(`${folder}.${alive}/owner`, `${alive} ${hostname()}\n`);
  (await claim(asDisk(disk), root, folder))();
  expect(left()).toEqual([`.commit.${alive}/owner`, `.commit.${dead}.left/0`, 'shared.json'].sort());
  passed += 60_001;
  (await claim(asDisk(disk), root, folder))();
  expect(left()).toEqual([`.commit.${alive}/owner`, 'shared.json']);
});

test('where another run is quicker to take it over, its claim stands', async () => {
  disk.put(`${folder}/owner`, `${dead} ${hostname()}\n`);
  let isFirst = true;
  const raced = {
    ...asDisk(disk),
    renameSync: (from: string, to: string) => {
      if (from === folder && isFirst) {
        isFirst = false;
        disk.rmSync(folder, { recursive: true });
        disk.put(`${folder}/owner`, `${alive} ${hostname()}\n`);
      }
      disk.renameSync(from, to);
    },
  } as unknown as Disk;
  const outcome = claim(raced, root, folder).catch((error: Error) => error.message);
  await new Promise((done) => setTimeout(done, 10));
  passed += 11_000;
  expect(await outcome).toBe(
    `Another run (process ${alive}) is writing into ${root}: wait for its end, then run again. If there is no such run, remove ${folder}.`,
  );
  expect(disk.text(`${folder}/owner`)).toBe(`${alive} ${hostname()}\n`);
});

test('where another run takes it over right after it was found left, its claim stands', async () => {
  disk.put(`${folder}/owner`, `${dead} ${hostname()}\n`);
  let isFirst = true;
  const raced = {
    ...asDisk(disk),
    readFileSync: (path: string, encoding: BufferEncoding) => {
      const text = disk.readFileSync(path, encoding);
      if (path === `${folder}/owner` && isFirst) {
        isFirst = false;
        disk.rmSync(folder, { recursive: true });
        disk.put(`${folder}/owner`, `${alive} ${hostname()}\n`);
      }
      return text;
    },
  } as unknown as Disk;
  const outcome = claim(raced, root, folder).catch((error: Error) => error.message);
  await new Promise((done) => setTimeout(done, 10));
  passed += 11_000;
  expect(await outcome).toContain(`Another run (process ${alive}) is writing into ${root}`);
  expect(disk.text(`${folder}/owner`)).toBe(`${alive} ${hostname()}\n`);
});

test.each([
  ['a run', {}],
  ['a run that takes a folder over', { owner: `${dead} ${hostname()}\n`, '.gitignore': '*\n' }],
])('killed at whichever step, %s holds up none that comes after it', async (_, there) => {
  for (const [name, text] of Object.entries(there)) disk.put(`${folder}/${name}`, text);
  const count = async (used: MemoryDisk): Promise<number> => {
    const whole = failing(asDisk(used), { at: -1 });
    const release = await claim(whole.disk, root, folder);
    whole.disk.writeFileSync(`${folder}/0.old`, 'staged');
    release();
    return whole.count();
  };
  const steps = await count(disk.clone());
  expect(steps).toBeGreaterThan(6);
  for (let at = 0; at < steps; at += 1) {
    const used = disk.clone();
    const broken = failing(asDisk(used), { at });
    const killed = async (): Promise<void> => {
      const release = await claim(broken.disk, root, folder);
      try {
        broken.disk.writeFileSync(`${folder}/0.old`, 'staged');
      } finally {
        // Of a process that is gone nothing is held, which giving back tells this one.
        release();
      }
    };
    await expect(killed()).rejects.toThrow(Killed);
    const began = now();
    (await claim(asDisk(used), root, folder))();
    expect({ at, isPrompt: now() - began < 1000 }).toEqual({ at, isPrompt: true });
    expect({ at, left: [...used.files(`${root}/.fastapi-lambda`).keys()] }).toEqual({ at, left: ['shared.json'] });
  }
});
