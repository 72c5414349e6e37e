import { realDisk } from '../../../lib/read/disk.ts';
import { type Pending, Reader } from '../../../lib/read/reader.ts';
import { emptyRecord } from '../../../lib/read/record.ts';
import { leaveUsedPackages } from '../../../lib/resolve/used-packages.ts';
import { tree } from '../../support/trust-tree.ts';

const versions = {
  '@biomejs/biome': '^2.0.0',
  '@types/node': '^20.0.0',
  'aws-cdk': '^2.0.0',
  constructs: '^10.0.0',
  nx: '^24.0.0',
  tsx: '^4.0.0',
  typescript: '^7.0.0',
};
const added = JSON.stringify({ devDependencies: versions });

interface Left {
  kept: string[];
  notes: string[];
}

/** What becomes of packages that we added and add no more, in a repository with these npm scripts and files. */
function left(scripts: Record<string, string>, files: Record<string, string> = {}, pending: Pending = new Map()): Left {
  const root = tree({ 'package.json': JSON.stringify({ scripts, devDependencies: versions }), ...files });
  const target = JSON.stringify({ targets: { ours: {} } });
  const additions = new Map([
    ['package.json', added],
    ['apps/a/project.json', target],
  ]);
  const record = { ...emptyRecord(), additions };
  const { shared, notes } = leaveUsedPackages(record, [], new Reader(root, realDisk, pending));
  const { devDependencies: ours = {} } = JSON.parse(shared.additions.get('package.json') as string) as { devDependencies?: object };
  return { kept: Object.keys(versions).filter((name) => !Object.hasOwn(ours, name)), notes };
}

test.each([
  ['biome check .', ['@biomejs/biome']],
  ['npx @biomejs/biome@2 check && node_modules/.bin/tsc --noEmit', ['@biomejs/biome', 'typescript']],
  ['node --import tsx src/main.ts', ['tsx']],
  ['npm run build && cdk deploy', ['aws-cdk']],
  ["sh -c 'tsc'", ['typescript']],
  ['nx-cloud start; nx.sh; npm run constructs:build; cat biome.json tsc/x', []],
])('of packages that only a script runs, those that it names stay: %s', (script, kept) => {
  expect(left({ x: script }).kept).toEqual(kept);
});

test('scripts of any package of the repository count, and sources that import', () => {
  expect(left({}, { 'apps/a/package.json': '{ "scripts": { "lint": "biome ci" } }', 'src/x.ts': "import 'constructs';\n" }).kept).toEqual([
    '@biomejs/biome',
    'constructs',
  ]);
});

test.each([
  ['a component of Vue', 'src/a.vue', "<script>\nimport 'constructs';\n</script>\n", ['constructs']],
  ['one of Svelte', 'src/a.svelte', "<script>\n  import 'constructs';\n</script>\n", ['constructs']],
  ['a page of Astro', 'src/a.astro', "---\nimport 'constructs';\n---\n", ['constructs']],
  ['a workflow', '.github/workflows/ci.yml', 'jobs:\n  a:\n    steps:\n      - run: npx tsx main.ts\n', ['tsx']],
  ['a hook of git', '.husky/pre-commit', 'npx biome check\n', ['@biomejs/biome']],
  ['a pipeline of GitLab', '.gitlab-ci.yml', 'a:\n  script: [npx cdk synth]\n', ['aws-cdk']],
  ['a script of a shell', 'scripts/a.sh', 'npx nx run-many -t build\n', ['nx']],
  ['a lock', 'pnpm-lock.yaml', 'packages:\n  tsx@4.0.0: {}\n', []],
  ['an import of Node', 'src/a.js', "import { join } from 'node:path';\n", ['@types/node']],
  ['one without its prefix', 'src/a.js', "const { readFile } = require('fs/promises');\n", ['@types/node']],
  ['types of a compiler', 'tsconfig.json', '{ "compilerOptions": { "types": ["node"] } }', ['@types/node', 'typescript']],
  ['a compiler without any', 'apps/a/tsconfig.app.json', '{ // none\n}', ['typescript']],
])('%s counts for what it uses', (_, path, text, kept) => {
  expect(left({}, { [path]: text }).kept).toEqual(kept);
});

test('what another generator of the run is writing counts, and what it deletes does not', () => {
  const pending = new Map([
    ['src/new/x.ts', Buffer.from("import 'constructs';\n")],
    ['src/y.ts', null],
  ]);
  expect(left({}, { 'src/y.ts': "import 'nx';\n" }, pending).kept).toEqual(['constructs']);
});

test('targets of Nx count too, but for those that we added', () => {
  const project = (...names: string[]): string =>
    JSON.stringify({ targets: Object.fromEntries(names.map((name) => [name, { options: { commands: [`biome ${name}`] } }])) });
  expect(left({}, { 'apps/a/project.json': project('ours', 'mine') }).kept).toEqual(['@biomejs/biome']);
  expect(left({}, { 'apps/a/project.json': project('ours') }).kept).toEqual([]);
});

test('what stays and what goes is told, but for what the user has changed', () => {
  expect(left({ start: 'tsx main.ts' }).notes).toEqual([
    'package.json loses @biomejs/biome, @types/node, aws-cdk, constructs, nx, typescript: nothing that is generated needs them any more, and no code or command of yours was found that uses them.',
    'package.json keeps tsx, which code or commands of yours use.',
  ]);
  const own = { 'package.json': JSON.stringify({ devDependencies: { ...versions, nx: '25.0.0' } }) };
  expect(left({}, own).notes[0]).toMatch(/^package\.json loses @biomejs\/biome, @types\/node, aws-cdk, constructs, tsx, typescript: /);
});
