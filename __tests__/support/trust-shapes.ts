import { join } from 'node:path';
import { packageRoot } from '../../lib/templates/package-root.ts';
import { pythonTools } from './tools.ts';
import { answers, execute, plainEnv } from './trust-run.ts';

/** A repository as people have them, with tests of its own that need no installation. */
export interface Shape {
  title: string;
  files: Record<string, string>;
  /** The repository's own build and tests: programs and their arguments, run at its root. */
  own: string[][];
  /** Files of the repository that the run merges into. All others stay as they are. */
  merged: string[];
  args?: string[];
  /** Folder below the root that the run is started in. */
  from?: string;
  /** What installs the repository's packages. Default: npm. */
  manager?: 'npm' | 'pnpm 10' | 'yarn 4' | 'bun';
}

/** Arguments for an API of this repository, without an install. A flag that `extra` or the shape gives takes the place of the common one. */
export function shapeArgs({ args = [] }: Partial<Shape>, extra: string[] = [], name = 'My API'): string[] {
  const given = [...args, ...extra];
  const flags = answers.filter((_, index, all) => {
    const flag = all[index - (index % 2)] as string;
    return flag !== '--scope' && flag !== '--skip-install' && !given.includes(flag);
  });
  return [name, ...flags, ...given];
}

/** Runs the repository's own build and tests, which have to pass. */
export function runOwn({ own }: Shape, root: string): void {
  for (const [program = '', ...rest] of own)
    execute(program === 'pytest' ? join(pythonTools('pytest', ['pytest>=8']), 'pytest') : program, rest, root, {
      env: plainEnv({ PYTHONDONTWRITEBYTECODE: '1' }),
    });
}

const jest = [process.execPath, join(packageRoot(), 'node_modules', 'jest', 'bin', 'jest.js'), '--ci', '--no-cache'];
const tsc = [process.execPath, join(packageRoot(), 'node_modules', 'typescript', 'bin', 'tsc')];

const lines = (...text: string[]): string => text.map((line) => `${line}\n`).join('');
const json = (value: unknown, indent: number | string = 2): string => `${JSON.stringify(value, null, indent)}\n`;

const nodeTest = (name: string): Record<string, string> => ({
  [`${name}/index.js`]: 'export const sum = (a, b) => a + b;\n',
  [`${name}/index.test.js`]: lines(
    "import assert from 'node:assert/strict';",
    "import test from 'node:test';",
    "import { sum } from './index.js';",
    '',
    "test('sums', () => assert.equal(sum(1, 2), 3));",
  ),
  [`${name}/package.json`]: json({
    name: `@shop/${name.split('/').at(-1)}`,
    version: '1.0.0',
    type: 'module',
    scripts: { test: 'node --test' },
  }),
});

const npmTest = ['npm', 'test', '--silent'];

export const shapes: Shape[] = [
  {
    title: 'an Nx workspace with pnpm, comments in its nx.json and tsconfig.base.json',
    files: {
      'package.json': json({
        name: '@shop/source',
        private: true,
        scripts: { test: 'node --test libs' },
        devDependencies: { nx: '24.0.6', typescript: '~5.9.2' },
      }),
      'pnpm-workspace.yaml': lines('# everything that is published', 'packages:', '  - "libs/*" # libraries', "  - 'apps/*'"),
      'nx.json': lines(
        '{',
        '  "$schema": "./node_modules/nx/schemas/nx-schema.json",',
        '  // what counts as production code',
        '  "namedInputs": { "default": ["{projectRoot}/**/*", "sharedGlobals"], "sharedGlobals": [] },',
        '  "targetDefaults": {',
        '    "build": { "cache": true, "dependsOn": ["^build"] }, // in order',
        '  },',
        '  "defaultBase": "trunk",',
        '}',
      ),
      'tsconfig.base.json': lines(
        '{',
        '  "compilerOptions": {',
        '    /* old and proven */',
        '    "target": "es2015",',
        '    "module": "commonjs",',
        '    "baseUrl": ".",',
        '    "paths": { "@shop/cart": ["libs/cart/index.js"] },',
        '  },',
        '}',
      ),
      '.gitignore': lines('# output', 'dist', 'node_modules', '.nx/cache'),
      'libs/cart/project.json': json({ name: 'cart', root: 'libs/cart', targets: {} }),
      ...nodeTest('libs/cart'),
    },
    own: [npmTest],
    manager: 'pnpm 10',
    merged: ['package.json', 'pnpm-workspace.yaml', 'nx.json', 'tsconfig.base.json', '.gitignore'],
  },
  {
    title: 'npm workspaces without Nx',
    files: {
      'package.json': json(
        { name: 'shop', private: true, workspaces: ['packages/*'], scripts: { test: 'npm test --workspaces --if-present --silent' } },
        4,
      ),
      'package-lock.json': json({ name: 'shop', lockfileVersion: 3, requires: true, packages: {} }),
      '.gitignore': 'node_modules/\n',
      ...nodeTest('packages/cart'),
    },
    own: [npmTest],
    merged: ['package.json', '.gitignore'],
  },
  {
    title: 'a pnpm workspace with turbo, a catalog and TypeScript project references with comments',
    files: {
      'package.json': json(
        { name: 'shop', private: true, packageManager: 'pnpm@10.12.1', scripts: { test: 'node --test packages/cart' } },
        '\t',
      ),
      'pnpm-workspace.yaml': lines(
        'packages:',
        '- packages/*',
        '',
        'catalog:',
        '  react: ^19.1.0 # pinned',
        '',
        'onlyBuiltDependencies: [esbuild]',
      ),
      'turbo.json': json({ tasks: { build: { outputs: ['dist/**'] } } }),
      'tsconfig.json': lines('{', '  // no files of its own', '  "files": [],', '  "references": [{ "path": "./packages/cart" },]', '}'),
      '.gitignore': 'node_modules\n.turbo\n',
      ...nodeTest('packages/cart'),
    },
    own: [npmTest],
    manager: 'pnpm 10',
    merged: ['package.json', 'pnpm-workspace.yaml', '.gitignore'],
  },
  {
    title: 'a yarn workspace with its packages in an object, in apps',
    files: {
      'package.json': json({
        name: '@shop/root',
        private: true,
        packageManager: 'yarn@4.9.2',
        workspaces: { packages: ['apps/*'] },
        scripts: { test: 'node --test apps/web' },
      }),
      '.yarnrc.yml': lines('# no telemetry', 'enableTelemetry: false', 'nodeLinker: pnp'),
      'yarn.lock': '',
      '.gitignore': '.yarn/*\n!.yarn/releases\n',
      ...nodeTest('apps/web'),
    },
    own: [['node', '--test', 'apps/web']],
    manager: 'yarn 4',
    merged: ['package.json', '.yarnrc.yml', '.gitignore'],
  },
  {
    title: 'a bun workspace, run from a folder below',
    files: {
      'package.json': json({ name: 'shop', private: true, workspaces: ['packages/*', 'apps/*'], scripts: { test: 'node --test apps' } }),
      'bun.lock': '{\n  "lockfileVersion": 1,\n  "workspaces": {},\n}\n',
      '.gitignore': 'node_modules',
      ...nodeTest('apps/web'),
    },
    own: [npmTest],
    manager: 'bun',
    merged: ['package.json', '.gitignore'],
    from: 'apps/web',
  },
  {
    title: 'a lone Node app with tabs, Windows line endings and no line ending at the end',
    files: {
      'package.json': '{\r\n\t"name": "@shop/site",\r\n\t"type": "module",\r\n\t"scripts": {\r\n\t\t"test": "node --test"\r\n\t}\r\n}',
      '.gitignore': 'node_modules\r\ncoverage\r\n',
      'index.test.js': "import test from 'node:test';\r\ntest('runs', () => {});\r\n",
      '.gitattributes': '* -text\n',
    },
    own: [npmTest],
    merged: ['package.json', '.gitignore'],
  },
  {
    title: 'a lone app whose tests Jest finds by its own patterns',
    files: {
      'package.json': json({ name: 'site', private: true, scripts: { test: 'jest' }, jest: { testEnvironment: 'node' } }),
      'src/sum.test.js': "test('sums', () => expect(1 + 2).toBe(3));\n",
      '.gitignore': 'node_modules\n',
    },
    own: [jest],
    merged: ['package.json', '.gitignore'],
  },
  {
    title: 'a lone TypeScript app whose tsconfig names no files',
    files: {
      'package.json': json({ name: 'site', private: true, scripts: { build: 'tsc' }, devDependencies: { typescript: '^5.9.0' } }),
      'tsconfig.json': lines(
        '{',
        '  "compilerOptions": {',
        '    "outDir": "out", // beside the sources',
        '    "module": "commonjs",',
        '    "target": "es2020",',
        '    "strict": true,',
        '    "types": []',
        '  }',
        '}',
      ),
      'src/main.ts': 'export const main = (): number => 1;\n',
      '.gitignore': 'node_modules\nout\n',
    },
    own: [tsc, ['test', '-f', 'out/src/main.js', '-o', '-f', 'out/main.js'], ['test', '!', '-e', 'out/packages']],
    merged: ['package.json', 'tsconfig.json', '.gitignore'],
  },
  {
    title: 'a lone Python app with pip, setup.cfg and unittest',
    files: {
      'requirements.txt': '# pinned\nrequests==2.32.0\n',
      'setup.cfg': '[metadata]\nname = shop\n',
      'shop/__init__.py': 'def total(prices):\n    return sum(prices)\n',
      'tests/__init__.py': '',
      'tests/test_total.py': lines(
        'import unittest',
        '',
        'from shop import total',
        '',
        '',
        'class TotalTest(unittest.TestCase):',
        '    def test_total(self):',
        '        self.assertEqual(total([1, 2]), 3)',
      ),
      '.gitignore': lines(
        '# Byte-compiled',
        '__pycache__/',
        '*.py[cod]',
        '',
        '# Distribution',
        'build/',
        'dist/',
        'lib/',
        'lib64/',
        'var/',
        '*.egg-info/',
        '.env',
        '.venv',
      ),
    },
    // A pyproject.toml would change how pip builds it, a .python-version which Python pyenv runs it with.
    own: [
      ['python3', '-m', 'unittest', 'discover', '--quiet'],
      ['test', '!', '-e', 'pyproject.toml', '-a', '!', '-e', '.python-version'],
    ],
    merged: ['.gitignore'],
  },
  {
    title: 'a lone Python app with pip and pytest, whose tests are called as ours are',
    files: {
      'requirements.txt': 'requests\n',
      'tests/test_main.py': lines('def test_main():', '    assert True'),
      'tests/conftest.py': '',
    },
    own: [['pytest', '-q', '-p', 'no:cacheprovider']],
    merged: [],
  },
  {
    title: 'a Poetry project',
    files: {
      'pyproject.toml': lines(
        '[tool.poetry]',
        'name = "shop"',
        'version = "0.1.0"',
        '',
        '[tool.poetry.dependencies] # for users',
        'python = "^3.12"',
        "requests = {version = '^2.32', extras = ['socks']}",
        '',
        '[build-system]',
        'requires = ["poetry-core"]',
        'build-backend = "poetry.core.masonry.api"',
      ),
      'poetry.lock': '# This file is automatically generated by Poetry\n',
      'test_shop.py': lines('import unittest', '', '', 'class ShopTest(unittest.TestCase):', '    def test_runs(self):', '        pass'),
    },
    own: [
      ['python3', '-m', 'unittest', '--quiet', 'test_shop'],
      ['test', '!', '-e', '.python-version'],
    ],
    merged: [],
  },
  {
    title: 'a uv workspace with members, comments and tools of its own',
    files: {
      'pyproject.toml': lines(
        '[project]',
        'name = "shop"',
        'version = "0.1.0"',
        'requires-python = ">=3.12"',
        'dependencies = []',
        '',
        '[tool.uv.workspace]',
        'members = [',
        '    "libs/*", # all of them',
        ']',
        '',
        '# house style',
        '[tool.ruff]',
        'line-length = 88',
      ),
      'libs/cart/pyproject.toml': lines('[project]', 'name = "cart"', 'version = "0.1.0"'),
      'libs/cart/test_cart.py': lines(
        'import unittest',
        '',
        '',
        'class CartTest(unittest.TestCase):',
        '    def test_runs(self):',
        '        pass',
      ),
      '.gitignore': '.venv\n',
    },
    own: [['python3', '-m', 'unittest', '--quiet', 'libs/cart/test_cart.py']],
    merged: ['pyproject.toml', '.gitignore'],
  },
  {
    title: 'a monorepo of Node and Python with a byte order mark and CRLF in its manifests',
    files: {
      'package.json': `\uFEFF${json({ name: '@shop/root', private: true, workspaces: ['web'], scripts: { test: 'node --test web' } }).replaceAll('\n', '\r\n')}`,
      'pyproject.toml': lines('[tool.uv]', "dev-dependencies = ['ruff>=0.5']", '', '[tool.black]', 'line-length = 79').replaceAll(
        '\n',
        '\r\n',
      ),
      '.gitattributes': '* -text\n',
      ...nodeTest('web'),
    },
    own: [['node', '--test', 'web']],
    merged: ['package.json', 'pyproject.toml'],
  },
  {
    title: 'a package of CDK constructs where ours go, with targets, barrels and compiler options of its own',
    files: {
      'package.json': json({
        name: '@shop/source',
        private: true,
        type: 'module',
        workspaces: ['packages/*', 'packages/common/*'],
        scripts: { test: 'node --test packages/common' },
        devDependencies: { 'aws-cdk-lib': '^2.200.0', constructs: '^10.4.2', nx: '^24.0.0', typescript: '~5.9.2' },
      }),
      'nx.json': json({ targetDefaults: { build: { dependsOn: ['^build'] } } }),
      'tsconfig.base.json': json({
        compilerOptions: {
          target: 'es2022',
          module: 'nodenext',
          strict: true,
          skipLibCheck: true,
          types: ['node'],
          paths: { '@shop/common-constructs': ['./packages/common/constructs/src/index.ts'] },
        },
      }),
      'packages/common/constructs/package.json': json({ name: '@shop/common-constructs', type: 'module', exports: './src/index.ts' }),
      'packages/common/constructs/project.json': json({
        name: '@shop/common-constructs',
        targets: { lint: { command: 'node --check bucket.test.js', options: { cwd: '{projectRoot}' } } },
      }),
      'packages/common/constructs/tsconfig.json': json({ extends: '../../../tsconfig.base.json', include: ['src'] }, 4),
      'packages/common/constructs/README.md': '# Constructs of the shop\n',
      'packages/common/constructs/src/index.ts': 'export * from "./app/index.js"\nexport * from "./core/index.js"\n',
      'packages/common/constructs/src/app/index.ts': 'export * from "./site.js"\n',
      'packages/common/constructs/src/app/site.ts': 'export const site = 1\n',
      'packages/common/constructs/src/core/index.ts': 'export const bucket = 1\n',
      'packages/common/constructs/bucket.test.js': "import test from 'node:test';\ntest('bucket', () => {});\n",
      '.gitignore': 'node_modules\n.nx\n',
    },
    own: [npmTest],
    merged: [
      'package.json',
      'nx.json',
      'tsconfig.base.json',
      '.gitignore',
      'packages/common/constructs/project.json',
      'packages/common/constructs/src/app/index.ts',
      'packages/common/constructs/src/index.ts',
    ],
  },
  {
    title: 'an existing packages/common/constructs of the repository, with the API elsewhere',
    files: {
      'package.json': json({
        name: '@shop/root',
        private: true,
        workspaces: ['packages/*', 'packages/common/*'],
        scripts: { test: 'node --test packages/common' },
      }),
      'nx.json': json({ targetDefaults: {} }),
      'tsconfig.base.json': json({ compilerOptions: { target: 'es2022', module: 'nodenext' } }),
      'packages/common/constructs/lib/bucket.js': 'export const bucket = 1;\n',
      'packages/common/constructs/bucket.test.js': "import test from 'node:test';\ntest('bucket', () => {});\n",
      '.gitignore': 'node_modules\n',
    },
    args: ['--directory', 'services'],
    own: [npmTest],
    merged: ['package.json', 'nx.json', 'tsconfig.base.json', '.gitignore'],
  },
  {
    title: 'a workspace of Lerna with one-line JSON',
    files: {
      'package.json':
        '{"name":"shop","private":true,"workspaces":["modules/*"],"scripts":{"test":"node --test modules"},"devDependencies":{}}\n',
      'lerna.json': '{"version":"independent"}\n',
      '.gitignore': '/node_modules\n/modules/*/dist\n',
      ...nodeTest('modules/cart'),
    },
    own: [npmTest],
    merged: ['package.json', '.gitignore'],
  },
  {
    title: 'a repository with nothing but documentation, hooks and a pre-commit configuration',
    files: {
      'README.md': '# Shop\n',
      '.editorconfig': 'root = true\n\n[*]\nindent_style = tab\n',
      '.pre-commit-config.yaml': lines('repos:', '  - repo: local', '    hooks: []'),
      LICENSE: 'ours\n',
      '.python-version': '3.12\n',
    },
    own: [['grep', '-q', 'Shop', 'README.md']],
    merged: [],
  },
];
