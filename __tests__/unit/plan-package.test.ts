import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { IacProvider } from '../../lib/options/choices.ts';
import { constructsName, planConstructs } from '../../lib/plan-constructs.ts';
import { planIac } from '../../lib/plan-iac.ts';
import { planWorkspace } from '../../lib/plan-workspace.ts';
import { addApi, infraEntry, lostRecords, startRun } from '../../lib/run.ts';
import { type ResolvedStaging, resolveStaging } from '../../lib/staging.ts';
import { planStoredAnswers } from '../../lib/stored-answers.ts';

const dir = 'packages/common/constructs';

function put(root: string, files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const repository = (files: Record<string, string>): string => put(mkdtempSync(join(tmpdir(), 'plan-package-')), files);

/** One run of the generators in a repository; what is safe to write is written. */
function generateIn(root: string, iacProvider: IacProvider = 'CDK'): ResolvedStaging {
  const run = startRun(root);
  const answers = {
    computeType: 'ServerlessApiGatewayRestApi',
    integrationPattern: 'isolated',
    auth: 'IAM',
    directory: 'packages',
  } as const;
  const api = addApi(run, { name: 'My API', iacProvider, ...answers }, 'shop');
  planWorkspace(run);
  planIac(run, api, iacProvider);
  if (iacProvider === 'CDK') planConstructs(run);
  planStoredAnswers(run);
  const resolved = resolveStaging(root, run.staging, {}, lostRecords(run));
  put(root, Object.fromEntries(resolved.writes.map(({ path, contents }) => [path, contents])));
  return resolved;
}

const read = (root: string, path: string): string => readFileSync(join(root, path), 'utf8');
const json = (root: string, path: string) => JSON.parse(read(root, path)) as Record<string, unknown> & { targets: Record<string, unknown> };

const own: Record<string, string> = {
  'package.json': '{ "name": "shop" }',
  [`${dir}/package.json`]: '{ "name": "@shop/cdk", "type": "module", "scripts": { "test": "vitest" } }',
  [`${dir}/tsconfig.json`]: '{ "include": ["src"] }',
  [`${dir}/README.md`]: '# Constructs\n',
  [`${dir}/src/index.ts`]: "export * from './bucket.js';\n",
};

test("a package of the repository's own keeps its files, and its barrel gets our exports", () => {
  const root = repository(own);
  expect(generateIn(root).conflicts).toEqual([]);
  for (const file of ['package.json', 'tsconfig.json', 'README.md']) expect(read(root, `${dir}/${file}`)).toBe(own[`${dir}/${file}`]);
  expect(read(root, `${dir}/src/index.ts`)).toBe(
    "export * from './bucket.js';\nexport * from './app/index.js';\nexport * from './core/user-pool.js';\n",
  );
  const before = read(root, `${dir}/project.json`);
  expect(generateIn(root).writes.map(({ path }) => path)).not.toContain(`${dir}/project.json`);
  expect(read(root, `${dir}/project.json`)).toBe(before);
});

test('Nx knows it by the name it had, and its scripts go before our targets', () => {
  const root = repository(own);
  generateIn(root);
  const { name, targets } = json(root, `${dir}/project.json`);
  expect(name).toBe('@shop/cdk');
  expect(Object.keys(targets).sort()).toEqual(['build', 'generate:MyApi-metadata', 'metadata', 'typecheck']);
  expect(json(root, 'packages/infra/project.json')).toMatchObject({
    implicitDependencies: ['@shop/cdk'],
    targets: { typecheck: { dependsOn: [{ projects: ['@shop/cdk'], target: 'metadata' }] } },
  });
  expect(constructsName(startRun(root))).toBe('@shop/cdk');
});

test('targets that it has stay as they are, and what they need is told', () => {
  const targets = { build: { command: 'make' }, lint: { command: 'eslint .' } };
  const root = repository({ ...own, [`${dir}/project.json`]: JSON.stringify({ targets }) });
  const { notes } = generateIn(root);
  expect(json(root, `${dir}/project.json`)).toMatchObject({ targets });
  expect(json(root, `${dir}/project.json`)).not.toHaveProperty('name');
  expect(notes.filter((note) => note.startsWith(dir))).toEqual([
    `${dir}/project.json keeps its own build, test: let them depend on the target metadata, which writes code that they compile`,
  ]);
});

test('a package that is no ES module is told that ours is one', () => {
  const root = repository({ ...own, [`${dir}/package.json`]: '{ "name": "cdk" }' });
  expect(generateIn(root).notes).toEqual([]);
  const run = startRun(root);
  run.stored = { scope: 'shop', iacProvider: 'CDK', apis: {} };
  planConstructs(run);
  expect(run.notes).toEqual([
    `${dir}/package.json has no "type": "module", which the constructs need: add it, or move your package out of this folder.`,
  ]);
});

test('files without a manifest make no package: ours goes beside them', () => {
  const root = repository({ 'package.json': '{}', [`${dir}/lib/bucket.js`]: '' });
  generateIn(root);
  expect(json(root, `${dir}/project.json`).name).toBe('common-constructs');
  expect(json(root, `${dir}/project.json`).targets).toHaveProperty('lint');
});

test('a source of the repository where one of ours goes is a conflict', () => {
  const root = repository({ ...own, [`${dir}/src/core/api/utils.ts`]: 'export {};\n' });
  expect(generateIn(root).conflicts.map(({ path }) => path)).toEqual([`${dir}/src/core/api/utils.ts`]);
});

test('modules of the repository where ours go keep their project, too', () => {
  const root = repository({ 'package.json': '{}', 'packages/common/terraform/project.json': '{ "name": "modules" }' });
  expect(generateIn(root, 'Terraform').conflicts).toEqual([]);
  expect(json(root, 'packages/infra/project.json').implicitDependencies).toEqual(['modules']);
});

describe('where the record of what was written is lost', () => {
  test.each(['CDK', 'Terraform'] as const)('%s: the same run finds all files again, and no file but the records changes', (provider) => {
    const root = repository({ 'package.json': '{}', 'src/main.ts': '' });
    generateIn(root, provider);
    rmSync(join(root, '.fastapi-lambda'), { recursive: true });
    expect(infraEntry(startRun(root), provider).infraDir).toBe('packages/infra');
    const { conflicts, writes } = generateIn(root, provider);
    expect(conflicts).toEqual([]);
    const changed = writes.map(({ path }) => path).filter((path) => !path.startsWith('.fastapi-lambda/'));
    expect(changed).toEqual([]);
  });

  test("what is written once is the user's, whatever it holds", () => {
    const root = repository({});
    generateIn(root);
    rmSync(join(root, '.fastapi-lambda'), { recursive: true });
    put(root, { 'packages/infra/src/stages/application-stage.ts': '// of the user\n', 'biome.json': '{}\n' });
    expect(generateIn(root).conflicts).toEqual([]);
    expect(read(root, 'packages/infra/src/stages/application-stage.ts')).toBe('// of the user\n');
  });
});

test('the path of the constructs starts from where the paths of the repository start', () => {
  const root = repository({ 'package.json': '{}', 'tsconfig.base.json': '{ "compilerOptions": { "baseUrl": "./libs", "paths": {} } }' });
  generateIn(root);
  expect(json(root, 'tsconfig.base.json')).toMatchObject({
    compilerOptions: { paths: { ':shop/common-constructs': ['../packages/common/constructs/src/index.ts'] } },
  });
});

test('a byte order mark that Nx does not read is told', () => {
  const root = repository({ 'package.json': '\uFEFF{}' });
  const run = startRun(root);
  addApi(
    run,
    {
      name: 'A',
      iacProvider: 'CDK',
      computeType: 'ServerlessApiGatewayRestApi',
      integrationPattern: 'isolated',
      auth: 'IAM',
      directory: 'a',
    },
    'shop',
  );
  planWorkspace(run);
  expect(run.notes).toEqual(['package.json starts with a byte order mark, which Nx does not read: save it as UTF-8 without one.']);
});
