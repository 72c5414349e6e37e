import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { isObject } from '../merge/result.ts';

export const packageManagers = ['npm', 'pnpm', 'yarn', 'bun'] as const;
export type PackageManager = (typeof packageManagers)[number];

/** Files that one manager alone has, in the order in which they count. */
const managerFiles: readonly [file: string, manager: PackageManager][] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['pnpm-workspace.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
  ['.yarnrc.yml', 'yarn'],
];

/** How the files of a workspace are looked at: by their paths below its root. */
export interface WorkspaceFiles {
  text(path: string): string | undefined;
  exists(path: string): boolean;
}

/**
 * The package manager of a workspace: what its package.json names (`packageManager`, else `devEngines`), else whose lock file or
 * settings are there, else npm where package.json lists workspaces, which pnpm would not read there; else pnpm where that is
 * installed, else npm.
 *
 * @param root The workspace's root; it need not exist yet.
 * @param path The PATH to look for pnpm on.
 * @param files What is in the workspace, where that is not the disk alone.
 */
export function packageManagerOf(root: string, path = process.env.PATH ?? '', files: WorkspaceFiles = filesOnDisk(root)): PackageManager {
  const manifest = manifestIn(files);
  const found = declaredManager(manifest) ?? managerFiles.find(([file]) => files.exists(file))?.[1];
  if (found) return found;
  if (manifest.workspaces !== undefined) return 'npm';
  return onPath('pnpm', path) ? 'pnpm' : 'npm';
}

const filesOnDisk = (root: string): WorkspaceFiles => ({
  text: (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined),
  exists: (path) => existsSync(join(root, path)),
});

function manifestIn(files: WorkspaceFiles): Record<string, unknown> {
  try {
    const manifest: unknown = JSON.parse(files.text('package.json')?.replace(/^\uFEFF/, '') ?? '{}');
    return isObject(manifest) ? manifest : {};
  } catch {
    // One that can't be read is told of where it is merged into.
    return {};
  }
}

/** `packageManager: "pnpm@12.0.1"`, or `devEngines: { packageManager: { name: "pnpm" } }`, which may be a list. */
function declaredManager({ packageManager, devEngines }: Record<string, unknown>): PackageManager | undefined {
  const engines = isObject(devEngines) ? [devEngines.packageManager].flat() : [];
  const names = [
    typeof packageManager === 'string' ? packageManager.split('@')[0] : undefined,
    ...engines.map((one) => (isObject(one) ? one.name : undefined)),
  ];
  return packageManagers.find((manager) => manager === names.find((name) => (packageManagers as readonly unknown[]).includes(name)));
}

/** Whether a program stands on the PATH, with the endings that Windows adds. */
export function onPath(program: string, path = process.env.PATH ?? '', platform = process.platform): boolean {
  const endings = platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  return path
    .split(delimiter)
    .filter(Boolean)
    .some((folder) => endings.some((ending) => existsSync(join(folder, program + ending))));
}

/** How a target is run in the workspace: `pnpm nx run my-api:serve`. */
export function runPrefix(manager: PackageManager): string {
  return { npm: 'npx nx', pnpm: 'pnpm nx', yarn: 'yarn nx', bun: 'bunx nx' }[manager];
}
