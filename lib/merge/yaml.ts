import { isMap, isScalar, isSeq, type Pair, type ParsedNode, parseDocument, Scalar, stringify, type YAMLMap, type YAMLSeq } from 'yaml';
import { applyEdits, type Edit, lineEnd, lineEnding, splitMark } from './layout.ts';
import { isObject, keptNote, type MergeOptions, type MergeResult, mergedValue, type SameItem, sameValue, unreadable } from './result.ts';

export interface YamlMergeOptions extends MergeOptions {
  /**
   * Keys by which two list items are the same thing, beside being equal: items with the same value at the first of these keys that
   * both have are merged instead of added. Default: `repo` and `id`, which name the entries of a pre-commit configuration.
   */
  identity?: readonly string[];
}

/**
 * Adds to a YAML text, such as pnpm-workspace.yaml: maps are merged, missing list items are appended, and a value that is there
 * already stays, with a note. Comments, quotes, indentation and order stay as they are; new strings take the quotes of their
 * neighbours.
 *
 * @param text The text on disk; `undefined` where there is none.
 * @throws BadInput When the text is not YAML, or not a map.
 */
export function mergeYaml(text: string | undefined, additions: object, options: YamlMergeOptions = {}): MergeResult {
  const path = options.path ?? 'The YAML file';
  const wanted = additions as Record<string, unknown>;
  if (text === undefined) return { text: write(wanted, {}), notes: [], ok: true };
  const { mark, body } = splitMark(text);
  const eol = lineEnding(body);
  const manual = { text, notes: [], ok: false, manual: write(wanted, {}).trimEnd() };
  // A second document, or none that a list could be appended to: the place is the user's to choose.
  const document = parseDocument(body, { keepSourceTokens: true, strict: true });
  const error = document.errors[0];
  if (error?.code === 'MULTIPLE_DOCS') return manual;
  if (error !== undefined) throw unreadable(path, 'is not valid YAML', { text: body, at: error.pos[0] });
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null && root.source === '')) {
    const gap = body === '' || body.endsWith('\n') ? '' : eol;
    return checked(text, mark + body + gap + write(wanted, {}).replaceAll('\n', eol), wanted, manual);
  }
  if (!isMap(root)) throw unreadable(path, 'holds no map');
  const same = sameBy(options.identity ?? ['repo', 'id']);
  const writer = new Writer(body, eol, same);
  writer.map(root as YAMLMap<ParsedNode, ParsedNode | null>, wanted, []);
  if (!writer.ok) return manual;
  const merged = mark + applyEdits(body, writer.edits);
  return checked(
    text,
    merged,
    mergedValue(withoutEmpty(document.toJS(), wanted), wanted, same),
    { ...manual, notes: writer.notes },
    writer.notes,
  );
}

function checked(before: string, merged: string, expected: unknown, manual: MergeResult, notes: string[] = []): MergeResult {
  const document = parseDocument(splitMark(merged).body);
  if (document.errors.length > 0 || !sameValue(document.toJS(), expected)) return { ...manual, text: before };
  return { text: merged, notes, ok: true };
}

/** A value without the keys that have nothing (`packages:`) where a list or a map is to be added: they count as not there. */
function withoutEmpty(value: unknown, added: unknown): unknown {
  if (!isObject(value) || !isObject(added)) return value;
  const kept = Object.entries(value).filter(([key, member]) => !(member === null && typeof added[key] === 'object' && added[key] !== null));
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutEmpty(member, added[key])]));
}

const sameBy =
  (identity: readonly string[]): SameItem =>
  (a, b) => {
    if (!isObject(a) || !isObject(b)) return false;
    const key = identity.find((name) => Object.hasOwn(a, name) && Object.hasOwn(b, name));
    return key !== undefined && a[key] === b[key];
  };

type Quotes = Scalar.Type | undefined;

function write(value: unknown, { flow = false, padding = false, quotes }: { flow?: boolean; padding?: boolean; quotes?: Quotes }): string {
  return stringify(value, {
    lineWidth: 0,
    collectionStyle: flow ? 'flow' : 'any',
    flowCollectionPadding: padding,
    ...(quotes === Scalar.QUOTE_SINGLE ? { defaultStringType: Scalar.QUOTE_SINGLE, defaultKeyType: Scalar.PLAIN } : {}),
    ...(quotes === Scalar.QUOTE_DOUBLE ? { defaultStringType: Scalar.QUOTE_DOUBLE, defaultKeyType: Scalar.PLAIN } : {}),
    ...(quotes === undefined ? { singleQuote: true } : {}),
  });
}

/** Quotes of the last quoted or plain string of a list or map. */
function quotesOf(nodes: readonly unknown[]): Quotes {
  const strings = nodes.filter((node): node is Scalar => isScalar(node) && typeof node.value === 'string');
  const type = strings.at(-1)?.type;
  return type === Scalar.QUOTE_SINGLE || type === Scalar.QUOTE_DOUBLE ? type : undefined;
}

class Writer {
  readonly edits: Edit[] = [];
  readonly notes: string[] = [];
  /** False once a place was met that can't be extended in text, an alias for instance. */
  ok = true;
  readonly #text: string;
  readonly #eol: string;
  readonly #same: SameItem;

  constructor(text: string, eol: string, same: SameItem) {
    this.#text = text;
    this.#eol = eol;
    this.#same = same;
  }

  map(map: YAMLMap<ParsedNode, ParsedNode | null>, additions: Record<string, unknown>, path: string[]): void {
    const missing: [string, unknown][] = [];
    for (const [key, added] of Object.entries(additions)) {
      const pair = map.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      if (pair === undefined) missing.push([key, added]);
      else this.#value(pair, added, [...path, key]);
    }
    if (missing.length === 0) return;
    const last = map.items.at(-1);
    if (map.flow) {
      const members = missing.map(([key, value]) =>
        write({ [key]: value }, { flow: true })
          .trim()
          .replace(/^\{\s*|\s*\}$/g, ''),
      );
      this.#intoFlow(map, last === undefined ? undefined : (last.value?.range?.[1] ?? last.key.range[1]), members);
      return;
    }
    const column = this.#column(last?.key);
    if (last === undefined || column === undefined) {
      this.ok = false;
      return;
    }
    const block = write(Object.fromEntries(missing), { quotes: quotesOf(map.items.map((item) => item.value)) });
    this.#below(this.#lastOffset(last), block, column);
  }

  #value(pair: Pair<ParsedNode, ParsedNode | null>, added: unknown, path: string[]): void {
    const { key, value } = pair;
    if (isMap(value) && isObject(added)) this.map(value as YAMLMap<ParsedNode, ParsedNode | null>, added, path);
    else if (isSeq(value) && Array.isArray(added)) this.#list(value as YAMLSeq<ParsedNode>, added, path);
    else if (this.#isEmpty(value) && typeof added === 'object' && added !== null) this.#intoEmpty(key, added);
    else if (!isMap(value) && !isSeq(value) && !isScalar(value)) this.ok = false;
    else {
      const there = (value as unknown as { toJSON(): unknown }).toJSON();
      if (!sameValue(there, added)) this.notes.push(keptNote(path, there, added));
    }
  }

  #list(list: YAMLSeq<ParsedNode>, added: unknown[], path: string[]): void {
    const there = list.toJSON() as unknown[];
    const missing: unknown[] = [];
    for (const item of added) {
      if (missing.some((other) => sameValue(other, item))) continue;
      const index = there.findIndex((other) => sameValue(other, item) || this.#same(other, item, path));
      if (index < 0) {
        missing.push(item);
        continue;
      }
      const node = list.items[index];
      if (isMap(node) && isObject(item)) this.map(node as YAMLMap<ParsedNode, ParsedNode | null>, item, [...path, String(index)]);
    }
    if (missing.length === 0) return;
    const quotes = quotesOf(list.items);
    const last = list.items.at(-1);
    if (list.flow) {
      const members = missing.map((item) => write(item, { flow: true, padding: this.#isPadded(list), quotes }).trim());
      this.#intoFlow(list, last?.range[1], members);
      return;
    }
    const token = list.srcToken;
    const dash = token?.type === 'block-seq' ? token.items.at(-1)?.start.find((part) => part.type === 'seq-item-ind') : undefined;
    if (dash === undefined || last === undefined) {
      this.ok = false;
      return;
    }
    const start = this.#text.lastIndexOf('\n', dash.offset - 1) + 1;
    // A list in a list starts on its parent's line (`- - a`): its column counts all the same.
    const column = dash.offset - start;
    this.#below(Math.max(this.#endOf(last), dash.offset + 1), write(missing, { quotes }), column);
  }

  /** Whether a flow collection has blanks inside of its brackets. */
  #isPadded(node: YAMLMap<ParsedNode, ParsedNode | null> | YAMLSeq<ParsedNode>): boolean {
    return /^.[ \n\r]/.test(this.#text.slice(node.range?.[0] ?? 0));
  }

  /** Adds members behind the last one of `[a, b]` or `{a: 1}`. */
  #intoFlow(node: YAMLMap<ParsedNode, ParsedNode | null> | YAMLSeq<ParsedNode>, end: number | undefined, members: string[]): void {
    const open = node.range?.[0];
    if (open === undefined) this.ok = false;
    else if (end === undefined) this.edits.push({ at: open + 1, text: members.join(', ') });
    else this.edits.push({ at: end, text: members.map((member) => `, ${member}`).join('') });
  }

  /** Gives a key that has no value yet (`packages:`) its first members. */
  #intoEmpty(key: ParsedNode, added: object): void {
    const column = this.#column(key);
    if (column === undefined) {
      this.ok = false;
      return;
    }
    const colon = this.#text.indexOf(':', key.range[1]);
    this.#below(colon + 1, write(added, {}), column + 2);
  }

  /** Inserts a block below the line that holds an offset, or at the offset where it stands at the start of a line already. */
  #below(offset: number, block: string, column: number): void {
    const indent = ' '.repeat(column);
    const lines = block
      .trimEnd()
      .split('\n')
      .map((line) => (line === '' ? line : indent + line));
    if (offset > 0 && this.#text[offset - 1] === '\n') {
      this.edits.push({ at: offset, text: lines.map((line) => line + this.#eol).join('') });
      return;
    }
    this.edits.push({ at: lineEnd(this.#text, offset), text: lines.map((line) => this.#eol + line).join('') });
  }

  #isEmpty(value: ParsedNode | null): boolean {
    return value === null || (isScalar(value) && value.value === null && (value.source ?? '') === '');
  }

  /** Column of a key that stands first on its line, or behind the dashes of list items. */
  #column(key: ParsedNode | undefined): number | undefined {
    if (key === undefined) return undefined;
    const start = this.#text.lastIndexOf('\n', key.range[0] - 1) + 1;
    const before = this.#text.slice(start, key.range[0]);
    return /^[ -]*$/.test(before) ? before.length : undefined;
  }

  #lastOffset(pair: Pair<ParsedNode, ParsedNode | null>): number {
    const { key, value } = pair;
    if (value !== null && !this.#isEmpty(value)) return this.#endOf(value);
    const colon = this.#text.indexOf(':', key.range[1]);
    return colon < 0 ? key.range[1] : colon + 1;
  }

  /** Where the last value inside a node ends. */
  #endOf(node: ParsedNode): number {
    if (isMap(node) && !node.flow) {
      const last = node.items.at(-1);
      if (last !== undefined) return this.#lastOffset(last as Pair<ParsedNode, ParsedNode | null>);
    }
    if (isSeq(node) && !node.flow) {
      const last = node.items.at(-1);
      if (last !== undefined) return this.#endOf(last as ParsedNode);
    }
    return node.range[1];
  }
}
