import { extname } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { parseAllDocuments } from 'yaml';
import { lineEnding, splitMark, withLineEnding } from './layout.ts';
import { threeWay, withoutOneEdit } from './three-way.ts';
import { threeWayJson } from './three-way-json.ts';
import { type ThreeTexts, withListsAlike } from './three-way-toml.ts';

/** The edits of a file of ours, together with what we would write today. */
export interface MergedEdits {
  /** Whether both can be had. */
  clean: boolean;
  /** The whole text, in the user's layout. Where they meet it has ours; every other edit of the user's is in it. */
  text: string;
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
    return { clean: false, text: threeWayJson(base, theirs, ours, 'ours') ?? whole };
  }
  if (format === '.toml') return mergeLines(format, path, withListsAlike({ base, theirs, ours }));
  return mergeLines(format, path, { base, theirs, ours });
}

function mergeLines(format: string, path: string, { base, theirs, ours }: ThreeTexts): MergedEdits {
  const whole = inLayoutOf(theirs, ours);
  const lines = threeWay(base, theirs, ours);
  if (lines.clean && !isDoubled(lines.text, theirs, whole) && (isValid(format, lines.text) || !isValid(format, theirs)))
    return { clean: true, text: lines.text };
  const text = validText(format, base, theirs, ours) ?? whole;
  return { clean: false, text, ...(takesMarkers(path) ? { marked: lines.text } : {}) };
}

/** The merge that favours ours, without the one edit that spoils it, if that is what it takes to be valid. */
function validText(format: string, base: string, theirs: string, ours: string): string | undefined {
  const favour = (text: string): string => threeWay(base, text, ours, 'ours').text;
  const text = favour(theirs);
  // Such an edit is, for instance, a key that ours has too by now.
  return isValid(format, text)
    ? text
    : withoutOneEdit(base, theirs)
        .map(favour)
        .find((one) => isValid(format, one));
}

/** Lines of which a text has each once: imports, exports, members of an object. */
const singular = /^(import|export|from) |^[\w'"-]+: [\w'"{[].*,$/;

/** Whether a merge has such a line more often than either side: it was moved on the one side, as by sorting, and stayed on the other. */
function isDoubled(merged: string, theirs: string, ours: string): boolean {
  const counted = (text: string): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const line of text.split(/\r?\n/).map((one) => one.trim())) if (singular.test(line)) counts.set(line, (counts.get(line) ?? 0) + 1);
    return counts;
  };
  const [a, b] = [counted(theirs), counted(ours)];
  return [...counted(merged)].some(([line, count]) => count > Math.max(a.get(line) ?? 0, b.get(line) ?? 0));
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
    if (format === '.yaml' || format === '.yml') return parseAllDocuments(text).every((document) => document.errors.length === 0);
    return true;
  } catch {
    return false;
  }
}
