import { rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { commitFiles } from '../../lib/commit/commit.ts';
import { ownerText } from '../../lib/commit/lock.ts';
import type { Request } from '../../lib/model/model.ts';
import { type Disk, realDisk } from '../../lib/read/disk.ts';
import { Reader } from '../../lib/read/reader.ts';
import { readRecord, writeRecord } from '../../lib/read/record.ts';
import { prepareRun } from '../../lib/run.ts';
import { apiRequest as api } from '../support/requests.ts';
import { put, read, tree } from '../support/trust-tree.ts';

/** One run in a folder, its conflicts written; returns how often each file was read. */
async function run(root: string, ...requests: Request[]): Promise<Map<string, number>> {
  const reads = new Map<string, number>();
  const counting: Disk = {
    ...realDisk,
    readFileSync: ((path: string, ...more: []) => {
      const local = String(path).slice(root.length + 1);
      reads.set(local, (reads.get(local) ?? 0) + 1);
      return realDisk.readFileSync(path, ...more);
    }) as Disk['readFileSync'],
  };
  const reader = new Reader(root, counting);
  await commitFiles(reader, prepareRun(reader, { requests, scope: 'shop', force: true }).files(new Set()));
  return reads;
}

test('a run reads each file once, those that it replaces once more, and no record of another API', async () => {
  const root = tree();
  await run(root, api('Orders', 'CDK'), api('Billing', 'Terraform'));
  put(root, { 'packages/orders/run.sh': `${read(root, 'packages/orders/run.sh')}# mine\n` });
  const reads = await run(root, api('Shipping'));
  const often = [...reads].filter(([, count]) => count > 1).map(([path]) => path);
  // What is replaced is compared right before; the answers and the records are replaced twice.
  for (const path of often)
    expect({ path, count: reads.get(path) }).toEqual({ path, count: /^\.(yo-rc\.json|fastapi-lambda\/)/.test(path) ? 3 : 2 });
  expect(often).toContain('packages/infra/src/stacks/index.ts');
  // Of another API's files only those that name a project, for the new one meets none.
  const others = [...reads.keys()].filter((path) => /orders|billing/.test(path));
  expect(others.filter((path) => !/\/(project\.json|pyproject\.toml)$/.test(path))).toEqual([]);
});

test('an update that changes nothing reads each file once and writes none', async () => {
  const root = tree();
  await run(root, api('Orders'), api('Billing', 'Terraform'));
  const reads = await run(root, { kind: 'update' });
  expect([...reads].filter(([, count]) => count > 1)).toEqual([]);
});

test('where taking ours costs edits of the user elsewhere in a file, that is said before the question', async () => {
  const root = tree();
  await run(root, api('Orders'));
  const path = 'packages/orders/run.sh';
  const record = readRecord(new Reader(root), 'orders');
  const ours = read(root, path).trimEnd().split('\n');
  // What was written last lacked the last line of today, in front of which the user has moved one.
  const last = ours.slice(0, -1);
  const files = new Map([...record.files, [path, { text: `${last.join('\n')}\n`, mode: 0o755 }]]);
  const moved = [...last.slice(0, -2), last.at(-1), last.at(-2)];
  put(root, { '.fastapi-lambda/orders.json': writeRecord('orders', { ...record, files }), [path]: `${moved.join('\n')}\n` });
  const { decisions, openings } = prepareRun(new Reader(root), { requests: [{ kind: 'update' }] });
  expect(decisions.filter(({ outcome }) => outcome === 'conflict').map((one) => one.path)).toEqual([path]);
  expect(openings).toEqual([`Taking ours in ${path} also costs edits of yours elsewhere in it, for which ours has no place.`]);
});

test('a run that another one is writing under says so, and not that one was interrupted', async () => {
  const root = tree();
  await run(root, api('Orders'));
  const answers = read(root, '.yo-rc.json');
  put(root, { '.yo-rc.json': answers.replace('"scope"', '"unfinished": true,\n    "scope"') });
  const reader = new Reader(root);
  const prepare = () => prepareRun(reader, { requests: [{ kind: 'update' }] });
  expect(prepare().openings[0]).toMatch(/interrupted/);
  put(root, { '.fastapi-lambda/.commit/owner': ownerText(process.ppid) });
  expect(prepare).toThrow(`Another run (process ${process.ppid}) is writing into ${root}: wait for its end, then run again.`);
  // It has come to its end since the answers were read.
  rmSync(join(root, '.fastapi-lambda/.commit'), { recursive: true });
  put(root, { '.yo-rc.json': answers });
  expect(prepare).toThrow('.yo-rc.json has changed while this run was at work');
});

test('files about several APIs are planned from all of them, whichever one a run is for', async () => {
  const root = tree();
  await run(root, api('Orders'));
  await run(root, api('Billing', 'Terraform'), { kind: 'flavour', api: 'Billing', iacProvider: 'CDK' });
  await run(root, api('Orders'));
  expect(read(root, 'packages/infra/src/stacks/index.ts')).toMatch(/BillingStack[\s\S]*OrdersStack/);
  const { targets } = JSON.parse(read(root, 'packages/infra/project.json')) as {
    targets: { bundle: { dependsOn: { projects: string[] }[] } };
  };
  expect(targets.bundle.dependsOn.flatMap(({ projects }) => projects)).toEqual(['billing', 'orders']);
  expect(read(root, 'packages/infra-terraform/billing.tf')).toContain('module "billing"');
});

test('a choice that changes is changed in the stack of the API too', async () => {
  const root = tree();
  await run(root, api('Orders'));
  const stack = 'packages/infra/src/stacks/orders.ts';
  put(root, { [stack]: `${read(root, stack)}\n// of the user\n` });
  const request = api('Orders');
  await run(root, { ...request, answers: { ...(request as { answers: object }).answers, auth: 'Cognito' } } as Request);
  expect(read(root, stack)).toContain('userPool');
  expect(read(root, stack)).toContain('// of the user');
});

test('conflict markers are told of files of ours, and of those of the user that just got them, as they are in the end', async () => {
  const shown = '```\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> main\n```\n';
  const root = tree({ 'packages/orders/README.md': '# Orders\n' });
  const prepared = (request: Request, merge = false) => prepareRun(new Reader(root), { requests: [request], scope: 'shop', merge });
  const first = prepared(api('Orders'), true);
  expect(first.marked(first.files(new Set()))).toEqual(['packages/orders/README.md']);
  await run(root, api('Orders'));
  put(root, { 'packages/orders/README.md': shown });
  expect(prepared({ kind: 'update' }).marked([])).toEqual([]);
  put(root, { 'packages/orders/run.sh': `${read(root, 'packages/orders/run.sh')}${shown}` });
  const { marked } = prepared({ kind: 'update' });
  expect(marked([])).toEqual(['packages/orders/run.sh']);
  // As when they were resolved at a question.
  expect(marked([{ path: 'packages/orders/run.sh', contents: 'resolved\n' }])).toEqual([]);
});
