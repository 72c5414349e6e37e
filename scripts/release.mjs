// Makes a release of what is on main: dates the changelog's entries, writes the version, commits and tags. `npm run release -- 1.2.0`
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import gt from 'semver/functions/gt.js';
import valid from 'semver/functions/valid.js';

/**
 * The changelog with its entries under `Unreleased` given to a version; a new, empty `Unreleased` takes their place.
 *
 * @param {string} changelog
 * @param {string} version
 * @param {string} day As `2026-01-31`.
 * @returns {string | undefined} `undefined` where there are no entries.
 */
export function releasedChangelog(changelog, version, day) {
  const [, before, entries, after] = /^([\s\S]*?## Unreleased\n)([\s\S]*?)((?:\n## [\s\S]*)?)$/.exec(changelog) ?? [];
  if (!entries?.trim()) return undefined;
  return `${before}\n## ${version} (${day})\n${entries}${after}`;
}

function release(root, version) {
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const path = (name) => join(root, name);
  if (!valid(version)) return `${version ?? 'No version'} is no version: give one, npm run release -- 1.2.0.`;
  const released = git('tag', '--list', 'v*')
    .split('\n')
    .find((tag) => valid(tag) && !gt(version, tag.slice(1)));
  if (released !== undefined) return `${version} is not newer than ${released}, which is released.`;
  if (git('branch', '--show-current') !== 'main') return 'A release is made of main: check it out first.';
  if (git('status', '--porcelain') !== '') return 'The tree has changes that are not committed: commit or stash them first.';
  const changelog = releasedChangelog(readFileSync(path('CHANGELOG.md'), 'utf8'), version, new Date().toISOString().slice(0, 10));
  if (changelog === undefined) return 'CHANGELOG.md has no entries under "## Unreleased": say there what users get.';

  writeFileSync(path('CHANGELOG.md'), changelog);
  for (const name of ['package.json', 'package-lock.json']) {
    const parsed = JSON.parse(readFileSync(path(name), 'utf8'));
    parsed.version = version;
    if (parsed.packages) parsed.packages[''].version = version;
    writeFileSync(path(name), `${JSON.stringify(parsed, null, 2)}\n`);
  }
  git('commit', '--quiet', '--all', '--message', `Release ${version}`);
  git('tag', `v${version}`);
  console.log(`Version ${version} is committed and tagged: git push origin main v${version}, then npm publish.`);
  return undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const refusal = release(process.cwd(), process.argv[2]);
  if (refusal !== undefined) {
    console.error(refusal);
    process.exitCode = 1;
  }
}
