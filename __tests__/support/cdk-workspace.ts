import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import ejs from 'ejs';
import { packageRoot } from '../../lib/templates/package-root.ts';
import { type RenderedFile, renderTemplates, type TemplateSet } from '../../lib/templates/render.ts';
import type { InfraData } from '../../lib/templates/template-data.ts';
import { exampleRoutes, openApi, type Route } from './cdk-openapi.ts';
import { listsOf, templateData } from './template-data.ts';
import { cacheFolder, installOnce } from './tools.ts';

/** node_modules of a generated workspace, installed once for each state of the manifest. */
export function workspaceModules(): string {
  const manifest = readFileSync(join(packageRoot(), 'templates', 'versions', 'package.json'), 'utf8');
  const state = createHash('sha256').update(manifest).digest('hex').slice(0, 8);
  const folder = installOnce(`cdk/modules-${state}`, (target) => {
    writeFileSync(join(target, 'package.json'), manifest);
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: target, stdio: 'pipe' });
  });
  return join(folder, 'node_modules');
}

export interface CdkApi {
  data?: Partial<InfraData>;
  routes?: Route[];
  /** Name of the service, where it is not that of the project. */
  serviceName?: string;
  /** More of `x-fastapi-lambda`. */
  settings?: object;
}

/**
 * A workspace with the constructs package, the metadata and a bundle of each API, and the infrastructure app: what the generators
 * write, without Python.
 *
 * @param name Folder below the cache, made anew.
 */
export function cdkWorkspace(name: string, apis: CdkApi[] = [{}]): string {
  const root = join(cacheFolder('cdk', 'workspaces'), name);
  rmSync(root, { recursive: true, force: true });
  const modules = workspaceModules();
  mkdirSync(root, { recursive: true });
  symlinkSync(modules, join(root, 'node_modules'));
  const workspace = join(packageRoot(), 'templates', 'workspace');
  cpSync(join(workspace, 'biome.json'), join(root, 'biome.json'));
  writeFileSync(
    join(root, 'tsconfig.base.json'),
    ejs.render(readFileSync(join(workspace, 'tsconfig.base.json.ejs'), 'utf8'), templateData(), {}),
  );
  const constructs = 'packages/common/constructs';
  const all = apis.map((api) => ({ ...api, data: templateData(api.data) }));
  const shared = templateData({ ...listsOf(all.map(({ data }) => data)), ci: all[0]?.data.ci ?? 'None' });
  const types = new Set(all.map(({ data }) => (data.isRest ? 'rest' : 'http')));
  writeSet(root, 'constructs', constructs, shared, (path) => {
    const only = /^src\/core\/api\/(rest|http)-/.exec(path)?.[1];
    return only === undefined || types.has(only as 'rest' | 'http');
  });
  writeSet(root, 'metadata', constructs, templateData());
  for (const { data, routes, serviceName, settings } of all) {
    writeSet(root, 'constructs-api', constructs, data);
    writeSet(root, 'infra-cdk', data.infraDir, data, (path) => path === `src/stacks/${data.apiName}.ts`);
    writeBundle(join(root, data.apiDir), data);
    writeMetadata(root, routes ?? exampleRoutes, data, serviceName, settings);
  }
  writeSet(root, 'infra', shared.infraDir, shared);
  writeSet(root, 'infra-cdk', shared.infraDir, shared, (path) => path !== `src/stacks/${shared.apiName}.ts`);
  return root;
}

/** Generates an API's metadata anew, from other routes. */
export function writeMetadata(
  root: string,
  routes: Route[],
  data: InfraData = templateData(),
  serviceName = data.apiName,
  settings: object = {},
): void {
  const document = openApi(routes, settings) as { 'x-fastapi-lambda': object; info: object };
  document['x-fastapi-lambda'] = { ...document['x-fastapi-lambda'], module: data.moduleName, serviceName };
  document.info = { ...document.info, title: data.apiTitle };
  const folder = join(root, data.apiDir, 'dist');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'openapi.json'), JSON.stringify(document));
  const up = join('../../..', data.apiDir, 'dist');
  execFileSync(
    process.execPath,
    [
      'scripts/generate-metadata.mjs',
      '--openapi',
      `${up}/openapi.json`,
      '--typescript',
      `src/generated/${data.apiName}/metadata.gen.ts`,
      '--bundle',
      `${up}/bundle`,
    ],
    { cwd: join(root, 'packages/common/constructs'), stdio: 'pipe' },
  );
}

function writeBundle(apiFolder: string, data: InfraData): void {
  const bundle = join(apiFolder, 'dist', 'bundle');
  mkdirSync(join(bundle, data.moduleName), { recursive: true });
  writeFileSync(join(bundle, 'run.sh'), '#!/bin/sh\n');
  writeFileSync(join(bundle, data.moduleName, 'main.py'), '');
  if (data.auth === 'Custom') writeFileSync(join(bundle, data.moduleName, 'authorizer.py'), '');
}

/** Writes a tree of templates below a workspace. */
export function writeSet(root: string, set: TemplateSet, folder: string, data: object, keep: (path: string) => boolean = () => true): void {
  for (const file of renderTemplates(set, data)) if (keep(file.path)) writeRendered(join(root, folder), file);
}

function writeRendered(root: string, { path, contents, mode }: RenderedFile): void {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, contents, { mode });
}

export interface Ran {
  status: number | null;
  output: string;
}

/** Runs the command of a target of the infrastructure as Nx would, without the targets that it depends on. */
export function runTarget(root: string, target: string, configuration?: string, env: NodeJS.ProcessEnv = {}): Ran {
  const { targets } = JSON.parse(readFileSync(join(root, 'packages/infra/project.json'), 'utf8'));
  const { options, configurations } = targets[target];
  const { command } = configuration === undefined ? options : { ...options, ...configurations[configuration] };
  const { status, stdout, stderr } = spawnSync(command, {
    cwd: join(root, 'packages/infra'),
    shell: true,
    encoding: 'utf8',
    env: { ...programEnvironment(root), ...env },
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, output: `${stdout}${stderr}` };
}

/** Runs a program of the workspace: `runBin(root, 'tsc', ['--noEmit'], 'packages/infra')`. */
export function runBin(root: string, bin: string, args: string[], below = '.', env: NodeJS.ProcessEnv = {}): Ran {
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules', '.bin', bin), args, {
    cwd: join(root, below),
    encoding: 'utf8',
    env: { ...programEnvironment(root), ...env },
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, output: `${stdout}${stderr}` };
}

const programEnvironment = (root: string): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
  NODE_OPTIONS: '',
  NO_COLOR: '1',
  FORCE_COLOR: '0',
});

/** Copies a workspace, so that a test can edit it. */
export function copyWorkspace(root: string, name: string): string {
  const target = join(cacheFolder('cdk', 'workspaces'), name);
  rmSync(target, { recursive: true, force: true });
  cpSync(root, target, { recursive: true, verbatimSymlinks: true });
  return target;
}
