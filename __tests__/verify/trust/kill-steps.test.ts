import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { jest } from '@jest/globals';
import type { Request } from '../../../lib/model/model.ts';
import { asDisk, failing, Killed, type MemoryDisk } from '../../support/model-disk.ts';
import { mockReleases } from '../../support/model-templates.ts';
import { isFull } from '../../support/trust-run.ts';
import { tree } from '../../support/trust-tree.ts';

jest.setTimeout(60 * 60_000);

await mockReleases();
const { starts } = await import('../../support/model-arbitraries.ts');
const { Workspace } = await import('../../support/model-workspace.ts');
const { countOperations } = await import('../../support/model-run.ts');
const { prepareRun } = await import('../../../lib/run.ts');
const { commitFiles } = await import('../../../lib/commit/commit.ts');
const { Reader } = await import('../../../lib/read/reader.ts');

/** How many kills each run gets, spread over its operations; from one run of this test to the next they move on. */
const most = isFull ? Number.POSITIVE_INFINITY : 25;
const seed = Number(process.env.MODEL_SEED ?? Date.now() % 2 ** 31);

const way = { answers: ['y'], flag: 'none' } as const;
const choices = { computeType: 'ServerlessApiGatewayRestApi', integrationPattern: 'isolated', auth: 'IAM', iacProvider: 'CDK' } as const;
type Made = InstanceType<typeof Workspace>;

const api = (index: number, more: Partial<Record<keyof typeof choices, string>> = {}) =>
  ({ act: 'api', api: index, choices: { ...choices, ...more } as typeof choices, way }) as const;
const orders = (more: object = {}): Request[] => [
  { kind: 'api', answers: { name: 'Orders', ...choices, directory: 'packages', ...more } },
  { kind: 'flavour', api: 'Orders', iacProvider: 'CDK' },
  { kind: 'constructs' },
];

const scenarios: [what: string, start: string, before: (workspace: Made) => Promise<void>, requests: Request[]][] = [
  ['the first run', 'empty', async () => {}, orders()],
  ['the first run in a repository', 'nx', async () => {}, orders()],
  [
    'another choice, beside edits',
    'npm',
    async (workspace) => {
      await workspace.do(api(0));
      for (let file = 0; file < 60; file += 2) await workspace.do({ act: 'insert', file, at: 0 });
    },
    orders({ auth: 'Cognito', moduleName: 'orders' }),
  ],
  [
    'an update to another release',
    'empty',
    async (workspace) => {
      await workspace.do(api(0));
      await workspace.do(api(1, { iacProvider: 'Terraform' }));
      await workspace.do({ act: 'release', release: 3 });
    },
    [{ kind: 'update' }],
  ],
  [
    'an API whose folder was removed, made anew',
    'empty',
    async (workspace) => {
      await workspace.do(api(0));
      await workspace.do({ act: 'lose folder', api: 0 });
    },
    orders({ moduleName: 'orders' }),
  ],
];

let root: string;
const programs = process.env.PATH;

beforeAll(() => {
  root = join(tree(), 'workspace');
  mkdirSync(root);
  process.env.PATH = '';
});

afterAll(() => {
  process.env.PATH = programs;
});

test.each(scenarios)('killed at each operation of its commit, the next run finishes it: %s', async (_, start, before, requests) => {
  const workspace = new Workspace(root, starts[start] as Record<string, string>);
  await before(workspace);
  const whole = workspace.disk.clone();
  await write(whole, requests);
  await write(whole, [{ kind: 'update' }]);
  const wanted = filesOf(whole);
  const operations = await countOperations(workspace.disk, root, { requests, answers: ['y'] });
  expect(operations).toBeGreaterThan(20);
  const stride = Math.max(1, Math.ceil(operations / most));
  let kills = 0;
  for (let at = seed % stride; at < operations; at += stride) {
    const disk = workspace.disk.clone();
    const begun = disk.text(`${root}/.yo-rc.json`);
    await write(disk, requests, at).catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error;
    });
    const isBegun = disk.text(`${root}/.yo-rc.json`) !== begun;
    const isEnded = disk.text(`${root}/.yo-rc.json`) === wanted.get('.yo-rc.json');
    const said = await write(disk, isBegun ? [{ kind: 'update' }] : requests);
    const isUnfinished = said.some((line) => line.startsWith('An earlier run was interrupted'));
    expect({ at, isUnfinished }).toEqual({ at, isUnfinished: isBegun && !isEnded });
    // A folder of which nothing was there yet is named, and made anew on demand.
    if (said.some((line) => line.includes('has lost its folder'))) await write(disk, requests);
    await write(disk, [{ kind: 'update' }]);
    const found = filesOf(disk);
    const wrong = [...new Set([...wanted.keys(), ...found.keys()])].filter((path) => found.get(path) !== wanted.get(path));
    expect({ at, wrong }).toEqual({ at, wrong: [] });
    kills += 1;
  }
  process.stdout.write(`${kills} kills at ${operations} operations (MODEL_SEED=${seed})\n`);
});

async function write(disk: MemoryDisk, requests: readonly Request[], killAt = -1): Promise<readonly string[]> {
  const { disk: used } = failing(asDisk(disk), { at: killAt });
  const prepared = prepareRun(new Reader(root, used), { requests });
  await commitFiles(prepared.reader, prepared.files(new Set()));
  return [...prepared.openings, ...prepared.notes];
}

const filesOf = (disk: MemoryDisk): Map<string, string> =>
  new Map([...disk.files(root)].filter(([path]) => !path.startsWith('.fastapi-lambda/.commit')));
