import { type Change, listChanges, type Path } from './changes.ts';
import { parseJsonText } from './json.ts';
import { applyToJson } from './json-changes.ts';
import { mergeOwnLists } from './list.ts';
import { isObject, sameValue, setOwn } from './result.ts';

/**
 * Three-way merge of JSON texts by their values: members and list items are independent of their neighbours, and of commas. Of the
 * user's text only what we changed is touched; its comments and its layout stay. A member that the user took out stays out.
 *
 * @param base What we wrote last.
 * @param theirs The user's text.
 * @param ours What we would write today.
 * @param favour `ours` takes ours where one value was changed on both sides, and keeps every other edit.
 * @returns `undefined` where a text is no JSON object, or, unless ours is favoured, where one value was changed on both sides.
 */
export function threeWayJson(base: string, theirs: string, ours: string, favour?: 'ours'): string | undefined {
  const [before, there, wanted] = [base, theirs, ours].map(objectIn);
  if (before === undefined || there === undefined || wanted === undefined) return undefined;
  const merge = new Merge();
  const expected = merge.object(before, there, wanted, []);
  return merge.hasMet && favour === undefined ? undefined : applyToJson(theirs, merge.changes, expected);
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value = parseJsonText(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

type Members = Record<string, unknown>;

/** Collects the changes that bring ours into theirs. */
class Merge {
  readonly changes: Change[] = [];
  /** Whether both sides changed one value; ours is what it became. */
  hasMet = false;

  object(base: Members, theirs: Members, ours: Members, path: Path): Members {
    const result: Members = {};
    for (const [key, value] of Object.entries(theirs)) setOwn(result, key, value);
    for (const key of new Set([...Object.keys(base), ...Object.keys(ours)])) {
      const [before, there, wanted] = [base, theirs, ours].map((one) => (Object.hasOwn(one, key) ? one[key] : undefined));
      const merged = this.#value(before, there, wanted, [...path, key]);
      if (merged === undefined) delete result[key];
      else setOwn(result, key, merged);
    }
    return result;
  }

  #value(before: unknown, there: unknown, wanted: unknown, path: Path): unknown {
    if (sameValue(before, wanted) || sameValue(there, wanted)) return there;
    if (there === undefined) return before === undefined ? this.#becomes(wanted, path) : undefined;
    if (isObject(there) && isObject(wanted) && (before === undefined || isObject(before))) {
      return this.object(before ?? {}, there, wanted, path);
    }
    if (Array.isArray(there) && Array.isArray(wanted) && (before === undefined || Array.isArray(before))) {
      const { items, hasMet } = mergeOwnLists(before ?? [], there, wanted);
      if (hasMet) this.hasMet = true;
      this.changes.push(...listChanges(path, there.length, items));
      return items.map(({ value }) => value);
    }
    if (!sameValue(there, before)) this.hasMet = true;
    return this.#becomes(wanted, path);
  }

  #becomes(value: unknown, path: Path): unknown {
    this.changes.push(value === undefined ? { kind: 'remove', path } : { kind: 'set', path, value });
    return value;
  }
}
