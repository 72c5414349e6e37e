import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Folder of this package, found by walking up to the package.json that stands beside `templates`, so that it is the same
 * from the sources, from `dist` and from the bundled command.
 */
export function packageRoot(): string {
  known ??= found();
  return known;
}

let known: string | undefined;

function found(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!(existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'templates')))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('generator-fastapi-lambda: the templates folder is missing from the installed package');
    folder = parent;
  }
  return folder;
}
