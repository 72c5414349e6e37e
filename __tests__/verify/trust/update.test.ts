import { jest } from '@jest/globals';
import { otherVersion } from '../../support/later-version.ts';
import { answers, commitAll, generate, gitStatus, repository } from '../../support/trust-run.ts';
import { put, read } from '../../support/trust-tree.ts';

jest.setTimeout(10 * 60_000);

const utils = 'packages/common/constructs/src/core/api/utils.ts';
const main = 'packages/my-api/my_api/main.py';
const project = 'packages/infra/project.json';

/** A later version of this package: other versions of dependencies, and other lines in files of each kind. */
const laterVersion = () =>
  otherVersion({
    'templates/versions/package.json': (text) => text.replace(/"(tsx|aws-cdk-lib|nx)": "\^(\d+)\.[^"]*"/g, '"$1": "^$2.999.0"'),
    'templates/constructs/src/core/api/utils.ts': (text) => `// A line of a later version.\n${text}`,
    'templates/api/_moduleName_/main.py.ejs': (text) => `${text}\n# A line of a later version.\n`,
    'templates/infra-cdk/project.json.ejs': (text) => text.replace('"targets": {', '"targets": {\n    "later": { "executor": "nx:noop" },'),
    'templates/constructs/src/core/later.ts': 'export const later = true;\n',
  });

test('a later version changes what it must, and every edit of the user stays', () => {
  const later = laterVersion();
  const root = repository();
  generate(['My API', ...answers, '--yes'], root);
  generate(['Other API', ...answers.map((value) => (value === 'my_api' ? 'other_api' : value)), '--yes'], root);
  put(root, {
    [utils]: `${read(root, utils)}// an edit of the user\n`,
    [main]: `${read(root, main)}\n# an edit of the user\n`,
    'package.json': read(root, 'package.json')
      .replace(/"typescript": "[^"]*"/, '"typescript": "~7.0.2"')
      .replace(/ +"tsx": "[^"]*",\n/, ''),
  });
  commitAll(root);

  expect(later(['update', '--skip-install', '--yes'], root)).toMatchObject({ status: 0, stdout: '' });
  expect(read(root, utils)).toMatch(/^\/\/ A line of a later version\.\n[\s\S]*\/\/ an edit of the user\n$/);
  // Written once: the user's.
  expect(read(root, main)).not.toContain('A line of a later version');
  expect(read(root, main)).toContain('# an edit of the user');
  const { targets } = JSON.parse(read(root, project)) as { targets: Record<string, { dependsOn?: { projects: string[] }[] }> };
  expect(targets.later).toEqual({ executor: 'nx:noop' });
  expect(targets.bundle?.dependsOn?.flatMap(({ projects }) => projects)).toEqual(['my-api', 'other-api']);
  expect(read(root, 'packages/common/constructs/src/core/later.ts')).toBe('export const later = true;\n');
  const { devDependencies } = JSON.parse(read(root, 'package.json')) as { devDependencies: Record<string, string> };
  expect(devDependencies).toMatchObject({ nx: '^24.999.0', 'aws-cdk-lib': '^2.999.0', typescript: '~7.0.2' });
  expect(devDependencies.tsx).toBeUndefined();

  commitAll(root);
  later(['update', '--skip-install', '--yes'], root);
  expect(gitStatus(root)).toBe('');
});
