import fc from 'fast-check';
import { authMethods, computeTypes, integrationPatterns } from '../../lib/options/choices.ts';
import { releases } from './model-templates.ts';
import type { Act, Choices, Way } from './model-workspace.ts';

/** A part of a whole, anywhere in it rather than at its ends. */
const part = fc.noBias(fc.integer({ min: 0, max: 999 })).map((thousandths) => thousandths / 1000);

const way: fc.Arbitrary<Way> = fc.record({
  answers: fc.array(fc.constantFrom('y' as const, 'y' as const, 'n' as const, 'x' as const), { minLength: 1, maxLength: 3 }),
  flag: fc.constantFrom('none' as const, 'none' as const, 'none' as const, 'merge' as const, 'force' as const),
  kill: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: part }),
});

const choices: fc.Arbitrary<Choices> = fc.record({
  computeType: fc.constantFrom(...computeTypes),
  integrationPattern: fc.constantFrom(...integrationPatterns),
  auth: fc.constantFrom(...authMethods),
  iacProvider: fc.constantFrom('Inherit' as const, 'CDK' as const, 'Terraform' as const),
});

const api = fc.nat({ max: 2 });
const file = fc.noBias(fc.nat({ max: 400 }));
const at = part;
const constant = <T extends string>(name: T): fc.Arbitrary<T> => fc.constant(name);

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ act: constant('api'), api, choices, way }) },
  {
    weight: 2,
    arbitrary: fc.record({
      act: constant('iac'),
      api,
      provider: fc.constantFrom('Inherit' as const, 'CDK' as const, 'Terraform' as const),
      way,
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: constant('constructs'), way }) },
  { weight: 4, arbitrary: fc.record({ act: constant('update'), way }) },
  { weight: 4, arbitrary: fc.record({ act: constant('release'), release: fc.constantFrom(...releases) }) },
  { weight: 10, arbitrary: fc.record({ act: fc.constantFrom('insert' as const, 'replace' as const, 'drop' as const), file, at }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constantFrom('delete' as const, 'crlf' as const), file }) },
  { weight: 2, arbitrary: fc.record({ act: constant('create'), file }) },
  { weight: 1, arbitrary: fc.record({ act: constant('lose records') }) },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constantFrom('lose record' as const, 'lose folder' as const, 'port' as const, 'forget' as const), api }),
  },
);

/** Repositories that sequences begin in. */
export const starts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  empty: {},
  npm: {
    'package.json':
      '{\n  "name": "@acme/shop",\n  "private": true,\n  "scripts": { "start": "node ." },\n  "dependencies": {\n    "express": "^5.0.0"\n  }\n}\n',
    '.gitignore': '# ours alone\n/out\nnode_modules/\n',
    'tsconfig.json': '{\n  // what the shop compiles to\n  "compilerOptions": { "outDir": "out" }\n}\n',
    'README.md': '# Shop\n',
    'src/index.ts': 'export const shop = 1;\n',
  },
  nx: {
    'package.json':
      '{\n  "name": "mono",\n  "workspaces": ["packages/*"],\n  "devDependencies": {\n    "nx": "^20.0.0",\n    "typescript": "~5.9.0"\n  }\n}\n',
    'nx.json': '{\n  "namedInputs": {\n    "default": ["{projectRoot}/**/*"]\n  }\n}\n',
    'tsconfig.base.json':
      '{\n  "compilerOptions": {\n    "baseUrl": ".",\n    "paths": {\n      "@mono/web": ["packages/web/src"]\n    }\n  }\n}\n',
    'pyproject.toml':
      '# the tools of all\n[project]\nname = "tools"\nversion = "1.0.0"\nrequires-python = ">=3.13"\n\n[tool.uv.workspace]\nmembers = [\n  "tools/*", # small ones\n]\n',
    'biome.json': '{}\n',
  },
  constructs: {
    'package.json': '{\n  "name": "infra",\n  "workspaces": ["packages/common/*"]\n}\n',
    'packages/common/constructs/package.json':
      '{\n  "name": "@acme/constructs",\n  "type": "module",\n  "scripts": {\n    "lint": "eslint ."\n  }\n}\n',
    'packages/common/constructs/src/index.ts': "export * from './network.js';\n",
    'packages/common/constructs/src/network.ts': 'export const cidr = 16;\n',
  },
};

export const sequence = fc.record({
  start: fc.constantFrom('empty', 'empty', 'empty', 'npm', 'nx', 'constructs'),
  acts: fc.array(act, { minLength: 2, maxLength: 14, size: 'max' }),
});
