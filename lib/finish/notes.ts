import { posix } from 'node:path';
import upperFirst from 'lodash/upperFirst.js';
import { inLayoutOf } from '../merge/edits.ts';
import { type Api, type Model, wayToRename } from '../model/model.ts';
import { answersPath, type StoredWorkspace } from '../read/answers.ts';
import type { Reader } from '../read/reader.ts';
import { readRecord, recordNames, recordPath, type WrittenRecord } from '../read/record.ts';
import type { Repository } from '../read/repository.ts';
import { strayFiles } from '../resolve/next-record.ts';
import type { Decision } from '../resolve/resolve.ts';

/** What is said before anything is asked: that the run is for more than it was asked for, and which answers cost more than they say. */
export function openingsOf(before: StoredWorkspace | undefined, version: string, model: Model, decisions: readonly Decision[]): string[] {
  if (before === undefined) return [];
  const less = decisions
    .filter(({ outcome, isLess }) => outcome === 'conflict' && isLess)
    .map(({ path }) => `Taking ours in ${path} also costs edits of yours elsewhere in it, for which ours has no place.`);
  const apis = model.apis.length === 1 ? 'its API' : `all its ${model.apis.length} APIs`;
  if (before.unfinished) return [`An earlier run was interrupted while it wrote its files: this one finishes it, for ${apis}.`, ...less];
  if (before.version === version) return less;
  return [`The workspace was written by version ${before.version || '(unknown)'}: this run updates ${apis} to ${version}.`, ...less];
}

/** Our sources are ES modules, and a manifest of the repository's is not ours to change. */
export function moduleNotes({ packages }: Repository): string[] {
  return [...packages]
    .filter(([dir, { isModule }]) => dir.endsWith('/constructs') && !isModule)
    .map(
      ([dir]) => `${dir}/package.json has no "type": "module", which the constructs need: add it, or move your package out of this folder.`,
    );
}

/** What is left to the user of the websites that call APIs. */
export const websiteNotes = ({ websites }: Repository, folders: readonly string[]): string[] =>
  folders.flatMap((folder) => {
    const website = websites.get(folder);
    if (website === undefined)
      return [`The website ${folder} is gone: get it back from version control, or take it out of websites in ${answersPath}.`];
    return website.entry === undefined
      ? [`${posix.join(folder, 'index.html')} starts no one module: put the providers of src/connections around what you render.`]
      : [];
  });

/** APIs that have a record and no answers any more, with the command that deletes their files. */
export function removedNotes(reader: Reader, model: Model): string[] {
  const known = new Set(['shared', ...model.apis.map(({ apiName }) => apiName)]);
  return recordNames(reader)
    .filter((name) => !known.has(name))
    .map((name) => {
      const files = strayFiles(readRecord(reader, name), [], (path) => reader.exists(path));
      return `The API ${name} is not in ${answersPath} any more, and nothing else tells of it. If it is deployed, destroy it first. To delete its files, yours among them: ${deletion(withClients([...files, recordPath(name)], reader))}`;
    });
}

/**
 * Files of ours that are planned no more, since a choice has changed, with the command that deletes those that nobody has edited. What else
 * stands in their folders may be the user's, or deployed.
 */
export function strayNotes(reader: Reader, records: ReadonlyMap<string, WrittenRecord>, decisions: readonly Decision[]): string[] {
  const stray = [...records].flatMap(([name, record]) =>
    strayFiles(
      record,
      decisions.filter((one) => one.record === name),
      (path) => reader.exists(path),
    ).flatMap((path) => {
      const last = record.files.get(path)?.text;
      return last === undefined ? [] : [{ path, isEdited: reader.text(path) !== inLayoutOf(reader.text(path) ?? '', last) }];
    }),
  );
  const edited = stray.filter(({ isEdited }) => isEdited).map(({ path }) => path);
  const untouched = withClients(
    stray.filter(({ isEdited }) => !isEdited).map(({ path }) => path),
    reader,
  );
  const client = untouched.some((path) => /\/connections\//.test(path))
    ? '; until they are deleted, a fresh clone of the website may not compile'
    : '';
  return [
    ...(untouched.length === 0
      ? []
      : [`Not generated any more, and left as they are${client}. To delete them: ${command(wholeFolders(untouched, reader))}`]),
    ...(edited.length === 0 ? [] : [`Not generated any more either, but with edits of yours: ${edited.join(', ')}.`]),
  ];
}

/** Files, and beside the client of an API the types that were made for it: git does not see those. */
const withClients = (paths: readonly string[], reader: Reader): string[] =>
  [...paths, ...paths.map((path) => path.replace(/(\/connections\/[a-z0-9-]+)\.ts$/, '$1.gen.ts'))].filter(
    (path, index, all) => all.indexOf(path) === index && reader.exists(path),
  );

/** Files with folders in the place of all their files. */
function wholeFolders(paths: readonly string[], reader: Reader): string[] {
  const there = new Set(paths);
  for (const folder of [...new Set(paths.map((path) => posix.dirname(path)))].sort((a, b) => b.length - a.length)) {
    const names = folder === '.' ? [] : reader.entries(folder).map(({ name }) => name);
    if (names.length < 2 || !names.every((name) => there.has(posix.join(folder, name)))) continue;
    for (const name of names) there.delete(posix.join(folder, name));
    there.add(folder);
  }
  return [...there].sort();
}

/** Conflicts that the user has decided to keep. A file that is written once is theirs by that; of any other one ours is still to come. */
export function keptNotes(kept: readonly string[], decisions: readonly Decision[]): string[] {
  const once = new Set(decisions.filter(({ written }) => !('addition' in written) && written.text === undefined).map(({ path }) => path));
  return kept.map((path) => `Kept as it is, and ${once.has(path) ? 'yours from now on' : 'offered again by the next run'}: ${path}`);
}

/** The command that deletes an API's files; of a project it is the whole folder. */
function deletion(paths: readonly string[]): string {
  const folders = paths.filter((path) => path.endsWith('/project.json')).map((path) => path.slice(0, -'/project.json'.length));
  const rest = paths.filter((path) => !folders.some((folder) => path.startsWith(`${folder}/`)));
  return command([...folders, ...rest]);
}

const command = (paths: readonly string[]): string =>
  `rm -r ${paths.map((path) => (/^[\w./@-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`)).join(' ')}`;

/**
 * How an API that has lost its folder comes back, or goes.
 *
 * @param moved Folder in which its project is now, if any.
 */
export function goneNote({ apiName, apiDir }: Api, moved: string | undefined): string {
  if (moved !== undefined)
    return `The API ${apiName} is in ${moved}, and nothing of ours there is written any more: its folder is called as the API is, so move it back (git mv ${moved} ${apiDir}). ${upperFirst(wayToRename(apiName))}`;
  return (
    `The API ${apiName} has lost its folder ${apiDir}: get it back from version control (git checkout -- ${apiDir}), make it anew with fastapi-lambda ${apiName}, ` +
    'or remove it by taking its entry out of .yo-rc.json and running fastapi-lambda update.'
  );
}
