import { lineEnding } from './layout.ts';
import type { MergeResult } from './result.ts';

/**
 * Appends the lines that a text lacks, such as rules to a `.gitignore`. Lines are compared without the blanks at their ends, and
 * a rule without a trailing slash stands for the same rule with one. What is there stays, byte for byte.
 *
 * @param lines Lines without their endings. A comment heads the lines after it and is written only along with one of them.
 */
export function mergeLines(text: string | undefined, lines: readonly string[]): MergeResult {
  const before = text ?? '';
  const eol = lineEnding(before);
  const there = new Set(
    before
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)
      .map((line) => line.trimEnd()),
  );
  const missing: string[] = [];
  let headings: string[] = [];
  for (const line of lines.map((one) => one.trimEnd())) {
    if (line === '' || line.startsWith('#')) {
      headings.push(line);
      continue;
    }
    if (!there.has(line) && !(line.endsWith('/') && there.has(line.slice(0, -1)))) {
      missing.push(...headings.filter((heading) => heading === '' || !there.has(heading)), line);
      for (const written of [...headings, line]) there.add(written);
    }
    headings = [];
  }
  if (missing.length === 0) return { text: before, notes: [], ok: true };
  while (missing[0] === '') missing.shift();
  let gap = '';
  if (before.trim() !== '') gap = before.endsWith('\n') ? eol : eol + eol;
  if (/\n\s*\n$/.test(before)) gap = '';
  return { text: before + gap + missing.map((line) => line + eol).join(''), notes: [], ok: true };
}
