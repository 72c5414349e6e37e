import { findNodeAtLocation, type Node, parseTree } from 'jsonc-parser';
import { jsonBlock, mergeJson, parseJsonText, skipTrivia } from './merge/json.ts';
import { applyEdits, type Edit, indentAt, indentUnit, lineEnding, splitMark } from './merge/layout.ts';
import { isObject, type JsonObject, type JsonValue, sameValue, setOwn } from './merge/result.ts';

type Path = (string | number)[];

/** Thrown where both sides changed one value. */
class Meeting extends Error {}

/**
 * Three-way merge of JSON texts by their values: members and list items are independent of their neighbours, and of commas. Of the
 * user's text only what we changed is touched; its comments and its layout stay. A member that the user took out stays out.
 *
 * @param base What we wrote last.
 * @param theirs The user's text.
 * @param ours What we would write today.
 * @returns `undefined` where one value was changed on both sides, or where a text is not JSON.
 */
export function threeWayJson(base: string, theirs: string, ours: string): string | undefined {
  const { mark, body } = splitMark(theirs);
  try {
    const values = [base, body, ours].map((text) => parseJsonText(text));
    if (!values.every(isObject)) return undefined;
    const merge = new Merge(body);
    const [before, there, wanted] = values as Record<string, unknown>[];
    const expected = merge.object(before ?? {}, there ?? {}, wanted ?? {}, []);
    const text = merge.text();
    return sameValue(parseJsonText(text), expected) ? mark + text : undefined;
  } catch {
    return undefined;
  }
}

class Merge {
  #text: string;
  readonly #added: Record<string, unknown> = {};

  constructor(text: string) {
    this.#text = text;
  }

  text(): string {
    const merged = mergeJson(this.#text, this.#added as JsonObject);
    if (!merged.ok) throw new Meeting();
    return merged.text;
  }

  object(
    base: Record<string, unknown>,
    theirs: Record<string, unknown>,
    ours: Record<string, unknown>,
    path: Path,
  ): Record<string, unknown> {
    const result: Record<string, unknown> = {};
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
    if (there === undefined) {
      if (before !== undefined) return undefined;
      this.#add(path, wanted);
      return wanted;
    }
    if (isObject(there) && isObject(wanted) && (before === undefined || isObject(before))) {
      return this.object((before as Record<string, unknown> | undefined) ?? {}, there, wanted, path);
    }
    if (sameValue(there, before)) {
      this.#set(path, wanted);
      return wanted;
    }
    if (Array.isArray(there) && Array.isArray(wanted) && (before === undefined || Array.isArray(before))) {
      return this.#list((before as unknown[] | undefined) ?? [], there, wanted, path);
    }
    throw new Meeting();
  }

  #list(before: unknown[], there: unknown[], wanted: unknown[], path: Path): unknown[] {
    const has = (list: unknown[], item: unknown): boolean => list.some((other) => sameValue(other, item));
    const isOut = (item: unknown): boolean => has(before, item) && !has(wanted, item);
    for (let index = there.length - 1; index >= 0; index -= 1) {
      if (isOut(there[index])) this.#set([...path, index], undefined);
    }
    const added = wanted.filter((item) => !has(before, item) && !has(there, item));
    this.#add(path, added);
    return [...there.filter((item) => !isOut(item)), ...added];
  }

  /** Notes an addition below a path, for one merge at the end. */
  #add(path: Path, value: unknown): void {
    let target = this.#added;
    for (const name of path.slice(0, -1)) {
      if (!Object.hasOwn(target, String(name))) setOwn(target, String(name), {});
      target = target[name] as Record<string, unknown>;
    }
    setOwn(target, String(path.at(-1)), value);
  }

  /** Replaces a value, or takes it out. */
  #set(path: Path, value: unknown): void {
    const text = this.#text;
    const root = parseTree(text, [], { allowTrailingComma: true });
    const node = root && findNodeAtLocation(root, path);
    if (node === undefined) throw new Meeting();
    if (value === undefined) {
      this.#text = applyEdits(text, removal(text, node.parent?.type === 'property' ? node.parent : node));
      return;
    }
    const eol = lineEnding(text);
    const written = jsonBlock(value as JsonValue, indentUnit(text)).replaceAll('\n', eol + indentAt(text, node.offset));
    this.#text = applyEdits(text, [{ at: node.offset, end: node.offset + node.length, text: written }]);
  }
}

/** Takes a member out of its object or list, with its comma and, where it has one of its own, its line. Comments stay. */
function removal(text: string, member: Node): Edit[] {
  const siblings = member.parent?.children ?? [];
  const previous = siblings[siblings.indexOf(member) - 1];
  const isLast = siblings.at(-1) === member;
  const end = member.offset + member.length;
  const comma = commaBehind(text, end);
  // A comma in front of the last member has nothing behind it any more.
  const front = isLast && comma === undefined && previous !== undefined ? commaBehind(text, previous.offset + previous.length) : undefined;
  const edits: Edit[] = front === undefined ? [] : [{ at: front, end: front + 1, text: '' }];
  const start = text.lastIndexOf('\n', member.offset - 1) + 1;
  const until = comma === end ? end + 1 : end;
  const newline = /^[ \t]*\r?\n/.exec(text.slice(until))?.[0];
  if (newline !== undefined && text.slice(start, member.offset).trim() === '')
    edits.push({ at: start, end: until + newline.length, text: '' });
  else if (isLast)
    edits.push({
      at: previous === undefined ? member.offset : Math.max(front === undefined ? 0 : front + 1, blanksBefore(text, member.offset)),
      end: until,
      text: '',
    });
  else edits.push({ at: member.offset, end: until + (/^[ \t]*/.exec(text.slice(until))?.[0].length ?? 0), text: '' });
  if (comma !== undefined && comma !== end) edits.push({ at: comma, end: comma + 1, text: '' });
  return edits;
}

/** Start of the blanks in front of an offset. */
const blanksBefore = (text: string, offset: number): number => text.slice(0, offset).replace(/[ \t]+$/, '').length;

/** Offset of the comma behind a member, with nothing but blanks and comments between. */
function commaBehind(text: string, offset: number): number | undefined {
  const at = skipTrivia(text, offset);
  return text[at] === ',' ? at : undefined;
}
