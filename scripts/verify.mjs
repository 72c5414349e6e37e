// Runs the verification areas: `npm run verify` all of them whole, `npm run verify -- cdk terraform` some of them.
import { execFileSync, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const areas = ['unit', 'workspace', 'runtime', 'cdk', 'terraform', 'trust', 'connection'];
const chosen = process.argv.slice(2);
const unknown = chosen.find((area) => !areas.includes(area));
if (unknown) {
  console.error(`There is no area ${unknown}: choose among ${areas.join(', ')}.`);
  process.exit(1);
}

execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { cwd: root, stdio: 'inherit' });
let failed = 0;
for (const area of chosen.length > 0 ? chosen : areas) {
  console.log(`\n== ${area}`);
  const { status } = spawnSync(
    process.execPath,
    ['--experimental-vm-modules', join(root, 'node_modules', 'jest', 'bin', 'jest.js'), '--selectProjects', area, '--runInBand'],
    { cwd: root, stdio: 'inherit', env: { ...process.env, VERIFY_FULL: process.env.VERIFY_FULL ?? '1', NODE_NO_WARNINGS: '1' } },
  );
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
