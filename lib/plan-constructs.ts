import { hasBaseTsconfig, planDependencies } from './plan-workspace.ts';
import { type Run, workspaceData } from './run.ts';
import { stageFiles } from './staging.ts';
import { planTree } from './tree.ts';

export const constructsDir = 'packages/common/constructs';

/**
 * Stages the shared constructs package without any one API. Of the constructs for REST and HTTP APIs it has those that an API of
 * the workspace uses.
 */
export function planConstructs(run: Run): void {
  const data = { ...workspaceData(run), hasBaseTsconfig: hasBaseTsconfig(run) };
  const types = new Set(Object.values(run.stored?.apis ?? {}).map((api) => api.computeType));
  const wanted = ({ path }: { path: string }): boolean =>
    (!/^src\/core\/api\/rest-api\b/.test(path) || types.has('ServerlessApiGatewayRestApi')) &&
    (!/^src\/core\/api\/http-api\b/.test(path) || types.has('ServerlessApiGatewayHttpApi'));
  stageFiles(run.staging, [
    ...planTree('constructs', constructsDir, data, 'shared', wanted),
    ...planTree('metadata', constructsDir, data, 'shared'),
  ]);
  planDependencies(run, ['aws-cdk-lib', 'constructs', 'tsx', 'typescript', '@biomejs/biome', '@types/node', 'nx'], 'shared');
}
