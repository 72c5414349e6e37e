import { join } from 'node:path';
import type Generator from 'yeoman-generator';
import type { GeneratorName, IacOptions } from '../lib/options.ts';
import { packageRoot } from '../lib/package-root.ts';
import type { Run } from '../lib/run.ts';

/**
 * Composes one of our own generators, once per run. By class and path: a namespace would not be found when this package is
 * nested in another generator's dependencies.
 */
export async function composeOwn(
  from: { run: Run; generator: Generator; name: GeneratorName },
  name: 'constructs' | 'iac',
  Composed: unknown,
  options: IacOptions = {},
): Promise<void> {
  if (from.run.composed.has(name)) return;
  from.run.composed.add(name);
  await from.generator.composeWith({ Generator: Composed, path: join(packageRoot(), 'dist', 'generators', name, 'index.js') }, {
    ...options,
    composedBy: from.name,
  } as object);
}
