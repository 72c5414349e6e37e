// The way back of both flavours in what goes wrong on AWS: stacks that have put themselves back, moves that fail, signals.
import { join } from 'node:path';
import { packageRoot } from '../../../lib/templates/package-root.ts';
import { pythonRequirement } from '../../../lib/templates/versions.ts';
import { reportPytest } from '../../support/runtime-pytest.ts';
import { pythonTools, toolEnv } from '../../support/tools.ts';

const python = join(pythonTools('rollout', ['pytest==9.2.0', pythonRequirement('boto3')]), 'python');

reportPytest(python, join(import.meta.dirname, 'rollout'), toolEnv({ PYTHONPATH: join(packageRoot(), 'templates/infra/scripts') }));
