import type { Api, Model } from '../model/model.ts';
import { constructsDir, type Repository, runtimeDir, terraformDir } from '../read/repository.ts';
import type { RenderedFile, TemplateSet } from '../templates/render.ts';
import type { PlannedFile } from './file.ts';
import { beside } from './theirs.ts';
import { type Part, planTree } from './tree.ts';
import { ignoredFolders } from './tsconfig-exclude.ts';
import {
  apiData,
  apisWith,
  commonName,
  entryData,
  hasConstructs,
  hasEntry,
  infraEntry,
  sharedData,
  typeScriptData,
  websiteData,
} from './values.ts';
import { joined, websiteAdditions } from './websites.ts';

export interface Plan {
  files: readonly PlannedFile[];
  /** Files of the repository's that stand where a new workspace has ours, and stay: with an addition, or as they are. */
  foreign: readonly string[];
}

/**
 * All files of a run: those that are about several APIs whole, from the whole model; those about one API for the ones at hand.
 *
 * @param own The APIs whose own files are planned.
 */
export function planFiles(model: Model, repository: Repository, own: readonly Api[]): Plan {
  const shared = sharedFiles(model, repository).map((file) => ({ file, planned: beside(file, model, repository) }));
  return {
    files: [
      ...joined([
        ...shared.flatMap(({ planned }) => planned),
        ...ignoredFolders(model, repository),
        ...websiteAdditions(model, repository),
      ]),
      ...own.flatMap((api) => planApi(model, repository, api)),
    ],
    foreign: shared.filter(({ planned: [one] }) => one === undefined || one.owner === 'addition').map(({ file }) => file.path),
  };
}

/** Files that are about the workspace or about all APIs, as a new workspace has them. */
function sharedFiles(model: Model, repository: Repository): PlannedFile[] {
  const workspace = sharedData(model, repository);
  const files = tree('workspace', '', workspace).filter(({ path }) => !repository.kept.without.includes(path));
  if (repository.kept.runtime) files.push(...tree('runtime', runtimeDir, workspace));
  if (hasConstructs(model)) {
    const data = { ...workspace, ...typeScriptData(model, repository, constructsDir), commonName: commonName(repository, 'CDK') };
    files.push(...tree('constructs', constructsDir, data, usedConstructs(model)), ...tree('metadata', constructsDir, data));
  }
  if (hasEntry(repository, 'CDK')) {
    const data = entryData(model, repository, 'CDK');
    files.push(...tree('infra', data.infraDir, data), ...tree('infra-cdk', data.infraDir, data));
  }
  if (hasEntry(repository, 'Terraform')) {
    const data = entryData(model, repository, 'Terraform');
    files.push(...tree('terraform', terraformDir, data), ...tree('metadata', terraformDir, data));
    files.push(...tree('infra', data.infraDir, data), ...tree('infra-terraform', data.infraDir, data));
  }
  for (const website of repository.websites.values()) {
    files.push(...tree('connection', website.folder, { ...workspace, ...websiteData(model, repository, website) }));
  }
  return files;
}

const tree = (set: TemplateSet, target: string, data: object, wanted?: (file: RenderedFile) => boolean): PlannedFile[] =>
  planTree(set, target, data, { part: 'shared', record: 'shared', wanted });

/** Of the constructs for REST and HTTP APIs those that an API of the workspace uses. */
function usedConstructs(model: Model): (file: RenderedFile) => boolean {
  const types = new Set(apisWith(model, 'CDK').map((api) => api.computeType));
  return ({ path }) =>
    (!/^src\/core\/api\/rest-/.test(path) || types.has('ServerlessApiGatewayRestApi')) &&
    (!/^src\/core\/api\/http-/.test(path) || types.has('ServerlessApiGatewayHttpApi'));
}

/** Files that are about one API: its Python project, and its part of each flavour that it has. */
function planApi(model: Model, repository: Repository, api: Api): PlannedFile[] {
  const data = apiData(model, repository, api);
  const part: Part = { part: 'api', record: api.apiName };
  const files = planTree('api', api.apiDir, data, {
    ...part,
    part: 'all',
    // The root says which Python the workspace has; an API that stands alone says so itself.
    wanted: ({ path }) => data.isAlone || path !== '.python-version',
  });
  for (const provider of api.iacProviders) {
    const entry = infraEntry(repository, provider);
    const infra = { ...data, ...entry, ...typeScriptData(model, repository, entry.infraDir), commonName: commonName(repository, provider) };
    const [common, set, dir] =
      provider === 'CDK'
        ? (['constructs-api', 'infra-cdk', constructsDir] as const)
        : (['terraform-api', 'infra-terraform', terraformDir] as const);
    files.push(...planTree(common, dir, infra, { ...part, part: 'all' }), ...planTree(set, entry.infraDir, infra, part));
  }
  for (const folder of api.websites.filter((one) => repository.websites.has(one)))
    files.push(...planTree('connection', folder, data, part));
  return files;
}
