import type { MergedItem } from './list.ts';

export type Path = (string | number)[];

/** A change of one value in a text. */
export type Change =
  | { kind: 'set'; path: Path; value: unknown }
  | { kind: 'remove'; path: Path }
  /** An item put into a list in front of the one that has the index now, or behind the last. */
  | { kind: 'insert'; path: Path; index: number; value: unknown };

/** The changes that make a merged list of the one that is there: from the back, so that indices stay right. */
export function listChanges(path: Path, length: number, merged: readonly MergedItem[]): Change[] {
  const kept = new Set(merged.map(({ index }) => index));
  const gone = Array.from({ length }, (_, index) => index).filter((index) => !kept.has(index));
  const changes: Change[] = gone.reverse().map((index) => ({ kind: 'remove', path: [...path, index] }));
  for (const [index, item] of merged.entries()) {
    if (item.index === undefined) changes.push({ kind: 'insert', path, index, value: item.value });
  }
  return changes;
}
