/**
 * Fails when generated files that are committed differ from what the app's OpenAPI document gives now, or when one is missing in git.
 * For workspaces that commit them (see README.md); runs after `metadata`.
 */
import { spawnSync } from 'node:child_process';

const pattern = ['src/app/apis/*/*.gen.tf', 'src/app/apis/*/operations.gen.json'];
const { error, status, stdout } = spawnSync(
  'git',
  ['status', '--porcelain', '--ignored', '--', ...pattern.map((path) => `:(glob)${path}`)],
  { encoding: 'utf8' },
);
if (error || status !== 0) {
  console.error("git can't tell: is this a git repository?");
  process.exit(1);
}
if (stdout !== '') {
  console.error(`Commit these, which the app's OpenAPI document has changed or made:\n${stdout}`);
  process.exit(1);
}
