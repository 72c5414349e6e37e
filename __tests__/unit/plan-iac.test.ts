import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Auth } from '../../lib/options/choices.ts';
import { planIac } from '../../lib/plan-iac.ts';
import { addApi, startRun } from '../../lib/run.ts';
import { resolveStaging } from '../../lib/staging.ts';
import { planStoredAnswers } from '../../lib/stored-answers.ts';

/** Adds one API with CDK to what a folder holds, as a run would. */
function addCdkApi(root: string, name: string, auth: Auth): string[] {
  const run = startRun(root);
  const api = addApi(
    run,
    { name, auth, computeType: 'ServerlessApiGatewayRestApi', integrationPattern: 'isolated', directory: 'packages', iacProvider: 'CDK' },
    'shop',
  );
  planIac(run, api, 'CDK');
  planStoredAnswers(run);
  const { writes, notes } = resolveStaging(root, run.staging, {});
  for (const { path, contents } of writes) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), contents);
  }
  return notes;
}

const stackOf = (root: string): string => readFileSync(join(root, 'packages/infra/src/stacks/application-stack.ts'), 'utf8');

test.each(['IAM', 'Cognito', 'Custom', 'None'] as const)(
  'a second API with %s brings the imports of all that its statement names',
  (auth) => {
    const root = mkdtempSync(join(tmpdir(), 'plan-iac-'));
    addCdkApi(root, 'First', 'IAM');
    addCdkApi(root, 'Second', auth);
    const stack = stackOf(root);
    expect(stack).toContain("new Second(this, 'Second', {");
    const made = [...stack.matchAll(/new (\w+)\(/g)].map(([, name]) => name as string);
    for (const name of made) expect(stack).toMatch(new RegExp(`^import \\{[^}]*\\b${name}\\b[^}]*\\} from`, 'm'));
  },
);

test('a statement that other choices ask for is said once, and the stack stays as it is', () => {
  const root = mkdtempSync(join(tmpdir(), 'plan-iac-'));
  expect(addCdkApi(root, 'First', 'IAM')).toEqual([]);
  const before = stackOf(root);
  const notes = addCdkApi(root, 'First', 'Cognito').join('\n');
  expect(notes).toContain("import { ApplicationUserPool } from './user-pool.js';");
  expect(notes).toContain("userPool: new ApplicationUserPool(this, 'FirstUserPool')");
  expect(stackOf(root)).toBe(before);
  expect(addCdkApi(root, 'First', 'Cognito')).toEqual([]);
});
