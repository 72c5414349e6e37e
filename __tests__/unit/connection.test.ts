import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { commitFiles } from '../../lib/commit/commit.ts';
import { closingNotes } from '../../lib/finish/closing-notes.ts';
import type { Request } from '../../lib/model/model.ts';
import { Reader } from '../../lib/read/reader.ts';
import { findWebsites, websiteFolder } from '../../lib/read/website.ts';
import { type PreparedRun, prepareRun } from '../../lib/run.ts';
import { npmVersion } from '../../lib/templates/versions.ts';
import { apiRequest } from '../support/requests.ts';
import { put, read, snapshot, tree } from '../support/trust-tree.ts';

const api = (name: string): Request => apiRequest(name, 'CDK');
const connection = (website: string, name = 'My API'): Request => ({ kind: 'connection', api: name, website });

async function run(root: string, ...requests: Request[]): Promise<PreparedRun> {
  const prepared = prepareRun(new Reader(root), { requests });
  expect(prepared.decisions.filter(({ outcome }) => outcome === 'conflict')).toEqual([]);
  await commitFiles(prepared.reader, prepared.files(new Set()));
  return prepared;
}

const json = (root: string, path: string) => JSON.parse(read(root, path)) as Record<string, never>;

/** A website of Vite's, with what a test makes of it; `undefined` takes a file away. */
function website(folder = 'packages/website', changes: Record<string, string | undefined> = {}): Record<string, string> {
  const files: Record<string, string | undefined> = {
    'package.json': JSON.stringify({ name: 'website', scripts: { dev: 'vite', build: 'vite build' }, dependencies: { react: '^19.0.0' } }),
    'index.html': '<div id="root"></div>\n<script type="module" src="/src/main.tsx"></script>\n',
    'src/main.tsx':
      "import { createRoot } from 'react-dom/client';\nimport App from './App';\n\ncreateRoot(root).render(\n  <App />,\n);\n",
    'tsconfig.json': '{}',
    'vite.config.ts': 'export default {};\n',
    ...changes,
  };
  return Object.fromEntries(
    Object.entries(files).flatMap(([path, text]) => (text === undefined ? [] : [[join(folder, path), text]])) as [string, string][],
  );
}

test('a website gets a client, its package.json, module and targets are added to, and a second run changes nothing', async () => {
  const root = tree(website());
  await run(root, api('My API'), connection('website'));
  expect(json(root, 'packages/website/package.json')).toMatchObject({
    scripts: { dev: 'vite', predev: 'node scripts/generate-clients.mjs', prebuild: 'node scripts/generate-clients.mjs' },
    dependencies: { react: '^19.0.0', '@tanstack/react-query': expect.any(String), aws4fetch: expect.any(String) },
  });
  expect(read(root, 'packages/website/src/main.tsx')).toContain('<MyApiProvider>\n    <App />\n  </MyApiProvider>,');
  expect(read(root, '.gitignore')).toContain('\n/packages/website/src/connections/*.gen.ts\n');
  expect(json(root, 'packages/website/project.json').targets).toMatchObject({
    'generate:MyApi-client': { dependsOn: [{ projects: ['my-api'], target: 'openapi' }] },
    build: { dependsOn: ['clients'] },
    dev: { dependsOn: ['clients', 'watch:*-client'] },
  });
  for (const file of ['runtime.ts', 'my-api.ts', 'my-api-provider.tsx', 'use-my-api.ts', 'use-stream.ts'])
    expect(existsSync(join(root, 'packages/website/src/connections', file))).toBe(true);

  const before = snapshot(root);
  await run(root, connection('packages/website'));
  await run(root, { kind: 'update' });
  expect(snapshot(root)).toEqual(before);
});

test.each([2, 6, 12, 18])('killed after %i files, the next run makes of it what there would be without the kill', async (written) => {
  const project = '{ "name": "website", "targets": { "build": { "command": "vite build" } } }\n';
  const start = { 'package.json': '{ "name": "shop" }', ...website(), 'packages/website/project.json': project };
  const [killed, whole] = [tree(start), tree(start)];
  for (const root of [killed, whole]) await run(root, api('My API'));
  const { reader, files } = prepareRun(new Reader(killed), { requests: [connection('website')] });
  await commitFiles(reader, files(new Set()).slice(0, written));
  await run(killed, { kind: 'update' });
  await run(whole, connection('website'));
  expect(snapshot(killed)).toEqual(snapshot(whole));
});

test('a second API adds its own files and nothing else, and taken out of the answers it goes again', async () => {
  const root = tree(website());
  await run(root, api('My API'), connection('website'));
  await run(root, api('Orders'));
  const before = snapshot(root);
  await run(root, connection('website', 'orders'));
  const added = [...snapshot(root).keys()].filter((path) => !before.has(path));
  expect(added.map((path) => path.replace('packages/website/src/connections/', '')).sort()).toEqual([
    'orders-provider.tsx',
    'orders.ts',
    'use-orders.ts',
  ]);
  expect(read(root, 'packages/website/src/main.tsx')).toContain('<OrdersProvider>');

  const answers = json(root, '.yo-rc.json') as unknown as Record<string, { apis: Record<string, object> }>;
  delete answers['generator-fastapi-lambda']?.apis.orders;
  put(root, { '.yo-rc.json': `${JSON.stringify(answers, null, 2)}\n` });
  const { notes } = await run(root, { kind: 'update' });
  expect(read(root, 'packages/website/src/main.tsx')).not.toContain('Orders');
  expect(read(root, 'packages/website/project.json')).not.toContain('Orders');
  expect(notes.join()).toContain('packages/website/src/connections/orders-provider.tsx');
});

test('the README tells of each API who may call it, and shows where each one is', async () => {
  const root = tree(website());
  const readme = () => read(root, 'packages/website/src/connections/README.md');
  await run(root, api('My API'), connection('website'));
  expect(readme()).toContain('## Who calls\n\nRequests are signed (SigV4).');
  const config = () => JSON.parse(/```json\n([^`]+)```/.exec(readme())?.[1] ?? '') as { apis: object; cognito?: object };
  expect(config()).toMatchObject({ apis: { MyApi: {} }, cognito: {} });
  const orders = api('Orders');
  if (orders.kind === 'api') orders.answers.auth = 'Cognito';
  await run(root, orders, connection('website', 'orders'));
  expect(readme()).toContain('\n### My API\n\nRequests are signed');
  expect(readme()).toContain('\n### Orders\n\nGive the provider in `main.tsx` a function');
  expect(Object.keys(config().apis)).toEqual(['MyApi', 'Orders']);
});

/** Takes the websites of an API out of the answers. */
function takeBack(root: string, project: string): void {
  const answers = json(root, '.yo-rc.json') as unknown as Record<string, { apis: Record<string, { websites?: string[] }> }>;
  delete answers['generator-fastapi-lambda']?.apis[project]?.websites;
  put(root, { '.yo-rc.json': `${JSON.stringify(answers, null, 2)}\n` });
}

/** Runs the command that a note tells. */
function follow(root: string, notes: readonly string[]): string {
  const command = notes.flatMap((note) => /(?<=To delete them: )rm -r .*$/.exec(note) ?? [])[0] ?? 'false';
  execFileSync('sh', ['-c', command], { cwd: root });
  return command;
}

test('the last connection that is taken back takes what was added along, and the command that is told takes the rest', async () => {
  const files = website();
  const root = tree(files);
  await run(root, api('My API'));
  const before = snapshot(root);
  await run(root, connection('website'));
  put(root, { 'packages/website/src/connections/my-api.gen.ts': 'export {};\n' });
  takeBack(root, 'my-api');
  const { notes } = await run(root, { kind: 'update' });
  expect(read(root, 'packages/website/src/main.tsx')).toBe(files['packages/website/src/main.tsx']);
  expect(json(root, 'packages/website/package.json')).toEqual(JSON.parse(files['packages/website/package.json'] as string));
  // As long as a client lies there, git is not to see it.
  expect(read(root, '.gitignore')).toContain('/packages/website/src/connections/*.gen.ts');
  expect(follow(root, notes)).toBe('rm -r packages/website/project.json packages/website/scripts packages/website/src/connections');
  await run(root, { kind: 'update' });
  expect(read(root, '.gitignore')).not.toContain('website');
  expect(new Map([...snapshot(root)].filter(([path]) => !path.startsWith('.fastapi-lambda')))).toEqual(
    new Map([...before].filter(([path]) => !path.startsWith('.fastapi-lambda'))),
  );
});

test.each(['gone', 'empty'])(
  'a website whose folder is %s for one update has its connection when it is back, and loses it as ever',
  async (how) => {
    const files = website();
    const root = tree(files);
    await run(root, api('My API'), connection('website'));
    const [before, stored] = [snapshot(root), read(root, '.yo-rc.json')];
    const [there, away] = [join(root, 'packages/website'), join(root, 'elsewhere')];
    renameSync(there, away);
    if (how === 'empty') mkdirSync(there);
    await run(root, { kind: 'update' });
    if (how === 'empty') rmdirSync(there);
    renameSync(away, there);
    await run(root, { kind: 'update' });
    expect(snapshot(root)).toEqual(before);
    expect(read(root, '.yo-rc.json')).toBe(stored);
    takeBack(root, 'my-api');
    await run(root, { kind: 'update' });
    expect(read(root, 'packages/website/src/main.tsx')).toBe(files['packages/website/src/main.tsx']);
    expect(json(root, 'packages/website/package.json')).toEqual(JSON.parse(files['packages/website/package.json'] as string));
  },
);

test('the provider follows the module that renders to its new name, and is taken back from there', async () => {
  const files = website();
  const root = tree(files);
  await run(root, api('My API'), connection('website'));
  const main = read(root, 'packages/website/src/main.tsx').replace("'./connections", "'../connections").replace("'./App'", "'../App'");
  rmSync(join(root, 'packages/website/src/main.tsx'));
  put(root, {
    'packages/website/src/app/index.tsx': main,
    'packages/website/index.html': read(root, 'packages/website/index.html').replace('main', 'app/index'),
  });
  await run(root, { kind: 'update' });
  expect(read(root, 'packages/website/src/app/index.tsx')).toBe(main);
  takeBack(root, 'my-api');
  await run(root, { kind: 'update' });
  expect(read(root, 'packages/website/src/app/index.tsx')).toBe(files['packages/website/src/main.tsx']?.replace("'./App'", "'../App'"));
});

test('one of two connections that is taken back leaves nothing that a fresh clone would miss', async () => {
  const root = tree(website());
  await run(root, api('My API'), connection('website'));
  const before = snapshot(root);
  await run(root, api('Orders'), connection('website', 'orders'));
  for (const name of ['my-api', 'orders']) put(root, { [`packages/website/src/connections/${name}.gen.ts`]: 'export {};\n' });
  takeBack(root, 'orders');
  const { notes } = await run(root, { kind: 'update' });
  expect(follow(root, notes)).toBe(
    'rm -r ' +
      ['orders-provider.tsx', 'orders.gen.ts', 'orders.ts', 'use-orders.ts']
        .map((file) => `packages/website/src/connections/${file}`)
        .join(' '),
  );
  await run(root, { kind: 'update' });
  const ofWebsite = (files: Map<string, string>) => [...files].filter(([path]) => path.startsWith('packages/website/'));
  expect(ofWebsite(snapshot(root)).filter(([path]) => !path.endsWith('.gen.ts'))).toEqual(ofWebsite(before));
  expect(read(root, '.gitignore')).toContain('/packages/website/src/connections/*.gen.ts');
});

test('taken back, a connection leaves the packages that the website itself imports or had before, and files that were edited', async () => {
  const manifest = { name: 'website', dependencies: { react: '^19.0.0', aws4fetch: npmVersion('aws4fetch') } };
  const root = tree(website('packages/website', { 'package.json': `${JSON.stringify(manifest, null, 2)}\n` }));
  await run(root, api('My API'), connection('website'));
  put(root, { 'packages/website/src/App.tsx': "import { useQuery } from '@tanstack/react-query';\n" });
  const edited = 'packages/website/src/connections/use-stream.ts';
  put(root, { [edited]: `// Mine.\n${read(root, edited)}` });
  takeBack(root, 'my-api');
  const { notes } = await run(root, { kind: 'update' });
  expect(json(root, 'packages/website/package.json').dependencies).toEqual({
    '@tanstack/react-query': npmVersion('@tanstack/react-query'),
    ...manifest.dependencies,
  });
  expect(notes).toContain('packages/website/package.json keeps @tanstack/react-query, which code or commands of yours use.');
  expect(notes).toContain(`Not generated any more either, but with edits of yours: ${edited}.`);
  expect(notes.find((note) => note.includes('rm -r'))).not.toContain('use-stream');
  const again = snapshot(root);
  await run(root, { kind: 'update' });
  expect(snapshot(root)).toEqual(again);
});

test('the root itself can be the website', async () => {
  const root = tree(website('.'));
  await run(root, api('My API'), connection('website'));
  const { scripts, dependencies, devDependencies } = json(root, 'package.json');
  expect(scripts).toMatchObject({ prebuild: expect.any(String) });
  expect(dependencies).toMatchObject({ aws4fetch: expect.any(String) });
  expect(devDependencies).toMatchObject({ nx: expect.any(String) });
  expect(read(root, '.gitignore')).toContain('\n/src/connections/*.gen.ts\n');
  expect(read(root, 'project.json')).toContain('--openapi ./packages/my-api/dist/openapi.json');
  const before = snapshot(root);
  await run(root, { kind: 'update' });
  expect(snapshot(root)).toEqual(before);
});

test('the root itself is a website with packages of its own: each command runs alone, and a second time changes nothing', async () => {
  const manifest = {
    name: 'website',
    scripts: { dev: 'vite', build: 'vite build' },
    dependencies: { react: '^19.0.0' },
    devDependencies: { typescript: '~7.0.2', '@types/node': '^24.0.0' },
  };
  const root = tree(website('.', { 'package.json': `${JSON.stringify(manifest, null, 2)}\n` }));
  await run(root, api('My API'));
  for (const request of [connection('.'), api('My API'), { kind: 'update' } as const]) {
    await run(root, request);
    const before = snapshot(root);
    await run(root, request);
    expect(snapshot(root)).toEqual(before);
  }
});

test("an Nx monorepo's app: dependencies where React is, targets that plugins infer, files kept from Prettier", async () => {
  const nx = {
    namedInputs: { default: ['{projectRoot}/**/*', 'sharedGlobals'] },
    plugins: [
      { plugin: '@nx/js/typescript', options: { typecheck: { targetName: 'types' } } },
      { plugin: '@nx/eslint/plugin', options: { targetName: 'lint' } },
      { plugin: '@nx/vite/plugin', options: { buildTargetName: 'build', serveTargetName: 'serve', devTargetName: 'dev' } },
      '@nx/vitest',
    ],
    targetDefaults: { test: { dependsOn: ['^build'] } },
  };
  const root = tree({
    ...website('apps/demo', { 'package.json': '{ "name": "@shop/demo" }', 'vite.config.ts': 'export default { test: {} };\n' }),
    'package.json': JSON.stringify({ name: '@shop/source', workspaces: ['apps/*'], dependencies: { react: '^19.0.0' } }),
    'nx.json': JSON.stringify(nx),
    '.prettierrc': '{}',
  });
  await run(root, api('My API'), connection('demo'));
  expect(json(root, 'apps/demo/package.json')).toEqual({ name: '@shop/demo' });
  expect(json(root, 'package.json').dependencies).toMatchObject({ react: '^19.0.0', aws4fetch: expect.any(String) });
  const { targets, namedInputs } = json(root, 'apps/demo/project.json');
  expect(targets).toMatchObject({
    build: { dependsOn: ['^build', 'clients'] },
    serve: { dependsOn: ['clients', 'watch:*-client'] },
    types: { dependsOn: ['^types', 'clients'] },
    lint: { dependsOn: ['clients'] },
    test: { dependsOn: ['^build', 'clients'] },
  });
  expect(namedInputs).toEqual({ default: ['{projectRoot}/**/*', 'sharedGlobals', { dependentTasksOutputFiles: '**/*.gen.ts' }] });
  expect(read(root, '.prettierignore')).toContain('/apps/demo/src/connections/\n');
});

test('a project.json of its own keeps its targets, which wait for ours besides', async () => {
  const project = { name: 'site', targets: { build: { executor: '@nx/vite:build', dependsOn: ['icons'] }, e2e: { command: 'x' } } };
  const root = tree(website('apps/site', { 'project.json': JSON.stringify(project) }));
  await run(root, api('My API'), connection('site'));
  expect(json(root, 'apps/site/project.json').targets).toMatchObject({
    build: { executor: '@nx/vite:build', dependsOn: ['icons', 'clients'] },
    e2e: { command: 'x' },
    clients: { executor: 'nx:noop' },
  });
  const before = snapshot(root);
  await run(root, { kind: 'update' });
  expect(snapshot(root)).toEqual(before);
});

test('a website that is gone is told, and nothing of it is made anew', async () => {
  const root = tree(website());
  await run(root, api('My API'), connection('website'));
  rmSync(join(root, 'packages/website'), { recursive: true });
  const { notes } = await run(root, { kind: 'update' });
  expect(notes.join('\n')).toContain('The website packages/website is gone');
  expect(existsSync(join(root, 'packages/website'))).toBe(false);
});

const withPackages = (...names: string[]): string =>
  JSON.stringify({ name: 'website', dependencies: Object.fromEntries(names.map((name) => [name, '1'])) });

test.each<[string, Record<string, string | undefined>, string]>([
  ['no React', { 'package.json': withPackages('vue') }, 'packages/website is no React website'],
  ['no TypeScript', { 'tsconfig.json': undefined }, 'packages/website is not in TypeScript'],
  [
    'JavaScript beside TypeScript',
    { 'index.html': '<script type="module" src="/src/main.jsx"></script>', 'src/main.jsx': '' },
    'packages/website is not in TypeScript',
  ],
  ['Next.js', { 'package.json': withPackages('react', 'next') }, 'packages/website is a Next.js website, which renders on a server'],
  ['Remix', { 'package.json': withPackages('react', '@remix-run/node') }, 'packages/website is a Remix website'],
  [
    "React Router's framework mode",
    { 'package.json': withPackages('react', '@react-router/dev') },
    'packages/website is a React Router website in framework mode',
  ],
  ['Astro', { 'package.json': withPackages('react', 'astro') }, 'packages/website is an Astro website'],
  ['TanStack Start', { 'package.json': withPackages('react', '@tanstack/react-start') }, 'packages/website is a TanStack Start website'],
  ['another bundler', { 'vite.config.ts': undefined }, 'packages/website is not built by Vite'],
])('%s is refused in one line, and nothing is written', async (_, changes, message) => {
  const root = tree(website('packages/website', changes));
  await run(root, api('My API'));
  const before = snapshot(root);
  const refused = () => prepareRun(new Reader(root), { requests: [connection('website')] });
  expect(refused).toThrow(message);
  expect(refused).toThrow(/^[^\n]+$/);
  expect(snapshot(root)).toEqual(before);
  expect(findWebsites(new Reader(root))).toEqual([]);
});

test.each([
  ['nope', 'My API', 'There is no project and no folder "nope" in this workspace: React websites are in packages/website.'],
  ['packages', 'My API', 'There is no project and no folder "packages" in this workspace'],
  ['../website', 'My API', '--project is "../website": it has to be a folder below the workspace\'s root'],
  ['packages/my-api', 'My API', 'packages/my-api is no React website'],
  ['website', 'Nope', 'There is no API Nope in this workspace: it has my-api.'],
])('--project %s of the API %s is refused', async (project, name, message) => {
  const root = tree(website());
  await run(root, api('My API'));
  expect(() => prepareRun(new Reader(root), { requests: [connection(project, name)] })).toThrow(message);
});

describe('--project', () => {
  const root = tree({
    ...website('apps/web/storefront', { 'package.json': withPackages('react').replace('website', '@shop/site') }),
    ...website('apps/admin', { 'package.json': withPackages('react').replace('website', '@shop/console') }),
    ...website('old/admin', { 'package.json': withPackages('react').replace('website', 'admin-of-old') }),
    'libs/storefront/package.json': '{ "name": "storefront-lib" }',
    'package.json': '{ "name": "shop" }',
  });
  const find = (project: string, from?: string) => websiteFolder(new Reader(root), project, from);

  test.each([
    ['the name', '@shop/site', '.', 'apps/web/storefront'],
    ['the name without its scope', 'console', '.', 'apps/admin'],
    ['a folder below the root', 'apps/web/storefront', '.', 'apps/web/storefront'],
    ['a folder below the root, from elsewhere', 'apps/web/storefront/', 'libs', 'apps/web/storefront'],
    ["the folder's own name, though a library's is the same", 'storefront', '.', 'apps/web/storefront'],
    ['a path from where the user stands', 'web/storefront', 'apps', 'apps/web/storefront'],
    ['an absolute path', join(root, 'apps/admin'), '.', 'apps/admin'],
    ['the current folder', '.', 'apps/admin', 'apps/admin'],
    ['a path through the folder above', '../web/storefront', 'apps/admin', 'apps/web/storefront'],
  ])('may be %s', (_, project, from, folder) => {
    expect(find(project, from)).toBe(folder);
  });

  test.each([
    ['admin', '.', '--project is "admin", which may be any of apps/admin, old/admin: give one of these.'],
    ['/', '.', "it has to be a folder below the workspace's root"],
    ['..', '.', '--project is "..": it has to be a folder below the workspace\'s root'],
    ['.', 'apps', 'There is no project and no folder "."'],
    ['.', '.', "The root's project is no React website"],
    ['storefront-lib', '.', 'libs/storefront is no React website'],
  ])('%s from %s is refused', (project, from, message) => {
    expect(() => find(project, from)).toThrow(message);
    expect(() => find(project, from)).toThrow(/^[^\n]+$/);
  });
});

test.each<[string, Record<string, string>, boolean]>([
  ['npm', { 'package-lock.json': '{}' }, true],
  ['npm without scripts of its own accord', { 'package-lock.json': '{}', '.npmrc': 'ignore-scripts=true\n' }, false],
  ['pnpm', { 'pnpm-lock.yaml': '' }, true],
  ['pnpm 8', { 'pnpm-lock.yaml': '', 'package.json': '{ "name": "shop", "packageManager": "pnpm@8.15.9" }' }, false],
  [
    'pnpm 8 with the setting',
    {
      'pnpm-lock.yaml': '',
      'package.json': '{ "name": "shop", "packageManager": "pnpm@8.15.9" }',
      '.npmrc': 'enable-pre-post-scripts=true\n',
    },
    true,
  ],
  ['pnpm without the setting', { 'pnpm-lock.yaml': '', '.npmrc': 'enable-pre-post-scripts = false\n' }, false],
  ['pnpm by its own file', { 'pnpm-workspace.yaml': 'packages: []\nenablePrePostScripts: false\n' }, false],
  ['bun', { 'bun.lock': '' }, true],
  ['yarn 1', { 'yarn.lock': '# yarn lockfile v1\n' }, true],
  ['yarn 4', { 'yarn.lock': '__metadata:\n  version: 8\n' }, false],
])('%s runs prebuild before build: told where it does not', async (_, files, hasHooks) => {
  const root = tree({ 'package.json': '{ "name": "shop" }', ...files, ...website() });
  const prepared = await run(root, api('My API'), connection('website'));
  const told = closingNotes(prepared).join('\n');
  expect(told).toContain('packages/website calls My API: useMyApi() is its client');
  expect(/Here \w+ runs no script before another: .* or "\w+ run generate-clients" before them\./.test(told)).toBe(!hasHooks);
  const { scripts } = json(root, 'packages/website/package.json');
  const made = 'node scripts/generate-clients.mjs';
  expect(scripts).toEqual({
    dev: 'vite',
    build: 'vite build',
    ...(hasHooks ? { predev: made, prebuild: made } : { 'generate-clients': made }),
  });
});
