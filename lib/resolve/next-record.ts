import type { WrittenRecord } from '../read/record.ts';
import type { Decision } from './resolve.ts';

/**
 * A record after a run.
 *
 * @param decisions Those about files of this record.
 * @param kept Paths of conflicts that the user has decided to keep: they stay on what was written last, and are offered again.
 * @param exists Whether a file is there, or is to come back; what is gone and not planned any more is forgotten.
 */
export function recordAfter(
  before: WrittenRecord,
  decisions: readonly Decision[],
  kept: ReadonlySet<string>,
  exists: (path: string) => boolean,
): WrittenRecord {
  const files = new Map(before.files);
  const additions = new Map<string, string>();
  const alsoAdded = new Map<string, readonly string[]>();
  const planned = new Set(decisions.map(({ path }) => path));
  for (const path of before.files.keys()) if (!planned.has(path) && !exists(path)) files.delete(path);
  const keep = (path: string): void => {
    const [added, also] = [before.additions.get(path), before.alsoAdded.get(path)];
    if (added !== undefined) additions.set(path, added);
    if (also !== undefined) alsoAdded.set(path, also);
  };
  for (const path of before.additions.keys()) if (!planned.has(path) && exists(path)) keep(path);
  for (const { path, written, kept: unknown } of decisions) {
    if (kept.has(path)) {
      if (unknown !== undefined) files.set(path, unknown);
      keep(path);
      continue;
    }
    if ('addition' in written) {
      const { addition, told } = written;
      if (addition !== undefined || told !== undefined) additions.set(path, addition ?? '');
      // What the user was told to add counts as ours once it stands there.
      if (told !== undefined) alsoAdded.set(path, [told]);
      files.delete(path);
    } else files.set(path, written);
  }
  return { ...before, files, additions, alsoAdded };
}

/**
 * A record while a run writes: each file may have what was last written, or what this run writes. A run that comes after a kill tells by
 * it what in a file is ours.
 *
 * @param after The record after the run.
 * @param exists Whether a file is on the disk.
 */
export function recordDuring(before: WrittenRecord, after: WrittenRecord, exists: (path: string) => boolean): WrittenRecord {
  const files = new Map(before.files);
  for (const [path, { text, mode }] of after.files) {
    const last = before.files.get(path);
    if (text === undefined) {
      // One that is written once is noted when it is there: until then a killed run may not have made it.
      if (last === undefined && exists(path)) files.set(path, { text, mode });
      continue;
    }
    if (last?.text === text || last?.also?.includes(text)) continue;
    // Of a file that is there and that no record knows, what we may write is all that is known.
    const isMade = last === undefined && !exists(path);
    files.set(path, isMade ? { text, mode } : { text: undefined, mode, ...last, also: [...(last?.also ?? []), text] });
  }
  const additions = new Map(before.additions);
  const alsoAdded = new Map(before.alsoAdded);
  for (const [path, text] of after.additions) {
    const last = before.additions.get(path);
    if (text === '') continue;
    if (last === undefined) {
      // Taken for what was added last, it would count as taken out by the user where a killed run did not come so far.
      additions.set(path, '');
      alsoAdded.set(path, [text]);
    } else if (last !== text && !alsoAdded.get(path)?.includes(text)) alsoAdded.set(path, [...(alsoAdded.get(path) ?? []), text]);
  }
  return { ...before, files, additions, alsoAdded };
}

/** Files that a record has and that are not planned any more, though they are there. */
export const strayFiles = (before: WrittenRecord, decisions: readonly Decision[], exists: (path: string) => boolean): string[] => {
  const planned = new Set(decisions.map(({ path }) => path));
  return [...before.files.keys()].filter((path) => !planned.has(path) && exists(path)).sort();
};
