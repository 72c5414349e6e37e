import { join } from 'node:path';
import { adapter, lambdaEnv, unpackedBundle, writeProject } from '../../support/runtime-project.ts';
import { harnessPython, reportPytest } from '../../support/runtime-pytest.ts';

describe('the Python snippets of the source document, each as the main.py of a bundle', () => {
  const task = unpackedBundle(writeProject('snippets'));
  reportPytest(
    harnessPython(),
    join(import.meta.dirname, 'snippets'),
    lambdaEnv({ HARNESS_ADAPTER: adapter().path, HARNESS_TASK_ROOT: task }),
  );
});
