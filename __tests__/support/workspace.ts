import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { commitAll, execute, generate, type Outcome, spawn as runToEnd } from './generate.ts';
import { temporaryFolder } from './temporary.ts';
import { toolEnv } from './tools.ts';

export { command, gitStatus, type Outcome } from './generate.ts';

/** A new empty folder whose name the scope can be told from. */
export const emptyFolder = (): string => temporaryFolder('my-scope');

/** Runs a program to its end, with the tools of the tests on its path. */
export const run = (program: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = toolEnv()): Outcome =>
  runToEnd(program, args, cwd, { env });

/** Runs a program that has to succeed; its output is in the error when it does not. */
export const runOk = (program: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = toolEnv()): string =>
  execute(program, args, cwd, { env });

/** A git repository in a new folder, with everything that a run of the own command has written committed. */
export function generated(args: string[], folder = emptyFolder()): string {
  runOk('git', ['init', '--quiet', '--initial-branch', 'main'], folder);
  generate([...args, '--yes'], folder, { env: toolEnv() });
  commitAll(folder);
  return folder;
}

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
