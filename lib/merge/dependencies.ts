import intersects from 'semver/ranges/intersects.js';
import validRange from 'semver/ranges/valid.js';
import { mergeJson, parseJsonText } from './json.ts';
import { isObject, type MergeOptions, type MergeResult } from './result.ts';

/** Fields of a package.json in which a dependency may already stand. */
const fields = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

export interface DependencyOptions extends MergeOptions {
  /** Versions that an earlier run wrote: one that still stands as it was written is ours to change, one that is gone stays away. */
  previous?: ReadonlyMap<string, string>;
}

/**
 * Adds development dependencies to a package.json. One that is there already, whichever field it is in, stays as it is, unless its
 * version is one that we wrote; a note tells of a version that does not satisfy ours.
 *
 * @throws BadInput When the text is not a JSON object.
 */
export function mergeDependencies(
  packageJsonText: string | undefined,
  additions: { devDependencies: Record<string, string> },
  options: DependencyOptions = {},
): MergeResult {
  const path = options.path ?? 'package.json';
  const manifest = packageJsonText === undefined ? {} : parseJsonText(packageJsonText, path);
  const changes: Record<string, Record<string, string>> = {};
  const notes: string[] = [];
  for (const [name, wanted] of Object.entries(additions.devDependencies)) {
    const there = versionIn(manifest, name);
    const before = options.previous?.get(name);
    if (there === undefined) {
      if (before === undefined || packageJsonText === undefined) changes.devDependencies = { ...changes.devDependencies, [name]: wanted };
    } else if (there.version === before) changes[there.field] = { ...changes[there.field], [name]: wanted };
    else if (!satisfies(there.version, wanted)) {
      notes.push(`keeps ${name} ${there.version}, which may be too old or too new: what is generated was tested with ${wanted}`);
    }
  }
  if (Object.keys(changes).length === 0) return { text: packageJsonText ?? '{}\n', notes, ok: true };
  // What is replaced here is a version of ours, see above.
  const merged = mergeJson(packageJsonText, changes, { path, keepExisting: false });
  return { ...merged, notes: [...notes, ...merged.notes] };
}

function versionIn(manifest: unknown, name: string): { field: string; version: string } | undefined {
  if (!isObject(manifest)) return undefined;
  for (const field of fields) {
    const group = manifest[field];
    if (isObject(group) && Object.hasOwn(group, name)) return { field, version: String(group[name]) };
  }
  return undefined;
}

/**
 * Whether the range that is there can install a version that we want; a single version of ours stands for the compatible later ones
 * too. Ranges that are no semantic versions (`workspace:*`, `catalog:`, a URL, a tag) are the user's own affair.
 */
function satisfies(there: string, wanted: string): boolean {
  const range = /^\d/.test(wanted) ? `^${wanted}` : wanted;
  if (validRange(there) === null || validRange(range) === null) return true;
  return intersects(there, range);
}
