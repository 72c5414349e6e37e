import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { cacheFolder, pythonTools } from './tools.ts';

const providerPath = join('registry.terraform.io', 'hashicorp', 'aws');

/** The folder of a provider mirror anywhere on this machine, at most six folders deep; none where there is no such folder. */
function findMirror(): string | undefined {
  const known = cacheFolder('terraform');
  const remembered = join(known, 'mirror');
  if (existsSync(remembered)) {
    const mirror = readFileSync(remembered, 'utf8');
    if (existsSync(join(mirror, providerPath))) return mirror;
  }
  const mirror = searchMirror('/', 3);
  if (mirror) writeFileSync(remembered, mirror);
  return mirror;
}

function searchMirror(folder: string, depth: number): string | undefined {
  if (existsSync(join(folder, providerPath))) return folder;
  if (depth === 0) return undefined;
  for (const entry of foldersOf(folder)) {
    const found = searchMirror(join(folder, entry), depth - 1);
    if (found) return found;
  }
  return undefined;
}

const neverSearched = new Set(['proc', 'sys', 'dev', 'node_modules', '.git', '.terraform']);

function foldersOf(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !neverSearched.has(entry.name))
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

/** A configuration of Terraform's own that takes the provider from the mirror, and else from the registry, once for all workspaces. */
export function cliConfiguration(): string {
  const mirror = findMirror();
  const file = join(cacheFolder('terraform'), 'cli.tfrc');
  const installation = mirror
    ? `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`
    : `plugin_cache_dir = ${JSON.stringify(cacheFolder('terraform', 'plugins'))}\n`;
  if (!existsSync(file) || readFileSync(file, 'utf8') !== installation) writeFileSync(file, installation);
  return file;
}

export interface Ran {
  status: number | null;
  stdout: string;
  /** Standard output and error. */
  output: string;
}

/** Runs Terraform, or a program that runs it, in a folder. `AWS_ENDPOINT_URL` and the like come in `env`. */
export function terraform(cwd: string, args: string[], env: NodeJS.ProcessEnv = {}, program = 'terraform'): Ran {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: {
      ...process.env,
      TF_CLI_CONFIG_FILE: cliConfiguration(),
      TF_IN_AUTOMATION: '1',
      CHECKPOINT_DISABLE: '1',
      NO_COLOR: '1',
      TF_CLI_ARGS: '-no-color',
      ...env,
    },
  });
  if (error) throw error;
  return { status, stdout, output: `${stdout}${stderr}` };
}

/** The same, and fails with what Terraform said when it does not end well. */
export function terraformOk(cwd: string, args: string[], env: NodeJS.ProcessEnv = {}): Ran {
  const ran = terraform(cwd, args, env);
  if (ran.status !== 0) throw new Error(`terraform ${args.join(' ')} in ${cwd} ended with ${ran.status}:\n${ran.output.slice(-6000)}`);
  return ran;
}

/** Why Terraform can't be used here; nothing where it can. */
export function missing(): string | undefined {
  if (spawnSync('terraform', ['version'], { stdio: 'ignore' }).status !== 0) return 'terraform is not installed';
  if (findMirror()) return undefined;
  const probe = cacheFolder('terraform', 'probe');
  writeFileSync(join(probe, 'main.tf'), 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n');
  const { status } = terraform(probe, ['init', '-input=false']);
  rmSync(probe, { recursive: true, force: true });
  if (status === 0) return undefined;
  const reason = 'there is neither a mirror of the provider hashicorp/aws on this machine, nor can the registry be reached';
  // On a CI machine that has Terraform, silence would be a gap.
  if (process.env.CI) throw new Error(`Terraform is here, but ${reason}.`);
  return reason;
}

/** A server that answers as AWS does, without an account. */
export class Moto {
  readonly #process: ChildProcess;
  readonly #log: string;
  /** How much of the log belongs to what has been forgotten. */
  #forgotten = 0;
  readonly url: string;

  private constructor(child: ChildProcess, log: string, port: string) {
    this.#process = child;
    this.#log = log;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<Moto> {
    const python = join(pythonTools('moto', ['moto[server]==5.2.*']), 'python');
    const script = join(dirname(fileURLToPath(import.meta.url)), 'terraform-moto.py');
    // A file, since nobody empties a pipe while this process waits for Terraform: the server would stop and wait for it.
    const log = join(cacheFolder('terraform', 'logs'), `moto-${process.pid}-${Date.now()}.log`);
    const descriptor = openSync(log, 'w');
    const child = spawn(python, [script], { stdio: ['ignore', 'pipe', descriptor] });
    closeSync(descriptor);
    process.once('exit', () => child.kill());
    const port = await new Promise<string>((resolve, reject) => {
      child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
      child.once('exit', (code) => reject(new Error(`moto's server ended with ${code}`)));
    });
    return new Moto(child, log, port);
  }

  /** Settings by which Terraform's provider takes this server for AWS. */
  get env(): NodeJS.ProcessEnv {
    return {
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: this.url,
      AWS_MAX_ATTEMPTS: '2',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
  }

  /** The answer of one call of a service that speaks JSON: `get('apigateway', '/restapis')`. */
  async get<T>(service: string, path: string): Promise<T> {
    return (await (await this.#fetch(service, path)).json()) as T;
  }

  /** The answer, as text, of one call of a service that takes forms: `query('iam', 'ListRoles')`. */
  async query(service: string, action: string, parameters: Record<string, string> = {}): Promise<string> {
    const body = new URLSearchParams({ Action: action, ...parameters });
    return (await this.#fetch(service, '/', { method: 'POST', body })).text();
  }

  #fetch(service: string, path: string, init: RequestInit = {}): Promise<Response> {
    const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
    return fetch(`${this.url}${path}`, { ...init, headers: { authorization } });
  }

  /** Forgets everything, the requests too. */
  async reset(): Promise<void> {
    await fetch(`${this.url}/moto-api/reset`, { method: 'POST' });
    this.forget();
  }

  /** Forgets the requests so far. */
  forget(): void {
    this.#forgotten = readFileSync(this.#log).length;
  }

  /** Requests since the last reset, in order: `DELETE /2015-03-31/functions/...`. */
  requests(): string[] {
    const log = stripVTControlCharacters(readFileSync(this.#log).subarray(this.#forgotten).toString());
    return [...log.matchAll(/"([A-Z]+ \S+) HTTP\/1\.1"/g)].map(([, request]) => request as string);
  }

  stop(): void {
    this.#process.kill();
    rmSync(this.#log, { force: true });
  }
}
