import { listChanges, type Path } from './changes.ts';
import { splitMark } from './layout.ts';
import { requirementName } from './line-names.ts';
import { mergeOwnLists } from './list.ts';
import { isObject, sameValue } from './result.ts';
import type { ThreeTexts } from './three-way.ts';
import { listOf, withListChange } from './toml-list.ts';
import { parseTomlText } from './toml-text.ts';

/**
 * Merges the lists of strings that both sides changed, such as the members of a workspace to which both add: what they hold is
 * independent of its neighbours, which lines are not. Each such list is afterwards the same in all three texts, as the user lays it
 * out, so that a merge by lines finds nothing to decide there. A list stays as it is where an item that we wrote was replaced on both
 * sides, where it would have two requirements of one package, where our comments in it have changed, and where it is written in another
 * way than a list of strings below its table's header.
 */
export function withListsAlike(texts: ThreeTexts): ThreeTexts {
  const [before, there, wanted] = [texts.base, texts.theirs, texts.ours].map(tablesIn);
  if (before === undefined || there === undefined || wanted === undefined) return texts;
  return listsIn(before, there, wanted).reduce((merged, lists) => withListAlike(merged, lists) ?? merged, texts);
}

function tablesIn(text: string): Record<string, unknown> | undefined {
  try {
    return parseTomlText(text);
  } catch {
    return undefined;
  }
}

interface Lists {
  path: string[];
  base: string[];
  theirs: string[];
  ours: string[];
}

/** Lists of strings that stand in all three and that both sides changed differently. */
function listsIn(base: unknown, theirs: unknown, ours: unknown, path: string[] = []): Lists[] {
  if (isStrings(base) && isStrings(theirs) && isStrings(ours)) {
    const isOneSided = sameValue(base, theirs) || sameValue(base, ours) || sameValue(theirs, ours);
    return isOneSided ? [] : [{ path, base, theirs, ours }];
  }
  if (!isObject(base) || !isObject(theirs) || !isObject(ours)) return [];
  return Object.keys(base).flatMap((key) => listsIn(base[key], theirs[key], ours[key], [...path, key]));
}

const isStrings = (value: unknown): value is string[] => Array.isArray(value) && value.every((item) => typeof item === 'string');

function withListAlike(texts: ThreeTexts, { path, base, theirs, ours }: Lists): ThreeTexts | undefined {
  const { items: merged, hasMet } = mergeOwnLists(base, theirs, ours);
  const expected = merged.map(({ value }) => value as string);
  if (hasMet || hasPackageTwice(expected, theirs, ours)) return undefined;
  // The list is as the user lays it out from here on, which would lose them.
  if (!sameValue(commentsIn(texts.base, path), commentsIn(texts.ours, path))) return undefined;
  let text: string | undefined = splitMark(texts.theirs).body;
  for (const change of listChanges(path, theirs.length, merged)) {
    text = text === undefined ? undefined : withListChange(text, change);
  }
  const list = text === undefined ? undefined : listOf(text, path);
  if (text === undefined || list === undefined) return undefined;
  if (!sameValue(at(tablesIn(text), path), expected)) return undefined;
  const written = text.slice(list.start, list.close).replaceAll('\r\n', '\n');
  const [before, today] = [texts.base, texts.ours].map((one) => {
    const other = listOf(one, path);
    return other && one.slice(0, other.start) + written + one.slice(other.close);
  });
  if (before === undefined || today === undefined) return undefined;
  return { base: before, theirs: splitMark(texts.theirs).mark + text, ours: today };
}

/** Whether a merged list names a package more often than either side, with what each wants of it: no installer finds one for both. */
function hasPackageTwice(merged: string[], theirs: string[], ours: string[]): boolean {
  const times = (list: string[], name: string): number => list.filter((item) => requirementName(item) === name).length;
  const names = merged.map(requirementName);
  return names.some((name) => times(merged, name) > Math.max(times(theirs, name), times(ours, name)));
}

/** What is said between the items of a list. */
function commentsIn(text: string, path: string[]): string[] {
  const list = listOf(text, path);
  if (list === undefined) return [];
  const starts = [...list.items.map(({ start }) => start), list.close];
  const ends = [list.open, ...list.items.map(({ end }) => end)];
  return starts.flatMap((start, index) => text.slice(ends[index], start).match(/#[^\r\n]*/g) ?? []);
}

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((one, key) => (isObject(one) ? one[key as string] : undefined), value);
