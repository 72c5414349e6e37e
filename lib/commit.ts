import fs, { type Dirent, existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { BadInput } from './bad-input.ts';
import { recordFolder } from './record.ts';
import { checkPaths, realTarget } from './safe-path.ts';

export interface CommitFile {
  /** Below the root, with `/` between the names. */
  path: string;
  contents: string | Buffer;
  /** Permission bits; default: those of the file that is there, else 0644. */
  mode?: number;
}

/** What recovery did at the start of a run. */
export type Recovery = 'none' | 'finished' | 'reverted';

/** Folder that a commit stages its files in; it is there only while one runs, or was killed. */
const journalFolder = `${recordFolder}/.journal`;

/** States of a commit, each a name of the one file that holds its steps. A rename takes it from one to the next. */
const states = { apply: 'apply.json', revert: 'revert.json', done: 'done.json' } as const;

/** One file's way from the journal to its place. Names without a folder are in the journal's folder. */
interface Step {
  /** Below the root, symbolic links resolved. */
  target: string;
  staged: string;
  /** Copy or link of what was there; `undefined` for a new file. */
  backup?: string;
}

interface Journal {
  steps: Step[];
  /** Folders to make, parents first. A revert removes those that are empty. */
  folders: string[];
}

/**
 * Writes files, all or none of them.
 *
 * The new contents are staged in a folder of the workspace and flushed; a journal then says which go where. From that moment on a
 * killed run is finished by the next one (`recoverCommit`); before it, the next one throws the staged files away. An error on the
 * way puts everything back. Ctrl-C waits until the files are in place.
 *
 * @param root The workspace; made if it is not there.
 * @throws BadInput When a file can't be written: one line, and nothing has changed.
 */
export async function commitFiles(root: string, files: readonly CommitFile[]): Promise<void> {
  if (files.length === 0) return;
  checkPaths(root, [`${journalFolder}/lock`, ...files.map((file) => file.path)]);
  const folder = join(root, journalFolder);
  if (existsSync(folder)) {
    // What was planned was planned without it.
    recoverCommit(root);
    throw new BadInput('An earlier run was interrupted while it wrote its files; that has been put right. Run again.');
  }
  const release = deferSignals();
  const made = missingFolders(root, [journalFolder]);
  let isMine = false;
  try {
    makeFolders(root, made);
    await lock(folder);
    isMine = true;
    const journal = await stage(root, folder, files);
    move(folder, undefined, states.apply, JSON.stringify(journal));
    apply(root, folder, journal);
    move(folder, states.apply, states.done);
    clean(folder);
  } catch (error) {
    if (isMine) undo(root);
    removeEmpty(root, made);
    throw clear(error, root);
  } finally {
    release();
  }
}

/**
 * Finishes or reverts what a killed run has left. Every command calls it first, whichever API it is for.
 *
 * @throws BadInput When another run is at work, or the journal can't be read.
 */
export function recoverCommit(root: string): Recovery {
  const folder = join(root, journalFolder);
  if (!existsSync(folder)) return 'none';
  checkPaths(root, [`${journalFolder}/lock`]);
  const owner = runningOwner(folder);
  if (owner !== undefined) {
    throw new BadInput(`Another run (process ${owner}) is writing into ${root}: wait for its end, then run again.`);
  }
  try {
    if (existsSync(join(folder, states.done))) {
      clean(folder);
      return 'finished';
    }
    if (existsSync(join(folder, states.revert))) {
      revert(root, folder, readJournal(root, folder, states.revert));
      return 'reverted';
    }
    if (existsSync(join(folder, states.apply))) {
      const journal = readJournal(root, folder, states.apply);
      try {
        apply(root, folder, journal);
        move(folder, states.apply, states.done);
      } catch (error) {
        if (error instanceof BadInput) throw error;
        move(folder, states.apply, states.revert);
        revert(root, folder, journal);
        return 'reverted';
      }
      clean(folder);
      return 'finished';
    }
    // Killed while it staged: no file of the workspace has been touched.
    clean(folder);
    return 'reverted';
  } catch (error) {
    throw clear(error, root);
  }
}

async function stage(root: string, folder: string, files: readonly CommitFile[]): Promise<Journal> {
  const steps: Step[] = [];
  const staged = files.map(async (file, index) => {
    const target = realTarget(root, file.path);
    const there = fs.statSync(target, { throwIfNoEntry: false });
    const name = String(index);
    const step: Step = { target: file.path, staged: name };
    steps[index] = step;
    const mode = file.mode === undefined ? (there?.mode ?? 0o644) & 0o777 : file.mode & 0o777;
    const handle = await fs.promises.open(join(folder, name), 'wx', mode);
    try {
      await handle.writeFile(file.contents);
      // `open` takes the umask off the bits; of a file that is there they stay as they are.
      if (there !== undefined) await handle.chmod(mode);
      if (there !== undefined && process.getuid?.() === 0) await handle.chown(there.uid, there.gid);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (there !== undefined) {
      step.backup = `${name}.old`;
      keepBackup(target, join(folder, step.backup));
    }
  });
  const failed = (await Promise.allSettled(staged)).find((result) => result.status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  return {
    steps,
    folders: missingFolders(
      root,
      files.map((file) => dirname(file.path)),
    ),
  };
}

/** A second name for a file; a copy where the file system gives none. */
function keepBackup(target: string, backup: string): void {
  try {
    fs.linkSync(target, backup);
  } catch {
    fs.copyFileSync(target, backup, fs.constants.COPYFILE_EXCL);
  }
}

/** Puts the staged files in their places. It can be run again after a kill at any of its steps. */
function apply(root: string, folder: string, journal: Journal): void {
  makeFolders(root, journal.folders);
  for (const { target, staged } of journal.steps) {
    const from = join(folder, staged);
    // Not there: it was moved before the kill.
    if (existsSync(from)) rename(from, realTarget(root, target));
  }
}

function revert(root: string, folder: string, journal: Journal): void {
  for (const { target, staged, backup } of journal.steps) {
    const full = realTarget(root, target);
    if (backup !== undefined) {
      if (existsSync(join(folder, backup))) rename(join(folder, backup), full);
    } else if (!existsSync(join(folder, staged))) {
      // What is still staged has not been put in place.
      fs.rmSync(full, { force: true });
    }
  }
  removeEmpty(root, journal.folders);
  clean(folder);
}

/** Rename, also onto another file system, where it is a copy beside the target that is renamed. */
function rename(from: string, to: string): void {
  try {
    fs.renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const beside = `${to}.fastapi-lambda-new`;
    fs.copyFileSync(from, beside);
    fs.renameSync(beside, to);
    fs.rmSync(from);
  }
}

/** After an error within a run: back to the tree before it. */
function undo(root: string): void {
  const folder = join(root, journalFolder);
  try {
    if (existsSync(join(folder, states.apply))) {
      move(folder, states.apply, states.revert);
      revert(root, folder, readJournal(root, folder, states.revert));
    } else clean(folder);
  } catch {
    // The journal stays, and the next run reverts.
  }
}

/** Takes a journal to its next state, and makes sure that it is on the disk. */
function move(folder: string, from: string | undefined, to: string, text?: string): void {
  const source = join(folder, from ?? 'journal.new');
  if (text !== undefined) {
    const file = fs.openSync(source, 'w');
    try {
      fs.writeFileSync(file, text);
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
  }
  fs.renameSync(source, join(folder, to));
  syncFolder(folder);
}

function syncFolder(folder: string): void {
  try {
    const file = fs.openSync(folder, 'r');
    fs.fsyncSync(file);
    fs.closeSync(file);
  } catch {
    // Some systems do not flush folders; there a rename is safe against a kill, not against a power cut.
  }
}

/** A journal, checked: it may have been edited, and its paths must not lead out of the workspace. */
function readJournal(root: string, folder: string, name: string): Journal {
  let journal: Journal | undefined;
  try {
    journal = JSON.parse(fs.readFileSync(join(folder, name), 'utf8')) as Journal;
  } catch {
    // Told below.
  }
  const isStaged = (value: unknown): boolean => typeof value === 'string' && /^\d+(\.old)?$/.test(value);
  const isStep = (step: Step | null): boolean =>
    typeof step?.target === 'string' && isStaged(step.staged) && (step.backup === undefined || isStaged(step.backup));
  const isJournal =
    Array.isArray(journal?.steps) &&
    journal.steps.every(isStep) &&
    Array.isArray(journal.folders) &&
    journal.folders.every((one: unknown) => typeof one === 'string');
  if (journal === undefined || !isJournal) {
    throw new BadInput(`${join(folder, name)} was edited by hand: restore the workspace from version control, then remove ${folder}.`);
  }
  checkPaths(root, [...journal.steps.map((step) => step.target), ...journal.folders.map((one) => `${one}/.keep`)]);
  return journal;
}

/** Removes the journal's folder; its state goes last, so that a kill in between is understood. */
function clean(folder: string): void {
  let entries: Dirent[];
  try {
    entries = fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return;
  }
  const last = new Set<string>(Object.values(states));
  const ordered = [...entries.filter((entry) => !last.has(entry.name)), ...entries.filter((entry) => last.has(entry.name))];
  for (const entry of ordered) fs.rmSync(join(folder, entry.name), { force: true, recursive: true });
  fs.rmdirSync(folder);
  removeEmpty(dirname(dirname(folder)), [recordFolder]);
}

/** Claims the journal's folder for this process. */
async function lock(folder: string): Promise<void> {
  const file = await fs.promises.open(join(folder, 'lock'), 'wx');
  try {
    await file.writeFile(`${process.pid} ${startOf(process.pid) ?? ''}\n`);
  } finally {
    await file.close();
  }
  // Staged files are nothing to commit, should the run be killed.
  fs.writeFileSync(join(folder, '.gitignore'), '*\n');
}

/** The process that holds the journal's folder, if it still runs and is another one. */
function runningOwner(folder: string): number | undefined {
  let text: string;
  try {
    text = fs.readFileSync(join(folder, 'lock'), 'utf8');
  } catch {
    return undefined;
  }
  const [, pid, start] = /^(\d+) (\d*)\n$/.exec(text) ?? [];
  if (pid === undefined || Number(pid) === process.pid) return undefined;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  // The number may have gone to another process since.
  const now = startOf(Number(pid));
  return start !== '' && now !== undefined && now !== start ? undefined : Number(pid);
}

/** When a process started, in the system's own ticks, where /proc tells it. */
function startOf(pid: number): string | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold anything; the start is the 20th field behind it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Folders on the way to some folders that are not there yet, parents first; the root and what is above it counts. */
function missingFolders(root: string, folders: readonly string[]): string[] {
  const missing = new Set<string>();
  for (let folder = resolve(root); !existsSync(folder); folder = dirname(folder)) missing.add(folder);
  for (const folder of folders) {
    for (let path = folder; path !== '.' && path !== ''; path = dirname(path)) {
      if (!existsSync(join(root, path))) missing.add(path);
    }
  }
  return [...missing].sort((a, b) => resolve(root, a).length - resolve(root, b).length);
}

function makeFolders(root: string, folders: readonly string[]): void {
  for (const folder of folders) {
    const full = resolve(root, folder);
    if (!existsSync(full)) fs.mkdirSync(full);
  }
}

function removeEmpty(root: string, folders: readonly string[]): void {
  for (const folder of [...folders].reverse()) {
    try {
      fs.rmdirSync(resolve(root, folder));
    } catch {
      // Not empty, or not there: it stays as it is.
    }
  }
}

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Holds signals that would end the process; the returned function lets go, and raises the one that came. */
function deferSignals(): () => void {
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
  return () => {
    for (const [index, signal] of stopSignals.entries()) {
      process.off(signal, note);
      for (const listener of others[index] ?? []) process.on(signal, listener as NodeJS.SignalsListener);
    }
    if (received !== undefined) process.kill(process.pid, received);
  };
}

/** An error of the system, as one line. */
function clear(error: unknown, root: string): unknown {
  const { code, path } = error as NodeJS.ErrnoException;
  const where = path === undefined ? root : path;
  const unchanged = existsSync(join(root, journalFolder)) ? 'the next run puts things back' : 'nothing was changed';
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new BadInput(`No space left for the files in ${root}: ${unchanged}. Make room, then run again.`);
    case 'EFBIG':
      return new BadInput(`A file in ${root} would be larger than this system allows (ulimit -f): ${unchanged}.`);
    case 'EACCES':
    case 'EPERM':
      return new BadInput(`No permission to write ${where}: ${unchanged}. Run as its owner, or choose another folder.`);
    case 'EROFS':
      return new BadInput(`${where} is on a file system that is read-only: ${unchanged}.`);
    case 'ENOTDIR':
    case 'EISDIR':
    case 'EEXIST':
    case 'ENAMETOOLONG':
    case 'EMFILE':
    case 'EIO':
    case 'ENOENT':
      return new BadInput(`Can't write ${where} (${code}): ${unchanged}.`);
    default:
      return error;
  }
}
