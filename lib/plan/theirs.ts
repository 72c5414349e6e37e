import { posix } from 'node:path';
import mapValues from 'lodash/mapValues.js';
import omitBy from 'lodash/omitBy.js';
import pick from 'lodash/pick.js';
import type { JsonObject } from '../merge/result.ts';
import type { Model } from '../model/model.ts';
import { constructsDir, type Repository, terraformDir } from '../read/repository.ts';
import type { PlannedFile } from './file.ts';
import { pythonProjects } from './values.ts';

/**
 * A file of ours, as it is planned where the repository may have one of the same name: whole where it has none, as an addition to
 * theirs, or not at all where theirs serves as it is.
 */
export function beside(file: PlannedFile, model: Model, repository: Repository): PlannedFile[] {
  const { path } = file;
  const dir = [constructsDir, terraformDir].find((folder) => path.startsWith(`${folder}/`));
  const own = dir === undefined ? undefined : repository.packages.get(dir);
  if (own !== undefined && dir !== undefined) {
    const local = path.slice(dir.length + 1);
    // A formatter of ours has no business in a package of the repository's.
    if (local === 'biome.json') return [];
    if (local === 'project.json') {
      const contents = withoutTargets(file.contents, own.targets, repository.isTheirs(path));
      return [{ ...file, contents, owner: repository.isTheirs(path) ? 'addition' : 'ours' }];
    }
  }
  if (!repository.isTheirs(path)) return [file];
  // A run that was killed has not noted which of the files that are written once it has made: those stay as they are either way.
  if (file.owner === 'once' && repository.isUnfinished && !repository.kept.foreign.includes(path)) return [file];
  if (isOfWebsite(path, repository)) {
    const { targets, namedInputs } = JSON.parse(file.contents) as JsonObject;
    return [{ ...file, owner: 'addition', contents: json({ namedInputs: namedInputs as JsonObject, targets: targets as JsonObject }) }];
  }
  if (file.owner === 'once' || /\/(package|tsconfig)\.json$/.test(path)) return [];
  const addition = path.endsWith('/index.ts') ? exportsIn(file.contents) : rootAddition(file, model, repository);
  if (addition === undefined) return [file];
  return addition === '' ? [] : [{ ...file, owner: 'addition', contents: addition }];
}

const isOfWebsite = (path: string, { websites }: Repository): boolean =>
  posix.basename(path) === 'project.json' && websites.has(posix.dirname(path));

/** The targets that the repository's package lacks; of a project.json of ours all the rest besides. */
function withoutTargets(projectJson: string, theirs: ReadonlySet<string>, isTheirs: boolean): string {
  const { targets, ...rest } = JSON.parse(projectJson) as { targets: JsonObject } & JsonObject;
  const added = omitBy(targets, (_, name) => theirs.has(name) || /^(lint|format)$/.test(name));
  return json(isTheirs ? { targets: added } : { ...rest, targets: added });
}

const exportsIn = (barrel: string): string =>
  barrel
    .split('\n')
    .filter((line) => /^export \* from /.test(line))
    .map((line) => `${line}\n`)
    .join('');

/** What is added to a file at the root that a repository has of its own; `undefined` where nothing can be added to it. */
function rootAddition({ path, contents }: PlannedFile, model: Model, repository: Repository): string | undefined {
  switch (path) {
    case 'package.json': {
      const manifest = JSON.parse(contents) as JsonObject;
      // Whose install scripts may run is asked by every package manager in a field of its own.
      return json(pick(manifest, ['devDependencies', 'allowScripts', 'dependenciesMeta', 'trustedDependencies']));
    }
    case 'nx.json':
      // Nx 24 asks about it at a terminal; all else is the repository's own affair.
      return json({ analytics: false });
    case 'tsconfig.base.json': {
      // The compiler options of a repository are its own business; the path is all that our packages need of it.
      const { paths } = (JSON.parse(contents) as { compilerOptions: { paths: Record<string, string[]> } }).compilerOptions;
      const from = repository.tsconfigBaseUrl;
      return json({ compilerOptions: { paths: mapValues(paths, (targets) => targets.map((target) => relative(from, target))) } });
    }
    case 'pnpm-workspace.yaml':
      return contents.replace(/^[\s\S]*?(?=^allowBuilds:)/m, '');
    case '.yarnrc.yml':
      return contents;
    case 'pyproject.toml': {
      const members = pythonProjects(model, repository).map((folder) => `  "${folder}",\n`);
      return members.length === 0 ? '' : `[tool.uv.workspace]\nmembers = [\n${members.join('')}]\n`;
    }
    case '.gitignore':
      return contents
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => `${line}\n`)
        .join('');
    default:
      return undefined;
  }
}

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

function relative(from: string, to: string): string {
  const path = posix.relative(from, to);
  return path.startsWith('../') ? path : `./${path}`;
}
