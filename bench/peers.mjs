// Peers that the measurements are made against, in a folder of their own: none of them is a dependency of the project.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../.cache/bench');

/** Versions that are measured against. */
const npm = { '@aws/nx-plugin': '0.64.1', 'create-nx-workspace': '23.2.1', yo: '7.0.1' };
const pip = 'aws-sam-cli==1.170.0';

/** Path below node_modules of a package of the peers. */
export function nodePeer(path) {
  const home = join(folder, 'node');
  const wanted = JSON.stringify({ private: true, dependencies: npm });
  const manifest = join(home, 'package.json');
  if (!existsSync(join(home, 'node_modules/.package-lock.json'))) {
    mkdirSync(home, { recursive: true });
    writeFileSync(manifest, wanted);
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: home, stdio: 'inherit' });
  }
  return join(home, 'node_modules', path);
}

/** The program `sam`. */
export function sam() {
  const home = join(folder, 'sam');
  if (!existsSync(join(home, 'bin', 'sam'))) {
    execFileSync('python3', ['-m', 'venv', home], { stdio: 'inherit' });
    execFileSync(join(home, 'bin', 'pip'), ['install', '--quiet', pip], { stdio: 'inherit' });
  }
  return join(home, 'bin', 'sam');
}

/** A folder of the peers for what is made once. */
export const peerFolder = (name) => join(folder, name);
