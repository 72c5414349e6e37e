import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../lib/templates/package-root.ts';
import { tables, withTables } from '../support/terraform-docs.ts';

const templates = join(packageRoot(), 'templates');
const core = join(templates, 'terraform/src/core');
const modules = [...readdirSync(core).map((name) => join(core, name)), join(templates, 'terraform-api/src/app/apis/_apiName_')];

test.each(modules)('%s has a README whose tables tell its inputs and outputs', (module) => {
  const path = ['README.md', 'README.md.ejs'].map((name) => join(module, name)).find((name) => existsSync(name));
  if (!path) throw new Error('The module has no README.');
  const readme = readFileSync(path, 'utf8');
  const made = withTables(readme, module);
  // UPDATE=1 writes them.
  if (process.env.UPDATE === '1') writeFileSync(path, made);
  else expect(readme).toBe(made);
  expect(readme).toContain('<!-- BEGIN_TF_DOCS -->');
});

test('every input and output is described', () => {
  for (const module of modules) expect(tables(module)).not.toMatch(/^\| \w+ \| {2}\|/m);
});
