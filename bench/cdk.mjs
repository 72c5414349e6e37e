// Measures the CDK flavour; the table itself is in TypeScript, since it shares its workspace with the tests.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const { status } = spawnSync(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('cdk-table.ts', import.meta.url))], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
