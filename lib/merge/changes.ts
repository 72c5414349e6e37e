import type { MergedItem } from './list.ts';

export type Path = (string | number)[];

/** A change of one value in a text. */
export type Change =
  | { kind: 'set'; path: Path; value: unknown }
  | { kind: 'remove'; path: Path }
  /** An item put into a list in front of the one that has the index now, or behind the last. */
  | { kind: 'insert'; path: Path; index: number; value: unknown };

/**
 * The changes that make a merged list of the one that is there: from the back, so that indices stay right. A new item in the place of one
 * that goes is set there: what stands around it, such as a comment, stays.
 */
export function listChanges(path: Path, length: number, merged: readonly MergedItem[]): Change[] {
  const stays = new Set(merged.map(({ index }) => index));
  const [set, removed, inserted]: [Change[], Change[], Change[]] = [[], [], []];
  let last = -1;
  for (const [at, { index, value }] of merged.entries()) {
    const next = merged.slice(at).find((one) => one.index !== undefined)?.index ?? length;
    if (index !== undefined) last = index;
    else if (last + 1 < next) {
      last += 1;
      stays.add(last);
      set.push({ kind: 'set', path: [...path, last], value });
    } else inserted.push({ kind: 'insert', path, index: at, value });
  }
  for (let index = length - 1; index >= 0; index -= 1) if (!stays.has(index)) removed.push({ kind: 'remove', path: [...path, index] });
  return [...set, ...removed, ...inserted];
}
