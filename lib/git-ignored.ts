import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ignore from 'ignore';
import { BadInput } from './bad-input.ts';

/**
 * Stops when a rule of the repository's .gitignore files would hide what is about to be written: it would be missing from the
 * next commit without a word.
 *
 * @param paths Files below the root, with `/`.
 * @throws BadInput with the line that lets git see them.
 */
export function checkNotIgnored(root: string, paths: readonly string[]): void {
  const rules = new Map<string, ReturnType<typeof ignore> | undefined>();
  const rulesOf = (folder: string): ReturnType<typeof ignore> | undefined => {
    if (!rules.has(folder)) {
      const file = join(root, folder, '.gitignore');
      rules.set(folder, existsSync(file) ? ignore().add(readFileSync(file, 'utf8')) : undefined);
    }
    return rules.get(folder);
  };
  for (const path of paths) {
    const hidden = hiddenPart(path, rulesOf);
    if (hidden === undefined) continue;
    throw new BadInput(
      `.gitignore hides ${hidden}, so git would not see what is written there: add the line !/${hidden} to it, then run again.`,
    );
  }
}

/** The topmost folder (with a `/` at its end) or file of a path that a rule hides. */
function hiddenPart(path: string, rulesOf: (folder: string) => ReturnType<typeof ignore> | undefined): string | undefined {
  const segments = path.split('/');
  for (let depth = 1; depth <= segments.length; depth += 1) {
    const part = segments.slice(0, depth).join('/') + (depth < segments.length ? '/' : '');
    let verdict = false;
    for (let at = 0; at < depth; at += 1) {
      const folder = segments.slice(0, at).join('/');
      const result = rulesOf(folder)?.test(folder === '' ? part : posix.relative(folder, part) + (part.endsWith('/') ? '/' : ''));
      if (result?.ignored) verdict = true;
      else if (result?.unignored) verdict = false;
    }
    if (verdict) return part;
  }
  return undefined;
}
