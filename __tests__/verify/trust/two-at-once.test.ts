import { spawn } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { jest } from '@jest/globals';
import { command, fastapiLambda, generate, isFull, plainEnv } from '../../support/trust-run.ts';
import { put, read, snapshot, tree } from '../../support/trust-tree.ts';

jest.setTimeout(60 * 60_000);

const times = isFull ? 50 : 10;
const common = ['--skip-install', '--yes'];
const orders = ['Orders', '--scope', 'shop', '--iac-provider', 'CDK', ...common];
const billing = ['Billing', '--scope', 'shop', '--iac-provider', 'CDK', ...common];
const update = ['update', ...common];

interface Outcome {
  status: number | null;
  stderr: string;
}

test(`two new APIs at once, ${times} times: both are there, or one run stopped with one line and a retry gives both`, async () => {
  const ends = [
    [orders, billing],
    [billing, orders],
  ].map((both) => afterwards(tree(), both));
  await repeat(() => tree(), [orders, billing], ends);
});

test(`an update beside a new API, ${times} times`, async () => {
  const old = tree();
  generate(orders, old);
  // Something for the update to write: an older version's answers, and a file that is missing.
  put(old, { '.yo-rc.json': read(old, '.yo-rc.json').replace(/"version": "[^"]+"/, '"version": "0.0.1"') });
  rmSync(join(old, 'packages/orders/run.sh'));
  const ends = [
    [update, billing],
    [billing, update],
  ].map((both) => afterwards(copyOf(old), both));
  await repeat(() => copyOf(old), [update, billing], ends);
});

async function repeat(start: () => string, both: readonly string[][], ends: readonly Map<string, string>[]): Promise<void> {
  const seen = { both: 0, retried: 0 };
  for (let time = 0; time < times; time += 1) {
    const root = start();
    // A little apart, each time another way: one of them is somewhere in its commit when the other begins.
    const outcomes = await Promise.all(both.map((args, index) => run(args, root, index === time % 2 ? 0 : (time * 37) % 250)));
    const failed = both.filter((_, index) => outcomes[index]?.status !== 0);
    for (const { status, stderr } of outcomes) {
      if (status === 0) continue;
      // Beside Yeoman's list of what was decided.
      const lines = stderr
        .split('\n')
        .filter((line) => line.trim() !== '' && !/^ *(create|update|identical) /.test(line) && !isOpening(line));
      expect({ status, lines }).toEqual({ status: 1, lines: [expect.stringMatching(/[Rr]un again/)] });
    }
    expect(failed.length).toBeLessThan(2);
    for (const args of failed) {
      const { status, stderr } = fastapiLambda(args, root);
      expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    }
    seen[failed.length === 0 ? 'both' : 'retried'] += 1;
    const found = snapshot(root);
    const wrong = ends.map((end) => [...new Set([...end.keys(), ...found.keys()])].filter((path) => end.get(path) !== found.get(path)));
    wrong.sort((one, other) => one.length - other.length);
    expect({ time, wrong: wrong[0] }).toEqual({ time, wrong: [] });
    rmSync(root, { recursive: true, force: true });
  }
  process.stdout.write(`${times} times: ${seen.both} times both at once, ${seen.retried} times after a retry\n`);
}

const isOpening = (line: string): boolean => line.startsWith('The workspace was written by version');

function afterwards(root: string, runs: readonly string[][]): Map<string, string> {
  for (const args of runs) generate(args, root);
  return snapshot(root);
}

function copyOf(root: string): string {
  const copy = tree();
  cpSync(root, copy, { recursive: true, preserveTimestamps: true });
  return copy;
}

async function run(args: readonly string[], cwd: string, delay: number): Promise<Outcome> {
  await new Promise((resolve) => setTimeout(resolve, delay));
  const child = spawn(process.execPath, [command(), ...args], { cwd, env: plainEnv(), stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stderr })));
}
