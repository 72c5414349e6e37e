// Runs Terraform for one API: on what its file declares, and on what that depends on.
//   node scripts/api.mjs my-api apply -var-file=environments/development.tfvars
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [api, ...command] = process.argv.slice(2);
const declared = readFileSync(`${api}.tf`, 'utf8').matchAll(
  /^(?:module|resource\s+"([^"]+)")\s+"([^"]+)"\s*\{/gm,
);
const targets = [...declared].map(([, type = 'module', name]) => `-target=${type}.${name}`);
const { error, status } = spawnSync('terraform', [...command, ...targets], { stdio: 'inherit' });
if (error) console.error(`terraform did not start: ${error.message}`);
process.exitCode = status ?? 1;
