// What a Terraform flavour's plan costs by its number of operations; in TypeScript, since it shares its workspace with the tests.
import { register } from 'tsx/esm/api';

register();
export const { rows } = await import('./terraform-table.ts');
