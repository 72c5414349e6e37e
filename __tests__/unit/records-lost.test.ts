import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { commitFiles } from '../../lib/commit/commit.ts';
import type { Request } from '../../lib/model/model.ts';
import { Reader } from '../../lib/read/reader.ts';
import { readRecord } from '../../lib/read/record.ts';
import { type PreparedRun, prepareRun } from '../../lib/run.ts';
import { apiRequest as api } from '../support/requests.ts';
import { put, read, tree } from '../support/trust-tree.ts';

jest.setTimeout(60_000);

/** One run in a folder; conflicts stay as they are. */
async function run(root: string, ...requests: Request[]): Promise<PreparedRun> {
  const prepared = prepareRun(new Reader(root), { requests, scope: 'shop' });
  await commitFiles(prepared.reader, prepared.files(new Set(conflictsOf(prepared))));
  return prepared;
}

const conflictsOf = ({ decisions }: PreparedRun): string[] =>
  decisions.filter(({ outcome }) => outcome === 'conflict').map(({ path }) => path);

/** Takes an API out of the answers, as a user does who removes it. */
function forget(root: string, project: string): void {
  const answers = JSON.parse(read(root, '.yo-rc.json')) as Record<string, { apis: Record<string, unknown> }>;
  delete answers['generator-fastapi-lambda']?.apis[project];
  put(root, { '.yo-rc.json': `${JSON.stringify(answers, null, 2)}\n` });
}

/** Of the files of a folder those that the record of the shared files has as ours. */
const knownIn = (root: string, folder: string): string[] =>
  [...readRecord(new Reader(root), 'shared').files.keys()].filter((path) => path.startsWith(`${folder}/`)).sort();

describe('records that are lost while no API has a flavour', () => {
  test.each([
    ['CDK', 'packages/infra', 'packages/infra'],
    ['Terraform', 'packages/infra-terraform', 'packages/common/terraform'],
  ] as const)('%s: its files are ours still, and an API that has it again finds all of them', async (flavour, entry, shared) => {
    const root = tree();
    await run(root, api('Orders', 'CDK'), { kind: 'constructs' });
    if (flavour === 'Terraform') await run(root, api('Billing', 'Terraform'));
    forget(root, flavour === 'CDK' ? 'orders' : 'billing');
    await run(root, { kind: 'update' });
    const [known, answers] = [[entry, shared].map((folder) => knownIn(root, folder)), read(root, '.yo-rc.json')];
    expect(known.every((paths) => paths.length > 0)).toBe(true);
    rmSync(join(root, '.fastapi-lambda'), { recursive: true });
    expect(conflictsOf(await run(root, { kind: 'update' }))).toEqual([]);
    expect([entry, shared].map((folder) => knownIn(root, folder))).toEqual(known);
    expect(read(root, '.yo-rc.json')).toBe(answers);
    expect(conflictsOf(await run(root, api('Shipping', flavour)))).toEqual([]);
    const project = JSON.parse(read(root, `${shared}/project.json`)) as { name: string };
    expect(project.name).toBe(flavour === 'CDK' ? 'infra' : 'common-terraform');
    expect(read(root, '.yo-rc.json')).not.toContain('"foreign"');
    expect(knownIn(root, shared)).toContain(`${shared}/project.json`);
  });

  test('the package of all APIs is ours still when there is an API again', async () => {
    const root = tree();
    await run(root, api('Orders', 'Terraform'));
    forget(root, 'orders');
    await run(root, { kind: 'update' });
    rmSync(join(root, '.fastapi-lambda'), { recursive: true });
    await run(root, { kind: 'update' });
    expect(knownIn(root, 'packages/common/runtime')).toContain('packages/common/runtime/project.json');
    expect(conflictsOf(await run(root, api('Shipping', 'Terraform')))).toEqual([]);
  });
});

test('what no API has any more goes with its folder', async () => {
  const root = tree();
  await run(root, api('Orders', 'CDK'), api('Billing', 'Terraform'));
  forget(root, 'billing');
  await run(root, { kind: 'update' });
  expect(read(root, '.yo-rc.json')).toContain('infra-terraform');
  for (const folder of ['packages/infra-terraform', 'packages/common/terraform', 'packages/billing'])
    rmSync(join(root, folder), { recursive: true });
  await run(root, { kind: 'update' });
  expect(read(root, '.yo-rc.json')).not.toContain('infra-terraform');
  expect((await run(root, { kind: 'update' })).decisions.filter(({ path }) => path.includes('terraform'))).toEqual([]);
});
