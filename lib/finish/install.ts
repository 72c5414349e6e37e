import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, isAbsolute, join, posix, resolve } from 'node:path';
import process from 'node:process';
import { onPath, type PackageManager } from '../read/package-manager.ts';

export interface InstallCommand {
  /** As the user would type it. */
  line: string;
  program: string;
  args: string[];
  /** Folder below the root; `.` is the root. */
  cwd: string;
  /** Folder below the root that the command fills: `node_modules`, `packages/my-api/.venv`. */
  fills: string;
}

/** The one-line ways to get uv, the one tool that neither Node nor Python brings. */
export const howToGetUv = 'uv is not installed: get it with "pip install uv" (or "brew install uv"), then run "uv sync --all-packages".';

/** What an install depends on. */
export interface InstallInput {
  root: string;
  /** Whether the APIs' Python projects are of the root's uv workspace, or stand alone. */
  placement: 'workspace' | 'alone';
  /** Folders of the Python projects below the root. */
  projects: readonly string[];
  /** Folders of the websites whose packages the root's package manager does not install. Default: none. */
  websites?: readonly string[];
}

/** One folder of installed packages, and what is known of it. */
export interface Installation {
  /** The folder, below the root where it is there: uv's may be anywhere (UV_PROJECT_ENVIRONMENT). */
  fills: string;
  /** Folder below the root whose projects' packages are in it, and whose manifests it follows. */
  of: string;
  kind: 'node' | 'python';
  isThere: boolean;
  /** An install into it has failed, was skipped, or was interrupted. */
  isPending: boolean;
}

const manifests = {
  node: new Set(['package.json', 'pnpm-workspace.yaml', '.yarnrc.yml', '.npmrc']),
  python: new Set(['pyproject.toml', '.python-version']),
} as const;

/** A file of this name in a folder of packages, or of Yarn's state, says that an install into it is due. It goes when the folder goes, and git sees none of it. */
const mark = '.fastapi-lambda-install-is-due';

/** Reads what is installed. */
export function readInstallations({ root, placement, projects, websites = [] }: InstallInput): Installation[] {
  const at = (kind: Installation['kind'], of: string, folder: string): Installation => ({
    fills: isAbsolute(folder) ? folder : posix.join(of, folder),
    of,
    kind,
    isThere: isFolder(resolve(root, of, folder)),
    isPending: existsSync(resolve(root, of, folder, mark)),
  });
  // Yarn's Plug'n'Play has no folder of packages; beside the file that stands for it, Yarn keeps its state in a folder.
  const node = existsSync(join(root, '.pnp.cjs')) ? { ...at('node', '.', '.yarn'), isThere: true } : at('node', '.', 'node_modules');
  const environment = process.env.UV_PROJECT_ENVIRONMENT || '.venv';
  const python = projects.length === 0 ? [] : placement === 'workspace' ? ['.'] : projects;
  const installed = (of: string): Installation => (of === '.' ? node : at('node', of, 'node_modules'));
  return [...['.', ...websites].map(installed), ...python.map((of) => at('python', of, environment))];
}

/**
 * The installs that are due: where a manifest has changed, where nothing is installed, and after one that failed or was skipped. No other.
 *
 * @param changed Paths below the root that this run has written.
 */
export function dueInstalls(installations: readonly Installation[], changed: readonly string[]): Installation[] {
  const apart = installations.filter(({ kind, of }) => kind === 'node' && of !== '.').map(({ of }) => `${of}/`);
  const isApart = (path: string, of: string): boolean => of === '.' && apart.some((folder) => path.startsWith(folder));
  return installations.filter(
    ({ kind, of, isThere, isPending }) => !isThere || isPending || changed.some((path) => concerns(path, kind, of) && !isApart(path, of)),
  );
}

/** Whether a file is a manifest that an installation follows. A Python project that stands alone takes the workspace's shared packages with it. */
function concerns(path: string, kind: Installation['kind'], of: string): boolean {
  if (!manifests[kind].has(basename(path))) return false;
  if (of === '.' || path.startsWith(`${of}/`)) return true;
  return kind === 'python' && path.startsWith('packages/common/');
}

/**
 * The commands for what is due, in order, and what to tell where a tool is missing.
 *
 * @param hasUv Whether uv can be run.
 */
export function installCommands(
  manager: PackageManager,
  due: readonly Installation[],
  hasUv = onPath('uv'),
): { commands: InstallCommand[]; hints: string[] } {
  const commands = due.flatMap(({ kind, of, fills }): InstallCommand[] => {
    if (kind === 'node') {
      // In a folder that is none of its workspace's, pnpm would install the workspace all the same.
      const args = of !== '.' && manager === 'pnpm' ? ['install', '--ignore-workspace'] : ['install'];
      return [{ line: `${manager} ${args.join(' ')}`, program: manager, args, cwd: of, fills }];
    }
    if (!hasUv) return [];
    const args = of === '.' ? ['sync', '--all-packages'] : ['sync'];
    return [{ line: `uv ${args.join(' ')}`, program: 'uv', args, cwd: of, fills }];
  });
  return { commands, hints: !hasUv && due.some(({ kind }) => kind === 'python') ? [howToGetUv] : [] };
}

/**
 * Remembers that an install is due, until `noteInstalled`: to be called before it is tried, and where it is skipped. Nothing has to be
 * remembered where the folder is not there, since that alone makes it due.
 *
 * @param fills The folder of packages below the root.
 */
export function noteDue(root: string, fills: string): void {
  if (isFolder(resolve(root, fills))) writeFileSync(resolve(root, fills, mark), '');
}

/** Forgets what `noteDue` has noted, after an install that succeeded. */
export function noteInstalled(root: string, fills: string): void {
  rmSync(resolve(root, fills, mark), { force: true });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
