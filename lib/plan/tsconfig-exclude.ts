import type { Model } from '../model/model.ts';
import { constructsDir, type Repository, terraformDir } from '../read/repository.ts';
import type { PlannedFile } from './file.ts';
import { apisWith, hasConstructs, infraEntry } from './values.ts';

/**
 * Takes folders of ours out of the compilation of a repository's own tsconfig.json, where that names all files below the root or
 * none, which means the same: its compiler options are not those that our packages are written for.
 */
export function ignoredFolders(model: Model, repository: Repository): PlannedFile[] {
  if (repository.compilation === undefined) return [];
  const { include, files, exclude, outDirs } = repository.compilation;
  if (include === undefined && files !== undefined) return [];
  const folders = [
    ...(hasConstructs(model) ? [constructsDir] : []),
    ...(apisWith(model, 'CDK').length > 0 ? [infraEntry(model, repository, 'CDK').infraDir] : []),
    ...(apisWith(model, 'Terraform').length > 0 ? [terraformDir] : []),
  ];
  const ours = folders.filter((folder) => include === undefined || include.some((pattern) => mayHold(pattern, folder)));
  if (ours.length === 0) return [];
  // A list of one's own takes the place of the compiler's default, so that has to be in it.
  const isListOurs = exclude === undefined || repository.shared.additions.get('tsconfig.json')?.includes('"node_modules"') === true;
  const added = isListOurs ? ['node_modules', ...outDirs, ...ours] : ours;
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
