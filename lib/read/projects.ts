import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parse } from 'smol-toml';

/** How far below the root projects are looked for. */
const depth = 4;

const skipped = /^(\..*|node_modules|dist|build|coverage|cdk\.out|target|vendor)$/;

/**
 * The projects of a repository by their names, as Nx, the package managers and uv know them; a scope of npm counts too
 * (`@acme/shop`), since Nx takes such a name for the project's.
 *
 * @returns Folder below the root by name.
 */
export function findProjects(root: string): Map<string, string> {
  const projects = new Map<string, string>();
  const visit = (folder: string, level: number): void => {
    for (const entry of entriesOf(join(root, folder))) {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (level < depth && !skipped.test(entry.name)) visit(path, level + 1);
        continue;
      }
      const name = nameIn(join(root, path), entry.name);
      if (name !== undefined && folder !== '') projects.set(name, folder);
    }
  };
  visit('', 0);
  return projects;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function nameIn(path: string, file: string): string | undefined {
  try {
    let manifest: { name?: unknown } | undefined;
    const text = (): string => readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
    if (file === 'project.json' || file === 'package.json') manifest = JSON.parse(text()) as { name?: unknown };
    if (file === 'pyproject.toml') manifest = (parse(text()) as { project?: { name?: unknown } }).project;
    return typeof manifest?.name === 'string' ? manifest.name : undefined;
  } catch {
    // A manifest that can't be read names no project.
    return undefined;
  }
}
