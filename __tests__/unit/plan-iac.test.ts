// Runs for the APIs of a CDK app, one after another, without Yeoman.
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Auth } from '../../lib/choices.ts';
import { planApi } from '../../lib/plan-api.ts';
import { planConstructs } from '../../lib/plan-constructs.ts';
import { planIac } from '../../lib/plan-iac.ts';
import { planWorkspace } from '../../lib/plan-workspace.ts';
import { addApi, addProvider, startRun } from '../../lib/run.ts';
import { resolveStaging } from '../../lib/staging.ts';
import { planStoredAnswers } from '../../lib/stored-answers.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plan-iac-'));
});

/** Adds one API with CDK to what the folder holds, as a run would, and Terraform where it is asked for. */
function generate(name: string, auth: Auth, more: 'Terraform'[] = []) {
  const run = startRun(root);
  const api = addApi(
    run,
    { name, auth, computeType: 'ServerlessApiGatewayRestApi', integrationPattern: 'isolated', directory: 'packages', iacProvider: 'CDK' },
    'shop',
  );
  for (const provider of more) addProvider(run, api, provider);
  planWorkspace(run);
  planApi(run, api);
  planConstructs(run);
  for (const provider of ['CDK', ...more] as const) planIac(run, api, provider);
  planStoredAnswers(run);
  const { writes, notes, conflicts } = resolveStaging(root, run.staging, {});
  for (const { path, contents } of writes) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), contents);
  }
  return { notes, conflicts: conflicts.map(({ path }) => path), written: writes.map(({ path }) => path) };
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const json = (path: string) => JSON.parse(read(path));

test('a second API gets a stack, and is in every list; the stage and the first stack stay as they are', () => {
  generate('First', 'IAM');
  const own = ['packages/infra/src/stages/application-stage.ts', 'packages/infra/src/stacks/first.ts'];
  const before = own.map(read);
  const { written } = generate('Second', 'Cognito');
  expect(own.map(read)).toEqual(before);
  expect(written).toContain('packages/infra/src/stacks/second.ts');
  expect(read('packages/infra/src/stacks/index.ts')).toMatch(/First: FirstStack,\n {2}Second: SecondStack,/);
  expect(read('packages/common/constructs/src/app/apis/index.ts')).toBe("export * from './first.js';\nexport * from './second.js';\n");
  expect(Object.keys(json('packages/common/constructs/project.json').targets)).toEqual(
    expect.arrayContaining(['generate:First-metadata', 'generate:Second-metadata']),
  );
  expect(json('packages/infra/project.json').targets.bundle.dependsOn).toHaveLength(2);
});

test('a run that changes nothing writes nothing', () => {
  generate('First', 'IAM');
  generate('Second', 'Cognito');
  expect(generate('First', 'IAM')).toEqual({ notes: [], conflicts: [], written: [] });
});

test('another auth changes the stack, beside what the user has made of it', () => {
  generate('First', 'IAM');
  const path = 'packages/infra/src/stacks/first.ts';
  const edited = read(path).replace('new First(', 'const api = new First(').replace('.build(),\n', '.build(),\n      alarms: true,\n');
  writeFileSync(join(root, path), edited);
  const { conflicts, notes } = generate('First', 'Cognito');
  expect(conflicts).toEqual([]);
  expect(notes).toContain(`Merged with your edits: ${path}`);
  expect(read(path)).toContain('({ userPool }: ApiStackProps) => ({ userPool });');
  expect(read(path)).toContain('const api = new First(');
  expect(read(path)).toContain('alarms: true,');
});

test('a second flavour adds a deployment to the project of the API', () => {
  generate('First', 'IAM');
  generate('First', 'IAM', ['Terraform']);
  const { targets } = json('packages/first/project.json');
  expect(targets.deploy.options.cwd).toBe('packages/infra');
  expect(targets['deploy-terraform'].options.cwd).toBe('packages/infra-terraform');
});
