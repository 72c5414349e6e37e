// create-vite's React TypeScript template with the client: it builds, type-checks, and its linters have nothing to say.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiDocument } from '../../support/connection-api.ts';
import { npmFolder, website } from '../../support/connection-website.ts';
import { cacheFolder } from '../../support/tools.ts';

/** Runs a program of a website; what it said of a failure becomes the error. */
function run(root: string, program: string, args: string[]): string {
  try {
    const env = { ...process.env, NODE_ENV: 'production' };
    return execFileSync(process.execPath, [join(root, 'node_modules', program), ...args], {
      cwd: root,
      env,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')}\n${stdout ?? ''}${stderr ?? ''}`);
  }
}

const auths = process.env.VERIFY_FULL === '1' ? ['IAM', 'Cognito', 'Custom', 'None'] : ['IAM', 'Cognito'];

describe.each(auths)('create-vite, auth %s', (auth) => {
  let root: string;

  beforeAll(() => {
    const template = join(npmFolder('create-vite', { 'create-vite': '^9.3.0' }), 'node_modules', 'create-vite', 'template-react-ts');
    const manifest = JSON.parse(readFileSync(join(template, 'package.json'), 'utf8'));
    const packages = npmFolder('connection-create-vite', {
      ...manifest.dependencies,
      ...manifest.devDependencies,
      '@tanstack/react-query': '^5.108.4',
      aws4fetch: '^1.0.20',
    });
    const { connections } = website('starter-source', apiDocument(), { auth });
    root = cacheFolder('connection', 'starter');
    for (const entry of readdirSync(root)) rmSync(join(root, entry), { recursive: true, force: true });
    cpSync(template, root, { recursive: true });
    // A repository of its own, since the one around ignores the folder.
    execFileSync('git', ['init', '--quiet'], { cwd: root });
    if (existsSync(join(root, '_oxlintrc.json'))) renameSync(join(root, '_oxlintrc.json'), join(root, '.oxlintrc.json'));
    symlinkSync(join(packages, 'node_modules'), join(root, 'node_modules'));
    cpSync(connections, join(root, 'src', 'connections'), { recursive: true });
    const main = join(root, 'src', 'main.tsx');
    const before = readFileSync(main, 'utf8');
    const after = before
      .replace("import App from './App.tsx'", "import App from './App.tsx'\nimport { ShapesProvider } from './connections/shapes-provider'")
      .replace('    <App />', '    <ShapesProvider>\n      <App />\n    </ShapesProvider>');
    expect(after).not.toBe(before);
    writeFileSync(main, after);
  }, 600_000);

  test('builds', () => {
    run(root, 'typescript/bin/tsc', ['-b', '--force']);
    run(root, 'vite/bin/vite.js', ['build']);
    expect(existsSync(join(root, 'dist', 'index.html'))).toBe(true);
  }, 120_000);

  test('has nothing for its linter to say', () => {
    expect(run(root, 'oxlint/bin/oxlint', ['--deny-warnings', 'src'])).toContain('Found 0 warnings and 0 errors');
  }, 120_000);

  test('has nothing for the ESLint of its other choice to say', () => {
    // typescript-eslint takes no TypeScript 7 yet.
    const packages = npmFolder('connection-eslint', {
      '@eslint/js': '^10.0.0',
      eslint: '^10.0.0',
      'eslint-plugin-react-hooks': '^7.0.0',
      'eslint-plugin-react-refresh': '^0.5.0',
      globals: '^17.0.0',
      typescript: '~5.9.3',
      'typescript-eslint': '^8.0.0',
    });
    const folder = cacheFolder('connection', 'starter-eslint');
    for (const entry of readdirSync(folder)) rmSync(join(folder, entry), { recursive: true, force: true });
    symlinkSync(join(packages, 'node_modules'), join(folder, 'node_modules'));
    cpSync(join(root, 'src'), join(folder, 'src'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
    writeFileSync(
      join(folder, 'eslint.config.js'),
      `import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import reactRefresh from 'eslint-plugin-react-refresh';
import globals from 'globals';
import tseslint from 'typescript-eslint';
export default tseslint.config({
  files: ['**/*.{ts,tsx}'],
  extends: [js.configs.recommended, tseslint.configs.recommended, reactHooks.configs.flat.recommended, reactRefresh.configs.vite],
  languageOptions: { globals: globals.browser },
});
`,
    );
    expect(run(folder, 'eslint/bin/eslint.js', ['--max-warnings=0', '.'])).toBe('');
  }, 600_000);
});
