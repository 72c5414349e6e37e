import { chownSync, cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { jest } from '@jest/globals';
import { packageRoot } from '../../../lib/package-root.ts';
import { answers, command, fastapiLambda, gitFiles, isFull, type Outcome, plainEnv, repository, spawn } from '../../support/trust-run.ts';
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
  // The files at the root are merged into, the records are ours alone, and a folder with a manifest is another project's: refused.
  const others = /^(?:[^/]+|\.fastapi-lambda\/.*|packages\/my-api\/(?:project\.json|pyproject\.toml))$/;
  conflictable = gitFiles(clean).filter((path) => !others.test(path));
});

/** The files to try: all of them, or some, and one where each run takes long. */
const chosen = (name: keyof typeof commands): string[] => {
  const count = isFull ? conflictable.length : name === 'fastapi-lambda' ? 3 : 1;
  return conflictable.filter((_, index) => index % Math.ceil(conflictable.length / count) === 0);
};

/** A repository with two files of the user's in the way, of which one is `path`. */
function inTheWay(path: string): string {
  const other = path === 'packages/my-api/run.sh' ? 'packages/my-api/scripts/bundle.py' : 'packages/my-api/run.sh';
  const root = tree({ [path]: 'written by the user\n', [other]: 'written by the user, too\n' });
  own(root);
  return root;
}

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

  test.each(Object.entries(stops))('%s, also after an earlier yes: nothing is written, exit code 1', (_, stop) => {
    for (const path of chosen(name)) {
      const root = inTheWay(path);
      const before = treeHash(root);
      for (const steps of [[stop], [{ wait: question, send: 'y\r' }, stop]]) {
        const { status, output, missed } = atTerminal(runner.argv, steps, { ...runner, cwd: root });
        expect({ path, missed, changed: treeHash(root) !== before, status, output: status === 1 ? '' : plain(output).slice(-600) }).toEqual(
          {
            path,
            missed: null,
            changed: false,
            status: 1,
            output: '',
          },
        );
        expect(plain(output)).not.toMatch(/^\s+at /m);
      }
    }
  });

  test('without a terminal: nothing is written, exit code 1, the files and the ways on are named', () => {
    for (const path of chosen(name)) {
      const root = inTheWay(path);
      const before = treeHash(root);
      const outcome: Outcome = spawn(runner.argv[0] as string, runner.argv.slice(1), root, runner);
      expect(outcome.status).toBe(1);
      expect(treeHash(root)).toBe(before);
      expect(outcome.stderr).toContain(path);
      for (const way of ['--force', '--dry-run', '--merge']) expect(outcome.stderr).toContain(way);
      expect(outcome.stderr + outcome.stdout).not.toMatch(/^\s+at /m);
    }
  });

  test('n keeps that file and goes on: the rest is as in an empty folder', () => {
    for (const path of chosen(name)) {
      const root = tree({ [path]: 'written by the user\n' });
      own(root);
      const { status, missed } = atTerminal(runner.argv, [{ wait: question, send: 'n\r' }], { ...runner, cwd: root });
      expect({ status, missed }).toEqual({ status: 0, missed: null });
      const expected = tree();
      cpSync(clean, expected, { recursive: true });
      put(expected, {
        [path]: 'written by the user\n',
        ...(name.startsWith('another') ? { 'other.txt': 'of the other generator\n' } : {}),
      });
      expect(snapshot(root)).toEqual(snapshot(expected, ['.git']));
    }
  });
});
