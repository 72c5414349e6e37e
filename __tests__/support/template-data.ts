import { byName } from '../../lib/names/api-order.ts';
import type { ApiData, ApiLists, InfraData } from '../../lib/templates/template-data.ts';
import { npmVersion, pinnedAction, pythonRequirement } from '../../lib/templates/versions.ts';

/**
 * Template values of `My API` with every default, for tests of one tree of templates; `changes` are the choices at hand. It is the
 * workspace's only API and has the one flavour, unless the changes name others.
 */
export function templateData(changes: Partial<InfraData> = {}): InfraData {
  const { iacProvider = 'CDK', infraDir = 'packages/infra', infraName = 'infra' } = changes;
  const data: Omit<InfraData, keyof ApiLists> = {
    scope: 'my-scope',
    commonName: iacProvider === 'CDK' ? 'common-constructs' : 'common-terraform',
    iacProvider,
    ci: 'None',
    npmVersion,
    pythonRequirement,
    pinnedAction,
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
    infraDir,
    infraName,
    infraToRoot: '../..',
    deployments: [{ provider: iacProvider, infraDir, infraName, infraToRoot: '../..' }],
    hasBaseTsconfig: true,
    compilerOptions: undefined,
    ...changes,
  };
  data.isRest = data.computeType === 'ServerlessApiGatewayRestApi';
  return { ...listsOf([data]), ...data, ...changes, isRest: data.isRest };
}

/** Template values of files about several APIs. */
export const listsOf = (all: ApiData[]): ApiLists => {
  const apis = [...all].sort((first, second) => byName(first.apiName, second.apiName));
  const having = (provider: string) => apis.filter(({ deployments }) => deployments.some((deployment) => deployment.provider === provider));
  return { apis, cdkApis: having('CDK'), terraformApis: having('Terraform'), pythonProjects: apis.map(({ apiDir }) => apiDir).sort() };
};
