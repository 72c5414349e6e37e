// Compiles the generators to dist/ and bundles the own command into one file that needs no global yo.
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { pruneDist } from './prune-dist.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);

rmSync(join(root, 'dist'), { recursive: true, force: true });
execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')], {
  cwd: root,
  stdio: 'inherit',
});
pruneDist(root, JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).exports);

await build({
  absWorkingDir: root,
  entryPoints: ['cli.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  chunkNames: 'cli/chunks/[name]-[hash]',
  platform: 'node',
  // jsonc-parser's `main` is a UMD file, whose inner requires can't be bundled.
  mainFields: ['module', 'main'],
  target: 'node20.17',
  format: 'esm',
  minify: true,
  keepNames: true,
  legalComments: 'linked',
  logLevel: 'warning',
  // Dependencies in CommonJS that are bundled still call `require` for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; import { dirname as __pathDirname } from 'node:path'; import { fileURLToPath as __fileURLToPath } from 'node:url'; const require = __createRequire(import.meta.url); const __filename = __fileURLToPath(import.meta.url); const __dirname = __pathDirname(__filename);",
  },
});
// yeoman-generator reads its version from a package.json one folder above its code.
const { version } = JSON.parse(readFileSync(join(root, 'node_modules', 'yeoman-generator', 'package.json'), 'utf8'));
writeFileSync(join(root, 'dist', 'cli', 'package.json'), `${JSON.stringify({ type: 'module', version })}\n`);
chmodSync(join(root, 'dist', 'cli.js'), 0o755);
