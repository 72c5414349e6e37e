import { posix } from 'node:path';
import isEqual from 'lodash/isEqual.js';
import lowerFirst from 'lodash/lowerFirst.js';
import union from 'lodash/union.js';
import upperFirst from 'lodash/upperFirst.js';
import { BadInput } from '../bad-input.ts';
import { byName } from '../names/api-order.ts';
import { type ApiNames, apiNames, projectOf, quoted, safeVariable } from '../names/names.ts';
import type { CiService, IacProvider } from '../options/choices.ts';
import { checkedDirectory } from '../options/directory.ts';
import type { ApiAnswers } from '../options/options.ts';
import { emptyRepository, keptCi, type StoredApi, type StoredWorkspace } from '../read/answers.ts';

/** What one generator of a run asks for. */
export type Request =
  | { kind: 'api'; answers: ApiAnswers }
  | { kind: 'flavour'; api: string; iacProvider: IacProvider | 'Inherit' }
  | { kind: 'constructs' }
  /** `website` is the name or the folder of one, as a user gives it who stands in the folder `from` below the root; a run finds its folder. */
  | { kind: 'connection'; api: string; website: string; from?: string }
  | { kind: 'update' };

/** One API with every choice made, and its name in each of its forms. */
export interface Api extends ApiNames, Omit<StoredApi, 'name' | 'className' | 'websites'> {
  /** Folder of its project below the root: `packages/my-api`. */
  apiDir: string;
  /** Folders of the websites that are connected to it. */
  websites: readonly string[];
}

/** All that the files of a workspace are made from. */
export interface Model {
  scope: string;
  /** The flavour of `packages/infra`. */
  iacProvider: IacProvider;
  /** The constructs package is wanted whether an API uses it or not. */
  constructs: boolean;
  /** Service whose workflow checks and deploys the workspace. */
  ci: CiService;
  /** In the order of their names. */
  apis: readonly Api[];
}

/** The model that a workspace's answers stand for. */
export function modelOf({ scope, iacProvider, constructs, ci, apis }: StoredWorkspace): Model {
  return {
    scope,
    iacProvider,
    constructs: constructs === true,
    ci: ci ?? 'None',
    apis: Object.keys(apis)
      .sort(byName)
      .map((name) => apiOf(name, apis[name] as StoredApi)),
  };
}

function apiOf(apiName: string, stored: StoredApi): Api {
  const { name, className, websites = [], ...choices } = stored;
  if (projectOf(name, choices.moduleName) !== apiName) {
    throw new BadInput(
      `The API ${apiName} has the name ${quoted(name)} in .yo-rc.json, which is another project's: ${wayToRename(apiName)}`,
    );
  }
  return { ...storedNames(apiName, stored), ...choices, websites, apiDir: posix.join(choices.directory, apiName) };
}

/** The names that an API was made with: it keeps them, also where a later version would give others. */
const storedNames = (apiName: string, { name, className, moduleName }: StoredApi): ApiNames => ({
  apiTitle: name,
  apiName,
  apiClass: className,
  apiVariable: safeVariable(lowerFirst(className)),
  apiSnake: apiName.replaceAll('-', '_'),
  moduleName,
});

/** What an API's project is called in the answers, by the name that a user gave for it: the project's or the title. */
export function knownApi(stored: StoredWorkspace | undefined, name: string): string | undefined {
  const wanted = name.trim();
  if (stored === undefined || Object.hasOwn(stored.apis, wanted)) return stored && wanted;
  return Object.entries(stored.apis).find(([, api]) => api.name === wanted)?.[0];
}

/** The flavour that `Inherit` stands for: the workspace's, in a new one the first that is asked for, else CDK. */
export function inheritedProvider(stored: StoredWorkspace | undefined, requests: readonly Request[]): IacProvider {
  const asked = requests.flatMap((request) =>
    request.kind === 'api' && request.answers.iacProvider !== 'Inherit' ? [request.answers.iacProvider] : [],
  );
  return stored?.iacProvider ?? asked[0] ?? 'CDK';
}

/**
 * The answers with what a run asks for taken in.
 *
 * @param scope Scope that was given, or is to be taken where the workspace has none; `isGiven` tells which.
 * @param ci Service whose workflow is wanted, where that was given.
 * @throws BadInput For a request that does not fit the workspace: a flag that could take no effect, a new name for an API that is there.
 */
export function answersWith(
  stored: StoredWorkspace | undefined,
  requests: readonly Request[],
  { scope, isGiven, version, ci }: { scope: string; isGiven: boolean; version: string; ci?: CiService | undefined },
): StoredWorkspace {
  if (stored && isGiven && scope !== stored.scope) {
    throw new BadInput(
      `The workspace has the scope ${stored.scope} already: leave out --scope. To change it, replace it in .yo-rc.json and in your own files, then run "fastapi-lambda update".`,
    );
  }
  if (stored?.ci && ci === 'None') {
    throw new BadInput(
      `The workspace has the workflow for ${stored.ci} already: leave out --ci. To take it back, take ci out of .yo-rc.json and run "fastapi-lambda update", which names the files that can be deleted then.`,
    );
  }
  const iacProvider = inheritedProvider(stored, requests);
  const start: StoredWorkspace = stored ?? { version, scope, iacProvider, repository: emptyRepository(), apis: {} };
  const { unfinished, ...rest } = start;
  return checkedTwice(requests).reduce<StoredWorkspace>(taken, { ...rest, version, ...(ci === undefined ? {} : keptCi(ci)) });
}

function taken(stored: StoredWorkspace, request: Request): StoredWorkspace {
  switch (request.kind) {
    case 'api': {
      const [project, api] = answeredApi(stored, request.answers);
      return { ...stored, apis: { ...stored.apis, [project]: api } };
    }
    case 'flavour': {
      const [project, api] = storedApi(stored, request.api);
      const added = request.iacProvider === 'Inherit' ? stored.iacProvider : request.iacProvider;
      return { ...stored, apis: { ...stored.apis, [project]: { ...api, iacProviders: union(api.iacProviders, [added]) } } };
    }
    case 'connection': {
      const [project, api] = storedApi(stored, request.api);
      const websites = union(api.websites, [request.website]).sort();
      return { ...stored, apis: { ...stored.apis, [project]: { ...api, websites } } };
    }
    case 'constructs':
      return { ...stored, constructs: true };
    case 'update':
      return stored;
  }
}

/** One API that is asked for twice, as by a generator that composes ours, has to be asked for in the same words. */
function checkedTwice(requests: readonly Request[]): readonly Request[] {
  const seen = new Map<string, ApiAnswers>();
  for (const request of requests) {
    if (request.kind !== 'api') continue;
    const { apiName } = apiNames(request.answers.name, request.answers.moduleName);
    const before = seen.get(apiName);
    if (before && !isEqual(before, request.answers))
      throw new BadInput(`The API ${quoted(request.answers.name)} is asked for twice in one run, with different options: compose it once.`);
    seen.set(apiName, request.answers);
  }
  return requests;
}

function answeredApi(stored: StoredWorkspace, answers: ApiAnswers): [project: string, api: StoredApi] {
  const project = knownApi(stored, answers.name);
  const known = project === undefined ? undefined : stored.apis[project];
  const names = known === undefined ? newNames(stored, answers) : storedNames(project as string, known);
  const directory = checkedDirectory(answers.directory, '--directory');
  if (known && known.directory !== directory) {
    throw new BadInput(
      `The API ${names.apiName} stands in ${known.directory} already: leave out --directory. To move it, move its folder, change directory in .yo-rc.json, then run "fastapi-lambda update".`,
    );
  }
  if (known && answers.moduleName !== undefined && answers.moduleName !== known.moduleName) {
    throw new BadInput(
      `The API ${names.apiName} has the Python module ${known.moduleName} already: leave out --module-name. ` +
        `To rename it, move the folder ${known.moduleName} to ${answers.moduleName}, change moduleName in .yo-rc.json, then run "fastapi-lambda update"; AWS replaces nothing but the functions' code.`,
    );
  }
  const providers = union(known?.iacProviders ?? [], answers.iacProvider === 'Inherit' ? [] : [answers.iacProvider]);
  return [
    names.apiName,
    {
      name: names.apiTitle,
      directory,
      computeType: answers.computeType,
      integrationPattern: answers.integrationPattern,
      auth: answers.auth,
      className: names.apiClass,
      moduleName: names.moduleName,
      port: known?.port ?? freePort(stored.apis),
      iacProviders: providers.length > 0 ? providers : [stored.iacProvider],
      ...(known?.websites ? { websites: known.websites } : {}),
    },
  ];
}

function newNames(stored: StoredWorkspace, answers: ApiAnswers): ApiNames {
  const names = apiNames(answers.name, answers.moduleName);
  const namesake = stored.apis[names.apiName];
  if (namesake) {
    throw new BadInput(
      `The API ${names.apiName} is called ${quoted(namesake.name)}, not ${quoted(names.apiTitle)}: name it so, or by its project. ${upperFirst(wayToRename(names.apiName))}`,
    );
  }
  return names;
}

/** An API's name is in its project, its classes and its resources on AWS. */
export const wayToRename = (apiName: string): string =>
  `to rename an API, make one with the new name, move your code into it, then take ${apiName} out of .yo-rc.json and run "fastapi-lambda update"; on AWS that is a new API with another address beside the old one, which "destroy" removes.`;

function storedApi(stored: StoredWorkspace, name: string): [project: string, api: StoredApi] {
  const project = knownApi(stored, name) ?? '';
  const api = stored.apis[project];
  if (api) return [project, api];
  const known = Object.keys(stored.apis);
  throw new BadInput(
    known.length > 0
      ? `There is no API ${name} in this workspace: it has ${known.join(', ')}.`
      : 'This workspace has no API yet: make one with fastapi-lambda "My API".',
  );
}

/** The lowest port from 8000 on that no API of the workspace has. */
function freePort(apis: Record<string, StoredApi>): number {
  const taken = new Set(Object.values(apis).map((api) => api.port));
  let port = 8000;
  while (taken.has(port)) port += 1;
  return port;
}
