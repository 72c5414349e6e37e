import { delimiter, join } from 'node:path';
import { addOperations, writeProject } from '../../support/runtime-project.ts';
import { reportPytest } from '../../support/runtime-pytest.ts';
import { toolEnv } from '../../support/tools.ts';

const folder = writeProject('served');
addOperations(folder, 'my_api', join(import.meta.dirname, 'harness', 'operations.py'));

describe('the app in its own Python environment', () => {
  const env = toolEnv({ PYTHONPATH: [folder, join(folder, 'scripts')].join(delimiter) });
  reportPytest(join(folder, '.venv', 'bin', 'python'), join(import.meta.dirname, 'app'), env);
});
