// Runs the unit tests below src. Ours are called `*.tests.ts`, which no test runner takes for its own:
// one that searches a whole repository, as Jest and Vitest do, leaves them alone.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const tests = readdirSync('src', { recursive: true })
  .filter((path) => /\.tests?\.ts$/.test(path))
  .map((path) => join('src', path));
const { status } = spawnSync(process.execPath, ['--import', 'tsx', '--test', ...tests], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
