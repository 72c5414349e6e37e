import { diffIndices } from 'node-diff3';

/** A stretch of three sequences: what each of them has where the others have the rest. */
export interface Stretch {
  base: string[];
  theirs: string[];
  ours: string[];
  /** Who changed it; `both` where the two changes differ and can't both be had. */
  by: 'nobody' | 'theirs' | 'ours' | 'both';
  /** Index of the first of `theirs` in their sequence. */
  at: number;
}

/** A change of one side: what stands in the place of the elements from `start` to `end` of the base. */
export interface Hunk {
  side: 'theirs' | 'ours';
  start: number;
  end: number;
  content: string[];
}

/**
 * Aligns two changes of one sequence, of lines or of list items.
 *
 * Changes that only touch each other, with no unchanged element between them, are told apart where their order leaves no doubt and
 * nothing is lost: an edit of a line and an edit of the next one, or an edit of a line and a line that is new below it. A removal
 * beside a change, and two insertions at one place, are for somebody to decide.
 */
export const stretches = (base: readonly string[], theirs: readonly string[], ours: readonly string[]): Stretch[] =>
  stretchesOf(base, [...hunks(base, theirs, 'theirs'), ...hunks(base, ours, 'ours')]);

/** The same for changes that are known already. */
export function stretchesOf(base: readonly string[], changes: readonly Hunk[]): Stretch[] {
  const result: Stretch[] = [];
  let at = 0;
  let from = 0;
  const unchanged = (until: number): void => {
    if (until === from) return;
    const same = base.slice(from, until);
    result.push({ base: same, theirs: same, ours: same, by: 'nobody', at });
    at += same.length;
  };
  for (const group of groups(changes)) {
    const start = Math.min(...group.map((hunk) => hunk.start));
    const end = Math.max(...group.map((hunk) => hunk.end));
    unchanged(start);
    const made = (side: Hunk['side']): string[] =>
      applied(
        base,
        start,
        end,
        group.filter((hunk) => hunk.side === side),
      );
    const stretch = { base: base.slice(start, end), theirs: made('theirs'), ours: made('ours'), at };
    result.push({ ...stretch, by: changedBy(group, stretch.theirs, stretch.ours) });
    at += stretch.theirs.length;
    from = end;
  }
  unchanged(base.length);
  return result;
}

function changedBy(group: readonly Hunk[], theirs: readonly string[], ours: readonly string[]): Stretch['by'] {
  const sides = new Set(group.map(({ side }) => side));
  const isSame = theirs.length === ours.length && theirs.every((one, index) => one === ours[index]);
  if (sides.size === 2 && !isSame) return 'both';
  return sides.has('theirs') ? 'theirs' : 'ours';
}

/** The changes of one side. */
export const hunks = (base: readonly string[], changed: readonly string[], side: Hunk['side']): Hunk[] =>
  diffIndices([...base], [...changed]).map(({ buffer1: [start, length], buffer2Content }) => ({
    side,
    start,
    end: start + length,
    content: buffer2Content,
  }));

/** Changes that meet, together; in the order of the base, an insertion in front of what it stands in front of. */
function groups(all: readonly Hunk[]): Hunk[][] {
  const result: Hunk[][] = [];
  for (const hunk of all.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const last = result.at(-1);
    if (last?.some((other) => other.side !== hunk.side && meet(other, hunk))) last.push(hunk);
    else result.push([hunk]);
  }
  return result;
}

/** Whether two changes can't both be made; the first starts no later than the second. */
function meet(first: Hunk, second: Hunk): boolean {
  if (second.start !== first.end) return second.start < first.end;
  const isInsertion = (hunk: Hunk): boolean => hunk.start === hunk.end;
  const isRemoval = (hunk: Hunk): boolean => hunk.content.length === 0;
  return isRemoval(first) || isRemoval(second) || (isInsertion(first) && isInsertion(second));
}

/** A part of the base with the changes of one side in it. */
function applied(base: readonly string[], start: number, end: number, changes: readonly Hunk[]): string[] {
  const result: string[] = [];
  let from = start;
  for (const change of changes) {
    result.push(...base.slice(from, change.start), ...change.content);
    from = change.end;
  }
  return [...result, ...base.slice(from, end)];
}
