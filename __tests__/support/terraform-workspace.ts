import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderTemplates, type TemplateSet } from '../../lib/templates/render.ts';
import type { InfraData } from '../../lib/templates/template-data.ts';
import { exampleRoutes, openApi, type Route } from './cdk-openapi.ts';
import { templateData } from './template-data.ts';
import { terraformOk } from './terraform-tools.ts';
import { cacheFolder } from './tools.ts';

export const commonDir = 'packages/common/terraform';

/** The example's routes, and those that differ in kind: the root, several methods on a path, the rest of a path. */
export const routesOfEachKind: Route[] = [
  ...exampleRoutes,
  ['GET', '/', 'root'],
  ['PUT', '/items/{item_id}', 'replace_item'],
  ['DELETE', '/items/{item_id}', 'delete_item'],
  ['GET', '/files/{path:path}', 'get_file'],
];

/** One with headers both ways, bytes, and a parameter whose name API Gateway refuses. */
export const pictureRoute: Route = [
  'PUT',
  '/pictures/{name}',
  'put_picture',
  {
    parameters: [
      { name: 'x-tenant', in: 'header', required: true },
      { name: 'ids[]', in: 'query', required: true },
    ],
    requestBody: { content: { 'image/png': {} } },
    responses: { 200: { description: 'Success', headers: { 'X-Total': {}, 'x-correlation-id': {} } } },
  },
];

/** So many routes, each with a path of its own. */
export const manyRoutes = (count: number): Route[] =>
  Array.from({ length: count }, (_, index): Route => ['GET', `/things/thing-${index}`, `get_thing_${index}`]);

export interface TerraformWorkspace {
  root: string;
  /** Folder of the root module. */
  infra: string;
  /** Folder of the API's module. */
  api: string;
  data: InfraData;
}

/**
 * A workspace with the Terraform flavour of one API, as the generators write it, without Python: with a bundle that is an empty zip.
 * The state is a local file, and S3 is asked by paths, as servers that stand for AWS want it.
 *
 * @param name Folder below the cache, made anew.
 */
export function terraformWorkspace(name: string, changes: Partial<InfraData> = {}, routes: Route[] = exampleRoutes): TerraformWorkspace {
  const root = join(cacheFolder('terraform', 'workspaces'), name);
  rmSync(root, { recursive: true, force: true });
  const data = templateData({ iacProvider: 'Terraform', ...changes });
  writeSet(root, 'terraform', commonDir, data);
  writeSet(root, 'metadata', commonDir, data);
  writeSet(root, 'terraform-api', commonDir, data);
  writeSet(root, 'infra', data.infraDir, data);
  writeSet(root, 'infra-terraform', data.infraDir, data);
  const workspace = {
    root,
    infra: join(root, data.infraDir),
    api: join(root, commonDir, 'src/app/apis', data.apiName),
    data,
  };
  writeRoutes(workspace, routes);
  writeBundle(workspace, '');
  write(
    join(workspace.infra, 'test_override.tf'),
    'terraform {\n  backend "local" {}\n}\n\nprovider "aws" {\n  s3_use_path_style = true\n}\n',
  );
  return workspace;
}

/** The same, ready for `plan`. */
export function initialisedWorkspace(...args: Parameters<typeof terraformWorkspace>): TerraformWorkspace {
  const workspace = terraformWorkspace(...args);
  terraformOk(workspace.infra, ['init', '-input=false']);
  return workspace;
}

/** Generates the API's metadata anew, from other routes. */
export function writeRoutes({ root, data }: TerraformWorkspace, routes: Route[], settings: object = {}): void {
  const document = openApi(routes, settings) as { 'x-fastapi-lambda': object; info: object };
  document['x-fastapi-lambda'] = { ...document['x-fastapi-lambda'], module: data.moduleName, serviceName: data.apiName };
  document.info = { ...document.info, title: data.apiTitle };
  write(join(root, data.apiDir, 'dist/openapi.json'), JSON.stringify(document));
  execFileSync(
    process.execPath,
    [
      'scripts/generate-metadata.mjs',
      '--openapi',
      join('../../..', data.apiDir, 'dist/openapi.json'),
      '--terraform',
      `src/app/apis/${data.apiName}`,
    ],
    { cwd: join(root, commonDir), stdio: 'pipe' },
  );
}

/** Another bundle: an empty zip whose comment is `code`. */
export function writeBundle({ root, data }: TerraformWorkspace, code: string): void {
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(Buffer.byteLength(code), 20);
  write(join(root, data.apiDir, 'dist/bundle.zip'), Buffer.concat([end, Buffer.from(code)]));
}

/** Replaces the call of the API's module by one with these arguments beside the usual ones but for some, written in HCL. */
export function writeCall(workspace: TerraformWorkspace, more: string, without: string[] = []): void {
  const left = without.reduce((text, name) => text.replace(new RegExp(`^ {2}${name} += .*\\n`, 'm'), ''), callOf(workspace, more));
  write(join(workspace.infra, `${workspace.data.apiName}.tf`), left);
}

function callOf({ data }: TerraformWorkspace, more: string): string {
  const file = renderTemplates('infra-terraform', data).find(({ path }) => path === `${data.apiName}.tf`);
  if (!file) throw new Error('The root module has no file of the API.');
  return file.contents.replace(/^( {2}log_retention_in_days = .*\n)/m, `$1\n${more}\n`);
}

/** One of several calls of an API's module. */
export interface Call {
  combination: Partial<InfraData>;
  /** Arguments beside the usual ones, written in HCL. */
  more?: string;
  /** What the app says of itself besides its routes. */
  settings?: object;
  /** Last changes of the file. */
  edit?: (file: string) => string;
}

/**
 * Replaces the call of the API's module by several, so that one plan does for all of them: a plan starts the provider, which takes
 * longer than what is planned. Each call has its module under the address `module.<key>`, in a copy of its own.
 */
export function writeCalls(workspace: TerraformWorkspace, routes: Route[], calls: Record<string, Call>): void {
  const { infra, api, data } = workspace;
  rmSync(join(infra, `${data.apiName}.tf`));
  for (const [key, { combination, more = '', settings = {}, edit = (file: string) => file }] of Object.entries(calls)) {
    writeRoutes(workspace, routes, settings);
    cpSync(api, join(dirname(api), key), { recursive: true });
    const file = edit(callOf({ ...workspace, data: { ...data, ...combination } }, more))
      .replace(`module "${data.apiSnake}"`, `module "${key}"`)
      .replace(`/apis/${data.apiName}"`, `/apis/${key}"`);
    // Outputs have one name in the whole root module; no plan of these is looked at for them.
    write(join(infra, `${key}.tf`), file.replace(/\n(?:# tflint-ignore.*\n)?output "\w+" \{[\s\S]*?\n\}\n/g, ''));
  }
  terraformOk(infra, ['init', '-input=false']);
}

export const developmentVariables = ['-input=false', '-var-file=environments/development.tfvars'];

function writeSet(root: string, set: TemplateSet, folder: string, data: object): void {
  for (const { path, contents, mode } of renderTemplates(set, data)) write(join(root, folder, path), contents, mode);
}

function write(path: string, contents: string | Buffer, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents, { mode });
}
