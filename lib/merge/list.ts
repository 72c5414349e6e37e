import { isObject, sameValue } from './result.ts';
import { type Stretch, stretches } from './sequence.ts';

/** An item of a merged list: one of the user's, by its index in their list, or one of ours. */
export type MergedItem = { index: number; value: unknown } | { index?: undefined; value: unknown };

/** Whether an item that we wrote may have been replaced on both sides: it is in neither list, and each has one of its own. */
export function isReplacedTwice(base: readonly unknown[], theirs: readonly unknown[], ours: readonly unknown[]): boolean {
  const has = (list: readonly unknown[], item: unknown): boolean => list.some((other) => sameValue(other, item));
  return (
    base.some((item) => !has(theirs, item) && !has(ours, item)) &&
    theirs.some((item) => !has(base, item) && !has(ours, item)) &&
    ours.some((item) => !has(base, item) && !has(theirs, item))
  );
}

/**
 * Merges two changes of a list in a file of ours. Items that are there once are independent of their places; where one comes more than
 * once, as an argument of a command does, its place is all that tells one from the other.
 *
 * @returns Whether both sides changed one place, where the list is then ours.
 */
export function mergeOwnLists(
  base: readonly unknown[],
  theirs: readonly unknown[],
  ours: readonly unknown[],
): { items: MergedItem[]; hasMet: boolean } {
  const isByPlace = [base, theirs, ours].some(isRepeating);
  if (!isByPlace && !isReplacedTwice(base, theirs, ours)) return { items: mergeLists(base, theirs, ours), hasMet: false };
  const { all, values } = placed(base, theirs, ours);
  const items = all.flatMap(({ by, mine, ours: keys }): MergedItem[] =>
    by === 'nobody' || by === 'theirs' ? mine : keys.map((key) => ({ value: values.get(key) })),
  );
  const meeting = all.filter(({ by }) => by === 'both');
  if (isByPlace) return { items, hasMet: meeting.length > 0 };
  // Where the user's item stands in the place of ours, the rest of the list is theirs too.
  const isInPlace = meeting.length > 0 && meeting.every(({ mine }) => mine.length > 0) && !isRepeating(items.map(({ value }) => value));
  return { items: isInPlace ? items : asOurs(theirs, ours), hasMet: true };
}

const isRepeating = (list: readonly unknown[]): boolean => new Set(list.map(canonical)).size < list.length;

/** Our list, with what of it the user's has in the same order as their items. */
function asOurs(theirs: readonly unknown[], ours: readonly unknown[]): MergedItem[] {
  let from = 0;
  return ours.map((value) => {
    const index = theirs.findIndex((other, at) => at >= from && sameValue(other, value));
    if (index === -1) return { value };
    from = index + 1;
    return { index, value };
  });
}

/**
 * Merges two changes of one list. An item that the user took out stays out, one that we no longer write goes, one that we write anew
 * comes, unless the user has it already. It comes to its place among its neighbours, or behind the others where they are not told
 * apart.
 */
export function mergeLists(base: readonly unknown[], theirs: readonly unknown[], ours: readonly unknown[]): MergedItem[] {
  const has = (list: readonly unknown[], item: unknown): boolean => list.some((other) => sameValue(other, item));
  const isOut = (item: unknown): boolean => has(base, item) && !has(ours, item);
  const kept: MergedItem[] = theirs.map((value, index) => ({ value, index })).filter(({ value }) => !isOut(value));
  const isNew = (item: unknown): boolean => !has(base, item) && !has(theirs, item);
  const plain = [...kept, ...ours.filter(isNew).map((value) => ({ value }))];
  const ordered = inOrder(base, theirs, ours, isOut, isNew);
  if (sameValue(base, theirs)) return ordered;
  // The order must not decide about what is in the list: an item that was moved and taken out, for instance, is out.
  return isSameBag(plain, ordered) ? ordered : plain;
}

function inOrder(
  base: readonly unknown[],
  theirs: readonly unknown[],
  ours: readonly unknown[],
  isOut: (item: unknown) => boolean,
  isNew: (item: unknown) => boolean,
): MergedItem[] {
  const { all, values } = placed(base, theirs, ours);
  return all.flatMap(({ by, mine, ours: keys }): MergedItem[] => {
    if (by === 'nobody' || by === 'theirs') return mine;
    const wanted = keys.map((key) => ({ value: values.get(key) }));
    if (by === 'ours') return wanted;
    return [...mine.filter(({ value }) => !isOut(value)), ...wanted.filter(({ value }) => isNew(value))];
  });
}

/** The stretches of three lists, each with the user's items in it, and the values behind their keys. */
function placed(
  base: readonly unknown[],
  theirs: readonly unknown[],
  ours: readonly unknown[],
): { all: (Stretch & { mine: MergedItem[] })[]; values: ReadonlyMap<string, unknown> } {
  const values = new Map<string, unknown>();
  const keys = (list: readonly unknown[]): string[] =>
    list.map((value) => {
      const key = canonical(value);
      values.set(key, value);
      return key;
    });
  const all = stretches(keys(base), keys(theirs), keys(ours)).map((stretch) => ({
    ...stretch,
    mine: stretch.theirs.map((_, offset) => ({ index: stretch.at + offset, value: theirs[stretch.at + offset] })),
  }));
  return { all, values };
}

const isSameBag = (a: readonly MergedItem[], b: readonly MergedItem[]): boolean => {
  const bag = (items: readonly MergedItem[]): string[] => items.map(({ value }) => canonical(value)).sort();
  return sameValue(bag(a), bag(b));
};

/** A text that equal values share, whatever the order of their keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    isObject(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one,
  );
}
