import { posix } from 'node:path';
import once from 'lodash/once.js';
import { parseJsonText } from '../merge/json.ts';
import { isObject, type JsonObject } from '../merge/result.ts';
import type { PlannedFile } from '../plan/file.ts';
import { importedPackages } from '../read/imports.ts';
import type { Reader } from '../read/reader.ts';
import { readRecord, recordNames, type WrittenRecord } from '../read/record.ts';

/**
 * Leaves to the user the packages that we added to a package.json, add no more, and that the user's own code imports by now.
 *
 * @returns The record without them, and a line for each that stays.
 */
export function leaveUsedPackages(
  shared: WrittenRecord,
  planned: readonly PlannedFile[],
  reader: Reader,
): { shared: WrittenRecord; notes: string[] } {
  const additions = new Map(shared.additions);
  const notes: string[] = [];
  const written = once(() => writtenFiles(reader));
  for (const [path, text] of additions) {
    if (posix.basename(path) !== 'package.json') continue;
    const added = objectIn(text);
    const wanted = objectIn(planned.find((file) => file.path === path && file.owner === 'addition')?.contents ?? '');
    const left: JsonObject = { ...added };
    let isLess = false;
    for (const field of ['dependencies', 'devDependencies']) {
      const [before, after] = [membersOf(added, field), membersOf(wanted, field)];
      const gone = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
      const used = gone.length === 0 ? [] : importedPackages(reader, posix.dirname(path), gone, (file) => written().has(file));
      if (used.length === 0) continue;
      isLess = true;
      left[field] = Object.fromEntries(Object.entries(before).filter(([name]) => !used.includes(name)));
      notes.push(`${path} keeps ${used.join(' and ')}, which code of yours imports.`);
    }
    if (isLess) additions.set(path, `${JSON.stringify(left, null, 2)}\n`);
  }
  return notes.length === 0 ? { shared, notes } : { shared: { ...shared, additions }, notes };
}

/** All files that we wrote, for whatever API: their imports are none of the user's. */
const writtenFiles = (reader: Reader): Set<string> =>
  new Set(recordNames(reader).flatMap((name) => [...readRecord(reader, name).files.keys()]));

function objectIn(text: string): JsonObject {
  const value = parseJsonText(text);
  return isObject(value) ? (value as JsonObject) : {};
}

function membersOf(object: JsonObject, field: string): JsonObject {
  const value = object[field];
  return isObject(value) ? (value as JsonObject) : {};
}
