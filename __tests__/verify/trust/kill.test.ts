import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { jest } from '@jest/globals';
import { answers, command, fastapiLambda, generate, isFull, plainEnv, seeded } from '../../support/trust-run.ts';
import { put, read, snapshot, tree } from '../../support/trust-tree.ts';

jest.setTimeout(60 * 60_000);

const seed = 20_261_125;
const kills = isFull ? 50 : 10;

/** Arguments of a run for one API of the workspace. */
const run = (name: string, module: string, auth: string): string[] => [
  name,
  ...answers.map((value) => (value === 'my_api' ? module : value === 'IAM' ? auth : value)),
  '--yes',
];
/** The run that is killed: it changes what is there for one API, merges an edit, and writes files of the workspace. */
const killed = run('My API', 'my_api', 'Cognito');
const other = run('Other API', 'other_api', 'IAM');

const hasStrace = spawnSync('strace', ['-V']).status === 0;
/** The calls of the system that change a tree, each of which the kill may come at. */
const calls = ['mkdir', 'rename', 'link', 'unlink', 'rmdir', 'openat', 'write', 'fsync', 'ftruncate', 'fchmod', 'pwrite64', 'close'];
const changing = new Set(['mkdir', 'rename', 'link', 'unlink', 'rmdir', 'fsync', 'pwrite64', 'fchmod']);

const copyOf = (root: string): string => {
  const copy = tree();
  cpSync(root, copy, { recursive: true, preserveTimestamps: true });
  return copy;
};

const journal = '.fastapi-lambda/.journal';

type Content = Map<string, string>;
const same = (a: Content, b: Content): boolean => a.size === b.size && [...a].every(([path, entry]) => b.get(path) === entry);

test(`${kills} kills: the old tree, the new tree, or a journal from which the next run recovers`, async () => {
  const old = tree();
  generate(run('My API', 'my_api', 'IAM'), old);
  const edited = 'packages/my-api/my_api/init.py';
  put(old, { [edited]: `${read(old, edited)}\n# an edit of the user\n` });
  const states = {
    old: snapshot(old),
    new: afterwards(old, [killed]),
    oldAndOther: afterwards(old, [other]),
    newAndOther: afterwards(old, [killed, other]),
  };
  expect(same(states.old, states.new)).toBe(false);

  const counts = hasStrace ? countCalls(copyOf(old)) : new Map<string, number>();
  const choose = seeded(seed);
  const seen: Record<string, number> = {};
  for (let index = 0; index < kills; index += 1) {
    const root = copyOf(old);
    const atCall = hasStrace && index % 5 !== 4;
    const moment = atCall ? await killAtCall(root, counts, choose) : await killAtRandom(root, choose);
    const left = snapshot(root);
    const isWhole = same(left, states.old) ? 'old tree' : same(left, states.new) ? 'new tree' : 'journal';
    if (isWhole === 'journal') expect({ moment, journal: existsSync(join(root, journal)) }).toEqual({ moment, journal: true });

    const next = index % 2 === 0 ? killed : other;
    const outcome = fastapiLambda(next, root);
    expect({ moment, status: outcome.status, stderr: outcome.status === 0 ? '' : outcome.stderr }).toEqual({
      moment,
      status: 0,
      stderr: '',
    });
    const after = snapshot(root);
    const recovery = /it has been (finished|reverted)/.exec(outcome.stderr + outcome.stdout)?.[1];
    if (isWhole === 'journal') expect({ moment, recovery }).toEqual({ moment, recovery: expect.stringMatching(/finished|reverted/) });
    const right = next === killed ? same(after, states.new) : same(after, states.oldAndOther) || same(after, states.newAndOther);
    expect({ moment, isWhole, recovery, next: next[0], right }).toEqual({ moment, isWhole, recovery, next: next[0], right: true });
    const what = recovery ? `journal, ${recovery} by a run for ${next === killed ? 'the same' : 'another'} API` : isWhole;
    seen[what] = (seen[what] ?? 0) + 1;
  }
  const summary = Object.entries(seen).map(([what, times]) => `  ${String(times).padStart(3)}  ${what}`);
  process.stdout.write(
    `${kills} kills (seed ${seed}${hasStrace ? '' : ', without strace: at random moments only'}):\n${summary.join('\n')}\n`,
  );
});

/** The tree after some runs, one after the other. */
function afterwards(root: string, runs: string[][]): Content {
  const copy = copyOf(root);
  for (const args of runs) generate(args, copy);
  return snapshot(copy);
}

/** How often the main thread of a run does each call. */
function countCalls(root: string): Map<string, number> {
  const { stderr } = spawnSync(
    'strace',
    ['-qq', '-f', '-c', '-U', 'name,calls', '-e', `trace=${calls.join(',')}`, process.execPath, command(), ...killed],
    {
      cwd: root,
      env: plainEnv(),
      encoding: 'utf8',
    },
  );
  const counts = new Map<string, number>();
  for (const [, name, count] of stderr.matchAll(/^\s*([a-z0-9]+)\s+(\d+)\s*$/gm)) {
    if (name !== undefined && changing.has(name)) counts.set(name, Number(count));
  }
  if (counts.size === 0) throw new Error(`strace counted nothing: ${stderr.slice(-500)}`);
  return counts;
}

/** Kills a run at the n-th of its calls of one kind. */
async function killAtCall(root: string, counts: Map<string, number>, choose: (below: number) => number): Promise<string> {
  const names = [...counts.keys()];
  const name = names[choose(names.length)] as string;
  const nth = 1 + choose(counts.get(name) as number);
  const args = ['-qq', '-f', '-o', '/dev/null', '-e', `trace=${name}`, '-e', `inject=${name}:signal=SIGKILL:when=${nth}`];
  await new Promise((resolve) => {
    spawn('strace', [...args, process.execPath, command(), ...killed], { cwd: root, env: plainEnv(), stdio: 'ignore' }).on('exit', resolve);
  });
  return `at ${name} ${nth}`;
}

/** Kills a run after some milliseconds. */
async function killAtRandom(root: string, choose: (below: number) => number): Promise<string> {
  const milliseconds = 200 + choose(800);
  const child = spawn(process.execPath, [command(), ...killed], { cwd: root, env: plainEnv(), stdio: 'ignore' });
  const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
  await new Promise((resolve) => child.on('exit', resolve));
  clearTimeout(timer);
  return `after ${milliseconds} ms`;
}
