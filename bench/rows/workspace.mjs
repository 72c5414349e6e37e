// What one more API costs in a workspace that has many: CPU seconds of the whole process, the 100th API against the 2nd, and `update`.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { Writable } from 'node:stream';
import { compared, cpuSeconds, inTurns } from '../measure.mjs';

const root = join(import.meta.dirname, '../..');
const command = join(root, 'dist', 'cli', 'bin', 'cli.cjs');
const folder = mkdtempSync(join(tmpdir(), 'fastapi-lambda-bench-'));

/** A workspace with a number of APIs, made by one run of a generator that composes ours. */
async function workspace(name, count) {
  const { createEnv } = await import('yeoman-environment');
  const { default: Generator } = await import('yeoman-generator');
  const { default: AppGenerator } = await import(join(root, 'dist', 'generators', 'app', 'index.js'));
  const cwd = join(folder, name);
  execFileSync('git', ['init', '--quiet', cwd]);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const environment = createEnv({ cwd, stdout: silent, stderr: silent, sharedOptions: { ignoreVersionCheck: true } });
  environment.register(
    class extends Generator {
      async initializing() {
        for (let index = 1; index <= count; index += 1)
          await AppGenerator.compose(this, { name: `Api ${index}`, yes: true, skipInstall: true });
      }
    },
    { namespace: 'many', resolved: join(folder, 'many.js') },
  );
  await environment.run(['many'], { skipInstall: true });
  return cwd;
}

/** User and system seconds of one run of the command in a copy of a workspace. */
function seconds(from, args) {
  const cwd = join(folder, 'run');
  rmSync(cwd, { recursive: true, force: true });
  cpSync(from, cwd, { recursive: true });
  return cpuSeconds(process.execPath, [command, ...args, '--yes', '--skip-install'], { cwd });
}

export async function rows() {
  try {
    const [one, ten, many] = [await workspace('one', 1), await workspace('ten', 10), await workspace('many', 99)];
    const { second, eleventh, hundredth, update1, update10, update99 } = await inTurns({
      second: () => seconds(one, ['Another']),
      eleventh: () => seconds(ten, ['Another']),
      hundredth: () => seconds(many, ['Another']),
      update1: () => seconds(one, ['update']),
      update10: () => seconds(ten, ['update']),
      update99: () => seconds(many, ['update']),
    });
    const words = { unit: 's', against: 'the 2nd' };
    return [
      compared({ ...words, what: 'the 11th API of a workspace, CPU', goal: 1.1 }, eleventh, second),
      compared({ ...words, what: 'the 100th API of a workspace, CPU', goal: 1.1 }, hundredth, second),
      compared({ ...words, what: 'update of 10 APIs, CPU', against: 'of 1' }, update10, update1),
      compared({ ...words, what: 'update of 99 APIs, CPU', against: 'of 1' }, update99, update1),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
