import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { commitAll, execute, fastapiLambda, gitStatus, plainEnv } from '../../support/generate.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/**
 * Stands in for a package manager: writes down how it was called, and makes its folder unless it is told to fail. Told to, it waits until
 * it is not the only one that was called.
 */
const standIn = (folder: string): string => `#!/bin/sh
name=$(basename "$0")
echo "$name $*" >> "$CALLS"
echo "$name begins"
[ "$FAIL" = all ] || [ "$FAIL" = "$name" ] && exit 1
for i in $(seq 200); do
  [ -z "$TOGETHER" ] || [ "$(wc -l < "$CALLS")" -gt 1 ] && break
  sleep 0.1
done
[ -z "$TOGETHER" ] || [ "$(wc -l < "$CALLS")" -gt 1 ] || exit 1
mkdir -p ${folder}
echo "$name ends"
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
    const { status, stdout, stderr } = fastapiLambda(['My API', '--yes', ...args], root, {
      env: plainEnv({ PATH: path.join(delimiter), CALLS: calls, ...env }),
    });
    return { status, stdout, stderr, installs: existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n').sort() : [] };
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
  const failed = generate([], { FAIL: 'all' });
  expect(failed).toMatchObject({ status: 1, installs: both });
  expect(failed.stderr).toContain(
    '"npm install" and "uv sync --all-packages" failed: the files are all written, so run them again in the workspace.',
  );
  expect(generate().installs).toEqual(both);

  // Where the folders are there already, nothing but a note tells.
  rmSync(join(root, 'package.json'));
  const skipped = generate(['--skip-install']);
  expect(skipped.installs).toEqual([]);
  expect(skipped.stderr).toContain('To install: npm install');
  commitAll(root);
  expect(generate([], { FAIL: 'npm' }).installs).toEqual(['npm install']);
  expect(generate().installs[0]).toBe('npm install');
  expect(generate().installs).toEqual([]);
  expect(gitStatus(root)).toBe('');
});

test('the tools install side by side, the output of one after that of the other', () => {
  const { generate } = workspace();
  const { status, stdout, installs } = generate([], { TOGETHER: '1' });
  expect({ status, installs }).toEqual({ status: 0, installs: both });
  expect(stdout.match(/^\w+ (begins|ends)$/gm)).toEqual(['npm begins', 'npm ends', 'uv begins', 'uv ends']);
});

test('one that fails takes nothing from the other', () => {
  const { generate } = workspace();
  expect(generate([], { FAIL: 'npm' })).toMatchObject({
    status: 1,
    installs: both,
    stderr: expect.stringContaining('"npm install" failed'),
  });
  expect(generate([], { FAIL: 'uv' })).toMatchObject({ status: 0, installs: ['npm install'] });
  const other = workspace();
  expect(other.generate([], { FAIL: 'uv' })).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('"uv sync --all-packages" failed'),
  });
  expect(other.generate()).toMatchObject({ status: 0, installs: ['uv sync --all-packages'] });
});
