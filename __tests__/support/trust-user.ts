import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** An ordinary user, whom permissions hold back. */
const nobody = 65534;

/**
 * Runs a few lines of TypeScript as an ordinary user, even where the tests run as root, whom no permission holds back. Imports start
 * at the root of the repository: `import { checkPaths } from './lib/safe-path.ts'`.
 */
export function asOrdinaryUser(program: string): SpawnSyncReturns<string> {
  const { outputFiles } = buildSync({
    stdin: { contents: program, loader: 'ts', resolveDir: fileURLToPath(new URL('../..', import.meta.url)) },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
    logLevel: 'silent',
  });
  // The repository may lie where that user can't read: the program goes in on standard input.
  const user = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  return spawnSync(process.execPath, ['-'], { input: outputFiles[0]?.text ?? '', encoding: 'utf8', cwd: '/', ...user });
}
