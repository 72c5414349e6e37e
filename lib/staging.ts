import { checkNotIgnored } from './git-ignored.ts';
import type { RunOptions } from './options.ts';
import { type Addition, type Conflict, type FileToWrite, type PlannedFile, resolvePlan } from './plan.ts';

/** Everything that one run wants to write, collected over all composed generators and resolved in one go. */
export interface Staging {
  files: Map<string, PlannedFile>;
  additions: Addition[];
}

export const newStaging = (): Staging => ({ files: new Map(), additions: [] });

export function stageFiles(staging: Staging, files: PlannedFile[]): void {
  for (const file of files) staging.files.set(file.path, file);
}

export function stageAddition(staging: Staging, added: Addition): void {
  const same = (other: Addition): boolean =>
    other.path === added.path && other.record === added.record && other.addition === added.addition;
  if (!staging.additions.some(same)) staging.additions.push(added);
}

export interface ResolvedStaging {
  writes: FileToWrite[];
  conflicts: Conflict[];
  /** One line each, for the end of the run. */
  notes: string[];
}

/**
 * Decides about every staged file. Nothing is written.
 *
 * @param lost Records that are gone although their files were written.
 * @throws BadInput When a path can't be written, a file to merge into can't be read, or git would not see what is written.
 */
export function resolveStaging(
  root: string,
  staging: Staging,
  options: RunOptions,
  lost: ReadonlySet<string> = new Set(),
): ResolvedStaging {
  const { force, merge } = options;
  const plan = resolvePlan(root, [...staging.files.values()], { force, merge, additions: staging.additions, lost });
  const writes = [...plan.writes, ...plan.records];
  checkNotIgnored(
    root,
    [...writes, ...plan.conflicts].map(({ path }) => path),
  );
  const notes = [
    ...plan.merged.map((path) => `Merged with your edits: ${path}`),
    ...plan.marked.map((path) => `Holds conflict markers, to be resolved by you: ${path}`),
    ...plan.notes.map(({ path, note }) => `${path} ${note}`),
    ...plan.manual.map(({ path, lines }) => `Add to ${path}, where no place was found for it:\n${lines.replace(/^/gm, '    ')}`),
  ];
  return { writes, conflicts: plan.conflicts, notes };
}
