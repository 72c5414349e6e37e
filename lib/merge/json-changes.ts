import { type Node, parseTree } from 'jsonc-parser';
import type { Change, Path } from './changes.ts';
import { jsonBlock, mergeJson, parseJsonText, skipTrivia } from './json.ts';
import { applyEdits, type Edit, indentAt, indentUnit, lineEnding, splitMark } from './layout.ts';
import { isObject, type JsonObject, type JsonValue, sameValue, setOwn } from './result.ts';

/**
 * Makes changes in a JSON text and leaves every other byte as it is: comments, layout, order, line endings.
 *
 * @param expected What the text must hold afterwards.
 * @returns `undefined` where the text has no place for a change.
 */
export function applyToJson(text: string, changes: readonly Change[], expected: unknown): string | undefined {
  const { mark, body } = splitMark(text);
  try {
    let current = body;
    const added: Record<string, unknown> = {};
    for (const change of changes) {
      const node = nodeAt(current, change.path);
      if (change.kind === 'insert') {
        if (node?.type !== 'array') return undefined;
        current = inserted(current, node, change.path, change.index, change.value as JsonValue);
      } else if (change.kind === 'remove') {
        if (node === undefined) return undefined;
        // With one of several members of a name the next one would count.
        for (let one: Node | undefined = node; one !== undefined; one = isMember(one) ? nodeAt(current, change.path) : undefined)
          current = applyEdits(current, removal(current, isMember(one) ? (one.parent as Node) : one));
      } else if (node === undefined) note(added, change.path, change.value);
      else current = applyEdits(current, [replacement(current, node, change.value as JsonValue)]);
    }
    if (Object.keys(added).length > 0) {
      const merged = mergeJson(current, added as JsonObject);
      if (merged === undefined) return undefined;
      current = merged;
    }
    return sameValue(parseJsonText(current) ?? {}, expected) ? mark + current : undefined;
  } catch {
    return undefined;
  }
}

const isMember = (node: Node): boolean => node.parent?.type === 'property';

/** The value at a path; of several members of one name the last, as it counts for whoever reads the file. */
function nodeAt(text: string, path: Path): Node | undefined {
  const root = parseTree(text, [], { allowTrailingComma: true, allowEmptyContent: true });
  return path.reduce<Node | undefined>((node, key) => {
    if (typeof key === 'number') return node?.type === 'array' ? node.children?.[key] : undefined;
    return node?.type === 'object' ? node.children?.findLast(({ children }) => children?.[0]?.value === key)?.children?.[1] : undefined;
  }, root);
}

/** Notes an addition below a path, for one merge at the end. */
function note(added: Record<string, unknown>, path: Path, value: unknown): void {
  let target = added;
  for (const name of path.slice(0, -1)) {
    if (!Object.hasOwn(target, name) || !isObject(target[name])) setOwn(target, String(name), {});
    target = target[name] as Record<string, unknown>;
  }
  setOwn(target, String(path.at(-1)), value);
}

/** A value as it is written where a node stands. */
const blockAt = (text: string, node: Node, value: JsonValue): string =>
  jsonBlock(value, indentUnit(text)).replaceAll('\n', lineEnding(text) + indentAt(text, node.offset));

const replacement = (text: string, node: Node, value: JsonValue): Edit => ({
  at: node.offset,
  end: node.offset + node.length,
  text: blockAt(text, node, value),
});

function inserted(text: string, list: Node, path: Path, index: number, value: JsonValue): string {
  const next = list.children?.[index];
  if (next !== undefined) {
    const start = text.lastIndexOf('\n', next.offset - 1) + 1;
    const isOnLine = text.slice(start, next.offset).trim() === '';
    const gap = isOnLine ? lineEnding(text) + text.slice(start, next.offset) : ' ';
    return applyEdits(text, [{ at: next.offset, text: `${blockAt(text, next, value)},${gap}` }]);
  }
  // Behind the last one the additive merge knows all layouts; it passes over an item that is there, which this one may be.
  const marker = '\u0000';
  const added: Record<string, unknown> = {};
  note(added, path, [marker]);
  const merged = mergeJson(text, added as JsonObject);
  const place = merged === undefined ? undefined : nodeAt(merged, [...path, index]);
  if (merged === undefined || place === undefined) throw new RangeError('no place for an item');
  return applyEdits(merged, [replacement(merged, place, value)]);
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
