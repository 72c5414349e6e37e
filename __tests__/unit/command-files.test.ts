import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { command, fastapiLambda, plainEnv } from '../support/generate.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** Files of the command that a run loads. */
function loaded(args: readonly string[]): string[] {
  const { stderr, status } = fastapiLambda(args, temporaryFolder('workspace'), { env: plainEnv({ NODE_DEBUG: 'module' }) });
  expect(status).toBe(0);
  const folder = dirname(command());
  return readdirSync(folder).filter((file) => stderr.includes(`load "${join(folder, file)}"`));
}

test('a run that asks nothing loads nothing that few runs need', () => {
  expect(loaded(['My API', '--yes', '--skip-install'])).toEqual([basename(command()), 'generators-run-generator.cjs']);
});

test('help loads the command line alone', () => {
  expect(loaded(['--help'])).toEqual([basename(command())]);
});
