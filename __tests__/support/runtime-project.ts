import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { arch } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { type RenderedFile, renderTemplates } from '../../lib/templates/render.ts';
import type { InfraData } from '../../lib/templates/template-data.ts';
import { npmVersion } from '../../lib/templates/versions.ts';
import { listsOf, templateData } from './template-data.ts';
import { cacheFolder, toolEnv, uv } from './tools.ts';

/** Architecture of this machine, as Lambda and the `bundle` target spell it. */
export const machineArchitecture = arch() === 'arm64' ? 'arm64' : 'x86_64';

/**
 * Writes an API project that stands alone, as the generator writes it, with the runtime beside it and its Python environment.
 *
 * @param name Folder below the cache: the environments and lock files in it are kept between runs, all else is written anew.
 * @param changes Choices other than the defaults.
 * @returns Folder of the API.
 */
export function writeProject(name: string, changes: Partial<InfraData> = {}): string {
  const root = cacheFolder('runtime', name);
  const data = templateData({ apiDir: 'packages/api', isAlone: true, ...changes });
  const folder = writeTree(join(root, data.apiDir), renderTemplates('api', data));
  writeTree(runtimeOf(folder), renderTemplates('runtime', data));
  inProject(folder, ['sync', '--quiet']);
  return folder;
}

/**
 * Writes a uv workspace with one API (`packages/my-api`) or more, the runtime and their environment, as the generator writes it.
 *
 * @param name Folder below the cache: the environment is kept between runs, all else is written anew.
 * @param apis Choices other than the defaults, of each API.
 * @returns Folder of the workspace.
 */
export function writeWorkspace(name: string, apis: Partial<InfraData>[] = [{}]): string {
  const all = apis.map((changes) => templateData(changes));
  const lists = listsOf(all);
  const data = {
    ...templateData(),
    ...lists,
    pythonProjects: [templateData().runtimeDir, ...lists.pythonProjects],
    packageManager: 'npm',
    nx: 'npx nx',
    devDependencies: { nx: npmVersion('nx') },
    websites: [],
    ignoringWebsites: [],
  };
  const root = writeTree(cacheFolder('runtime', name), renderTemplates('workspace', data), /^\.venv$/);
  writeTree(join(root, data.runtimeDir), renderTemplates('runtime', data));
  for (const api of all) writeTree(join(root, api.apiDir), renderTemplates('api', api));
  inProject(root, ['sync', '--quiet', '--all-packages']);
  return root;
}

/** Folder of the runtime beside an API that `writeProject` has written. */
export const runtimeOf = (folder: string): string => join(folder, '../common/runtime');

function writeTree(folder: string, files: RenderedFile[], kept = /^(\.venv|uv\.lock)$/): string {
  mkdirSync(folder, { recursive: true });
  for (const top of readdirSync(folder)) {
    if (!kept.test(top)) rmSync(join(folder, top), { recursive: true, force: true });
  }
  for (const file of files) {
    const path = join(folder, file.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, file.contents);
    chmodSync(path, file.mode);
  }
  return folder;
}

/** Runs uv in a project and returns what it printed; what it says of a failure becomes the error. */
export function inProject(folder: string, args: string[], env: Record<string, string> = {}): string {
  try {
    return execFileSync(uv(), args, { cwd: folder, env: toolEnv({ VIRTUAL_ENV: '', ...env }), encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`uv ${args.join(' ')} failed\n${stdout ?? ''}${stderr ?? ''}`);
  }
}

/** Environment in which `python3` is a plain Python 3.13, without the packages of any virtual environment: as in Lambda. */
export function lambdaEnv(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const env = toolEnv(extra);
  const python = execFileSync(uv(), ['python', 'find', '--no-project', '3.13'], { env, encoding: 'utf8' }).trim();
  return { ...env, PATH: [dirname(realpathSync(python)), env.PATH].join(delimiter) };
}

/** Adds a module of operations to a project's app, as a user would. */
export function addOperations(folder: string, moduleName: string, source: string): void {
  const name = basename(source, '.py');
  copyFileSync(source, join(folder, moduleName, `${name}.py`));
  appendFileSync(join(folder, moduleName, 'main.py'), `\nfrom . import ${name} as ${name}\n`);
}

/** Bundles a project for this machine and unpacks the zip as Lambda does; returns the folder of the code. */
export function unpackedBundle(folder: string): string {
  inProject(folder, [
    'run',
    '--quiet',
    '--no-sync',
    'python',
    '-m',
    'fastapi_runtime.tools.bundle',
    `--architecture=${machineArchitecture}`,
  ]);
  const task = join(folder, 'dist', 'task');
  rmSync(task, { recursive: true, force: true });
  const unzip = [
    'import sys, zipfile, pathlib',
    'with zipfile.ZipFile(sys.argv[1]) as archive:',
    '    for entry in archive.infolist():',
    '        pathlib.Path(archive.extract(entry, sys.argv[2])).chmod(entry.external_attr >> 16 & 0o777)',
  ].join('\n');
  execFileSync('python3', ['-c', unzip, join(folder, 'dist', 'bundle.zip'), task], { env: lambdaEnv() });
  return task;
}

/**
 * The Lambda Web Adapter: the real one, built by cargo once, or where there is no cargo a stand-in that sends its headers.
 * 1.0.0-rc1 is the newest that crates.io has.
 */
export function adapter(): { path: string; isReal: boolean } {
  const root = cacheFolder('lambda-web-adapter');
  const program = join(root, 'bin', 'lambda-adapter');
  if (!existsSync(program)) {
    try {
      execFileSync('cargo', ['--version'], { stdio: 'pipe' });
    } catch {
      return { path: join(import.meta.dirname, 'runtime-adapter-stand-in.py'), isReal: false };
    }
    const target = { CARGO_TARGET_DIR: cacheFolder('cargo-target') };
    const args = ['install', 'lambda_web_adapter', '--version', '1.0.0-rc1', '--locked', '--quiet', '--root', root];
    execFileSync('cargo', args, { env: { ...process.env, ...target }, stdio: 'pipe' });
  }
  return { path: program, isReal: true };
}
