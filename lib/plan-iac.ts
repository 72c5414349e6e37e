import type { IacProvider } from './choices.ts';
import { constructsDir, constructsName } from './plan-constructs.ts';
import { packageName, planPackage } from './plan-package.ts';
import { planTsconfigExclude } from './plan-tsconfig.ts';
import { planDependencies } from './plan-workspace.ts';
import { apiData, apiLists, infraEntry, type Run } from './run.ts';
import { stageFiles } from './staging.ts';
import type { InfraData } from './template-data.ts';
import { planTree } from './tree.ts';
import { typeScriptData } from './typescript-data.ts';

export const terraformDir = 'packages/common/terraform';

/** Stages what one API needs in one flavour, and that flavour's entry. */
export function planIac(run: Run, apiName: string, provider: IacProvider): void {
  const entry = infraEntry(run, provider);
  const commonName = provider === 'CDK' ? constructsName(run) : packageName(run, terraformDir, 'common-terraform');
  const data: InfraData = { ...apiData(run, apiName), ...apiLists(run), ...entry, ...typeScriptData(run, entry.infraDir), commonName };
  // The API's targets name the entries that deploy it.
  stageFiles(
    run.staging,
    planTree('api', data.apiDir, data, apiName, ({ path }) => path === 'project.json'),
  );
  if (provider === 'CDK') planCdk(run, data);
  else planTerraform(run, data);
}

function planCdk(run: Run, data: InfraData): void {
  const { apiName, infraDir } = data;
  stageFiles(run.staging, planTree('constructs-api', constructsDir, data, apiName));
  stageEntry(run, 'infra-cdk', data, `src/stacks/${apiName}.ts`);
  planTsconfigExclude(run, [infraDir]);
  planDependencies(run, ['aws-cdk', 'cdk-nag'], 'shared');
}

function planTerraform(run: Run, data: InfraData): void {
  const { apiName } = data;
  planPackage(run, terraformDir, [
    ...planTree('terraform', terraformDir, data, 'shared'),
    ...planTree('metadata', terraformDir, data, 'shared'),
  ]);
  stageFiles(run.staging, planTree('terraform-api', terraformDir, data, apiName));
  stageEntry(run, 'infra-terraform', data, `${apiName}.tf`);
  planTsconfigExclude(run, [terraformDir]);
}

/** Stages a flavour's entry: one file is the API's own, the others are about all APIs. */
function stageEntry(run: Run, set: 'infra-cdk' | 'infra-terraform', data: InfraData, own: string): void {
  const { apiName, infraDir } = data;
  stageFiles(
    run.staging,
    planTree(set, infraDir, data, apiName, ({ path }) => path === own),
  );
  stageFiles(
    run.staging,
    planTree(set, infraDir, data, 'shared', ({ path }) => path !== own),
  );
}
