import { BadInput } from '../bad-input.ts';

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue;
}

/** A text that can't be read as its format. The line says where. */
export const unreadable = (path: string, what: string, offset?: { text: string; at: number }): BadInput => {
  if (offset === undefined) return new BadInput(`${path} ${what}: nothing was written. Correct it, then run again.`);
  const before = offset.text.slice(0, offset.at);
  const line = before.split('\n').length;
  const column = offset.at - (before.lastIndexOf('\n') + 1) + 1;
  return new BadInput(`${path} ${what} (line ${line}, column ${column}): nothing was written. Correct it, then run again.`);
};

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** Equality of parsed values: objects without regard to the order of their keys, dates by their text. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  }
  if (a instanceof Date && b instanceof Date) return a.toString() === b.toString();
  // JSON has one zero only in its values, two in its texts.
  if (a === 0 && b === 0) return true;
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]));
  }
  return false;
}

/** Sets an own property, also one that is called `__proto__`. */
export const setOwn = (target: Record<string, unknown>, key: string, value: unknown): void => {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
};

/**
 * The value that an additive merge must give: objects are merged, list items that are missing are appended, and anything else that
 * is there stays. It is worked out on parsed values, apart from the insertion into text, so that one checks the other.
 */
export function mergedValue(existing: unknown, added: unknown): unknown {
  if (existing === undefined) return added;
  if (isObject(existing) && isObject(added)) {
    const result: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(existing)) setOwn(result, key, value);
    for (const [key, value] of Object.entries(added)) {
      setOwn(result, key, mergedValue(Object.hasOwn(result, key) ? result[key] : undefined, value));
    }
    return result;
  }
  if (Array.isArray(existing) && Array.isArray(added)) {
    const result = [...existing];
    for (const item of added) {
      if (!result.some((other) => sameValue(other, item))) result.push(item);
    }
    return result;
  }
  return existing;
}

/** A note on a value that stays: `keeps targetDefaults.cache = false (ours: true)`. */
export const keptNote = (path: readonly (string | number)[], existing: unknown, added: unknown): string => {
  const [theirs, ours] = windows(written(existing), written(added));
  return `keeps ${path.join('.')} = ${theirs} (ours: ${ours})`;
};

const written = (value: unknown): string => JSON.stringify(value) ?? String(value);

/** Longest text that a note shows of a value. */
const width = 60;

/** Two texts, each cut to the part in which they differ where one of them is long. */
function windows(a: string, b: string): [string, string] {
  if (a.length <= width && b.length <= width) return [a, b];
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same += 1;
  const from = same < width / 2 ? 0 : same - 12;
  const cut = (text: string): string => {
    const until = from + width - 6;
    return `${from > 0 ? '...' : ''}${text.slice(from, until)}${text.length > until ? '...' : ''}`;
  };
  return [cut(a), cut(b)];
}
