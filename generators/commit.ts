import { existsSync, readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { Transform } from 'node:stream';
import { createConflicterTransform, createYoResolveTransform, forceYoFiles, setConflicterStatus } from '@yeoman/conflicter';
import type { BaseEnvironment, QueuedAdapter } from '@yeoman/types';
import type { MemFsEditor, MemFsEditorFile } from 'mem-fs-editor';
import { clearFileState, isFilePending, isFileStateDeleted, setCommittedFile } from 'mem-fs-editor/state';
import { createCommitTransform } from 'mem-fs-editor/transform';
import { BadInput } from '../lib/bad-input.ts';
import { type CommitFile, commitFiles } from '../lib/commit.ts';
import type { RunOptions } from '../lib/options.ts';
import { unifiedPatch } from '../lib/patch.ts';
import { lostRecords, type Run } from '../lib/run.ts';
import { resolveStaging } from '../lib/staging.ts';

type Environment = BaseEnvironment<QueuedAdapter>;
type PendingFile = MemFsEditorFile & { contents: Buffer | null; conflicter?: string };

/** Permission bits of what we write. Not in the files' `stat`: there Yeoman would ask about a difference in them alone. */
const modes = new WeakMap<object, number>();

/**
 * Puts what the run has staged into Yeoman's shared files: what is safe to write is marked as decided, so that Yeoman's
 * conflicter asks about the rest alone.
 */
export function stageIntoSharedFiles(run: Run, editor: MemFsEditor, environment: Environment, options: RunOptions): void {
  const { root } = run.workspace;
  const resolution = resolveStaging(root, run.staging, options, lostRecords(run));
  run.notes.push(...resolution.notes);
  for (const file of [...resolution.writes, ...resolution.conflicts]) {
    editor.write(`${root}/${file.path}`, file.contents);
    modes.set(environment.sharedFs.get(`${root}/${file.path}`), file.mode);
  }
  for (const file of resolution.writes) {
    setConflicterStatus(environment.sharedFs.get(`${root}/${file.path}`) as never, existsSync(`${root}/${file.path}`) ? 'force' : 'create');
  }
}

/**
 * Commits all pending files of the environment, other generators' among them: Yeoman's own conflicter decides about each one
 * first, and only when all are decided does the first byte reach the disk.
 *
 * @param interactive Whether there is a terminal to ask at.
 * @throws BadInput When files conflict and there is nobody to ask.
 */
export async function commitSharedFiles(run: Run, environment: Environment, options: RunOptions, interactive: boolean): Promise<void> {
  const { root } = run.workspace;
  if (options.dryRun) {
    const pending = (environment.sharedFs.all() as PendingFile[]).filter(isFilePending);
    process.stdout.write(
      unifiedPatch(
        root,
        pending.map((file) => asCommitFile(root, file)),
      ),
    );
    for (const file of pending) clearFileState(file);
    return;
  }
  if (!interactive && !options.force) refuseConflicts(root, (environment.sharedFs.all() as PendingFile[]).filter(isFilePending));

  const decided: PendingFile[] = [];
  await environment.sharedFs.pipeline(
    { filter: (file) => isFilePending(file as PendingFile) || (file as PendingFile).path.endsWith('.yo-resolve') },
    createYoResolveTransform() as never,
    forceYoFiles() as never,
    createConflicterTransform(environment.adapter as never, { force: options.force ?? false, cwd: root }) as never,
    new Transform({
      objectMode: true,
      transform(file: PendingFile, _encoding, done) {
        if (isFilePending(file)) decided.push(file);
        done(null, file);
      },
    }) as never,
  );
  const ours = decided.filter((file) => !isFileStateDeleted(file) && file.path.startsWith(root + sep));
  await commitFiles(
    root,
    ours.map((file) => asCommitFile(root, file)),
  );
  for (const file of ours) {
    setCommittedFile(file);
    clearFileState(file);
  }
  // What other generators delete, or write outside the workspace, goes Yeoman's ordinary way.
  await environment.sharedFs.pipeline({ filter: (file) => isFilePending(file as PendingFile) }, createCommitTransform() as never);
}

function asCommitFile(root: string, file: PendingFile): CommitFile {
  return { path: relative(root, file.path).split(sep).join('/'), contents: file.contents ?? Buffer.alloc(0), mode: modes.get(file) };
}

function refuseConflicts(root: string, pending: PendingFile[]): void {
  const conflicts = pending
    .filter((file) => file.conflicter === undefined && !file.path.endsWith('.yo-rc.json') && existsSync(file.path))
    .filter((file) => !readFileSync(file.path).equals(file.contents ?? Buffer.alloc(0)))
    .map((file) => relative(root, file.path));
  if (conflicts.length === 0) return;
  throw new BadInput(
    `${conflicts.length === 1 ? 'This file conflicts' : 'These files conflict'} with what is there, and nothing was written: ${conflicts.join(', ')}. ` +
      'Add --dry-run to see the changes, --merge to write conflict markers, or --force to overwrite.',
  );
}
