import { posix } from 'node:path';
import once from 'lodash/once.js';
import { isObject } from '../merge/result.ts';
import type { PlannedFile } from '../plan/file.ts';
import { type Members, objectIn } from '../read/manifests.ts';
import type { Reader } from '../read/reader.ts';
import { addedTo, readRecord, recordNames, type WrittenRecord } from '../read/record.ts';
import { usedPackages } from '../read/usage.ts';

/**
 * Leaves to the user the packages that we added to a package.json, add no more, and that the user's own code or commands use by now.
 *
 * @returns The record without them, and lines for those that stay and those that go.
 */
export function leaveUsedPackages(
  shared: WrittenRecord,
  planned: readonly PlannedFile[],
  reader: Reader,
): { shared: WrittenRecord; notes: string[] } {
  const additions = new Map(shared.additions);
  const notes: string[] = [];
  const written = once(() => writtenFiles(reader));
  const ours = { isOurs: (path: string) => written().has(path), added: (path: string) => addedTo(shared, path) };
  for (const [path, text] of additions) {
    if (posix.basename(path) !== 'package.json') continue;
    const added = objectIn(text);
    const wanted = objectIn(planned.find((file) => file.path === path && file.owner === 'addition')?.contents);
    const left: Members = { ...added };
    let isLess = false;
    for (const field of ['dependencies', 'devDependencies']) {
      const [before, after] = [membersOf(added, field), membersOf(wanted, field)];
      const gone = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
      const used = gone.length === 0 ? [] : usedPackages(reader, posix.dirname(path), gone, ours);
      const there = membersOf(objectIn(reader.text(path), path), field);
      const going = gone.filter((name) => !used.includes(name) && there[name] === before[name]);
      if (going.length > 0)
        notes.push(
          `${path} loses ${going.join(', ')}: nothing that is generated needs them any more, and no code or command of yours was found that uses them.`,
        );
      if (used.length === 0) continue;
      isLess = true;
      left[field] = Object.fromEntries(Object.entries(before).filter(([name]) => !used.includes(name)));
      notes.push(`${path} keeps ${used.join(' and ')}, which code or commands of yours use.`);
    }
    if (isLess) additions.set(path, `${JSON.stringify(left, null, 2)}\n`);
  }
  return { shared: { ...shared, additions }, notes };
}

/** All files that we wrote, for whatever API: their imports are none of the user's. */
const writtenFiles = (reader: Reader): Set<string> =>
  new Set(recordNames(reader).flatMap((name) => [...readRecord(reader, name).files.keys()]));

function membersOf(object: Members, field: string): Members {
  const value = object[field];
  return isObject(value) ? value : {};
}
