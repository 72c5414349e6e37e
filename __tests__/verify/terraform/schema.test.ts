// The generated resources against the schema of the provider's newest major version, which a mirror on disk rarely has.

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Schema, schemaModules, schemaOf } from '../../support/terraform-schema.ts';
import { terraformWorkspace } from '../../support/terraform-workspace.ts';

/** What Terraform itself reads in every resource and data source. */
const meta = new Set(['count', 'for_each', 'provider', 'depends_on', 'lifecycle', 'provisioner', 'connection', 'dynamic']);

type Block = Record<string, unknown>;

/** The names in a block that a schema lacks, and the required ones that the block lacks. */
function differences(block: Block, schema: Schema, at: string): string[] {
  const dynamic = (block.dynamic ?? {}) as Record<string, { content: Block[] }[]>;
  const given: [string, unknown][] = [
    ...Object.entries(block).filter(([key]) => !meta.has(key)),
    ...Object.entries(dynamic).map(([key, blocks]): [string, unknown] => [key, blocks.flatMap(({ content }) => content)]),
  ];
  const names = new Set(given.map(([key]) => key));
  return [
    ...[...names].filter((key) => !schema.known.has(key)).map((key) => `${at} has no ${key}`),
    ...[...schema.required].filter((key) => !names.has(key)).map((key) => `${at} lacks ${key}`),
    ...given.flatMap(([key, value]) => {
      const inner = schema.blocks.get(key);
      if (!inner || !Array.isArray(value)) return [];
      return value.filter((part) => typeof part === 'object').flatMap((part) => differences(part as Block, inner, `${at}.${key}`));
    }),
  ];
}

const hclFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.tf'))
    .map((path) => join(folder, path));

describe("every resource and data source, by the newest provider's schema", () => {
  let modules: string;
  let parse: (file: string, text: string) => Promise<Block>;
  beforeAll(() => {
    modules = schemaModules();
    parse = createRequire(join(modules, 'index.js'))('@cdktn/hcl2json').parse;
  }, 300_000);

  const complaints = async (text: string, file: string): Promise<string[]> => {
    const { resource = {}, data = {} } = (await parse(file, text)) as Record<string, Record<string, Record<string, Block[]>>>;
    return [
      ...Object.entries(resource).map((entry) => [...entry, false] as const),
      ...Object.entries(data).map((entry) => [...entry, true] as const),
    ].flatMap(([type, named, isData]) => {
      const schema = schemaOf(modules, type, isData);
      if (!schema) return [`the provider has no ${isData ? 'data source' : 'resource'} ${type}`];
      return Object.entries(named).flatMap(([name, blocks]) => blocks.flatMap((block) => differences(block, schema, `${type}.${name}`)));
    });
  };

  test('has nothing that the schema lacks, and all that it requires', async () => {
    const { root } = terraformWorkspace('schema', { auth: 'Cognito' });
    const files = hclFiles(join(root, 'packages'));
    expect(files.length).toBeGreaterThan(30);
    for (const file of files) expect({ file, found: await complaints(readFileSync(file, 'utf8'), file) }).toEqual({ file, found: [] });
  }, 120_000);

  test.each([
    [
      'an argument that is gone',
      'resource "aws_lambda_function" "this" {\n  function_name = "a"\n  role = "b"\n  memory = 3\n}\n',
      'aws_lambda_function.this has no memory',
    ],
    ['an argument that is missing', 'resource "aws_iam_role" "this" {\n  name = "a"\n}\n', 'aws_iam_role.this lacks assume_role_policy'],
    [
      'an argument of a block',
      'resource "aws_lambda_function" "this" {\n  function_name = "a"\n  role = "b"\n  dynamic "vpc_config" {\n    for_each = [1]\n    content {\n      subnets = []\n    }\n  }\n}\n',
      'aws_lambda_function.this.vpc_config has no subnets',
    ],
    ['a type that does not exist', 'resource "aws_lambda_fnction" "this" {}\n', 'the provider has no resource aws_lambda_fnction'],
  ])('finds %s', async (_, text, message) => {
    expect(await complaints(text, 'example.tf')).toContain(message);
  });
});
