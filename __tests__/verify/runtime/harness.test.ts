import { join } from 'node:path';
import { adapter, addOperations, lambdaEnv, unpackedBundle, writeProject } from '../../support/runtime-project.ts';
import { harnessPython, reportPytest } from '../../support/runtime-pytest.ts';

const harness = join(import.meta.dirname, 'harness');
const { path, isReal } = adapter();
if (!isReal)
  console.warn('There is no cargo: a stand-in sends the headers of the Lambda Web Adapter, and the adapter itself is not tested.');

const folder = writeProject('harness');
addOperations(folder, 'my_api', join(harness, 'operations.py'));
addOperations(folder, 'my_api', join(harness, 'traced.py'));

describe(`the bundle in a Lambda environment, behind ${isReal ? 'the Lambda Web Adapter' : 'a stand-in for the adapter'}`, () => {
  reportPytest(harnessPython(), harness, lambdaEnv({ HARNESS_ADAPTER: path, HARNESS_TASK_ROOT: unpackedBundle(folder) }));
});
