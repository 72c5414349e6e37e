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
    let manifest: { name?: unknown } | undefined;
    const text = (): string => reader.text(path)?.replace(/^\uFEFF/, '') ?? '';
    if (file === 'project.json' || file === 'package.json') manifest = JSON.parse(text()) as { name?: unknown };
    if (file === 'pyproject.toml') manifest = (parse(text()) as { project?: { name?: unknown } }).project;
    return typeof manifest?.name === 'string' ? manifest.name : undefined;
  } catch {
    // A manifest that can't be read names no project.
    return undefined;
  }
}
