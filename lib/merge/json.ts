import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { applyEdits, type Edit, indentAt, indentUnit, lineEnding, splitMark } from './layout.ts';
import { isObject, type JsonObject, type JsonValue, mergedValue, sameValue, setOwn, unreadable } from './result.ts';

/**
 * Adds to a JSON text, with or without comments and trailing commas: objects are merged, missing list items are appended, and a
 * value that is there already stays. Every other byte of the text stays as it is.
 *
 * @param additions What must be there afterwards.
 * @returns `undefined` where the text has no place for them.
 * @throws BadInput When the text is not JSON, or not an object.
 */
export function mergeJson(text: string, additions: JsonObject): string | undefined {
  const { mark, body } = splitMark(text);
  const eol = lineEnding(body);
  const root = parse(body, jsonFile);
  if (root === undefined) {
    // Nothing but blanks and comments: they stay in front.
    const gap = body === '' || body.endsWith('\n') ? '' : eol;
    return `${mark}${body}${gap}${jsonBlock(additions, '  ').replaceAll('\n', eol)}${eol}`;
  }
  if (root.type !== 'object') throw unreadable(jsonFile, 'holds no JSON object');
  const writer = new Writer(body, eol);
  writer.object(root, additions, '');
  const merged = applyEdits(body, writer.edits);
  return isSame(merged, mergedValue(valueAt(root), additions), body) ? mark + merged : undefined;
}

/** A text's name in errors where it has no path. */
const jsonFile = 'The JSON file';

/** Widest line that a list of plain values is written on. */
const lineWidth = 80;

/**
 * JSON as the common formatters write it: a line for each member, but a list of plain values on one line where that has room.
 *
 * @param unit One step of indentation.
 * @param indent Width of what stands in front of the first line.
 */
export function jsonBlock(value: JsonValue, unit: string, indent = 0): string {
  const inner = indent + unit.length;
  const nested = (member: JsonValue): string => jsonBlock(member, unit, inner).replaceAll('\n', `\n${unit}`);
  if (Array.isArray(value)) {
    const line = `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
    const isPlain = value.every((item) => typeof item !== 'object' || item === null);
    if (isPlain && indent + line.length <= lineWidth) return line;
    return `[\n${value.map((item) => unit + nested(item)).join(',\n')}\n]`;
  }
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${unit}${JSON.stringify(key)}: ${nested(member as JsonValue)}`);
  return members.length === 0 ? '{}' : `{\n${members.join(',\n')}\n}`;
}

/** The value of a JSON text with or without comments; `undefined` for a text without a value. */
export function parseJsonText(text: string, path = jsonFile): unknown {
  const root = parse(splitMark(text).body, path);
  return root === undefined ? undefined : valueAt(root);
}

function isSame(merged: string, expected: unknown, before: string): boolean {
  try {
    const root = parse(merged, '');
    if (root === undefined || !sameValue(valueAt(root), expected)) return false;
    if (isStrict(before)) JSON.parse(merged);
    return true;
  } catch {
    return false;
  }
}

function isStrict(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function parse(text: string, path: string): Node | undefined {
  const errors: ParseError[] = [];
  let root: Node | undefined;
  try {
    root = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  } catch (error) {
    if (error instanceof RangeError) throw unreadable(path, 'is nested too deeply to be read');
    throw error;
  }
  const first = errors[0];
  if (first !== undefined) throw unreadable(path, `is not valid JSON, ${printParseErrorCode(first.error)}`, { text, at: first.offset });
  return root;
}

function valueAt(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(valueAt);
  if (node.type !== 'object') return node.value;
  const result: Record<string, unknown> = {};
  for (const property of node.children ?? []) {
    const [key, value] = property.children ?? [];
    if (key !== undefined && value !== undefined) setOwn(result, String(key.value), valueAt(value));
  }
  return result;
}

/** Offset behind blanks, line endings and comments. One at a time: a pattern for all of them could run past the end of a comment. */
export function skipTrivia(text: string, offset: number): number {
  const piece = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
  let at = offset;
  for (piece.lastIndex = at; piece.test(text); piece.lastIndex = at) at = piece.lastIndex;
  return at;
}

const endOf = (node: Node): number => node.offset + node.length;

/** Collects the insertions. */
class Writer {
  readonly edits: Edit[] = [];
  readonly #text: string;
  readonly #eol: string;
  readonly #unit: string;

  constructor(text: string, eol: string) {
    this.#text = text;
    this.#eol = eol;
    this.#unit = indentUnit(text);
  }

  /** @param name What the object is a member of its own by. */
  object(node: Node, additions: JsonObject, name: string): void {
    const missing: [string, JsonValue][] = [];
    for (const [key, added] of Object.entries(additions)) {
      // The last of several properties of one name is the one that counts.
      const value = node.children?.findLast((property) => property.children?.[0]?.value === key)?.children?.[1];
      if (value === undefined) missing.push([key, added]);
      else this.#value(value, added, key);
    }
    const rest = /dependencies$/i.test(name) ? this.#insertSorted(node, missing) : missing;
    const isCompact = this.#isCompact(node) || (node.children?.length === 0 && this.#isSingleLine());
    const colon = isCompact ? ':' : ': ';
    this.#append(node, rest, ([key, value], layout) => `${JSON.stringify(key)}${colon}${layout(value)}`);
  }

  /**
   * Puts members where they belong among sorted ones, as package managers keep dependencies: each on a line of its own in front of
   * the next. Returns those that belong at the end; all of them where the members are not sorted, or not each on a line.
   */
  #insertSorted(node: Node, missing: [string, JsonValue][]): [string, JsonValue][] {
    const text = this.#text;
    const members = (node.children ?? []).map((member) => ({ key: String(member.children?.[0]?.value), at: member.offset }));
    const lineStart = (offset: number): number => text.lastIndexOf('\n', offset - 1) + 1;
    const isSorted = members.every(({ key }, index) => index === 0 || (members[index - 1]?.key ?? '') < key);
    const areLines =
      members.every(({ at }) => text.slice(lineStart(at), at).trim() === '') && !/\/[/*]/.test(text.slice(node.offset, endOf(node)));
    if (!isSorted || !areLines) return missing;
    const sorted = [...missing].sort(([a], [b]) => (a < b ? -1 : 1));
    const inserted = new Map<number, string>();
    for (const [key, value] of sorted) {
      const next = members.find((member) => member.key > key);
      if (!next) continue;
      const indent = indentAt(text, next.at);
      const line = `${indent}${JSON.stringify(key)}: ${this.#block(value, indent)},${this.#eol}`;
      inserted.set(lineStart(next.at), (inserted.get(lineStart(next.at)) ?? '') + line);
    }
    for (const [at, lines] of inserted) this.edits.push({ at, text: lines });
    return sorted.filter(([key]) => !members.some((member) => member.key > key));
  }

  #value(node: Node, added: JsonValue, name: string): void {
    if (node.type === 'object' && isObject(added)) this.object(node, added, name);
    else if (node.type === 'array' && Array.isArray(added)) this.#array(node, added);
  }

  #array(node: Node, added: JsonValue[]): void {
    const there = valueAt(node) as unknown[];
    const missing: JsonValue[] = [];
    for (const item of added) {
      if (![...there, ...missing].some((other) => sameValue(other, item))) missing.push(item);
    }
    this.#append(node, missing, (item, layout) => layout(item));
  }

  /** Appends members to an object or a list, in the layout that it has. */
  #append<T>(node: Node, missing: readonly T[], write: (member: T, layout: (value: JsonValue) => string) => string): void {
    if (missing.length === 0) return;
    const text = this.#text;
    const close = endOf(node) - 1;
    const last = node.children?.at(-1);
    const oneLine = !text.slice(node.offset, close).includes('\n');
    const outer = indentAt(text, node.offset);
    if (last === undefined) {
      // Comments may stand between the brackets.
      const inner = text.slice(node.offset + 1, close);
      const indent = outer + this.#unit;
      if (inner.trim() === '' && this.#isSingleLine()) {
        const members = missing.map((member) => write(member, (value) => this.#line(value, '')));
        this.edits.push({ at: node.offset + 1, end: close, text: members.join(',') });
        return;
      }
      if (inner.trim() === '') {
        const members = missing.map((member) => indent + write(member, (value) => this.#block(value, indent)));
        const lines = this.#eol + members.join(`,${this.#eol}`);
        if (inner.includes('\n')) this.edits.push({ at: node.offset + 1, text: lines });
        else this.edits.push({ at: node.offset + 1, end: close, text: lines + this.#eol + outer });
        return;
      }
      const at = node.offset + 1 + inner.trimEnd().length;
      const members = missing.map((member) => this.#eol + indent + write(member, (value) => this.#block(value, indent)));
      this.edits.push({ at, text: members.join(',') + (text.slice(at, close).includes('\n') ? '' : this.#eol + outer) });
      return;
    }
    const end = endOf(last);
    if (oneLine) {
      const gap = this.#isCompact(node) ? '' : ' ';
      const members = missing.map((member) => `,${gap}${write(member, (value) => this.#line(value, gap))}`);
      this.edits.push({ at: end, text: members.join('') });
      return;
    }
    const first = node.children?.[0] ?? last;
    const ownLine = text.slice(text.lastIndexOf('\n', first.offset - 1) + 1, first.offset).trim() === '';
    const indent = ownLine ? indentAt(text, first.offset) : outer + this.#unit;
    const { comma, lineEnd } = this.#after(end, close);
    const members = missing.map((member) => this.#eol + indent + write(member, (value) => this.#block(value, indent)));
    // A comma behind the last member, if the text has one there, is taken over by the new last member.
    if (!comma) this.edits.push({ at: end, text: ',' });
    const closesOnThisLine = !text.slice(lineEnd, close).includes('\n');
    this.edits.push({ at: lineEnd, text: members.join(',') + (comma ? ',' : '') + (closesOnThisLine ? this.#eol + outer : '') });
  }

  /** Whether a comma follows a member, and where the comments on its line end. */
  #after(from: number, close: number): { comma: boolean; lineEnd: number } {
    const text = this.#text;
    let comma = false;
    let at = from;
    let end = from;
    while (at < close) {
      const rest = text.slice(at, close);
      const token = /^(?:[ \t\r]+|,|\/\/[^\n\r]*|\/\*[\s\S]*?\*\/)/.exec(rest)?.[0];
      if (token === undefined) {
        // A line ending: a comma may still follow below.
        if (!comma && rest.startsWith('\n') && text[skipTrivia(text, at)] === ',') {
          at += 1;
          continue;
        }
        break;
      }
      at += token.length;
      if (token === ',') comma = true;
      if (!/^[ \t\r]+$/.test(token)) end = at;
    }
    return { comma, lineEnd: end };
  }

  /** Whether the whole text is one line, as a program would write it. */
  #isSingleLine(): boolean {
    const text = this.#text.trim();
    return !text.includes('\n') && text !== '{}' && !text.includes(': ');
  }

  /** Whether a one-line object or list has no blank after its colons and commas. */
  #isCompact(node: Node): boolean {
    const text = this.#text.slice(node.offset, endOf(node));
    if (text.includes('\n')) return false;
    const [first, second] = node.children ?? [];
    if (first === undefined) return false;
    const [key, value] = first.type === 'property' ? (first.children ?? []) : [first, second];
    if (key === undefined || value === undefined) return false;
    return !/\s/.test(this.#text.slice(endOf(key), value.offset));
  }

  #block(value: JsonValue, indent: string): string {
    return jsonBlock(value, this.#unit, indent.length).replaceAll('\n', this.#eol + indent);
  }

  #line(value: JsonValue, gap: string): string {
    if (Array.isArray(value)) return `[${value.map((item) => this.#line(item, gap)).join(`,${gap}`)}]`;
    if (!isObject(value)) return JSON.stringify(value);
    const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${gap}${this.#line(member as JsonValue, gap)}`);
    return members.length === 0 ? '{}' : `{${gap}${members.join(`,${gap}`)}${gap}}`;
  }
}
