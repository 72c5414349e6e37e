import type { Model } from '../model/model.ts';
import { addedTo } from '../read/record.ts';
import { constructsDir, type Repository, terraformDir } from '../read/repository.ts';
import type { PlannedFile } from './file.ts';
import { hasConstructs, hasEntry, infraEntry } from './values.ts';

/**
 * Takes folders of ours out of the compilation of a repository's own tsconfig.json, where that names all files below the root or
 * none, which means the same: its compiler options are not those that our packages are written for.
 */
export function ignoredFolders(model: Model, repository: Repository): PlannedFile[] {
  if (repository.compilation === undefined) return [];
  const { include, files, exclude, inherited, outDirs } = repository.compilation;
  if (include === undefined && files !== undefined) return [];
  const folders = [
    ...(hasConstructs(model) ? [constructsDir] : []),
    ...(hasEntry(repository, 'CDK') ? [infraEntry(repository, 'CDK').infraDir] : []),
    ...(hasEntry(repository, 'Terraform') ? [terraformDir] : []),
  ];
  const ours = folders.filter((folder) => include === undefined || include.some((pattern) => mayHold(pattern, folder)));
  if (ours.length === 0) return [];
  // A list of one's own takes the place of the inherited one, or of the compiler's default, so that has to be in it.
  const other = inherited ?? ['node_modules', ...outDirs];
  const recorded = addedTo(repository.shared, 'tsconfig.json').join('\n');
  const isListOurs = exclude === undefined || other.some((one) => recorded.includes(JSON.stringify(one)));
  const added = isListOurs ? [...other, ...ours] : ours;
  return [
    {
      path: 'tsconfig.json',
      owner: 'addition',
      contents: `${JSON.stringify({ exclude: added }, null, 2)}\n`,
      mode: 0o644,
      record: 'shared',
    },
  ];
}

/** Whether a pattern of `include` can stand for files in a folder. */
function mayHold(pattern: string, folder: string): boolean {
  const first = pattern.replace(/^(?:\.\/)+/, '').split('/')[0] ?? '';
  return first === '' || first === '.' || /[*?]/.test(first) || first === folder.split('/')[0];
}
