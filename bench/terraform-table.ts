import { capabilities, codeOf } from '../__tests__/support/terraform-flavours.ts';
import { Moto, missing, terraformOk } from '../__tests__/support/terraform-tools.ts';
import {
  developmentVariables,
  initialisedWorkspace,
  manyRoutes,
  writeCall,
  writeRoutes,
} from '../__tests__/support/terraform-workspace.ts';
import { computeTypes, integrationPatterns } from '../lib/options/choices.ts';

const code = { cdk: codeOf('cdk'), terraform: codeOf('terraform') };
console.log('What each flavour gives, and the word for it');
for (const { what, cdk, terraform } of capabilities) {
  const words = [code.cdk.includes(cdk) ? cdk : '-', code.terraform.includes(terraform) ? terraform : '-'];
  console.log(`${what.padEnd(56)}${words[0]?.padEnd(34)}${words[1]}`);
}
console.log('');

const sizes = (process.env.BENCH_OPERATIONS ?? '1,10,100,300').split(',').map(Number);

const reason = missing();
if (reason) {
  console.log(`Skipped: ${reason}.`);
  process.exit(0);
}

const moto = await Moto.start();
const rows: string[][] = [];
/** The same call with what costs resources, all at once. */
const everyOption = '  alarms = true\n  dashboard = true\n  function_defaults = { rollout = "Linear10PercentEvery10Minutes" }';
const manySettings = { settings: { parameters: Array.from({ length: 100 }, (_, index) => `setting-${index}`), secrets: [] } };

for (const computeType of computeTypes) {
  for (const kind of [...integrationPatterns, 'options'] as const) {
    const integrationPattern = kind === 'options' ? 'isolated' : kind;
    let first: number | undefined;
    for (const operations of sizes) {
      const workspace = initialisedWorkspace('bench', { computeType, integrationPattern }, manyRoutes(operations));
      const { infra } = workspace;
      if (kind === 'options') {
        writeRoutes(workspace, manyRoutes(operations), manySettings);
        writeCall(workspace, everyOption);
      }
      const started = performance.now();
      const { output } = terraformOk(infra, ['plan', ...developmentVariables], moto.env);
      const seconds = (performance.now() - started) / 1000;
      first ??= seconds;
      const resources = /Plan: (\d+) to add/.exec(output)?.[1] ?? '?';
      rows.push([
        computeType.replace(/ServerlessApiGateway(\w+)Api/, '$1'),
        kind,
        String(operations),
        resources,
        seconds.toFixed(1),
        (seconds / first).toFixed(1),
      ]);
    }
  }
}
moto.stop();

console.log('options: isolated, with a rollout in steps, alarms, a dashboard and 100 settings');
const header = ['type', 'pattern', 'operations', 'resources', 'plan s', `x ${sizes[0]}`];
for (const row of [header, ...rows]) console.log(row.map((cell, index) => (index < 2 ? cell.padEnd(10) : cell.padStart(11))).join(''));
process.exit(0);
