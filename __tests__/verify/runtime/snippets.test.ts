import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { adapter, inProject, lambdaEnv, unpackedBundle, writeProject } from '../../support/runtime-project.ts';
import { harnessPython, reportPytest } from '../../support/runtime-pytest.ts';

describe('the Python snippets of the source document, each as the main.py of a bundle', () => {
  const task = unpackedBundle(writeProject('snippets'));
  reportPytest(
    harnessPython(),
    join(import.meta.dirname, 'snippets'),
    lambdaEnv({ HARNESS_ADAPTER: adapter().path, HARNESS_TASK_ROOT: task }),
  );
});

describe("the project's own type check", () => {
  let folder: string;
  beforeAll(() => {
    folder = writeProject('snippets-checked');
  }, 300_000);

  const snippets = join(import.meta.dirname, 'snippets');
  test.each(readdirSync(snippets).filter((name) => name.endsWith('.main.txt')))(
    'takes %s of the source document as main.py',
    (name) => {
      copyFileSync(join(snippets, name), join(folder, 'my_api', 'main.py'));
      inProject(folder, ['run', '--quiet', 'basedpyright', 'my_api']);
    },
    120_000,
  );
});
