import { comment, isJson } from './model-templates.ts';

/**
 * Edits of a user that a test can tell again in any text: a line of one's own, a mark at the end of a line of ours, a value that was
 * replaced, a line of ours that was taken out.
 */
export interface Edit {
  /** `mark-7`; it stands in the text as long as the edit does, but for a line that was taken out. */
  mark: string;
  path: string;
  kind: 'insert' | 'replace' | 'drop';
  /** The line that was taken out. */
  dropped?: string;
  /** A conflict was answered with yes since: it may have been undone by that. */
  mayBeGone: boolean;
}

const markLine = /^\s*(?:\/\/|#) mark-\d+$/;
const markEnd = / (?:\/\/|#) mark-\d+$/;
const markName = /^mark-\d+$/;

export const eolOf = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n');

/** Puts a line of the user's own into a text, or a member into JSON; `undefined` where there is no place. */
export function inserted(path: string, text: string, at: number, mark: string): string | undefined {
  const eol = eolOf(text);
  const lines = text.split(eol);
  if (!isJson(path)) {
    const index = Math.floor(at * lines.length);
    // A program starts with the one that runs it.
    lines.splice(lines[0]?.startsWith('#!') ? Math.max(1, index) : index, 0, comment(path, mark));
    return lines.join(eol);
  }
  const places = lines.flatMap((line, index) => (/^[^/]*\{$/.test(line) ? [index] : []));
  const place = places[Math.floor(at * places.length)];
  if (place === undefined) return undefined;
  const indent = /^\s*/.exec(lines[place + 1] ?? '')?.[0] ?? '';
  const isEmpty = /^\s*\}/.test(lines[place + 1] ?? '');
  lines.splice(place + 1, 0, `${indent}"${mark}": "of the user"${isEmpty ? '' : ','}`);
  return lines.join(eol);
}

/** Changes a line of ours, or in JSON a value; `undefined` where there is none that can be told from others. */
export function replaced(path: string, text: string, at: number, mark: string): string | undefined {
  const eol = eolOf(text);
  const lines = text.split(eol);
  const places = placesOf(lines, (line) =>
    isJson(path) ? /^\s*"[\w@/-]+": "[^"\\]*",?$/.test(line) && !line.includes('mark-') : isPlain(line),
  );
  const place = places[Math.floor(at * places.length)];
  if (place === undefined) return undefined;
  const line = lines[place] as string;
  lines[place] = isJson(path) ? line.replace(/"[^"\\]*"(,?)$/, `"${mark}"$1`) : `${line} ${comment(path, mark)}`;
  return lines.join(eol);
}

/** Takes out a line of ours that comes once. */
export function dropped(path: string, text: string, at: number): { text: string; line: string } | undefined {
  if (isJson(path)) return undefined;
  const eol = eolOf(text);
  const lines = text.split(eol);
  const places = placesOf(lines, isPlain);
  const place = places[Math.floor(at * places.length)];
  if (place === undefined) return undefined;
  const [line = ''] = lines.splice(place, 1);
  return { text: lines.join(eol), line };
}

/** Lines that say something, are ours and in no text of several lines that would be spoilt. */
const isPlain = (line: string): boolean => /[a-z]/.test(line) && !line.includes('mark-') && !line.startsWith('#!');

/** Places of the lines that come once; those of which every release has its own come first, twice as often. */
function placesOf(lines: readonly string[], isWanted: (line: string) => boolean): number[] {
  const count = new Map<string, number>();
  for (const line of lines) count.set(line, (count.get(line) ?? 0) + 1);
  const places = lines.flatMap((line, index) => (isWanted(line) && count.get(line) === 1 ? [index] : []));
  const busy = places.filter((index) => /slot|guest|"nx"/.test(lines[index] ?? ''));
  return [...busy, ...places];
}

/** A text without the user's lines and marks, with `\n` as its line ending. */
export const unmarked = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .filter((line) => !markLine.test(line))
    .map((line) => line.replace(markEnd, ''))
    .join('\n');

/** A value of JSON without the user's members, and with ours where the user has replaced a value. */
export function unmarkedValue(value: unknown, ours: unknown): unknown {
  if (typeof value === 'string' && markName.test(value)) return ours;
  if (Array.isArray(value)) return value.map((one, index) => unmarkedValue(one, Array.isArray(ours) ? ours[index] : undefined));
  if (typeof value !== 'object' || value === null) return value;
  const members = (ours ?? {}) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, one]) => !markName.test(name) && (one !== undefined || name in members))
      .map(([name, one]) => [name, unmarkedValue(one, members[name])])
      .filter(([, one]) => one !== undefined),
  );
}

/** What a text of ours may be but for the marks: with each line that the user took out, or, where a conflict may have undone that, without. */
export function withoutDropped(ours: string, edits: readonly Edit[]): string[] {
  let texts = [ours];
  for (const { kind, dropped: line, mayBeGone } of edits) {
    if (kind !== 'drop') continue;
    texts = texts.flatMap((text) => {
      const lines = text.split('\n');
      const places = lines.flatMap((one, index) => (one === line ? [index] : []));
      const cut = places.map((place) => lines.toSpliced(place, 1).join('\n'));
      return mayBeGone || cut.length === 0 ? [text, ...cut] : cut;
    });
  }
  return texts;
}

const conflict = /<<<<<<< yours\r?\n([\s\S]*?)=======\r?\n([\s\S]*?)>>>>>>> generated\r?\n?/g;

/** Resolves conflict markers as a user would: ours, with the lines and marks of one's own before it. */
export const resolved = (path: string, text: string): string =>
  text.replace(conflict, (_, theirs: string, ours: string) => {
    const marks = [...theirs.matchAll(/mark-\d+/g)].map(([mark]) => comment(path, mark) + eolOf(text));
    return marks.join('') + ours;
  });
