/** Byte order mark, as it stands at the start of a decoded text. */
const mark = '\uFEFF';

/** A text without its byte order mark, and the mark to put back. */
export function splitMark(text: string): { mark: string; body: string } {
  return text.startsWith(mark) ? { mark, body: text.slice(1) } : { mark: '', body: text };
}

/** The line ending that most lines of a text have; `\n` for a text of one line. */
export function lineEnding(text: string): '\n' | '\r\n' {
  const all = text.split('\n').length - 1;
  const windows = text.split('\r\n').length - 1;
  return windows * 2 > all ? '\r\n' : '\n';
}

/** A text with each line ending as asked. */
export const withLineEnding = (text: string, ending: '\n' | '\r\n'): string => text.replace(/\r\n|\n/g, ending);

/** Blanks at the start of the line that holds an offset. */
export function indentAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? '';
}

/** Offset of the end of the line that holds an offset, before its line ending. */
export function lineEnd(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset);
  if (newline < 0) return text.length;
  return newline > offset && text[newline - 1] === '\r' ? newline - 1 : newline;
}

/** One step of indentation of a text: the smallest one that a line has, a tab, or two spaces. */
export function indentUnit(text: string): string {
  let best: string | undefined;
  for (const [, blanks] of text.matchAll(/^([ \t]+)[^ \t\r\n*]/gm)) {
    if (blanks?.startsWith('\t')) return '\t';
    if (blanks !== undefined && blanks.length > 1 && (best === undefined || blanks.length < best.length)) best = blanks;
  }
  return best ?? '  ';
}

/** An insertion (or a replacement, where `end` is given) at an offset of a text. */
export interface Edit {
  at: number;
  end?: number;
  text: string;
}

/** Applies edits that do not overlap; two at one offset stay in their order. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const sorted = edits.map((edit, index) => ({ ...edit, index })).sort((a, b) => a.at - b.at || a.index - b.index);
  let result = '';
  let from = 0;
  for (const edit of sorted) {
    result += text.slice(from, edit.at) + edit.text;
    from = edit.end ?? edit.at;
  }
  return result + text.slice(from);
}
