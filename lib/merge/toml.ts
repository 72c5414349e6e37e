import { parse, TomlError } from 'smol-toml';
import { applyEdits, type Edit, indentAt, lineEnd, lineEnding, splitMark } from './layout.ts';
import { isObject, keptNote, type MergeOptions, type MergeResult, mergedValue, type SameItem, sameValue, unreadable } from './result.ts';
import { scanToml, type TomlEntry, type TomlList, type TomlSection, type TomlValue } from './toml-scan.ts';

type Table = Record<string, unknown>;

/** Widest line that a list is written on; a longer one gets a line per item. */
const lineWidth = 100;

/**
 * Adds to a TOML text, such as a pyproject.toml: tables are merged, missing list items are appended, and a value that is there
 * already stays, with a note. Comments, quotes, order and the places of tables stay as they are.
 *
 * In a list of requirements (`project.dependencies`, `dependency-groups.*`, ...) a package that is named already is not added again.
 *
 * @param text The text on disk; `undefined` where there is none.
 * @throws BadInput When the text is not TOML.
 */
export function mergeToml(text: string | undefined, additions: object, options: MergeOptions = {}): MergeResult {
  const path = options.path ?? 'The TOML file';
  const wanted = additions as Table;
  if (text === undefined) return { text: writeTables(wanted, [], '\n').join('\n'), notes: [], ok: true };
  const { mark, body } = splitMark(text);
  const eol = lineEnding(body);
  const before = parsed(body, path);
  const manual: MergeResult = { text, notes: [], ok: false, manual: writeTables(wanted, [], '\n').join('\n').trimEnd() };
  try {
    const writer = new Writer(body, eol);
    writer.table(wanted, before, []);
    const merged = applyEdits(body, writer.edits);
    if (!sameValue(parse(merged), mergedValue(before, wanted, sameRequirement))) return manual;
    return { text: mark + merged, notes: writer.notes, ok: true };
  } catch (error) {
    // The text is valid, but it is built in a way that has no place for ours.
    if (error instanceof SyntaxError || error instanceof TomlError) return manual;
    throw error;
  }
}

/**
 * The value of a TOML text.
 *
 * @throws BadInput When it is not TOML.
 */
export const parseTomlText = (text: string, path = 'The TOML file'): Record<string, unknown> => parsed(splitMark(text).body, path);

function parsed(body: string, path: string): Table {
  try {
    return parse(body) as Table;
  } catch (error) {
    if (error instanceof TomlError) {
      const { line, column } = error;
      throw unreadable(path, `is not valid TOML (line ${line}, column ${column})`);
    }
    if (error instanceof RangeError) throw unreadable(path, 'is nested too deeply to be read');
    throw error;
  }
}

const requirementLists =
  /^(?:project\.dependencies|project\.optional-dependencies\.[^.]+|dependency-groups\.[^.]+|tool\.uv\.dev-dependencies)$/;

/** The package that a requirement names, as PEP 503 compares it: `Typing_Extensions[a]>=4` names `typing-extensions`. */
const packageOf = (requirement: unknown): string | undefined =>
  typeof requirement === 'string'
    ? /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)/
        .exec(requirement)?.[1]
        ?.toLowerCase()
        .replace(/[-_.]+/g, '-')
    : undefined;

const sameRequirement: SameItem = (existing, added, path) => {
  if (!requirementLists.test(path.join('.'))) return false;
  const name = packageOf(existing);
  return name !== undefined && name === packageOf(added);
};

class Writer {
  readonly edits: Edit[] = [];
  readonly notes: string[] = [];
  readonly #text: string;
  readonly #eol: string;
  readonly #sections: TomlSection[];

  constructor(text: string, eol: string) {
    this.#text = text;
    this.#eol = eol;
    this.#sections = scanToml(text);
  }

  table(additions: Table, there: Table, path: string[]): void {
    const missing: Table = {};
    for (const [key, added] of Object.entries(additions)) {
      const current = Object.hasOwn(there, key) ? there[key] : undefined;
      const below = [...path, key];
      if (current === undefined) missing[key] = added;
      else if (isObject(current) && isObject(added)) this.table(added, current, below);
      else if (Array.isArray(current) && Array.isArray(added)) this.#list(current, added, below);
      else if (!sameValue(current, added)) this.notes.push(keptNote(below, current, added));
    }
    if (Object.keys(missing).length > 0) this.#add(missing, path);
  }

  #list(there: unknown[], added: unknown[], path: string[]): void {
    const missing: unknown[] = [];
    for (const item of added) {
      const equal = (other: unknown): boolean => sameValue(other, item);
      if (there.some(equal) || missing.some(equal)) continue;
      const named = there.find((other) => sameRequirement(other, item, path));
      if (named === undefined) missing.push(item);
      else this.notes.push(keptNote(path, named, item));
    }
    if (missing.length === 0) return;
    const value = this.#find(path)?.value;
    if (value?.kind === 'list') this.#intoList(value, missing);
    else if (value === undefined && missing.every(isObject)) {
      const blocks = missing.map((item) => writeTables(item as Table, path, this.#eol, true).join(this.#eol));
      this.#newSections(blocks, path);
    } else throw new SyntaxError('no list to append to');
  }

  /** Adds entries to a table, wherever and however it is defined. */
  #add(missing: Table, path: string[]): void {
    const inline = path.length > 0 ? this.#find(path)?.value : undefined;
    if (inline?.kind === 'table') {
      const members = Object.entries(missing).map(([key, value]) => `${writeKey(key)} = ${writeValue(value)}`);
      const last = inline.entries.at(-1);
      if (last === undefined) this.edits.push({ at: inline.start, end: inline.end, text: `{ ${members.join(', ')} }` });
      else this.edits.push({ at: last.value.end, text: members.map((member) => `, ${member}`).join('') });
      return;
    }
    if (inline !== undefined) throw new SyntaxError('not a table');
    const plain = Object.entries(missing).filter(([, value]) => !isTables(value));
    const tables = Object.entries(missing).filter(([, value]) => isTables(value));
    if (plain.length > 0) this.#addPlain(plain, path);
    const dotted = this.#dotted(path);
    for (const [key, value] of tables) {
      if (dotted !== undefined) {
        // A table that dotted keys define can't be extended by a header.
        this.#below(dotted.entry, dottedLines(value, [...dotted.prefix, key]));
      } else {
        this.#newSections([writeTables({ [key]: value }, path, this.#eol).join(this.#eol)], [...path, key]);
      }
    }
  }

  #addPlain(plain: [string, unknown][], path: string[]): void {
    const lines = plain.map(([key, value]) => this.#line(key, value));
    const section = this.#sections.find((one) => !one.repeated && samePath(one.path, path));
    if (path.length === 0) {
      const last = section?.entries.at(-1);
      if (last !== undefined) this.#below(last, lines);
      else this.#atTop(lines);
      return;
    }
    if (section !== undefined) {
      const last = section.entries.at(-1);
      if (last !== undefined) this.#below(last, lines);
      else this.edits.push({ at: lineEnd(this.#text, section.headerEnd), text: lines.map((line) => this.#eol + line).join('') });
      return;
    }
    const dotted = this.#dotted(path);
    if (dotted !== undefined) {
      const prefix = dotted.prefix.map(writeKey).join('.');
      this.#below(
        dotted.entry,
        lines.map((line) => `${prefix}.${line}`),
      );
      return;
    }
    this.#newSections([[`[${path.map(writeKey).join('.')}]`, ...lines, ''].join(this.#eol)], path);
  }

  /** Entries in front of all headers, below the comment that heads the file. */
  #atTop(lines: string[]): void {
    const heading = /^(?:#[^\n]*\n)+(?=\r?\n)/.exec(this.#text)?.[0] ?? '';
    const rest = this.#text.slice(heading.length);
    const gap = rest.trim() === '' ? '' : this.#eol;
    const before = heading === '' ? '' : this.#eol;
    this.edits.push({
      at: heading.length,
      text: before + lines.map((line) => line + this.#eol).join('') + (rest.startsWith(this.#eol) ? '' : gap),
    });
  }

  /** Puts new tables behind the last of their relatives (the tables that share two or more names), else at the end. */
  #newSections(blocks: string[], path: string[]): void {
    let index = -1;
    for (let shared = path.length; shared >= 2 && index < 0; shared -= 1) {
      index = this.#sections.findLastIndex(
        (one) => one.path.length >= shared && samePath(one.path.slice(0, shared), path.slice(0, shared)),
      );
    }
    const block = blocks.map((one) => one.trimEnd()).join(this.#eol + this.#eol);
    const text = this.#text;
    const last = this.#sections[index];
    if (last !== undefined && index < this.#sections.length - 1) {
      const end = lineEnd(text, last.entries.at(-1)?.value.end ?? last.headerEnd);
      this.edits.push({ at: end, text: this.#eol + this.#eol + block });
      return;
    }
    const end = text.trimEnd().length;
    // One insertion at the end of the text after another: each brings its own blank line in front.
    if (end === 0) this.edits.push({ at: text.length, text: block + this.#eol + this.#eol });
    else this.edits.push({ at: end, text: this.#eol + this.#eol + block + (end === text.length ? this.#eol : '') });
  }

  /** Lines below an entry, indented as it is. */
  #below(entry: TomlEntry, lines: string[]): void {
    const indent = indentAt(this.#text, entry.start);
    this.edits.push({ at: lineEnd(this.#text, entry.value.end), text: lines.map((line) => this.#eol + indent + line).join('') });
  }

  #line(key: string, value: unknown): string {
    const line = `${writeKey(key)} = ${writeValue(value)}`;
    if (line.length <= lineWidth || !Array.isArray(value)) return line;
    const items = value.map((item) => `    ${writeValue(item)},${this.#eol}`);
    return `${writeKey(key)} = [${this.#eol}${items.join('')}]`;
  }

  #intoList(list: TomlList, missing: unknown[]): void {
    const text = this.#text;
    const items = missing.map((item) => writeValue(item, quoteOf(text, list.items)));
    const first = list.items[0];
    const last = list.items.at(-1);
    const inner = text.slice(list.start + 1, list.end - 1);
    if (first === undefined || last === undefined) {
      if (inner.trim() === '') this.edits.push({ at: list.start, end: list.end, text: `[${items.join(', ')}]` });
      else {
        // Comments only: below them.
        const at = list.start + 1 + inner.trimEnd().length;
        this.edits.push({ at, text: items.map((item) => `${this.#eol}    ${item},`).join('') });
      }
      return;
    }
    if (!inner.includes('\n')) {
      const comma = list.trailingComma ? '' : ',';
      this.edits.push({ at: list.membersEnd, text: `${comma} ${items.join(', ')}${list.trailingComma ? ',' : ''}` });
      return;
    }
    const ownLine = text.slice(text.lastIndexOf('\n', last.start - 1) + 1, last.start).trim() === '';
    const indent = ownLine ? indentAt(text, last.start) : `${indentAt(text, list.start)}    `;
    if (!list.trailingComma) this.edits.push({ at: last.end, text: ',' });
    // Behind a comment on the line of the last item, but within the list.
    const comment = /^[ \t]*#[^\n\r]*/.exec(text.slice(list.membersEnd))?.[0] ?? '';
    const at = list.membersEnd + comment.length;
    this.edits.push({ at, text: items.map((item) => this.#eol + indent + item).join(',') + (list.trailingComma ? ',' : '') });
  }

  /** The entry that holds the value at a path, through headers, dotted keys and inline tables. Tables of lists of tables have none. */
  #find(path: string[]): { value: TomlValue } | undefined {
    for (const section of this.#sections) {
      if (section.repeated || !isPrefix(section.path, path)) continue;
      const found = findIn(section.entries, path.slice(section.path.length));
      if (found !== undefined && !this.#isRepeated(section.path)) return found;
    }
    return undefined;
  }

  /** Whether a header stands below one of a list of tables. */
  #isRepeated(path: string[]): boolean {
    return this.#sections.some((section) => section.repeated && isPrefix(section.path, path));
  }

  /** The last entry that defines a table by a dotted key, with the names in front of the table's own keys. */
  #dotted(path: string[]): { entry: TomlEntry; prefix: string[] } | undefined {
    for (const section of this.#sections) {
      if (section.repeated || section.path.length >= path.length || !isPrefix(section.path, path)) continue;
      const prefix = path.slice(section.path.length);
      const entry = section.entries.findLast((one) => one.key.length > prefix.length && isPrefix(prefix, one.key));
      if (entry !== undefined) return { entry, prefix };
    }
    return undefined;
  }
}

function findIn(entries: readonly TomlEntry[], path: string[]): { value: TomlValue } | undefined {
  for (const entry of entries) {
    if (!isPrefix(entry.key, path)) continue;
    const rest = path.slice(entry.key.length);
    if (rest.length === 0) return { value: entry.value };
    if (entry.value.kind === 'table') return findIn(entry.value.entries, rest);
  }
  return undefined;
}

const isPrefix = (prefix: readonly string[], path: readonly string[]): boolean =>
  prefix.length <= path.length && prefix.every((name, index) => name === path[index]);

const samePath = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && isPrefix(a, b);

/** Whether a value is written as tables of its own rather than behind a key. */
const isTables = (value: unknown): boolean => isObject(value) || (Array.isArray(value) && value.length > 0 && value.every(isObject));

/** `'` where the strings of a list are literal ones. */
function quoteOf(text: string, items: readonly TomlValue[]): '"' | "'" {
  const last = items.at(-1);
  return last !== undefined && text[last.start] === "'" ? "'" : '"';
}

/** The lines of tables, a header each, with a blank line between them. */
function writeTables(table: Table, path: string[], eol: string, repeated = false): string[] {
  const plain = Object.entries(table).filter(([, value]) => !isTables(value));
  const below = Object.entries(table).filter(([, value]) => isTables(value));
  const name = path.map(writeKey).join('.');
  const blocks: string[] = [];
  const lines = plain.map(([key, value]) => longLine(key, value, eol));
  if (repeated) blocks.push([`[[${name}]]`, ...lines, ''].join(eol));
  else if (lines.length > 0 || (below.length === 0 && path.length > 0)) {
    blocks.push([...(path.length === 0 ? [] : [`[${name}]`]), ...lines, ''].join(eol));
  }
  for (const [key, value] of below) {
    if (isObject(value)) blocks.push(...writeTables(value, [...path, key], eol));
    else for (const item of value as Table[]) blocks.push(...writeTables(item, [...path, key], eol, true));
  }
  return blocks;
}

function longLine(key: string, value: unknown, eol: string): string {
  const line = `${writeKey(key)} = ${writeValue(value)}`;
  if (line.length <= lineWidth || !Array.isArray(value)) return line;
  return `${writeKey(key)} = [${eol}${value.map((item) => `    ${writeValue(item)},${eol}`).join('')}]`;
}

/** Dotted lines for the values of a table. */
function dottedLines(value: unknown, prefix: string[]): string[] {
  if (!isObject(value)) return [`${prefix.map(writeKey).join('.')} = ${writeValue(value)}`];
  return Object.entries(value).flatMap(([key, member]) => dottedLines(member, [...prefix, key]));
}

const writeKey = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : writeString(key));

function writeValue(value: unknown, quote: '"' | "'" = '"'): string {
  if (typeof value === 'string') {
    return quote === "'" && !/['\p{Cc}]/u.test(value) ? `'${value}'` : writeString(value);
  }
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return writeNumber(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return `[${value.map((item) => writeValue(item, quote)).join(', ')}]`;
  if (isObject(value)) {
    const members = Object.entries(value).map(([key, member]) => `${writeKey(key)} = ${writeValue(member, quote)}`);
    return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
  }
  throw new SyntaxError('TOML has no such value');
}

const writeNumber = (value: number): string => {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '0';
  const text = String(value);
  return Number.isInteger(value) && !Number.isSafeInteger(value) && !text.includes('e') ? `${text}.0` : text;
};

/** A basic string: JSON's escapes are TOML's, but for DEL. */
const writeString = (value: string): string => JSON.stringify(value).replaceAll('\u007f', '\\u007F');
