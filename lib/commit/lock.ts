import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { BadInput } from '../bad-input.ts';
import type { Disk } from '../read/disk.ts';

/** Milliseconds without a change after which a folder that a run works in counts as left behind, whoever made it. */
const longestPause = 60_000;
/** Milliseconds that a run waits for another one to finish writing. */
const longestWait = 10_000;

/** Folders that runs of this very process hold. */
const held = new Set<string>();

/**
 * Claims a folder for this process: putting it in place, with its owner's name in it, is the one step that only one of two runs can do.
 * A folder that a killed run has left is taken over: its process is gone (asked where the host is this one), or, where
 * that can't be asked, nothing has happened in it for a minute.
 *
 * @param folder Is made; its parent is there.
 * @returns Gives the folder back, with all that it holds.
 * @throws BadInput When another run keeps it.
 */
export async function claim(disk: Disk, root: string, folder: string): Promise<() => void> {
  const end = Date.now() + longestWait;
  while (!tryClaim(disk, folder)) {
    const left = leftOwner(disk, folder);
    if (left !== undefined && takeAway(disk, folder, left)) continue;
    if (Date.now() > end) throw busy(disk, root, folder);
    await new Promise((done) => setTimeout(done, 50));
  }
  clearAsides(disk, folder);
  held.add(folder);
  return () => {
    held.delete(folder);
    const aside = asideOf(folder);
    try {
      // Given back in one step: what a kill leaves of it afterwards holds nobody up.
      disk.renameSync(folder, aside);
      remove(disk, aside);
    } catch (error) {
      // What can't be removed is left behind, for a later run to take away: the files are written all the same.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  };
}

/** @throws BadInput when another run holds a folder just now. */
export function checkFree(disk: Disk, root: string, folder: string): void {
  if (disk.existsSync(folder) && !isLeft(disk, folder)) throw busy(disk, root, folder);
}

function busy(disk: Disk, root: string, folder: string): BadInput {
  const pid = /^\d+/.exec(ownerOf(disk, folder))?.[0];
  return new BadInput(
    `Another run${pid ? ` (process ${pid})` : ''} is writing into ${root}: wait for its end, then run again. If there is no such run, remove ${folder}.`,
  );
}

/**
 * Removes a folder that nobody holds. Who made it goes after the rest, so that the next run knows what to make of that after a kill, and
 * what hides it from git goes last.
 */
function remove(disk: Disk, folder: string): void {
  const names = (disk.readdirSync(folder) as string[]).filter((name) => name !== 'owner' && name !== '.gitignore');
  for (const name of [...names, 'owner', '.gitignore']) disk.rmSync(join(folder, name), { recursive: true, force: true });
  disk.rmSync(folder, { recursive: true, force: true });
}

/** Removes what killed runs have left, where there is nothing to claim the folder for. */
export function clearLeft(disk: Disk, folder: string): void {
  if (!disk.existsSync(dirname(folder))) return;
  const left = disk.existsSync(folder) ? leftOwner(disk, folder) : undefined;
  if (left !== undefined) takeAway(disk, folder, left);
  clearAsides(disk, folder);
}

const asideOf = (folder: string): string => `${folder}.${process.pid}`;

function tryClaim(disk: Disk, folder: string): boolean {
  if (held.has(folder)) return false;
  const aside = asideOf(folder);
  disk.rmSync(aside, { recursive: true, force: true });
  disk.mkdirSync(aside);
  disk.writeFileSync(join(aside, 'owner'), `${process.pid} ${hostname()}\n`);
  // What is staged is nothing to commit, should the run be killed.
  disk.writeFileSync(join(aside, '.gitignore'), '*\n');
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
  } catch {
    return '';
  }
}

const isLeft = (disk: Disk, folder: string): boolean => leftOwner(disk, folder) !== undefined;

/** Who has left a folder behind; `undefined` where somebody may still hold it. */
function leftOwner(disk: Disk, folder: string): string | undefined {
  const owner = ownerOf(disk, folder);
  return isGone(disk, folder, owner) ? owner : undefined;
}

function isGone(disk: Disk, folder: string, owner: string): boolean {
  // The owner comes first and goes before what hides it: a folder that is hidden and nobody's was being removed.
  if (!disk.existsSync(join(folder, 'owner')) && disk.existsSync(join(folder, '.gitignore'))) return true;
  const [, pid, host] = /^(\d+) (.*)\n$/.exec(owner) ?? [];
  if (pid !== undefined && host === hostname()) return !isRunning(Number(pid), folder);
  const changed = disk.statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
  return changed !== undefined && Date.now() - changed > longestPause;
}

function isRunning(pid: number, folder: string): boolean {
  // A process of this one's number that does not hold it is an earlier one, of another container or from before a restart.
  if (pid === process.pid) return held.has(folder);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
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
  } catch {
    return false;
  }
  // Where another run was quicker, this is the folder that it has made: back with it.
  if (ownerOf(disk, aside) === owner) remove(disk, aside);
  else disk.renameSync(aside, folder);
  return true;
}

/** Removes what runs have left that were killed before they held the folder. */
function clearAsides(disk: Disk, folder: string): void {
  const parent = dirname(folder);
  for (const name of disk.readdirSync(parent) as string[]) {
    const full = join(parent, name);
    if (name.startsWith(`${basename(folder)}.`) && isLeft(disk, full)) remove(disk, full);
  }
}
