import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../lib/templates/package-root.ts';
import { runTargetWithMoto } from './moto-website.ts';
import type { Moto } from './terraform-tools.ts';
import { cacheFolder } from './tools.ts';

export interface Alias {
  name: string;
  version: string;
  weights: Record<string, number>;
}

/** Aliases of all functions, by the function's name. */
export async function aliasesOf(moto: Moto): Promise<Record<string, Alias[]>> {
  const { Functions: functions } = await moto.get<{ Functions: { FunctionName: string }[] }>('lambda', '/2015-03-31/functions/');
  const each = functions.map(async ({ FunctionName: name }) => {
    const { Aliases: aliases } = await moto.get<{
      Aliases: { Name: string; FunctionVersion: string; RoutingConfig?: { AdditionalVersionWeights?: Record<string, number> } }[];
    }>('lambda', `/2015-03-31/functions/${name}/aliases`);
    return [
      name,
      aliases.map((alias) => ({
        name: alias.Name,
        version: alias.FunctionVersion,
        weights: alias.RoutingConfig?.AdditionalVersionWeights ?? {},
      })),
    ] as const;
  });
  return Object.fromEntries(await Promise.all(each));
}

/**
 * Runs the target `rollout` or `rollback` as Nx would, with moto for AWS and a clock that never waits.
 *
 * @param alarm An alarm that goes off, and at which second.
 */
export function runRollout(
  folder: string,
  target: 'rollout' | 'rollback' | 'prune-versions',
  moto: Moto,
  args: string[] = [],
  alarm = '',
): { status: number | null; output: string; seen: string[] } {
  const file = join(cacheFolder('rollout'), `seen-${process.pid}.txt`);
  rmSync(file, { force: true });
  const clock = { PYTHONPATH: join(packageRoot(), '__tests__/support/rollout-clock'), ROLLOUT_SEEN: file, ROLLOUT_ALARM: alarm };
  const ran = runTargetWithMoto(folder, target, moto, args, undefined, { ...clock, AWS_DEFAULT_REGION: 'us-east-1' });
  try {
    return { ...ran, seen: readFileSync(file, 'utf8').trim().split('\n') };
  } catch {
    return { ...ran, seen: [] };
  }
}
