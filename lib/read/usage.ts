import { join, posix } from 'node:path';
import { isObject } from '../merge/result.ts';
import { jsonIn } from './manifests.ts';
import type { Reader } from './reader.ts';

/** Folders that hold no sources of the user's. */
const skipped = /^(\..*|node_modules|dist|build|coverage|cdk\.out|target|vendor)$/;

const source = /\.[cm]?[jt]sx?$/;

/** How far below a folder sources are looked for. */
const depth = 8;

/**
 * Which of some npm packages are used below a folder: imported by a source, in whatever way, or run by an npm script.
 *
 * @param isOurs Whether a file is one of ours, by its path below the root.
 */
export function usedPackages(reader: Reader, folder: string, names: readonly string[], isOurs: (path: string) => boolean): string[] {
  const left = new Set(names);
  const visit = (below: string, level: number): void => {
    for (const entry of entriesOf(reader, below)) {
      if (left.size === 0) return;
      const path = posix.join(below, entry.name);
      if (entry.isDirectory()) {
        if (level < depth && !skipped.test(entry.name)) visit(path, level + 1);
      } else if (entry.name === 'package.json' && !isOurs(path)) {
        const scripts = scriptsIn(reader, path);
        for (const name of left) if (scripts.some((script) => runs(script, name))) left.delete(name);
      } else if (source.test(entry.name) && !entry.name.includes('.gen.') && !isOurs(path)) {
        const text = reader.text(path) ?? '';
        for (const name of left) if (imports(text, name)) left.delete(name);
      }
    }
  };
  visit(folder, 0);
  return names.filter((name) => !left.has(name));
}

/** `from 'name'`, `import 'name'`, `import('name')`, `require('name')`, of the package or a part of it. */
const imports = (text: string, name: string): boolean =>
  new RegExp(`(?:\\bfrom|\\bimport|\\bimport\\s*\\(|\\brequire\\s*\\()\\s*['"]${name.replace(/[.]/g, '\\.')}(?:/[^'"]*)?['"]`).test(text);

/** Commands that are not called as their packages are. */
const commands: Readonly<Record<string, string>> = { 'aws-cdk': 'cdk', typescript: 'tsc' };

/** `biome check`, `npx @biomejs/biome check`, `node --import tsx x.ts`, `node_modules/.bin/tsc`. */
const runs = (script: string, name: string): boolean =>
  [name, commands[name] ?? posix.basename(name)].some((command) =>
    new RegExp(`(?<![\\w.@-])${command.replace(/[.]/g, '\\.')}(?:@[\\w.^~-]+)?(?![\\w./:-])`).test(script),
  );

function scriptsIn(reader: Reader, path: string): string[] {
  const { scripts } = jsonIn(reader, path);
  return isObject(scripts) ? Object.values(scripts).map(String) : [];
}

function entriesOf(reader: Reader, folder: string): { name: string; isDirectory: () => boolean }[] {
  try {
    return reader.disk.readdirSync(join(reader.root, folder), { withFileTypes: true }) as never;
  } catch {
    return [];
  }
}
