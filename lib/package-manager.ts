import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export const packageManagers = ['npm', 'pnpm', 'yarn', 'bun'] as const;
export type PackageManager = (typeof packageManagers)[number];

const lockFiles: readonly [file: string, manager: PackageManager][] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['pnpm-workspace.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
];

/**
 * The package manager of a workspace: what its package.json's `packageManager` names, else whose lock file is there, else pnpm
 * where that is installed, else npm.
 *
 * @param root The workspace's root; it need not exist yet.
 * @param path The PATH to look for pnpm on.
 */
export function packageManagerOf(root: string, path = process.env.PATH ?? ''): PackageManager {
  const declared = declaredManager(root);
  if (declared) return declared;
  const locked = lockFiles.find(([file]) => existsSync(join(root, file)));
  if (locked) return locked[1];
  return onPath('pnpm', path) ? 'pnpm' : 'npm';
}

function declaredManager(root: string): PackageManager | undefined {
  try {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { packageManager?: unknown };
    const name = typeof manifest.packageManager === 'string' ? manifest.packageManager.split('@')[0] : undefined;
    return packageManagers.find((manager) => manager === name);
  } catch {
    return undefined;
  }
}

/** Whether a program stands on the PATH, with the endings that Windows adds. */
export function onPath(program: string, path = process.env.PATH ?? ''): boolean {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  return path
    .split(delimiter)
    .filter(Boolean)
    .some((folder) => endings.some((ending) => existsSync(join(folder, program + ending))));
}

/** How a target is run in the workspace: `pnpm nx run my-api:serve`. */
export function runPrefix(manager: PackageManager): string {
  return { npm: 'npx nx', pnpm: 'pnpm nx', yarn: 'yarn nx', bun: 'bunx nx' }[manager];
}
