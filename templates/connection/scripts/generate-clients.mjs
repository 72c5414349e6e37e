/**
 * Makes the clients of this website's APIs, as npm scripts need them first (`prebuild` and its like): by Nx, which knows what is up to
 * date. Within a task of this website's there is nothing left to do.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The file that starts Nx, which the workspace's root has. */
function nxProgram() {
  const manifest = createRequire(import.meta.url).resolve('nx/package.json');
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8'));
  return join(dirname(manifest), bin.nx);
}

const website = dirname(dirname(fileURLToPath(import.meta.url)));

/** Whether Nx knows this website by a name. */
function isCalled(project) {
  const names = ['project.json', 'package.json'].map((file) => {
    try {
      return JSON.parse(readFileSync(join(website, file), 'utf8')).name;
    } catch {
      return undefined;
    }
  });
  return [...names, basename(website)].includes(project);
}

function main() {
  const project = process.env.NX_TASK_TARGET_PROJECT;
  // Another project's task, such as a browser test that starts the website, has made nothing.
  if (project && isCalled(project)) return 0;
  let nx;
  try {
    nx = nxProgram();
  } catch {
    console.error("Nx is not installed: install the packages of the workspace's root first.");
    return 1;
  }
  const { status } = spawnSync(process.execPath, [nx, 'clients'], {
    cwd: website,
    stdio: 'inherit',
  });
  return status ?? 1;
}

process.exitCode = main();
