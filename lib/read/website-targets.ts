import { isObject } from '../merge/result.ts';
import { join, jsonIn, type Members, namesIn } from './manifests.ts';
import type { Reader } from './reader.ts';
import { addedTo, type WrittenRecord } from './record.ts';

/** A target that needs the clients first. */
export interface WebsiteTarget {
  name: string;
  /** All that it waits for. */
  dependsOn: readonly unknown[];
  /** It runs until it is stopped, which Nx doesn't see in a script. */
  continuous?: true;
}

export interface WebsiteTargets {
  /** Targets that Nx knows of a website and that need the clients first, with all that they wait for. */
  targets: readonly WebsiteTarget[];
  /** What Nx hashes of a project by default. */
  defaultInputs: readonly unknown[];
}

/** What a script or a target of a website is for, as far as it needs the clients. */
type Kind = 'build' | 'check' | 'develop';

const kinds: readonly [RegExp, Kind][] = [
  [/^build$/, 'build'],
  [/^(test|lint|typecheck|type-check|check-types)$/, 'check'],
  [/^(dev|start)$/, 'develop'],
];

/** What a script of this name is for; `undefined` where it needs no client. */
export const kindOf = (name: string): Kind | undefined => kinds.find(([pattern]) => pattern.test(name))?.[1];

/** Targets of a website's own project.json, without those that were added to it. */
export function ownTargets(reader: Reader, path: string, isTheirs: (path: string) => boolean, shared: WrittenRecord): string[] {
  if (!isTheirs(path)) return [];
  const ours = addedTo(shared, path).map((text) => (JSON.parse(text) as Members).targets);
  // One that waits for ours besides is theirs.
  const isOurs = (name: string): boolean =>
    ours.some((targets) => isObject(targets) && isObject(targets[name]) && Object.keys(targets[name]).some((key) => key !== 'dependsOn'));
  return namesIn(jsonIn(reader, path).targets).filter((name) => !isOurs(name));
}

/** The targets of a website that need the clients, whether they are scripts, stand in its project.json, or are inferred by a plugin. */
export function nxOf(reader: Reader, folder: string, scripts: readonly string[], own: readonly string[]): WebsiteTargets {
  const nx = jsonIn(reader, 'nx.json');
  const found = new Map<string, { kind: Kind; before: readonly unknown[] }>();
  for (const name of [...own, ...scripts]) {
    const kind = kindOf(name) ?? (name === 'serve' && own.includes(name) ? 'develop' : undefined);
    if (kind !== undefined) found.set(name, { kind, before: [] });
  }
  for (const one of inferredTargets(reader, folder, nx.plugins)) if (!found.has(one.name)) found.set(one.name, one);
  const defaults = isObject(nx.targetDefaults) ? nx.targetDefaults : {};
  const { default: inputs } = isObject(nx.namedInputs) ? nx.namedInputs : {};
  return {
    targets: [...found].map(([name, { kind, before }]) => {
      const waited = isObject(defaults[name]) ? defaults[name].dependsOn : undefined;
      const isStarted = kind === 'develop';
      return {
        name,
        dependsOn: [...(Array.isArray(waited) ? waited : before), 'clients', ...(isStarted ? ['watch:*-client'] : [])],
        ...(isStarted && scripts.includes(name) ? { continuous: true } : {}),
      };
    }),
    defaultInputs: Array.isArray(inputs) ? inputs : ['{projectRoot}/**/*'],
  };
}

/** Plugins of Nx that give a website targets: the option with a target's name, and that name by default. */
const inferring: Readonly<Record<string, readonly [option: string, name: string, kind: Kind][]>> = {
  '@nx/vite/plugin': [
    ['buildTargetName', 'build', 'build'],
    ['serveTargetName', 'serve', 'develop'],
    ['devTargetName', 'dev', 'develop'],
    ['typecheckTargetName', 'typecheck', 'check'],
    ['testTargetName', 'test', 'check'],
  ],
  '@nx/js/typescript': [['typecheck.targetName', 'typecheck', 'check']],
  '@nx/eslint/plugin': [['targetName', 'lint', 'check']],
  '@nx/vitest': [['testTargetName', 'test', 'check']],
};

/** Options whose targets wait for those of the same name in projects that this one depends on, by the plugin itself. */
const waiting = /^(buildTargetName|typecheckTargetName|typecheck\.targetName)$/;

function inferredTargets(reader: Reader, folder: string, plugins: unknown): { name: string; kind: Kind; before: readonly string[] }[] {
  if (!Array.isArray(plugins)) return [];
  const hasTests = isTested(reader, folder);
  return plugins.flatMap((entry: unknown) => {
    const plugin = isObject(entry) ? entry.plugin : entry;
    const options = isObject(entry) && isObject(entry.options) ? entry.options : {};
    const targets = typeof plugin === 'string' && Object.hasOwn(inferring, plugin) ? (inferring[plugin] ?? []) : [];
    return targets
      .filter(([option]) => option !== 'testTargetName' || hasTests)
      .map(([option, usual, kind]) => {
        const name = optionIn(options, option) ?? usual;
        return { name, kind, before: waiting.test(option) ? [`^${name}`] : [] };
      });
  });
}

function optionIn(options: Members, path: string): string | undefined {
  const value = path.split('.').reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), options);
  return typeof value === 'string' ? value : undefined;
}

/** Whether Vitest finds a configuration in a folder. */
const isTested = (reader: Reader, folder: string): boolean =>
  ['ts', 'mts', 'js', 'mjs'].some(
    (ending) =>
      reader.exists(join(folder, `vitest.config.${ending}`)) || /\btest\s*:/.test(reader.text(join(folder, `vite.config.${ending}`)) ?? ''),
  );
