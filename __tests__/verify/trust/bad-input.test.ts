import { chmodSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { jest } from '@jest/globals';
import { type BadInputCase, badInputs } from '../../support/trust-bad-input.ts';
import { answers, fastapiLambda, generate, isFull, plainEnv, repository, seeded } from '../../support/trust-run.ts';
import { put, snapshot, tree } from '../../support/trust-tree.ts';

jest.setTimeout(60 * 60_000);

const seed = 8;
const count = isFull ? 500 : 100;

let workspace: string;
beforeAll(() => {
  workspace = repository();
  generate(['My API', ...answers, '--yes'], workspace);
});

/** A user who owns nothing of what the tests make. */
const nobody = 65534;

function attempt({ files = {}, prepare, args, inWorkspace, asOther }: BadInputCase): {
  root: string;
  before: Map<string, string>;
  outcome: ReturnType<typeof fastapiLambda>;
  outside: string;
} {
  const parent = tree();
  const root = join(parent, 'shop');
  if (inWorkspace) cpSync(workspace, root, { recursive: true });
  const outside = tree({ 'secret.txt': 'secret' });
  put(parent, { 'shop/.keep': '' });
  put(root, files);
  // Who looks for the folder has to get there.
  chmodSync(parent, 0o755);
  chmodSync(root, 0o755);
  prepare?.(root, outside);
  const before = snapshot(parent);
  const user = asOther && process.getuid?.() === 0 ? { uid: nobody, env: plainEnv({ HOME: '/' }) } : {};
  const outcome = fastapiLambda(args, root, user);
  return { root: parent, before, outcome, outside };
}

test(`${count} bad inputs: each one clear line, exit code 1, no byte written`, () => {
  const outsideBefore = snapshot(tree({ 'secret.txt': 'secret' }));
  const failures: unknown[] = [];
  for (const one of badInputs(count, seeded(seed))) {
    const { root, before, outcome, outside } = attempt(one);
    const lines = outcome.stderr.split('\n').filter((line) => line !== '');
    const faults = [
      outcome.status !== 1 && `exit code ${outcome.status}`,
      lines.length !== 1 && `${lines.length} lines`,
      outcome.stdout !== '' && 'something on standard output',
      /^\s+at |Error:|Unexpected error|node:internal|undefined/m.test(outcome.stderr.replace(/"[^"]*"/g, '')) &&
        'a stack trace or an inner error',
      lines.some((line) => line.length > 400) && 'a long line',
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not reach the terminal.
      /[\u0000-\u0009\u000b-\u001f]/.test(outcome.stderr) && 'a control character',
      !equal(snapshot(root), before) && 'a changed tree',
      !equal(snapshot(outside), outsideBefore) && 'a changed tree outside',
    ].filter(Boolean);
    if (faults.length > 0)
      failures.push({
        title: one.title,
        args: one.args.map((arg) => arg.slice(0, 60)),
        faults,
        output: (outcome.stdout.slice(0, 200) + outcome.stderr).slice(0, 700),
      });
  }
  process.stdout.write(`${count - failures.length} of ${count} bad inputs were refused in one line (seed ${seed})\n`);
  expect(failures).toEqual([]);
});

const equal = (a: Map<string, string>, b: Map<string, string>): boolean =>
  a.size === b.size && [...a].every(([path, entry]) => b.get(path) === entry);
