import { diffIndices } from 'node-diff3';
import { lineEnding, splitMark } from './layout.ts';
import { type Hunk, hunks, stretchesOf } from './sequence.ts';

/** A file as we wrote it last, as the user has it, and as we would write it today. */
export interface ThreeTexts {
  base: string;
  theirs: string;
  ours: string;
}

/** What a three-way merge gave. */
export interface ThreeWayResult {
  /** Whether no place was changed on both sides. */
  clean: boolean;
  /** The merged text; where it is not clean, with conflict markers or with ours at each such place, as was asked for. */
  text: string;
}

/** Names beside the conflict markers. */
const labels = { theirs: 'yours', ours: 'generated' };

/** Whether a text holds conflict markers, ours or git's. */
export const hasMarkers = (text: string): boolean => [/^<<<<<<< ./m, /^=======\r?$/m, /^>>>>>>> ./m].every((marker) => marker.test(text));

/**
 * Merges what a user made of a file with what we would write today, by lines.
 *
 * The byte order mark and the line endings have no part in the comparison: the result has those of the user's text, line by line.
 *
 * @param base What we wrote last.
 * @param theirs The user's text.
 * @param ours What we would write today.
 * @param favour `ours` takes ours where both sides changed one place differently, instead of marking it.
 */
export function threeWay(base: string, theirs: string, ours: string, favour?: 'ours'): ThreeWayResult {
  const [before, there, wanted] = [split(base), split(splitMark(theirs).body), split(ours)];
  const changes = [...hunks(before.lines, there.lines, 'theirs'), ...hunks(before.lines, wanted.lines, 'ours')];
  return woven({ before, there, wanted }, changes, theirs, favour);
}

/**
 * The merges that favour ours: how many edits the user has made, and the merge with only some of them, by their index. The texts are
 * compared once, however many merges are looked at.
 */
export function mergesWith({ base, theirs, ours }: ThreeTexts): { count: number; only: (kept: ReadonlySet<number>) => string } {
  const { body } = splitMark(theirs);
  const eol = lineEnding(body);
  const [before, there, wanted] = [split(base), split(body), split(ours)];
  const mine = hunks(before.lines, there.lines, 'theirs');
  const others = hunks(before.lines, wanted.lines, 'ours');
  return {
    count: mine.length,
    only: (kept) => {
      const raw: string[] = [];
      let [at, from] = [0, 0];
      for (const [index, { start, end, content }] of mine.entries()) {
        const [edit, next] = [at + start - from, at + start - from + content.length];
        raw.push(...there.raw.slice(at, edit));
        raw.push(...(kept.has(index) ? there.raw.slice(edit, next) : before.lines.slice(start, end).map((line) => line + eol)));
        [at, from] = [next, end];
      }
      raw.push(...there.raw.slice(at));
      const changes = [...mine.filter((_, index) => kept.has(index)), ...others];
      return woven({ before, there: { raw, isEnded: raw.at(-1)?.endsWith('\n') ?? true }, wanted }, changes, theirs, 'ours').text;
    },
  };
}

/** The two changes of one text together, in the layout of the user's. */
function woven(
  { before, there, wanted }: { before: Lines; there: Pick<Lines, 'raw' | 'isEnded'>; wanted: Lines },
  changes: readonly Hunk[],
  theirs: string,
  favour?: 'ours',
): ThreeWayResult {
  const { mark, body } = splitMark(theirs);
  const eol = lineEnding(body);
  const written = (lines: readonly string[]): string => lines.map((line) => line + eol).join('');
  let clean = true;
  let text = '';
  let isMarked = false;
  for (const stretch of stretchesOf(before.lines, changes)) {
    const raw = there.raw.slice(stretch.at, stretch.at + stretch.theirs.length).map((line) => (line.endsWith('\n') ? line : line + eol));
    isMarked = false;
    if (stretch.by === 'nobody' || stretch.by === 'theirs') text += raw.join('');
    else if (stretch.by === 'ours') text += written(stretch.ours);
    else {
      clean = false;
      isMarked = favour === undefined;
      text += isMarked ? markers(raw.join(''), written(stretch.ours), eol) : written(stretch.ours);
    }
  }
  // A line ending at the end of the file is a matter of its own: whoever changed it has it.
  const isEnded = there.isEnded === before.isEnded ? wanted.isEnded : there.isEnded;
  return { clean, text: mark + (isEnded || isMarked ? text : text.replace(/\r?\n$/, '')) };
}

/** Marks each place where two texts without a common origin differ. */
export function twoWay(theirs: string, ours: string): ThreeWayResult {
  const { mark, body } = splitMark(theirs);
  const eol = lineEnding(body);
  const [there, wanted] = [split(body), split(ours)];
  const closed = (lines: readonly string[]): string => lines.map((line) => (line.endsWith('\n') ? line : line + eol)).join('');
  let at = 0;
  let text = '';
  const differences = diffIndices(there.lines, wanted.lines);
  for (const { buffer1, buffer2Content } of differences) {
    const [start, length] = buffer1;
    const mine = there.raw.slice(start, start + length);
    text += closed(there.raw.slice(at, start)) + markers(closed(mine), closed(buffer2Content), eol);
    at = start + length;
  }
  return { clean: differences.length === 0, text: mark + text + there.raw.slice(at).join('') };
}

interface Lines {
  /** Without their endings. */
  lines: string[];
  /** As they stand in the text. */
  raw: string[];
  /** Whether the last line has an ending; so has the text without a line. */
  isEnded: boolean;
}

function split(text: string): Lines {
  const raw = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return { raw: [...raw], lines: raw.map((line) => line.replace(/\r?\n$/, '')), isEnded: text === '' || text.endsWith('\n') };
}

const markers = (theirs: string, ours: string, eol: string): string =>
  `<<<<<<< ${labels.theirs}${eol}${theirs}=======${eol}${ours}>>>>>>> ${labels.ours}${eol}`;

/** How many lines of two texts have no counterpart in the other. Line endings are no part of it. */
export function lineDistance(one: string, other: string): number {
  const [a, b] = [one, other].map((text) => text.split(/\r?\n/)) as [string[], string[]];
  return diffIndices(a, b).reduce((sum, { buffer1, buffer2 }) => sum + buffer1[1] + buffer2[1], 0);
}
