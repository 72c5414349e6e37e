// Makes docs/what-is-generated.md anew from the templates: the test that compares the two writes it.
import { spawnSync } from 'node:child_process';
import process from 'node:process';

const jest = ['node_modules/jest/bin/jest.js', '--selectProjects', 'unit', '--testPathPatterns', 'unit/what-is-generated'];
const { status } = spawnSync(process.execPath, ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', ...jest], {
  env: { ...process.env, UPDATE: '1' },
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
