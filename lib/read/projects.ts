import { posix } from 'node:path';
import { parse } from 'smol-toml';
import type { Reader } from './reader.ts';

/** How far below the root projects are looked for. */
const depth = 4;

const skipped = /^(\..*|node_modules|dist|build|coverage|cdk\.out|target|vendor)$/;

/**
 * The projects of a repository by their names, as Nx, the package managers and uv know them; a scope of npm counts too
 * (`@acme/shop`), since Nx takes such a name for the project's.
 *
 * @returns Folder below the root by name.
 */
export function findProjects(reader: Reader): Map<string, string> {
  const projects = new Map<string, string>();
  const visit = (folder: string, level: number): void => {
    for (const { name: entry, isFolder } of reader.entries(folder)) {
      const path = posix.join(folder, entry);
      if (isFolder) {
        if (level < depth && !skipped.test(entry)) visit(path, level + 1);
        continue;
      }
      const name = nameIn(reader, path, entry);
      if (name !== undefined && folder !== '') projects.set(name, folder);
    }
  };
  visit('', 0);
  return projects;
}

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
