import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { jest } from '@jest/globals';
import { claim, ownerText, ownName } from '../../../lib/commit/lock.ts';
import type { Disk } from '../../../lib/read/disk.ts';
import { asDisk, failing, Killed, MemoryDisk } from '../../support/model-disk.ts';

const root = '/work';
const folder = `${root}/.fastapi-lambda/.commit`;
const dead = spawnSync('true').pid;
const alive = process.ppid;

let disk: MemoryDisk;
/** Milliseconds that have passed, for what asks the clock. */
let passed = 0;
const now = performance.now.bind(performance);

beforeEach(() => {
  disk = new MemoryDisk();
  disk.put(`${root}/.fastapi-lambda/shared.json`, '{}');
  passed = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => now() + passed);
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
  const { release } = await claim(asDisk(disk), root, folder);
  expect(disk.text(`${folder}/owner`)).toBe(ownerText(process.pid));
  expect(disk.text(`${folder}/.gitignore`)).toBe('*\n');
  disk.put(`${folder}/0.old`, 'staged');
  release();
  expect(left()).toEqual(['shared.json']);
});

test('of two runs of one process the second one waits for the first', async () => {
  const { release } = await claim(asDisk(disk), root, folder);
  let isClaimed = false;
  const second = claim(asDisk(disk), root, folder).then((second) => {
    isClaimed = true;
    return second;
  });
  await new Promise((done) => setTimeout(done, 120));
  expect(isClaimed).toBe(false);
  release();
  (await second).release();
  expect(left()).toEqual(['shared.json']);
});

const others = { 'another machine or container': `${alive} 0123456789ab\n`, nobody: '' };

test.each(Object.entries(others))('a folder of %s is left alone as long as something happens in it', async (_, owner) => {
  disk.put(`${folder}/owner`, owner);
  disk.put(`${folder}/0`, 'staged');
  const outcome = claim(asDisk(disk), root, folder).catch((error: Error) => error.message);
  await new Promise((done) => setTimeout(done, 10));
  passed += 6_000;
  disk.put(`${folder}/1`, 'staged');
  await new Promise((done) => setTimeout(done, 120));
  passed += 6_000;
  const process = owner === '' ? '' : ` (process ${alive})`;
  expect(await outcome).toBe(
    `Another run${process} is writing into ${root}: wait for its end, then run again. If there is no such run, remove ${folder}.`,
  );
  expect(left()).toEqual(['.commit/0', '.commit/1', '.commit/owner', 'shared.json']);
});

test.each(Object.entries(others))('a folder of %s in which nothing happens while a run waits is taken over', async (_, owner) => {
  disk.put(`${folder}/owner`, owner);
  disk.put(`${folder}/0`, 'staged');
  // Another machine's clock, which may be ahead or behind.
  jest.spyOn(Date, 'now').mockImplementation(() => 0);
  const claimed = claim(asDisk(disk), root, folder);
  await new Promise((done) => setTimeout(done, 10));
  expect(left()).toEqual(['.commit/0', '.commit/owner', 'shared.json']);
  passed += 11_000;
  (await claimed).release();
  expect(left()).toEqual(['shared.json']);
});

test('a run whose folder was taken over knows that, and gives back none that is not its own', async () => {
  const { isHeld, release } = await claim(asDisk(disk), root, folder);
  expect(isHeld()).toBe(true);
  disk.rmSync(folder, { recursive: true });
  disk.put(`${folder}/owner`, others['another machine or container']);
  expect(isHeld()).toBe(false);
  release();
  expect(left()).toEqual(['.commit/owner', 'shared.json']);
});

test.each([
  ['a process that is gone', () => ownerText(dead)],
  ["an earlier process of this one's number, as in another container", () => ownerText(process.pid)],
])('a folder of %s is taken over at once', async (_, owner) => {
  disk.put(`${folder}/owner`, owner());
  disk.put(`${folder}/0`, 'staged');
  const { release } = await claim(asDisk(disk), root, folder);
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
  for (const name of [folder, `${folder}.${ownName()}.left`]) {
    disk.put(`${name}/owner`, ownerText(process.pid));
    disk.put(`${name}/0`, 'staged');
  }
  (await claim(patient(), root, folder)).release();
  expect(left()).toEqual(['shared.json']);
});

test('a folder that was left behind and can not be moved is waited for no longer than another', async () => {
  disk.put(`${folder}/owner`, ownerText(dead));
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
  disk.put(`${folder}/owner`, ownerText(alive));
  passed += 60_001;
  expect(await waitingInVain()).toContain(`Another run (process ${alive}) is writing into ${root}`);
  expect(left()).toEqual(['.commit/owner', 'shared.json']);
});

test('what killed runs have left beside it goes with the next claim, whatever they have left in it, and not what another run is making', async () => {
  disk.mkdirSync(`${folder}.${ownName(dead)}`);
  disk.put(`${folder}.${ownName(dead)}.left/0`, 'staged');
  const kept = [`${folder}.${ownName(alive)}`, `${folder}.${alive}-0123456789ab`];
  for (const name of kept) disk.mkdirSync(name);
  (await claim(asDisk(disk), root, folder)).release();
  const asides = (disk.readdirSync(`${root}/.fastapi-lambda`) as string[]).filter((name) => name !== 'shared.json');
  expect(asides.map((name) => `${root}/.fastapi-lambda/${name}`).sort()).toEqual([...kept].sort());
});

test('where another run is quicker to take it over, its claim stands', async () => {
  disk.put(`${folder}/owner`, ownerText(dead));
  let isFirst = true;
  const raced = {
    ...asDisk(disk),
    renameSync: (from: string, to: string) => {
      if (from === folder && isFirst) {
        isFirst = false;
        disk.rmSync(folder, { recursive: true });
        disk.put(`${folder}/owner`, ownerText(alive));
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
  expect(disk.text(`${folder}/owner`)).toBe(ownerText(alive));
});

test('where another run takes it over right after it was found left, its claim stands', async () => {
  disk.put(`${folder}/owner`, ownerText(dead));
  let isFirst = true;
  const raced = {
    ...asDisk(disk),
    readFileSync: (path: string, encoding: BufferEncoding) => {
      const text = disk.readFileSync(path, encoding);
      if (path === `${folder}/owner` && isFirst) {
        isFirst = false;
        disk.rmSync(folder, { recursive: true });
        disk.put(`${folder}/owner`, ownerText(alive));
      }
      return text;
    },
  } as unknown as Disk;
  const outcome = claim(raced, root, folder).catch((error: Error) => error.message);
  await new Promise((done) => setTimeout(done, 10));
  passed += 11_000;
  expect(await outcome).toContain(`Another run (process ${alive}) is writing into ${root}`);
  expect(disk.text(`${folder}/owner`)).toBe(ownerText(alive));
});

test.each([
  ['a run', {}],
  ['a run that takes a folder over', { owner: ownerText(dead as number), '.gitignore': '*\n' }],
])('killed at whichever step, %s holds up none that comes after it, and leaves nothing to it', async (_, there) => {
  for (const [name, text] of Object.entries(there)) disk.put(`${folder}/${name}`, text);
  const count = async (used: MemoryDisk): Promise<number> => {
    const whole = failing(asDisk(used), { at: -1 });
    const { release } = await claim(whole.disk, root, folder);
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
      const { release } = await claim(broken.disk, root, folder);
      try {
        broken.disk.writeFileSync(`${folder}/0.old`, 'staged');
      } finally {
        // Of a process that is gone nothing is held, which giving back tells this one.
        release();
      }
    };
    await expect(killed()).rejects.toThrow(Killed);
    const began = Date.now();
    (await claim(asDisk(used), root, folder)).release();
    expect({ at, left: used.readdirSync(`${root}/.fastapi-lambda`) }).toEqual({ at, left: ['shared.json'] });
    expect({ at, isPrompt: Date.now() - began < 1000 }).toEqual({ at, isPrompt: true });
  }
});
