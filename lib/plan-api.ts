import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { planPythonMember } from './plan-workspace.ts';
import { apiData, type Run, workspaceData } from './run.ts';
import { stageFiles } from './staging.ts';
import { planTree } from './tree.ts';

/** Stages one API's Python project, and the package that all APIs share. */
export function planApi(run: Run, apiName: string): void {
  const { root } = run.workspace;
  const data = apiData(run, apiName);
  // The root says which Python the workspace has; an API that stands alone says so itself.
  const { isAlone } = data;
  stageFiles(
    run.staging,
    planTree('api', data.apiDir, data, apiName, ({ path }) => isAlone || path !== '.python-version'),
  );
  if (isAlone && !existsSync(join(root, data.apiDir))) {
    run.notes.push(`${data.apiDir} has an environment and a .python-version of its own, apart from the repository's.`);
  }
  stageFiles(run.staging, planTree('runtime', data.runtimeDir, workspaceData(run), 'shared'));
  planPythonMember(run, 'shared', data.runtimeDir);
  planPythonMember(run, apiName, data.apiDir);
}
