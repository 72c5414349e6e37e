import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { isObject } from '../merge/result.ts';
import { jsonIn, type Members, namesIn, objectIn } from './manifests.ts';
import { skipped } from './projects.ts';
import type { Reader } from './reader.ts';

const source = /\.(?:[cm]?[jt]sx?|vue|svelte|astro)$/;

/** Folders of CI services and of git's hooks: whatever is in them may run commands. */
const commandFolder = /^\.(?:github|circleci|husky)$/;

const isCommandFile = (path: string): boolean =>
  /(?:^|\/)(?:Makefile|\.gitlab-ci\.yml)$|\.sh$/.test(path) || path.split('/').some((part) => commandFolder.test(part));

/** How far below a folder sources are looked for. */
const depth = 8;

/** What is ours of the files of a repository, by their path below the root. */
export interface Ours {
  isOurs: (path: string) => boolean;
  /** What may have been added to a file of others. */
  added: (path: string) => readonly string[];
}

/**
 * Which of some npm packages are used below a folder by others than us: imported by a source, in whatever way, run by an npm script,
 * a target of Nx or a workflow, or wanted by a compiler.
 */
export function usedPackages(reader: Reader, folder: string, names: readonly string[], { isOurs, added }: Ours): string[] {
  const left = new Set(names);
  const leaveOut = (isUsed: (name: string) => boolean): void => {
    for (const name of left) if (isUsed(name)) left.delete(name);
  };
  const look = (path: string, file: string): void => {
    if (/^(package|project)\.json$/.test(file)) {
      const commands = commandsIn(
        jsonIn(reader, path),
        added(path).map((text) => objectIn(text)),
      );
      leaveOut((name) => commands.some((command) => runs(command, name)));
    } else if (/^tsconfig.*\.json$/.test(file)) {
      const { compilerOptions } = jsonIn(reader, path);
      const types = textsIn(isObject(compilerOptions) ? compilerOptions.types : []);
      leaveOut((name) => name === 'typescript' || types.some((one) => `@types/${one}` === name));
    } else if (source.test(file) && !file.includes('.gen.')) {
      const text = reader.text(path) ?? '';
      leaveOut((name) => imports(text, name));
    } else if (isCommandFile(path)) {
      const text = reader.text(path) ?? '';
      leaveOut((name) => runs(text, name));
    }
  };
  const visit = (below: string, level: number): void => {
    for (const { name, isFolder } of reader.entries(below)) {
      if (left.size === 0) return;
      const path = posix.join(below, name);
      if (!isFolder) {
        if (!isOurs(path)) look(path, name);
      } else if (level < depth && (!skipped.test(name) || commandFolder.test(name))) visit(path, level + 1);
    }
  };
  visit(folder, 0);
  return names.filter((name) => !left.has(name));
}

/** `from 'name'`, `import 'name'`, `import('name')`, `require('name')`, of the package or a part of it, or of what its types are for. */
const imports = (text: string, name: string): boolean =>
  new RegExp(`(?:\\bfrom|\\bimport|\\bimport\\s*\\(|\\brequire\\s*\\()\\s*['"](?:${importedAs(name).join('|')})(?:/[^'"]*)?['"]`).test(
    text,
  );

/** Expressions of the modules that a package is imported as. */
function importedAs(name: string): string[] {
  const plain = name.replace(/[.]/g, '\\.');
  if (name === '@types/node') return [plain, 'node:\\w+', ...builtinModules];
  // `@types/scope__name` is of `@scope/name`.
  const [, scope = '', typed] = /^@types\/(?:(.+)__)?(.+)$/.exec(plain) ?? [];
  return typed === undefined ? [plain] : [plain, `${scope && `@${scope}/`}${typed}`];
}

/** Commands that are not called as their packages are. */
const calledAs: Readonly<Record<string, string>> = { 'aws-cdk': 'cdk', typescript: 'tsc' };

/** `biome check`, `npx @biomejs/biome check`, `node --import tsx x.ts`, `node_modules/.bin/tsc`. */
const runs = (text: string, name: string): boolean =>
  !name.startsWith('@types/') &&
  [name, calledAs[name] ?? posix.basename(name)].some((command) =>
    new RegExp(`(?<![\\w.@-])${command.replace(/[.]/g, '\\.')}(?:@[\\w.^~-]+)?(?![\\w./:-])`).test(text),
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
