import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, posix, relative, sep } from 'node:path';
import { BadInput } from '../bad-input.ts';
import { quoted } from '../names/names.ts';
import { checkedDirectory } from '../options/directory.ts';
import { dependenciesIn, isMember, join, jsonIn, namesIn } from './manifests.ts';
import { findProjects } from './projects.ts';
import type { Reader } from './reader.ts';
import type { Repository } from './repository.ts';
import { runsHooks } from './script-hooks.ts';
import { kindOf, nxOf, ownTargets, type WebsiteTargets } from './website-targets.ts';

/** What a run finds of a website that calls APIs. */
export interface Website extends WebsiteTargets {
  /** Below the root, `.` for the root itself. */
  folder: string;
  /** What Nx calls it. */
  name: string;
  /** The module that index.html starts, below the root; `undefined` where there is none, or not one. */
  entry: string | undefined;
  /** The package.json that names React, below the root. */
  manifest: string;
  /** npm scripts of its package.json that need the clients first. */
  scripts: readonly string[];
  /** Whether the package manager runs `prebuild` before `build`. */
  hasHooks: boolean;
  /** Whether the root's package manager installs its packages. */
  isMember: boolean;
  /** Where Prettier reads what it leaves alone; `undefined` where the website has no Prettier. */
  prettierIgnore: string | undefined;
}

/** Packages whose websites are rendered on a server, with what they are called. */
const serverRendered: readonly [RegExp, string][] = [
  [/^next$/, 'a Next.js website'],
  [/^@remix-run\//, 'a Remix website'],
  [/^@react-router\/dev$/, 'a React Router website in framework mode'],
  [/^astro$/, 'an Astro website'],
  [/^@tanstack\/react-start$/, 'a TanStack Start website'],
  [/^gatsby$/, 'a Gatsby website'],
];

/** How a website is made that can be connected. */
export const websiteToMake = 'npm create vite@latest packages/website -- --template react-ts';

/**
 * Folder of the website that a user means.
 *
 * @param project Its name, with or without the scope; its folder, below the root or by the last part alone; or a path: absolute, or
 *   from where the user stands (`.`, `../website`).
 * @param from Folder below the root in which the user stands.
 * @throws BadInput in one line, where there is none or it can't be connected.
 */
export function websiteFolder(reader: Reader, project: string, from = '.'): string {
  const folder = folderOf(reader, project, from);
  const refusal = folder === undefined ? noProject(reader, project) : refusalOf(reader, folder);
  if (refusal !== undefined) throw new BadInput(refusal);
  return folder as string;
}

/** Folders of all websites that can be connected. */
export const findWebsites = (reader: Reader): string[] =>
  [...new Set(['.', ...findProjects(reader).values()])].filter((folder) => refusalOf(reader, folder) === undefined).sort();

/** Reads what is planned from a website that was connected. */
export function readWebsite(
  reader: Reader,
  folder: string,
  { isTheirs, shared, packageManager }: Pick<Repository, 'isTheirs' | 'shared' | 'packageManager'>,
): Website {
  const manifest = jsonIn(reader, join(folder, 'package.json'));
  const own = dependenciesIn(manifest).includes('react');
  return {
    folder,
    name: projectName(reader, folder),
    entry: entryOf(reader, folder),
    manifest: own ? join(folder, 'package.json') : 'package.json',
    scripts: namesIn(manifest.scripts).filter((name) => kindOf(name) !== undefined),
    ...nxOf(reader, folder, namesIn(manifest.scripts), ownTargets(reader, join(folder, 'project.json'), isTheirs, shared)),
    hasHooks: runsHooks(reader, folder, packageManager),
    isMember: folder === '.' || isMember(reader, folder),
    prettierIgnore: prettierIgnoreOf(reader, folder),
  };
}

/** What Nx calls the project in a folder. */
function projectName(reader: Reader, folder: string): string {
  const names = ['project.json', 'package.json'].map((file) => jsonIn(reader, join(folder, file)).name);
  return names.find((name): name is string => typeof name === 'string' && name !== '') ?? posix.basename(folder);
}

/** Whether a folder holds a project, on the disk or in what another generator of the run has written. */
export const isProject = (reader: Reader, folder: string): boolean =>
  ['package.json', 'project.json'].some((file) => reader.exists(join(folder, file)));

/** Whether a path is in a website's folder. */
export const isBelow = (folder: string, path: string): boolean => folder === '.' || path.startsWith(`${folder}/`);

function folderOf(reader: Reader, project: string, from: string): string | undefined {
  const isRelative = /^\.\.?(\/|\\|$)/.test(project);
  const path = isAbsolute(project) ? belowRoot(reader.root, project) : isRelative ? posix.join(from, project) : undefined;
  if (path !== undefined) {
    const folder = checkedDirectory(path.startsWith('..') ? project : path, '--project');
    return isProject(reader, folder) ? folder : undefined;
  }
  const projects = findProjects(reader);
  const named = projects.get(project) ?? (jsonIn(reader, 'package.json').name === project ? '.' : undefined);
  if (named !== undefined) return named;
  const folders = [...new Set([project, posix.join(from, project)])].map((one) => checkedDirectory(one, '--project'));
  return folders.find((folder) => isProject(reader, folder)) ?? shortNamed(reader, project, projects);
}

/** An absolute path as one below the root, also where one of the two is written with a link. */
function belowRoot(root: string, path: string): string {
  const places = [path, real(path)].flatMap((to) => [root, real(root)].map((from) => relative(from, to).split(sep).join('/')));
  return places.find((place) => !place.startsWith('..')) ?? '..';
}

const real = (path: string): string => (existsSync(path) ? realpathSync(path) : path);

/** The project whose name without the scope, or whose folder's own name, a user gave. Of several the one that can be connected. */
function shortNamed(reader: Reader, short: string, projects: ReadonlyMap<string, string>): string | undefined {
  const all = [...projects].filter(([name, folder]) => name.endsWith(`/${short}`) || posix.basename(folder) === short);
  const folders = [...new Set(all.map(([, folder]) => folder))];
  const fitting = folders.filter((folder) => refusalOf(reader, folder) === undefined);
  if (fitting.length > 1)
    throw new BadInput(`--project is ${quoted(short)}, which may be any of ${fitting.join(', ')}: give one of these.`);
  return fitting[0] ?? folders[0];
}

function noProject(reader: Reader, project: string): string {
  const known = findWebsites(reader);
  const there = known.length > 0 ? `React websites are in ${known.join(', ')}` : `make a website with "${websiteToMake}"`;
  return `There is no project and no folder ${quoted(project)} in this workspace: ${there}.`;
}

/** Why a folder's website can't be connected, and what would be right. */
function refusalOf(reader: Reader, folder: string): string | undefined {
  const shown = folder === '.' ? "The root's project" : folder;
  const own = dependenciesIn(jsonIn(reader, join(folder, 'package.json')));
  const server = serverRendered.find(([name]) => own.some((one) => name.test(one)));
  if (server !== undefined) {
    return `${shown} is ${server[1]}, which renders on a server: a connection needs one that renders in the browser, such as Vite's (${websiteToMake}).`;
  }
  const isStarted = reader.exists(join(folder, 'index.html'));
  // In a monorepo the root may have the dependencies of all.
  const all = isStarted ? [...own, ...dependenciesIn(jsonIn(reader, 'package.json'))] : own;
  if (!all.includes('react'))
    return `${shown} is no React website, its package.json does not name react: make one with "${websiteToMake}".`;
  if (!viteConfigs.some((file) => reader.exists(join(folder, file))))
    return `${shown} is not built by Vite, it has no vite.config.ts: a connection needs a website of Vite's (${websiteToMake}).`;
  const entry = entryOf(reader, folder);
  if (!reader.exists(join(folder, 'tsconfig.json')) || /\.jsx?$/.test(entry ?? ''))
    return `${shown} is not in TypeScript, which the types of a client are for: add a tsconfig.json, and let index.html start a module in TypeScript.`;
  return undefined;
}

const viteConfigs = ['ts', 'mts', 'js', 'mjs', 'cts', 'cjs'].map((ending) => `vite.config.${ending}`);

/** The module that index.html starts. */
function entryOf(reader: Reader, folder: string): string | undefined {
  const html = (reader.text(join(folder, 'index.html')) ?? '').replace(/<!--[\s\S]*?-->/g, '');
  const modules = [...html.matchAll(/<script\b[^>]*>/gi)].flatMap(([tag]) =>
    /\btype=["']?module\b/i.test(tag) ? (/\bsrc=["']([^"':]+)["']/i.exec(tag)?.[1] ?? []) : [],
  );
  const [module] = modules;
  if (module === undefined || modules.length > 1) return undefined;
  const path = join(folder, module.replace(/^\//, '').replace(/[?#].*$/, ''));
  return !path.startsWith('..') && reader.exists(path) ? path : undefined;
}

const prettierFiles = ['', '.json', '.json5', '.yaml', '.yml', '.toml', '.js', '.mjs', '.cjs', '.ts'].map(
  (ending) => `.prettierrc${ending}`,
);
const prettierConfigs = [...prettierFiles, ...['js', 'mjs', 'cjs', 'ts'].map((ending) => `prettier.config.${ending}`), '.prettierignore'];

/** Prettier is run where it is configured: in the website, or at the root for all. */
function prettierIgnoreOf(reader: Reader, folder: string): string | undefined {
  const place = [folder, '.'].find(
    (one) =>
      prettierConfigs.some((file) => reader.exists(join(one, file))) ||
      dependenciesIn(jsonIn(reader, join(one, 'package.json'))).includes('prettier'),
  );
  return place === undefined ? undefined : join(place, '.prettierignore');
}
