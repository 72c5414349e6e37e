// Runs the unit tests below src. Node 20 takes no pattern for them.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const tests = readdirSync('src', { recursive: true })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => join('src', path));
const { status } = spawnSync(process.execPath, ['--import', 'tsx', '--test', ...tests], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
