import type { WrittenRecord } from '../read/record.ts';
import type { Decision } from './resolve.ts';

/**
 * A record after a run.
 *
 * @param decisions Those about files of this record.
 * @param kept Paths of conflicts that the user has decided to keep: they stay on what was written last, and are offered again.
 * @param exists Whether a file is there; what is gone and not planned any more is forgotten.
 */
export function recordAfter(
  before: WrittenRecord,
  decisions: readonly Decision[],
  kept: ReadonlySet<string>,
  exists: (path: string) => boolean,
): WrittenRecord {
  const files = new Map(before.files);
  const additions = new Map<string, string>();
  const planned = new Set(decisions.map(({ path }) => path));
  for (const path of before.files.keys()) if (!planned.has(path) && !exists(path)) files.delete(path);
  for (const { path, written, kept: unknown } of decisions) {
    if (kept.has(path)) {
      if (unknown !== undefined) files.set(path, unknown);
      continue;
    }
    if ('addition' in written) {
      if (written.addition !== undefined) additions.set(path, written.addition);
      files.delete(path);
    } else files.set(path, written);
  }
  return { isThere: before.isThere, files, additions, packed: before.packed };
}

/** Files that a record has and that are not planned any more, though they are there. */
export const strayFiles = (before: WrittenRecord, decisions: readonly Decision[], exists: (path: string) => boolean): string[] => {
  const planned = new Set(decisions.map(({ path }) => path));
  return [...before.files.keys()].filter((path) => !planned.has(path) && exists(path)).sort();
};
