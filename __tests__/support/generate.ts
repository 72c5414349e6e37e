import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { packageRoot } from '../../lib/templates/package-root.ts';
import { tree } from './trust-tree.ts';

/** Whether the whole sizes are asked for, rather than those that fit into a few minutes. */
export const isFull = process.env.VERIFY_FULL === '1';

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Answers to all questions, so that none is asked at a terminal. */
export const answers = [
  ...['--compute-type', 'ServerlessApiGatewayRestApi', '--integration-pattern', 'isolated', '--auth', 'IAM'],
  ...['--directory', 'packages', '--iac-provider', 'CDK', '--module-name', 'my_api', '--scope', 'shop', '--ci', 'None', '--skip-install'],
];

/** Path of the own command, built where it is not yet. */
export function command(): string {
  const path = join(packageRoot(), 'dist', 'cli', 'bin', 'cli.cjs');
  if (!existsSync(path)) execute(process.execPath, [join(packageRoot(), 'scripts', 'build.mjs')], packageRoot());
  return path;
}

/** Environment without what a developer's machine has set for other programs. */
export function plainEnv(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { PATH, HOME, USER, LANG, TMPDIR } = process.env;
  return { PATH, HOME, USER, LANG, TMPDIR, ...extra };
}

export interface RunSettings {
  env?: NodeJS.ProcessEnv;
  input?: string;
  uid?: number;
}

/** Runs the own command without a terminal. */
export function fastapiLambda(args: readonly string[], cwd: string, settings: RunSettings = {}): Outcome {
  return spawn(process.execPath, [command(), ...args], cwd, settings);
}

export function spawn(program: string, args: readonly string[], cwd: string, { env, input = '', uid }: RunSettings = {}): Outcome {
  const user = uid === undefined ? {} : { uid, gid: uid };
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env: env ?? plainEnv(),
    input,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    ...user,
  });
  if (error) throw error;
  return { status, stdout, stderr };
}

/** Runs a program that has to succeed. */
export function execute(program: string, args: readonly string[], cwd: string, settings: RunSettings = {}): string {
  const { status, stdout, stderr } = spawn(program, args, cwd, settings);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} exited with ${status} in ${cwd}\n${stdout}\n${stderr}`);
  return stdout;
}

/** Runs the own command, which has to succeed. */
export const generate = (args: readonly string[], cwd: string, settings?: RunSettings): string =>
  execute(process.execPath, [command(), ...args], cwd, settings);

const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'core.autocrlf=false'];

/** A git repository with some files, all committed. */
export function repository(files: Record<string, string | Buffer> = {}): string {
  const root = tree(files);
  execute('git', ['init', '--quiet', '--initial-branch', 'main'], root);
  commitAll(root);
  return root;
}

export function commitAll(root: string): void {
  execute('git', ['add', '--all'], root);
  execute('git', [...author, 'commit', '--quiet', '--allow-empty', '--message', 'state'], root);
}

/** What git finds changed: a line for each file. */
export const gitStatus = (root: string): string => execute('git', ['status', '--porcelain', '--untracked-files=all'], root);

/** Paths of all files that git knows or would add. */
export const gitFiles = (root: string): string[] =>
  execute('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], root).split('\0').filter(Boolean);

/** Numbers from a seed: the same seed gives the same ones. */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    // A step of mulberry32, which is enough to choose test cases.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
