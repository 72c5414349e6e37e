import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Auth } from '../../lib/choices.ts';
import { planIac } from '../../lib/plan-iac.ts';
import { addApi, startRun } from '../../lib/run.ts';
import { resolveStaging } from '../../lib/staging.ts';
import { planStoredAnswers } from '../../lib/stored-answers.ts';

/** Adds one API with CDK to what a folder holds, as a run would. */
function addCdkApi(root: string, name: string, auth: Auth): void {
  const run = startRun(root);
  const api = addApi(
    run,
    { name, auth, computeType: 'ServerlessApiGatewayRestApi', integrationPattern: 'isolated', directory: 'packages', iacProvider: 'CDK' },
    'shop',
  );
  planIac(run, api, 'CDK');
  planStoredAnswers(run);
  for (const { path, contents } of resolveStaging(root, run.staging, {}).writes) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), contents);
  }
}

test.each(['IAM', 'Cognito', 'Custom', 'None'] as const)(
  'a second API with %s brings the imports of all that its statement names',
  (auth) => {
    const root = mkdtempSync(join(tmpdir(), 'plan-iac-'));
    addCdkApi(root, 'First', 'IAM');
    addCdkApi(root, 'Second', auth);
    const stack = readFileSync(join(root, 'packages/infra/src/stacks/application-stack.ts'), 'utf8');
    expect(stack).toContain("new Second(this, 'Second', {");
    const made = [...stack.matchAll(/new (\w+)\(/g)].map(([, name]) => name as string);
    for (const name of made) expect(stack).toMatch(new RegExp(`^import \\{[^}]*\\b${name}\\b[^}]*\\} from`, 'm'));
  },
);
