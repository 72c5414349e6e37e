// Asks npm and PyPI for known vulnerabilities: of what is published, of what develops it, and of what a new workspace installs with each
// package manager of this machine. Registries that are mirrors may not answer; what they say is printed.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** Package managers: how the lock file of a workspace is made, and how that is audited. */
const managers = {
  npm: { lock: ['install', '--package-lock-only', '--no-audit', '--no-fund'], audit: ['audit'] },
  pnpm: { lock: ['install', '--lockfile-only'], audit: ['audit'] },
  yarn: { lock: ['install', '--mode=update-lockfile'], audit: ['npm', 'audit', '--all', '--recursive'] },
  bun: { lock: ['install', '--lockfile-only'], audit: ['audit'] },
};

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const isWindows = process.platform === 'win32';
const folder = mkdtempSync(join(tmpdir(), 'audit-'));
let failed = 0;

try {
  check('what is published', root, 'npm', ['audit', '--omit=dev']);
  check('what develops it', root, 'npm', ['audit']);
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const [manager, { lock, audit }] of Object.entries(managers)) {
    const { status, stdout } = spawnSync(manager, ['--version'], { encoding: 'utf8', shell: isWindows });
    if (status !== 0) continue;
    const workspace = join(folder, manager);
    mkdirSync(workspace);
    writeFileSync(join(workspace, 'package.json'), JSON.stringify({ packageManager: `${manager}@${stdout.trim()}` }));
    run(workspace, process.execPath, [join(root, bin['fastapi-lambda']), 'My API', '--yes', '--skip-install']);
    if (check(`the lock file of a new workspace with ${manager}`, workspace, manager, lock))
      check(`a new workspace with ${manager}`, workspace, manager, audit);
  }
  const [workspace, requirements] = [join(folder, 'npm'), join(folder, 'requirements.txt')];
  const exported = ['export', '--quiet', '--all-packages', '--no-emit-workspace', '--no-hashes', '--output-file', requirements];
  const pipAudit = ['pip-audit', '--strict', '--disable-pip', '--no-deps', '--requirement', requirements];
  if (check("the lock file of a new workspace's Python packages", workspace, 'uv', exported))
    check("a new workspace's Python packages", workspace, 'uvx', pipAudit);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;

function run(cwd, program, args) {
  execFileSync(program, args, { cwd, stdio: 'pipe' });
}

function check(title, cwd, program, args) {
  // A package manager is a script on Windows. No argument has a character that a shell would read.
  const { status } = spawnSync(program, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'], shell: isWindows });
  console.log(`${status === 0 ? 'passed' : 'FAILED'}: ${title}\n`);
  if (status !== 0) failed += 1;
  return status === 0;
}
