// The page of documentation that a website gets: each of its examples compiles, and does what it says against the served API.
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { apiDocument, apiFolder, type RunningApi, serveApi } from '../../support/connection-api.ts';
import { check, runClientTarget, starters, starterWorkspace } from '../../support/connection-starters.ts';
import { npmFolder } from '../../support/connection-website.ts';
import { generate } from '../../support/generate.ts';

let website: string;
let server: RunningApi;

beforeAll(async () => {
  const [vite] = starters;
  const made = starterWorkspace(vite as NonNullable<typeof vite>, 'page', ['--auth', 'None']);
  website = made.website;
  generate(['connection', '--yes', '--skip-install'], made.root);
  const page = readFileSync(join(website, 'src', 'connections', 'README.md'), 'utf8');
  const blocks = [...page.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, language, text = '']) => ({ language, text }));
  const operations = blocks.filter(({ language }) => language === 'python').map(({ text }) => text);
  expect(operations).toHaveLength(1);
  const dist = join(made.root, 'packages', 'shapes', 'dist');
  mkdirSync(dist);
  const app = 'from fastapi import FastAPI\n\napp = FastAPI(generate_unique_id_function=lambda route: route.name)\n';
  writeFileSync(join(dist, 'page_api.py'), (operations[0] as string).replace('from .init import app\n', app));
  writeFileSync(join(dist, 'openapi.json'), JSON.stringify(apiDocument('page_api:app', dist)));
  runClientTarget(website);
  const examples = blocks.filter(({ language }) => /^tsx?$/.test(language ?? ''));
  for (const [index, { language, text }] of examples.entries()) writeFileSync(join(website, 'src', `page-${index}.${language}`), text);
  expect(examples).toHaveLength(7);
  server = await serveApi('page_api:app', dist);
}, 600_000);

afterAll(() => server?.stop());

test('each example compiles, and the linter has nothing to say', () => {
  check(website, ['typescript/bin/tsc', '-b', '--force']);
  check(website, ['oxlint/bin/oxlint', '--deny-warnings']);
}, 120_000);

test('each example does what the page says', async () => {
  const entry = join(website, 'src', 'page.tsx');
  copyFileSync(join(apiFolder, 'website', 'page.tsx'), entry);
  const outfile = join(website, 'page.mjs');
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    jsx: 'automatic',
    external: ['happy-dom'],
    define: { 'import.meta.env': JSON.stringify({ DEV: true, BASE_URL: '/' }), 'process.env.NODE_ENV': '"development"' },
    logLevel: 'error',
    alias: { 'happy-dom': join(npmFolder('happy-dom-21.0.4', { 'happy-dom': '21.0.4' }), 'node_modules', 'happy-dom', 'lib', 'index.js') },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  rmSync(entry);
  const { stdout } = await promisify(execFile)(process.execPath, [outfile, server.url], { timeout: 120_000 });
  expect(stdout.trim()).toBe('word 0 word 1 word 2 word 3');
}, 180_000);

test('the example of a configuration is what the client takes', () => {
  const page = readFileSync(join(website, 'src', 'connections', 'README.md'), 'utf8');
  const config = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const types = `import type { RuntimeConfig } from './connections/runtime';\n\nexport const config: RuntimeConfig = ${config.trim()};\n`;
  writeFileSync(join(website, 'src', 'page-config.ts'), types);
  check(website, ['typescript/bin/tsc', '-b', '--force']);
}, 120_000);
