import { join } from 'node:path';
import { addOperations, writeProject } from '../../support/runtime-project.ts';
import { reportPytest } from '../../support/runtime-pytest.ts';
import { toolEnv } from '../../support/tools.ts';

const folder = writeProject('served');
addOperations(folder, 'my_api', join(import.meta.dirname, 'harness', 'operations.py'));

const python = join(folder, '.venv', 'bin', 'python');

describe('the app in its own Python environment', () => {
  reportPytest(python, join(import.meta.dirname, 'app'), toolEnv({ PYTHONPATH: folder }));
});

describe('what a request leaves in CloudWatch', () => {
  reportPytest(python, join(import.meta.dirname, 'telemetry'), toolEnv({ PYTHONPATH: folder }));
});
