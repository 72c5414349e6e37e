import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../lib/templates/package-root.ts';
import { openApi, type Route } from '../support/cdk-openapi.ts';

interface GeneratedFile {
  path: string;
  contents: string;
}

const script = join(packageRoot(), 'templates/metadata/scripts/generate-metadata.mjs');
const { readApi, terraformFiles } = (await import(pathToFileURL(script).href)) as {
  readApi: (document: unknown) => object;
  terraformFiles: (model: object, folder: string) => GeneratedFile[];
};

const readVariables = (): string =>
  readFileSync(join(packageRoot(), 'templates/terraform-api/src/app/apis/_apiName_/variables.tf.ejs'), 'utf8');

const filesOf = (routes: Route[]): Record<string, string> =>
  Object.fromEntries(
    terraformFiles(readApi(openApi(routes)), '/module').map(({ path, contents }) => [path.replace(/.*[\\/]/, ''), contents]),
  );

test('operations have names of Terraform, routes of API Gateway', () => {
  const metadata = JSON.parse(filesOf([['GET', '/files/{name:path}', 'getFile']])['operations.gen.json'] as string);
  expect(metadata.operations).toEqual({
    get_file: {
      operation_id: 'getFile',
      method: 'GET',
      path: '/files/{name:path}',
      gateway_path: '/files/{name+}',
      streaming: false,
      routes: [
        { method: 'GET', gateway_path: '/files/{name+}' },
        { method: 'GET', gateway_path: '/files' },
      ],
    },
  });
  expect(metadata.api).toEqual({
    title: 'My API',
    version: '1.0.0',
    module: 'my_api',
    runtime: 'python3.13',
    architecture: 'arm64',
    service_name: 'my-api',
    cors: null,
    request_headers: [],
    response_headers: [],
    binary_media_types: [],
    settings: { parameters: [], secrets: [] },
  });
  expect(metadata.skeleton.openapi).toBe('3.0.1');
});

test('each operation has an output, which says its route', () => {
  const outputs = filesOf([['GET', '/items/{item_id}', 'get_item']])['outputs.gen.tf'];
  expect(outputs).toContain('output "get_item" {\n  description = "GET /items/{item_id}"\n  value       = local.outputs["get_item"]\n}\n');
});

test('what begins a template in HCL is text', () => {
  const outputs = filesOf([['GET', '/items/{item_id}', 'get_item']])['outputs.gen.tf'];
  expect(outputs).not.toMatch(/\$\{|%\{/);
});

test('an error names ten operations at most, and says how many more there are', () => {
  const routes = Array.from({ length: 12 }, (_, index): Route => ['GET', `/things/${index}`, `thing_${String(index).padStart(2, '0')}`]);
  const variable = filesOf(routes)['variables.gen.tf'];
  expect(variable).toContain(
    'Valid operations: thing_00, thing_01, thing_02, thing_03, thing_04, thing_05, thing_06, thing_07, thing_08, thing_09 and 2 more.',
  );
});

test('the outputs of the module itself are no names of operations', () => {
  expect(() => readApi(openApi([['GET', '/api', 'api']]))).toThrow(
    "GET /api (api): the name api is kept for the API's own output: give its route another operation_id.",
  );
});

test('the options of every function are the same in both variables', () => {
  const { functionOptions } = optionsOf(filesOf([['GET', '/', 'root']])['variables.gen.tf'] as string);
  expect(functionOptions.length).toBeGreaterThan(5);
  expect(functionOptions).toEqual(optionsOfDefaults());
});

/** What the generated variable takes for functions: the list beside which no integration may stand. */
function optionsOf(variable: string): { functionOptions: string[] } {
  const [, list = ''] =
    /!contains\(keys\(options\), "integration"\) \|\| length\(setintersection\(keys\(options\), \[([^\]]*)\]/.exec(variable) ?? [];
  return { functionOptions: names(list) };
}

function optionsOfDefaults(): string[] {
  const [, list = ''] = /setsubtract\(keys\(var\.function_defaults\), \[([^\]]*)\]/.exec(readVariables()) ?? [];
  return names(list);
}

const names = (list: string): string[] => [...list.matchAll(/"(\w+)"/g)].map(([, name]) => name as string);

test('operations that share a route are conditions of their own, and have no route but the first', () => {
  const files = filesOf([
    ['GET', '/tiles/{y}', 'tile'],
    ['GET', '/tiles/{y}.{format}', 'tile_format'],
  ]);
  expect(files['variables.gen.tf']).toContain('flatten([["tile", "tile_format"]])');
  expect(files['variables.gen.tf']).toContain("can't have a function each: tile and tile_format (GET /tiles/{y}).");
  const { operations } = JSON.parse(files['operations.gen.json'] as string);
  expect([operations.tile.routes, operations.tile_format.routes]).toEqual([[{ method: 'GET', gateway_path: '/tiles/{y}' }], []]);
});

test('without such operations there is no such condition', () => {
  expect(filesOf([['GET', '/', 'root']])['variables.gen.tf']).not.toContain('share a route');
});
