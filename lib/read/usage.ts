import { join, posix } from 'node:path';
import { isObject } from '../merge/result.ts';
import { jsonIn, type Members, namesIn, objectIn } from './manifests.ts';
import type { Reader } from './reader.ts';

/** Folders that hold no sources of the user's. */
const skipped = /^(\..*|node_modules|dist|build|coverage|cdk\.out|target|vendor)$/;

const source = /\.[cm]?[jt]sx?$/;

/** How far below a folder sources are looked for. */
const depth = 8;

/** What is ours of the files of a repository, by their path below the root. */
export interface Ours {
  isOurs: (path: string) => boolean;
  /** What may have been added to a file of others. */
  added: (path: string) => readonly string[];
}

/**
 * Which of some npm packages are used below a folder by others than us: imported by a source, in whatever way, or run by an npm script or
 * a target of Nx.
 */
export function usedPackages(reader: Reader, folder: string, names: readonly string[], { isOurs, added }: Ours): string[] {
  const left = new Set(names);
  const visit = (below: string, level: number): void => {
    for (const entry of entriesOf(reader, below)) {
      if (left.size === 0) return;
      const path = posix.join(below, entry.name);
      if (entry.isDirectory()) {
        if (level < depth && !skipped.test(entry.name)) visit(path, level + 1);
      } else if (/^(package|project)\.json$/.test(entry.name) && !isOurs(path)) {
        const commands = commandsIn(
          jsonIn(reader, path),
          added(path).map((text) => objectIn(text)),
        );
        for (const name of left) if (commands.some((command) => runs(command, name))) left.delete(name);
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
const runs = (line: string, name: string): boolean =>
  [name, commands[name] ?? posix.basename(name)].some((command) =>
    new RegExp(`(?<![\\w.@-])${command.replace(/[.]/g, '\\.')}(?:@[\\w.^~-]+)?(?![\\w./:-])`).test(line),
  );

/** Texts of the scripts and targets in a manifest, but for those that we added. */
function commandsIn(manifest: Members, added: readonly Members[]): string[] {
  return ['scripts', 'targets', 'nx'].flatMap((field) => {
    const own = new Set(added.flatMap((overlay) => namesIn(overlay[field])));
    const all = isObject(manifest[field]) ? manifest[field] : {};
    return Object.keys(all).flatMap((name) => (own.has(name) ? [] : textsIn(all[name])));
  });
}

const textsIn = (value: unknown): string[] =>
  typeof value === 'string' ? [value] : Array.isArray(value) || isObject(value) ? Object.values(value).flatMap(textsIn) : [];

function entriesOf(reader: Reader, folder: string): { name: string; isDirectory: () => boolean }[] {
  try {
    return reader.disk.readdirSync(join(reader.root, folder), { withFileTypes: true }) as never;
  } catch {
    return [];
  }
}
