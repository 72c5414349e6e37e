import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { commitFiles } from '../../../lib/commit/commit.ts';
import type { Request } from '../../../lib/model/model.ts';
import {
  type Auth,
  authMethods,
  type ComputeType,
  computeTypes,
  type IacProvider,
  type IntegrationPattern,
  iacProviders,
  integrationPatterns,
} from '../../../lib/options/choices.ts';
import { Reader } from '../../../lib/read/reader.ts';
import { prepareRun } from '../../../lib/run.ts';
import { commitAll, execute, fastapiLambda, generate, gitFiles, gitStatus, isFull, repository } from '../../support/trust-run.ts';
import { put, read, tree } from '../../support/trust-tree.ts';

jest.setTimeout(60 * 60_000);

type Choice = Record<'compute-type' | 'integration-pattern' | 'auth' | 'iac-provider', string>;

const matrix: Choice[] = computeTypes.flatMap((computeType) =>
  integrationPatterns.flatMap((pattern) =>
    authMethods.flatMap((auth) =>
      iacProviders.map((provider) => ({
        'compute-type': computeType,
        'integration-pattern': pattern,
        auth,
        'iac-provider': provider,
      })),
    ),
  ),
);

const flags = (choice: Choice): string[] => Object.entries(choice).flatMap(([flag, value]) => [`--${flag}`, value]);
const args = (choice: Choice, name = 'My API'): string[] => [name, ...flags(choice), '--scope', 'shop', '--skip-install', '--yes'];
const nameOf = (choice: Choice): string => Object.values(choice).join(', ');

test.each(matrix.map((choice, index) => [nameOf(choice), choice, index] as const))(
  '%s: a second run changes no byte',
  (_, choice, index) => {
    const root = repository();
    generate(args(choice), root);
    commitAll(root);
    generate(args(choice), root);
    expect(gitStatus(root)).toBe('');
    if (!isFull && index % 4 !== 0) return;
    // Without the options: the stored answers are the same.
    generate(['My API', '--skip-install', '--yes'], root);
    expect(gitStatus(root)).toBe('');
  },
);

test('several APIs, both flavours, and runs from a folder below: a second run of each changes no byte', () => {
  const root = repository();
  const [first, second] = [matrix[0], matrix.at(-1)] as [Choice, Choice];
  const runs = [
    args(first),
    args({ ...second, 'iac-provider': 'Inherit' }, 'Đơn hàng'),
    ['iac', '--api', 'my-api', '--iac-provider', 'Terraform', '--skip-install', '--yes'],
    ['constructs', '--skip-install', '--yes'],
    [...args({ ...first, 'iac-provider': 'Inherit' }, 'Third'), '--directory', 'services'],
  ];
  for (const run of runs) generate(run, root);
  commitAll(root);
  for (const run of runs) {
    generate(run, root);
    expect({ run, status: gitStatus(root) }).toEqual({ run, status: '' });
    generate(run, `${root}/packages/common`);
    expect({ run, status: gitStatus(root) }).toEqual({ run, status: '' });
  }
  generate(['update', '--skip-install', '--yes'], root);
  expect(gitStatus(root)).toBe('');
});

test('a workspace whose record was never committed gets it back, and no other file changes', () => {
  const root = repository();
  generate(args(matrix[0] as Choice), root);
  put(root, { 'packages/my-api/my_api/main.py': `${read(root, 'packages/my-api/my_api/main.py')}# of the user\n` });
  commitAll(root);
  rmSync(join(root, '.fastapi-lambda'), { recursive: true });
  generate(args(matrix[0] as Choice), root);
  // What the root's files were before is not known any more: they count as the user's from here on.
  expect(gitStatus(root).replace(' M .fastapi-lambda/shared.json\n', '')).toBe('');
});

/** What the command does with the files, without its front end: the paths that conflict, with nothing written where there are some. */
async function runHere(root: string, choice: Choice): Promise<string[]> {
  const iacProvider = choice['iac-provider'] as IacProvider;
  const answers = {
    name: 'My API',
    computeType: choice['compute-type'] as ComputeType,
    integrationPattern: choice['integration-pattern'] as IntegrationPattern,
    auth: choice.auth as Auth,
    directory: 'packages',
    iacProvider,
  };
  const requests: Request[] = [
    { kind: 'api', answers },
    { kind: 'flavour', api: 'My API', iacProvider },
    ...(iacProvider === 'CDK' ? [{ kind: 'constructs' } as const] : []),
  ];
  const { reader, decisions, files } = prepareRun(new Reader(root), { requests });
  const conflicts = decisions.filter(({ outcome }) => outcome === 'conflict').map(({ path }) => path);
  if (conflicts.length === 0) await commitFiles(reader, files(new Set()));
  return conflicts;
}

/** A line that each format takes anywhere at its end, or a member more. */
function edited(path: string, text: string): string | undefined {
  if (path.endsWith('.json')) return text.replace(/^\{/, '{\n  "an-edit-of-the-user": true,');
  if (/\.(ts|mjs|js|tf)$/.test(path)) return `${text}// an-edit-of-the-user\n`;
  if (/\.(md|txt)$/.test(path)) return `${text}\nan-edit-of-the-user\n`;
  return `${text}# an-edit-of-the-user\n`;
}

describe.each([
  ['CDK', matrix[0] as Choice, { auth: 'Cognito' }],
  ['Terraform', { ...(matrix[0] as Choice), 'iac-provider': 'Terraform' }, { 'compute-type': 'ServerlessApiGatewayHttpApi' }],
] as const)('with %s', (provider, choice, change) => {
  let origin: string;
  beforeAll(() => {
    origin = repository();
    generate(args(choice), origin);
    commitAll(origin);
  });

  test('every edit is still there after the same run, and after a run with other options', () => {
    // The records are not for editing; they are checked and refused, which has a test of its own.
    const files = gitFiles(origin).filter((path) => !path.startsWith('.fastapi-lambda/'));
    const step = Math.ceil(files.length / 12);
    const chosen = files.filter((_, index) => index % step === 0);
    let kept = 0;
    for (const path of chosen) {
      const root = tree();
      cpSync(origin, root, { recursive: true });
      const text = edited(path, read(root, path)) as string;
      put(root, { [path]: text });
      generate(args(choice), root);
      expect({ path, text: read(root, path) }).toEqual({ path, text });
      expect(gitStatus(root)).toBe(` M ${path}\n`);

      const { status, stderr } = fastapiLambda(args({ ...choice, ...change }), root);
      // A conflict is refused as a whole; then nothing is lost either.
      if (status !== 0) expect(stderr).toContain(path);
      expect({ path, isKept: read(root, path).includes('an-edit-of-the-user') }).toEqual({ path, isKept: true });
      kept += 1;
    }
    process.stdout.write(`${provider}: ${kept} of ${chosen.length} edited files kept their edit\n`);
  });

  test('so is each other one, by what the command does with the files', async () => {
    const all = gitFiles(origin).filter((path) => !path.startsWith('.fastapi-lambda/'));
    const files = isFull ? all : all.filter((_, index) => index % 12 === 5);
    const root = tree();
    cpSync(origin, root, { recursive: true });
    let conflicts = 0;
    for (const path of files) {
      const text = edited(path, read(root, path)) as string;
      put(root, { [path]: text });
      expect(await runHere(root, choice)).toEqual([]);
      expect({ path, text: read(root, path) }).toEqual({ path, text });
      expect(gitStatus(root)).toBe(` M ${path}\n`);
      const refused = await runHere(root, { ...choice, ...change });
      expect(refused.filter((one) => one !== path)).toEqual([]);
      conflicts += refused.length;
      expect({ path, isKept: read(root, path).includes('an-edit-of-the-user') }).toEqual({ path, isKept: true });
      execute('git', ['checkout', '--quiet', '.'], root);
      execute('git', ['clean', '-fdq'], root);
    }
    process.stdout.write(
      `${provider}: ${files.length} edited files, one at a time, kept their edit; ${conflicts} of them would conflict\n`,
    );
  });

  test('all files edited at once: changed options change only what they must', () => {
    const root = tree();
    cpSync(origin, root, { recursive: true });
    const files = gitFiles(origin).filter((path) => !path.startsWith('.fastapi-lambda/'));
    put(root, Object.fromEntries(files.map((path) => [path, edited(path, read(root, path)) as string])));
    commitAll(root);
    generate(args({ ...choice, ...change }), root);
    for (const path of files) expect({ path, isKept: read(root, path).includes('an-edit-of-the-user') }).toEqual({ path, isKept: true });
  });

  test('a deleted line stays deleted, a changed value stays changed', () => {
    const root = tree();
    cpSync(origin, root, { recursive: true });
    const manifest = read(root, 'package.json').replace(/ {4}"tsx": "[^"]*",?\n/, '');
    const text = manifest.replace(/("typescript": )"[^"]*"/, '$1"~5.9.0"').replace(/,(\s*\})/g, '$1');
    put(root, { 'package.json': text, '.gitignore': read(root, '.gitignore').replace(/^.*\n/, '') });
    const ignored = read(root, '.gitignore');
    generate(args(choice), root);
    expect(read(root, 'package.json')).toBe(text);
    expect(read(root, '.gitignore')).toBe(ignored);
  });
});
