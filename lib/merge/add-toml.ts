import type { AdditionInput, AdditionResult } from './addition.ts';
import { applyEdits, type Edit, indentAt, lineEnd, lineEnding, splitMark } from './layout.ts';
import { noPlace } from './no-place.ts';
import { isObject, sameValue } from './result.ts';
import { parseTomlText } from './toml-text.ts';

/**
 * Adds to a list of strings in a TOML file, such as `members` of `[tool.uv.workspace]`: the one thing that we add to a pyproject.toml.
 * The list is found below the header of its table, written on one line or on many. Where it is written in another way, or where
 * something else has its place, the lines are told instead.
 */
export function addToml(input: AdditionInput): AdditionResult {
  const { path, theirs, base, ours, adopt } = input;
  const value = parseTomlText(theirs, path);
  const [before, wanted] = [overlayList(base), overlayList(ours)];
  const names = (wanted ?? before)?.names;
  if (names === undefined) return { text: theirs, notes: [] };
  const there = valueAt(value, names);
  const [last, today, list] = [before?.items ?? [], wanted?.items ?? [], isStrings(there) ? there : []];
  const removed = last.filter((item) => !today.includes(item) && list.includes(item));
  const added = today.filter((item) => !last.includes(item) && !list.includes(item));
  const items = [...list.filter((item) => !removed.includes(item)), ...added];
  const own = today.filter((item) => adopt || last.includes(item) || added.includes(item));
  // An empty list of ours makes a table what it is, a uv workspace for instance.
  const isNew = there === undefined && (before === undefined ? wanted !== undefined : added.length > 0);
  const isGone = there !== undefined && wanted === undefined && items.length === 0 && (removed.length > 0 || last.length === 0);
  const isRecorded = wanted !== undefined && (own.length > 0 || isNew || before !== undefined);
  const recorded = !isRecorded ? {} : { recorded: sameValue(own, today) ? ours : overlayText(names, own) };
  if (!isNew && !isGone && removed.length + added.length === 0) return { text: theirs, notes: [], ...recorded };
  const { mark, body } = splitMark(theirs);
  const text = isNew ? created(body, names, items) : isGone ? withoutList(body, names) : changed(body, names, removed, added);
  if (text === undefined || !holds(text, value, names, items)) return noPlace(input);
  return { text: mark + text, notes: [], ...recorded };
}

interface OverlayList {
  names: string[];
  items: string[];
}

/** The one list of an overlay. */
function overlayList(overlay: string | undefined): OverlayList | undefined {
  const names: string[] = [];
  let value: unknown = parseTomlText(overlay ?? '');
  for (; isObject(value); value = value[names.at(-1) ?? '']) {
    const keys = Object.keys(value);
    if (keys.length === 0 && names.length === 0) return undefined;
    if (keys.length !== 1) break;
    names.push(keys[0] as string);
  }
  if (!isStrings(value) || names.length < 2) throw new TypeError(`no list of strings in a table: ${overlay}`);
  return { names, items: value };
}

const isStrings = (value: unknown): value is string[] => Array.isArray(value) && value.every((item) => typeof item === 'string');

const valueAt = (value: unknown, names: readonly string[]): unknown =>
  names.reduce((one, name) => (isObject(one) && Object.hasOwn(one, name) ? one[name] : undefined), value);

const keyText = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key));
const entry = (names: readonly string[], items: readonly string[]): string =>
  `${keyText(names.at(-1) ?? '')} = [${items.map((item) => JSON.stringify(item)).join(', ')}]`;
const header = (names: readonly string[]): string => `[${names.slice(0, -1).map(keyText).join('.')}]`;
const overlayText = (names: readonly string[], items: readonly string[]): string => `${header(names)}\n${entry(names, items)}\n`;

/** Whether a text holds the items, and all else as it was. */
function holds(text: string, before: unknown, names: readonly string[], items: readonly string[]): boolean {
  try {
    const value = parseTomlText(text);
    return sameValue(valueAt(value, names) ?? [], items) && sameValue(without(value, names), without(before, names));
  } catch {
    return false;
  }
}

/** A value without what stands at a path, and without the tables that are empty then. */
function without(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (!isObject(value) || name === undefined) return undefined;
  const { [name]: member, ...others } = value;
  const left = without(member, rest);
  return left === undefined || (isObject(left) && Object.keys(left).length === 0) ? others : { ...others, [name]: left };
}

interface Table {
  start: number;
  /** Offset behind the header's bracket, and behind its line but for the line ending. */
  head: number;
  body: number;
  /** Offset of the next header. */
  end: number;
}

/** A table in a text: from its header to the next one. */
function tableOf(text: string, names: readonly string[]): Table | undefined {
  const escaped = names.slice(0, -1).map((name) => `["']?${name.replace(/[^\w-]/g, '\\$&')}["']?`);
  const found = new RegExp(`^[ \\t]*\\[[ \\t]*${escaped.join('[ \\t]*\\.[ \\t]*')}[ \\t]*\\]`, 'm').exec(text);
  if (found === null) return undefined;
  const head = found.index + found[0].length;
  const body = lineEnd(text, head);
  const next = /^[ \t]*\[/m.exec(text.slice(body));
  return { start: found.index, head, body, end: next === null ? text.length : body + next.index };
}

function created(text: string, names: readonly string[], items: readonly string[]): string {
  const eol = lineEnding(text);
  const table = tableOf(text, names);
  if (table !== undefined) return applyEdits(text, [{ at: table.body, text: eol + entry(names, items) }]);
  const block = `${header(names)}${eol}${entry(names, items)}${eol}`;
  return text === '' ? block : text + (text.endsWith('\n') ? eol : eol + eol) + block;
}

interface Item {
  start: number;
  end: number;
  value: string;
  /** Offset of the comma behind it. */
  comma?: number;
}

interface List {
  /** Start of its key. */
  start: number;
  /** Offset behind the opening bracket, and of the closing one. */
  open: number;
  close: number;
  items: Item[];
}

/** The list below its table's header. */
function listOf(text: string, names: readonly string[]): List | undefined {
  const table = tableOf(text, names);
  const key = names.at(-1)?.replace(/[^\w-]/g, '\\$&');
  const found = table && new RegExp(`^[ \\t]*["']?${key}["']?[ \\t]*=[ \\t]*\\[`, 'm').exec(text.slice(table.body, table.end));
  if (!table || !found) return undefined;
  const start = table.body + found.index;
  const open = start + found[0].length;
  const items: Item[] = [];
  const token = /\s+|#[^\n]*|(,)|("(?:[^"\\\n]|\\.)*"|'[^'\n]*')|(\])/y;
  token.lastIndex = open;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [, comma, string, close] = match;
    const last = items.at(-1);
    if (close) return { start, open, close: match.index, items };
    if (comma && last) last.comma = match.index;
    if (string) items.push({ start: match.index, end: token.lastIndex, value: valueAt(parseTomlText(`x = ${string}`), ['x']) as string });
  }
  return undefined;
}

function changed(text: string, names: readonly string[], removed: readonly string[], added: readonly string[]): string | undefined {
  let current = text;
  for (const value of [...removed, ...added]) {
    const list = listOf(current, names);
    if (list === undefined) return undefined;
    const item = removed.includes(value) ? list.items.findLast((one) => one.value === value) : undefined;
    current = applyEdits(current, item === undefined ? insertion(current, list, value) : removal(current, list, item));
  }
  return current;
}

const commentAt = (text: string, offset: number): string => /^[ \t]*#[^\n\r]*/.exec(text.slice(offset))?.[0] ?? '';

/** Puts an item behind the last one, in the layout that the list has. */
function insertion(text: string, list: List, value: string): Edit[] {
  const last = list.items.at(-1);
  const inner = text.slice(list.open, list.close);
  const isLiteral = last !== undefined && text[last.start] === "'" && !value.includes("'");
  const item = isLiteral ? `'${value}'` : JSON.stringify(value);
  const eol = lineEnding(text);
  if (last === undefined) {
    if (inner.trim() === '') return [{ at: list.open, end: list.close, text: item }];
    return [{ at: list.open + inner.trimEnd().length, text: `${eol}    ${item},` }];
  }
  const end = last.comma === undefined ? last.end : last.comma + 1;
  if (!inner.includes('\n')) return [{ at: end, text: last.comma === undefined ? `, ${item}` : ` ${item},` }];
  const isOnLine = text.slice(text.lastIndexOf('\n', last.start - 1) + 1, last.start).trim() === '';
  const indent = isOnLine ? indentAt(text, last.start) : `${indentAt(text, list.start)}    `;
  const comma = last.comma === undefined ? [{ at: last.end, text: ',' }] : [];
  return [...comma, { at: end + commentAt(text, end).length, text: eol + indent + item + (last.comma === undefined ? '' : ',') }];
}

/** Takes an item out, with its comma and, where it has one of its own, its line. */
function removal(text: string, list: List, item: Item): Edit[] {
  const index = list.items.indexOf(item);
  const [previous, next] = [list.items[index - 1], list.items[index + 1]];
  const end = item.comma === undefined ? item.end : item.comma + 1;
  const start = text.lastIndexOf('\n', item.start - 1) + 1;
  // A last item without a comma leaves none behind.
  const front =
    item.comma === undefined && previous?.comma !== undefined ? [{ at: previous.comma, end: previous.comma + 1, text: '' }] : [];
  const newline = /^[ \t]*\r?\n/.exec(text.slice(end))?.[0];
  if (newline !== undefined && text.slice(start, item.start).trim() === '')
    return [...front, { at: start, end: end + newline.length, text: '' }];
  if (next !== undefined && !text.slice(item.end, next.start).includes('\n')) return [{ at: item.start, end: next.start, text: '' }];
  const from =
    previous === undefined || text.slice(previous.end, item.start).includes('\n') ? item.start : (previous.comma ?? previous.end) + 1;
  return [...front, { at: from, end, text: '' }];
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
