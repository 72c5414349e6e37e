import { join } from 'node:path';
import process from 'node:process';
import { jest } from '@jest/globals';
import { toolEnv } from '../../support/tools.ts';
import { answers, command, commitAll, execute, gitStatus, isFull } from '../../support/trust-run.ts';
import { isKept } from '../../support/trust-texts.ts';
import { read, tree } from '../../support/trust-tree.ts';

jest.setTimeout(30 * 60_000);

/** A repository that a package makes of its own template, with what builds and checks it. */
interface Template {
  title: string;
  make: (parent: string) => string;
  own: string[][];
  merged: string[];
}

const env = toolEnv({ CI: '1', npm_config_audit: 'false', npm_config_fund: 'false' });
const run = (argv: string[], cwd: string): string => execute(argv[0] as string, argv.slice(1), cwd, { env });

const templates: Template[] = [
  {
    title: 'create-vite, React with TypeScript',
    make: (parent) => {
      run(['npm', 'create', '--yes', 'vite@9.3', 'site', '--', '--template', 'react-ts', '--no-interactive'], parent);
      const root = join(parent, 'site');
      run(['npm', 'install'], root);
      run(['git', 'init', '--quiet'], root);
      commitAll(root);
      return root;
    },
    own: [
      ['npm', 'run', 'build'],
      ['npm', 'run', 'lint'],
    ],
    merged: ['package.json', '.gitignore', 'package-lock.json'],
  },
  {
    title: 'create-nx-workspace, the TypeScript preset with a library',
    make: (parent) => {
      const preset = ['--preset=ts', '--nxCloud=skip', '--packageManager=npm', '--no-interactive', '--analytics=false', '--formatter=none'];
      run(['npx', '--yes', 'create-nx-workspace@23.2.1', 'shop', ...preset], parent);
      const root = join(parent, 'shop');
      const library = ['--bundler=tsc', '--unitTestRunner=none', '--linter=none', '--no-interactive'];
      run(['npx', 'nx', 'generate', '@nx/js:library', 'packages/cart', ...library], root);
      commitAll(root);
      return root;
    },
    own: [
      ['npx', 'nx', 'run-many', '-t', 'build', 'typecheck', '--projects', '@shop/cart'],
      ['npx', 'nx', 'sync:check'],
    ],
    merged: ['package.json', '.gitignore', 'nx.json', 'tsconfig.base.json', 'package-lock.json'],
  },
];

const ours = ['run-many', '-t', 'build', 'test', 'lint', 'typecheck', '--projects', 'my-api,common-constructs,infra'];

// The second one takes a minute to make.
test.each((isFull ? templates : templates.slice(0, 1)).map((template) => [template.title, template] as const))(
  '%s',
  (_, { make, own, merged }) => {
    const root = make(tree());
    for (const argv of own) run(argv, root);
    expect(gitStatus(root)).toBe('');
    const before = new Map(merged.map((path) => [path, read(root, path)]));

    const flags = answers.filter((value, index, all) => ![value, all[index - 1]].includes('--scope'));
    run([process.execPath, command(), 'My API', ...flags, '--yes'], root);
    const changed = gitStatus(root)
      .split('\n')
      .filter((line) => /^ ?[MDRT]/.test(line))
      .map((line) => line.slice(3));
    expect(changed.filter((path) => !merged.includes(path))).toEqual([]);
    for (const [path, text] of before) expect({ path, isKept: isKept(text, read(root, path)) }).toEqual({ path, isKept: true });

    for (const argv of own) run(argv, root);
    if (!isFull) return;
    // Ours beside them.
    run(['npm', 'install'], root);
    run(['uv', 'sync', '--quiet', '--all-packages'], root);
    run(['npx', 'nx', ...ours], root);
    for (const argv of own) run(argv, root);
  },
);
