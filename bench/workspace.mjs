// What one more API costs in a workspace that has many: CPU seconds of the whole process, the 100th API against the 2nd, and `update`.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const command = join(root, 'dist', 'cli', 'bin', 'cli.cjs');
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const folder = mkdtempSync(join(tmpdir(), 'fastapi-lambda-bench-'));

/** A workspace with a number of APIs, made by one run of a generator that composes ours. */
async function workspace(name, count) {
  const { createEnv } = await import('yeoman-environment');
  const { default: Generator } = await import('yeoman-generator');
  const { default: AppGenerator } = await import(join(root, 'dist', 'generators', 'app', 'index.js'));
  const cwd = join(folder, name);
  execFileSync('git', ['init', '--quiet', cwd]);
  const environment = createEnv({ cwd, sharedOptions: { ignoreVersionCheck: true } });
  environment.register(
    class extends Generator {
      async initializing() {
        for (let index = 1; index <= count; index += 1)
          await AppGenerator.compose(this, { name: `Api ${index}`, yes: true, skipInstall: true });
      }
    },
    { namespace: 'many', resolved: join(folder, 'many.js') },
  );
  const { log } = environment.adapter;
  for (const status of ['create', 'info', 'write']) log[status] = () => log;
  await environment.run(['many'], { skipInstall: true });
  return cwd;
}

/** User and system seconds of one run of the command in a copy of a workspace. */
function seconds(from, args) {
  const cwd = join(folder, 'run');
  rmSync(cwd, { recursive: true, force: true });
  cpSync(from, cwd, { recursive: true });
  const { stderr, status } = spawnSync(
    'bash',
    ['-c', 'TIMEFORMAT="%U %S"; time "$@" > /dev/null 2>&1', 'bash', process.execPath, ...args],
    { cwd, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${args.join(' ')} failed in ${from}`);
  return stderr
    .trim()
    .split(' ')
    .reduce((sum, part) => sum + Number(part.replace(',', '.')), 0);
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const add = (name) => [command, name, '--yes', '--skip-install'];
const update = [command, 'update', '--yes', '--skip-install'];

try {
  const one = await workspace('one', 1);
  const ten = await workspace('ten', 10);
  const many = await workspace('many', 99);
  const rows = [
    ['node -e 0', one, ['-e', '0']],
    ['the 2nd API', one, add('Another')],
    ['the 11th API', ten, add('Another')],
    ['the 100th API', many, add('Another')],
    ['update of 1', one, update],
    ['update of 10', ten, update],
    ['update of 99', many, update],
  ];
  const measured = rows.map(() => []);
  // In turns, so that another load on the machine meets all of them alike.
  for (let round = 0; round < rounds; round += 1)
    for (const [index, [, from, args]] of rows.entries()) measured[index].push(seconds(from, args));
  const base = median(measured[1]);
  console.log(`| run | CPU s, median of ${rounds} | against the 2nd API |\n| --- | --- | --- |`);
  for (const [index, [name]] of rows.entries()) {
    const value = median(measured[index]);
    console.log(`| ${name} | ${value.toFixed(2)} | ${(value / base).toFixed(2)} |`);
  }
  if (median(measured[3]) > 1.2 * base) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
