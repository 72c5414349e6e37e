import { isObject } from '../merge/result.ts';
import { parseTomlText } from '../merge/toml-text.ts';
import type { Reader } from './reader.ts';

/** Python that is generated for, which the root's pyproject.toml of a new workspace asks for. */
const minor = 13;

/** What a Python project of the root's has, beside a pyproject.toml: one of ours would change how it is built, and its Python. */
const marks = ['setup.py', 'setup.cfg', 'requirements.txt', 'Pipfile', 'environment.yml', 'environment.yaml', 'tox.ini'];

/**
 * Where an API's Python project belongs: into the uv workspace of the root, or alone with a lock file and a `.python-version` of
 * its own, beside a Python project that another tool manages (Poetry, pip) or that holds on to another Python. A root without a
 * Python project gets a uv workspace.
 *
 * @throws BadInput When the root's pyproject.toml is not TOML, or can't be read.
 */
export function pythonPlacement(reader: Reader): 'workspace' | 'alone' {
  if (isPinnedElsewhere(reader.text('.python-version') ?? '')) return 'alone';
  const text = reader.text('pyproject.toml');
  if (text === undefined) return marks.some((file) => reader.exists(file)) ? 'alone' : 'workspace';
  const { tool, project } = parseTomlText(text, 'pyproject.toml');
  const hasUv = isObject(tool) && tool.uv !== undefined;
  if (!hasUv && !reader.exists('uv.lock')) return 'alone';
  const requires = isObject(project) ? project['requires-python'] : undefined;
  return typeof requires === 'string' && isBelow(requires) ? 'alone' : 'workspace';
}

/** Whether a `.python-version` names an older Python first, `3.12.1` or `cpython-3.12`, or another implementation. */
function isPinnedElsewhere(text: string): boolean {
  const first = text.split('\n').find((line) => /^\s*[^#\s]/.test(line)) ?? '';
  const version = /^\s*(?:cpython[-@])?3\.(\d+)/.exec(first);
  return version ? Number(version[1]) < minor : /pypy|graalpy/.test(first);
}

/** Whether a version specifier of PEP 440 leaves out Python 3.13: `>=3.11,<3.13`, `==3.12.*`, `~=3.12.0`. */
function isBelow(specifier: string): boolean {
  return specifier.split(',').some((clause) => {
    const [, operator, version, patch] = /^\s*(<=|<|===?|~=)\s*3\.(\d+)(\.[\d*]+)?/.exec(clause) ?? [];
    if (operator === undefined) return false;
    if (operator === '<') return Number(version) < minor || (Number(version) === minor && !/^\.[1-9]/.test(patch ?? ''));
    // `~=3.12` goes up to 4.0, `~=3.12.0` stays with 3.12.
    if (operator === '~=' && patch === undefined) return Number(version) > minor;
    return operator === '<=' ? Number(version) < minor : Number(version) !== minor;
  });
}
