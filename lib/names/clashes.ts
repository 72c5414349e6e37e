import { posix } from 'node:path';
import type { ApiNames } from './names.ts';

/** What has to be an API's own among all APIs of a workspace. */
export interface ApiForms extends ApiNames {
  /** Folder of its project below the root, with `/`. */
  dir: string;
  /** Port of its local server. */
  port: number;
}

/** Folders of the workspace's own projects, which no API's folder meets, holds or lies in. */
export const ourFolders: readonly string[] = [
  'packages/common/constructs',
  'packages/common/terraform',
  'packages/common/runtime',
  'packages/infra',
  'packages/infra-cdk',
  'packages/infra-terraform',
];

const anotherName = 'give one of them another name';

/**
 * An API in every form in which it has to be the only one, with what to change where it is not.
 *
 * Folders are compared without regard to case, since some disks know no difference.
 */
export function nameForms(api: ApiForms): { form: string; value: string; advice: string }[] {
  return [
    { form: 'project', value: api.apiName, advice: anotherName },
    { form: 'folder', value: api.dir.toLowerCase(), advice: 'give one of them another --directory' },
    { form: 'Python module', value: api.moduleName, advice: 'give one of them another --module-name' },
    { form: 'class', value: api.apiClass, advice: anotherName },
    { form: 'variable', value: api.apiVariable, advice: anotherName },
    { form: 'Terraform name', value: api.apiSnake, advice: anotherName },
    { form: 'port', value: String(api.port), advice: 'change the port of one of them in .yo-rc.json' },
  ];
}

/**
 * Whether two APIs of a workspace would get in each other's way, or in that of the workspace's own projects.
 *
 * @param scope Scope of the workspace, which its own Python packages are called after.
 * @param added Names of the APIs that are new: of what is there, two spellings of one folder are two folders. Default: all.
 * @returns One line for the first clash: who, in which form, and what to do. `undefined` where there is none.
 */
export function clashes(
  apis: readonly ApiForms[],
  scope?: string,
  added: ReadonlySet<string> = new Set(apis.map(({ apiName }) => apiName)),
): string | undefined {
  const taken = new Set([`${scope}-workspace`, `${scope}-fastapi-runtime`]);
  const shadow = apis.find(({ apiName }) => taken.has(apiName));
  if (shadow !== undefined)
    return `The API ${called(shadow)} would have the name of a Python package of the workspace: give it another name.`;
  const seen = new Map<string, ApiForms>();
  for (const api of apis) {
    for (const { form, value, advice } of nameForms(api)) {
      const key = `${form} ${value}`;
      const other = seen.get(key);
      if (other !== undefined) return `The APIs ${called(other)} and ${called(api)} would both have the ${form} ${value}: ${advice}.`;
      seen.set(key, api);
    }
  }
  const folders = [...apis.map((api) => ({ folder: api.dir, owner: api })), ...ourFolders.map((folder) => ({ folder, owner: undefined }))];
  const meeting = nested(folders);
  if (meeting === undefined) return spelledTwice(apis, added);
  const [outer, inner] = meeting;
  if (outer.owner && inner.owner) {
    return `The folder ${inner.folder} of the API ${called(inner.owner)} would lie in ${outer.folder}, the folder of ${called(outer.owner)}: give one of them another --directory.`;
  }
  const [api, ours] = outer.owner ? [outer, inner] : [inner, outer];
  return `The folder ${api.folder} of the API ${called(api.owner as ApiForms)} would meet ${ours.folder}, which is the workspace's own: give another --directory.`;
}

/** Two spellings of one folder, of which a new API has one, on a disk that ignores case. */
function spelledTwice(apis: readonly ApiForms[], added: ReadonlySet<string>): string | undefined {
  const ours = new Set(ourFolders.flatMap(partsOf));
  const isNew = ({ apiName }: ApiForms): boolean => added.has(apiName);
  const known = [...ours, ...apis.filter((api) => !isNew(api)).flatMap(({ dir }) => partsOf(dir))];
  const spellings = new Set(known);
  const byLower = new Map(known.map((part) => [part.toLowerCase(), part]));
  for (const api of apis.filter(isNew)) {
    for (const part of partsOf(api.dir)) {
      const other = byLower.get(part.toLowerCase());
      if (other !== undefined && !spellings.has(part)) return sameFolder(api, part, other, ours.has(other));
      spellings.add(part);
      byLower.set(part.toLowerCase(), part);
    }
  }
  return undefined;
}

/** A folder and those that it lies in, the outermost first. */
export const partsOf = (folder: string): string[] => {
  const names = folder.split('/');
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
};

/** Says that a folder of an API would be one with another one, or with one of the workspace's own, where case does not count. */
export const sameFolder = (api: ApiForms, folder: string, other: string, isOurs = false): string =>
  isOurs
    ? `The folder ${folder} of the API ${called(api)} would be the same as ${other}, ${ownOnDisk}: give another --directory.`
    : `The folder ${folder} of the API ${called(api)} would be the same as ${other} on a disk that ignores case: write it as that is written.`;

const ownOnDisk = "which is the workspace's own, on a disk that ignores case";

/**
 * Says that a folder of the repository would be one with a folder of the workspace's own that is to be made, where case does not count.
 *
 * @param namesIn Names of what lies in a folder.
 */
export function ownFolderClash(namesIn: (folder: string) => readonly string[]): string | undefined {
  // The one that all others lie in, and the one that every workspace has in it.
  for (const folder of ['packages', 'packages/common']) {
    const other = otherSpelling(folder, namesIn);
    if (other !== undefined)
      return `${other} would be the same as ${folder}, ${ownOnDisk}: rename it, or choose another folder for the workspace.`;
  }
  return undefined;
}

/** What is there in the place of a folder that is not there, and differs from it by case alone. */
export function otherSpelling(folder: string, namesIn: (folder: string) => readonly string[]): string | undefined {
  const [parent, name] = [posix.dirname(folder), posix.basename(folder)];
  const there = namesIn(parent);
  const other = there.includes(name) ? undefined : there.find((one) => one.toLowerCase() === name.toLowerCase());
  return other === undefined ? undefined : posix.join(parent, other);
}

/**
 * The project of the repository in whose folder another folder would lie, or that would lie in it; the same folder counts too.
 *
 * @param dir Folder below the root, with `/`.
 * @param projects Folders by the projects' names, as `findProjects` gives them.
 */
export function projectMeeting(dir: string, projects: ReadonlyMap<string, string>): { name: string; folder: string } | undefined {
  for (const [name, folder] of projects) {
    if (nested([{ folder }, { folder: dir }]) !== undefined) return { name, folder };
  }
  return undefined;
}

const called = ({ apiTitle, apiName }: ApiForms): string => (apiTitle === apiName ? apiName : `${JSON.stringify(apiTitle)} (${apiName})`);

/** Two folders of which one is, or lies in, the other, the outer one first. Cost grows with their number and depth alone. */
function nested<T extends { folder: string }>(folders: readonly T[]): [outer: T, inner: T] | undefined {
  const known = new Map<string, T>();
  for (const one of folders) {
    const key = one.folder.toLowerCase();
    const same = known.get(key);
    if (same !== undefined) return [same, one];
    known.set(key, one);
  }
  for (const inner of folders) {
    const key = inner.folder.toLowerCase();
    for (let at = key.lastIndexOf('/'); at > 0; at = key.lastIndexOf('/', at - 1)) {
      const outer = known.get(key.slice(0, at));
      if (outer !== undefined) return [outer, inner];
    }
  }
  return undefined;
}
