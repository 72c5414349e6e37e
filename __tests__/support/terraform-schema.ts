import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './tools.ts';

const packages = ['@cdktn/provider-aws@25.7.0', '@cdktn/hcl2json@0.24.0'];

/** node_modules with the newest provider's schema as type declarations, and a parser of HCL; installed once. */
export function schemaModules(): string {
  const folder = cacheFolder('terraform', `schema-${createHash('sha256').update(packages.join()).digest('hex').slice(0, 8)}`);
  if (!existsSync(join(folder, '.finished'))) {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps', ...packages], {
      cwd: folder,
      stdio: 'pipe',
    });
    writeFileSync(join(folder, '.finished'), '');
  }
  return join(folder, 'node_modules');
}

/** Attributes and blocks that a configuration may have, and those that it must; in the words of HCL. */
export interface Schema {
  known: Set<string>;
  required: Set<string>;
  /** Schemas of blocks by name. */
  blocks: Map<string, Schema>;
}

/** The folder of `aws_lambda_function`: `lambda-function`; of a data source `data-aws-region`. Folders differ in how they part words. */
function folderOf(modules: string, type: string, isData: boolean): string | undefined {
  const lib = join(modules, '@cdktn/provider-aws/lib');
  const wanted = `${isData ? 'data' : ''}${isData ? type : type.replace(/^aws_/, '')}`.replaceAll('_', '');
  const found = readdirSync(lib).find((folder) => [wanted, `aws${wanted}`].includes(folder.replaceAll('-', '')));
  return found && join(lib, found);
}

/** The schema of a resource or a data source; none where the provider knows no such type. */
export function schemaOf(modules: string, type: string, isData = false): Schema | undefined {
  const folder = folderOf(modules, type, isData);
  if (!folder) return undefined;
  const declarations = new Map<string, string>();
  let whole = '';
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.d.ts'))) {
    const text = readFileSync(join(folder, file), 'utf8');
    for (const [, name, parent, body] of text.matchAll(/export interface (\w+)(?: extends ([\w.]+))? \{\n([\s\S]*?)\n\}/g)) {
      declarations.set(name as string, body as string);
      if (parent?.endsWith('TerraformMetaArguments')) whole = name as string;
    }
  }
  return read(whole, declarations);
}

const snake = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();

function read(name: string, declarations: Map<string, string>, above: string[] = []): Schema {
  const schema: Schema = { known: new Set(), required: new Set(), blocks: new Map() };
  for (const [, property, optional, type] of (declarations.get(name) ?? '').matchAll(/readonly (\w+)(\??): ([^;]+);/g)) {
    const key = snake(property as string);
    schema.known.add(key);
    if (!optional) schema.required.add(key);
    const block = [...(type as string).matchAll(/\w+/g)].map(([word]) => word).find((word) => declarations.has(word));
    if (block && !above.includes(block)) schema.blocks.set(key, read(block, declarations, [...above, name]));
  }
  return schema;
}
