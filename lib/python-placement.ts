import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from './merge/result.ts';
import { parseTomlText } from './merge/toml.ts';
import { readText } from './safe-path.ts';

/**
 * Where an API's Python project belongs: into the uv workspace of the root, or alone with a lock file of its own, beside a
 * repository that another tool manages (Poetry, pip). A root without a pyproject.toml gets a uv workspace.
 *
 * @throws BadInput When the root's pyproject.toml is not TOML, or can't be read.
 */
export function pythonPlacement(root: string): 'workspace' | 'alone' {
  const text = readText(root, 'pyproject.toml');
  if (text === undefined) return 'workspace';
  const { tool } = parseTomlText(text, 'pyproject.toml');
  const hasUv = isObject(tool) && tool.uv !== undefined;
  return hasUv || existsSync(join(root, 'uv.lock')) ? 'workspace' : 'alone';
}
