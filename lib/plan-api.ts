import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { planPythonMember } from './plan-workspace.ts';
import { pythonPlacement } from './python-placement.ts';
import { apiData, type Run } from './run.ts';
import { stageFiles } from './staging.ts';
import { planTree } from './tree.ts';

/** Stages one API's Python project. */
export function planApi(run: Run, apiName: string): void {
  const { root } = run.workspace;
  const data = apiData(run, apiName);
  // The root says which Python the workspace has; an API that stands alone says so itself.
  const isAlone = pythonPlacement(root) === 'alone';
  stageFiles(
    run.staging,
    planTree('api', data.apiDir, data, apiName, ({ path }) => isAlone || path !== '.python-version'),
  );
  if (isAlone && !existsSync(join(root, data.apiDir))) {
    run.notes.push(`${data.apiDir} has an environment and a .python-version of its own, apart from the repository's.`);
  }
  planPythonMember(run, apiName, data.apiDir);
}
