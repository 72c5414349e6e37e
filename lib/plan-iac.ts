import { posix } from 'node:path';
import type { IacProvider } from './choices.ts';
import { insertIntoConstructor, mergeImport } from './merge/constructor.ts';
import { mergeExports } from './merge/exports.ts';
import { mergeJson } from './merge/json.ts';
import type { JsonObject, MergeResult } from './merge/result.ts';
import { constructsDir, constructsName } from './plan-constructs.ts';
import { packageName, planPackage } from './plan-package.ts';
import { planTsconfigExclude } from './plan-tsconfig.ts';
import { planDependencies } from './plan-workspace.ts';
import { apiData, infraEntry, type Run } from './run.ts';
import { stageAddition, stageFiles } from './staging.ts';
import type { InfraData } from './template-data.ts';
import { planTree } from './tree.ts';
import { typeScriptData } from './typescript-data.ts';

export const terraformDir = 'packages/common/terraform';

/** Stages what one API needs in one flavour, and that flavour's entry. */
export function planIac(run: Run, apiName: string, provider: IacProvider): void {
  const entry = infraEntry(run, provider);
  const commonName = provider === 'CDK' ? constructsName(run) : packageName(run, terraformDir, 'common-terraform');
  const data: InfraData = { ...apiData(run, apiName), ...entry, ...typeScriptData(run, entry.infraDir), commonName };
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
  planCdkEntry(run, data);
  planTsconfigExclude(run, [data.infraDir]);
  planDependencies(run, ['aws-cdk', 'cdk-nag'], 'shared');
}

/** The CDK app: its stack comes with the first API, and gets the others added to what the user has made of it. */
function planCdkEntry(run: Run, data: InfraData): void {
  const { infraDir, apiName } = data;
  const files = planTree('infra-cdk', infraDir, data, 'shared');
  stageFiles(run.staging, files);
  stageBundle(run, data);
  const path = `${infraDir}/${stackFile}`;
  const stack = files.find((file) => file.path === path);
  if (!stack) throw new Error(`the templates have no ${stackFile}`);
  const { imports, statement } = stackParts(stack.contents);
  stageAddition(run.staging, {
    path,
    record: apiName,
    addition: statement,
    apply: (text = stack.contents) => addToStack(text, imports, statement),
  });
}

const stackFile = 'src/stacks/application-stack.ts';

function addToStack(text: string, imports: string[], statement: string): MergeResult {
  const [importLine = '', ...others] = imports;
  const added = insertIntoConstructor(text, { importLine, statement, className: 'ApplicationStack' });
  if (!added.ok) return { ...added, manual: [...imports, '', statement].join('\n') };
  if (added.text === text && !withoutBlanks(text).includes(withoutBlanks(statement))) {
    // The API is there in words of the user's, or of other choices than today's: said once, and left to the user.
    const lines = [...others, statement].join('\n').replace(/^/gm, '    ');
    return { ...added, notes: [`keeps its own statement for this API; for the choices of this run it would be:\n${lines}`] };
  }
  return { ...added, text: others.reduce((current, line) => mergeImport(current, line).text, added.text) };
}

const withoutBlanks = (text: string): string => text.replace(/\s+/g, '');

/** What a stack that is written with one API says of it: its imports, the API's own first, and its statements. */
function stackParts(stack: string): { imports: string[]; statement: string } {
  const lines = stack.split('\n').filter((line) => line.startsWith('import '));
  const own = lines.filter((line) => / from ':/.test(line));
  // Every stack has the other two.
  const needed = lines.filter((line) => !/ from '(:.*|aws-cdk-lib|constructs)';$/.test(line));
  const body = /super\(scope, id, props\);\n\n([\s\S]*?)\n {2}\}\n\}/.exec(stack)?.[1] ?? '';
  return { imports: [...own, ...needed], statement: body.replace(/^ {4}/gm, '') };
}

function planTerraform(run: Run, data: InfraData): void {
  const { apiName } = data;
  planPackage(run, terraformDir, [
    ...planTree('terraform', terraformDir, data, 'shared'),
    ...planTree('metadata', terraformDir, data, 'shared'),
  ]);
  stageFiles(run.staging, planTree('terraform-api', terraformDir, data, apiName));
  stageFiles(
    run.staging,
    planTree('infra-terraform', data.infraDir, data, apiName, ({ path }) => path === `${apiName}.tf`),
  );
  stageFiles(
    run.staging,
    planTree('infra-terraform', data.infraDir, data, 'shared', ({ path }) => path !== `${apiName}.tf`),
  );
  stageBundle(run, data);
  planTsconfigExclude(run, [terraformDir]);
  const folder = `src/app/apis/${apiName}`;
  stageMetadataTarget(run, terraformDir, data, `--terraform ${folder}`, [
    `{projectRoot}/${folder}/operations.gen.json`,
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
    inputs: [{ dependentTasksOutputFiles: '**/openapi.json' }, '{projectRoot}/scripts/generate-metadata.mjs'],
    outputs,
    options: {
      command: `node scripts/generate-metadata.mjs --openapi ${upTo(packageDir, data.apiDir)}/dist/openapi.json ${output}`,
      cwd: '{projectRoot}',
    },
  };
  stageJson(run, `${packageDir}/project.json`, { targets: { [`generate:${data.apiClass}-metadata`]: target } }, data.apiName);
}

/** The entry's `bundle` target stands for the bundles of all its APIs. */
function stageBundle(run: Run, { infraDir, apiName }: InfraData): void {
  const bundle = { dependsOn: [{ projects: [apiName], target: 'bundle' }] };
  stageJson(run, `${infraDir}/project.json`, { targets: { bundle } }, apiName);
}

function stageJson(run: Run, path: string, addition: JsonObject, record: string): void {
  stageAddition(run.staging, { path, record, addition: JSON.stringify(addition), apply: (text) => mergeJson(text, addition, { path }) });
}

function stageExport(run: Run, path: string, line: string, record: string): void {
  stageAddition(run.staging, {
    path,
    record,
    addition: line,
    apply: (text) => mergeExports(text?.replace(/^export \{\};\r?\n/m, ''), line),
  });
}
