import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { command, fastapiLambda, plainEnv } from '../support/generate.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { put } from '../support/trust-tree.ts';

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

const bundle = async (folder: string, entry: string, packages: string[] = []): Promise<void> => {
  const { bundleCommand } = await import('../../scripts/separate-files.mjs' as string);
  return bundleCommand(join(folder, entry), join(folder, 'made'), packages, { logLevel: 'silent' });
};

test('each version of a package is a file of its own, for those that want it', async () => {
  const folder = temporaryFolder();
  const dep = (version: string) => ({
    'package.json': JSON.stringify({ name: 'dep', version, type: 'module', exports: './index.js' }),
    'index.js': `export const version = () => '${version}';\n`,
  });
  const at = (place: string, files: object) => Object.fromEntries(Object.entries(files).map(([name, text]) => [`${place}/${name}`, text]));
  put(folder, {
    'package.json': '{ "version": "0.0.0" }\n',
    'main.ts': "import { version } from 'dep';\nimport { other } from './node_modules/user/index.js';\nconsole.log(version(), other());\n",
    'node_modules/user/index.js': "import { version } from 'dep';\nexport const other = () => version();\n",
    ...at('node_modules/dep', dep('1.0.0')),
    ...at('node_modules/user/node_modules/dep', dep('2.0.0')),
  });
  await bundle(folder, 'main.ts', ['dep']);
  expect(readdirSync(join(folder, 'made')).sort()).toEqual(['dep-1.0.0-lazy.cjs', 'dep-2.0.0-lazy.cjs', 'main.cjs']);
  expect(execFileSync(process.execPath, [join(folder, 'made/main.cjs')], { encoding: 'utf8' })).toBe('1.0.0 2.0.0\n');
});

test('a bundle of which two files would have one name is not made', async () => {
  const folder = temporaryFolder();
  put(folder, {
    'main.ts': "export const all = [import('./one/start.ts'), import('./two/start.ts')];\n",
    'one/start.ts': "export const part = import('./part.ts');\n",
    'one/part.ts': 'export const which = 1;\n',
    'two/start.ts': "export const part = import('./part.ts');\n",
    'two/part.ts': 'export const which = 2;\n',
  });
  await bundle(folder, 'one/start.ts');
  expect(readdirSync(join(folder, 'made')).sort()).toEqual(['part.cjs', 'start.cjs']);
  await expect(bundle(folder, 'main.ts')).rejects.toThrow(/part\.cjs would be two files of the bundle/);
});
