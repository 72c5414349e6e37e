import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import lodash from 'lodash';
import { byName } from './api-order.ts';
import { BadInput } from './bad-input.ts';
import type { IacProvider } from './choices.ts';
import { apiNames } from './names.ts';
import type { ApiAnswers } from './options.ts';
import { recordedPaths } from './record.ts';
import { newStaging, type Staging } from './staging.ts';
import type { ApiData, ApiLists, InfraEntry, WorkspaceData } from './template-data.ts';
import { npmVersion, pythonRequirement } from './versions.ts';
import {
  checkedDirectory,
  checkProject,
  findWorkspace,
  freePort,
  type StoredApi,
  type StoredWorkspace,
  type Workspace,
} from './workspace.ts';

/** What all generators of one run share: where they write, what is known, what is to be written. */
export interface Run {
  workspace: Workspace;
  /** The answers, those of this run included; written to `.yo-rc.json` with the rest. */
  stored: StoredWorkspace | undefined;
  staging: Staging;
  /** Generators that are part of this run, so that none is composed twice. */
  composed: Set<string>;
  /** What to tell at the end, in order. */
  notes: string[];
}

/** Starts a run in the workspace that a folder belongs to. */
export function startRun(from: string): Run {
  const workspace = findWorkspace(from);
  return {
    workspace,
    stored: workspace.stored && structuredClone(workspace.stored),
    staging: newStaging(),
    composed: new Set(),
    notes: [],
  };
}

/**
 * Takes one API's answers into the run, checked against the workspace. `Inherit` stands for the flavours that the API has, and
 * for the workspace's own where it has none.
 *
 * @returns The project's name.
 */
export function addApi(run: Run, answers: ApiAnswers, scope: string): string {
  const names = apiNames(answers.name, answers.moduleName);
  const directory = checkedDirectory(answers.directory, '--directory');
  const apiDir = posix.join(directory, names.apiName);
  const known = run.stored?.apis[names.apiName];
  if (!known) checkProject(run.workspace.root, apiDir, names.apiName);
  if (known && known.directory !== directory) {
    throw new BadInput(`The API ${names.apiName} stands in ${known.directory} already: leave out --directory, or choose another name.`);
  }
  const clash = Object.entries(run.stored?.apis ?? {}).find(([name, api]) => name !== names.apiName && api.moduleName === names.moduleName);
  if (clash) throw new BadInput(`The API ${clash[0]} has the Python module ${names.moduleName} already: give another --module-name.`);
  const given = answers.iacProvider === 'Inherit' ? [] : [answers.iacProvider];
  const stored: StoredWorkspace = run.stored ?? { scope, iacProvider: given[0] ?? 'CDK', apis: {} };
  const providers = lodash.union(known?.iacProviders ?? [], given);
  stored.apis[names.apiName] = {
    name: names.apiTitle,
    directory,
    computeType: answers.computeType,
    integrationPattern: answers.integrationPattern,
    auth: answers.auth,
    moduleName: names.moduleName,
    port: known?.port ?? freePort(stored.apis),
    iacProviders: providers.length > 0 ? providers : [stored.iacProvider],
  };
  run.stored = stored;
  return names.apiName;
}

/**
 * Gives an API one more flavour of infrastructure.
 *
 * @returns The flavour that `Inherit` stands for, or the given one.
 */
export function addProvider(run: Run, apiName: string, provider: IacProvider | 'Inherit'): IacProvider {
  const api = storedApi(run, apiName);
  const added = provider === 'Inherit' ? (run.stored?.iacProvider ?? 'CDK') : provider;
  api.iacProviders = lodash.union(api.iacProviders, [added]);
  return added;
}

/** The flavours that an API has. */
export const providersOf = (run: Run, apiName: string): IacProvider[] => storedApi(run, apiName).iacProviders;

function storedApi(run: Run, apiName: string): StoredApi {
  const api = run.stored?.apis[apiName];
  if (!api) {
    const known = Object.keys(run.stored?.apis ?? {});
    throw new BadInput(
      known.length > 0
        ? `There is no API ${apiName} in this workspace: it has ${known.join(', ')}.`
        : 'This workspace has no API yet: make one with fastapi-lambda "My API".',
    );
  }
  return api;
}

/** Template values of the workspace. */
export function workspaceData(run: Run): WorkspaceData {
  if (!run.stored) throw new Error('the run has no answers yet');
  return { scope: run.stored.scope, iacProvider: run.stored.iacProvider, npmVersion, pythonRequirement };
}

/** Template values of one API. */
export function apiData(run: Run, apiName: string): ApiData {
  const api = storedApi(run, apiName);
  const apiDir = posix.join(api.directory, apiName);
  const names = apiNames(api.name, api.moduleName);
  return {
    ...workspaceData(run),
    ...names,
    apiName,
    apiDir,
    apiToRoot: posix.relative(apiDir, '') || '.',
    computeType: api.computeType,
    isRest: api.computeType === 'ServerlessApiGatewayRestApi',
    integrationPattern: api.integrationPattern,
    auth: api.auth,
    port: api.port,
    deployments: api.iacProviders.map((provider) => ({ provider, ...infraEntry(run, provider) })),
  };
}

/** Template values of files about several APIs. */
export function apiLists(run: Run): ApiLists {
  const names = Object.keys(run.stored?.apis ?? {}).sort(byName);
  const apis = names.map((name) => apiData(run, name));
  const having = (provider: IacProvider): ApiData[] => apis.filter(({ apiName }) => providersOf(run, apiName).includes(provider));
  return { apis, cdkApis: having('CDK'), terraformApis: having('Terraform') };
}

/** Records that are not there although the workspace has APIs of ours: they were never committed, or removed. */
export function lostRecords({ workspace: { root, stored } }: Run): Set<string> {
  const apis = Object.keys(stored?.apis ?? {});
  return new Set((apis.length > 0 ? ['shared', ...apis] : []).filter((record) => recordedPaths(root, record).size === 0));
}

/** Whether the record of the files that all APIs share is lost. */
export const isRecordLost = (run: Run): boolean => lostRecords(run).has('shared');

/**
 * Folder and project of a flavour's entry: `packages/infra` for the workspace's own flavour, unless the repository has something
 * of its own there.
 */
export function infraEntry(run: Run, provider: IacProvider): InfraEntry {
  const { root } = run.workspace;
  const isThere = existsSync(join(root, 'packages/infra'));
  const isForeign = isRecordLost(run)
    ? isThere && existsSync(join(root, `packages/infra-${provider.toLowerCase()}`))
    : isThere && ![...recordedPaths(root, 'shared')].some((path) => path.startsWith('packages/infra/'));
  const infraName = run.stored?.iacProvider === provider && !isForeign ? 'infra' : `infra-${provider.toLowerCase()}`;
  return { infraDir: `packages/${infraName}`, infraName };
}
