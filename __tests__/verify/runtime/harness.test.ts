import { join } from 'node:path';
import { adapter, addOperations, inProject, lambdaEnv, unpackedBundle, writeProject } from '../../support/runtime-project.ts';
import { harnessPython, reportPytest } from '../../support/runtime-pytest.ts';
import { pythonTools } from '../../support/tools.ts';

const harness = join(import.meta.dirname, 'harness');
const { path, isReal } = adapter();
if (!isReal)
  console.warn('There is no cargo: a stand-in sends the headers of the Lambda Web Adapter, and the adapter itself is not tested.');

const folder = writeProject('harness');
addOperations(folder, 'my_api', join(harness, 'operations.py'));
addOperations(folder, 'my_api', join(harness, 'traced.py'));
// As the README says.
inProject(folder, ['add', '--quiet', 'my-scope-fastapi-runtime[settings]']);
addOperations(folder, 'my_api', join(harness, 'configured.py'));
const moto = {
  HARNESS_MOTO: join(pythonTools('moto', ['moto[server]==5.2.*']), 'python'),
  HARNESS_MOTO_SERVER: join(import.meta.dirname, '../../support/terraform-moto.py'),
};

describe(`the bundle in a Lambda environment, behind ${isReal ? 'the Lambda Web Adapter' : 'a stand-in for the adapter'}`, () => {
  reportPytest(harnessPython(), harness, lambdaEnv({ ...moto, HARNESS_ADAPTER: path, HARNESS_TASK_ROOT: unpackedBundle(folder) }));
});
