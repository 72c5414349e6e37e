import type { InfraData } from '../../lib/template-data.ts';
import { npmVersion, pythonRequirement } from '../../lib/versions.ts';

/** Template values of `My API` with every default, for tests of one tree of templates; `changes` are the choices at hand. */
export function templateData(changes: Partial<InfraData> = {}): InfraData {
  const data: InfraData = {
    scope: 'my-scope',
    commonName: (changes.iacProvider ?? 'CDK') === 'CDK' ? 'common-constructs' : 'common-terraform',
    iacProvider: 'CDK',
    npmVersion,
    pythonRequirement,
    isAlone: false,
    runtimeDir: 'packages/common/runtime',
    runtimeName: 'common-runtime',
    apiTitle: 'My API',
    apiName: 'my-api',
    apiClass: 'MyApi',
    apiVariable: 'myApi',
    apiSnake: 'my_api',
    moduleName: 'my_api',
    apiDir: 'packages/my-api',
    apiToRoot: '../..',
    computeType: 'ServerlessApiGatewayRestApi',
    isRest: true,
    integrationPattern: 'isolated',
    auth: 'IAM',
    port: 8000,
    infraDir: 'packages/infra',
    infraName: 'infra',
    hasBaseTsconfig: true,
    compilerOptions: undefined,
    ...changes,
  };
  return { ...data, isRest: data.computeType === 'ServerlessApiGatewayRestApi' };
}
