import groupBy from 'lodash/groupBy.js';
import type { Decision, Outcome } from '../resolve/resolve.ts';

/** What became of a file that was written. */
const labels: Partial<Record<Outcome, string>> = {
  create: 'create',
  restore: 'restore',
  replace: 'update',
  merge: 'merge',
  add: 'add to',
  conflict: 'overwrite',
};

/** As many files of a folder are told by their names; more of them by their count. */
const few = 3;

/**
 * What a run has written: a line for each project and outcome, `   create packages/my-api (13 files)`, or with `isVerbose` a line for
 * each file. Where nothing was to be written, a line says so.
 *
 * @param decisions What was decided about each planned file.
 * @param written Paths that are on the disk now.
 */
export function writtenLines(decisions: readonly Decision[], written: readonly string[], isVerbose: boolean): string[] {
  if (decisions.every(({ contents }) => contents === undefined)) return ['No file had to change.'];
  const paths = new Set(written);
  const folders = decisions.filter(({ path }) => path.endsWith('/project.json')).map(({ path }) => path.slice(0, -'/project.json'.length));
  const folderOf = (path: string): string => folders.find((folder) => path.startsWith(`${folder}/`)) ?? '';
  const done = decisions.filter(({ path, contents }) => contents !== undefined && paths.has(path));
  const groups = Object.values(groupBy(done, ({ path, outcome }) => `${folderOf(path)}:${outcome}`));
  return groups.flatMap((group) => {
    const [{ path, outcome }] = group as [Decision];
    const folder = folderOf(path);
    const names =
      isVerbose || folder === '' || group.length <= few ? group.map((file) => file.path) : [`${folder} (${group.length} files)`];
    return names.map((name) => `${(labels[outcome] ?? outcome).padStart(9)} ${name}`);
  });
}
