import { cpSync } from 'node:fs';
import { jest } from '@jest/globals';
import { answers, execute, fastapiLambda, generate, gitStatus, repository } from '../../support/trust-run.ts';
import { put, read, snapshot, tree } from '../../support/trust-tree.ts';

jest.setTimeout(20 * 60_000);

const args = ['My API', ...answers, '--yes'];
const withValue = (from: string, to: string): string[] => args.map((value) => (value === from ? to : value));

/** A repository of each kind that a run can meet; with the exit code and a line, where something is left to the user. */
const repositories: Record<string, () => { root: string; args: string[]; code?: number; said?: string }> = {
  'an empty folder': () => ({ root: repository(), args }),
  'an empty folder, with Terraform': () => ({ root: repository(), args: withValue('CDK', 'Terraform') }),
  'files of the user to merge into, with Windows line endings and without a last one': () => ({
    root: repository({
      'package.json': '{\r\n\t"name": "@shop/root",\r\n\t"devDependencies": { "typescript": "~5.4.0" }\r\n}',
      '.gitignore': 'node_modules\r\ndist',
      'pyproject.toml': '[project]\nname = "x"\nversion = "1"\n\n[tool.uv]\ndev-dependencies = []',
      'with space/đơn.txt': 'x',
    }),
    args,
  }),
  'a workspace that changes its options': () => {
    const root = repository();
    generate(args, root);
    return { root, args: withValue('IAM', 'Custom') };
  },
  'a workspace with an edit that is merged': () => {
    const root = repository();
    generate(args, root);
    const path = 'packages/my-api/my_api/init.py';
    put(root, { [path]: `${read(root, path)}\n# an edit\n` });
    return { root, args: withValue('ServerlessApiGatewayRestApi', 'ServerlessApiGatewayHttpApi') };
  },
  'a workspace that gets another API': () => {
    const root = repository();
    generate(args, root);
    return { root, args: ['Other API', ...withValue('my_api', 'other_api').slice(1)] };
  },
  'a conflict that is overwritten': () => ({
    root: repository({ 'packages/my-api/run.sh': 'theirs', 'packages/my-api/scripts/generate_open_api.py': '' }),
    args: [...args, '--force'],
  }),
  'a conflict that gets markers': () => ({
    root: repository({ 'packages/my-api/run.sh': 'theirs' }),
    args: [...args, '--merge'],
    code: 1,
    said: 'Holds conflict markers, to be resolved by you: packages/my-api/run.sh',
  }),
};

test.each(Object.entries(repositories))('%s: the patch, applied by git, gives the tree of the run', (_, make) => {
  const { root, args: given, code = 0, said = '' } = make();
  const before = snapshot(root);
  const dry = fastapiLambda([...given, '--dry-run'], root);
  expect(dry).toMatchObject({ status: code, stderr: expect.stringContaining(said) });
  expect(snapshot(root)).toEqual(before);

  const copy = tree();
  cpSync(root, copy, { recursive: true });
  execute('git', ['apply', '--whitespace=nowarn', '-'], copy, { input: dry.stdout });
  expect(fastapiLambda(given, root)).toMatchObject({ status: code, stderr: expect.stringContaining(said) });
  expect(gitStatus(copy)).toBe(gitStatus(root));
  expect(snapshot(copy, ['.git'])).toEqual(snapshot(root, ['.git']));
});

test('standard output holds the patch alone, and nothing where nothing changes', () => {
  const root = repository();
  const first = fastapiLambda([...args, '--dry-run'], root).stdout;
  expect(first).toMatch(/^diff --git /);
  for (const line of first.split('\n')) expect(line).toMatch(/^(?:diff --git |new file mode |index |--- |\+\+\+ |@@ |\+|\\ No newline|$)/);
  generate(args, root);
  expect(fastapiLambda([...args, '--dry-run'], root)).toMatchObject({ status: 0, stdout: '' });
});

test('what conflicts is left out of the patch and named, so that no line of the user goes with it; --force shows it', () => {
  const root = repository({ 'packages/my-api/run.sh': 'theirs\n' });
  const before = snapshot(root);
  const { status, stdout, stderr } = fastapiLambda([...args, '--dry-run'], root);
  expect(stdout).not.toContain('packages/my-api/run.sh');
  expect(stdout).toContain('packages/my-api/my_api/main.py');
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: expect.stringMatching(/^Left out of the patch.*: packages\/my-api\/run\.sh\..*\n$/),
  });
  expect(fastapiLambda([...args, '--dry-run', '--force'], root)).toMatchObject({ status: 0, stdout: expect.stringContaining('-theirs') });
  expect(snapshot(root)).toEqual(before);
});

test('what is left to be done by hand is told without a byte written, the lines to add to a module among it', () => {
  const root = repository({
    'site/package.json': '{ "name": "site", "dependencies": { "react": "^19.0.0" } }',
    'site/index.html': '<script type="module" src="/src/main.tsx"></script>',
    'site/src/main.tsx': 'render(app);\n',
    'site/tsconfig.json': '{}',
    'site/vite.config.ts': 'export default {};\n',
  });
  generate(args, root);
  const before = snapshot(root);
  const { status, stdout, stderr } = fastapiLambda(['connection', '--project', 'site', '--yes', '--dry-run'], root);
  expect({ status, lines: stdout.split('\n')[0] }).toEqual({ status: 0, lines: expect.stringMatching(/^diff --git /) });
  expect(stderr).toContain('Without --dry-run it would also say:\nAdd to site/src/main.tsx, where no place was found for it:\n');
  expect(stderr).toContain("import { MyApiProvider } from './connections/my-api-provider';");
  expect(snapshot(root)).toEqual(before);
});
