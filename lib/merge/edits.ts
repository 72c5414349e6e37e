import { extname } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { parseAllDocuments } from 'yaml';
import { lineEnding, splitMark, withLineEnding } from './layout.ts';
import { namesKeptBy } from './line-names.ts';
import { mergesWith, type ThreeTexts, threeWay, twoWay } from './three-way.ts';
import { threeWayJson } from './three-way-json.ts';
import { withListsAlike } from './three-way-toml.ts';

/** The edits of a file of ours, together with what we would write today. */
export interface MergedEdits {
  /** Whether both can be had. */
  clean: boolean;
  /** The whole text, in the user's layout. Where they meet it has ours; every other edit of the user's is in it. */
  text: string;
  /** Not every other one: with all of them the text would be spoiled. */
  isLess?: true;
  /** The same with conflict markers where they meet. Only where not clean, and in formats that live with markers. */
  marked?: string;
}

/** Formats that a conflict marker would make unreadable for the tools that need them. */
const withoutMarkers = new Set(['.json', '.jsonc', '.toml', '.yaml', '.yml', '.lock']);

/** Whether a file may get conflict markers. */
export const takesMarkers = (path: string): boolean => !withoutMarkers.has(extname(path).toLowerCase());

/**
 * Merges what the user made of a file of ours with what we would write today: JSON by values, all else by lines, but for lists in TOML.
 *
 * @param path Its name tells the format.
 * @param base What we wrote last, with `\n` as its line ending.
 * @param theirs The user's text.
 * @param ours What we would write today, with `\n` as its line ending.
 */
export function mergeEdits(path: string, base: string, theirs: string, ours: string): MergedEdits {
  const whole = inLayoutOf(theirs, ours);
  if (theirs === inLayoutOf(theirs, base)) return { clean: true, text: whole };
  if (base === ours) return { clean: true, text: theirs };
  const format = extname(path).toLowerCase();
  // Values rather than lines: in JSON neighbours are independent, and a comma is no conflict.
  if (format === '.json') {
    const merged = threeWayJson(base, theirs, ours);
    if (merged !== undefined) return { clean: true, text: merged };
    const favoured = threeWayJson(base, theirs, ours, 'ours');
    return favoured === undefined ? { clean: false, text: whole, isLess: true } : { clean: false, text: favoured };
  }
  if (format === '.toml') return mergeLines(format, path, withListsAlike({ base, theirs, ours }));
  return mergeLines(format, path, { base, theirs, ours });
}

function mergeLines(format: string, path: string, texts: ThreeTexts): MergedEdits {
  const { base, theirs, ours } = texts;
  const lines = threeWay(base, theirs, ours);
  const keepsNames = namesKeptBy(format, texts);
  const isOursValid = isValid(format, ours);
  const isSound = (text: string): boolean => keepsNames(text) && (!isOursValid || isValid(format, text));
  if (lines.clean && (isSound(lines.text) || !isValid(format, theirs))) return { clean: true, text: lines.text };
  const merged = favoured(texts, isSound) ?? { text: inLayoutOf(theirs, ours), isLess: true as const };
  // Where all lines went together, no place of them is marked.
  const marked = lines.clean ? twoWay(theirs, ours).text : lines.text;
  return { clean: false, ...merged, ...(takesMarkers(path) ? { marked } : {}) };
}

/** So many edits are tried without each of them, and so many merges are tried in all: a file with more of what spoils it loses the rest. */
const fewEdits = 100;
const mostTries = 500;

/**
 * The merge that favours ours, with all edits of the user's that leave it sound. One that does not is, for instance, a key that ours has
 * too by now, or half of a move, of which the other half meets ours.
 */
function favoured(texts: ThreeTexts, isSound: (text: string) => boolean): Pick<MergedEdits, 'text' | 'isLess'> | undefined {
  const { count, only } = mergesWith(texts);
  const all = Array.from({ length: count }, (_, index) => index);
  let tries = 0;
  const soundWith = (edits: readonly number[]): string | undefined => {
    tries += 1;
    const text = only(new Set(edits));
    return isSound(text) ? text : undefined;
  };
  const text = soundWith(all);
  if (text !== undefined) return { text };
  for (const one of count <= fewEdits ? all : []) {
    const without = soundWith(all.filter((other) => other !== one));
    if (without !== undefined) return { text: without, isLess: true };
  }
  let best: string | undefined;
  let kept: number[] = [];
  // Most go together: of many that do not, one half is tried after the other.
  const add = (edits: number[]): void => {
    const more = tries < mostTries ? soundWith([...kept, ...edits]) : undefined;
    if (more !== undefined) [kept, best] = [[...kept, ...edits], more];
    else if (edits.length > 1 && tries < mostTries) {
      const half = Math.ceil(edits.length / 2);
      add(edits.slice(0, half));
      add(edits.slice(half));
    }
  };
  add(all);
  return best === undefined ? undefined : { text: best, isLess: true };
}

/** Our text with the line endings and the byte order mark of another. */
export function inLayoutOf(text: string, ours: string): string {
  const { mark, body } = splitMark(text);
  return mark + withLineEnding(ours, lineEnding(body));
}

/** Whether a text is valid in a format in which lines that merge cleanly can still spoil the whole. */
function isValid(format: string, text: string): boolean {
  try {
    if (format === '.toml') parseToml(splitMark(text).body);
    if (format !== '.yaml' && format !== '.yml') return true;
    // An alias without its anchor shows in the values alone.
    return parseAllDocuments(text).every((document) => document.errors.length === 0 && document.toJS() !== undefined);
  } catch {
    return false;
  }
}
