import { BadInput } from '../bad-input.ts';
import { clashes, projectMeeting } from '../names/clashes.ts';
import { findProjects } from '../read/projects.ts';
import type { Model } from './model.ts';

/**
 * Checks the APIs of a workspace as a whole, before anything is planned.
 *
 * @param added Names of APIs that this run adds: they must not meet what the repository has.
 * @throws BadInput for the first two that get in each other's way, in whichever form.
 */
export function checkModel({ apis, scope }: Model, root: string, added: ReadonlySet<string>): void {
  const clash = clashes(
    apis.map((api) => ({ ...api, dir: api.apiDir })),
    scope,
  );
  if (clash !== undefined) throw new BadInput(clash);
  if (added.size === 0) return;
  const ours = new Set(apis.filter(({ apiName }) => !added.has(apiName)).map(({ apiName }) => apiName));
  const projects = new Map([...findProjects(root)].filter(([name]) => !ours.has(name)));
  for (const { apiName, apiDir } of apis.filter((api) => added.has(api.apiName))) {
    const namesake = projects.get(apiName);
    if (namesake !== undefined)
      throw new BadInput(`${namesake} already holds a project ${apiName}: choose another name, for instance "${apiName} api".`);
    const meeting = projectMeeting(apiDir, projects);
    if (meeting !== undefined)
      throw new BadInput(`${apiDir} would meet the project ${meeting.name} in ${meeting.folder}: choose another name or --directory.`);
  }
}
