import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import spawn from 'cross-spawn';
import { type Installation, readInstallations } from '../finish/install.ts';
import { modelOf } from '../model/model.ts';
import { pythonProjects } from '../plan/values.ts';
import { readAnswers, type StoredWorkspace } from '../read/answers.ts';
import type { PackageManager } from '../read/package-manager.ts';
import { Reader } from '../read/reader.ts';
import { readRepository } from '../read/repository.ts';
import { findWorkspaceRoot } from '../read/root.ts';
import { packageRoot } from '../templates/package-root.ts';

/** What `doctor` looks at. A version is `undefined` where the program can't be run. */
export interface Facts {
  node: { version: string; engines: string };
  git: string | undefined;
  uv: string | undefined;
  /** The Python that the workspace asks for, and whether it can be had without a download. */
  python: { wanted: string; found: string | undefined };
  terraform: string | undefined;
  /** Where AWS credentials would come from; AWS itself is not asked. */
  credentials: string | undefined;
  region: string | undefined;
  /** Version of this generator. */
  version: string;
  workspace: WorkspaceFacts | undefined;
}

export interface WorkspaceFacts {
  root: string;
  stored: StoredWorkspace;
  packageManager: PackageManager;
  installations: readonly Installation[];
  /** Folders of APIs that are gone. */
  gone: readonly string[];
  /** Whether a uv.lock stands where the Python projects need one. */
  hasLock: boolean;
}

/**
 * Reads the facts about this machine and about the workspace that a folder belongs to, if it belongs to one. Nothing is written.
 *
 * @throws BadInput When the workspace's answers can't be read.
 */
export function readFacts(folder: string, env: NodeJS.ProcessEnv = process.env): Facts {
  const manifest = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string; engines: { node: string } };
  const workspace = readWorkspace(findWorkspaceRoot(folder));
  const cwd = workspace?.root ?? folder;
  const wanted = /3\.\d+/.exec(textOf(join(cwd, '.python-version')) ?? '')?.[0] ?? '3.13';
  const uv = versionOf('uv', ['--version'], cwd, env);
  const find = uv === undefined ? [`python${wanted}`, '--version'] : ['uv', 'python', 'find', '--no-project', wanted];
  return {
    node: { version: process.versions.node, engines: manifest.engines.node },
    git: versionOf('git', ['--version'], cwd, env),
    uv,
    python: { wanted, found: outputOf(find[0] as string, find.slice(1), cwd, env)?.trim() },
    terraform: versionOf('terraform', ['version'], cwd, env),
    credentials: credentialsIn(env),
    region: env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? /^\s*region\s*=\s*(\S+)/m.exec(textOf(configFile(env)) ?? '')?.[1],
    version: manifest.version,
    workspace,
  };
}

function readWorkspace(root: string): WorkspaceFacts | undefined {
  const reader = new Reader(root);
  const stored = readAnswers(reader);
  if (stored === undefined) return undefined;
  const repository = readRepository(reader, stored);
  const projects = pythonProjects(modelOf(stored), repository);
  const locks = repository.python === 'workspace' ? ['uv.lock'] : projects.map((project) => `${project}/uv.lock`);
  return {
    root,
    stored,
    packageManager: repository.packageManager,
    installations: readInstallations({ root, placement: repository.python, projects }),
    gone: Object.entries(stored.apis)
      .map(([name, { directory }]) => `${directory}/${name}`)
      .filter((dir) => !reader.exists(dir)),
    hasLock: locks.every((lock) => reader.exists(lock)),
  };
}

/** The first place, in the order of AWS's SDKs, that names credentials. */
function credentialsIn(env: NodeJS.ProcessEnv): string | undefined {
  if (env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY) return 'environment variables';
  if (env.AWS_PROFILE) return `profile ${env.AWS_PROFILE}`;
  if (env.AWS_WEB_IDENTITY_TOKEN_FILE && env.AWS_ROLE_ARN) return 'a web identity';
  if (env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || env.AWS_CONTAINER_CREDENTIALS_FULL_URI) return 'the container';
  const files = [env.AWS_SHARED_CREDENTIALS_FILE ?? join(homedir(), '.aws', 'credentials'), configFile(env)];
  return files.some((file) => existsSync(file)) ? 'the default profile' : undefined;
}

const configFile = (env: NodeJS.ProcessEnv): string => env.AWS_CONFIG_FILE ?? join(homedir(), '.aws', 'config');

const textOf = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);

const versionOf = (program: string, args: string[], cwd: string, env: NodeJS.ProcessEnv): string | undefined =>
  /\d+\.\d+(\.\d+)?/.exec(outputOf(program, args, cwd, env) ?? '')?.[0];

function outputOf(program: string, args: string[], cwd: string, env: NodeJS.ProcessEnv): string | undefined {
  const { status, stdout } = spawn.sync(program, args, { cwd, env, encoding: 'utf8', timeout: 20_000 });
  return status === 0 ? stdout : undefined;
}
