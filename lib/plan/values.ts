import { posix } from 'node:path';
import type { Api, Model } from '../model/model.ts';
import { type IacProvider, iacProviders } from '../options/choices.ts';
import { runPrefix } from '../read/package-manager.ts';
import { constructsDir, type Repository, runtimeDir, terraformDir } from '../read/repository.ts';
import type { Website } from '../read/website.ts';
import { renderTemplates } from '../templates/render.ts';
import type {
  ApiData,
  ApiLists,
  InfraData,
  InfraEntry,
  SharedData,
  TypeScriptData,
  WebsiteData,
  WorkspaceData,
} from '../templates/template-data.ts';
import { npmVersion, pinnedAction, pythonRequirement } from '../templates/versions.ts';

/** Template values of the workspace. */
export const workspaceData = ({ scope, iacProvider, ci }: Model, { python }: Repository): WorkspaceData => ({
  scope,
  iacProvider,
  ci,
  npmVersion,
  pythonRequirement,
  pinnedAction,
  isAlone: python === 'alone',
  runtimeDir,
  runtimeName: 'common-runtime',
});

/** Template values of one API. */
export function apiData(model: Model, repository: Repository, api: Api): ApiData {
  return {
    ...workspaceData(model, repository),
    ...api,
    apiToRoot: posix.relative(api.apiDir, '') || '.',
    isRest: api.computeType === 'ServerlessApiGatewayRestApi',
    deployments: api.iacProviders.map((provider) => ({ provider, ...infraEntry(repository, provider) })),
  };
}

/** Whether the workspace has the constructs package. */
export const hasConstructs = (model: Model): boolean => model.constructs || apisWith(model, 'CDK').length > 0;

/** Whether the workspace has a flavour's entry, which stays when its last API goes, and forgets that as it forgets any other. */
export const hasEntry = ({ kept }: Repository, provider: IacProvider): boolean => kept.entries[provider] !== undefined;

/** The APIs that have a flavour. */
export const apisWith = (model: Model, provider: IacProvider): Api[] => model.apis.filter((api) => api.iacProviders.includes(provider));

/** Folder and project of the entry of a flavour that the workspace has. */
export function infraEntry({ kept }: Repository, provider: IacProvider): InfraEntry {
  const infraName = kept.entries[provider] as string;
  const infraDir = `packages/${infraName}`;
  return { infraDir, infraName, infraToRoot: posix.relative(infraDir, '') };
}

/** Name of the project with a flavour's shared constructs or modules: the repository's own, where it has one in that folder. */
export function commonName(repository: Repository, provider: IacProvider): string {
  const [dir, ours] = provider === 'CDK' ? [constructsDir, 'common-constructs'] : [terraformDir, 'common-terraform'];
  return repository.packages.get(dir)?.name ?? ours;
}

/** Template values of the files that all APIs share, the root's and those of the packages. */
export function sharedData(model: Model, repository: Repository): SharedData {
  const apis = model.apis.map((api) => apiData(model, repository, api));
  const of = (wanted: IacProvider): ApiData[] => apis.filter(({ deployments }) => deployments.some(({ provider }) => provider === wanted));
  return {
    ...workspaceData(model, repository),
    packageManager: repository.packageManager,
    nx: runPrefix(repository.packageManager),
    devDependencies: devDependencies(model, repository),
    pythonProjects: pythonProjects(model, repository),
    entries: iacProviders
      .filter((provider) => hasEntry(repository, provider))
      .map((provider) => ({ provider, ...infraEntry(repository, provider) })),
    apis,
    cdkApis: of('CDK'),
    terraformApis: of('Terraform'),
    websites: [...repository.websites.values()].map((website) => websiteData(model, repository, website)),
    ignoringWebsites: [...new Set([...repository.websites.keys(), ...repository.leftWebsites])].sort(),
  };
}

/** Template values of a website that calls APIs. */
export const websiteData = (model: Model, repository: Repository, website: Website): WebsiteData => ({
  websiteDir: website.folder,
  isMember: website.isMember,
  websiteToRoot: posix.relative(website.folder, '.') || '.',
  apis: apisOf(model, website).map((api) => apiData(model, repository, api)),
  targets: website.targets.map(({ name, ...settings }) => ({ name, settings: onOneLine(settings) })),
  defaultInputs: onOneLine(website.defaultInputs),
});

/** JSON on one line, as formatters write it. */
const onOneLine = (value: object): string =>
  JSON.stringify(value, null, 1)
    .replace(/\n\s*/g, ' ')
    .replace(/\[ | \]/g, (bracket) => bracket.trim());

/** The APIs that a website calls. */
export const apisOf = ({ apis }: Model, { folder }: Website): Api[] => apis.filter(({ websites }) => websites.includes(folder));

/** Template values of a flavour's entry, without any one API. */
export function entryData(
  model: Model,
  repository: Repository,
  provider: IacProvider,
): SharedData & Omit<InfraData, keyof ApiData | keyof ApiLists> {
  const entry = infraEntry(repository, provider);
  return {
    ...sharedData(model, repository),
    ...entry,
    ...typeScriptData(model, repository, entry.infraDir),
    commonName: commonName(repository, provider),
  };
}

/** Folders of the workspace's Python projects. */
export const pythonProjects = (model: Model, repository: Repository): string[] =>
  [...(repository.kept.runtime ? [runtimeDir] : []), ...model.apis.map(({ apiDir }) => apiDir)].sort();

/** npm packages that the root has for its packages, with their versions. */
function devDependencies(model: Model, repository: Repository): Record<string, string> {
  const names = [
    'nx',
    ...(hasConstructs(model) ? ['@biomejs/biome', '@types/node', 'aws-cdk-lib', 'constructs', 'tsx', 'typescript'] : []),
    ...(hasEntry(repository, 'CDK') ? ['aws-cdk', 'cdk-nag'] : []),
  ];
  return Object.fromEntries(names.sort().map((name) => [name, npmVersion(name)]));
}

/**
 * How the tsconfig.json of a package of ours gets its compiler options and the scope's path: from the root's tsconfig.base.json
 * where that is ours; beside it where it is the repository's, whose options may be for another compiler or module system; alone
 * where there is none.
 */
export function typeScriptData(model: Model, repository: Repository, packageDir: string): TypeScriptData {
  const { hasOwnTsconfigBase, kept } = repository;
  if (!hasOwnTsconfigBase && !kept.without.includes('tsconfig.base.json')) return { hasBaseTsconfig: true, compilerOptions: undefined };
  const { paths, ...options } = baseOptions(model, repository);
  const up = posix.relative(packageDir, '');
  const own = hasOwnTsconfigBase
    ? { ...options, composite: false, declaration: false, declarationMap: false, emitDeclarationOnly: false }
    : {
        ...options,
        paths: Object.fromEntries(Object.entries(paths).map(([name, [path = '']]) => [name, [`${up}/${path.replace(/^\.\//, '')}`]])),
      };
  return { hasBaseTsconfig: hasOwnTsconfigBase, compilerOptions: formatted(own) };
}

/** Compiler options of a new workspace's tsconfig.base.json. */
export function baseOptions(model: Model, repository: Repository): { paths: Record<string, string[]> } {
  const rendered = renderTemplates('workspace', sharedData(model, repository), { only: 'tsconfig.base.json' })[0];
  return (JSON.parse(rendered?.contents ?? '{}') as { compilerOptions: { paths: Record<string, string[]> } }).compilerOptions;
}

/** Columns of a line in a generated package, by its biome.json. */
const lineWidth = 100;

/** JSON as the formatter of the generated workspace writes it: a list of one item on its line where that is short enough; two levels in. */
const formatted = (value: object): string =>
  JSON.stringify(value, null, 2)
    .replace(/^(.*)\[\n\s+("[^"]*")\n\s+\](,?)$/gm, (list: string, before: string, item: string, comma: string) => {
      const line = `${before}[${item}]${comma}`;
      return line.length + 2 <= lineWidth ? line : list;
    })
    .replaceAll('\n', '\n  ');
