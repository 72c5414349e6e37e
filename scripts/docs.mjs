// Makes docs/what-is-generated.md anew from the templates, and docs/terminal.svg from a run: the tests that compare them write them.
import { spawnSync } from 'node:child_process';
import process from 'node:process';

const jest = [
  'node_modules/jest/bin/jest.js',
  '--selectProjects',
  'unit',
  'trust',
  '--testPathPatterns',
  'unit/what-is-generated|trust/picture',
];
const { status } = spawnSync(process.execPath, ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', ...jest], {
  env: { ...process.env, UPDATE: '1' },
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
