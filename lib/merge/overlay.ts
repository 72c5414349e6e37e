import { type Change, listChanges, type Path } from './changes.ts';
import { mergeLists } from './list.ts';
import { isObject, keptNote, sameValue, setOwn } from './result.ts';

/** What decides about the values of one format, or of one file. */
export interface OverlayRules {
  /** Whether a value of ours is one thing, made or taken out whole: never added into one of the user's, nor left in parts. */
  isWhole?: (path: Path, ours: unknown) => boolean;
  /** The note on a value of the user's that stays; `undefined` for none. Default: one that names both. */
  note?: (path: Path, theirs: unknown, ours: unknown) => string | undefined;
  /** What is there as we would write it counts as ours, although no record says so. */
  adopt?: boolean;
}

/** What becomes of a file's values. */
export interface OverlayMerge {
  changes: Change[];
  /** What the file holds after them. */
  expected: Record<string, unknown>;
  /** What then stands for ours; `undefined` for nothing. */
  recorded: Record<string, unknown> | undefined;
  notes: string[];
}

type Members = Record<string, unknown>;

/**
 * Merges what we add to a file of others: what the user has stays, what we added follows what we would add today, or goes with it, as
 * long as it stands as we wrote it.
 *
 * @param base What we added last.
 * @param theirs The file's values.
 * @param ours What we would add today.
 */
export function mergeOverlay(base: Members, theirs: Members, ours: Members, rules: OverlayRules = {}): OverlayMerge {
  const merge = new Merge(rules);
  const { value, recorded } = merge.object(base, theirs, ours, []);
  return { changes: merge.changes, expected: value, recorded, notes: merge.notes };
}

interface Merged<T = unknown> {
  value: T;
  recorded: T | undefined;
}

class Merge {
  readonly changes: Change[] = [];
  readonly notes: string[] = [];
  readonly #rules: OverlayRules;

  constructor(rules: OverlayRules) {
    this.#rules = rules;
  }

  object(base: Members, theirs: Members, ours: Members, path: Path): Merged<Members> {
    const value: Members = {};
    const recorded: Members = {};
    for (const [key, member] of Object.entries(theirs)) setOwn(value, key, member);
    for (const key of new Set([...Object.keys(base), ...Object.keys(ours)])) {
      const [before, there, wanted] = [base, theirs, ours].map((one) => (Object.hasOwn(one, key) ? one[key] : undefined));
      const merged = this.#value(before, there, wanted, [...path, key]);
      if (merged.value === undefined) delete value[key];
      else setOwn(value, key, merged.value);
      if (merged.recorded !== undefined) setOwn(recorded, key, merged.recorded);
    }
    return { value, recorded: Object.keys(recorded).length === 0 ? undefined : recorded };
  }

  #value(before: unknown, there: unknown, wanted: unknown, path: Path): Merged {
    if (wanted === undefined) return { value: this.#taken(before, there, path), recorded: undefined };
    const isWhole = this.#rules.isWhole?.(path, wanted) ?? false;
    if (there === undefined && before === undefined) return this.#becomes(wanted, path);
    if (sameValue(there, wanted)) return this.#same(before, there, wanted);
    const isPart = !isWhole || (before !== undefined && there !== undefined);
    if (isPart && isObject(wanted) && isAbsentOr(isObject, before) && isAbsentOr(isObject, there)) {
      const merged = this.object((before as Members) ?? {}, (there as Members) ?? {}, wanted, path);
      return there === undefined && Object.keys(merged.value).length === 0 ? { value: undefined, recorded: wanted } : merged;
    }
    // The user took it out, or changed it while ours stays what it was.
    if (there === undefined || sameValue(before, wanted)) return { value: there, recorded: wanted };
    if (Array.isArray(wanted) && Array.isArray(there) && isAbsentOr(Array.isArray, before)) {
      return this.#list((before as unknown[]) ?? [], there, wanted, path);
    }
    if (sameValue(there, before)) return this.#becomes(wanted, path);
    const isMixed = (isObject(before) && isObject(there)) || (Array.isArray(before) && Array.isArray(there));
    const left = isMixed ? this.#taken(before, there, path) : there;
    if (left === undefined) {
      this.changes.pop();
      return this.#becomes(wanted, path);
    }
    const note = (this.#rules.note ?? keptNote)(path, left, wanted);
    if (note !== undefined) this.notes.push(note);
    return { value: left, recorded: before === undefined || isMixed ? undefined : wanted };
  }

  /** What is there already: the user's own, but for what the record has, item by item. */
  #same(before: unknown, there: unknown, wanted: unknown): Merged {
    if (this.#rules.adopt) return { value: there, recorded: wanted };
    return { value: there, recorded: shared(before, wanted) };
  }

  /** What is left where we add nothing any more. */
  #taken(before: unknown, there: unknown, path: Path): unknown {
    if (there === undefined || before === undefined) return there;
    if (sameValue(there, before)) return this.#becomes(undefined, path).value;
    const from = this.changes.length;
    let left: unknown;
    if (isObject(there) && isObject(before) && !this.#rules.isWhole?.(path, before)) left = this.object(before, there, {}, path).value;
    else if (Array.isArray(there) && Array.isArray(before)) left = this.#list(before, there, [], path).value;
    else {
      this.notes.push(`keeps ${path.join('.')}, which was changed here: nothing that is generated needs it any more`);
      return there;
    }
    if (Object.keys(left as object).length > 0 || Object.keys(there).length === 0) return left;
    // Nothing is left in it.
    this.changes.length = from;
    return this.#becomes(undefined, path).value;
  }

  #list(before: unknown[], there: unknown[], wanted: unknown[], path: Path): Merged {
    const merged = mergeLists(
      before,
      there,
      wanted.filter((item, index) => !has(wanted.slice(0, index), item)),
    );
    this.changes.push(...listChanges(path, there.length, merged));
    const own = wanted.filter((item) => has(before, item) || !has(there, item) || this.#rules.adopt);
    return {
      value: merged.map(({ value }) => value),
      recorded: own.length === 0 && (wanted.length > 0 || before.length === 0) ? undefined : own,
    };
  }

  #becomes(value: unknown, path: Path): Merged {
    this.changes.push(value === undefined ? { kind: 'remove', path } : { kind: 'set', path, value });
    return { value, recorded: value };
  }
}

const isAbsentOr = (is: (value: unknown) => boolean, value: unknown): boolean => value === undefined || is(value);

const has = (list: readonly unknown[], item: unknown): boolean => list.some((other) => sameValue(other, item));

/** The part of ours that the record has too. */
function shared(before: unknown, wanted: unknown): unknown {
  if (before === undefined) return undefined;
  if (sameValue(before, wanted)) return wanted;
  if (Array.isArray(before) && Array.isArray(wanted)) {
    const items = wanted.filter((item) => has(before, item));
    return items.length === 0 && wanted.length > 0 ? undefined : items;
  }
  if (!isObject(before) || !isObject(wanted)) return wanted;
  const result: Members = {};
  for (const [key, value] of Object.entries(wanted)) {
    const part = Object.hasOwn(before, key) ? shared(before[key], value) : undefined;
    if (part !== undefined) setOwn(result, key, part);
  }
  return Object.keys(result).length === 0 ? undefined : result;
}
