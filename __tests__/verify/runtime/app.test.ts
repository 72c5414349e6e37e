import { join } from 'node:path';
import { pythonRequirement } from '../../../lib/templates/versions.ts';
import { addOperations, inProject, writeProject } from '../../support/runtime-project.ts';
import { reportPytest } from '../../support/runtime-pytest.ts';
import { toolEnv } from '../../support/tools.ts';

const folder = writeProject('served');
addOperations(folder, 'my_api', join(import.meta.dirname, 'harness', 'operations.py'));
// As the README says, and the botocore that Lambda's runtime brings.
inProject(folder, ['add', '--quiet', 'my-scope-fastapi-runtime[settings]']);
inProject(folder, ['add', '--quiet', '--dev', 'botocore']);

const python = join(folder, '.venv', 'bin', 'python');

describe('the app in its own Python environment', () => {
  reportPytest(python, join(import.meta.dirname, 'app'), toolEnv({ PYTHONPATH: folder }));
});

describe('the app with the oldest versions that the manifests allow', () => {
  const oldest = writeProject('oldest');
  inProject(oldest, ['add', '--quiet', '--no-sync', pythonRequirement('pydantic-settings')]);
  inProject(oldest, ['add', '--quiet', '--no-sync', '--dev', 'botocore>=1.40']);
  inProject(oldest, ['sync', '--quiet', '--resolution', 'lowest-direct']);
  addOperations(oldest, 'my_api', join(import.meta.dirname, 'harness', 'operations.py'));
  const own = join(oldest, '.venv', 'bin', 'python');
  for (const name of ['test_routes.py', 'test_open_api.py', 'test_own_cors.py', 'test_settings.py'])
    reportPytest(own, join(import.meta.dirname, 'app', name), toolEnv({ PYTHONPATH: oldest }));
  reportPytest(own, join(import.meta.dirname, 'telemetry'), toolEnv({ PYTHONPATH: oldest }));
});

describe('what a request leaves in CloudWatch', () => {
  reportPytest(python, join(import.meta.dirname, 'telemetry'), toolEnv({ PYTHONPATH: folder }));
});
