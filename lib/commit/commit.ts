import { dirname, join, posix, resolve } from 'node:path';
import process from 'node:process';
import partition from 'lodash/partition.js';
import { BadInput } from '../bad-input.ts';
import { type Disk, realTarget } from '../read/disk.ts';
import type { Reader } from '../read/reader.ts';
import { recordFolder } from '../read/record.ts';
import { type Claim, checkFree, claim, clearLeft, ownName } from './lock.ts';

export interface CommitFile {
  /** Below the root, with `/` between the names. */
  path: string;
  contents: string | Buffer;
  /** Permission bits; default: those of the file that is there, else 0644. */
  mode?: number | undefined;
}

/** Folder that a commit stages its files in. It is the lock as well: there only while a run writes, or was killed while it did. */
export const stagingFolder = `${recordFolder}/.commit`;

/** Whether a file differs from what the reader found on the disk. */
export function replaces(reader: Reader, { path, contents, mode }: CommitFile): boolean {
  const there = reader.onDisk(path);
  return there === undefined || !there.bytes.equals(asBuffer(contents)) || (mode !== undefined && (mode & 0o777) !== there.mode);
}

/**
 * Writes files in their order, all or none of them. A path may come twice: first with what holds while the others are written.
 *
 * The files are staged in a folder of the workspace first, so that a full disk shows before anything is replaced; then each is renamed
 * into its place, right after the file there was compared with what the run has read. An error on the way puts everything back; Ctrl-C
 * waits until the files are in place. After a kill the answers in `.yo-rc.json`, which are written first and last, say that a run is
 * unfinished: the next one does it again, and files that it finds as planned are done.
 *
 * @throws BadInput When a file has changed since it was read, can't be written, or another run is writing: nothing has changed then.
 */
export async function commitFiles(reader: Reader, files: readonly CommitFile[]): Promise<void> {
  const { root, disk } = reader;
  if (files.length === 0) {
    clearLeft(disk, join(root, stagingFolder));
    return;
  }
  const letGo = deferSignals();
  const made: string[] = [];
  let claimed: Claim | undefined;
  try {
    makeFolders(disk, root, [recordFolder], made);
    claimed = await claim(disk, root, join(root, stagingFolder));
    replaceAll(reader, files, stage(reader, files), made, claimed);
  } catch (error) {
    removeEmpty(disk, made);
    throw explained(error, root);
  } finally {
    claimed?.release();
    // After an error the record's folder may have been made for the lock alone.
    removeEmpty(disk, made);
    await letGo();
  }
}

/** A staged file: where it waits, and where it goes. */
interface Staged {
  path: string;
  from: string;
  to: string;
  backup: string | undefined;
}

function stage({ root, disk }: Reader, files: readonly CommitFile[]): Staged[] {
  return files.map(({ path, contents, mode }, index) => {
    // A run that has taken the folder over has files of its own in it.
    const from = join(root, stagingFolder, `${index}.${ownName()}`);
    const to = realTarget(disk, join(root, path));
    const there = disk.statSync(to, { throwIfNoEntry: false });
    const bits = mode ?? (there?.mode ?? 0o644) & 0o777;
    disk.writeFileSync(from, contents, { mode: bits, flag: 'wx' });
    // `open` takes the umask off the bits; of a file that is there they stay as they are.
    if (there !== undefined) disk.chmodSync(from, bits);
    if (there !== undefined && process.getuid?.() === 0) disk.chownSync(from, there.uid, there.gid);
    return { path, from, to, backup: there === undefined ? undefined : `${from}.old` };
  });
}

/** Renames the staged files into their places; back again where one of them fails. */
function replaceAll(reader: Reader, files: readonly CommitFile[], staged: readonly Staged[], made: string[], { isHeld }: Claim): void {
  const { root, disk } = reader;
  const now = new Map<string, Buffer>();
  const done: Staged[] = [];
  try {
    for (const [index, step] of staged.entries()) {
      const { path } = step;
      const { contents } = files[index] as CommitFile;
      const isSecond = now.has(path);
      compare(reader, path, now.get(path) ?? reader.onDisk(path)?.bytes);
      if (step.backup !== undefined && !isSecond) keep(disk, step.to, step.backup);
      // Not before its first file comes: after a kill, an empty folder would look like one of the repository's.
      makeFolders(disk, root, [posix.dirname(path)], made);
      rename(disk, step.from, step.to);
      if (!isSecond) done.push(step);
      now.set(path, asBuffer(contents));
    }
  } catch (error) {
    if (!isHeld())
      throw new BadInput(`This run stood still for so long that another one has taken it for killed, and goes on with ${root}. Run again.`);
    const left = done.reverse().filter((step) => !putBack(disk, step, now.get(step.path)));
    if (left.length === 0) throw error;
    const folder = unusedFolder(disk, root);
    const [made, replaced] = partition(left, ({ backup }) => backup === undefined);
    const [kept, lost] = partition(replaced, (step) => keepBefore(disk, root, folder, step));
    throw new BadInput(
      [
        `The run failed (${(error as Error).message}), and these files could not be put back, or were saved by somebody meanwhile: ${named(left)}.`,
        ...(kept.length > 0 ? [`What was there before is in ${folder}: ${named(kept)}.`] : []),
        ...(lost.length > 0 ? [`Get them from version control: ${named(lost)}.`] : []),
        ...(made.length > 0 ? [`New, and left behind: ${named(made)}.`] : []),
      ].join(' '),
    );
  }
}

const named = (files: readonly Staged[]): string => files.map(({ path }) => path).join(', ');

/** Folder for what a run has replaced and could not put back. What an earlier one has kept stays in its own. */
function unusedFolder(disk: Disk, root: string): string {
  const first = `${recordFolder}/.before`;
  let folder = first;
  for (let number = 2; disk.existsSync(join(root, folder)); number += 1) folder = `${first}-${number}`;
  return folder;
}

/**
 * Puts back what was there before; what one file fails at holds up no other.
 *
 * @param written What this run has written: what somebody has made of it since stays.
 */
function putBack(disk: Disk, { to, backup }: Staged, written: Buffer | undefined): boolean {
  try {
    if (written === undefined || !(disk.readFileSync(to) as Buffer).equals(written)) return false;
    if (backup === undefined) disk.rmSync(to, { force: true });
    else rename(disk, backup, to);
    return true;
  } catch {
    return false;
  }
}

/** Keeps what a file was before, where it can't be put back, and tells whether it did. */
function keepBefore(disk: Disk, root: string, folder: string, { path, backup }: Staged): boolean {
  if (backup === undefined) return false;
  try {
    makeFolders(disk, root, [posix.dirname(`${folder}/${path}`)], []);
    disk.renameSync(backup, join(root, folder, path));
  } catch {
    return false;
  }
  try {
    disk.writeFileSync(join(root, folder, '.gitignore'), '*\n');
  } catch {
    // Kept all the same; git shows it.
  }
  return true;
}

/**
 * Tells a run that is at work from one that was killed: both have left the answers as unfinished.
 *
 * @param answers Path of the answers, as they were read.
 * @throws BadInput When another run is writing, or has ended since the answers were read.
 */
export function checkAlone(reader: Reader, answers: string): void {
  checkFree(reader.disk, reader.root, join(reader.root, stagingFolder));
  checkUnchanged(reader, answers);
}

/** @throws BadInput when a file is not any more what the run has read. */
export const checkUnchanged = (reader: Reader, path: string): void => compare(reader, path, reader.onDisk(path)?.bytes);

function compare({ root, disk }: Reader, path: string, expected: Buffer | undefined): void {
  let bytes: Buffer | undefined;
  try {
    bytes = disk.readFileSync(join(root, path)) as Buffer;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
  }
  if (bytes === undefined ? expected === undefined : expected !== undefined && bytes.equals(expected)) return;
  throw new BadInput(`${path} has changed while this run was at work, by an editor or another run: nothing was written. Run again.`);
}

/** A second name for a file; a copy where the file system gives none. */
function keep(disk: Disk, from: string, to: string): void {
  try {
    disk.linkSync(from, to);
  } catch {
    disk.copyFileSync(from, to);
  }
}

/** Rename, also onto another file system, where it is a copy beside the target that is renamed. */
function rename(disk: Disk, from: string, to: string): void {
  try {
    disk.renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const beside = `${to}.fastapi-lambda-${process.pid}`;
    try {
      disk.copyFileSync(from, beside);
      disk.renameSync(beside, to);
    } catch (failure) {
      disk.rmSync(beside, { force: true });
      throw failure;
    }
  }
}

/** Makes folders that are not there, parents first, and notes which. */
function makeFolders(disk: Disk, root: string, folders: readonly string[], made: string[]): void {
  const missing = new Set<string>();
  for (const folder of folders) {
    for (let full = resolve(root, folder); !disk.existsSync(full); full = dirname(full)) missing.add(full);
  }
  for (const full of [...missing].sort((a, b) => a.length - b.length)) {
    disk.mkdirSync(full);
    made.push(full);
  }
}

/** Removes those of the made folders that hold nothing. */
function removeEmpty(disk: Disk, made: readonly string[]): void {
  for (const full of [...made].reverse()) {
    try {
      disk.rmdirSync(full);
    } catch {
      // Not empty, or not there: it stays as it is.
    }
  }
}

const asBuffer = (contents: string | Buffer): Buffer => (typeof contents === 'string' ? Buffer.from(contents, 'utf8') : contents);

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Holds signals that would end the process; the returned function lets go, and raises the one that came. */
function deferSignals(): () => Promise<void> {
  let received: NodeJS.Signals | undefined;
  const others = stopSignals.map((signal) => process.rawListeners(signal));
  const note = (signal: NodeJS.Signals): void => {
    received ??= signal;
  };
  for (const signal of stopSignals) {
    // Other listeners may end the process at once: they are heard afterwards.
    process.removeAllListeners(signal);
    process.on(signal, note);
  }
  return async () => {
    // A signal that came while files were written is heard in the next turn.
    await new Promise((done) => setImmediate(done));
    for (const [index, signal] of stopSignals.entries()) {
      process.off(signal, note);
      for (const listener of others[index] ?? []) process.on(signal, listener as NodeJS.SignalsListener);
    }
    if (received !== undefined) process.kill(process.pid, received);
  };
}

/** An error of the system, as one line. */
function explained(error: unknown, root: string): unknown {
  const { code, path } = error as NodeJS.ErrnoException;
  const where = path === undefined ? root : path;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new BadInput(`No space left for the files in ${root}: nothing was changed. Make room, then run again.`);
    case 'EFBIG':
      return new BadInput(`A file in ${root} would be larger than this system allows (ulimit -f): nothing was changed.`);
    case 'EACCES':
    case 'EPERM':
      return new BadInput(`No permission to write ${where}: nothing was changed. Run as its owner, or choose another folder.`);
    case 'EROFS':
      return new BadInput(`${where} is on a file system that is read-only: nothing was changed.`);
    case 'ENOTDIR':
    case 'EISDIR':
    case 'EEXIST':
    case 'ENAMETOOLONG':
    case 'EMFILE':
    case 'EIO':
    case 'EBUSY':
    case 'ETXTBSY':
    case 'EXDEV':
    case 'ENOENT':
      return new BadInput(`Can't write ${where} (${code}): nothing was changed.`);
    default:
      return error;
  }
}
