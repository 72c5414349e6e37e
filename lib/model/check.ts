import { BadInput } from '../bad-input.ts';
import { type ApiForms, clashes, otherSpelling, ownFolderClash, partsOf, projectMeeting, sameFolder } from '../names/clashes.ts';
import type { Model } from './model.ts';

/** What the repository has, as far as the APIs that a run adds may meet it. */
export interface Surroundings {
  /** Folders by the projects' names. */
  projects: () => ReadonlyMap<string, string>;
  /** Names of what lies in a folder. */
  namesIn: (folder: string) => readonly string[];
}

/**
 * Checks the APIs of a workspace as a whole, before anything is planned.
 *
 * @param added Names of APIs that this run adds: they must not meet what the repository has.
 * @throws BadInput for the first two that get in each other's way, in whichever form.
 */
export function checkModel({ apis, scope }: Model, added: ReadonlySet<string>, { projects: all, namesIn }: Surroundings): void {
  const forms = apis.map((api): ApiForms => ({ ...api, dir: api.apiDir }));
  // First: the place of an API mends nothing of it.
  const own = added.size === 0 ? undefined : ownFolderClash(namesIn);
  const clash = own ?? clashes(forms, scope, added);
  if (clash !== undefined) throw new BadInput(clash);
  if (added.size === 0) return;
  const ours = new Set(apis.filter(({ apiName }) => !added.has(apiName)).map(({ apiName }) => apiName));
  const projects = new Map([...all()].filter(([name]) => !ours.has(name)));
  for (const api of forms.filter(({ apiName }) => added.has(apiName))) {
    const { apiName, dir } = api;
    const namesake = projects.get(apiName);
    if (namesake !== undefined)
      throw new BadInput(`${namesake} already holds a project ${apiName}: choose another name, for instance "${apiName} api".`);
    const meeting = projectMeeting(dir, projects);
    if (meeting !== undefined)
      throw new BadInput(`${dir} would meet the project ${meeting.name} in ${meeting.folder}: choose another name or --directory.`);
    for (const part of partsOf(dir)) {
      const other = otherSpelling(part, namesIn);
      if (other !== undefined) throw new BadInput(sameFolder(api, part, other));
    }
  }
}
