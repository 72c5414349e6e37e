// Generates a workspace in `demo/` and serves its API: the quickest way to see what the generator gives. No AWS account needed.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const demo = join(root, 'demo');
const ownUv = uvFolder();
const env = { ...process.env, PATH: [...ownUv, ...python313(), process.env.PATH].join(delimiter), NX_DAEMON: 'false' };

/** Runs a program without a shell, which would take a name or a path apart. Each is an .exe on Windows, or Node.js with a file. */
function run(program, args, cwd) {
  try {
    execFileSync(program, args, { cwd, env, stdio: 'inherit' });
  } catch (error) {
    // What a program says of its failure is on the terminal already; one that could not be started says nothing.
    if (error.status === undefined || error.status === null) console.error(error.message);
    process.exit(error.status ?? 1);
  }
}

if (!existsSync(join(root, 'dist', 'cli', 'bin', 'cli.cjs'))) run(process.execPath, [join(root, 'scripts', 'build.mjs')], root);
mkdirSync(demo, { recursive: true });
// A repository of its own: otherwise this project's .gitignore would count for it.
if (!existsSync(join(demo, '.git'))) run('git', ['init', '--quiet'], demo);
run(
  process.execPath,
  [join(root, 'dist', 'cli', 'bin', 'cli.cjs'), 'My API', '--scope', 'my-scope', '--yes', ...process.argv.slice(2)],
  demo,
);

console.log('\nThat is in demo/. Its API is served from here on; Ctrl-C stops it.');
if (ownUv.length > 0) console.log('The commands above need uv on your PATH: pip install uv');
const server = spawn(process.execPath, [join(demo, 'node_modules', 'nx', 'dist', 'bin', 'nx.js'), 'run', 'my-api:serve'], {
  cwd: demo,
  env,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal));
server.on('exit', (code) => process.exit(code ?? 0));

/** Folder of uv: what is installed, else one from PyPI in this project's own cache. */
function uvFolder() {
  try {
    execFileSync('uv', ['--version'], { stdio: 'ignore' });
    return [];
  } catch {
    const folder = join(root, '.cache', 'tools', 'uv');
    const bin = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');
    if (!existsSync(join(bin, process.platform === 'win32' ? 'uv.exe' : 'uv'))) {
      const python = process.platform === 'win32' ? 'python' : 'python3';
      execFileSync(python, ['-m', 'venv', folder], { stdio: 'inherit' });
      const inside = join(bin, process.platform === 'win32' ? 'python.exe' : 'python');
      execFileSync(inside, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'uv'], { stdio: 'inherit' });
    }
    return [bin];
  }
}

/** Python 3.13 of pyenv, whose shims answer only below a `.python-version`. */
function python313() {
  const versions = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  return existsSync(versions)
    ? readdirSync(versions)
        .filter((name) => name.startsWith('3.13.'))
        .map((name) => join(versions, name, 'bin'))
    : [];
}
