// What a CDK flavour's API costs by its number of operations: CloudFormation resources, seconds of a whole synth in a process
// of its own, size of the largest template in kB, seconds of `tsc --noEmit`.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manyRoutes } from '../__tests__/support/cdk-openapi.ts';
import { cdkWorkspace, runBin } from '../__tests__/support/cdk-workspace.ts';
import type { ComputeType, IntegrationPattern } from '../lib/options/choices.ts';

interface Row {
  operations: number;
  resources: number;
  stacks: number;
  synthSeconds: number;
  templateKb: number;
  tscSeconds: number;
}

const sizes = (process.env.BENCH_OPERATIONS ?? '1,10,100,300').split(',').map(Number);

/** What costs resources or room in a template, all at once. */
const manySettings = { settings: { parameters: Array.from({ length: 100 }, (_, index) => `setting-${index}`) } };

function measure(computeType: ComputeType, integrationPattern: IntegrationPattern, operations: number, hasOptions = false): Row {
  const api = { routes: manyRoutes(operations), data: { computeType, integrationPattern } };
  const root = cdkWorkspace('bench', [{ ...api, ...(hasOptions && { settings: manySettings }) }]);
  const infra = join(root, 'packages/infra');
  if (hasOptions) {
    const stack = join(infra, 'src/stacks/my-api.ts');
    const text = readFileSync(stack, 'utf8');
    const more = text.replace(
      /\.build\(\)/,
      ".withDefaultOptions({ rollout: 'Linear10PercentEvery10Minutes' }).build(), alarms: true, dashboard: true",
    );
    if (more === text) throw new Error(`${stack} builds no integrations.`);
    writeFileSync(stack, more);
  }
  const typesStarted = performance.now();
  const types = runBin(root, 'tsc', ['--noEmit'], 'packages/infra');
  const tscSeconds = (performance.now() - typesStarted) / 1000;
  if (types.status !== 0) throw new Error(types.output);

  const out = join(infra, 'dist/cdk.out');
  rmSync(out, { recursive: true, force: true });
  const started = performance.now();
  const { status, stderr } = spawnSync(join(root, 'node_modules/.bin/tsx'), ['src/main.ts'], {
    cwd: infra,
    encoding: 'utf8',
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      CDK_OUTDIR: out,
      CDK_CONTEXT_JSON: JSON.stringify(JSON.parse(readFileSync(join(infra, 'cdk.json'), 'utf8')).context),
    },
  });
  const synthSeconds = (performance.now() - started) / 1000;
  if (status !== 0) throw new Error(stderr);

  const assembly = join(out, readdirSync(out).find((name) => name.endsWith('production')) as string);
  const templates = readdirSync(assembly).filter((name) => name.endsWith('.template.json'));
  const resources = templates.reduce(
    (sum, name) => sum + Object.keys(JSON.parse(readFileSync(join(assembly, name), 'utf8')).Resources).length,
    0,
  );
  return {
    operations,
    resources,
    stacks: templates.length,
    synthSeconds,
    templateKb: Math.max(...templates.map((name) => statSync(join(assembly, name)).size)) / 1000,
    tscSeconds,
  };
}

const table = (title: string, rows: Row[]): string => {
  const first = rows[0] as Row;
  const lines = rows.map((row) =>
    [
      String(row.operations).padStart(10),
      `${row.resources} in ${row.stacks}`.padStart(14),
      ((row.resources - first.resources) / Math.max(1, row.operations - first.operations)).toFixed(2).padStart(10),
      row.synthSeconds.toFixed(1).padStart(8),
      (row.synthSeconds / first.synthSeconds).toFixed(2).padStart(6),
      row.templateKb.toFixed(0).padStart(9),
      row.tscSeconds.toFixed(2).padStart(7),
      (row.tscSeconds / first.tscSeconds).toFixed(2).padStart(6),
    ].join(' '),
  );
  return [title, 'operations  resources/stk   per oper  synth s  ratio  template   tsc s  ratio', ...lines].join('\n');
};

console.log('CDK: an application of two stages (development and production); figures of resources and template are of one stage.');
for (const [name, computeType] of [
  ['REST', 'ServerlessApiGatewayRestApi'],
  ['HTTP', 'ServerlessApiGatewayHttpApi'],
] as const) {
  for (const pattern of ['isolated', 'shared'] as const) {
    console.log(
      `\n${table(
        `${name}, ${pattern}`,
        sizes.map((operations) => measure(computeType, pattern, operations)),
      )}`,
    );
  }
  console.log(
    `\n${table(
      `${name}, isolated, with a rollout in steps, alarms, a dashboard and 100 settings`,
      sizes.map((operations) => measure(computeType, 'isolated', operations, true)),
    )}`,
  );
}
