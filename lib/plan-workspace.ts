import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import lodash from 'lodash';
import { parse as parseYaml } from 'yaml';
import { mergeDependencies } from './merge/dependencies.ts';
import { mergeJson, parseJsonText } from './merge/json.ts';
import { mergeLines } from './merge/lines.ts';
import { isObject, type JsonObject, type MergeResult } from './merge/result.ts';
import { mergeToml } from './merge/toml.ts';
import { mergeYaml } from './merge/yaml.ts';
import { packageManagerOf, runPrefix } from './package-manager.ts';
import type { PlannedFile } from './plan.ts';
import { pythonPlacement } from './python-placement.ts';
import { recordedPaths } from './record.ts';
import { apiLists, type Run, workspaceData } from './run.ts';
import { readText } from './safe-path.ts';
import { stageAddition, stageFiles } from './staging.ts';
import { planTree } from './tree.ts';
import { npmVersion } from './versions.ts';

type Merge = (text: string | undefined, previous: ReadonlyMap<string, string>) => MergeResult;

/** How our content of a file is added to one of the same name that the repository has. */
const additiveMerges: Record<string, (rendered: string) => Merge> = {
  'package.json': (rendered) => {
    const devDependencies = devDependenciesOf(rendered);
    const scripts = lodash.pick(JSON.parse(rendered) as JsonObject, ['allowScripts', 'dependenciesMeta', 'trustedDependencies']);
    return (text, previous) => {
      const merged = mergeDependencies(text, { devDependencies }, { previous });
      // Whose install scripts may run is asked by every package manager in a field of its own.
      return merged.ok && Object.keys(scripts).length > 0 ? { ...mergeJson(merged.text, scripts), notes: merged.notes } : merged;
    };
  },
  // Nx 24 asks about it at a terminal; all else is the repository's own affair.
  'nx.json': () => (text) => mergeJson(text, { analytics: false }, { path: 'nx.json' }),
  'tsconfig.base.json': (rendered) => {
    // The compiler options of a repository are its own business; the path is all that our packages need of it.
    const { paths } = (JSON.parse(rendered) as { compilerOptions: { paths: Record<string, string[]> } }).compilerOptions;
    return (text) => {
      const from = baseUrlOf(text, 'tsconfig.base.json');
      const added = lodash.mapValues(paths, (targets) => targets.map((target) => relativePath(from, target)));
      return mergeJson(text, { compilerOptions: { paths: added } }, { path: 'tsconfig.base.json' });
    };
  },
  'pnpm-workspace.yaml': (rendered) => (text) =>
    mergeYaml(text, { allowBuilds: (parseYaml(rendered) as { allowBuilds: object }).allowBuilds }),
  '.yarnrc.yml': (rendered) => (text) => mergeYaml(text, parseYaml(rendered) as object),
  'pyproject.toml': () => (text) => mergeToml(text, { tool: { uv: { workspace: { members: [] } } } }),
  '.gitignore': (rendered) => (text) =>
    mergeLines(
      text,
      rendered.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
    ),
};

/** Folder that the paths of a tsconfig start from: beside it, unless it has a `baseUrl`. */
function baseUrlOf(text: string | undefined, path: string): string {
  const value = text === undefined ? undefined : parseJsonText(text, path);
  const options = isObject(value) && isObject(value.compilerOptions) ? value.compilerOptions : {};
  return typeof options.baseUrl === 'string' ? options.baseUrl : '.';
}

function relativePath(from: string, to: string): string {
  const path = posix.relative(from, to);
  return path.startsWith('../') ? path : `./${path}`;
}

const devDependenciesOf = (manifest: string): Record<string, string> =>
  (JSON.parse(manifest) as { devDependencies: Record<string, string> }).devDependencies;

/**
 * Stages the workspace's own files: whole where they are ours, as additions where the repository has them already. A repository
 * without a tsconfig.base.json keeps none: there each package of ours has the path in its own tsconfig.json.
 */
export function planWorkspace(run: Run): void {
  const { root, isNew } = run.workspace;
  const manager = packageManagerOf(root);
  const data = {
    ...workspaceData(run),
    ...apiLists(run),
    packageManager: manager,
    nx: runPrefix(manager),
    devDependencies: { nx: npmVersion('nx') },
  };
  const ours = recordedPaths(root, 'shared');
  const placement = pythonPlacement(root);
  for (const file of planTree('workspace', '', data, 'shared')) {
    const isThere = existsSync(join(root, file.path));
    if (placement === 'alone' && /^(pyproject\.toml|\.python-version)$/.test(file.path) && !ours.has(file.path)) continue;
    if (file.path === 'tsconfig.base.json' && !isThere && !isNew && !ours.has(file.path)) continue;
    if (file.ownership === 'once' && isThere && !ours.has(file.path)) continue;
    if (file.path === 'README.md' && !isNew && !ours.has(file.path)) continue;
    stageWhole(run, file, isThere && !ours.has(file.path));
  }
  if (!isNew && readText(root, 'package.json')?.startsWith('\uFEFF')) {
    run.notes.push('package.json starts with a byte order mark, which Nx does not read: save it as UTF-8 without one.');
  }
}

function stageWhole(run: Run, file: PlannedFile, isForeign: boolean): void {
  const merge = additiveMerges[file.path];
  if (isForeign && file.ownership === 'ours' && merge) {
    const versions = file.path === 'package.json' ? devDependenciesOf(file.contents) : undefined;
    stageAddition(run.staging, { path: file.path, record: 'shared', addition: file.contents, versions, apply: merge(file.contents) });
  } else {
    stageFiles(run.staging, [file]);
  }
}

/** Stages npm packages that one part of the workspace needs, from the manifest of versions. */
export function planDependencies(run: Run, names: string[], record: string): void {
  const devDependencies = Object.fromEntries(names.map((name) => [name, npmVersion(name)]));
  stageAddition(run.staging, {
    path: 'package.json',
    record,
    addition: JSON.stringify({ devDependencies }),
    versions: devDependencies,
    apply: (text, previous) => mergeDependencies(text, { devDependencies }, { previous }),
  });
}

/** Adds the API's Python project to the uv workspace of the root, where there is one. */
export function planPythonMember(run: Run, apiName: string, apiDir: string): void {
  if (pythonPlacement(run.workspace.root) === 'alone') return;
  const addition = { tool: { uv: { workspace: { members: [apiDir] } } } };
  stageAddition(run.staging, {
    path: 'pyproject.toml',
    record: apiName,
    addition: JSON.stringify(addition),
    apply: (text) => mergeToml(text, addition),
  });
}
