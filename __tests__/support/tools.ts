import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { packageRoot } from '../../lib/templates/package-root.ts';

const cache = join(packageRoot(), '.cache');

/** A folder for tools and builds that tests keep between runs; git ignores it. */
export function cacheFolder(...below: string[]): string {
  const folder = join(cache, ...below);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** An installation that takes longer than this has been killed. */
const longestInstall = 20 * 60_000;

/**
 * Installs into a folder of the cache once: `install` runs unless an earlier run has finished it. Areas that run side by side wait
 * for the one that has begun.
 *
 * @param folder Below the cache.
 * @returns The whole path.
 */
export function installOnce(folder: string, install: (target: string) => void): string {
  const target = join(cache, folder);
  const finished = join(target, '.finished');
  const lock = `${target}.lock`;
  mkdirSync(dirname(lock), { recursive: true });
  while (!existsSync(finished)) {
    if (!tryLock(lock)) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
      continue;
    }
    try {
      if (!existsSync(finished)) {
        rmSync(target, { recursive: true, force: true });
        mkdirSync(target, { recursive: true });
        install(target);
        writeFileSync(finished, '');
      }
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
  return target;
}

function tryLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > longestInstall) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

/** Folder of Python 3.13's programs where pyenv has one, since its shims need a `.python-version` in or above the folder. */
function pyenvPython(minor: string): string[] {
  const versions = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  if (!existsSync(versions)) return [];
  return readdirSync(versions)
    .filter((name) => name.startsWith(`${minor}.`))
    .map((name) => join(versions, name, 'bin'));
}

/** Path of uv, from PyPI into the cache. */
export function uv(): string {
  const folder = installOnce('tools/uv', (target) => {
    execFileSync('python3', ['-m', 'venv', target], { stdio: 'pipe' });
    execFileSync(join(target, 'bin', 'pip'), ['install', '--quiet', 'uv'], { stdio: 'pipe' });
  });
  return join(folder, 'bin', 'uv');
}

/** Environment for running a generated workspace: uv and Python 3.13 on the path, nothing asked, nothing sent, no colours (`CI` turns them on). */
export function toolEnv(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const path = [join(uv(), '..'), ...pyenvPython('3.13'), process.env.PATH ?? ''].join(delimiter);
  return {
    ...process.env,
    PATH: path,
    UV_PYTHON_DOWNLOADS: 'never',
    NX_DAEMON: 'false',
    NX_TUI: 'false',
    NODE_OPTIONS: '',
    NO_COLOR: '1',
    ...extra,
  };
}

/**
 * Folder of programs of a virtual environment with these requirements, made once per `name` (name a new one when the requirements
 * change): `join(pythonTools('moto', ['moto[server]==5.2.5']), 'moto_server')`.
 */
export function pythonTools(name: string, requirements: string[], python = '3.13'): string {
  const folder = installOnce(`tools/${name}`, (target) => {
    const env = toolEnv();
    execFileSync(uv(), ['venv', '--quiet', '--allow-existing', '--python', python, target], { env, stdio: 'pipe' });
    execFileSync(uv(), ['pip', 'install', '--quiet', '--python', join(target, 'bin', 'python'), ...requirements], { env, stdio: 'pipe' });
  });
  return join(folder, 'bin');
}
