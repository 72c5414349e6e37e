import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Moto } from './terraform-tools.ts';
import { cliConfiguration } from './terraform-tools.ts';
import { toolEnv } from './tools.ts';

/** Asks moto as a service of AWS. */
export function ask(
  moto: Moto,
  service: string,
  method: string,
  path: string,
  body?: string | URLSearchParams,
  region = 'us-east-1',
): Promise<Response> {
  const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
  return fetch(moto.url + path, { method, headers: { authorization }, body: body ?? null });
}

/** Paths that were taken out of a CloudFront distribution. */
export async function invalidations(moto: Moto, distribution: string): Promise<string[]> {
  const path = `/2020-05-31/distribution/${distribution}/invalidation`;
  const list = await (await ask(moto, 'cloudfront', 'GET', path)).text();
  const ids = [...list.matchAll(/<InvalidationSummary>.*?<Id>(\w+)<\/Id>/gs)].map(([, id]) => id);
  const each = await Promise.all(ids.map(async (id) => (await ask(moto, 'cloudfront', 'GET', `${path}/${id}`)).text()));
  return each.flatMap((one) => [...one.matchAll(/<Path>(.*?)<\/Path>/g)].map(([, found]) => found ?? ''));
}

/** Runs the command of a target of a generated project as Nx would, with moto for AWS. */
export function runTargetWithMoto(
  folder: string,
  target: string,
  moto: Moto,
  args: string[] = [],
  configuration?: string,
  more: Record<string, string> = {},
): { status: number | null; output: string } {
  const { options, configurations } = JSON.parse(readFileSync(join(folder, 'project.json'), 'utf8')).targets[target];
  const { command } = configuration ? configurations[configuration] : options;
  const { status, stdout, stderr } = spawnSync([command, ...args].join(' '), {
    cwd: folder,
    shell: true,
    encoding: 'utf8',
    env: toolEnv({
      ...{ AWS_REGION: 'us-east-1', TF_CLI_CONFIG_FILE: cliConfiguration(), TF_CLI_ARGS: '-no-color' },
      ...(moto.env as Record<string, string>),
      ...more,
    }),
  });
  return { status, output: `${stdout}${stderr}` };
}
