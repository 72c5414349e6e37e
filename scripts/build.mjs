// Compiles the generators to dist/ and bundles the own command, which needs no global yo.
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pruneDist } from './prune-dist.mjs';
import { bundleCommand } from './separate-files.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);

rmSync(join(root, 'dist'), { recursive: true, force: true });
execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')], {
  cwd: root,
  stdio: 'inherit',
});
pruneDist(root, JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).exports);

/** What Yeoman uses to ask, to install, to look for other generators and to read git: a run that only writes uses none of them. */
const rarelyUsed = [
  '@babel/parser',
  '@inquirer/core',
  '@npmcli/arborist',
  'cli-table',
  'dateformat',
  'diff',
  'execa',
  'globby',
  'inquirer',
  'latest-version',
  'multimatch',
  'read-package-up',
  'registry-auth-token',
  'registry-url',
  'simple-git',
  'tinyglobby',
  'which-package-manager',
  'yaml',
];
const command = join(root, 'dist', 'cli', 'bin');
await bundleCommand(join(root, 'cli.ts'), command, rarelyUsed, {
  absWorkingDir: root,
  // jsonc-parser's `main` is a UMD file, whose inner requires can't be bundled.
  mainFields: ['module', 'main'],
  // Of lodash-es what is not imported is left out.
  alias: { lodash: 'lodash-es' },
  target: 'node20.17',
  legalComments: 'linked',
  logLevel: 'warning',
  // npm's own packages ask for node-gyp in a part that is never called.
  logOverride: { 'require-resolve-not-external': 'silent' },
  define: { 'import.meta.url': '__moduleUrl' },
  banner: { js: "const __moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
});
chmodSync(join(command, 'cli.cjs'), 0o755);
// yeoman-generator reads its version from a package.json one folder above its code. It is written last: then all is built.
const { version } = JSON.parse(readFileSync(join(root, 'node_modules', 'yeoman-generator', 'package.json'), 'utf8'));
writeFileSync(join(root, 'dist', 'cli', 'package.json'), `${JSON.stringify({ type: 'commonjs', version })}\n`);
