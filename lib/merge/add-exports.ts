import { asText, mergeEntries } from './add-lines.ts';
import type { AdditionInput, AdditionResult } from './addition.ts';
import { lineEnding, splitMark } from './layout.ts';

const exportAll = /^[ \t]*export\s+\*\s+from\s+(['"])([^'"\n]*)\1[ \t]*;?/gm;

/**
 * Adds lines such as `export * from './my-api.js';` to a barrel. They take the quotes and the semicolons of the file. An export that
 * is there in other words counts as there, and one in a comment does not.
 */
export function addExports({ theirs, base, ours, adopt }: AdditionInput): AdditionResult {
  const { mark, body } = splitMark(theirs);
  const code = body.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '));
  const there = [...code.matchAll(exportAll)].map((match) => ({
    module: match[2] ?? '',
    at: match.index,
    end: match.index + match[0].length,
  }));
  const [before, wanted] = [modulesOf(base), modulesOf(ours)];
  const merged = mergeEntries(before, (module) => there.some((one) => one.module === module), wanted, adopt);
  const eol = lineEnding(body);
  const style = [...code.matchAll(/^[ \t]*(?:import|export)\b[^'"\n]*(['"])[^'"\n]*['"][ \t]*(;?)/gm)].at(-1);
  const [quote, semicolon] = [style?.[1] ?? "'", style?.[2] ?? ';'];
  const written = merged.added.map((module) => `export * from ${quote}${module}${quote}${semicolon}${eol}`).join('');
  const notes: string[] = [];
  // From the back, so that offsets stay right.
  let text = body;
  const last = there.findLast(({ module }) => before.includes(module));
  const at = last === undefined ? body.length : afterLine(body, last.end);
  text = text.slice(0, at) + (at === 0 || text[at - 1] === '\n' || written === '' ? '' : eol) + written + text.slice(at);
  for (const { module, at, end } of there.toReversed()) {
    if (!merged.removed.includes(module)) continue;
    const lineEnd = afterLine(text, end);
    if (code.slice(end, lineEnd).trim() === '' && text.slice(end, lineEnd).trim() === '') text = text.slice(0, at) + text.slice(lineEnd);
    else notes.push(`keeps the export of ${module}, whose line was changed here: nothing that is generated needs it any more`);
  }
  const recorded = merged.recorded.map((module) => `export * from '${module}';`);
  return { text: mark + text, notes, ...(recorded.length > 0 ? { recorded: asText(recorded) } : {}) };
}

const modulesOf = (overlay: string | undefined): string[] => [...(overlay ?? '').matchAll(exportAll)].map((match) => match[2] ?? '');

function afterLine(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset);
  return newline < 0 ? text.length : newline + 1;
}
