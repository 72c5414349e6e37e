import { posix } from 'node:path';
import { parse } from 'smol-toml';
import { answersKey, answersPath } from './answers.ts';
import { checkNotIgnored } from './git-ignored.ts';
import type { Entry, Reader } from './reader.ts';

/** How far below the root projects are looked for. */
const depth = 4;

/** Folders that hold nothing of the user's own. */
export const skipped = /^(\..*|node_modules|dist|build|coverage|cdk\.out|target|vendor)$/;

/**
 * The projects of a repository by their names, as Nx, the package managers and uv know them; a scope of npm counts too
 * (`@acme/shop`), since Nx takes such a name for the project's. What lies in another repository or workspace, or is hidden by git, is
 * none of them: a worktree or a copy would be taken for the place of what it was copied from.
 *
 * @returns Folder below the root by name.
 */
export function findProjects(reader: Reader): Map<string, string> {
  const found: { name: string; folder: string; manifest: string }[] = [];
  const visit = (folder: string, level: number): void => {
    const entries = reader.entries(folder);
    if (level > 0 && isAnother(reader, folder, entries)) return;
    for (const { name: entry, isFolder } of entries) {
      const path = posix.join(folder, entry);
      if (isFolder) {
        if (level < depth && !skipped.test(entry)) visit(path, level + 1);
        continue;
      }
      const name = nameIn(reader, path, entry);
      if (name !== undefined && folder !== '') found.push({ name, folder, manifest: path });
    }
  };
  visit('', 0);
  const manifests = found.map(({ manifest }) => manifest);
  const hidden = checkNotIgnored(reader.root, manifests, new Set(manifests));
  return new Map(found.filter(({ manifest }) => !hidden.has(manifest)).map(({ name, folder }) => [name, folder]));
}

/** Whether a folder is the root of another repository, or of another workspace of ours. */
const isAnother = (reader: Reader, folder: string, entries: readonly Entry[]): boolean =>
  entries.some(
    ({ name }) => name === '.git' || (name === answersPath && reader.text(posix.join(folder, name))?.includes(`"${answersKey}"`)),
  );

function nameIn(reader: Reader, path: string, file: string): string | undefined {
  try {
    const text = (): string => reader.text(path)?.replace(/^\uFEFF/, '') ?? '';
    let name: unknown;
    if (file === 'project.json' || file === 'package.json') name = (JSON.parse(text()) as { name?: unknown } | null)?.name;
    if (file === 'pyproject.toml') name = pythonName(text());
    return typeof name === 'string' ? name : undefined;
  } catch {
    // A manifest that can't be read names no project.
    return undefined;
  }
}

/** The usual place of a name, alone in a line below `[project]`, is seen without reading all of the file as TOML, which a workspace with many APIs pays for each of them. */
function pythonName(text: string): unknown {
  const usual = /^\[project\][ \t]*\r?\n(?:(?:[#A-Za-z].*)?\r?\n)*?name[ \t]*=[ \t]*"([\w.-]+)"/m.exec(text);
  return usual && !text.includes("'''") && !text.includes('"""')
    ? usual[1]
    : (parse(text) as { project?: { name?: unknown } }).project?.name;
}
