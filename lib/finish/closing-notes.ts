import { knownApi, type Request } from '../model/model.ts';
import { infraEntry } from '../plan/values.ts';
import { clientsScript } from '../plan/websites.ts';
import { runPrefix } from '../read/package-manager.ts';
import type { PreparedRun } from '../run.ts';

/** What the last lines of a run tell: where each API is, what to run next, and what was chosen that has a price. */
export function closingNotes(prepared: PreparedRun): string[] {
  const { requests } = prepared;
  const named = requests.flatMap((one) => (one.kind === 'api' ? [one.answers.name] : one.kind === 'flavour' ? [one.api] : []));
  const asked = new Set(named.map((name) => knownApi(prepared.stored, name)));
  const apis = prepared.model.apis.length - prepared.missing.length;
  return [
    ...prepared.model.apis.filter(({ apiName }) => asked.has(apiName)).flatMap((api) => apiNotes(prepared, api.apiName)),
    ...requests.flatMap((request) => (request.kind === 'connection' ? connectionNotes(prepared, request) : [])),
    ...(apis > 0 && requests.some(({ kind }) => kind === 'update')
      ? [`${apis === 1 ? 'One API is' : `${apis} APIs are`} up to date with this version.`]
      : []),
  ];
}

function connectionNotes({ model, stored, repository }: PreparedRun, request: Request & { kind: 'connection' }): string[] {
  const api = model.apis.find(({ apiName }) => apiName === knownApi(stored, request.api));
  const website = repository.websites.get(request.website);
  if (api === undefined || website === undefined) return [];
  const { folder, name, hasHooks, scripts } = website;
  return [
    `${folder === '.' ? 'The website' : folder} calls ${api.apiTitle}: use${api.apiClass}() is its client, in src/connections/use-${api.apiName}.ts.`,
    `  ${runPrefix(repository.packageManager)} run-many -t serve dev -p ${api.apiName} ${name}    serves both; types follow the Python code`,
    ...(hasHooks || scripts.length === 0
      ? []
      : [
          `Here ${repository.packageManager} runs no script before another: run the website's scripts through Nx, or "${repository.packageManager} run ${clientsScript}" before them.`,
        ]),
  ];
}

function apiNotes({ model, repository }: PreparedRun, apiName: string): string[] {
  const api = model.apis.find((one) => one.apiName === apiName);
  if (api === undefined) return [];
  const nx = runPrefix(repository.packageManager);
  const entries = api.iacProviders.map((provider) => ({ provider, ...infraEntry(repository, provider) }));
  return [
    `${api.apiTitle} is in ${api.apiDir}${entries.map(({ provider, infraDir }) => `, its ${provider} infrastructure in ${infraDir}`).join('')}.`,
    ...(repository.python === 'alone'
      ? [`${api.apiDir} has an environment and a .python-version of its own, apart from the repository's.`]
      : []),
    ...inColumns([
      [`${nx} run ${apiName}:serve`, `serves it at http://localhost:${api.port}/docs`],
      // What works without an account: a plan wants the bucket of the states first.
      ...entries.map(({ provider, infraName }): [string, string] => [
        `${nx} run ${infraName}:${provider === 'CDK' ? 'synth' : 'test'}`,
        'checks what would be deployed; more in its README',
      ]),
    ]),
    `  ${nx} run-many -t build test lint typecheck`,
    ...(api.computeType === 'ServerlessApiGatewayRestApi'
      ? []
      : ['HTTP APIs do not stream: a streaming operation answers whole there. A REST API streams.']),
    ...(api.auth === 'None' ? ['Anyone who has its address can call this API: auth is None.'] : []),
  ];
}

/** Commands, and beside each what it does. */
function inColumns(rows: readonly [command: string, what: string][]): string[] {
  const width = Math.max(...rows.map(([command]) => command.length));
  return rows.map(([command, what]) => `  ${command.padEnd(width)}    ${what}`);
}
