// What a CDK flavour's API costs by its number of operations: CPU of a whole synth in a process of its own and of `tsc --noEmit`, and the
// CloudFormation resources and the largest template of one of its two stages.
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { manyRoutes } from '../../__tests__/support/cdk-openapi.ts';
import { cdkWorkspace } from '../../__tests__/support/cdk-workspace.ts';
import { computeTypes, integrationPatterns } from '../../lib/options/choices.ts';
import { compared, cpuSeconds, inTurns } from '../measure.mjs';

const most = Number(process.env.BENCH_OPERATIONS ?? 300);

type Api = Pick<Parameters<typeof cdkWorkspace>[1][number]['data'] & object, 'computeType' | 'integrationPattern'>;

/** A workspace with one API of so many operations, and what measures it. */
function workspace(data: Api, operations: number) {
  const root = cdkWorkspace('bench', [{ routes: manyRoutes(operations), data }]);
  const infra = join(root, 'packages/infra');
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
    for (const integrationPattern of integrationPatterns) {
      const many = workspace({ computeType, integrationPattern }, most);
      const one = workspace({ computeType, integrationPattern }, 1);
      const type = computeType.replace(/ServerlessApiGateway(\w+)Api/, '$1').toUpperCase();
      const words = { against: '1 operation', unit: 's' };
      const row = (what: string) => ({ ...words, what: `CDK, ${type}, ${integrationPattern}, ${most} operations: ${what}` });
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
