import { planPythonMember } from './plan-workspace.ts';
import { apiData, type Run } from './run.ts';
import { stageFiles } from './staging.ts';
import { planTree } from './tree.ts';

/** Stages one API's Python project. */
export function planApi(run: Run, apiName: string): void {
  const data = apiData(run, apiName);
  stageFiles(run.staging, planTree('api', data.apiDir, data, apiName));
  planPythonMember(run, apiName, data.apiDir);
}
