import { posix } from 'node:path';
import { BadInput } from '../bad-input.ts';
import type { Api } from '../model/model.ts';
import { answersPath } from '../read/answers.ts';
import type { Reader } from '../read/reader.ts';
import { readRecord, type WrittenRecord } from '../read/record.ts';
import { isBelow, type Website } from '../read/website.ts';

/** An API's record, with its files where they are today: of a folder that is gone none, of one that was moved or renamed all. */
export function recordOf(api: Api, reader: Reader): WrittenRecord {
  const record = readRecord(reader, api.apiName);
  const moved = movedPath(api, [...record.files.keys()], reader);
  if (!reader.exists(api.apiDir)) {
    const files = new Map([...record.files].filter(([path]) => !path.startsWith(`${api.apiDir}/`)));
    return { ...record, files };
  }
  if (moved === undefined) return record;
  const known = <T>(map: ReadonlyMap<string, T>): Map<string, T> => new Map([...map].map(([path, value]) => [moved(path), value]));
  return { ...record, files: known(record.files) };
}

/**
 * The record of the shared files, with what was added to the module that renders a website at the place where that module is today.
 *
 * @param folders Those of all websites, also of one that is away.
 */
export function withMovedEntries(
  record: WrittenRecord,
  folders: readonly string[],
  websites: Iterable<Pick<Website, 'folder' | 'entry'>>,
  reader: Pick<Reader, 'exists'>,
): WrittenRecord {
  const [additions, alsoAdded] = [new Map(record.additions), new Map(record.alsoAdded)];
  for (const { folder, entry } of websites) {
    if (entry === undefined || additions.has(entry)) continue;
    const others = folders.filter((one) => one !== folder && isBelow(folder, one));
    const isOwn = (path: string): boolean => isBelow(folder, path) && !others.some((one) => isBelow(one, path));
    const isBefore = (path: string): boolean => path.endsWith('.tsx') && isOwn(path) && !reader.exists(path);
    const before = [...additions.keys()].find(isBefore);
    for (const map of [additions, alsoAdded] as Map<string, unknown>[]) {
      if (before === undefined || !map.has(before)) continue;
      map.set(entry, map.get(before));
      map.delete(before);
    }
  }
  return { ...record, additions, alsoAdded };
}

/** Where a file of an API is after its folder or its module was moved; `undefined` where neither was. */
function movedPath(api: Api, paths: readonly string[], reader: Reader): ((path: string) => string) | undefined {
  const manifest = paths.find((path) => path.endsWith('/run.sh'));
  const folder = manifest?.slice(0, -'/run.sh'.length);
  if (folder === undefined) return undefined;
  // Either of the two may be a file of the user's that was there before, which the record does not have.
  const init = paths.find((path) => path.startsWith(`${folder}/`) && /^[^/]+\/(?:init|main)\.py$/.test(path.slice(folder.length + 1)));
  const module = init === undefined ? `${folder}/${api.moduleName}` : posix.dirname(init);
  const to = { folder: api.apiDir, module: `${api.apiDir}/${api.moduleName}` };
  if (folder === to.folder && module === to.module) return undefined;
  if (reader.exists(init ?? folder)) {
    const [from, target] = module === `${folder}/${api.moduleName}` ? [folder, to.folder] : [module, to.module];
    throw new BadInput(
      `${answersPath} has the code of ${api.apiName} in ${target}, but it is in ${from}: move that folder to ${target}, then run again.`,
    );
  }
  return (path) => {
    if (path.startsWith(`${module}/`)) return to.module + path.slice(module.length);
    return path.startsWith(`${folder}/`) ? to.folder + path.slice(folder.length) : path;
  };
}
