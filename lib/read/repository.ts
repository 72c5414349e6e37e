import { posix } from 'node:path';
import { isObject } from '../merge/result.ts';
import { emptyRepository, type StoredRepository, type StoredWorkspace } from './answers.ts';
import { objectIn } from './manifests.ts';
import { type PackageManager, packageManagerOf } from './package-manager.ts';
import { pythonPlacement } from './python-placement.ts';
import type { Reader } from './reader.ts';
import { addedTo, readRecord, type WrittenRecord } from './record.ts';
import type { Website } from './website.ts';

/** Folders of the packages that all APIs share. */
export const constructsDir = 'packages/common/constructs';
export const terraformDir = 'packages/common/terraform';
export const runtimeDir = 'packages/common/runtime';

/** What a run finds of the repository around our files. */
export interface Repository {
  /** Whether a file was there before us, or has been made by others since. */
  isTheirs: (path: string) => boolean;
  /** `packages/infra` is the repository's own. */
  isInfraTheirs: boolean;
  /** The root's package.json starts with a byte order mark. */
  hasMarkedManifest: boolean;
  packageManager: PackageManager;
  /** The workspace is ours as a whole: nothing of a repository was there before us. */
  isNew: boolean;
  /** The record of the shared files is gone, although they were written. */
  isRecordLost: boolean;
  /** A run was killed while it wrote. */
  isUnfinished: boolean;
  /** What was last written into the files that all APIs share. */
  shared: WrittenRecord;
  /** What was there before us, this run's finds among it; it is kept with the answers. */
  kept: StoredRepository;
  /** Whether an API's Python project is of the root's uv workspace, or stands alone. */
  python: 'workspace' | 'alone';
  /** Packages of the repository's own in folders of ours, by folder. */
  packages: ReadonlyMap<string, OwnPackage>;
  /** What the root's own tsconfig.json compiles, where it has one. */
  compilation: Compilation | undefined;
  /** Whether `tsconfig.base.json` is there, and is not ours. */
  hasOwnTsconfigBase: boolean;
  /** Folder that the paths of the repository's tsconfig.base.json start from. */
  tsconfigBaseUrl: string;
  /** The websites that are connected and there, by folder. */
  websites: ReadonlyMap<string, Website>;
  /** Folders of the websites in which files of a connection lie, whether it was taken back or not. */
  leftWebsites: readonly string[];
}

/** A package of the repository's own where one of ours goes. */
export interface OwnPackage {
  /** Its name, as Nx knows it. */
  name: string | undefined;
  /** Targets and npm scripts that it has. */
  targets: ReadonlySet<string>;
  isModule: boolean;
}

export interface Compilation {
  include?: string[];
  files?: string[];
  /** What its own list takes out. */
  exclude?: string[];
  /** What is taken out by the list of a file that it extends, as long as it has none of its own. */
  inherited?: string[];
  /** Folders that the compiler writes into, and leaves out by itself. */
  outDirs: string[];
}

/** Where a website has its clients. */
const connections = 'src/connections';

/** Files that mark a repository with code of its own. */
const marks = ['package.json', 'nx.json', 'pnpm-workspace.yaml', 'pyproject.toml', 'tsconfig.json'];

/** Reads what is around our files. */
export function readRepository(reader: Reader, stored: StoredWorkspace | undefined): Repository {
  const websites = Object.values(stored?.apis ?? {}).flatMap((api) => api.websites ?? []);
  const shared = withoutGone(readRecord(reader, 'shared'), websites, reader);
  const isUnfinished = stored?.unfinished === true;
  const isRecordLost = stored !== undefined && !isUnfinished && !shared.isThere;
  const before = stored?.repository ?? emptyRepository();
  // The record is written before the first file: a run that was killed later may have made what it has, and nothing else.
  const isKnown = !isRecordLost && (!isUnfinished || shared.isThere);
  const isTheirs = (path: string): boolean =>
    reader.exists(path) && (before.foreign.includes(path) || (isKnown && !shared.files.has(path)));
  const isNew = stored === undefined && !marks.some((file) => reader.exists(file));
  const python = stored === undefined ? pythonPlacement(reader) : before.without.includes('pyproject.toml') ? 'alone' : 'workspace';
  const without = stored === undefined ? goneWithout(reader, isNew, python) : before.without;
  return {
    packageManager: packageManagerOf(reader.root, undefined, reader),
    isNew,
    isRecordLost,
    isUnfinished,
    shared,
    kept: { ...before, without },
    python,
    isTheirs,
    isInfraTheirs: isTheirs('packages/infra') && ![...shared.files.keys()].some((path) => path.startsWith('packages/infra/')),
    packages: new Map(
      [constructsDir, terraformDir].flatMap((dir): [string, OwnPackage][] => {
        const own = ownPackage(reader, dir, shared, isTheirs);
        return own === undefined ? [] : [[dir, own]];
      }),
    ),
    compilation: reader.exists(tsconfig) ? compilationOf(reader) : undefined,
    hasOwnTsconfigBase: reader.exists(tsconfigBase) && isTheirs(tsconfigBase),
    tsconfigBaseUrl: baseUrlOf(reader),
    // Which ones is known once the model is.
    websites: new Map(),
    leftWebsites: [...shared.files.keys()]
      .filter((path) => path.endsWith(`${connections}/runtime.ts`) && reader.exists(posix.dirname(path)))
      .map((path) => path.slice(0, -`${connections}/runtime.ts`.length).replace(/\/$/, '') || '.'),
    hasMarkedManifest: reader.text('package.json')?.startsWith('\uFEFF') === true,
  };
}

/**
 * A record without the projects whose whole folder is gone: one that is made anew gets all its files, those that are written once too. A
 * website is nothing that we make: while APIs have one, it may come back.
 */
function withoutGone(record: WrittenRecord, websites: readonly string[], reader: Reader): WrittenRecord {
  const projects = [...record.files.keys()]
    .filter((path) => path.endsWith('/project.json'))
    .map((path) => path.slice(0, -'project.json'.length));
  const gone = projects.filter((folder) => !reader.exists(folder.slice(0, -1)) && !websites.includes(folder.slice(0, -1)));
  if (gone.length === 0) return record;
  return { ...record, files: new Map([...record.files].filter(([path]) => !gone.some((folder) => path.startsWith(folder)))) };
}

const tsconfig = 'tsconfig.json';
const tsconfigBase = 'tsconfig.base.json';

/** Files of a new workspace that a repository keeps on going without. */
function goneWithout(reader: Reader, isNew: boolean, python: 'workspace' | 'alone'): string[] {
  return [
    ...(python === 'alone' ? ['.python-version', 'pyproject.toml'] : []),
    ...(isNew ? [] : ['README.md']),
    ...(isNew || reader.exists(tsconfigBase) ? [] : [tsconfigBase]),
  ];
}

function ownPackage(reader: Reader, dir: string, shared: WrittenRecord, isTheirs: (path: string) => boolean): OwnPackage | undefined {
  const own = ['package.json', 'project.json'].map((file) => `${dir}/${file}`).filter((path) => reader.exists(path) && isTheirs(path));
  if (own.length === 0) return undefined;
  // Beside their manifest the project may be ours: then its targets are none of theirs.
  const [manifest, project] = ['package.json', 'project.json'].map((file) => {
    const path = `${dir}/${file}`;
    return isTheirs(path) ? objectIn(reader.text(path), path) : undefined;
  });
  const added = addedTo(shared, `${dir}/project.json`).flatMap((text) => Object.keys(objectIn(text, 'the record').targets ?? {}));
  const targets = [manifest?.scripts, project?.targets].flatMap((list) => (isObject(list) ? Object.keys(list) : []));
  const name = [project?.name, manifest?.name].find((one) => typeof one === 'string' && one !== '') as string | undefined;
  return {
    name,
    targets: new Set(targets.filter((target) => !added.includes(target))),
    isModule: manifest?.type === 'module',
  };
}

/** Folder that the paths of a tsconfig start from: beside it, unless it has a `baseUrl`. */
function baseUrlOf(reader: Reader): string {
  const options = objectIn(reader.text(tsconfigBase), tsconfigBase).compilerOptions;
  return isObject(options) && typeof options.baseUrl === 'string' ? options.baseUrl : '.';
}

/** What a repository's tsconfig.json compiles, with what it inherits from files of the repository. */
function compilationOf(reader: Reader): Compilation {
  const found: Compilation = { outDirs: [] };
  const seen = new Set<string>();
  for (let file: string | undefined = tsconfig; file !== undefined && !seen.has(file); ) {
    seen.add(file);
    const value = objectIn(reader.text(file), file);
    for (const name of ['include', 'files', 'exclude'] as const) {
      const list = value[name];
      const key = name === 'exclude' && file !== tsconfig ? 'inherited' : name;
      if (found[key] === undefined && Array.isArray(list)) found[key] = list.filter((one) => typeof one === 'string');
    }
    const options = isObject(value.compilerOptions) ? value.compilerOptions : {};
    for (const name of ['outDir', 'declarationDir']) {
      const folder = options[name];
      if (typeof folder === 'string' && !found.outDirs.includes(folder)) found.outDirs.push(folder);
    }
    file = extended(file, value.extends);
  }
  return found;
}

function extended(file: string, base: unknown): string | undefined {
  const name = Array.isArray(base) ? base.at(-1) : base;
  // A package's configuration names no files of the repository.
  if (typeof name !== 'string' || !name.startsWith('.')) return undefined;
  const full = posix.join(posix.dirname(file), name);
  return full.endsWith('.json') ? full : `${full}.json`;
}
