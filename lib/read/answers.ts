import { BadInput } from '../bad-input.ts';
import { isObject } from '../merge/result.ts';
import { quoted, scopeFrom } from '../names/names.ts';
import {
  type Auth,
  type CiService,
  type ComputeType,
  type IacProvider,
  type IntegrationPattern,
  iacProviders,
} from '../options/choices.ts';
import { checkedDirectory } from '../options/directory.ts';
import { apiOptions, checkedValue } from '../options/options.ts';
import type { Reader } from './reader.ts';

/** The file, and our key in it: other generators keep their answers in it too. */
export const answersPath = '.yo-rc.json';
export const answersKey = 'generator-fastapi-lambda';

/** What is kept of one API: its answers, so that a later run or another flavour needs none of them again. */
export interface StoredApi {
  name: string;
  /** Class of its construct, as it was made: a later version that would choose another one leaves it. */
  className: string;
  directory: string;
  computeType: ComputeType;
  integrationPattern: IntegrationPattern;
  auth: Auth;
  moduleName: string;
  /** Port of its local server. */
  port: number;
  iacProviders: IacProvider[];
  /** Folders of the websites that are connected to it, below the root; absent where there are none. */
  websites?: string[];
}

/** What was there before us, as the first run found it, and which packages of ours are: later runs decide by this, whatever becomes of the records. */
export interface StoredRepository {
  /** Files of others that we add to, or leave as they are, where a new workspace has ours. */
  foreign: string[];
  /** Files of ours that this repository goes without. */
  without: string[];
  /** Project of the infrastructure entry of each flavour that the workspace has, also where no API has it any more. */
  entries: Partial<Record<IacProvider, string>>;
  /** The workspace has the Python package of all APIs, also where there is none any more. */
  runtime: boolean;
}

/** What is kept of the workspace. */
export interface StoredWorkspace {
  /** Version of this generator that wrote the workspace last. */
  version: string;
  scope: string;
  /** The flavour of `packages/infra`, which `Inherit` stands for. */
  iacProvider: IacProvider;
  /** The constructs package is wanted whether an API uses it or not. */
  constructs?: true;
  /** Service whose workflow checks and deploys the workspace; absent where there is none. */
  ci?: Exclude<CiService, 'None'>;
  /** A run is writing the workspace, or was killed while it did: the next one finishes that. */
  unfinished?: true;
  repository: StoredRepository;
  apis: Record<string, StoredApi>;
}

export const emptyRepository = (): StoredRepository => ({ foreign: [], without: [], entries: {}, runtime: false });

/**
 * The answers that a workspace keeps, validated as flags are: a file edited by hand gets the same messages.
 *
 * @returns `undefined` where there are none of ours.
 * @throws BadInput naming the value that can't be used.
 */
export function readAnswers(reader: Reader): StoredWorkspace | undefined {
  const text = reader.text(answersPath);
  if (text === undefined) return undefined;
  const value = answersIn(text, answersPath);
  return value === undefined ? undefined : checkedAnswers(value);
}

/** Our part of a `.yo-rc.json`, unchecked. */
export function answersIn(text: string, path: string): unknown {
  let all: unknown;
  try {
    all = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    // It quotes what it stumbled over, which may be anything.
    const reason = (error as Error).message.split('\n')[0]?.replace(/\p{Cc}/gu, '?');
    throw new BadInput(`${path} can't be read (${reason}): mend it, both sides of it where two branches met.`);
  }
  if (!isObject(all)) throw new BadInput(`${path} holds no object: mend it, both sides of it where two branches met.`);
  return all[answersKey];
}

const where = `in ${answersPath}`;

function checkedAnswers(value: unknown): StoredWorkspace {
  if (!isObject(value)) throw new BadInput(`${answersKey} ${where} is ${quoted(value)}: it has to be an object.`);
  const scope = checkedValue(apiOptions.scope, value.scope ?? '', `scope ${where}`) as string;
  if (scopeFrom(scope) !== scope)
    throw new BadInput(`scope ${where} is ${quoted(scope)}: it has to be kebab-case, for instance ${scopeFrom(scope)}.`);
  const apis = value.apis ?? {};
  if (!isObject(apis)) throw new BadInput(`apis ${where} is ${quoted(apis)}: it has to be an object.`);
  return {
    version: typeof value.version === 'string' ? value.version : '',
    scope,
    iacProvider: checkedProvider(value.iacProvider, `iacProvider ${where}`),
    ...(value.constructs === true ? { constructs: true } : {}),
    ...keptCi(checkedValue(apiOptions.ci, value.ci ?? 'None', `ci ${where}`) as CiService),
    ...(value.unfinished === true ? { unfinished: true } : {}),
    repository: checkedRepository(value.repository),
    apis: Object.fromEntries(Object.entries(apis).map(([name, api]) => [name, checkedApi(api, name)])),
  };
}

/** The service as it is kept: without one there is nothing to keep. */
export const keptCi = (ci: CiService): Pick<StoredWorkspace, 'ci'> => (ci === 'None' ? {} : { ci });

function checkedRepository(value: unknown): StoredRepository {
  if (value === undefined) return emptyRepository();
  if (!isObject(value)) throw new BadInput(`repository ${where} is ${quoted(value)}: it has to be an object.`);
  const paths = (name: 'foreign' | 'without'): string[] => {
    const list = value[name] ?? [];
    if (!Array.isArray(list) || !list.every((one) => typeof one === 'string'))
      throw new BadInput(`repository.${name} ${where} is ${quoted(list)}: it has to be a list of paths.`);
    return list;
  };
  const entries = value.entries ?? {};
  const isKnown = ([flavour, name]: [string, unknown]): boolean =>
    (iacProviders as readonly string[]).includes(flavour) && typeof name === 'string' && /^[a-z-]+$/.test(name);
  if (!isObject(entries) || !Object.entries(entries).every(isKnown))
    throw new BadInput(`repository.entries ${where} is ${quoted(entries)}: it has to name a project for each flavour.`);
  return {
    foreign: paths('foreign'),
    without: paths('without'),
    entries: entries as StoredRepository['entries'],
    runtime: value.runtime === true,
  };
}

function checkedApi(api: unknown, name: string): StoredApi {
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
  const websites = api.websites ?? [];
  if (!Array.isArray(websites) || !websites.every((one) => typeof one === 'string'))
    throw new BadInput(`websites of ${name} ${where} is ${quoted(websites)}: it has to be a list of folders.`);
  return {
    name: text('name'),
    directory: checkedDirectory(text('directory'), `directory of ${name} ${where}`),
    computeType: text('computeType') as StoredApi['computeType'],
    integrationPattern: text('integrationPattern') as StoredApi['integrationPattern'],
    auth: text('auth') as StoredApi['auth'],
    className: checkedClass(api.className, name),
    moduleName: text('moduleName'),
    port,
    iacProviders: providers.map((provider) => checkedProvider(provider, `iacProviders of ${name} ${where}`)),
    ...(websites.length > 0 ? { websites: websites.map((folder) => checkedDirectory(folder, `websites of ${name} ${where}`)) } : {}),
  };
}

function checkedClass(value: unknown, name: string): string {
  if (typeof value === 'string' && /^[A-Z][A-Za-z0-9]*$/.test(value)) return value;
  throw new BadInput(
    `className of ${name} ${where} is ${value === undefined ? 'missing' : quoted(value)}: it has to be the name of its construct's class, for instance MyApi.`,
  );
}

const checkedProvider = (value: unknown, source: string): IacProvider =>
  checkedValue({ type: 'string', description: '', choices: iacProviders }, value, source) as IacProvider;

/** Our answers as the value that is kept, without what is at its default. */
export function keptAnswers({ repository, version, scope, iacProvider, ci, ...answers }: StoredWorkspace): Record<string, unknown> {
  const kept = Object.fromEntries(Object.entries(repository).filter(([, value]) => value === true || Object.keys(value).length > 0));
  const { apis, ...rest } = answers;
  // In one order, whenever each was answered.
  const start = { version, scope, iacProvider, ...keptCi(ci ?? 'None') };
  return { ...start, ...rest, ...(Object.keys(kept).length > 0 ? { repository: kept } : {}), apis };
}
