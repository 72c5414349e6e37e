import { type Document, isMap, isScalar, type Pair, type ParsedNode, parseDocument, stringify, type YAMLMap } from 'yaml';
import type { AdditionInput, AdditionResult } from './addition.ts';
import { applyEdits, lineEnd, lineEnding, splitMark } from './layout.ts';
import { noPlace } from './no-place.ts';
import { mergeOverlay } from './overlay.ts';
import { isObject, sameValue, unreadable } from './result.ts';

/**
 * Adds to a YAML file such as pnpm-workspace.yaml what we have for one: scalars at the top, and maps of scalars there
 * (`allowBuilds`), in whatever style they are written. Where a text has no place for them the lines are told instead.
 */
export function addYaml(input: AdditionInput): AdditionResult {
  const { path, theirs, base, ours, adopt } = input;
  const { mark, body } = splitMark(theirs);
  const document = parseDocument(body, { strict: true });
  const error = document.errors[0];
  // Which of several documents is meant is the user's to say.
  if (error?.code === 'MULTIPLE_DOCS') return base || ours ? noPlace(input, { recorded: ours }) : { text: theirs, notes: [] };
  if (error !== undefined) throw unreadable(path, 'is not valid YAML', { text: body, at: error.pos[0] });
  const value = withoutEmpty(valueIn(document, path) ?? {});
  if (!isObject(value)) throw unreadable(path, 'holds no map');
  const today = overlay(ours);
  const merged = mergeOverlay(overlay(base), value, today, { adopt });
  let text: string | undefined = body;
  // What comes first, so that no map is without a member in between.
  const changes = [...merged.changes].sort((a, b) => Number(a.kind === 'remove') - Number(b.kind === 'remove'));
  for (const change of changes) {
    if (text === undefined) break;
    text =
      change.kind === 'insert' ? undefined : withValue(text, change.path.map(String), change.kind === 'set' ? change.value : undefined);
  }
  const recorded = sameValue(merged.recorded, today) ? ours : merged.recorded && stringify(merged.recorded);
  if (text === undefined || !holds(text, merged.expected)) return noPlace(input, { notes: merged.notes, recorded });
  return { text: mark + text, notes: merged.notes, ...(merged.recorded === undefined ? {} : { recorded }) };
}

function overlay(text: string | undefined): Record<string, unknown> {
  const value: unknown = parseDocument(text ?? '').toJS() ?? {};
  if (!isObject(value)) throw new TypeError(`no overlay: ${text}`);
  return value;
}

/** @throws BadInput where an alias has no anchor, which no syntax error tells of. */
function valueIn(document: Document.Parsed, path: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    if (error instanceof ReferenceError) throw unreadable(path, 'is not valid YAML, an alias has no anchor');
    throw error;
  }
}

/** A map without the keys that have nothing (`allowBuilds:`): they count as not there. */
const withoutEmpty = (value: unknown): unknown =>
  isObject(value) ? Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null)) : value;

function holds(text: string, expected: unknown): boolean {
  const document = parseDocument(text, { strict: true });
  try {
    return document.errors.length === 0 && sameValue(withoutEmpty(document.toJS() ?? {}), expected);
  } catch {
    // An alias whose anchor is gone.
    return false;
  }
}

type AnyPair = Pair<ParsedNode, ParsedNode | null>;
type AnyMap = YAMLMap<ParsedNode, ParsedNode | null>;

/** A text with the value at a path of one name or two set, or taken out; `undefined` where there is no place. */
function withValue(text: string, [name = '', below]: readonly string[], value: unknown): string | undefined {
  const root: unknown = parseDocument(text).contents;
  if (!isMap(root)) return value === undefined ? undefined : appended(text, { [name]: value });
  const pair = pairOf(root as AnyMap, name);
  if (below !== undefined) return isMap(pair?.value) ? inMap(text, pair.value as AnyMap, below, value) : undefined;
  if (pair === undefined && !root.flow) return appended(text, { [name]: value });
  return inMap(text, root as AnyMap, name, value);
}

const pairOf = (map: AnyMap, name: string): AnyPair | undefined => map.items.find(({ key }) => isScalar(key) && String(key.value) === name);

const linesOf = (value: object, eol: string, indent: string): string =>
  stringify(value)
    .replace(/^(?=.)/gm, indent)
    .replaceAll('\n', eol);

function appended(text: string, value: object): string {
  const eol = lineEnding(text);
  return text + (text === '' || text.endsWith('\n') ? '' : eol) + linesOf(value, eol, '');
}

function inMap(text: string, map: AnyMap, name: string, value: unknown): string | undefined {
  const pair = pairOf(map, name);
  if (pair === undefined) return value === undefined ? undefined : withPair(text, map, { [name]: value });
  if (value === undefined) return map.flow ? withoutFlowPair(text, map, pair) : withoutBlockPair(text, pair);
  const node = pair.value;
  if (isScalar(node) && !(node.value === null && node.source === '')) {
    return applyEdits(text, [{ at: node.range[0], end: node.range[1], text: stringify(value).trimEnd() }]);
  }
  // A key without a value yet (`allowBuilds:`) gets it below.
  const indent = indentOf(text, pair);
  if (map.flow || !isObject(value) || (node !== null && !isScalar(node)) || indent === undefined) return undefined;
  return below(text, text.indexOf(':', pair.key.range[1]), value, `${indent}  `);
}

function withPair(text: string, map: AnyMap, member: object): string | undefined {
  const last = map.items.at(-1);
  if (map.flow) {
    const written = stringify(member, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trim().slice(1, -1);
    const at = last === undefined ? map.range?.[0] : endOf(last);
    if (at === undefined) return undefined;
    return applyEdits(text, [last === undefined ? { at: at + 1, text: written } : { at, text: `, ${written}` }]);
  }
  const indent = last && indentOf(text, last);
  return indent === undefined ? undefined : below(text, endOf(last as AnyPair), member, indent);
}

function below(text: string, offset: number, value: object, indent: string): string {
  const eol = lineEnding(text);
  return applyEdits(text, [{ at: lineEnd(text, offset), text: eol + linesOf(value, eol, indent).slice(0, -eol.length) }]);
}

function withoutFlowPair(text: string, map: AnyMap, pair: AnyPair): string {
  const index = map.items.indexOf(pair);
  const [previous, next] = [map.items[index - 1], map.items[index + 1]];
  const start = next === undefined && previous !== undefined ? endOf(previous) : pair.key.range[0];
  return text.slice(0, start) + text.slice(next?.key.range[0] ?? endOf(pair));
}

function withoutBlockPair(text: string, pair: AnyPair): string | undefined {
  const indent = indentOf(text, pair);
  const [start, end] = [pair.key.range[0], endOf(pair)];
  // A comment between is the user's.
  if (indent === undefined || /^[ \t]*#/m.test(text.slice(start, end))) return undefined;
  const newline = /^[ \t]*(?:\r?\n|$)/.exec(text.slice(end))?.[0];
  return newline === undefined
    ? text.slice(0, start) + text.slice(end).trimStart()
    : text.slice(0, start - indent.length) + text.slice(end + newline.length);
}

/** Where the last value of a pair ends: ranges of block maps reach over the comments behind them. */
function endOf({ key, value }: AnyPair): number {
  const last = isMap(value) && !value.flow ? (value as AnyMap).items.at(-1) : undefined;
  return last === undefined ? (value?.range[1] ?? key.range[1]) : endOf(last);
}

/** Blanks in front of a key that stands first on its line. */
function indentOf(text: string, { key }: AnyPair): string | undefined {
  const before = text.slice(text.lastIndexOf('\n', key.range[0] - 1) + 1, key.range[0]);
  return before.trim() === '' ? before : undefined;
}
