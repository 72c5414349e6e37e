import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { commitAll, execute, fastapiLambda, gitStatus, plainEnv } from '../../support/generate.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** Stands in for a package manager: writes down how it was called, and makes its folder unless it is told to fail. */
const standIn = (folder: string): string => `#!/bin/sh
echo "$(basename "$0") $*" >> "$CALLS"
[ -n "$FAIL" ] && exit 1
mkdir -p ${folder}
`;

/** A workspace of one API, and a run of the own command in it that gives the installs it has called. */
function workspace() {
  const bin = temporaryFolder();
  for (const [name, folder] of [
    ['npm', 'node_modules'],
    ['uv', '.venv'],
  ] as const) {
    writeFileSync(join(bin, name), standIn(folder));
    chmodSync(join(bin, name), 0o755);
  }
  const root = temporaryFolder('my-scope');
  const calls = join(bin, 'calls');
  execute('git', ['init', '--quiet'], root);
  const generate = (args: string[] = [], env: NodeJS.ProcessEnv = {}) => {
    rmSync(calls, { force: true });
    const path = [bin, dirname(process.execPath), '/usr/bin', '/bin'].filter(
      (folder) => folder === bin || !existsSync(join(folder, 'pnpm')),
    );
    const { status, stderr } = fastapiLambda(['My API', '--yes', ...args], root, {
      env: plainEnv({ PATH: path.join(delimiter), CALLS: calls, ...env }),
    });
    return { status, stderr, installs: existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : [] };
  };
  return { root, generate };
}

const both = ['npm install', 'uv sync --all-packages'];

test('an install runs where it is due, and at no other time', () => {
  const { root, generate } = workspace();
  expect(generate().installs).toEqual(both);
  commitAll(root);
  expect(generate().installs).toEqual([]);
  expect(generate(['--auth', 'None']).installs).toEqual([]);

  rmSync(join(root, '.venv'), { recursive: true });
  expect(generate().installs).toEqual(['uv sync --all-packages']);
  rmSync(join(root, 'package.json'));
  expect(generate().installs).toEqual(['npm install']);
  expect(generate().installs).toEqual([]);
  expect(gitStatus(root)).not.toContain('install');
});

test('an install that failed or was skipped is due again, until it has succeeded', () => {
  const { root, generate } = workspace();
  const failed = generate([], { FAIL: '1' });
  expect(failed).toMatchObject({ status: 1, installs: ['npm install'] });
  expect(failed.stderr).toContain('"npm install" failed: the files are all written, so run it again in the workspace.');
  expect(generate().installs).toEqual(both);

  // Where the folders are there already, nothing but a note tells.
  rmSync(join(root, 'package.json'));
  const skipped = generate(['--skip-install']);
  expect(skipped.installs).toEqual([]);
  expect(skipped.stderr).toContain('To install: npm install');
  commitAll(root);
  expect(generate([], { FAIL: '1' }).installs).toEqual(['npm install']);
  expect(generate().installs[0]).toBe('npm install');
  expect(generate().installs).toEqual([]);
  expect(gitStatus(root)).toBe('');
});
