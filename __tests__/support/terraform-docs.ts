import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const begin = '<!-- BEGIN_TF_DOCS -->';
const end = '<!-- END_TF_DOCS -->';

interface Block {
  name: string;
  body: string;
}

/** Blocks of one kind: `variable "name" { ... }`. */
function blocks(text: string, kind: string): Block[] {
  return [...text.matchAll(new RegExp(`^${kind} "(\\w+)" \\{\\n([\\s\\S]*?)^\\}`, 'gm'))].map(([, name, body]) => ({
    name: name as string,
    body: body as string,
  }));
}

/** The value of an argument, several lines of it put into one. */
function argument(body: string, name: string): string | undefined {
  const value = new RegExp(`^ {2}${name} += (.*(?:\\n {3,}.*)*(?:\\n {2}[\\]})]+)?)`, 'm').exec(body)?.[1];
  return value
    ?.replace(/\s*\n\s*/g, ' ')
    .replace(/ = /g, ' = ')
    .replace(/ +/g, ' ');
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
const description = (body: string): string => JSON.parse(argument(body, 'description') ?? '""') as string;

/** A file of a module as its template has it, placeholders included; empty where there is none. */
function file(module: string, name: string): string {
  const path = [name, `${name}.ejs`].map((name) => join(module, name)).find((path) => existsSync(path));
  return path ? readFileSync(path, 'utf8') : '';
}

/** The tables of a module's inputs and outputs, as terraform-docs would write them. */
export function tables(module: string): string {
  const inputs = blocks(file(module, 'variables.tf'), 'variable').sort((one, other) => one.name.localeCompare(other.name));
  const outputs = blocks(file(module, 'outputs.tf'), 'output').sort((one, other) => one.name.localeCompare(other.name));
  return [
    begin,
    '## Inputs',
    '',
    '| Name | Description | Type | Default |',
    '| --- | --- | --- | --- |',
    ...inputs.map(({ name, body }) => {
      const value = argument(body, 'default');
      return `| ${name} | ${cell(description(body))} | \`${cell(argument(body, 'type') ?? 'any')}\` | ${value === undefined ? 'required' : `\`${cell(value)}\``} |`;
    }),
    '',
    '## Outputs',
    '',
    '| Name | Description |',
    '| --- | --- |',
    ...outputs.map(({ name, body }) => `| ${name} | ${cell(description(body))} |`),
    end,
  ].join('\n');
}

/** A README with its tables made anew. */
export function withTables(readme: string, module: string): string {
  return readme.replace(new RegExp(`${begin}[\\s\\S]*${end}`), () => tables(module));
}
