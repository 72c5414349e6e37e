import { parse as parseYaml } from 'yaml';
import { isObject } from '../merge/result.ts';
import { join, jsonIn } from './manifests.ts';
import type { PackageManager } from './package-manager.ts';
import type { Reader } from './reader.ts';

/**
 * Whether a package manager runs `prebuild` before the script `build`. Seen with each: npm does, but for `ignore-scripts`; Yarn does until
 * version 1; pnpm does from version 9, or by `enable-pre-post-scripts`, which can be false as well; bun does.
 *
 * @param folder Of the package, whose own settings count too.
 */
export function runsHooks(reader: Reader, folder: string, manager: PackageManager): boolean {
  const lock = reader.text('yarn.lock');
  if (lock !== undefined) return lock.includes('# yarn lockfile v1');
  if (manager === 'npm') return settingIn(reader, folder, 'ignore-scripts') !== 'true';
  if (manager !== 'pnpm') return manager !== 'yarn';
  const { packageManager } = jsonIn(reader, 'package.json');
  const isOld = typeof packageManager === 'string' && /^pnpm@[0-8]\./.test(packageManager);
  return (pnpmSetting(reader) ?? settingIn(reader, folder, 'enable-pre-post-scripts') ?? String(!isOld)) === 'true';
}

/** A setting of the package's or the root's `.npmrc`. */
function settingIn(reader: Reader, folder: string, name: string): string | undefined {
  const texts = [folder, '.'].map((place) => reader.text(join(place, '.npmrc')) ?? '');
  return texts.flatMap((text) => new RegExp(`^\\s*${name}\\s*=\\s*["']?(\\w+)`, 'm').exec(text)?.[1] ?? [])[0];
}

function pnpmSetting(reader: Reader): string | undefined {
  try {
    const value: unknown = parseYaml(reader.text('pnpm-workspace.yaml') ?? '');
    return isObject(value) && typeof value.enablePrePostScripts === 'boolean' ? String(value.enablePrePostScripts) : undefined;
  } catch {
    // One that can't be read is told of where it is merged into.
    return undefined;
  }
}
