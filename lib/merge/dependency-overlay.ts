import intersects from 'semver/ranges/intersects.js';
import validRange from 'semver/ranges/valid.js';
import type { Change, Path } from './changes.ts';
import type { OverlayRules } from './overlay.ts';
import { isObject, keptNote, setOwn } from './result.ts';

type Members = Record<string, unknown>;

/** Fields that we add packages to, each with the others in which one may stand already. */
const otherFields: Readonly<Record<string, readonly string[]>> = {
  dependencies: ['devDependencies', 'optionalDependencies', 'peerDependencies'],
  devDependencies: ['dependencies', 'optionalDependencies'],
};

/** What of an overlay concerns packages that the user has in another field, and what remains of it. */
export interface OwnDependencies extends OverlayRules {
  /** The overlays without those packages. */
  base: Members;
  ours: Members;
  /** Versions of ours that follow in their field. */
  changes: Change[];
  notes: string[];
  /** Makes those changes in the values that are expected. */
  follow: (expected: Members) => Members;
  /** Puts what is recorded of those packages back. */
  recorded: (rest: Members | undefined) => Members | undefined;
  note: NonNullable<OverlayRules['note']>;
}

/**
 * Takes the packages out of overlays of a package.json that stand in another field than the one that we would add them to, where the
 * user wants them. A version that we wrote still follows ours there.
 */
export function ownDependencies(base: Members, manifest: Members, ours: Members): OwnDependencies {
  const result = { base, ours };
  const changes: (Change & { kind: 'set' })[] = [];
  const notes: string[] = [];
  const kept: Record<string, Members> = {};
  for (const [field, others] of Object.entries(otherFields)) {
    const [before, wanted] = [members(base[field]), members(ours[field])];
    const rest = { base: { ...before }, ours: { ...wanted } };
    for (const name of Object.keys({ ...before, ...wanted })) {
      const place = Object.hasOwn(members(manifest[field]), name)
        ? undefined
        : others.find((one) => Object.hasOwn(members(manifest[one]), name));
      if (place === undefined) continue;
      delete rest.base[name];
      delete rest.ours[name];
      if (wanted[name] === undefined) continue;
      const there = members(manifest[place])[name];
      const isOurs = before[name] !== undefined;
      if (isOurs) {
        kept[field] ??= {};
        setOwn(kept[field], name, wanted[name]);
      }
      if (isOurs && there === before[name]) {
        if (there !== wanted[name]) changes.push({ kind: 'set', path: [place, name], value: wanted[name] });
      } else if (before[name] !== wanted[name]) {
        const note = dependencyNote([place, name], there, wanted[name]);
        if (note !== undefined) notes.push(note);
      }
    }
    result.base = withField(result.base, field, rest.base);
    result.ours = withField(result.ours, field, rest.ours);
  }
  return {
    ...result,
    changes,
    notes,
    note: dependencyNote,
    follow: (expected) => {
      const values = { ...expected };
      for (const {
        path: [group = '', name = ''],
        value,
      } of changes)
        values[group] = { ...members(values[group]), [name]: value };
      return values;
    },
    recorded: (rest) => {
      if (Object.keys(kept).length === 0) return rest;
      const fields = Object.entries(kept).map(([field, names]) => [field, { ...members(rest?.[field]), ...names }]);
      return { ...rest, ...Object.fromEntries(fields) };
    },
  };
}

const members = (value: unknown): Members => (isObject(value) ? value : {});

function withField(overlay: Members, field: string, dependencies: Members): Members {
  const { [field]: _, ...rest } = overlay;
  return Object.keys(dependencies).length === 0 ? rest : { ...rest, [field]: dependencies };
}

/** A version of the user's that does well with ours is no matter to tell. */
function dependencyNote(path: Path, theirs: unknown, ours: unknown): string | undefined {
  if (path.length !== 2 || !/dependencies$/i.test(String(path[0]))) return keptNote(path, theirs, ours);
  if (satisfies(String(theirs), String(ours))) return undefined;
  return `keeps ${path[1]} ${theirs}, which may be too old or too new: what is generated was tested with ${ours}`;
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
