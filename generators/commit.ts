import { relative, sep } from 'node:path';
import process from 'node:process';
import { Transform } from 'node:stream';
import { createConflicterTransform, createYoResolveTransform, forceYoFiles, setConflicterStatus } from '@yeoman/conflicter';
import type { MemFsEditor, MemFsEditorFile } from 'mem-fs-editor';
import { clearFileState, isFilePending, isFileStateDeleted, setCommittedFile } from 'mem-fs-editor/state';
import { createCommitTransform } from 'mem-fs-editor/transform';
import { BadInput } from '../lib/bad-input.ts';
import { type CommitFile, checkUnchanged, commitFiles } from '../lib/commit/commit.ts';
import { unifiedPatch } from '../lib/commit/patch.ts';
import { answersPath } from '../lib/read/answers.ts';
import type { PreparedRun } from '../lib/run.ts';
import { type Environment, openSessions, type Session } from './session.ts';

type PendingFile = MemFsEditorFile & { contents: Buffer | null; conflicter?: string };

const isSkipped = (file: PendingFile): boolean => ['skip', 'ignore', 'diff'].includes(file.conflicter ?? '');

/**
 * Puts what a run has decided to write into Yeoman's shared files. What is safe to write is marked as decided, so that Yeoman's own
 * conflicter asks about the rest alone: about conflicts of ours, and about files that another generator has changed.
 */
export function stageSession({ prepared, reader }: Session, { sharedFs }: Environment, editor: MemFsEditor): void {
  // What other generators are about to replace is read before anything is asked, so that the commit sees what changes meanwhile.
  for (const file of (sharedFs.all() as PendingFile[]).filter((one) => isFilePending(one) && one.path.startsWith(reader.root + sep)))
    reader.onDisk(local(reader.root, file));
  for (const { path, contents, outcome } of prepared?.decisions ?? []) {
    if (contents === undefined) continue;
    const full = `${reader.root}/${path}`;
    const isOthers = reader.file(path)?.isPending === true;
    editor.write(full, contents);
    const there = reader.onDisk(path);
    // A status that Yeoman's log has no word for: what was written is told in short once it is.
    if (outcome !== 'conflict' && (!isOthers || there === undefined)) setConflicterStatus(sharedFs.get(full) as never, 'decided' as never);
  }
}

/**
 * Commits what the sessions of an environment have decided, and all else that is pending in it. Yeoman calls it again for what is
 * written after it: that goes Yeoman's ordinary way.
 *
 * @param isInteractive Whether there is a terminal to ask at.
 * @throws BadInput When files conflict and there is nobody to ask.
 */
export async function commitSessions(environment: Environment, isInteractive: (session: Session) => boolean): Promise<void> {
  const sessions = openSessions(environment);
  for (const session of sessions) {
    if (session.prepared !== undefined) await commitSession(session, session.prepared, environment, isInteractive(session));
  }
  // A dry run writes nothing of anybody's.
  if (sessions.some(({ options }) => options.dryRun)) for (const file of environment.sharedFs.all() as PendingFile[]) clearFileState(file);
  const { adapter, sharedFs, conflicterOptions } = environment as Environment & { conflicterOptions?: object };
  await sharedFs.pipeline(
    { filter: (file) => isFilePending(file as PendingFile) },
    createConflicterTransform(adapter as never, conflicterOptions as never) as never,
    createCommitTransform() as never,
  );
}

/**
 * Commits the pending files of one workspace, other generators' among them: Yeoman's conflicter decides about each one first, and only
 * when all are decided does the first byte reach the disk.
 */
async function commitSession(session: Session, prepared: PreparedRun, environment: Environment, isInteractive: boolean): Promise<void> {
  const { reader, options } = session;
  session.isCommitted = true;
  const { root } = reader;
  const isOfRoot = ({ path }: PendingFile): boolean => path.startsWith(root + sep);
  const pending = (environment.sharedFs.all() as PendingFile[]).filter((file) => isFilePending(file) && isOfRoot(file));
  if (options.dryRun) {
    const conflicts = new Set(prepared.decisions.filter(({ outcome }) => outcome === 'conflict').map(({ path }) => path));
    const files = [...others(root, pending, prepared.files(new Set())), ...prepared.files(conflicts)];
    session.marked = prepared.marked(files);
    // The answers come twice: first as they are while a commit is at work.
    process.stdout.write(unifiedPatch(root, [...new Map(files.map((file) => [file.path, file])).values()]));
    if (conflicts.size > 0)
      throw new BadInput(
        `Left out of the patch, since your changes and ours meet: ${[...conflicts].join(', ')}. Add --force to have ours there.`,
      );
    return;
  }
  if (!isInteractive && !options.force) refuseConflicts(session, pending);

  const decided: PendingFile[] = [];
  await environment.sharedFs.pipeline(
    {
      filter: (file) =>
        isOfRoot(file as PendingFile) && (isFilePending(file as PendingFile) || (file as PendingFile).path.endsWith('.yo-resolve')),
    },
    createYoResolveTransform() as never,
    forceYoFiles() as never,
    createConflicterTransform(environment.adapter as never, { force: options.force ?? false, cwd: root }) as never,
    new Transform({
      objectMode: true,
      transform(file: PendingFile, _encoding, done) {
        decided.push(file);
        done(null, file);
      },
    }) as never,
  );
  const written = decided.filter((file) => isFilePending(file) && !isSkipped(file));
  const paths = new Set(written.map((file) => local(root, file)));
  const kept = new Set(
    prepared.decisions.filter(({ path, contents }) => contents !== undefined && !paths.has(path)).map(({ path }) => path),
  );
  // A text that was edited at the question takes the place of ours.
  const edited = new Map(written.map((file) => [local(root, file), file.contents ?? Buffer.alloc(0)]));
  const editable = new Set(prepared.decisions.map(({ path }) => path));
  const all = prepared.files(new Set());
  const ours = (kept.size === 0 ? all : prepared.files(kept)).map((file) => ({
    ...file,
    contents: editable.has(file.path) ? (edited.get(file.path) ?? file.contents) : file.contents,
  }));
  const files = [...others(root, written, all), ...ours];
  await commitFiles(reader, files);
  session.written = files.map(({ path }) => path);
  session.kept = [...kept].sort();
  const done = new Set([...session.written, ...kept]);
  for (const file of decided.filter((one) => done.has(local(root, one)))) {
    setCommittedFile(file);
    clearFileState(file);
  }
  session.marked = prepared.marked(files);
  refresh(root, files, environment);
}

/** Gives Yeoman's shared files what was committed past them: another generator's `config.set` goes on from there. */
function refresh(root: string, files: readonly CommitFile[], { sharedFs }: Environment): void {
  for (const { path, contents } of files) {
    const full = `${root}/${path}`;
    if (!sharedFs.existsInMemory(full)) continue;
    const file = sharedFs.get(full) as PendingFile;
    if (isFilePending(file)) continue;
    file.contents = Buffer.from(contents);
    sharedFs.add(file);
    clearFileState(file);
  }
}

const local = (root: string, file: PendingFile): string => relative(root, file.path).split(sep).join('/');

/** Files of other generators in the workspace, to be written along with all of ours. */
function others(root: string, files: readonly PendingFile[], ours: readonly CommitFile[]): CommitFile[] {
  const paths = new Set(ours.map(({ path }) => path));
  return files
    .filter((file) => !isFileStateDeleted(file) && file.path.startsWith(root + sep))
    .map((file) => ({
      path: local(root, file),
      contents: file.contents ?? Buffer.alloc(0),
      mode: file.stat?.mode === undefined ? undefined : file.stat.mode & 0o777,
    }))
    .filter(({ path }) => !paths.has(path));
}

function refuseConflicts({ reader, prepared }: Session, pending: readonly PendingFile[]): void {
  const ours = (prepared?.decisions ?? []).filter(({ outcome }) => outcome === 'conflict').map(({ path }) => path);
  const theirs = pending
    .filter((file) => file.conflicter === undefined && !file.path.endsWith('.yo-rc.json') && file.path.startsWith(reader.root + sep))
    .map((file) => ({ path: local(reader.root, file), contents: file.contents ?? Buffer.alloc(0) }))
    .filter(({ path, contents }) => reader.onDisk(path)?.bytes.equals(contents) === false)
    .map(({ path }) => path);
  const conflicts = [...new Set([...ours, ...theirs])];
  if (conflicts.length === 0) return;
  // Another run may have been quicker: then it is no conflict of the user's.
  checkUnchanged(reader, answersPath);
  throw new BadInput(
    `${conflicts.length === 1 ? 'This file conflicts' : 'These files conflict'} with what is there, and nothing was written: ${conflicts.join(', ')}. ` +
      'Add --dry-run --force to see the changes, --merge to write conflict markers, or --force to take ours where they meet.',
  );
}
