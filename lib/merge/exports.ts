import { lineEnding } from './layout.ts';
import type { MergeResult } from './result.ts';

const exportAll = /^[ \t]*export\s+\*\s+from\s+(['"])([^'"\n]*)\1[ \t]*;?/gm;

/**
 * Appends `export * from '...';` to a barrel which does not export that module yet. The line takes the quotes and the semicolons
 * of the file.
 *
 * @param line The line as our own formatter writes it: single quotes and a semicolon.
 */
export function mergeExports(text: string | undefined, line: string): MergeResult {
  const module = new RegExp(exportAll.source).exec(line)?.[2];
  if (module === undefined) throw new TypeError(`not an export of a module: ${line}`);
  const before = text ?? '';
  // An export in a comment is none.
  const code = before.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '));
  const exports = [...code.matchAll(exportAll)];
  if (exports.some((match) => match[2] === module)) return { text: before, notes: [], ok: true };
  const quotes = [...code.matchAll(/^[ \t]*(?:import|export)\b[^'"\n]*(['"])[^'"\n]*['"][ \t]*(;?)/gm)].at(-1);
  const quote = quotes?.[1] ?? "'";
  const added = `export * from ${quote}${module}${quote}${quotes?.[2] ?? ';'}`;
  const eol = lineEnding(before);
  const gap = before === '' || before.endsWith('\n') ? '' : eol;
  return { text: before + gap + added + eol, notes: [], ok: true };
}
