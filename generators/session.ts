import type { EventEmitter } from 'node:events';
import { join, relative, sep } from 'node:path';
import type { BaseEnvironment, QueuedAdapter } from '@yeoman/types';
import type { MemFsEditorFile } from 'mem-fs-editor';
import { isFilePending, isFileStateDeleted } from 'mem-fs-editor/state';
import { BadInput } from '../lib/bad-input.ts';
import type { Request } from '../lib/model/model.ts';
import { scopeFrom } from '../lib/names/names.ts';
import type { CiService } from '../lib/options/choices.ts';
import { flagOf, type RunOptions } from '../lib/options/options.ts';
import { readAnswers, type StoredWorkspace } from '../lib/read/answers.ts';
import { realDisk } from '../lib/read/disk.ts';
import { type Pending, Reader } from '../lib/read/reader.ts';
import { findWorkspaceRoot } from '../lib/read/root.ts';
import type { PreparedRun } from '../lib/run.ts';

/** What our generators of one environment share: one command, or one run of a generator that composes ours. */
export interface Session {
  reader: Reader;
  /** The answers that the workspace kept when the session began. */
  stored: StoredWorkspace | undefined;
  /** What the generators ask for, in their order. */
  requests: Request[];
  /** Scope that was given. */
  scope: string | undefined;
  /** Service for the workspace's workflow that was given, or answered. */
  ci: CiService | undefined;
  /** How the run goes: the flags of the generator that came first, and those that the environment itself was given. */
  options: RunOptions;
  /** Everything decided, once all generators have written. */
  prepared: PreparedRun | undefined;
  /** Paths that were written. */
  written: readonly string[];
  /** Conflicts that the user has decided to keep. */
  kept: readonly string[];
  /** Files that hold conflict markers in the end. */
  marked: readonly string[];
  /** What is to be done by hand to install, one line each. */
  hints: readonly string[];
  isCommitted: boolean;
  isInstalled: boolean;
  isReported: boolean;
}

export type Environment = BaseEnvironment<QueuedAdapter>;

const sessions = new WeakMap<object, Map<string, Session>>();

/**
 * The session of an environment in the workspace that a folder belongs to: whichever generator is first begins it, the others join.
 */
export function sessionOf(environment: Environment, folder: string, options: RunOptions): Session {
  const ofEnvironment = sessions.get(environment) ?? new Map<string, Session>();
  sessions.set(environment, ofEnvironment);
  const root = findWorkspaceRoot(folder);
  const known = ofEnvironment.get(root);
  if (known && !known.isCommitted) {
    joinOptions(known, options);
    return known;
  }
  const reader = new Reader(root, realDisk, pendingIn(environment, root));
  const session: Session = {
    reader,
    stored: readAnswers(reader),
    requests: [],
    scope: undefined,
    ci: undefined,
    options: { ...environmentFlags(environment, options), ...options },
    prepared: undefined,
    written: [],
    kept: [],
    marked: [],
    hints: [],
    isCommitted: false,
    isInstalled: false,
    isReported: false,
  };
  ofEnvironment.set(root, session);
  return session;
}

/** The sessions of an environment that are to be committed: one for each workspace that its generators write into. */
export const openSessions = (environment: Environment): Session[] =>
  [...(sessions.get(environment)?.values() ?? [])].filter(({ isCommitted }) => !isCommitted);

/** Whether the sessions of an environment have left nothing to the user that a script has to know of. */
export const isComplete = (environment: Environment): boolean =>
  [...(sessions.get(environment)?.values() ?? [])].every(({ prepared, marked }) => !prepared?.missing.length && marked.length === 0);

/** Flags that Yeoman knows too: given to an environment or to its run, they hold for whatever it runs. */
function environmentFlags(environment: Environment, { merge }: RunOptions): RunOptions {
  const { conflicterOptions = {}, options = {} } = environment as Environment &
    Record<'conflicterOptions' | 'options', RunOptions | undefined>;
  const { force, dryRun } = conflicterOptions;
  return {
    // Whoever asks for markers wants nothing overwritten.
    ...(force === true && merge !== true ? { force } : {}),
    ...(dryRun === true ? { dryRun } : {}),
    ...(options.skipInstall === true ? { skipInstall: true } : {}),
  };
}

/** What other generators have made of the files below a folder, in Yeoman's shared files. */
function pendingIn({ sharedFs }: Environment, root: string): Pending {
  const get = (path: string): Buffer | null | undefined => {
    const full = join(root, path);
    if (!sharedFs.existsInMemory(full)) return undefined;
    const file = sharedFs.get(full) as MemFsEditorFile & { contents: Buffer | null };
    if (isFileStateDeleted(file)) return null;
    return isFilePending(file) ? (file.contents ?? Buffer.alloc(0)) : undefined;
  };
  const all = (): string[] =>
    sharedFs
      .all()
      .filter(({ path }) => path.startsWith(root + sep))
      .map(({ path }) => relative(root, path).split(sep).join('/'));
  // Every folder that is listed asks: they are gathered anew only after a change.
  let known: string[] | undefined;
  (sharedFs as unknown as EventEmitter).on('change', () => {
    known = undefined;
  });
  return {
    get,
    keys: () => {
      known ??= all().filter((path) => get(path) !== undefined);
      return known;
    },
  };
}

/** Takes the scope that a generator was given; two different ones can't both hold. */
export function takeScope(session: Session, given: string | undefined): void {
  if (given === undefined) return;
  const scope = scopeFrom(given);
  if (session.scope !== undefined && session.scope !== scope)
    throw new BadInput(`The scope is given as ${session.scope} and as ${scope} in one run: give it once.`);
  session.scope = scope;
}

/** Takes the service for the workspace's workflow; two different ones can't both hold. */
export function takeCi(session: Session, ci: CiService | undefined): void {
  if (ci === undefined) return;
  if (session.ci !== undefined && session.ci !== ci)
    throw new BadInput(`--ci is given as ${session.ci} and as ${ci} in one run: give it once.`);
  session.ci = ci;
}

/** The flags of a generator that joins a session: they hold for the whole run, so two can't differ. */
function joinOptions(session: Session, given: RunOptions): void {
  for (const [name, value] of Object.entries(given) as [keyof RunOptions, boolean][]) {
    const known = session.options[name] ?? false;
    if (value !== undefined && known !== value)
      throw new BadInput(`${flagOf(name)} is given as ${known} and as ${value} in one run: give all generators of a run the same.`);
  }
}
