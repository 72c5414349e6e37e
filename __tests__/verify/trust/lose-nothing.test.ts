import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { jest } from '@jest/globals';
import { otherCommand, otherVersion } from '../../support/later-version.ts';
import {
  command,
  commitAll,
  execute,
  fastapiLambda,
  generate,
  gitStatus,
  type Outcome,
  plainEnv,
  repository,
  spawn,
} from '../../support/trust-run.ts';
import { atTerminal } from '../../support/trust-terminal.ts';
import { put, read, snapshot, tree, treeHash } from '../../support/trust-tree.ts';

jest.setTimeout(10 * 60_000);

const quiet = ['--skip-install', '--yes'];
const api = (name: string, ...flags: string[]): string[] => [name, ...flags, ...quiet];
const update = ['update', ...quiet];

const json = (root: string, path: string): Record<string, Record<string, unknown>> => JSON.parse(read(root, path));
const edit = (root: string, path: string, change: (text: string) => string): void => {
  const after = change(read(root, path));
  if (after === read(root, path)) throw new Error(`nothing of ${path} was changed`);
  put(root, { [path]: after });
};

/** A repository in which some commands have run, all committed. */
function workspace(...runs: string[][]): string {
  const root = repository();
  for (const run of runs) generate(run, root);
  commitAll(root);
  return root;
}

function refused(outcome: Outcome): string {
  expect(outcome).toMatchObject({ status: 1, stdout: '' });
  expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
  return outcome.stderr.trim();
}

test('a version that an update bot has raised, and that we raise too, costs no other dependency', () => {
  const root = workspace(api('Orders'));
  const all = Object.keys(json(root, 'package.json').devDependencies ?? {});
  edit(root, 'package.json', (text) => text.replace(/"nx": "[^"]*"/, '"nx": "24.5.5"'));
  const later = otherVersion({ 'templates/versions/package.json': (text) => text.replace(/"nx": "[^"]*"/, '"nx": "^24.9.9"') });
  expect(refused(later(update, root))).toContain('package.json');
  expect(later([...update, '--force'], root).status).toBe(0);
  const { devDependencies = {} } = json(root, 'package.json');
  expect(Object.keys(devDependencies)).toEqual(all);
  expect(devDependencies.nx).toBe('^24.9.9');
});

test('a conflict that is answered with n is offered again, and until then nothing of it is taken for written', () => {
  const root = workspace(api('Orders'));
  const path = 'packages/common/constructs/project.json';
  // The user and the new API both change what stands at the same place: the list of targets is one for which no merge can hold both.
  edit(root, path, (text) => text.replace(/"targets": \{[\s\S]*\n {2}\}\n\}/, '"targets": "mine"\n}'));
  commitAll(root);
  const run = (answer: string): string =>
    atTerminal(
      [
        process.execPath,
        command(),
        'Billing',
        '--compute-type',
        'ServerlessApiGatewayRestApi',
        '--integration-pattern',
        'shared',
        '--auth',
        'IAM',
        '--directory',
        'packages',
        '--iac-provider',
        'CDK',
        '--module-name',
        'billing',
        '--skip-install',
      ],
      [{ wait: 'Overwrite packages/common/constructs/project\\.json\\?', send: `${answer}\r` }],
      { cwd: root, env: plainEnv() },
    ).output;
  expect(run('n')).toContain('Kept as it is, and offered again by the next run: packages/common/constructs/project.json');
  expect(read(root, path)).toContain('"mine"');
  expect(existsSync(join(root, 'packages/billing/project.json'))).toBe(true);
  commitAll(root);
  // No terminal: it is still a conflict, and not silently kept.
  expect(refused(fastapiLambda(api('Billing'), root))).toContain(path);
  run('y');
  expect(Object.keys(json(root, path).targets ?? {})).toEqual(
    expect.arrayContaining(['generate:Billing-metadata', 'generate:Orders-metadata']),
  );
});

test('a shared file that was deleted comes back with every API, whichever one the run is for, and that is told', () => {
  const root = workspace(api('Orders'), api('Billing'));
  const lost = ['packages/common/constructs/src/app/apis/index.ts', 'pyproject.toml'];
  const before = lost.map((path) => read(root, path));
  for (const path of lost) rmSync(join(root, path));
  const { stderr } = fastapiLambda(api('Orders'), root);
  expect(lost.map((path) => read(root, path))).toEqual(before);
  for (const path of lost) expect(stderr).toContain(`Restored, it was deleted: ${path}`);
  expect(gitStatus(root)).toBe('');
});

test('after git clean a half-written run is noticed, named and finished', () => {
  const root = workspace(api('Orders'));
  const before = read(root, '.yo-rc.json');
  // As a run leaves it that was killed right after its first step.
  put(root, { '.yo-rc.json': before.replace('"scope"', '"unfinished": true,\n    "scope"'), '.fastapi-lambda/.commit/.gitignore': '*\n' });
  execute('git', ['clean', '-fdxq'], root);
  const { stderr } = fastapiLambda(api('Billing'), root);
  expect(stderr).toContain('An earlier run was interrupted while it wrote its files: this one finishes it');
  expect(read(root, '.yo-rc.json')).not.toContain('unfinished');
  expect(generateOnce(root, update)).toBe('');
});

/** What git finds changed by a further run of a command. */
function generateOnce(root: string, args: string[]): string {
  commitAll(root);
  generate(args, root);
  return gitStatus(root);
}

test('a module that is to be renamed is refused, with the way to do it', () => {
  const root = workspace(api('Orders'));
  const hash = treeHash(root);
  expect(refused(fastapiLambda(api('Orders', '--module-name', 'sales'), root))).toMatch(
    /has the Python module orders already.*moduleName in \.yo-rc\.json.*AWS/,
  );
  expect(treeHash(root)).toBe(hash);
});

test('renaming a module the way that the message says leaves the user with their code', () => {
  const root = workspace(api('Orders'));
  edit(root, 'packages/orders/orders/main.py', (text) => `${text}\n# of the user\n`);
  execute('git', ['mv', 'packages/orders/orders', 'packages/orders/sales'], root);
  edit(root, '.yo-rc.json', (text) => text.replace('"moduleName": "orders"', '"moduleName": "sales"'));
  for (const path of ['tests/test_main.py', 'tests/conftest.py', 'tests/test_open_api.py'])
    put(root, { [`packages/orders/${path}`]: read(root, `packages/orders/${path}`).replace(/\borders\b(?=[ .])/g, 'sales') });
  expect(fastapiLambda(update, root)).toMatchObject({ status: 0 });
  expect(read(root, 'packages/orders/sales/main.py')).toContain('# of the user');
  expect(existsSync(join(root, 'packages/orders/orders'))).toBe(false);
  expect(read(root, 'packages/orders/pyproject.toml')).toContain('module = "sales"');
});

test('a command that has changed in our templates is changed by update', () => {
  const root = workspace(api('Orders'));
  const later = otherVersion({
    'templates/constructs/project.json.ejs': (text) =>
      text.replace('generate-metadata.mjs --openapi', 'generate-metadata.mjs --verbose --openapi'),
  });
  expect(later(update, root).status).toBe(0);
  expect(read(root, 'packages/common/constructs/project.json')).toContain('generate-metadata.mjs --verbose --openapi');
});

test('another version of the generator updates every API, and says so first', () => {
  const root = workspace(api('Orders'), api('Billing'));
  const later = otherVersion({ 'templates/api/run.sh.ejs': (text) => `${text}# later\n` }, '0.2.0');
  const { stderr, status } = later(api('Orders'), root);
  expect(status).toBe(0);
  expect(stderr.split('\n').find((line) => line.trim() !== '')).toContain(
    'written by version 0.1.0: this run updates all its 2 APIs to 0.2.0',
  );
  for (const name of ['orders', 'billing']) expect(read(root, `packages/${name}/run.sh`)).toContain('# later');
});

test('names that meet in any form are refused', () => {
  for (const [first, second] of [
    ['Orders2', 'Orders 2'],
    ['Map API', 'Map'],
  ] as const) {
    const root = workspace(api(first));
    expect(refused(fastapiLambda(api(second), root))).toMatch(/would both have the class/);
    expect(gitStatus(root)).toBe('');
  }
});

test('a flag that can take no effect is an error', () => {
  const root = workspace(api('My API', '--scope', 'shop'));
  generate(['my-api', '--auth', 'None', ...quiet], root);
  const { apis } = json(root, '.yo-rc.json')['generator-fastapi-lambda'] as { apis: Record<string, { name: string; auth: string }> };
  expect(apis['my-api']).toMatchObject({ name: 'My API', auth: 'None' });
  expect(refused(fastapiLambda(api('My API', '--scope', 'other'), root))).toContain('has the scope shop already');
  expect(refused(fastapiLambda(api('My API', '--directory', 'services'), root))).toContain('stands in packages already');
  expect(refused(fastapiLambda(api('MY api'), root))).toContain('is called "My API"');
});

test('an API is removed by its entry and an update: shared files forget it, and its own are listed with the command that deletes them', () => {
  const root = workspace(api('Orders', '--scope', 'shop'), api('Billing', '--iac-provider', 'Terraform'));
  const answers = JSON.parse(read(root, '.yo-rc.json'));
  delete answers['generator-fastapi-lambda'].apis.billing;
  put(root, { '.yo-rc.json': `${JSON.stringify(answers, null, 2)}\n` });
  const { stderr, status } = fastapiLambda(update, root);
  expect(status).toBe(0);
  const told =
    /The API billing is not in \.yo-rc\.json any more, and nothing else tells of it\. If it is deployed, destroy it first\. To delete its files, yours among them: (rm -r .*)/.exec(
      stderr,
    )?.[1] ?? '';
  execute('sh', ['-c', told], root);
  const without = workspace(api('Orders', '--scope', 'shop'));
  const ours = (folder: string): string[] =>
    [...snapshot(folder, ['.git']).keys()].filter(
      (path) => !path.startsWith('packages/common/terraform') && !path.startsWith('packages/infra-terraform'),
    );
  expect(ours(root)).toEqual(ours(without));
  for (const path of ['pyproject.toml', 'packages/infra/project.json', 'packages/common/constructs/project.json'])
    expect(read(root, path)).toBe(read(without, path));
  expect(fastapiLambda(update, root).stderr).not.toContain('billing');
});

test('an API whose folder is gone is named, with how to get it back or remove it, and is not half revived', () => {
  const root = workspace(api('Orders'), api('Billing'));
  rmSync(join(root, 'packages/billing'), { recursive: true });
  commitAll(root);
  // An update is for all of them, and can't be for this one.
  for (const [run, code] of [
    [update, 1],
    [api('Orders'), 0],
  ] as const) {
    const { stderr, status } = fastapiLambda(run, root);
    expect(status).toBe(code);
    expect(stderr).toContain('The API billing has lost its folder packages/billing');
    expect(gitStatus(root)).toBe('');
  }
  generate(api('Billing'), root);
  expect(existsSync(join(root, 'packages/billing/billing/main.py'))).toBe(true);
});

test('an API whose folder was given another name is named with where it is, and is not made a second time', () => {
  const root = workspace(api('Orders'), api('Billing'));
  renameSync(join(root, 'packages/billing'), join(root, 'packages/sales'));
  commitAll(root);
  const { stderr, status } = fastapiLambda(update, root);
  expect(status).toBe(1);
  expect(stderr).toContain('The API billing is in packages/sales');
  expect(stderr).toContain('(git mv packages/sales packages/billing)');
  expect(fastapiLambda(api('Billing'), root)).toMatchObject({ status: 1, stderr: expect.stringContaining('packages/sales') });
  expect(gitStatus(root)).toBe('');
  renameSync(join(root, 'packages/sales'), join(root, 'packages/billing'));
  expect(fastapiLambda(update, root).stderr).not.toContain('packages/sales');
});

test('a file that git hides and that one can do without is left out and told', () => {
  const root = repository({ '.gitignore': '.python-version\n' });
  const { stderr, status } = fastapiLambda(api('Orders'), root);
  expect(status).toBe(0);
  expect(stderr).toContain('.python-version is left out');
  expect(existsSync(join(root, '.python-version'))).toBe(false);
  expect(generateOnce(root, api('Orders'))).toBe('');
});

test('without a git repository that holds both folders the root is the current folder', () => {
  const shared = tree({ 'package.json': '{ "workspaces": ["*"] }\n', 'victim/README.md': 'mine\n' });
  const before = read(shared, 'package.json');
  generate(api('Orders'), join(shared, 'victim'));
  expect(existsSync(join(shared, 'victim/packages/orders/project.json'))).toBe(true);
  expect(read(shared, 'package.json')).toBe(before);
  expect([...snapshot(shared).keys()].filter((path) => !path.startsWith('victim'))).toEqual(['package.json']);
});

test('a line that is saved while a question waits is not overwritten, and one line says where', () => {
  const root = workspace(api('Orders'));
  const [asked, saved] = ['packages/orders/run.sh', 'packages/common/constructs/tsconfig.json'];
  edit(root, asked, (text) => text.replace(/exec .*/, 'exec something-of-mine'));
  commitAll(root);
  const later = otherCommand({
    'templates/api/run.sh.ejs': (text) => text.replace(/exec .*/, 'exec something-else'),
    'templates/constructs/tsconfig.json.ejs': (text) => text.replace('{', '{\n  "later": true,'),
  });
  const before = treeHash(root, ['.git']);
  const line = '// of the user\n';
  const { output, status } = atTerminal(
    [process.execPath, later, 'update', '--skip-install'],
    [{ wait: `Overwrite ${asked}\\?`, append: [saved, line], send: 'y\r' }],
    { cwd: root, env: plainEnv() },
  );
  expect(status).toBe(1);
  expect(output).toContain(`${saved} has changed while this run was at work`);
  expect(read(root, saved).endsWith(line)).toBe(true);
  put(root, { [saved]: read(root, saved).slice(0, -line.length) });
  expect(treeHash(root, ['.git'])).toBe(before);
});

test('a workspace whose answers are gone is not taken for a new one', () => {
  const root = workspace(api('Orders'), api('Billing'));
  rmSync(join(root, '.yo-rc.json'));
  const before = treeHash(root, ['.git']);
  expect(refused(fastapiLambda(api('Orders'), root))).toMatch(/has no answers of ours, though billing, orders were generated here/);
  expect(treeHash(root, ['.git'])).toBe(before);
});

/** A run that is killed right after its n-th rename into place, as the operating system would. */
function killedAfter(renames: number, args: string[], root: string): void {
  const preload = tree({
    'kill.cjs': `const fs = require('node:fs'); const { renameSync } = fs; let count = 0;
      fs.renameSync = (from, to) => {
        renameSync(from, to);
        if (/[.]commit\\/\\d+[.][\\w-]+$/.test(from) && (count += 1) === ${renames}) process.kill(process.pid, 'SIGKILL');
      };`,
  });
  const { status } = spawn(process.execPath, ['--require', join(preload, 'kill.cjs'), command(), ...args], root, {});
  expect(status).toBeNull();
}

test.each([4, 5, 7])(
  'after a kill at its %i. file, whoever changes their mind gets what they say now, and not what the killed run said',
  (renames) => {
    const root = workspace(api('Orders', '--iac-provider', 'Terraform'));
    killedAfter(renames, api('Orders', '--auth', 'None', '--integration-pattern', 'shared'), root);
    const { stderr, status } = fastapiLambda(api('Orders', '--auth', 'IAM', '--integration-pattern', 'isolated'), root);
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('this one finishes it') });
    expect(gitStatus(root)).toBe('');
  },
);

test.each([5, 14, 22])('after a kill at its %i. file, an API that it was making can be given up: nothing names it any more', (renames) => {
  const root = workspace(api('Orders'));
  killedAfter(renames, api('Billing'), root);
  const answers = JSON.parse(read(root, '.yo-rc.json'));
  delete answers['generator-fastapi-lambda'].apis.billing;
  put(root, { '.yo-rc.json': `${JSON.stringify(answers, null, 2)}\n` });
  const { stderr, status } = fastapiLambda(update, root);
  expect(status).toBe(0);
  expect(stderr).toContain('The API billing is not in .yo-rc.json any more');
  execute('sh', ['-c', /: (rm -r .*)/.exec(stderr)?.[1] ?? 'false'], root);
  expect(gitStatus(root)).toBe('');
});

test.each([3, 10, 60])('a first run that is killed at its %i. file is finished by whichever comes next', (renames) => {
  const root = repository();
  killedAfter(renames, api('Orders'), root);
  generate(api('Billing'), root);
  const whole = repository();
  generate(api('Orders', '--scope', scopeOf(root)), whole);
  generate(api('Billing'), whole);
  expect(snapshot(root, ['.git'])).toEqual(snapshot(whole, ['.git']));
});

const scopeOf = (root: string): string => String(json(root, '.yo-rc.json')['generator-fastapi-lambda']?.scope);

test('the last API is forgotten like any other, nothing of the user is offered for deletion, and the next one is whole', () => {
  const root = workspace(api('Orders'));
  put(root, { 'packages/infra/src/network.ts': 'export const mine = 1;\n' });
  const answers = JSON.parse(read(root, '.yo-rc.json'));
  answers['generator-fastapi-lambda'].apis = {};
  put(root, { '.yo-rc.json': `${JSON.stringify(answers, null, 2)}\n` });
  const { stderr } = fastapiLambda(update, root);
  execute('sh', ['-c', /: (rm -r .*)/.exec(stderr)?.[1] ?? 'false'], root);
  const offered = (stderr.match(/rm -r .*/g) ?? []).flatMap((command) => command.split(' ').slice(2));
  expect(offered.length).toBeGreaterThan(3);
  expect(offered.filter((path) => 'packages/infra/src/network.ts'.startsWith(path))).toEqual([]);
  expect(read(root, 'packages/infra/src/network.ts')).toContain('mine');
  expect(read(root, 'packages/infra/src/stacks/index.ts')).not.toContain('Orders');
  rmSync(join(root, 'packages/infra'), { recursive: true });
  generate(api('Billing'), root);
  expect(existsSync(join(root, 'packages/infra/src/stages/application-stage.ts'))).toBe(true);
});

test('an API whose folder is there and whose answers were put back by git is taken up again', () => {
  const root = workspace(api('Orders'));
  generate(api('Billing'), root);
  put(root, { 'packages/billing/billing/main.py': `${read(root, 'packages/billing/billing/main.py')}# mine\n` });
  execute('git', ['checkout', '--quiet', '.'], root);
  generate(api('Billing'), root);
  expect(read(root, 'packages/billing/billing/main.py')).toContain('# mine');
  expect(read(root, 'packages/infra/src/stacks/index.ts')).toContain('Billing');
});

test('imports that were sorted are not doubled', () => {
  const root = workspace(api('Orders'), api('Billing'));
  edit(root, 'packages/infra/src/stacks/index.ts', (text) => text.replace(/^(import.*\n)(import.*\n)/m, '$2$1'));
  generate([...api('Shipping'), '--force'], root);
  const lines = read(root, 'packages/infra/src/stacks/index.ts')
    .split('\n')
    .filter((line) => line.startsWith('import') || /: \w+Stack,/.test(line));
  expect(new Set(lines).size).toBe(lines.length);
  expect(lines.join('\n')).toMatch(/Shipping/);
});

test('a newer workspace is refused by an older version', () => {
  const root = workspace(api('Orders'));
  edit(root, '.yo-rc.json', (text) => text.replace('"version": "0.1.0"', '"version": "9.0.0"'));
  expect(refused(fastapiLambda(api('Orders'), root))).toContain('was written by version 9.0.0');
});
