import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import once from 'lodash/once.js';
import { BadInput } from '../bad-input.ts';
import type { Disk } from '../read/disk.ts';

/**
 * Milliseconds that a run waits for another one to finish writing, and in which a folder whose owner can't be asked has to change
 * to count as one that somebody works in.
 */
const longestWait = 10_000;

/** Milliseconds after which what a process that can't be asked has put aside is left: it needs it for a moment, and no two clocks are a day apart. */
const longestAside = 24 * 60 * 60_000;

/** Folders that runs of this very process hold. */
const held = new Set<string>();

/** A folder that this process holds. */
export interface Claim {
  /** Whether it is still this run's, as far as can be told: one that stood still for long may have been taken for killed. */
  isHeld: () => boolean;
  /** Gives the folder back, with all that it holds. */
  release: () => void;
}

/**
 * Claims a folder for this process: putting it in place, with its owner's name in it, is the one step that only one of two runs can do.
 * A folder that a killed run has left is taken over: its process is gone, or, where that can't be asked (it is one of another
 * machine or container), nothing happens in the folder while this run waits.
 *
 * @param folder Is made; its parent is there.
 * @throws BadInput When another run keeps it.
 */
export async function claim(disk: Disk, root: string, folder: string): Promise<Claim> {
  const owner = ownerText(process.pid);
  let seen: Watched | undefined;
  let end: number | undefined;
  while (!tryClaim(disk, folder, owner)) {
    seen = watched(disk, folder, seen);
    end ??= seen.since + longestWait;
    const now = performance.now();
    const state = stateOf(seen.owner, folder);
    const isLeft = state === 'gone' || (state === 'unknown' && now - seen.since >= longestWait);
    if (isLeft && takeAway(disk, folder, seen.owner)) continue;
    if (now >= end) throw busy(disk, root, folder);
    await new Promise((done) => setTimeout(done, 50));
  }
  clearAsides(disk, folder);
  held.add(folder);
  return {
    isHeld: () => isOwn(disk, folder, owner),
    release: () => {
      held.delete(folder);
      const aside = asideOf(folder);
      try {
        if (!isOwn(disk, folder, owner)) return;
        // Given back in one step: what a kill leaves of it afterwards holds nobody up.
        disk.renameSync(folder, aside);
        remove(disk, aside);
      } catch (error) {
        // What can't be removed is left behind, for a later run to take away: the files are written all the same.
        if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      }
    },
  };
}

/** @throws BadInput when another run holds a folder just now, as far as can be told without waiting. */
export function checkFree(disk: Disk, root: string, folder: string): void {
  if (stateOf(ownerOf(disk, folder), folder) === 'running') throw busy(disk, root, folder);
}

function busy(disk: Disk, root: string, folder: string): BadInput {
  const pid = /^\d+/.exec(ownerOf(disk, folder))?.[0];
  return new BadInput(
    `Another run${pid ? ` (process ${pid})` : ''} is writing into ${root}: wait for its end, then run again. If there is no such run, remove ${folder}.`,
  );
}

/** Removes a folder that nobody holds; what hides it from git goes last. */
function remove(disk: Disk, folder: string): void {
  const names = (disk.readdirSync(folder) as string[]).filter((name) => name !== '.gitignore');
  for (const name of [...names, '.gitignore']) disk.rmSync(join(folder, name), { recursive: true, force: true });
  disk.rmSync(folder, { recursive: true, force: true });
}

/** Removes what killed runs have left, where there is nothing to claim the folder for. */
export function clearLeft(disk: Disk, folder: string): void {
  if (!disk.existsSync(dirname(folder))) return;
  const owner = ownerOf(disk, folder);
  if (stateOf(owner, folder) === 'gone') takeAway(disk, folder, owner);
  clearAsides(disk, folder);
}

/**
 * What a process number is one of: two containers, two machines of one name, WSL and Windows may have the same number at once. An earlier
 * start of a machine counts as another one, where the system tells.
 */
const processTable = once((): string => {
  const told = (read: () => string): string => {
    try {
      return read();
    } catch {
      return '';
    }
  };
  const names = [
    hostname(),
    process.platform,
    told(() => readlinkSync('/proc/self/ns/pid')),
    told(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
  ];
  return createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 12);
});

/** How a process is called in a folder that it owns. */
export const ownerText = (pid: number): string => `${pid} ${processTable()}\n`;

/** The same as a part of names: no other process that is there has it, here or elsewhere. */
export const ownName = (pid = process.pid): string => `${pid}-${processTable()}`;

/** Where a run makes a folder before it claims it, and takes it apart: whose it is stands in the name, so that it is known whatever is in it. */
const asideOf = (folder: string): string => `${folder}.${ownName()}`;

function tryClaim(disk: Disk, folder: string, owner: string): boolean {
  if (held.has(folder)) return false;
  const aside = asideOf(folder);
  disk.rmSync(aside, { recursive: true, force: true });
  disk.mkdirSync(aside);
  // What is staged is nothing to commit, should the run be killed.
  disk.writeFileSync(join(aside, '.gitignore'), '*\n');
  disk.writeFileSync(join(aside, 'owner'), owner);
  try {
    if (disk.existsSync(folder)) throw Object.assign(new Error('there'), { code: 'EEXIST' });
    // Onto a folder that holds something it fails: of two runs that come here, one does it.
    disk.renameSync(aside, folder);
    return true;
  } catch (error) {
    const isTaken = disk.existsSync(folder);
    disk.rmSync(aside, { recursive: true, force: true });
    // It may be gone again: then the next try is the one.
    if (isTaken || (error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Who has made the folder; empty where that can't be read. */
function ownerOf(disk: Disk, folder: string): string {
  try {
    return String(disk.readFileSync(join(folder, 'owner'), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return '';
  }
}

/** Whether a folder that a process claimed is still its own. That its owner can't be read is no sign of another one. */
function isOwn(disk: Disk, folder: string, owner: string): boolean {
  try {
    return String(disk.readFileSync(join(folder, 'owner'), 'utf8')) === owner;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return code !== 'ENOENT';
  }
}

/** What has become of the process that owns a folder; of one of another table that can't be asked. */
function stateOf(owner: string, folder: string): 'running' | 'gone' | 'unknown' {
  const [, number, table] = /^(\d+) (\w+)\n$/.exec(owner) ?? [];
  if (table !== processTable()) return 'unknown';
  const pid = Number(number);
  // A process of this one's number that does not hold it is an earlier one, of another container or from before a restart.
  if (pid === process.pid) return held.has(folder) ? 'running' : 'gone';
  try {
    process.kill(pid, 0);
    return 'running';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'running' : 'gone';
  }
}

/** A folder of another run, as it was found, and since when it is so by this process's own clock: what the disk has may be another machine's. */
interface Watched {
  owner: string;
  content: string;
  since: number;
}

function watched(disk: Disk, folder: string, before: Watched | undefined): Watched {
  const owner = ownerOf(disk, folder);
  let names: readonly string[] = [];
  try {
    // To list it asks a file server anew, which what is kept of its times need not.
    names = disk.readdirSync(folder) as string[];
  } catch {
    // It is gone, or can't be looked into: that is a state too.
  }
  const content = [owner, ...names].join('\n');
  return before?.content === content ? before : { owner, content, since: performance.now() };
}

/**
 * Puts a folder that was left behind out of the way, and tells whether it did: of two runs that try, one does it.
 *
 * @param owner Who was found to have left it. Read before: by now the folder may be another run's.
 */
function takeAway(disk: Disk, folder: string, owner: string): boolean {
  const aside = `${asideOf(folder)}.left`;
  try {
    // Of one of this process's number that was killed right here there may be one already.
    if (disk.existsSync(aside)) remove(disk, aside);
    disk.renameSync(folder, aside);
    // Where another run was quicker, this is the folder that it has made: back with it.
    if (ownerOf(disk, aside) === owner) remove(disk, aside);
    else disk.renameSync(aside, folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return false;
  }
}

/** Removes what runs have left that were killed before they held the folder, or when they had given it back. */
function clearAsides(disk: Disk, folder: string): void {
  const parent = dirname(folder);
  for (const name of disk.readdirSync(parent) as string[]) {
    const [, pid, table] = name.startsWith(`${basename(folder)}.`) ? (/\.(\d+)-(\w+)(?:\.left)?$/.exec(name) ?? []) : [];
    if (pid === undefined) continue;
    const full = join(parent, name);
    const state = stateOf(`${pid} ${table}\n`, folder);
    try {
      const changed = disk.statSync(full, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      if (state === 'gone' || (state === 'unknown' && Date.now() - changed > longestAside)) remove(disk, full);
    } catch (error) {
      // Another run may be at it too.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }
}
