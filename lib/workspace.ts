import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { BadInput } from './bad-input.ts';
import { type IacProvider, iacProviders } from './choices.ts';
import { nameFault } from './file-names.ts';
import { isHiddenName, quoted, scopeFrom } from './names.ts';
import { apiOptions, checkedValue } from './options.ts';
import { findProjects } from './projects.ts';
import type { ApiData } from './template-data.ts';

export const configKey = 'generator-fastapi-lambda';

/** What `.yo-rc.json` keeps of one API: its answers, so that a later run or another flavour needs none of them again. */
export interface StoredApi extends Pick<ApiData, 'computeType' | 'integrationPattern' | 'auth' | 'moduleName' | 'port'> {
  name: string;
  directory: string;
  iacProviders: IacProvider[];
}

/** What `.yo-rc.json` keeps of the workspace. */
export interface StoredWorkspace {
  scope: string;
  /** The flavour of `packages/infra`, which `Inherit` stands for. */
  iacProvider: IacProvider;
  apis: Record<string, StoredApi>;
}

export interface Workspace {
  root: string;
  /** Nothing is there that marks a repository: every file of the workspace is ours to write. */
  isNew: boolean;
  stored: StoredWorkspace | undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The workspace that a folder belongs to: the nearest one above with our answers, else the nearest with the marks of a
 * workspace (nx.json, pnpm-workspace.yaml, `workspaces` in package.json), else the folder itself. The search ends at the top of
 * the git repository and at the home folder, so that a stray file further up claims nothing.
 *
 * @throws BadInput When a `.yo-rc.json` on the way can't be read.
 */
export function findWorkspace(from: string): Workspace {
  const root = findWorkspaceRoot(from);
  const isNew = !['package.json', 'nx.json', 'pnpm-workspace.yaml', 'pyproject.toml', 'tsconfig.json'].some((file) =>
    existsSync(join(root, file)),
  );
  const stored = storedIn(root);
  return { root, isNew, stored: stored === undefined ? undefined : checkedStored(stored) };
}

/** The root alone, see `findWorkspace`. */
export function findWorkspaceRoot(from: string): string {
  const start = resolve(from);
  const above = foldersUpwards(start);
  return above.find((folder) => storedIn(folder) !== undefined) ?? above.find(hasWorkspaceMark) ?? start;
}

function foldersUpwards(start: string): string[] {
  const folders = [start];
  for (let folder = start; !existsSync(join(folder, '.git')) && folder !== homedir(); ) {
    const parent = dirname(folder);
    if (parent === folder) break;
    folder = parent;
    folders.push(folder);
  }
  return folders;
}

function hasWorkspaceMark(folder: string): boolean {
  if (existsSync(join(folder, 'nx.json')) || existsSync(join(folder, 'pnpm-workspace.yaml'))) return true;
  try {
    return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { workspaces?: unknown }).workspaces !== undefined;
  } catch {
    return false;
  }
}

function storedIn(folder: string): unknown {
  const path = join(folder, '.yo-rc.json');
  if (!existsSync(path)) return undefined;
  let all: unknown;
  try {
    all = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new BadInput(`${path} can't be read (${(error as Error).message.split('\n')[0]}): mend it, or remove it to start anew.`);
  }
  if (!isObject(all)) throw new BadInput(`${path} holds no object: mend it, or remove it to start anew.`);
  return all[configKey];
}

/** Stored values are validated as flags are: a file edited by hand gets the same answers. */
function checkedStored(value: unknown): StoredWorkspace {
  const where = 'in .yo-rc.json';
  if (!isObject(value)) throw new BadInput(`${configKey} ${where} is ${quoted(value)}: it has to be an object.`);
  const scope = checkedValue(apiOptions.scope, value.scope ?? '', `scope ${where}`) as string;
  if (scopeFrom(scope) !== scope)
    throw new BadInput(`scope ${where} is ${quoted(scope)}: it has to be kebab-case, for instance ${scopeFrom(scope)}.`);
  const apis = value.apis ?? {};
  if (!isObject(apis)) throw new BadInput(`apis ${where} is ${quoted(apis)}: it has to be an object.`);
  return {
    scope,
    iacProvider: checkedProvider(value.iacProvider, `iacProvider ${where}`),
    apis: Object.fromEntries(Object.entries(apis).map(([name, api]) => [name, checkedApi(api, name, where)])),
  };
}

function checkedApi(api: unknown, name: string, where: string): StoredApi {
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    throw new BadInput(`The API ${quoted(name)} ${where} has no project's name: it has to be kebab-case.`);
  if (!isObject(api)) throw new BadInput(`The API ${name} ${where} is ${quoted(api)}: it has to be an object.`);
  const text = (key: keyof typeof apiOptions): string =>
    checkedValue(apiOptions[key], api[key] ?? '', `${key} of ${name} ${where}`) as string;
  const port = api.port;
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1024 || port > 65535) {
    throw new BadInput(
      `port of ${name} ${where} is ${port === undefined ? 'missing' : quoted(port)}: it has to be a whole number from 1024 to 65535.`,
    );
  }
  const providers = api.iacProviders ?? [];
  if (!Array.isArray(providers)) throw new BadInput(`iacProviders of ${name} ${where} is ${quoted(providers)}: it has to be a list.`);
  return {
    name: text('name'),
    directory: checkedDirectory(text('directory'), `directory of ${name} ${where}`),
    computeType: text('computeType') as StoredApi['computeType'],
    integrationPattern: text('integrationPattern') as StoredApi['integrationPattern'],
    auth: text('auth') as StoredApi['auth'],
    moduleName: text('moduleName'),
    port,
    iacProviders: providers.map((provider) => checkedProvider(provider, `iacProviders of ${name} ${where}`)),
  };
}

const checkedProvider = (value: unknown, source: string): IacProvider =>
  checkedValue({ type: 'string', description: '', choices: iacProviders }, value, source) as IacProvider;

/**
 * A folder below the root, with `/` and without a leading `./`.
 *
 * @throws BadInput When it is absolute, leaves the workspace, or has a part that no project's path should have.
 */
export function checkedDirectory(value: string, source: string): string {
  const parts = value
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  if (/^([/\\]|[A-Za-z]:)/.test(value) || parts.includes('..')) {
    throw new BadInput(`${source} is ${quoted(value)}: it has to be a folder below the workspace's root, for instance packages.`);
  }
  const odd = parts.find(
    (part) => !/^[A-Za-z0-9_.@-]+$/.test(part) || nameFault(part) !== undefined || isHiddenName(part) || /^\.fastapi-lambda$/i.test(part),
  );
  if (odd !== undefined || value.length > 200) {
    throw new BadInput(`${source} is ${quoted(value)}: use folder names of letters, digits, - and _, for instance packages.`);
  }
  return parts.join('/') || '.';
}

/** The scope of a workspace without answers: from its package.json's name, else from the folder's. */
export function workspaceScope(root: string): string {
  try {
    const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { name?: unknown };
    if (typeof name === 'string' && name !== '') return scopeFrom(name);
  } catch {
    // No package.json, or none that names a scope.
  }
  return scopeFrom(basename(root));
}

/** The lowest port from 8000 on that no API of the workspace has. */
export function freePort(apis: Record<string, StoredApi>): number {
  const taken = new Set(Object.values(apis).map((api) => api.port));
  let port = 8000;
  while (taken.has(port)) port += 1;
  return port;
}

/**
 * Refuses a project that would meet one that is there and is not ours: one of the same name, or a folder that holds one.
 *
 * @throws BadInput naming the project's folder.
 */
export function checkProject(root: string, apiDir: string, apiName: string): void {
  const folder = join(root, apiDir);
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    throw new BadInput(`${apiDir} is a file, where the API's folder should go: move it, or choose another name or --directory.`);
  }
  const projects = findProjects(root);
  const namesake = projects.get(apiName);
  if (namesake !== undefined) {
    throw new BadInput(`${namesake} already holds a project ${apiName}: choose another name, for instance "${apiName} api".`);
  }
  if ([...projects.values()].includes(apiDir)) {
    throw new BadInput(`${apiDir} already holds a project: choose another name or --directory.`);
  }
}
