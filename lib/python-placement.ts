import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';

/**
 * Where an API's Python project belongs: into the uv workspace of the root, or alone with a lock file of its own, beside a
 * repository that another tool manages (Poetry, pip). A root without a pyproject.toml gets a uv workspace.
 */
export function pythonPlacement(root: string): 'workspace' | 'alone' {
  const path = join(root, 'pyproject.toml');
  if (!existsSync(path)) return 'workspace';
  try {
    const tool = (parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, '')) as { tool?: Record<string, unknown> }).tool ?? {};
    return tool.uv !== undefined || existsSync(join(root, 'uv.lock')) ? 'workspace' : 'alone';
  } catch {
    return 'alone';
  }
}
