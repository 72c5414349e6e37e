import { posix } from 'node:path';
import type { AdditionInput, AdditionResult } from './addition.ts';
import type { Path } from './changes.ts';
import { ownDependencies } from './dependency-overlay.ts';
import { jsonBlock, parseJsonText } from './json.ts';
import { applyToJson } from './json-changes.ts';
import { noPlace } from './no-place.ts';
import { mergeOverlay, type OverlayRules } from './overlay.ts';
import { isObject, type JsonValue, keptNote, sameValue, setOwn, unreadable } from './result.ts';

/** Adds to a JSON file, with or without comments; of a package.json and a project.json it knows what their members mean. */
export function addJson(input: AdditionInput): AdditionResult {
  const { path, theirs, base, ours, adopt } = input;
  const there = parseJsonText(theirs, path);
  // Nothing but blanks and comments is an object yet to be; null is none.
  const value = there === undefined ? {} : there;
  if (!isObject(value)) throw unreadable(path, 'holds no JSON object');
  const overlays = { base: overlay(base), ours: overlay(ours) };
  const name = posix.basename(path);
  const own = name === 'package.json' ? ownDependencies(overlays.base, value, overlays.ours) : undefined;
  const rules: OverlayRules = { ...(own ?? (name === 'project.json' ? targetRules : {})), adopt };
  const merged = mergeOverlay(own?.base ?? overlays.base, value, own?.ours ?? overlays.ours, rules);
  const expected = own?.follow(merged.expected) ?? merged.expected;
  const text = applyToJson(theirs, [...merged.changes, ...(own?.changes ?? [])], expected);
  const notes = [...(own?.notes ?? []), ...merged.notes];
  const values = own === undefined ? merged.recorded : own.recorded(merged.recorded);
  const recorded = values && written(values, overlays.ours, ours);
  if (text === undefined) return noPlace(input, { notes, recorded });
  return { text, notes, ...(recorded === undefined ? {} : { recorded }) };
}

const overlay = (text: string | undefined): Record<string, unknown> => {
  const value = parseJsonText(text ?? '') ?? {};
  if (!isObject(value)) throw new TypeError(`no overlay: ${text}`);
  return value;
};

/** An overlay as text: the one of today, byte for byte, where it stands whole. */
const written = (recorded: unknown, ours: unknown, text: string | undefined): string | undefined =>
  sameValue(recorded, ours) ? text : `${jsonBlock(inOrderOf(ours, recorded) as JsonValue, '  ')}\n`;

/** A part of an overlay with its members in the overlay's order, whatever the merge has looked at first: a rerun writes the same. */
function inOrderOf(whole: unknown, part: unknown): unknown {
  if (!isObject(whole) || !isObject(part)) return part;
  const ordered: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(whole), ...Object.keys(part)]))
    if (Object.hasOwn(part, key)) setOwn(ordered, key, inOrderOf(whole[key], part[key]));
  return ordered;
}

const isTarget = (path: Path): boolean => path.length === 2 && path[0] === 'targets';

/** A target of an Nx project is one thing: half of ours in one of the user's would run neither. What one waits for can be added. */
const targetRules: OverlayRules = {
  isWhole: (path, ours) => isTarget(path) && !(isObject(ours) && Object.keys(ours).every((key) => key === 'dependsOn')),
  note: (path, theirs, ours) => (isTarget(path) ? `keeps its own target ${path[1]}` : keptNote(path, theirs, ours)),
};
