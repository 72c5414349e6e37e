import { posix } from 'node:path';
import groupBy from 'lodash/groupBy.js';
import mergeWith from 'lodash/mergeWith.js';
import union from 'lodash/union.js';
import { parseJsonText } from '../merge/json.ts';
import { isObject, type JsonObject } from '../merge/result.ts';
import type { Model } from '../model/model.ts';
import type { Repository } from '../read/repository.ts';
import type { Website } from '../read/website.ts';
import { npmVersion } from '../templates/versions.ts';
import type { PlannedFile } from './file.ts';
import { apisOf } from './values.ts';

/** npm packages that the client needs at run time. */
const dependencies = ['@tanstack/react-query', 'aws4fetch'];

/** npm script that makes the clients, where the package manager runs none before another. */
export const clientsScript = 'generate-clients';

/** What is added to files of a website's that are its own. */
export function websiteAdditions(model: Model, { websites }: Repository): PlannedFile[] {
  return [...websites.values()].flatMap((website) => {
    const { folder, manifest, scripts, hasHooks, entry, prettierIgnore } = website;
    const own = posix.join(folder, 'package.json');
    // Where nothing runs it, a hook would only look as if.
    const names = hasHooks ? scripts.map((name) => `pre${name}`) : scripts.slice(0, 1).map(() => clientsScript);
    const hooks = Object.fromEntries(names.map((name) => [name, 'node scripts/generate-clients.mjs']));
    return [
      addition(manifest, json({ dependencies: Object.fromEntries(dependencies.map((name) => [name, npmVersion(name)])) })),
      ...(Object.keys(hooks).length > 0 ? [addition(own, json({ scripts: hooks }))] : []),
      ...(entry === undefined ? [] : [addition(entry, providerImports(model, website, entry))]),
      ...(prettierIgnore === undefined ? [] : [addition(prettierIgnore, unformatted(prettierIgnore, folder))]),
    ];
  });
}

const addition = (path: string, contents: string): PlannedFile => ({ path, owner: 'addition', contents, mode: 0o644, record: 'shared' });

const json = (value: JsonObject): string => `${JSON.stringify(value, null, 2)}\n`;

/** The imports of the providers that go around what a website renders. */
function providerImports(model: Model, website: Website, entry: string): string {
  const from = posix.relative(posix.dirname(entry), posix.join(website.folder, 'src/connections'));
  const folder = from.startsWith('.') ? from : `./${from}`;
  return apisOf(model, website)
    .map(({ apiClass, apiName }) => `import { ${apiClass}Provider } from '${folder}/${apiName}-provider';\n`)
    .join('');
}

/** The lines that keep a website's formatter off files of ours, which keep their own form so that later runs can merge. */
function unformatted(ignoreFile: string, folder: string): string {
  const place = posix.relative(posix.dirname(ignoreFile), folder);
  return ['src/connections/', 'scripts/generate-client.mjs', 'scripts/generate-clients.mjs', 'project.json']
    .map((path) => `/${posix.join(place, path)}\n`)
    .join('');
}

/** Additions to one file, and a file of ours that something is added to, as one. */
export function joined(files: readonly PlannedFile[]): PlannedFile[] {
  return Object.values(groupBy(files, 'path')).map((same) => {
    const [first, ...rest] = same as [PlannedFile, ...PlannedFile[]];
    return rest.reduce(joinedTwo, first);
  });
}

function joinedTwo(one: PlannedFile, other: PlannedFile): PlannedFile {
  if (one.owner !== 'addition' && other.owner !== 'addition') return one;
  const whole = one.owner === 'addition' ? other : one;
  if (!whole.path.endsWith('.json')) return { ...whole, contents: one.contents + other.contents };
  const values = [one, other].map(({ contents }) => parseJsonText(contents) as JsonObject);
  const both = mergeWith({}, ...values, (there: unknown, added: unknown) => (Array.isArray(there) ? union(there, added as []) : undefined));
  return { ...whole, contents: json(isObject(both) ? (both as JsonObject) : {}) };
}
