// Checks the package as npm would publish it: its manifest, its types, what it declares of what it imports, and that it works where no
// package sees another's dependencies. It packs the build that is there.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const npm = npmProgram();
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'check-package-')));
let failed = 0;

try {
  // Without its scripts: a build would take the files away from tests that run at this moment.
  run(folder, [npm, 'pack', root, '--ignore-scripts', '--silent']);
  const tarball = join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.tgz')),
  );

  check('publint', () => run(root, [binary('publint'), tarball, '--strict']));
  check('types', () => run(root, [binary('@arethetypeswrong/cli', 'attw'), tarball, '--profile', 'esm-only', '--format', 'ascii']));
  check('what is used is declared, what is declared is used', () => run(root, [binary('knip')]));
  check('what the package itself imports is no development dependency', () =>
    run(root, [binary('knip'), '--production', '--strict', '--dependencies']),
  );
  check('installed without hoisting', () => {
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
    run(folder, [npm, 'install', tarball, '--install-strategy=nested', '--no-audit', '--no-fund', '--loglevel=error']);
    const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const imports = Object.keys(exports)
      .filter((path) => !path.endsWith('.json'))
      .map((path) => `await import('${name}${path.slice(1)}');\n`);
    writeFileSync(join(folder, 'import.js'), imports.join(''));
    run(folder, [join(folder, 'import.js')]);
    run(folder, [join(folder, 'node_modules', name, 'dist', 'cli', 'bin', 'cli.cjs'), '--version']);
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed === 0 ? 0 : 1);

function check(title, action) {
  try {
    action();
    console.log(`passed: ${title}`);
  } catch {
    // What is wrong has been printed by the program that found it.
    console.log(`FAILED: ${title}`);
    failed += 1;
  }
}

/** Runs a file of JavaScript. */
function run(cwd, args) {
  execFileSync(process.execPath, args, { cwd, stdio: 'inherit' });
}

/** The file behind a command of a development dependency. */
function binary(name, command = name) {
  const manifest = join(root, 'node_modules', name, 'package.json');
  return join(dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin[command]);
}

/** The file behind `npm`: the one that runs this script, or the one that came with Node.js. */
function npmProgram() {
  if (process.env.npm_execpath?.endsWith('npm-cli.js')) return process.env.npm_execpath;
  const beside = join(
    dirname(realpathSync(process.execPath)),
    process.platform === 'win32' ? '' : '../lib',
    'node_modules/npm/bin/npm-cli.js',
  );
  return fileURLToPath(pathToFileURL(beside));
}
