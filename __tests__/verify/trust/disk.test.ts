import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { jest } from '@jest/globals';
import { answers, command, execute, generate, plainEnv, repository, spawn } from '../../support/trust-run.ts';
import { snapshot, tree } from '../../support/trust-tree.ts';

jest.setTimeout(10 * 60_000);

const args = ['My API', ...answers, '--yes'];

/** Runs a script of the shell with the command's own arguments as `$@`. */
const shell = (script: string, cwd: string) =>
  spawn('bash', ['-c', script, 'bash', process.execPath, command(), ...args], cwd, { env: plainEnv({ NODE_COMPILE_CACHE: '' }) });

let workspace: string;
beforeAll(() => {
  workspace = repository();
  generate(['Other API', ...answers.map((value) => (value === 'my_api' ? 'other_api' : value)), '--yes'], workspace);
});

const copy = (): string => {
  const root = tree();
  cpSync(workspace, root, { recursive: true });
  return root;
};

test.each([1, 4, 16])('files may not grow beyond %i KiB: one line, exit code 1, no byte written', (limit) => {
  for (const root of [copy(), tree()]) {
    const before = snapshot(root);
    const { status, stderr } = shell(`ulimit -f ${limit}; exec "$@"`, root);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/ulimit -f.*nothing was changed\.\n$/) });
    expect(stderr.split('\n').filter((line) => !/^ +(create|update) /.test(line))).toHaveLength(2);
    expect(snapshot(root)).toEqual(before);
  }
});

/** Mounting needs root, which a container need not have the right to either. */
const mayMount = spawn('unshare', ['-m', 'true'], '/').status === 0;

test('a full disk: one line, exit code 1, no byte written', () => {
  if (!mayMount) {
    process.stdout.write('a full disk: skipped, no file system may be mounted here\n');
    return;
  }
  for (const size of [16, 64, 200, 280]) {
    const point = join(tree(), 'disk');
    mkdirSync(point);
    // In a mount space of its own, which ends with the shell: nothing stays mounted.
    const script = `
      mount -t tmpfs -o size=${size}k none '${point}' && cd '${point}' && echo kept > kept.txt
      before=$(find . | sort | xargs ls -ld --time-style=+ | sha256sum)
      "$@" > /dev/null 2> '${point}.txt'; status=$?
      after=$(find . | sort | xargs ls -ld --time-style=+ | sha256sum)
      echo "$status $([ "$before" = "$after" ] && echo same || find . | head -20) $(grep -v '^ *\\(create\\|force\\) ' '${point}.txt')"
    `;
    const { stdout } = spawn('unshare', ['-m', 'bash', '-c', script, 'bash', process.execPath, command(), ...args], '/');
    expect({ size, stdout }).toEqual({
      size,
      stdout: expect.stringMatching(/^1 same No space left for the files in [^\n]*: nothing was changed\. Make room, then run again\.\n$/),
    });
  }
});

test('a disk with just enough room is enough', () => {
  if (!mayMount) return;
  const point = join(tree(), 'disk');
  mkdirSync(point);
  const script = `mount -t tmpfs -o size=4m none '${point}' && cd '${point}' && "$@" > /dev/null 2>&1 && ls packages`;
  expect(execute('unshare', ['-m', 'bash', '-c', script, 'bash', process.execPath, command(), ...args], '/')).toContain('my-api');
});
