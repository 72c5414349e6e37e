import { type Run, startRun } from '../lib/run.ts';

const runs = new WeakMap<object, Map<string, Run>>();

/**
 * The run that the generators of one environment share: whichever is first starts it, the composed ones join it.
 *
 * @param environment Yeoman's environment, one per command.
 * @param folder Where the generators write, or a folder below.
 */
export function currentRun(environment: object, folder: string): Run {
  const ofEnvironment = runs.get(environment) ?? new Map<string, Run>();
  runs.set(environment, ofEnvironment);
  const known = ofEnvironment.get(folder);
  if (known) return known;
  const run = startRun(folder);
  const joined = ofEnvironment.get(run.workspace.root) ?? run;
  ofEnvironment.set(folder, joined);
  ofEnvironment.set(run.workspace.root, joined);
  return joined;
}
