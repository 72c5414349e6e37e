import type { Model } from '../../../lib/model/model.ts';
import { typeScriptData } from '../../../lib/plan/values.ts';
import type { Repository } from '../../../lib/read/repository.ts';

/** A repository that git hides tsconfig.base.json of, so that each package has the options and the path itself. */
const repository = {
  packageManager: 'npm',
  python: 'alone',
  packages: new Map(),
  websites: new Map(),
  leftWebsites: [],
  shared: { files: new Map(), additions: new Map(), isThere: false },
  hasOwnTsconfigBase: false,
  kept: { foreign: [], without: ['tsconfig.base.json'], entries: {}, runtime: false },
} as unknown as Repository;

const pathsOf = (scope: string): string => {
  const model: Model = { scope, iacProvider: 'CDK', constructs: true, ci: 'None', apis: [] };
  return typeScriptData(model, repository, 'packages/infra').compilerOptions?.split('"paths": ')[1] ?? '';
};

test('a list of one item stands on its line where that has no more than the 100 columns of the formatter', () => {
  const item = '"../../packages/common/constructs/src/index.ts"';
  expect(pathsOf('s'.repeat(22))).toContain(`\n      ":${'s'.repeat(22)}/common-constructs": [${item}]\n`);
  expect(pathsOf('s'.repeat(23))).toContain(`\n      ":${'s'.repeat(23)}/common-constructs": [\n        ${item}\n      ]\n`);
});
