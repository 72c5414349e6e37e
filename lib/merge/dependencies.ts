import intersects from 'semver/ranges/intersects.js';
import validRange from 'semver/ranges/valid.js';
import { mergeJson, parseJsonText } from './json.ts';
import { isObject, type MergeOptions, type MergeResult } from './result.ts';

/** Fields of a package.json in which a dependency may already stand. */
const fields = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

/**
 * Adds development dependencies to a package.json. One that is there already, whichever field it is in, stays as it is; a note tells
 * of a version that does not satisfy ours.
 *
 * @throws BadInput When the text is not a JSON object.
 */
export function mergeDependencies(
  packageJsonText: string | undefined,
  additions: { devDependencies: Record<string, string> },
  options: MergeOptions = {},
): MergeResult {
  const path = options.path ?? 'package.json';
  const manifest = packageJsonText === undefined ? {} : parseJsonText(packageJsonText, path);
  const missing: Record<string, string> = {};
  const notes: string[] = [];
  for (const [name, wanted] of Object.entries(additions.devDependencies)) {
    const there = versionIn(manifest, name);
    if (there === undefined) missing[name] = wanted;
    else if (!satisfies(there, wanted))
      notes.push(`keeps ${name} ${there}, which may be too old or too new: what is generated was tested with ${wanted}`);
  }
  if (Object.keys(missing).length === 0) return { text: packageJsonText ?? '{}\n', notes, ok: true };
  const merged = mergeJson(packageJsonText, { devDependencies: missing }, { path });
  return { ...merged, notes: [...notes, ...merged.notes] };
}

function versionIn(manifest: unknown, name: string): string | undefined {
  if (!isObject(manifest)) return undefined;
  for (const field of fields) {
    const group = manifest[field];
    if (isObject(group) && Object.hasOwn(group, name)) return String(group[name]);
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
