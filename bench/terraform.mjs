// Seconds to plan the Terraform flavour with 1, 10, 100 and 300 operations, isolated and shared, REST and HTTP.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const { status } = spawnSync(process.execPath, ['--import', 'tsx', join(folder, 'terraform-table.ts')], {
  stdio: 'inherit',
  cwd: join(folder, '..'),
});
process.exit(status ?? 1);
