import { spawn, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { jest } from '@jest/globals';
import { unmarked } from '../../support/model-edits.ts';
import { comment } from '../../support/model-templates.ts';
import { command, commitAll, execute, fastapiLambda, generate, isFull, plainEnv, repository, seeded } from '../../support/trust-run.ts';
import { put, read, snapshot, tree } from '../../support/trust-tree.ts';

jest.setTimeout(60 * 60_000);

/** `KILL_SEED` plays a run of this test again. */
const seed = Number(process.env.KILL_SEED ?? Date.now() % 2 ** 31);
const sequences = isFull ? 200 : 10;

const common = ['--skip-install', '--yes', '--force'];
const runs: readonly string[][] = [
  ['Orders', '--scope', 'shop', '--iac-provider', 'CDK', '--auth', 'IAM'],
  ['Orders', '--iac-provider', 'CDK', '--auth', 'Cognito'],
  ['Billing', '--iac-provider', 'Terraform', '--compute-type', 'ServerlessApiGatewayHttpApi'],
  ['Billing', '--iac-provider', 'CDK', '--auth', 'Custom'],
  ['Map tiles', '--iac-provider', 'Terraform'],
  ['constructs'],
  ['update'],
];
/** Files of ours that no choice changes at their start: an edit there never conflicts. */
const quiet = [
  'packages/orders/conftest.py',
  'packages/billing/run.sh',
  'packages/common/runtime/src/fastapi_runtime/logs.py',
  'packages/common/constructs/src/core/api/utils.ts',
  'packages/infra/src/main.ts',
];
const once = ['packages/orders/orders/main.py', 'packages/billing/tests/test_main.py'];

const hasStrace = spawnSync('strace', ['-V']).status === 0;
/** Calls of the system that change a tree, and about how often a run does each. */
const calls: readonly [name: string, often: number][] = [
  ['rename', 40],
  ['rename', 90],
  ['link', 12],
  ['mkdir', 20],
  ['unlink', 8],
];

test(`${sequences} sequences of runs, most of them killed: the last update makes of them what there would be without kills`, async () => {
  const choose = seeded(seed);
  const seen = { runs: 0, killed: 0, unfinished: 0 };
  for (let index = 0; index < sequences; index += 1) await playSequence(choose, seen);
  expect(seen.killed).toBeGreaterThan(0);
  process.stdout.write(
    `${sequences} sequences of ${seen.runs} runs, ${seen.killed} of them killed, ${seen.unfinished} in the middle of their files (KILL_SEED=${seed}${hasStrace ? '' : ', without strace'})\n`,
  );
});

test('what a killed run has left is finished by the next one, also after "git clean -fdx", and it says so', async () => {
  const root = repository();
  generate([...(runs[0] as string[]), ...common], root);
  commitAll(root);
  const whole = tree();
  generate([...(runs[0] as string[]), ...common], whole);
  generate([...(runs[2] as string[]), ...common], whole);
  const killed = await killAt(root, [...(runs[2] as string[]), ...common], 'rename', 20);
  expect({ hasStrace, killed }).toEqual({ hasStrace, killed: hasStrace });
  if (!hasStrace) return;
  execute('git', ['clean', '-fdxq'], root);
  expect(JSON.parse(read(root, '.yo-rc.json'))['generator-fastapi-lambda'].unfinished).toBe(true);
  const { status, stdout, stderr } = fastapiLambda(['update', '--skip-install', '--yes'], root);
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout + stderr).toContain('An earlier run was interrupted while it wrote its files');
  expect(differences(root, whole)).toEqual([]);
});

const differences = (one: string, other: string): string[] => {
  const [first, second] = [snapshot(one, ['.git']), snapshot(other, ['.git'])];
  return [...new Set([...first.keys(), ...second.keys()])].filter((path) => first.get(path) !== second.get(path));
};

async function playSequence(choose: (below: number) => number, seen: { runs: number; killed: number; unfinished: number }): Promise<void> {
  const root = tree();
  const moments: string[] = [];
  const marks = new Map<string, string[]>();
  const texts = new Map<string, string>();
  const length = 2 + choose(2);
  for (let step = 0; step < length; step += 1) {
    // Before there is an API there is nothing to bring up to date.
    const args = [...(runs[step === 0 ? 0 : choose(runs.length)] as string[]), ...common];
    if (args[0] === 'update' && !existsSync(join(root, '.yo-rc.json'))) continue;
    // Without one of its own, a second flavour would be refused after a kill at the start.
    if (args.includes('--scope') === false && !existsSync(join(root, '.yo-rc.json'))) args.push('--scope', 'shop');
    seen.runs += 1;
    if (choose(10) < 8) {
      const [name, often] = calls[choose(calls.length)] as [string, number];
      const isKilled =
        hasStrace && choose(5) > 0 ? await killAt(root, args, name, 1 + choose(often)) : await killAfter(root, args, 200 + choose(600));
      seen.killed += Number(isKilled);
      const isUnfinished = existsSync(join(root, '.yo-rc.json')) && read(root, '.yo-rc.json').includes('"unfinished": true');
      seen.unfinished += Number(isUnfinished);
      moments.push(`${args[0]}: ${isKilled ? `killed at ${name}` : 'whole'}${isUnfinished ? ', unfinished' : ''}`);
    } else {
      const { status, stderr } = fastapiLambda(args, root);
      expect({ seed, moments, args, status, stderr: status === 0 ? '' : stderr }).toEqual({ seed, moments, args, status: 0, stderr: '' });
      moments.push(`${args[0]}: whole`);
    }
    edit(root, step, choose, marks, texts);
  }
  if (!existsSync(join(root, '.yo-rc.json'))) return;
  const { status, stderr } = fastapiLambda(['update', ...common], root);
  expect({ seed, moments, status, stderr: status === 0 ? '' : stderr }).toEqual({ seed, moments, status: 0, stderr: '' });

  // The same answers in an empty folder, where all is still to be made.
  const fresh = tree();
  const answers = JSON.parse(read(root, '.yo-rc.json')) as Record<string, object>;
  expect(answers['generator-fastapi-lambda']).not.toHaveProperty('unfinished');
  put(fresh, {
    '.yo-rc.json': JSON.stringify({ 'generator-fastapi-lambda': { ...answers['generator-fastapi-lambda'], unfinished: true } }),
  });
  generate(['update', ...common], fresh);
  const wrong: string[] = [];
  for (const [path, entry] of snapshot(fresh, ['.fastapi-lambda'])) {
    if (path === '.yo-rc.json' || entry.startsWith('folder') || texts.has(path)) continue;
    const text = existsSync(join(root, path)) ? read(root, path) : undefined;
    // A file that is written once is as its first run made it.
    const isRight = text === undefined ? false : writtenOnce.test(path) || unmarked(text) === unmarked(read(fresh, path));
    if (!isRight) wrong.push(path);
  }
  for (const [path, lines] of marks) for (const line of lines) if (!read(root, path).includes(line)) wrong.push(`${path}: ${line}`);
  for (const [path, text] of texts) if (!existsSync(join(root, path)) || read(root, path) !== text) wrong.push(path);
  expect({ seed, moments, wrong }).toEqual({ seed, moments, wrong: [] });
  rmSync(root, { recursive: true, force: true });
  rmSync(fresh, { recursive: true, force: true });
}

const writtenOnce = /README\.md$|\/main\.py$|\/tests\/|authorizer\.py$|\.tfvars$|\.tfbackend$|application-stage\.ts$/;

/** A user's edits between two runs: a line in a file of ours, one in a file that is the user's, and a new file. */
function edit(
  root: string,
  step: number,
  choose: (below: number) => number,
  marks: Map<string, string[]>,
  texts: Map<string, string>,
): void {
  // An unfinished run has no record yet: what was edited in its files can't be told from what it wrote.
  const isWhole = !existsSync(join(root, '.yo-rc.json')) || !read(root, '.yo-rc.json').includes('"unfinished": true');
  const path = quiet[choose(quiet.length)] as string;
  if (isWhole && existsSync(join(root, path))) {
    const line = comment(path, `mark-${step}`);
    const [first = '', ...rest] = read(root, path).split('\n');
    put(root, { [path]: first.startsWith('#!') ? [first, line, ...rest].join('\n') : [line, first, ...rest].join('\n') });
    marks.set(path, [...(marks.get(path) ?? []), line]);
  }
  const own = once[choose(once.length)] as string;
  if (existsSync(join(root, own))) {
    const text = `${read(root, own)}# mark-${step}\n`;
    put(root, { [own]: text });
    texts.set(own, text);
  }
  const made = `packages/orders/orders/own_${step}.py`;
  put(root, { [made]: `own = ${step}\n` });
  texts.set(made, `own = ${step}\n`);
}

/** Kills a run at the n-th of its calls of one kind; whether it came to that. */
async function killAt(root: string, args: readonly string[], name: string, nth: number): Promise<boolean> {
  const trace = ['-qq', '-f', '-o', '/dev/null', '-e', `trace=${name}`, '-e', `inject=${name}:signal=SIGKILL:when=${nth}`];
  return new Promise((resolve) => {
    const child = spawn('strace', [...trace, process.execPath, command(), ...args], { cwd: root, env: plainEnv(), stdio: 'ignore' });
    child.on('exit', (status) => resolve(status !== 0));
  });
}

/** Kills a run after some milliseconds. */
async function killAfter(root: string, args: readonly string[], milliseconds: number): Promise<boolean> {
  const child = spawn(process.execPath, [command(), ...args], { cwd: root, env: plainEnv(), stdio: 'ignore' });
  const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
  const signal = await new Promise((resolve) => child.on('exit', (_, by) => resolve(by)));
  clearTimeout(timer);
  return signal === 'SIGKILL';
}
