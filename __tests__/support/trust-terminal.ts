import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

/** What to do once a text has appeared: type, take the terminal away, or send a signal; before it, a text may be added to a file. */
export type TerminalStep = { wait: string; append?: [path: string, text: string] } & (
  | { send: string }
  | { close: true }
  | { signal: NodeJS.Signals }
);

export interface TerminalOutcome {
  /** Exit code, a negative signal, or `null` for a program that had to be ended because it did not. */
  status: number | null;
  output: string;
  /** The text that was waited for in vain. */
  missed: string | null;
}

export interface TerminalOptions {
  cwd: string;
  env?: NodeJS.ProcessEnv;
  /** User to run as; default: the one that runs the tests. */
  uid?: number;
  /** When to give up. Default 60. */
  seconds?: number;
}

/** Runs a program at a pseudo-terminal, by Python's `pty` module. */
export function atTerminal(argv: readonly string[], steps: readonly TerminalStep[], options: TerminalOptions): TerminalOutcome {
  const { cwd, env = process.env, uid, seconds = 60 } = options;
  const script = fileURLToPath(new URL('./trust-terminal.py', import.meta.url));
  const input = JSON.stringify({ argv, cwd, env: { ...env, TERM: 'xterm' }, steps, uid, seconds });
  const { stdout, stderr } = spawnSync('python3', [script], { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (stdout === '') throw new Error(`the terminal did not start: ${stderr}`);
  return JSON.parse(stdout) as TerminalOutcome;
}

/** A terminal's output without its control sequences. */
export const plain = (output: string): string => stripVTControlCharacters(output).replaceAll('\r', '');
