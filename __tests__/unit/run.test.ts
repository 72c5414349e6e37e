import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ApiAnswers } from '../../lib/options/options.ts';
import { addApi, apiData, infraEntry, providersOf, startRun } from '../../lib/run.ts';

function repository(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'run-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const answers = (name: string, changes: Partial<ApiAnswers> = {}): ApiAnswers => ({
  name,
  computeType: 'ServerlessApiGatewayRestApi',
  integrationPattern: 'isolated',
  auth: 'IAM',
  directory: 'packages',
  iacProvider: 'Inherit',
  ...changes,
});

test('the first API records the flavour, which Inherit stands for afterwards', () => {
  const run = startRun(repository({}));
  addApi(run, answers('Orders', { iacProvider: 'Terraform' }), 'shop');
  addApi(run, answers('Items'), 'shop');
  expect(run.stored?.iacProvider).toBe('Terraform');
  expect(providersOf(run, 'items')).toEqual(['Terraform']);
  expect(infraEntry(run, 'Terraform')).toEqual({ infraDir: 'packages/infra', infraName: 'infra' });
  expect(infraEntry(run, 'CDK')).toEqual({ infraDir: 'packages/infra-cdk', infraName: 'infra-cdk' });
});

test('each API of a workspace has a port of its own', () => {
  const run = startRun(repository({}));
  for (const name of ['A', 'B', 'C']) addApi(run, answers(name), 'shop');
  expect(['a', 'b', 'c'].map((name) => apiData(run, name).port)).toEqual([8000, 8001, 8002]);
});

test('a flavour that is asked for again is added to those that the API has', () => {
  const run = startRun(repository({}));
  addApi(run, answers('Orders'), 'shop');
  addApi(run, answers('Orders', { iacProvider: 'Terraform' }), 'shop');
  expect(providersOf(run, 'orders')).toEqual(['CDK', 'Terraform']);
});

test.each([
  ['a project of Nx of the same name', { 'apps/other/project.json': '{ "name": "orders" }' }, 'apps/other already holds a project orders'],
  ['a package of the same name', { 'libs/o/package.json': '{ "name": "orders" }' }, 'libs/o already holds a project orders'],
  ['a Python project of the same name', { 'py/pyproject.toml': '[project]\nname = "orders"\n' }, 'py already holds a project orders'],
  ['a project in the folder', { 'packages/orders/package.json': '{ "name": "else" }' }, 'packages/orders already holds a project'],
  ['a file in the place of the folder', { 'packages/orders': 'text' }, 'packages/orders is a file'],
])('%s is in the way', (_, files, message) => {
  expect(() => addApi(startRun(repository(files)), answers('Orders'), 'shop')).toThrow(message);
});

test("a repository's own packages/infra stays its own", () => {
  const run = startRun(repository({ 'packages/infra/main.tf': '', 'package.json': '{}' }));
  addApi(run, answers('Orders'), 'shop');
  expect(infraEntry(run, 'CDK').infraDir).toBe('packages/infra-cdk');
});

test('two APIs with one Python module are refused, and an API that moves', () => {
  const run = startRun(repository({}));
  addApi(run, answers('Orders'), 'shop');
  expect(() => addApi(run, answers('Other', { moduleName: 'orders' }), 'shop')).toThrow('has the Python module orders already');
  expect(() => addApi(run, answers('Orders', { directory: 'apps' }), 'shop')).toThrow('stands in packages already');
});
