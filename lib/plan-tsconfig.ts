import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { mergeJson, parseJsonText } from './merge/json.ts';
import { isObject } from './merge/result.ts';
import type { Run } from './run.ts';
import { readText } from './safe-path.ts';
import { stageAddition } from './staging.ts';

const path = 'tsconfig.json';

/**
 * Takes folders of ours out of the compilation of a repository's own tsconfig.json, where that names all files below the root or
 * none, which means the same: its compiler options are not those that our packages are written for.
 */
export function planTsconfigExclude(run: Run, folders: readonly string[]): void {
  const { root, isNew } = run.workspace;
  if (isNew || !existsSync(join(root, path))) return;
  const { include, files, exclude, outDirs } = compilationOf(root);
  if (include === undefined && files !== undefined) return;
  const ours = folders.filter((folder) => include === undefined || include.some((pattern) => mayHold(pattern, folder)));
  if (ours.length === 0) return;
  // A list of one's own takes the place of the compiler's default, so that has to be in it.
  const added = [...(exclude ?? ['node_modules', ...outDirs]), ...ours];
  stageAddition(run.staging, {
    path,
    record: 'shared',
    addition: JSON.stringify({ exclude: ours }),
    apply: (text) => mergeJson(text, { exclude: added }, { path }),
  });
}

/** Whether a pattern of `include` can stand for files in a folder. */
function mayHold(pattern: string, folder: string): boolean {
  const first = pattern.replace(/^(?:\.\/)+/, '').split('/')[0] ?? '';
  return first === '' || first === '.' || /[*?]/.test(first) || first === folder.split('/')[0];
}

interface Compilation {
  include?: string[];
  files?: string[];
  exclude?: string[];
  /** Folders that the compiler writes into, and leaves out by itself. */
  outDirs: string[];
}

/** What a repository's tsconfig.json compiles, with what it inherits from files of the repository. */
function compilationOf(root: string): Compilation {
  const found: Compilation = { outDirs: [] };
  const seen = new Set<string>();
  for (let file: string | undefined = path; file !== undefined && !seen.has(file); ) {
    seen.add(file);
    const text = readText(root, file);
    const value = text === undefined ? undefined : parseJsonText(text, file);
    if (!isObject(value)) break;
    for (const name of ['include', 'files', 'exclude'] as const) {
      const list = value[name];
      if (found[name] === undefined && Array.isArray(list)) found[name] = list.filter((one) => typeof one === 'string');
    }
    const options = isObject(value.compilerOptions) ? value.compilerOptions : {};
    for (const name of ['outDir', 'declarationDir']) {
      const folder = options[name];
      if (typeof folder === 'string' && !found.outDirs.includes(folder)) found.outDirs.push(folder);
    }
    file = extended(file, value.extends);
  }
  return found;
}

function extended(file: string, base: unknown): string | undefined {
  const name = Array.isArray(base) ? base.at(-1) : base;
  // A package's configuration names no files of the repository.
  if (typeof name !== 'string' || !name.startsWith('.')) return undefined;
  const full = posix.join(posix.dirname(file), name);
  return full.endsWith('.json') ? full : `${full}.json`;
}
