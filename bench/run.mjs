// Runs the measurements one after the other: `npm run bench`, or `npm run bench -- runtime` for some of them.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const subjects = readdirSync(folder)
  .filter((name) => name.endsWith('.mjs') && name !== 'run.mjs')
  .map((name) => name.slice(0, -'.mjs'.length));
const chosen = process.argv.slice(2);
const unknown = chosen.find((subject) => !subjects.includes(subject));
if (unknown) {
  console.error(`There is no measurement ${unknown}: choose among ${subjects.join(', ')}.`);
  process.exit(1);
}

let failed = false;
for (const subject of chosen.length > 0 ? chosen : subjects) {
  console.log(`\n== ${subject}`);
  const { status } = spawnSync(process.execPath, [join(folder, `${subject}.mjs`)], { stdio: 'inherit' });
  failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);
