/**
 * Runs Terraform in the module of each API, which brings the core modules with it.
 *
 *   node scripts/terraform.mjs init|validate|test|docs
 *
 * `docs` runs terraform-docs, which writes the tables of inputs and outputs into the module's README. Exit code 1 when one fails.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const apis = new URL('../src/app/apis/', import.meta.url);
const init = ['terraform', 'init', '-input=false', '-backend=false'];

/** @type {Record<string, string[][]>} */
const steps = {
  init: [init],
  validate: [init, ['terraform', 'validate']],
  test: [init, ['terraform', 'test']],
  docs: [['terraform-docs', 'markdown', 'table', '--output-file', 'README.md', '.']],
};

/** Whether a program ended well; says what is missing where it can't be run. */
function runs([program, ...args], cwd) {
  console.log(`\n${cwd}\n> ${[program, ...args].join(' ')}`);
  const { error, status } = spawnSync(program, args, { cwd, stdio: 'inherit' });
  if (error) console.error(`${program} can't be run (${error.message}): install it first.`);
  return status === 0;
}

const wanted = steps[process.argv[2] ?? ''];
if (!wanted) {
  console.error(`usage: node scripts/terraform.mjs ${Object.keys(steps).join('|')}`);
  process.exit(1);
}
const modules = existsSync(apis)
  ? readdirSync(apis, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  : [];
const failed = modules.filter(
  ({ name }) => !wanted.every((step) => runs(step, fileURLToPath(new URL(name, apis)))),
);
process.exitCode = failed.length > 0 ? 1 : 0;
