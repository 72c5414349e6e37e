import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { type Facts, readFacts, type WorkspaceFacts } from '../../../lib/doctor/facts.ts';
import { machineFindings, workspaceFindings } from '../../../lib/doctor/findings.ts';
import { doctorReport } from '../../../lib/doctor/report.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const workspace: WorkspaceFacts = {
  root: '/repository',
  stored: {
    version: '1.0.0',
    scope: 'shop',
    iacProvider: 'Terraform',
    repository: { foreign: [], without: [], entries: { Terraform: 'infra' }, runtime: true },
    apis: {
      orders: {
        name: 'Orders',
        className: 'Orders',
        directory: 'packages',
        computeType: 'ServerlessApiGatewayRestApi',
        integrationPattern: 'isolated',
        auth: 'IAM',
        moduleName: 'orders',
        port: 8000,
        iacProviders: ['Terraform'],
      },
    },
  },
  packageManager: 'pnpm',
  installations: [{ fills: 'node_modules', of: '.', kind: 'node', isThere: true, isPending: false }],
  gone: [],
  hasLock: true,
};

const sound: Facts = {
  node: { version: '22.12.0', engines: '^20.17.0 || >=22.9.0' },
  git: '2.50.0',
  uv: '0.13.9',
  python: { wanted: '3.13', found: '/usr/bin/python3.13' },
  terraform: '1.14.0',
  credentials: 'profile shop',
  region: 'eu-central-1',
  version: '1.0.0',
  workspace,
};

const mends = (facts: Facts): (string | undefined)[] =>
  [...machineFindings(facts), ...workspaceFindings(facts)].filter(({ state }) => state === 'missing').map(({ mend }) => mend);

test('where all is in order, nothing is to mend', () => {
  expect(mends(sound)).toEqual([]);
  expect(doctorReport('/repository', sound)).toMatchObject({ isSound: true, text: expect.stringContaining('The workspace /repository') });
});

test.each<[string, Partial<Facts>, string]>([
  ['an old Node.js', { node: { version: '18.20.0', engines: '>=20.17' } }, 'nvm install 24'],
  ['no uv', { uv: undefined }, 'pip install uv'],
  ['no Python', { python: { wanted: '3.13', found: undefined } }, 'uv python install 3.13'],
  ['neither Python nor uv', { uv: undefined, python: { wanted: '3.13', found: undefined } }, 'install uv, which can fetch it'],
  ['no Terraform', { terraform: undefined }, 'terraform/install'],
  ['an old Terraform', { terraform: '1.9.8' }, 'install a newer one'],
  ['a newer generator', { version: '1.1.0' }, 'fastapi-lambda update'],
  ['an interrupted run', { workspace: { ...workspace, stored: { ...workspace.stored, unfinished: true } } }, 'fastapi-lambda update'],
  ['an API without its folder', { workspace: { ...workspace, gone: ['packages/orders'] } }, 'git checkout -- packages/orders'],
  [
    'a failed install',
    { workspace: { ...workspace, installations: [{ fills: 'node_modules', of: '.', kind: 'node', isThere: true, isPending: true }] } },
    'pnpm install',
  ],
  ['no lock', { workspace: { ...workspace, hasLock: false } }, 'uv lock'],
])('%s comes with the command that mends it', (_, change, mend) => {
  const facts = { ...sound, ...change };
  expect(mends(facts).join('\n')).toContain(mend);
  const { text, isSound } = doctorReport('/repository', facts);
  expect(isSound).toBe(false);
  expect(text).toContain(`> `);
});

test('what only a deployment needs is no failure, and Terraform is looked at only where it is used', () => {
  expect(doctorReport('/x', { ...sound, credentials: undefined, region: undefined, git: undefined }).isSound).toBe(true);
  expect(doctorReport('/x', { ...sound, terraform: undefined, workspace: undefined })).toMatchObject({
    isSound: true,
    text: expect.stringContaining('make one with fastapi-lambda "My API"'),
  });
});

test('facts come from the programs on the PATH and from the variables of AWS', () => {
  const folder = temporaryFolder('doctor');
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const program = (name: string, text: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  program('uv', 'case "$1" in --version) echo "uv 0.9.2 (x86_64)";; python) [ "$4" = 3.12 ] && echo /opt/python3.12;; esac');
  program('terraform', 'echo "Terraform v1.12.1"; echo "on linux_amd64"');
  program('git', 'exit 1');
  writeFileSync(join(folder, '.python-version'), '3.12\n');
  const facts = readFacts(folder, {
    PATH: `${bin}:/bin:/usr/bin`,
    AWS_PROFILE: 'shop',
    AWS_REGION: 'eu-west-1',
    AWS_CONFIG_FILE: join(folder, 'none'),
  });
  expect(facts).toMatchObject({
    node: { version: process.versions.node },
    git: undefined,
    uv: '0.9.2',
    python: { wanted: '3.12', found: '/opt/python3.12' },
    terraform: '1.12.1',
    credentials: 'profile shop',
    region: 'eu-west-1',
    workspace: undefined,
  });
});
