import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { packageRoot } from './package-root.ts';

interface PythonManifest {
  project: { dependencies: string[] };
  'dependency-groups': Record<string, string[]>;
}

const folder = (): string => join(packageRoot(), 'templates', 'versions');

const lookup = (known: Record<string, string>, name: string, manifest: string): string => {
  const found = known[name];
  if (found === undefined) throw new Error(`${name} is not in templates/versions/${manifest}`);
  return found;
};

let ownVersion: string | undefined;
let npmVersions: Record<string, string> | undefined;
let pythonRequirements: Record<string, string> | undefined;
let actions: Record<string, string> | undefined;

/** This generator's own version. */
export function generatorVersion(): string {
  ownVersion ??= (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
  return ownVersion;
}

/** Version range of an npm package of the generated workspace, as `templates/versions/package.json` has it. */
export function npmVersion(name: string): string {
  npmVersions ??= (JSON.parse(readFileSync(join(folder(), 'package.json'), 'utf8')) as { devDependencies: Record<string, string> })
    .devDependencies;
  return lookup(npmVersions, name, 'package.json');
}

/** Whole requirement (`fastapi>=0.165.0,<1`) of a Python package, as `templates/versions/pyproject.toml` has it. */
export function pythonRequirement(name: string): string {
  if (!pythonRequirements) {
    const manifest = parse(readFileSync(join(folder(), 'pyproject.toml'), 'utf8')) as unknown as PythonManifest;
    const all = [...manifest.project.dependencies, ...Object.values(manifest['dependency-groups']).flat()];
    pythonRequirements = Object.fromEntries(all.map((line) => [line.replace(/[[<>=!~ ].*$/, ''), line]));
  }
  return lookup(pythonRequirements, name, 'pyproject.toml');
}

/** An action of GitHub's with its commit, and the version of that as a comment, as `templates/versions/action.yml` has it. */
export function pinnedAction(name: string): string {
  actions ??= Object.fromEntries(
    [...readFileSync(join(folder(), 'action.yml'), 'utf8').matchAll(/- uses: (([^@\s]+)@.*)$/gm)].map(([, pin = '', of = '']) => [of, pin]),
  );
  return lookup(actions, name, 'action.yml');
}
