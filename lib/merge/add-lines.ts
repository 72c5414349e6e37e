import type { AdditionInput, AdditionResult } from './addition.ts';
import { lineEnding, splitMark } from './layout.ts';

/** What of a list of entries comes, goes and is recorded. */
export interface EntryMerge {
  added: string[];
  removed: string[];
  recorded: string[];
}

/**
 * Merges entries that are equal or not, such as rules of a `.gitignore` or the modules of a barrel.
 *
 * @param isThere Whether the file has an entry, in whatever words.
 */
export function mergeEntries(
  base: readonly string[],
  isThere: (entry: string) => boolean,
  ours: readonly string[],
  adopt = false,
): EntryMerge {
  const added = ours.filter((entry) => !base.includes(entry) && !isThere(entry));
  return {
    added,
    removed: base.filter((entry) => !ours.includes(entry)),
    // One that the user took out is remembered, so that it does not come back.
    recorded: ours.filter((entry) => adopt || base.includes(entry) || added.includes(entry)),
  };
}

/**
 * Adds rules to a `.gitignore` or a file of its kind. A rule without a slash at its end stands for the same one with it. Blank lines
 * and comments of an overlay are passed over.
 */
export function addLines({ theirs, base, ours, adopt }: AdditionInput): AdditionResult {
  const { mark, body } = splitMark(theirs);
  const lines = body.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const there = new Set(lines.map((line) => line.trimEnd()));
  const isThere = (rule: string): boolean => there.has(rule) || (rule.endsWith('/') && there.has(rule.slice(0, -1)));
  const before = rules(base);
  const merged = mergeEntries(before, isThere, rules(ours), adopt);
  const text = mark + replaceLines(lines, before, merged, lineEnding(body));
  return { text, notes: [], ...(merged.recorded.length > 0 ? { recorded: asText(merged.recorded) } : {}) };
}

const rules = (overlay: string | undefined): string[] =>
  [...new Set((overlay ?? '').split(/\r?\n/).map((line) => line.trimEnd())).values()].filter(
    (line) => line !== '' && !line.startsWith('#'),
  );

/** Entries, one a line. */
export const asText = (entries: readonly string[]): string => entries.map((entry) => `${entry}\n`).join('');

/**
 * Takes lines out and puts lines in: behind the last one of ours, else at the end with a blank line in front. That one goes along with
 * the last of ours.
 */
function replaceLines(lines: readonly string[], base: readonly string[], { added, removed }: EntryMerge, eol: string): string {
  const written = added.map((line) => line + eol);
  const last = lines.findLastIndex((line) => base.includes(line.trimEnd()));
  if (last < 0) {
    const before = lines.join('');
    const gap = before === '' ? '' : before.endsWith('\n') ? eol : eol + eol;
    return added.length === 0 ? before : before + gap + written.join('');
  }
  // Of lines that are there twice the last one is ours.
  const out = new Set(removed.map((entry) => lines.findLastIndex((line) => line.trimEnd() === entry)));
  const kept = lines.slice(0, last + 1).filter((_, index) => !out.has(index));
  const rest = lines.slice(last + 1);
  if (added.length === 0 && rest.length === 0 && out.has(last) && kept.at(-1)?.trim() === '') kept.pop();
  const open = added.length > 0 && kept.length > 0 && !kept.at(-1)?.endsWith('\n') ? eol : '';
  return kept.join('') + open + written.join('') + rest.join('');
}
