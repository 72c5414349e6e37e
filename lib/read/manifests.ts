import { posix } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { parseJsonText } from '../merge/json.ts';
import { isObject } from '../merge/result.ts';
import type { Reader } from './reader.ts';

export type Members = Record<string, unknown>;

/** A path below a folder, which is `.` for the root. */
export const join = (folder: string, path: string): string => posix.join(folder, path);

/** Names of an object's members; none where it is no object. */
export const namesIn = (value: unknown): string[] => (isObject(value) ? Object.keys(value) : []);

/**
 * The object in a text in JSON; an empty one where it has none.
 *
 * @throws BadInput When it is no JSON.
 */
export function objectIn(text: string | undefined, path?: string): Members {
  const value = text === undefined ? undefined : parseJsonText(text, path);
  return isObject(value) ? value : {};
}

/** The object in a JSON file of a repository's; an empty one where there is none. */
export function jsonIn(reader: Reader, path: string): Members {
  try {
    return objectIn(reader.text(path), path);
  } catch {
    // One that can't be read is told of where it is merged into.
    return {};
  }
}

/** Packages that a package.json names. */
export const dependenciesIn = (manifest: Members): string[] =>
  ['dependencies', 'devDependencies', 'peerDependencies'].flatMap((field) =>
    isObject(manifest[field]) ? Object.keys(manifest[field]) : [],
  );

/** Whether a folder is a package of the root's workspaces. */
export function isMember(reader: Reader, folder: string): boolean {
  const { workspaces } = jsonIn(reader, 'package.json');
  const lists = [workspaces, isObject(workspaces) ? workspaces.packages : undefined, pnpmPackages(reader)];
  const patterns = lists.flatMap((list) => (Array.isArray(list) ? list.filter((one) => typeof one === 'string') : []));
  const matches = (pattern: string): boolean => asExpression(pattern).test(folder);
  return (
    patterns.some((one) => !one.startsWith('!') && matches(one)) && !patterns.some((one) => one.startsWith('!') && matches(one.slice(1)))
  );
}

function pnpmPackages(reader: Reader): unknown {
  try {
    const value: unknown = parseYaml(reader.text('pnpm-workspace.yaml') ?? '');
    return isObject(value) ? value.packages : undefined;
  } catch {
    return undefined;
  }
}

/** `packages/*` and `apps/**` as the package managers read them. */
function asExpression(pattern: string): RegExp {
  const plain = pattern.replace(/^\.\//, '').replace(/\/$/, '');
  const parts = plain.split('/').map((part) =>
    part === '**'
      ? '.+'
      : part
          .replace(/[.+^${}()|[\]\\]/g, '\\$&')
          .replaceAll('*', '[^/]*')
          .replaceAll('?', '[^/]'),
  );
  return new RegExp(`^${parts.join('/')}$`);
}
