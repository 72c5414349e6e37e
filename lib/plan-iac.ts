import { posix } from 'node:path';
import type { IacProvider } from './choices.ts';
import { mergeExports } from './merge/exports.ts';
import { mergeJson } from './merge/json.ts';
import type { JsonObject } from './merge/result.ts';
import { constructsDir } from './plan-constructs.ts';
import { hasBaseTsconfig, planDependencies } from './plan-workspace.ts';
import { apiData, infraEntry, type Run, workspaceData } from './run.ts';
import { stageAddition, stageFiles } from './staging.ts';
import type { InfraData } from './template-data.ts';
import { planTree } from './tree.ts';

export const terraformDir = 'packages/common/terraform';

/** Stages what one API needs in one flavour, and that flavour's entry. */
export function planIac(run: Run, apiName: string, provider: IacProvider): void {
  const data: InfraData & { hasBaseTsconfig: boolean } = {
    ...apiData(run, apiName),
    ...infraEntry(run, provider),
    hasBaseTsconfig: hasBaseTsconfig(run),
  };
  if (provider === 'CDK') planCdk(run, data);
  else planTerraform(run, data);
}

function planCdk(run: Run, data: InfraData): void {
  const { apiName } = data;
  stageFiles(run.staging, planTree('constructs-api', constructsDir, data, apiName));
  stageExport(run, `${constructsDir}/src/app/apis/index.ts`, `export * from './${apiName}.js';`, apiName);
  stageMetadataTarget(
    run,
    constructsDir,
    data,
    `--typescript src/generated/${apiName}/metadata.gen.ts --bundle ${bundleFrom(constructsDir, data)}`,
    [`{projectRoot}/src/generated/${apiName}`],
  );
  planDependencies(run, ['aws-cdk', 'cdk-nag'], 'shared');
}

function planTerraform(run: Run, data: InfraData): void {
  const { apiName } = data;
  stageFiles(run.staging, [
    ...planTree('terraform', terraformDir, workspaceData(run), 'shared'),
    ...planTree('metadata', terraformDir, workspaceData(run), 'shared'),
    ...planTree('terraform-api', terraformDir, data, apiName),
  ]);
  const folder = `src/app/apis/${apiName}`;
  stageMetadataTarget(run, terraformDir, data, `--terraform ${folder}`, [
    `{projectRoot}/${folder}/operations.gen.json`,
    `{projectRoot}/${folder}/operations.gen.tf`,
    `{projectRoot}/${folder}/variables.gen.tf`,
    `{projectRoot}/${folder}/outputs.gen.tf`,
  ]);
}

const upTo = (from: string, apiDir: string): string => posix.relative(from, apiDir);
const bundleFrom = (from: string, data: InfraData): string => `${upTo(from, data.apiDir)}/dist/bundle`;

function stageMetadataTarget(run: Run, packageDir: string, data: InfraData, output: string, outputs: string[]): void {
  const target = {
    executor: 'nx:run-commands',
    cache: true,
    dependsOn: [{ projects: [data.apiName], target: 'openapi' }],
    inputs: [{ dependentTasksOutputFiles: 'openapi.json' }, '{projectRoot}/scripts/generate-metadata.mjs'],
    outputs,
    options: {
      command: `node scripts/generate-metadata.mjs --openapi ${upTo(packageDir, data.apiDir)}/dist/openapi.json ${output}`,
      cwd: '{projectRoot}',
    },
  };
  stageJson(run, `${packageDir}/project.json`, { targets: { [`generate:${data.apiClass}-metadata`]: target } }, data.apiName);
}

function stageJson(run: Run, path: string, addition: JsonObject, record: string): void {
  stageAddition(run.staging, { path, record, addition: JSON.stringify(addition), apply: (text) => mergeJson(text, addition, { path }) });
}

function stageExport(run: Run, path: string, line: string, record: string): void {
  stageAddition(run.staging, { path, record, addition: line, apply: (text) => mergeExports(text, line) });
}
