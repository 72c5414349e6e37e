import type { Change } from './changes.ts';
import { applyEdits, type Edit, indentAt, lineEnd, lineEnding } from './layout.ts';

export interface Table {
  start: number;
  /** Offset behind the header's bracket, and behind its line but for the line ending. */
  head: number;
  body: number;
  /** Offset of the next header. */
  end: number;
}

/** A table in a text: from its header to the next one. */
export function tableOf(text: string, names: readonly string[]): Table | undefined {
  const escaped = names.slice(0, -1).map((name) => `["']?${name.replace(/[^\w-]/g, '\\$&')}["']?`);
  const found = new RegExp(`^[ \\t]*\\[[ \\t]*${escaped.join('[ \\t]*\\.[ \\t]*')}[ \\t]*\\]`, 'm').exec(text);
  if (found === null) return undefined;
  const head = found.index + found[0].length;
  const body = lineEnd(text, head);
  const next = /^[ \t]*\[/m.exec(text.slice(body));
  return { start: found.index, head, body, end: next === null ? text.length : body + next.index };
}

interface Item {
  start: number;
  end: number;
  /** Offset of the comma behind it. */
  comma?: number;
}

export interface List {
  /** Start of its key. */
  start: number;
  /** Offset behind the opening bracket, and of the closing one. */
  open: number;
  close: number;
  items: Item[];
}

/** The list below its table's header. */
export function listOf(text: string, names: readonly string[]): List | undefined {
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
    if (string) items.push({ start: match.index, end: token.lastIndex });
  }
  return undefined;
}

const commentAt = (text: string, offset: number): string => /^[ \t]*#[^\n\r]*/.exec(text.slice(offset))?.[0] ?? '';

/**
 * A text with an item put into one of its lists, in the place of another, or taken out.
 *
 * @returns `undefined` where the list is written in another way than `listOf` reads.
 */
export function withListChange(text: string, change: Change): string | undefined {
  const list = listOf(
    text,
    change.path.filter((name) => typeof name === 'string'),
  );
  if (change.kind === 'insert') return list && applyEdits(text, insertion(text, list, change.index, String(change.value)));
  const item = list?.items[Number(change.path.at(-1))];
  if (list === undefined || item === undefined) return undefined;
  if (change.kind === 'remove') return applyEdits(text, removal(text, list, item));
  return applyEdits(text, [{ at: item.start, end: item.end, text: quotedAs(text, item, String(change.value)) }]);
}

/** A string in the quotes of an item, where it can be. */
const quotedAs = (text: string, item: Item | undefined, value: string): string =>
  item !== undefined && text[item.start] === "'" && !value.includes("'") ? `'${value}'` : JSON.stringify(value);

/** Puts an item in front of the one that has its index, or behind the last one, in the layout that the list has. */
function insertion(text: string, list: List, index: number, value: string): Edit[] {
  const [last, next] = [list.items.at(-1), list.items[index]];
  const inner = text.slice(list.open, list.close);
  const item = quotedAs(text, last, value);
  const eol = lineEnding(text);
  if (last === undefined) {
    if (inner.trim() === '') return [{ at: list.open, end: list.close, text: item }];
    return [{ at: list.open + inner.trimEnd().length, text: `${eol}    ${item},` }];
  }
  const near = next ?? last;
  const isOnLine = text.slice(text.lastIndexOf('\n', near.start - 1) + 1, near.start).trim() === '';
  const indent = isOnLine ? indentAt(text, near.start) : `${indentAt(text, list.start)}    `;
  if (next !== undefined) return [{ at: next.start, text: isOnLine ? `${item},${eol}${indent}` : `${item}, ` }];
  const end = last.comma === undefined ? last.end : last.comma + 1;
  if (!inner.includes('\n')) return [{ at: end, text: last.comma === undefined ? `, ${item}` : ` ${item},` }];
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
  // A comment behind it may be about more than the item: it stays, where the item began.
  const blanks = /^[ \t]*(?=#)/.exec(text.slice(end))?.[0];
  if (blanks !== undefined && text.slice(start, item.start).trim() === '')
    return [...front, { at: item.start, end: end + blanks.length, text: '' }];
  if (next !== undefined && !text.slice(item.end, next.start).includes('\n')) return [{ at: item.start, end: next.start, text: '' }];
  const from =
    previous === undefined || text.slice(previous.end, item.start).includes('\n') ? item.start : (previous.comma ?? previous.end) + 1;
  return [...front, { at: from, end, text: '' }];
}
