import { commitFiles } from '../../../lib/commit/commit.ts';
import { closingNotes } from '../../../lib/finish/closing-notes.ts';
import type { Request } from '../../../lib/model/model.ts';
import { Reader } from '../../../lib/read/reader.ts';
import { prepareRun } from '../../../lib/run.ts';
import { apiRequest } from '../../support/requests.ts';
import { tree } from '../../support/trust-tree.ts';

async function told(root: string, request: Request): Promise<string[]> {
  const prepared = prepareRun(new Reader(root), { requests: [request] });
  await commitFiles(prepared.reader, prepared.files(new Set()));
  return closingNotes(prepared);
}

test('what to run next stands below where the API is, what each command does in one column; so it does after a second flavour', async () => {
  const root = tree({ 'package-lock.json': '{}' });
  expect(await told(root, apiRequest('My API', 'CDK'))).toEqual([
    'My API is in packages/my-api, its CDK infrastructure in packages/infra.',
    '  npx nx run my-api:serve    serves it at http://localhost:8000/docs',
    '  npx nx run infra:synth     checks what would be deployed; more in its README',
    '  npx nx run-many -t build test lint typecheck',
  ]);
  expect(await told(root, { kind: 'flavour', api: 'my-api', iacProvider: 'Terraform' })).toEqual([
    'My API is in packages/my-api, its CDK infrastructure in packages/infra, its Terraform infrastructure in packages/infra-terraform.',
    '  npx nx run my-api:serve            serves it at http://localhost:8000/docs',
    '  npx nx run infra:synth             checks what would be deployed; more in its README',
    '  npx nx run infra-terraform:test    checks what would be deployed; more in its README',
    '  npx nx run-many -t build test lint typecheck',
  ]);
});
