// CPU of planning the Terraform flavour with many operations, against one, isolated and shared, REST and HTTP.

import { Moto, missing, terraformOk } from '../../__tests__/support/terraform-tools.ts';
import {
  developmentVariables,
  initialisedWorkspace,
  manyRoutes,
  writeCall,
  writeRoutes,
} from '../../__tests__/support/terraform-workspace.ts';
import { computeTypes, integrationPatterns } from '../../lib/options/choices.ts';
import { compared, inTurns } from '../measure.mjs';

/** The call with what costs resources, all at once. */
const everyOption = '  alarms = true\n  dashboard = true\n  function_defaults = { rollout = "Linear10PercentEvery10Minutes" }';
const manySettings = { settings: { parameters: Array.from({ length: 100 }, (_, index) => `setting-${index}`), secrets: [] } };
const options = 'isolated, with a rollout in steps, alarms, a dashboard and 100 settings';

const most = Number(process.env.BENCH_OPERATIONS ?? 300);

export async function rows() {
  const reason = missing();
  if (reason) throw new Error(reason);
  const moto = await Moto.start();
  try {
    const found = [];
    for (const computeType of computeTypes) {
      for (const kind of [...integrationPatterns, options] as const) {
        const planned = (operations: number) => {
          const integrationPattern = kind === options ? 'isolated' : kind;
          const workspace = initialisedWorkspace(`bench-${operations}`, { computeType, integrationPattern }, manyRoutes(operations));
          const { infra } = workspace;
          if (kind === options) {
            writeRoutes(workspace, manyRoutes(operations), manySettings);
            writeCall(workspace, everyOption);
          }
          return (): number => {
            const started = performance.now();
            terraformOk(infra, ['plan', ...developmentVariables], moto.env);
            return (performance.now() - started) / 1000;
          };
        };
        const { many, one } = await inTurns({ many: planned(most), one: planned(1) });
        const type = computeType.replace(/ServerlessApiGateway(\w+)Api/, '$1').toUpperCase();
        const what = `Terraform plan, ${type}, ${kind}, ${most} operations`;
        found.push(compared({ what, unit: 's', against: '1 operation', most: 20 }, many, one));
      }
    }
    return found;
  } finally {
    moto.stop();
  }
}
