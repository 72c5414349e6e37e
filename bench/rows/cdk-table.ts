// What a CDK flavour's API costs by its number of operations: CPU of a whole synth in a process of its own and of `tsc --noEmit`, and the
// CloudFormation resources and the largest template of one of its two stages.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { manyRoutes } from '../../__tests__/support/cdk-openapi.ts';
import { cdkWorkspace } from '../../__tests__/support/cdk-workspace.ts';
import { type ComputeType, computeTypes, type IntegrationPattern, integrationPatterns } from '../../lib/options/choices.ts';
import { compared, cpuSeconds, inTurns } from '../measure.mjs';

const most = Number(process.env.BENCH_OPERATIONS ?? 300);

/** What costs resources or room in a template, all at once. */
const manySettings = { settings: { parameters: Array.from({ length: 100 }, (_, index) => `setting-${index}`) } };
const options = 'isolated, with a rollout in steps, alarms, a dashboard and 100 settings';

/** A workspace with one API of so many operations, and what measures it. */
function workspace(computeType: ComputeType, kind: IntegrationPattern | typeof options, operations: number) {
  const data = { computeType, integrationPattern: kind === options ? 'isolated' : kind };
  const root = cdkWorkspace(`bench-${operations}`, [
    { routes: manyRoutes(operations), data, ...(kind === options && { settings: manySettings }) },
  ]);
  const infra = join(root, 'packages/infra');
  if (kind === options) {
    const stack = join(infra, 'src/stacks/my-api.ts');
    const text = readFileSync(stack, 'utf8');
    const more = text.replace(
      /\.build\(\)/,
      ".withDefaultOptions({ rollout: 'Linear10PercentEvery10Minutes' }).build(), alarms: true, dashboard: true",
    );
    if (more === text) throw new Error(`${stack} builds no integrations.`);
    writeFileSync(stack, more);
  }
  const out = join(infra, 'dist/cdk.out');
  const bin = (name: string) => join(root, 'node_modules/.bin', name);
  const context = JSON.stringify(JSON.parse(readFileSync(join(infra, 'cdk.json'), 'utf8')).context);
  const env = { ...process.env, NODE_OPTIONS: '', CDK_OUTDIR: out, CDK_CONTEXT_JSON: context };
  const templates = (): string[] => {
    const assembly = join(out, readdirSync(out).find((name) => name.endsWith('production')) as string);
    return readdirSync(assembly).flatMap((name) => (name.endsWith('.template.json') ? [join(assembly, name)] : []));
  };
  return {
    types: (): number => cpuSeconds(bin('tsc'), ['--noEmit'], { cwd: infra }),
    synth: (): number => {
      rmSync(out, { recursive: true, force: true });
      return cpuSeconds(bin('tsx'), ['src/main.ts'], { cwd: infra, env });
    },
    resources: (): number =>
      templates().reduce((sum, path) => sum + Object.keys(JSON.parse(readFileSync(path, 'utf8')).Resources).length, 0),
    largest: (): number => Math.max(...templates().map((path) => statSync(path).size)) / 1000,
  };
}

export async function rows() {
  const found = [];
  for (const computeType of computeTypes) {
    for (const kind of [...integrationPatterns, options] as const) {
      const many = workspace(computeType, kind, most);
      const one = workspace(computeType, kind, 1);
      const type = computeType.replace(/ServerlessApiGateway(\w+)Api/, '$1').toUpperCase();
      const words = { against: '1 operation', unit: 's' };
      const row = (what: string) => ({ ...words, what: `CDK, ${type}, ${kind}, ${most} operations: ${what}` });
      const synth = await inTurns({ many: many.synth, one: one.synth });
      const types = await inTurns({ many: many.types, one: one.types });
      found.push(
        compared(row('synth of two stages, CPU'), synth.many, synth.one),
        compared(row('type check, CPU'), types.many, types.one),
        compared({ ...row('resources of a stage'), unit: '' }, [many.resources()], [one.resources()]),
        compared({ ...row('largest template'), unit: 'kB' }, [many.largest()], [one.largest()]),
      );
    }
  }
  return found;
}
