import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commitFiles } from '../../lib/commit/commit.ts';
import { closingNotes } from '../../lib/finish/closing-notes.ts';
import type { Request } from '../../lib/model/model.ts';
import { Reader } from '../../lib/read/reader.ts';
import { type PreparedRun, prepareRun } from '../../lib/run.ts';
import { apiRequest as api } from '../support/requests.ts';
import { put, read, snapshot, tree } from '../support/trust-tree.ts';

const git = (root: string, ...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' });

const prepare = (root: string, ...requests: Request[]): PreparedRun => prepareRun(new Reader(root), { requests, scope: 'shop' });

async function run(root: string, ...requests: Request[]): Promise<PreparedRun> {
  const prepared = prepare(root, ...requests);
  await commitFiles(prepared.reader, prepared.files(new Set()));
  return prepared;
}

function move(root: string, from: string, to: string): void {
  mkdirSync(dirname(join(root, to)), { recursive: true });
  renameSync(join(root, from), join(root, to));
}

const update = { kind: 'update' } as const;

let written: string;
beforeAll(async () => {
  written = tree();
  await run(written, api('Orders'), api('Billing'));
});

/** A workspace with two APIs. */
function workspace(): string {
  const root = tree();
  cpSync(written, root, { recursive: true });
  return root;
}

test.each([
  ['infra', 'packages/infra', 'services/infra'],
  ['common-constructs', 'packages/common/constructs', 'packages/common/cdk'],
  ['common-runtime', 'packages/common/runtime', 'libs/rt'],
])('the project %s in another folder is named with both, and not made a second time', (name, from, to) => {
  const root = workspace();
  move(root, from, to);
  for (const request of [update, api('Orders'), api('Shipping')]) {
    expect(() => prepare(root, request)).toThrow(
      `The project ${name} is in ${to}, and has its place in ${from}: move it back (git mv ${to} ${from}), then run again.`,
    );
  }
  // What git leaves of a folder that it has moved, in another clone.
  put(root, { [`${from}/node_modules/.keep`]: '' });
  expect(() => prepare(root, update)).toThrow(`has its place in ${from}: move it back, then run again.`);
  rmSync(join(root, from), { recursive: true });
  move(root, to, from);
  expect(prepare(root, update).files(new Set())).toEqual([]);
});

test.each([
  ['that git ignores', 'tmp/copy', {}],
  ['of another repository', 'copy', { 'copy/.git': 'gitdir: elsewhere\n' }],
  ['of another workspace', 'copy', { 'copy/.yo-rc.json': '{ "generator-fastapi-lambda": {} }\n' }],
] as const)('a copy %s is no place for a project of ours', (_, copy, more) => {
  const root = workspace();
  git(root, 'init', '--quiet');
  put(root, { '.gitignore': `${read(root, '.gitignore')}tmp/\n`, ...more });
  cpSync(join(written, 'packages'), join(root, copy, 'packages'), { recursive: true });
  rmSync(join(root, 'packages/infra'), { recursive: true });
  rmSync(join(root, 'packages/billing'), { recursive: true });
  const { decisions, notes } = prepare(root, update);
  expect(decisions.find(({ path }) => path === 'packages/infra/project.json')?.outcome).toBe('create');
  expect(notes.filter((note) => note.startsWith('The API billing'))).toEqual([
    expect.stringMatching(/^The API billing has lost its folder packages\/billing/),
  ]);
  put(root, { [`${copy}/packages/shipping/project.json`]: '{ "name": "shipping" }\n' });
  expect(prepare(root, api('Shipping')).model.apis.map(({ apiName }) => apiName)).toContain('shipping');
});

test('it is known without the records too', () => {
  const root = workspace();
  move(root, 'packages/infra', 'services/infra');
  rmSync(join(root, '.fastapi-lambda'), { recursive: true });
  expect(() => prepare(root, update)).toThrow('The project infra is in services/infra, and has its place in packages/infra');
});

test('a project of ours whose folder is deleted is made anew', async () => {
  const root = workspace();
  rmSync(join(root, 'packages/infra'), { recursive: true });
  await run(root, update);
  expect(read(root, 'packages/infra/project.json')).toBe(read(written, 'packages/infra/project.json'));
});

test("a repository's own project called infra, wherever it is, keeps its name, and ours takes another one", async () => {
  const root = tree({ 'package.json': '{ "name": "shop" }\n', 'ops/infra/project.json': '{ "name": "infra" }\n' });
  await run(root, api('Orders'));
  expect(JSON.parse(read(root, 'packages/infra-cdk/project.json'))).toMatchObject({ name: 'infra-cdk' });
  expect(prepare(root, update).files(new Set())).toEqual([]);
});

test("a repository's own project called as another one of ours is refused, and nothing is written", () => {
  const root = tree({ 'package.json': '{ "name": "shop" }\n', 'libs/runtime/project.json': '{ "name": "common-runtime" }\n' });
  const before = snapshot(root);
  expect(() => prepare(root, api('Orders'))).toThrow(
    'libs/runtime already holds a project common-runtime, as ours in packages/common/runtime is called: give it another name, then run again.',
  );
  expect(snapshot(root)).toEqual(before);
});

test('an update counts the APIs that are there, and says which ones are not', async () => {
  const root = workspace();
  expect(closingNotes(prepare(root, update))).toEqual(['2 APIs are up to date with this version.']);
  move(root, 'packages/billing', 'libs/billing');
  const one = await run(root, update);
  expect([one.missing, closingNotes(one)]).toEqual([['billing'], ['One API is up to date with this version.']]);
  // A run for another one is not about it.
  expect((await run(root, api('Orders'))).missing).toEqual([]);
  // What git leaves of a folder that it has moved, in another clone.
  put(root, { 'packages/billing/.venv/.keep': '' });
  expect(() => prepare(root, update)).toThrow(
    'The project billing is in libs/billing, and has its place in packages/billing: move it back, then',
  );
});

test('files that hold conflict markers are named by each run, until they are resolved', async () => {
  const root = workspace();
  const path = 'packages/orders/run.sh';
  const text = read(root, path);
  put(root, { [path]: `<<<<<<< yours\n# mine\n=======\n# other\n>>>>>>> generated\n${text}` });
  for (const request of [update, api('Orders')]) {
    const { marked, notes } = await run(root, request);
    expect([marked([]), notes]).toEqual([[path], []]);
  }
  put(root, { [path]: `# mine\n${text}` });
  expect((await run(root, update)).marked([])).toEqual([]);
});

const inFolder = (name: string, directory: string): Request => {
  const request = api(name) as Request & { kind: 'api' };
  return { ...request, answers: { ...request.answers, directory } };
};

test.each([
  ['Packages', 'Packages', "packages, which is the workspace's own,", 'give another --directory'],
  ['Services/shop', 'Services', 'services', 'write it as that is written'],
])('a folder %s is refused beside one that differs from it by case alone', (directory, folder, other, advice) => {
  const root = tree({ 'package.json': '{ "name": "shop" }\n', 'services/mine.txt': 'mine\n' });
  expect(() => prepare(root, inFolder('Orders', directory))).toThrow(
    `The folder ${folder} of the API "Orders" (orders) would be the same as ${other} on a disk that ignores case: ${advice}.`,
  );
});

test.each(['packages', 'Packages', 'apis'])(
  'beside a folder that differs from ours by case alone, an API in %s hears the one thing that helps',
  (directory) => {
    const root = tree({ 'Packages/mine.txt': 'mine\n' });
    expect(() => prepare(root, inFolder('Orders', directory))).toThrow(
      "Packages would be the same as packages, which is the workspace's own, on a disk that ignores case: rename it, or choose another folder for the workspace.",
    );
  },
);

test('two spellings that are there hold up neither an update nor an API elsewhere', async () => {
  const root = tree();
  await run(root, inFolder('Orders', 'services'), inFolder('Billing', 'apis'));
  put(root, { '.yo-rc.json': read(root, '.yo-rc.json').replace('"directory": "apis"', '"directory": "Services"') });
  move(root, 'apis', 'Services');
  for (const request of [update, inFolder('Sales', 'apis'), inFolder('Sales', 'Services')])
    expect(prepare(root, request).model.apis.length).toBeGreaterThan(1);
});
