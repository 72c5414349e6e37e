import { packageName, planPackage } from './plan-package.ts';
import { planTsconfigExclude } from './plan-tsconfig.ts';
import { planDependencies } from './plan-workspace.ts';
import { apiLists, type Run, workspaceData } from './run.ts';
import { planTree } from './tree.ts';
import { typeScriptData } from './typescript-data.ts';

export const constructsDir = 'packages/common/constructs';

/** Name of the project with the shared constructs. */
export const constructsName = (run: Run): string => packageName(run, constructsDir, 'common-constructs');

/**
 * Stages the shared constructs package without any one API. Of the constructs for REST and HTTP APIs it has those that an API of
 * the workspace uses.
 */
export function planConstructs(run: Run): void {
  const data = { ...workspaceData(run), ...apiLists(run), ...typeScriptData(run, constructsDir), commonName: constructsName(run) };
  const types = new Set(Object.values(run.stored?.apis ?? {}).map((api) => api.computeType));
  const wanted = ({ path }: { path: string }): boolean =>
    (!/^src\/core\/api\/rest-/.test(path) || types.has('ServerlessApiGatewayRestApi')) &&
    (!/^src\/core\/api\/http-/.test(path) || types.has('ServerlessApiGatewayHttpApi'));
  planPackage(run, constructsDir, [
    ...planTree('constructs', constructsDir, data, 'shared', wanted),
    ...planTree('metadata', constructsDir, data, 'shared'),
  ]);
  planTsconfigExclude(run, [constructsDir]);
  planDependencies(run, ['@biomejs/biome', '@types/node', 'aws-cdk-lib', 'constructs', 'tsx', 'typescript'], 'shared');
}
