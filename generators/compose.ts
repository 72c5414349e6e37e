import { join } from 'node:path';
import type Generator from 'yeoman-generator';
import type { GeneratorName } from '../lib/options/options.ts';
import { packageRoot } from '../lib/templates/package-root.ts';

/** Any generator: the one that composes ours. */
// biome-ignore lint/suspicious/noExplicitAny: its own answers, options and features are its affair
export type OuterGenerator = Generator<any, any, any>;

/**
 * Composes one of our generators into another one. By class and path: a namespace would not be found when this package is nested in
 * another generator's dependencies.
 */
export async function composeInto(outer: OuterGenerator, Composed: unknown, name: GeneratorName, options: object): Promise<void> {
  await outer.composeWith(
    { Generator: Composed, path: join(packageRoot(), 'dist', 'generators', name, 'index.js') } as never,
    options as never,
  );
}
