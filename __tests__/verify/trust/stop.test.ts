import { chownSync, cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { jest } from '@jest/globals';
import lodash from 'lodash';
import { writtenOnce } from '../../../lib/plan/tree.ts';
import { packageRoot } from '../../../lib/templates/package-root.ts';
import { answers, command, fastapiLambda, gitFiles, isFull, plainEnv, repository, spawn } from '../../support/trust-run.ts';
import { atTerminal, plain, type TerminalStep } from '../../support/trust-terminal.ts';
import { put, snapshot, tree, treeHash } from '../../support/trust-tree.ts';

jest.setTimeout(60 * 60_000);

const args = ['My API', ...answers];
const question = 'Overwrite [^?]*\\?';

/** yo does not run as root: it is given a user and a home folder of that user. */
const yoUser = process.getuid?.() === 0 ? 1000 : undefined;

interface Command {
  argv: string[];
  env: NodeJS.ProcessEnv;
  uid?: number;
}

const commands: Record<'fastapi-lambda' | 'yo fastapi-lambda' | 'another generator that composes ours', () => Command> = {
  'fastapi-lambda': () => ({ argv: [process.execPath, command(), ...args], env: plainEnv() }),
  'yo fastapi-lambda': () => {
    const prefix = tree();
    mkdirSync(join(prefix, 'home'));
    mkdirSync(join(prefix, 'node_modules'));
    symlinkSync(packageRoot(), join(prefix, 'node_modules', 'generator-fastapi-lambda'));
    command();
    own(prefix);
    return {
      argv: [process.execPath, join(packageRoot(), 'node_modules', 'yo', 'lib', 'cli.js'), 'fastapi-lambda', ...args],
      env: plainEnv({ HOME: join(prefix, 'home'), NODE_PATH: join(prefix, 'node_modules') }),
      uid: yoUser,
    };
  },
  'another generator that composes ours': () => {
    const folder = tree({ 'run.mjs': composing() });
    command();
    symlinkSync(join(packageRoot(), 'node_modules'), join(folder, 'node_modules'));
    return { argv: [process.execPath, join(folder, 'run.mjs')], env: plainEnv() };
  },
};

/** Options of ours as a composing generator passes them: the flags in camelCase. */
const options = Object.fromEntries(
  answers.slice(0, -1).flatMap((value, index, all) => {
    const name = value.replace(/^--/, '').replace(/-[a-z]/g, (part) => part.slice(1).toUpperCase());
    return index % 2 === 0 ? [[name, all[index + 1]]] : [];
  }),
);

/** A program that runs a generator which writes a file of its own and composes ours. */
const composing = (): string => `
  import { createEnv } from 'yeoman-environment';
  import Generator from 'yeoman-generator';
  import App from ${JSON.stringify(join(packageRoot(), 'dist', 'generators', 'app', 'index.js'))};

  class Other extends Generator {
    async initializing() {
      const path = ${JSON.stringify(join(packageRoot(), 'dist', 'generators', 'app', 'index.js'))};
      await this.composeWith({ Generator: App, path }, ${JSON.stringify({ name: 'My API', skipInstall: true, ...options })});
    }
    writing() {
      this.fs.write(this.destinationPath('other.txt'), 'of the other generator\\n');
    }
  }

  const environment = createEnv();
  environment.register(Other, { namespace: 'other', resolved: process.cwd() + '/generators/app/index.js' });
  await environment.run(['other']).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
`;

/** Gives a tree to the user that yo runs as. */
function own(root: string): void {
  if (yoUser === undefined) return;
  chownSync(root, yoUser, yoUser);
  for (const path of snapshot(root).keys()) if (!path.startsWith('node_modules/')) chownSync(join(root, path), yoUser, yoUser);
}

let clean: string;
let conflictable: string[];
beforeAll(() => {
  clean = repository();
  const { status, stderr } = fastapiLambda([...args, '--yes'], clean);
  if (status !== 0) throw new Error(stderr);
  // The files at the root are merged into or left as they are, the records are ours alone, and what is the user's in a shared
  // folder stays as it is.
  conflictable = gitFiles(clean).filter(
    (path) => path.includes('/') && !/^(\.fastapi-lambda\/|packages\/(common|infra)\/.*(README\.md|\/stages\/))/.test(path),
  );
});

/** Whether a command is the own one, which is tried in full; the others differ in how a run begins and ends, not in the files. */
const isOwn = (name: keyof typeof commands): boolean => name === 'fastapi-lambda';

/** The files that conflict one by one: in full size each of them, and for the other commands two for each way to stop. */
const chosen = (name: keyof typeof commands): string[] => {
  const least = isOwn(name) ? 3 : 1;
  const count = !isFull ? least : isOwn(name) ? conflictable.length : 2 * Object.keys(stops).length;
  return spread(conflictable, count);
};

/** The files that conflict all at once, in each of the two kinds of trees. */
const groups = (name: keyof typeof commands): string[][] => {
  const few = isFull && isOwn(name) ? conflictable : chosen(name);
  const [ofNewApi, others] = lodash.partition(few, isOfNewApi);
  return [ofNewApi, others].flatMap((paths) => lodash.chunk(paths, 20));
};

const spread = <T>(all: readonly T[], count: number): T[] => all.filter((_, index) => index % Math.ceil(all.length / count) === 0);

/** Whether a file is a conflict where an API is new, rather than in a workspace without a record of what was written. */
const isOfNewApi = (path: string): boolean => writtenOnce.api.some((pattern) => pattern.test(path.replace('packages/my-api/', '')));

/**
 * A tree in which each of these files is a conflict. What is written once is one where an API is new; any other file is one in a
 * workspace without a record of what was written, such as one whose `.fastapi-lambda` was never committed.
 */
function inTheWay(files: Record<string, string>): string {
  const root = tree();
  if (!Object.keys(files).some(isOfNewApi))
    cpSync(clean, root, { recursive: true, filter: (path) => !/[/\\]\.(git|fastapi-lambda)$/.test(path) });
  put(root, files);
  own(root);
  return root;
}

/** The second file in the way, which is asked about after the first. */
const otherThan = (path: string): string =>
  path === 'packages/my-api/run.sh' ? 'packages/my-api/scripts/generate_open_api.py' : 'packages/my-api/run.sh';

const stops: Record<string, TerminalStep> = {
  'x at the question': { wait: question, send: 'x\r' },
  'Ctrl-C at the question': { wait: question, send: '\u0003' },
  'end of input at the question': { wait: question, send: '\u0004' },
  'hang-up at the question': { wait: question, close: true },
  'SIGHUP at the question': { wait: question, signal: 'SIGHUP' },
};

describe.each(Object.keys(commands) as (keyof typeof commands)[])('%s', (name) => {
  let runner: Command;
  beforeAll(() => {
    runner = commands[name]();
  });

  test('stopped at a question, also after an earlier yes: nothing is written, exit code 1', () => {
    const wrong: object[] = [];
    for (const [how, stop, path, isSecond] of stopsOf(name)) {
      const root = inTheWay({ [path]: 'written by the user\n', [otherThan(path)]: 'written by the user, too\n' });
      const before = treeHash(root);
      const steps = isSecond ? [{ wait: question, send: 'y\r' }, stop] : [stop];
      const { status, output, missed } = atTerminal(runner.argv, steps, { ...runner, cwd: root });
      const isAsBefore = treeHash(root) === before;
      const hasTrace = /^\s+at /m.test(plain(output));
      if (status !== 1 || missed !== null || !isAsBefore || hasTrace)
        wrong.push({ how, path, isSecond, status, missed, isAsBefore, output: plain(output).slice(-600) });
    }
    expect(wrong).toEqual([]);
  });

  test('without a terminal: nothing is written, exit code 1, the files and the ways on are named', () => {
    const wrong: object[] = [];
    for (const paths of groups(name)) {
      const root = inTheWay(Object.fromEntries(paths.map((path) => [path, 'written by the user\n'])));
      const before = treeHash(root);
      const { status, stdout, stderr } = spawn(runner.argv[0] as string, runner.argv.slice(1), root, runner);
      const isAsBefore = treeHash(root) === before;
      const hasTrace = /^\s+at /m.test(stderr + stdout);
      const unnamed = [...paths, '--force', '--dry-run', '--merge'].filter((text) => !stderr.includes(text));
      if (status !== 1 || !isAsBefore || hasTrace || unnamed.length > 0) wrong.push({ paths, status, isAsBefore, unnamed, stderr });
    }
    expect(wrong).toEqual([]);
  });

  test('n keeps each file and goes on: the rest is as in an empty folder', () => {
    const wrong: object[] = [];
    for (const paths of groups(name)) {
      const texts = Object.fromEntries(paths.map((path) => [path, 'written by the user\n']));
      const root = inTheWay(texts);
      // Something that is left to write after the questions.
      const last = paths.includes(otherThan('')) ? undefined : otherThan('');
      if (last !== undefined) rmSync(join(root, last), { force: true });
      const steps = paths.map(() => ({ wait: question, send: 'n\r' }));
      const { status, missed, output } = atTerminal(runner.argv, steps, { ...runner, cwd: root });
      const expected = tree();
      cpSync(clean, expected, { recursive: true });
      put(expected, { ...texts, ...(name.startsWith('another') ? { 'other.txt': 'of the other generator\n' } : {}) });
      // A lost record is made again with the root's files as additions, since what they were before is not known; what was kept is in none.
      const skipped = ['.git', '.fastapi-lambda'];
      const differences = differencesOf(snapshot(root, skipped), snapshot(expected, skipped));
      const isTheirs = paths.some(isOfNewApi);
      const said = isTheirs ? 'and yours from now on' : 'and offered again by the next run';
      const unsaid = paths.filter((path) => !plain(output).includes(`Kept as it is, ${said}: ${path}`));
      if (status !== 0 || missed !== null || differences.length > 0 || unsaid.length > 0)
        wrong.push({ paths, status, missed, differences, unsaid, output: plain(output).slice(-600) });
      // And so it is.
      const before = treeHash(root);
      const again = spawn(runner.argv[0] as string, runner.argv.slice(1), root, runner);
      const unnamed = isTheirs ? [] : paths.filter((path) => !again.stderr.includes(path));
      if (treeHash(root) !== before || again.status !== (isTheirs ? 0 : 1) || unnamed.length > 0)
        wrong.push({ paths, again: again.status, unnamed, stderr: again.stderr });
    }
    expect(wrong).toEqual([]);
  });
});

/**
 * What is stopped, how, and whether a question was answered before: each way with and without that, one way in turn for each file. A file
 * has no part in how a program ends; that it is asked about and left is what all of them are tried for.
 */
function stopsOf(name: keyof typeof commands): [how: string, stop: TerminalStep, path: string, isSecond: boolean][] {
  const ways = [false, true].flatMap((isSecond) => Object.entries(stops).map(([how, stop]) => [how, stop, isSecond] as const));
  const paths = chosen(name);
  return Array.from({ length: Math.max(ways.length, paths.length) }, (_, index) => {
    const [how, stop, isSecond] = ways[index % ways.length] as (typeof ways)[number];
    return [how, stop, paths[index % paths.length] as string, isSecond];
  });
}

const differencesOf = (one: Map<string, string>, other: Map<string, string>): string[] =>
  [...new Set([...one.keys(), ...other.keys()])].filter((path) => one.get(path) !== other.get(path));
