// Takes out of dist/ what nobody can import: modules of the own command, which is bundled, and types that no exported type names.
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';

/**
 * @param {string} root Folder of the package.
 * @param {Record<string, string | { types: string, default: string }>} exported The `exports` of its package.json.
 */
export function pruneDist(root, exported) {
  const reached = new Set();
  const entries = Object.values(exported).flatMap((entry) => (typeof entry === 'string' ? [] : [entry.types, entry.default]));
  for (const entry of entries) reach(resolve(root, entry));
  for (const folder of ['generators', 'lib']) prune(join(root, 'dist', folder));

  function prune(folder) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) prune(path);
      else if (!reached.has(path)) rmSync(path);
    }
    if (readdirSync(folder).length === 0) rmdirSync(folder);
  }

  function reach(path) {
    if (reached.has(path)) return;
    reached.add(path);
    for (const { fileName } of ts.preProcessFile(readFileSync(path, 'utf8'), true, true).importedFiles) {
      if (!fileName.startsWith('.')) continue;
      const target = resolve(dirname(path), fileName);
      const file = path.endsWith('.d.ts') ? target.replace(/\.[jt]s$/, '.d.ts') : target;
      if (!existsSync(file)) throw new Error(`${path} imports ${fileName}, which is not there.`);
      reach(file);
    }
  }
}
