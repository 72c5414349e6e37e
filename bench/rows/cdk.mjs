// What a CDK flavour's API costs by its number of operations; in TypeScript, since it shares its workspace with the tests.
import { register } from 'tsx/esm/api';

register();
export const { rows } = await import('./cdk-table.ts');
