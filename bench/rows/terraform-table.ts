// CPU of planning the Terraform flavour with many operations, against one, isolated and shared, REST and HTTP.

import { Moto, missing, terraformOk } from '../../__tests__/support/terraform-tools.ts';
import { developmentVariables, initialisedWorkspace, manyRoutes } from '../../__tests__/support/terraform-workspace.ts';
import { computeTypes, integrationPatterns } from '../../lib/options/choices.ts';
import { compared, inTurns } from '../measure.mjs';

const most = Number(process.env.BENCH_OPERATIONS ?? 300);

export async function rows() {
  const reason = missing();
  if (reason) throw new Error(reason);
  const moto = await Moto.start();
  try {
    const found = [];
    for (const computeType of computeTypes) {
      for (const integrationPattern of integrationPatterns) {
        const planned = (operations: number) => {
          const { infra } = initialisedWorkspace('bench', { computeType, integrationPattern }, manyRoutes(operations));
          return (): number => {
            const started = performance.now();
            terraformOk(infra, ['plan', ...developmentVariables], moto.env);
            return (performance.now() - started) / 1000;
          };
        };
        const { many, one } = await inTurns({ many: planned(most), one: planned(1) });
        const type = computeType.replace(/ServerlessApiGateway(\w+)Api/, '$1').toUpperCase();
        const what = `Terraform plan, ${type}, ${integrationPattern}, ${most} operations`;
        found.push(compared({ what, unit: 's', against: '1 operation', most: 20 }, many, one));
      }
    }
    return found;
  } finally {
    moto.stop();
  }
}
