import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from './merge/result.ts';
import { parseTomlText } from './merge/toml.ts';

/**
 * Where an API's Python project belongs: into the uv workspace of the root, or alone with a lock file of its own, beside a
 * repository that another tool manages (Poetry, pip). A root without a pyproject.toml gets a uv workspace.
 *
 * @throws BadInput When the root's pyproject.toml is not TOML.
 */
export function pythonPlacement(root: string): 'workspace' | 'alone' {
  const path = join(root, 'pyproject.toml');
  if (!existsSync(path)) return 'workspace';
  const { tool } = parseTomlText(readFileSync(path, 'utf8'), 'pyproject.toml');
  const hasUv = isObject(tool) && tool.uv !== undefined;
  return hasUv || existsSync(join(root, 'uv.lock')) ? 'workspace' : 'alone';
}
