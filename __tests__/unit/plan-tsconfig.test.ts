import { planTsconfigExclude } from '../../lib/plan-tsconfig.ts';
import { startRun } from '../../lib/run.ts';
import { tree } from '../support/trust-tree.ts';

/** The repository's tsconfig.json after the folders were taken out of it; `undefined` where there is nothing to add. */
function excluded(files: Record<string, string>, folders = ['packages/infra']): string | undefined {
  const run = startRun(tree({ 'package.json': '{}', ...files }));
  planTsconfigExclude(run, folders);
  return run.staging.additions[0]?.apply(files['tsconfig.json'], new Map()).text;
}

const exclude = (text: string | undefined): unknown => JSON.parse(text ?? '{}').exclude;

test('a tsconfig.json that names no files compiles all of them: ours are taken out, and the default stays', () => {
  const text = '{ "compilerOptions": { "outDir": "out" } }';
  expect(exclude(excluded({ 'tsconfig.json': text }))).toEqual(['node_modules', 'out', 'packages/infra']);
});

test('folders join those that are taken out already', () => {
  expect(exclude(excluded({ 'tsconfig.json': '{ "exclude": ["old"] }' }))).toEqual(['old', 'packages/infra']);
});

test.each(['["**/*"]', '["./**/*.ts"]', '["packages/*/src"]', '["."]'])('patterns that can stand for our folder: %s', (include) => {
  expect(exclude(excluded({ 'tsconfig.json': `{ "include": ${include} }` }))).toContain('packages/infra');
});

test.each(['{ "include": ["src"] }', '{ "include": ["apps/**/*"] }', '{ "files": [] }', '{ "files": ["a.ts"], "references": [] }'])(
  'a tsconfig.json that compiles something else stays as it is: %s',
  (text) => {
    expect(excluded({ 'tsconfig.json': text })).toBeUndefined();
  },
);

test('what is inherited counts', () => {
  expect(excluded({ 'tsconfig.json': '{ "extends": "./base" }', 'base.json': '{ "include": ["src"] }' })).toBeUndefined();
  expect(exclude(excluded({ 'tsconfig.json': '{ "extends": "./base.json" }', 'base.json': '{ "exclude": ["x"] }' }))).toEqual([
    'x',
    'packages/infra',
  ]);
});

test('a repository without a tsconfig.json gets none', () => {
  expect(excluded({})).toBeUndefined();
});
