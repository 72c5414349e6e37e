import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { packageRoot } from '../../lib/templates/package-root.ts';
import { put, tree } from '../support/trust-tree.ts';

/** Takes the place of Node.js's functions that start programs, writes down what they are asked for, and starts nothing. */
const recorder = `
import childProcess from 'node:child_process';
import { EventEmitter } from 'node:events';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

Object.defineProperty(process, 'platform', { value: 'win32' });
const note = (program, args, options) => appendFileSync(process.env.CALLS, JSON.stringify({ program, args, shell: options?.shell ?? false }) + '\\n');
childProcess.execFileSync = (program, args, options) => {
  note(program, args, options);
  if (program === 'uv') throw new Error('no uv here');
};
childProcess.spawn = (program, args, options) => {
  note(program, args, options);
  const child = new EventEmitter();
  setImmediate(() => child.emit('exit', 0));
  return child;
};
for (const name of ['exec', 'execSync', 'spawnSync']) childProcess[name] = () => { throw new Error(name + ' is not expected'); };
syncBuiltinESMExports();
`;

interface Call {
  program: string;
  args: string[];
  shell: boolean | string;
}

test('on Windows, in a folder with blanks, no argument of the demo passes through a shell', () => {
  const root = join(tree(), 'my demo & co');
  mkdirSync(join(root, 'scripts'), { recursive: true });
  put(root, { 'recorder.mjs': recorder, 'package.json': '{ "type": "module" }' });
  copyFileSync(join(packageRoot(), 'scripts', 'demo.mjs'), join(root, 'scripts', 'demo.mjs'));
  const calls = join(root, 'calls.jsonl');
  const given = ['--auth', 'None', '--directory', 'a folder'];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', new URL(`file://${join(root, 'recorder.mjs')}`).href, 'scripts/demo.mjs', ...given],
    {
      cwd: root,
      env: { ...process.env, CALLS: calls },
      encoding: 'utf8',
    },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  // The demo's own uv is on no PATH but its own.
  expect(stdout).toContain('need uv on your PATH: pip install uv');
  const seen = readFileSync(calls, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Call);
  expect(seen.filter(({ shell }) => shell !== false)).toEqual([]);
  // Node.js starts no .cmd file without a shell, and finds no other program than an .exe.
  expect(
    seen.filter(({ program }) => program !== process.execPath && !['git', 'uv', 'python'].includes(program) && !program.endsWith('.exe')),
  ).toEqual([]);
  expect(seen.find(({ args }) => args.includes('My API'))).toEqual({
    program: process.execPath,
    args: [join(root, 'dist', 'cli', 'bin', 'cli.cjs'), 'My API', '--scope', 'my-scope', '--yes', ...given],
    shell: false,
  });
  expect(seen.at(-1)?.args).toEqual([join(root, 'demo', 'node_modules', 'nx', 'dist', 'bin', 'nx.js'), 'run', 'my-api:serve']);
});
