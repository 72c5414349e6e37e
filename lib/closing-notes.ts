import { packageManagerOf, runPrefix } from './package-manager.ts';
import { apiData, infraEntry, type Run } from './run.ts';

/** What the last lines of a run tell about an API: where it is, what to run next, and what was chosen that has a price. */
export function closingNotes(run: Run, apiName: string): string[] {
  const data = apiData(run, apiName);
  const nx = runPrefix(packageManagerOf(run.workspace.root));
  const entries = (run.stored?.apis[apiName]?.iacProviders ?? []).map((provider) => ({ provider, ...infraEntry(run, provider) }));
  return [
    `${data.apiTitle} is in ${data.apiDir}${entries.map(({ provider, infraDir }) => `, its ${provider} infrastructure in ${infraDir}`).join('')}.`,
    `  ${nx} run ${apiName}:serve    serves it at http://localhost:${data.port}/docs`,
    `  ${nx} run-many -t build test lint typecheck`,
    ...entries.map(({ provider, infraName }) => `  ${nx} run ${infraName}:${provider === 'CDK' ? 'synth' : 'plan'}`),
    ...(data.isRest ? [] : ['HTTP APIs do not stream: a streaming operation answers whole there. A REST API streams.']),
    ...(data.auth === 'None' ? ['Anyone who has its address can call this API: auth is None.'] : []),
  ];
}
