import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { commitFiles } from '../../../lib/commit/commit.ts';
import type { Request } from '../../../lib/model/model.ts';
import type { IacProvider } from '../../../lib/options/choices.ts';
import { Reader } from '../../../lib/read/reader.ts';
import { type PreparedRun, prepareRun } from '../../../lib/run.ts';
import { put, read, tree } from '../../support/trust-tree.ts';

const dir = 'packages/common/constructs';

const request = (iacProvider: IacProvider): Request => ({
  kind: 'api',
  answers: {
    name: 'My API',
    iacProvider,
    computeType: 'ServerlessApiGatewayRestApi',
    integrationPattern: 'isolated',
    auth: 'IAM',
    directory: 'packages',
  },
});

/** One run for an API in a repository; conflicts stay as they are. */
async function generateIn(root: string, iacProvider: IacProvider = 'CDK'): Promise<PreparedRun> {
  const run = prepareRun(new Reader(root), { requests: [request(iacProvider)] });
  await commitFiles(run.reader, run.files(new Set(conflictsOf(run))));
  return run;
}

/** The same run, killed when it has written one file, with all that comes before it. */
async function killAfter(root: string, path: string, iacProvider: IacProvider = 'CDK', kept: readonly string[] = []): Promise<void> {
  const run = prepareRun(new Reader(root), { requests: [request(iacProvider)] });
  const files = run.files(new Set(kept));
  const last = files.findIndex((file) => file.path === path);
  await commitFiles(run.reader, files.slice(0, last + 1));
  expect(read(root, '.yo-rc.json')).toContain('"unfinished": true');
}

const conflictsOf = ({ decisions }: PreparedRun): string[] =>
  decisions.filter(({ outcome }) => outcome === 'conflict').map(({ path }) => path);

const json = (root: string, path: string) => JSON.parse(read(root, path)) as Record<string, unknown> & { targets: Record<string, unknown> };

const own: Record<string, string> = {
  'package.json': '{ "name": "shop" }',
  [`${dir}/package.json`]: '{ "name": "@shop/cdk", "type": "module", "scripts": { "test": "vitest" } }',
  [`${dir}/tsconfig.json`]: '{ "include": ["src"] }',
  [`${dir}/README.md`]: '# Constructs\n',
  [`${dir}/src/index.ts`]: "export * from './bucket.js';\n",
};

describe("a package of the repository's own where one of ours goes", () => {
  test('keeps its files, its barrel gets our exports, and a second run changes nothing', async () => {
    const root = tree(own);
    expect(conflictsOf(await generateIn(root))).toEqual([]);
    for (const file of ['package.json', 'tsconfig.json', 'README.md']) expect(read(root, `${dir}/${file}`)).toBe(own[`${dir}/${file}`]);
    expect(read(root, `${dir}/src/index.ts`)).toMatch(/^export \* from '\.\/bucket\.js';\nexport \* from '\.\/app\/index\.js';\n/);
    const targets = Object.keys(json(root, `${dir}/project.json`).targets);
    expect(targets).toContain('typecheck');
    const again = prepareRun(new Reader(root), { requests: [{ kind: 'update' }] });
    expect(again.files(new Set()).map(({ path }) => path)).toEqual([]);
  });

  test('is known to Nx by the name it had, and its scripts go before our targets', async () => {
    const root = tree(own);
    await generateIn(root);
    const { name, targets } = json(root, `${dir}/project.json`);
    expect(name).toBe('@shop/cdk');
    expect(targets).not.toHaveProperty('test');
    expect(targets).not.toHaveProperty('lint');
    expect(json(root, 'packages/infra/project.json')).toMatchObject({ implicitDependencies: ['@shop/cdk'] });
  });

  test('keeps the targets that it has', async () => {
    const targets = { build: { command: 'make' }, lint: { command: 'eslint .' } };
    const root = tree({ ...own, [`${dir}/project.json`]: JSON.stringify({ targets }) });
    await generateIn(root);
    expect(json(root, `${dir}/project.json`)).toMatchObject({ targets });
    expect(json(root, `${dir}/project.json`)).not.toHaveProperty('name');
    expect(json(root, `${dir}/project.json`).targets).toHaveProperty('typecheck');
  });

  test('has our targets from a run that was killed, too', async () => {
    const root = tree({ ...own, [`${dir}/project.json`]: '{ "targets": { "build": { "command": "make" } } }' });
    await killAfter(root, `${dir}/project.json`);
    const { targets } = json(root, `${dir}/project.json`);
    await generateIn(root);
    expect(Object.keys(targets).length).toBeGreaterThan(1);
    expect(json(root, `${dir}/project.json`).targets).toEqual(targets);
    expect(read(root, '.fastapi-lambda/shared.json')).toContain(`"${dir}/project.json"`);
    await generateIn(root);
    expect(json(root, `${dir}/project.json`).targets).toEqual(targets);
  });

  test('that is no ES module is told that ours is one', async () => {
    const root = tree({ ...own, [`${dir}/package.json`]: '{ "name": "cdk" }' });
    expect((await generateIn(root)).notes).toContain(
      `${dir}/package.json has no "type": "module", which the constructs need: add it, or move your package out of this folder.`,
    );
  });

  test('is none without a manifest: ours goes beside its files', async () => {
    const root = tree({ 'package.json': '{}', [`${dir}/lib/bucket.js`]: '' });
    await generateIn(root);
    expect(json(root, `${dir}/project.json`).name).toBe('common-constructs');
    expect(json(root, `${dir}/project.json`).targets).toHaveProperty('lint');
  });

  test('has a source where one of ours goes: that is a conflict', async () => {
    const root = tree({ ...own, [`${dir}/src/core/api/utils.ts`]: 'export {};\n' });
    expect(conflictsOf(await generateIn(root))).toEqual([`${dir}/src/core/api/utils.ts`]);
  });

  test('is still theirs after a run that was killed before it had anything to do with it', async () => {
    const root = tree(own);
    await killAfter(root, 'nx.json', 'Terraform');
    const run = prepareRun(new Reader(root), { requests: [{ kind: 'constructs' }] });
    expect(conflictsOf(run)).toEqual([]);
    await commitFiles(run.reader, run.files(new Set()));
    for (const file of ['package.json', 'tsconfig.json', 'README.md']) expect(read(root, `${dir}/${file}`)).toBe(own[`${dir}/${file}`]);
    expect(read(root, `${dir}/src/index.ts`)).toContain("export * from './bucket.js';\n");
  });

  test('of Terraform modules keeps its project, too', async () => {
    const root = tree({ 'package.json': '{}', 'packages/common/terraform/project.json': '{ "name": "modules" }' });
    expect(conflictsOf(await generateIn(root, 'Terraform'))).toEqual([]);
    expect(json(root, 'packages/infra/project.json').implicitDependencies).toEqual(['modules']);
  });
});

describe('where the record of what was written is lost', () => {
  test.each(['CDK', 'Terraform'] as const)('%s: the same run finds all files again, and none but the records changes', async (provider) => {
    const root = tree({ 'package.json': '{}', 'src/main.ts': '' });
    await generateIn(root, provider);
    rmSync(join(root, '.fastapi-lambda'), { recursive: true });
    const again = await generateIn(root, provider);
    expect(conflictsOf(again)).toEqual([]);
    const changed = again.files(new Set()).map(({ path }) => path);
    expect(changed.filter((path) => !path.startsWith('.fastapi-lambda/') && path !== '.yo-rc.json')).toEqual([]);
  });

  test("after a kill, too, what is written once is the user's", async () => {
    const root = tree();
    await generateIn(root);
    rmSync(join(root, '.fastapi-lambda'), { recursive: true });
    const users = {
      'packages/my-api/my_api/main.py': '# of the user\n',
      'packages/infra/src/stages/application-stage.ts': '// of the user\n',
    };
    put(root, { ...users, '.yo-rc.json': read(root, '.yo-rc.json').replace('"scope"', '"unfinished": true,\n    "scope"') });
    const run = prepareRun(new Reader(root), { requests: [{ kind: 'update' }], force: true });
    expect(run.openings).toHaveLength(1);
    await commitFiles(run.reader, run.files(new Set()));
    for (const [path, text] of Object.entries(users)) expect(read(root, path)).toBe(text);
  });

  test('a file of ours that was kept at the question is still ours when that run is killed', async () => {
    const root = tree();
    await generateIn(root);
    rmSync(join(root, '.fastapi-lambda'), { recursive: true });
    put(root, { '.gitignore': read(root, '.gitignore').replace('dist/', 'dist/ # of the user'), 'nx.json': '' });
    await killAfter(root, 'nx.json', 'CDK', ['.gitignore']);
    expect(conflictsOf(prepareRun(new Reader(root), { requests: [request('CDK')] }))).toEqual(['.gitignore']);
  });

  test("what is written once is the user's, whatever it holds", async () => {
    const root = tree();
    await generateIn(root);
    rmSync(join(root, '.fastapi-lambda'), { recursive: true });
    put(root, { 'packages/infra/src/stages/application-stage.ts': '// of the user\n', 'biome.json': '{}\n' });
    expect(conflictsOf(await generateIn(root))).toEqual([]);
    expect(read(root, 'packages/infra/src/stages/application-stage.ts')).toBe('// of the user\n');
  });
});

describe("a repository's TypeScript", () => {
  test('has the path of the constructs from where its own paths start', async () => {
    const root = tree({
      'package.json': '{ "name": "shop" }',
      'tsconfig.base.json': '{ "compilerOptions": { "baseUrl": "./libs", "paths": {} } }',
    });
    await generateIn(root);
    expect(json(root, 'tsconfig.base.json')).toMatchObject({
      compilerOptions: { paths: { ':shop/common-constructs': ['../packages/common/constructs/src/index.ts'] } },
    });
  });

  const excluded = async (files: Record<string, string>): Promise<unknown> => {
    const root = tree({ 'package.json': '{}', ...files });
    await generateIn(root);
    const after = json(root, 'tsconfig.json').exclude;
    return read(root, 'tsconfig.json') === files['tsconfig.json'] ? 'as it was' : after;
  };
  const folders = [dir, 'packages/infra'];

  test('that names no files compiles all of them: ours are taken out, and the default stays', async () => {
    expect(await excluded({ 'tsconfig.json': '{ "compilerOptions": { "outDir": "out" } }' })).toEqual(['node_modules', 'out', ...folders]);
  });

  test('whose list of a killed run is there keeps the default in it', async () => {
    const root = tree({ 'package.json': '{}', 'tsconfig.json': '{ "compilerOptions": { "outDir": "out" } }' });
    await killAfter(root, 'tsconfig.json', 'Terraform');
    await generateIn(root, 'Terraform');
    expect(json(root, 'tsconfig.json').exclude).toEqual(['node_modules', 'out', 'packages/common/terraform']);
  });

  test('that takes out folders takes out ours besides', async () => {
    expect(await excluded({ 'tsconfig.json': '{ "exclude": ["old"] }' })).toEqual(['old', ...folders]);
  });

  test.each(['["**/*"]', '["./**/*.ts"]', '["packages/*/src"]', '["."]'])(
    'has patterns that can stand for our folders: %s',
    async (include) => {
      expect(await excluded({ 'tsconfig.json': `{ "include": ${include} }` })).toEqual(expect.arrayContaining(folders));
    },
  );

  test.each(['{ "include": ["src"] }', '{ "include": ["apps/**/*"] }', '{ "files": [] }', '{ "files": ["a.ts"], "references": [] }'])(
    'that compiles something else stays as it is: %s',
    async (text) => {
      expect(await excluded({ 'tsconfig.json': text })).toBe('as it was');
    },
  );

  test('counts with what it inherits', async () => {
    expect(await excluded({ 'tsconfig.json': '{ "extends": "./base" }', 'base.json': '{ "include": ["src"] }' })).toBe('as it was');
    expect(await excluded({ 'tsconfig.json': '{ "extends": "./base.json" }', 'base.json': '{ "exclude": ["x"] }' })).toEqual([
      'x',
      ...folders,
    ]);
  });
});

test("an API's module in which a file of the user's was kept is where it is", async () => {
  const root = tree({ 'packages/my-api/my_api/init.py': '# of the user\n', 'packages/my-api/my_api/main.py': '# of the user\n' });
  expect(conflictsOf(await generateIn(root)).sort()).toEqual(['packages/my-api/my_api/init.py', 'packages/my-api/my_api/main.py']);
  const again = prepareRun(new Reader(root), { requests: [{ kind: 'update' }] });
  expect(conflictsOf(again)).toEqual(['packages/my-api/my_api/init.py']);
  const written = again.files(new Set(conflictsOf(again))).map(({ path }) => path);
  expect(written.filter((path) => path.startsWith('packages/'))).toEqual([]);
});

test('a byte order mark that Nx does not read is told', async () => {
  expect((await generateIn(tree({ 'package.json': '\uFEFF{}' }))).notes).toContain(
    'package.json starts with a byte order mark, which Nx does not read: save it as UTF-8 without one.',
  );
});
