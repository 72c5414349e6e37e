import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addApi, startRun } from '../../lib/run.ts';
import { typeScriptData } from '../../lib/typescript-data.ts';

function runIn(files: Record<string, string>) {
  const root = mkdtempSync(join(tmpdir(), 'typescript-data-'));
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
  const run = startRun(root);
  const answers = {
    computeType: 'ServerlessApiGatewayRestApi',
    integrationPattern: 'isolated',
    auth: 'IAM',
    directory: 'packages',
  } as const;
  addApi(run, { name: 'My API', iacProvider: 'CDK', ...answers }, 'shop');
  return run;
}

test('a new workspace has its options in the base alone', () => {
  expect(typeScriptData(runIn({}), 'packages/infra')).toEqual({ hasBaseTsconfig: true, compilerOptions: undefined });
});

test("beside a repository's own base, a package has its own options and leaves the paths to the base", () => {
  const { hasBaseTsconfig, compilerOptions = '' } = typeScriptData(
    runIn({ 'package.json': '{}', 'tsconfig.base.json': '{}' }),
    'packages/infra',
  );
  expect(hasBaseTsconfig).toBe(true);
  expect(JSON.parse(compilerOptions)).toMatchObject({ module: 'nodenext', composite: false });
  expect(JSON.parse(compilerOptions)).not.toHaveProperty('paths');
});

test('without a base, a package has the path too, from where it lies', () => {
  const { hasBaseTsconfig, compilerOptions = '' } = typeScriptData(runIn({ 'package.json': '{}' }), 'packages/common/constructs');
  expect(hasBaseTsconfig).toBe(false);
  expect(JSON.parse(compilerOptions).paths).toEqual({ ':shop/common-constructs': ['../../../packages/common/constructs/src/index.ts'] });
});
