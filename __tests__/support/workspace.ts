import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../lib/package-root.ts';
import { toolEnv } from './tools.ts';

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** A new empty folder; `inside` names one below it, so that the workspace's folder has a name to tell the scope from. */
export function emptyFolder(inside = 'my-scope'): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'fastapi-lambda-')), inside);
  mkdirSync(folder);
  return folder;
}

/** Runs a program to its end. */
export function run(program: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = toolEnv()): Outcome {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return { status, stdout, stderr };
}

/** Runs a program that has to succeed; its output is in the error when it does not. */
export function runOk(program: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = toolEnv()): string {
  const { status, stdout, stderr } = run(program, args, cwd, env);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} exited with ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

/** The own command, as `npm run build` has made it. */
export const command = join(packageRoot(), 'dist', 'cli.js');

/** Runs the own command, without a terminal. */
export const fastapiLambda = (args: string[], cwd: string, env?: NodeJS.ProcessEnv): Outcome =>
  run(process.execPath, [command, ...args], cwd, env);

/** A git repository in a new folder, with everything that a run of the own command has written committed. */
export function generated(args: string[], folder = emptyFolder()): string {
  runOk('git', ['init', '--quiet', '--initial-branch', 'main'], folder);
  runOk(process.execPath, [command, ...args, '--yes'], folder);
  commitAll(folder);
  return folder;
}

export function commitAll(folder: string): void {
  runOk('git', ['add', '--all'], folder);
  runOk('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '--allow-empty', '-m', 'state'], folder);
}

export const gitStatus = (folder: string): string => runOk('git', ['status', '--porcelain'], folder);

/** The file that starts Nx of a generated workspace. */
export const nxProgram = (workspace: string): string => join(workspace, 'node_modules', 'nx', 'dist', 'bin', 'nx.js');

/** Runs Nx of a generated workspace. */
export function nx(args: string[], workspace: string, env: NodeJS.ProcessEnv = toolEnv()): Outcome {
  return run(process.execPath, [nxProgram(workspace), ...args], workspace, env);
}

export function nxOk(args: string[], workspace: string, env?: NodeJS.ProcessEnv): string {
  const { status, stdout, stderr } = nx(args, workspace, env);
  if (status !== 0) throw new Error(`nx ${args.join(' ')} exited with ${status}\n${stdout}\n${stderr}`);
  return stdout + stderr;
}

/** A port of the loopback interface that is free at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Polls until a condition gives a value. */
export async function until<T>(what: string, check: () => Promise<T | undefined> | T | undefined, seconds = 60): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`${what} did not happen within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Starts a program in a process group of its own, to be ended with `stop`. */
export function start(program: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = toolEnv()) {
  const child = spawn(program, args, { cwd, env, detached: true });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    output += data;
  });
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  return {
    output: () => output,
    async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, signal);
      return ended;
    },
  };
}
