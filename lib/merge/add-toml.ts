import { stringify } from 'smol-toml';
import type { AdditionInput, AdditionResult } from './addition.ts';
import type { Change } from './changes.ts';
import { applyEdits, lineEnding, splitMark } from './layout.ts';
import { noPlace } from './no-place.ts';
import { mergeOverlay } from './overlay.ts';
import { isObject, sameValue } from './result.ts';
import { listOf, tableOf, withListChange } from './toml-list.ts';
import { parseTomlText } from './toml-text.ts';

/**
 * Adds to a list of strings in a TOML file, such as `members` of `[tool.uv.workspace]`: the one thing that we add to a pyproject.toml.
 * The list is found below the header of its table, written on one line or on many. Where it is written in another way, or where
 * something else has its place, the lines are told instead.
 */
export function addToml(input: AdditionInput): AdditionResult {
  const { path, theirs, base, ours, adopt } = input;
  const [before, today] = [parseTomlText(base ?? ''), parseTomlText(ours ?? '')];
  const merged = mergeOverlay(before, parseTomlText(theirs, path), today, { adopt });
  const { mark, body } = splitMark(theirs);
  let text: string | undefined = body;
  for (const change of merged.changes) text = text === undefined ? undefined : withChange(text, change, before);
  const recorded = sameValue(merged.recorded, today) ? ours : merged.recorded && stringify(merged.recorded);
  if (text === undefined || !holds(text, merged.expected)) {
    const [names] = leafOf(ours ? today : before);
    const [there, wanted] = [listAt(parseTomlText(theirs), names), listAt(merged.expected, names)];
    return noPlace(input, { notes: merged.notes, added: items(wanted, there, names), removed: items(there, wanted, names), recorded });
  }
  return { text: mark + text, notes: merged.notes, ...(merged.recorded === undefined ? {} : { recorded }) };
}

const listAt = (value: unknown, names: readonly string[]): unknown[] => {
  const list = names.reduce((one, name) => (isObject(one) ? one[name] : undefined), value);
  return Array.isArray(list) ? list : [];
};

/**
 * The items that a list has and another one has not, in words: beside a key with dots or an inline table, a table's header is no valid
 * line.
 */
function items(list: readonly unknown[], other: readonly unknown[], names: readonly string[]): string {
  const own = list.filter((item) => !other.includes(item)).map((item) => JSON.stringify(item));
  return own.length === 0 ? '' : `${own.join(', ')} in ${names.at(-1)} of ${names.slice(0, -1).join('.')}`;
}

function holds(text: string, expected: unknown): boolean {
  try {
    return sameValue(parseTomlText(text), expected);
  } catch {
    return false;
  }
}

function withChange(text: string, change: Change, base: unknown): string | undefined {
  const names = change.path.filter((name) => typeof name === 'string');
  const isItem = names.length < change.path.length;
  if (change.kind === 'set' && !isItem) return created(text, ...leafOf(change.value, names));
  if (change.kind === 'remove' && !isItem) return withoutList(text, leafOf(base)[0]);
  return withListChange(text, change);
}

/** The one value that an overlay has in its tables, behind the names that lead to it. */
function leafOf(value: unknown, names: string[] = []): [string[], unknown] {
  const [[name, member] = [], ...others] = isObject(value) ? Object.entries(value) : [];
  return name === undefined || others.length > 0 ? [names, value] : leafOf(member, [...names, name]);
}

/** The list as a new entry of its table, or in a new one at the end. */
function created(text: string, names: readonly string[], items: unknown): string | undefined {
  if (names.length < 2 || !Array.isArray(items) || !items.every((item) => typeof item === 'string')) return undefined;
  const key = (name: string): string => (/^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name));
  const entry = `${key(names.at(-1) ?? '')} = [${items.map((item) => JSON.stringify(item)).join(', ')}]`;
  const eol = lineEnding(text);
  const table = tableOf(text, names);
  if (table !== undefined) return applyEdits(text, [{ at: table.body, text: eol + entry }]);
  const block = `[${names.slice(0, -1).map(key).join('.')}]${eol}${entry}${eol}`;
  return text === '' ? block : text + (text.endsWith('\n') ? eol : eol + eol) + block;
}

/** Takes the whole entry out, and its table's header where nothing else is below it. */
function withoutList(text: string, names: readonly string[]): string | undefined {
  const [table, list] = [tableOf(text, names), listOf(text, names)];
  if (table === undefined || list === undefined) return undefined;
  const rest = /^[ \t]*\r?\n?/.exec(text.slice(list.close + 1))?.[0] ?? '';
  const end = list.close + 1 + rest.length;
  const isAlone = `${text.slice(table.head, list.start)}${text.slice(end, table.end)}`.trim() === '';
  if (!isAlone) return text.slice(0, list.start) + text.slice(end);
  return text.slice(0, table.start).replace(/(\r?\n)[ \t]*\r?\n$/, '$1') + text.slice(end);
}
