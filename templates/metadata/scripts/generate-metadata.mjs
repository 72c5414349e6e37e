/**
 * Turns an API's OpenAPI document into what infrastructure code reads: its operations, and the skeleton of the body that
 * API Gateway imports. A route that API Gateway cannot hold is refused here, by name, before anything is written.
 *
 *   node generate-metadata.mjs --openapi <openapi.json> --typescript <metadata.gen.ts> --bundle <folder of the Lambda code>
 *   node generate-metadata.mjs --openapi <openapi.json> --terraform <folder of the API's module>
 *
 * Paths are relative to the current folder. A file whose contents are right already is not touched. Exit code 1 and one line a
 * problem on standard error when the document can't be used.
 */
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/**
 * @typedef {object} Operation
 * @property {string} name camelCase name in TypeScript: `getItem`.
 * @property {string} snakeName snake_case name in Terraform: `get_item`.
 * @property {string} operationId As in the document: `get_item`.
 * @property {string} method `GET`, `POST`, ...
 * @property {string} path FastAPI's path, converters included: `/files/{name:path}`.
 * @property {string} gatewayPath API Gateway's path: `/files/{name+}`.
 * @property {boolean} streaming Whether a success answers with JSON Lines or server-sent events.
 *
 * @typedef {object} Api
 * @property {{title: string, version: string, module: string, runtime: string, architecture: string, serviceName: string}} api
 * @property {Operation[]} operations In the document's order.
 * @property {object} skeleton OpenAPI 3.0.1 without integrations, security and CORS.
 *
 * @typedef {object} GeneratedFile
 * @property {string} path
 * @property {string} contents
 */

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** Names that an API's integrations and outputs have besides the operations', and what for. */
const reservedNames = new Map([
  ['api', "the API's own output"],
  ['router', 'the shared function'],
]);

/** The service answers these itself: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html */
const reservedPaths = new Set(['/ping', '/sping']);

/** OpenAPI ignores parameters of these names, so that API Gateway would warn about them. */
const ignoredHeaders = new Set(['accept', 'authorization', 'content-type']);

const streamingTypes = ['application/jsonl', 'text/event-stream'];

/** Problems of a document, one line each in `message`. */
export class DocumentError extends Error {}

/**
 * Reads what infrastructure needs from an OpenAPI document of a FastAPI app.
 *
 * @param {any} document The document, with the root extension `x-fastapi-lambda` and, on routes with converters, `x-fastapi-path`.
 * @returns {Api}
 * @throws {DocumentError} When API Gateway cannot hold a route, or two operations share a name.
 */
export function readApi(document) {
  const project = document?.['x-fastapi-lambda'];
  if (typeof document?.paths !== 'object' || typeof project !== 'object') {
    throw new DocumentError(
      'This is no OpenAPI document of the API: run its target openapi first.',
    );
  }
  /** @type {string[]} */
  const problems = [];
  const routes = readRoutes(document, problems);
  const kept = new GatewayPaths(problems);
  const operations = routes.map(({ operation, ...route }) => ({
    ...route,
    gatewayPath: kept.add(route),
    streaming: isStreaming(operation),
    parameters: requiredParameters(operation),
  }));
  checkNames(operations, problems);
  if (routes.length === 0)
    problems.push('The API has no operation: API Gateway needs at least one route.');
  if (problems.length > 0) throw new DocumentError([...new Set(problems)].join('\n'));

  const { title, version } = document.info;
  return {
    api: { title, version, ...project },
    operations: operations.map(({ parameters, ...operation }) => operation),
    skeleton: { openapi: '3.0.1', info: { title, version }, paths: skeletonPaths(operations) },
  };
}

/** The routes of a document by path and method; webhooks are none. */
function readRoutes(document, problems) {
  const routes = [];
  for (const [documentPath, item] of Object.entries(document.paths)) {
    for (const method of methods) {
      const operation = item[method];
      if (!operation) continue;
      const path = operation['x-fastapi-path'] ?? documentPath;
      const operationId = operation.operationId ?? '';
      const words = wordsOf(operationId);
      const route = {
        name: words
          .map((word, index) => (index === 0 ? word : word[0].toUpperCase() + word.slice(1)))
          .join(''),
        snakeName: words.join('_'),
        operationId,
        method: method.toUpperCase(),
        path,
      };
      if (method === 'trace') problems.push(`${label(route)}: API Gateway has no method TRACE.`);
      routes.push({ ...route, operation });
    }
  }
  return routes;
}

const label = ({ method, path, operationId }) =>
  `${method} ${path}${operationId ? ` (${operationId})` : ''}`;

/** `getHTTPItem`, `get_http_item` and `get-http-item` are the same three words. */
const wordsOf = (id) =>
  id
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');

function checkNames(operations, problems) {
  /** @type {Map<string, any>} */
  const seen = new Map();
  for (const operation of operations) {
    if (operation.operationId === '') {
      problems.push(
        `${label(operation)}: the operation has no id: give its route an operation_id.`,
      );
      continue;
    }
    if (!/^[a-z][a-z0-9_]*$/.test(operation.snakeName)) {
      problems.push(
        `${label(operation)}: the operation's id gives no name in code: give its route an operation_id of ASCII letters, digits and _.`,
      );
      continue;
    }
    if (reservedNames.has(operation.name)) {
      problems.push(
        `${label(operation)}: the name ${operation.name} is kept for ${reservedNames.get(operation.name)}: give its route another operation_id.`,
      );
    }
    for (const name of new Set([operation.name, operation.snakeName])) {
      const other = seen.get(name);
      if (other)
        problems.push(
          `${label(other)} and ${label(operation)} share the name ${operation.name}: give one of them another operation_id.`,
        );
      else seen.set(name, operation);
    }
  }
}

/**
 * The tree of API Gateway's resources. A resource has at most one child that is a parameter, so that parameters of routes that
 * share a prefix are named as the first route names them; no two parameters of a path share a name.
 */
class GatewayPaths {
  /** @param {string[]} problems Gets one line for each route that has no place in the tree. */
  constructor(problems) {
    this.problems = problems;
    this.root = { children: new Map(), methods: new Map() };
  }

  /** The path by which API Gateway knows a route; empty where it can't. */
  add(route) {
    const problem = problemOfPath(route.path);
    if (problem) {
      this.problems.push(`${label(route)}: ${problem}`);
      return '';
    }
    let node = this.root;
    const segments = [];
    for (const segment of route.path.split('/').slice(1)) {
      if (segment === '') continue;
      const { name, greedy } = parameterOf(segment) ?? {};
      const key = name === undefined ? segment : '{}';
      let child = node.children.get(key);
      if (!child) {
        child = {
          children: new Map(),
          methods: new Map(),
          route,
          greedy,
          name: name && freeName(name, segments),
        };
        node.children.set(key, child);
      } else if (child.greedy !== greedy) {
        this.problems.push(
          `${label(child.route)} and ${label(route)}: API Gateway cannot hold a parameter and a rest of the path side by side: give one of them another prefix.`,
        );
        return '';
      }
      segments.push(name === undefined ? segment : `{${child.name}${greedy ? '+' : ''}}`);
      node = child;
    }
    const gatewayPath = `/${segments.join('/')}`;
    const other = node.methods.get(route.method);
    if (other) {
      this.problems.push(
        `${label(other)} and ${label(route)} are the same route, ${route.method} ${gatewayPath}, to API Gateway: remove one of them.`,
      );
    }
    node.methods.set(route.method, route);
    return gatewayPath;
  }
}

/** `{name}`, `{name:int}` and `{name:path}`; the last takes the rest of the path. */
function parameterOf(segment) {
  const [, name, converter] = /^\{([A-Za-z_]\w*)(?::(\w+))?\}$/.exec(segment) ?? [];
  return name === undefined ? undefined : { name, greedy: converter === 'path' };
}

function freeName(name, segments) {
  let free = name;
  for (let count = 2; segments.includes(`{${free}}`); count += 1) free = `${name}_${count}`;
  return free;
}

function problemOfPath(path) {
  if (!path.startsWith('/')) return 'the path has to start with /.';
  if (reservedPaths.has(path)) return `API Gateway answers ${path} itself: choose another path.`;
  if (path.length > 1 && path.endsWith('/'))
    return `API Gateway holds no path that ends with /: use ${path.replace(/\/+$/, '') || '/'}.`;
  const segments = path === '/' ? [] : path.split('/').slice(1);
  for (const [index, segment] of segments.entries()) {
    const parameter = parameterOf(segment);
    if (parameter?.greedy && index < segments.length - 1)
      return `API Gateway holds ${segment} only at the end of a path.`;
    if (parameter) continue;
    if (segment === '') return 'API Gateway holds no empty part of a path.';
    if (/[{}]/.test(segment))
      return `API Gateway holds a parameter only as a whole part of the path, not as in ${segment}.`;
    if (!/^[A-Za-z0-9._:-]+$/.test(segment))
      return `API Gateway holds only letters, digits and . _ : - in a part of a path, not ${segment}.`;
  }
  return undefined;
}

const isStreaming = (operation) =>
  Object.entries(operation.responses ?? {}).some(
    ([status, response]) =>
      /^2/.test(status) &&
      Object.keys(response.content ?? {}).some((type) => streamingTypes.includes(type)),
  );

/** Query parameters and headers that a request must have; the others make no difference to API Gateway. */
const requiredParameters = (operation) =>
  (operation.parameters ?? [])
    .filter(
      (parameter) =>
        parameter.required &&
        (parameter.in === 'query' ||
          (parameter.in === 'header' && !ignoredHeaders.has(parameter.name.toLowerCase()))),
    )
    .map((parameter) => bodyParameter(parameter.name, parameter.in));

const bodyParameter = (name, place) => ({
  name,
  in: place,
  required: true,
  schema: { type: 'string' },
});

function skeletonPaths(operations) {
  /** @type {Record<string, Record<string, object>>} */
  const paths = {};
  for (const { name, method, gatewayPath, parameters } of operations) {
    const pathParameters = [...gatewayPath.matchAll(/\{(\w+)\+?\}/g)].map(([, parameter]) =>
      bodyParameter(parameter, 'path'),
    );
    paths[gatewayPath] ??= {};
    paths[gatewayPath][method.toLowerCase()] = {
      operationId: name,
      parameters: [...pathParameters, ...parameters],
      responses: { 200: { description: 'Success' } },
    };
  }
  return paths;
}

/**
 * The TypeScript flavour: one module with the operations and the skeleton.
 *
 * @param {Api} model
 * @param {string} target Path of the module.
 * @param {string} bundle Path of the folder that holds the Lambda code.
 * @returns {GeneratedFile[]}
 */
export function typescriptFiles(model, target, bundle) {
  const operations = Object.fromEntries(
    model.operations.map(({ name, snakeName, ...operation }) => [name, operation]),
  );
  const bundleUrl = relative(dirname(target), bundle).replaceAll('\\', '/');
  const literal = (value) => JSON.stringify(value, undefined, 2);
  const contents = `// Made from the API's OpenAPI document at build: changes are lost.
import { fileURLToPath } from 'node:url';

export const metadata = {
  api: ${literal(model.api)},
  /** Folder of the Lambda code, made by the API's target bundle. */
  bundle: fileURLToPath(new URL(${literal(bundleUrl)}, import.meta.url)),
  operations: ${literal(operations)},
  skeleton: ${literal(model.skeleton)},
} as const;

/** Names of the API's operations. */
export type Operation = keyof typeof metadata.operations;
`;
  return [{ path: target, contents }];
}

/** Options of an operation's function, of its method, and of one that has an integration in its function's place. */
const functionOptions = [
  'environment',
  'ephemeral_storage_size',
  'layers',
  'log_retention_in_days',
  'memory_size',
  'policy_arns',
  'policy_statements',
  'provisioned_concurrent_executions',
  'reserved_concurrent_executions',
  'snap_start',
  'timeout',
  'vpc',
];
const methodOptions = ['auth', 'throttling'];
const besideIntegration = [
  'api_key_required',
  'method_responses',
  'properties',
  'request_parameters',
  'request_validation',
];

/**
 * The Terraform flavour, next to the API's module: its metadata as JSON, the variable that takes options by operation, and an
 * output for each operation. Names stand in the variable's conditions as literals, since only then `terraform validate` checks them.
 *
 * @param {Api} model
 * @param {string} folder The API's module.
 * @returns {GeneratedFile[]}
 */
export function terraformFiles(model, folder) {
  const { serviceName, ...api } = model.api;
  const operations = Object.fromEntries(
    model.operations.map(({ snakeName, operationId, method, path, gatewayPath, streaming }) => [
      snakeName,
      { operation_id: operationId, method, path, gateway_path: gatewayPath, streaming },
    ]),
  );
  const metadata = {
    api: { ...api, service_name: serviceName },
    operations,
    skeleton: model.skeleton,
  };
  const names = Object.keys(operations).sort();
  return [
    {
      path: resolve(folder, 'operations.gen.json'),
      contents: `${JSON.stringify(metadata, undefined, 2)}\n`,
    },
    { path: resolve(folder, 'outputs.gen.tf'), contents: terraformOutputs(names, operations) },
    { path: resolve(folder, 'variables.gen.tf'), contents: terraformVariable(names) },
  ];
}

const generatedHeader = "# Made from the API's OpenAPI document at build: changes are lost.\n";

/** A string of HCL, whose `${` and `%{` would begin a template. */
const hclString = (text) => JSON.stringify(text).replaceAll('${', '$${').replaceAll('%{', '%%{');

const hclList = (items) => `[${items.map(hclString).join(', ')}]`;

const terraformOutputs = (names, operations) =>
  generatedHeader +
  names
    .map(
      (name) => `
output "${name}" {
  description = ${hclString(`${operations[name].method} ${operations[name].path}`)}
  value       = local.outputs["${name}"]
}
`,
    )
    .join('');

/** At most this many valid operations are named in an error. */
const namedInErrors = 10;

function terraformVariable(names) {
  const more = names.length - namedInErrors;
  const valid = names.slice(0, namedInErrors).join(', ') + (more > 0 ? ` and ${more} more` : '');
  const nameList = `[\n${names.map((name) => `      ${hclString(name)},\n`).join('')}    ]`;
  const options = [
    ...functionOptions,
    ...methodOptions,
    'integration',
    ...besideIntegration,
  ].sort();
  const optionList = hclList(options);
  const functionList = hclList(functionOptions);
  return `${generatedHeader}
variable "operations" {
  description = "Options of single operations, by the operation's name: of its function, of its method, or an integration in the function's place."
  type        = any
  default     = {}
  nullable    = false

  validation {
    condition = length(setsubtract(keys(var.operations), ${nameList})) == 0
    error_message = "Unknown operation(s): \${join(", ", setsubtract(keys(var.operations), ${nameList}))}. Valid operations: ${valid}."
  }

  validation {
    condition = alltrue([
      for options in values(var.operations) : length(setsubtract(keys(options), ${optionList})) == 0
    ])
    error_message = "Unknown option(s): \${join(", ", distinct(flatten([
      for operation, options in var.operations : [
        for option in setsubtract(keys(options), ${optionList}) : "\${option} of \${operation}"
      ]
    ])))}. Valid options: ${options.join(', ')}."
  }

  validation {
    condition = alltrue([
      for options in values(var.operations) : !contains(keys(options), "integration") || length(setintersection(keys(options), ${functionList})) == 0
    ])
    error_message = "An operation with an integration of its own has no function to tune: \${join(", ", distinct(flatten([
      for operation, options in var.operations : [
        for option in setintersection(keys(options), ${functionList}) : "\${option} of \${operation}"
      ] if contains(keys(options), "integration")
    ])))}."
  }

  validation {
    condition = alltrue([
      for options in values(var.operations) : contains(keys(options), "integration") || length(setintersection(keys(options), ${hclList(besideIntegration)})) == 0
    ])
    error_message = "These options go with an integration of the operation's own: ${besideIntegration.join(', ')}."
  }

  validation {
    condition = var.integration_pattern != "shared" || alltrue([
      for options in values(var.operations) : length(setintersection(keys(options), ${functionList})) == 0
    ])
    error_message = "With integration_pattern shared the operations share one function, the router: give its options to function_defaults, and not to single operations."
  }

  validation {
    condition = alltrue([
      for options in values(var.operations) : contains(["IAM", "Cognito", "Custom", "None"], lookup(options, "auth", "None"))
    ])
    error_message = "auth of an operation is IAM, Cognito, Custom or None."
  }
}
`;
}

/**
 * The files that the command line asks for.
 *
 * @param {string[]} args
 * @returns {GeneratedFile[]}
 */
function filesFor(args) {
  const { values } = parseArgs({
    args,
    options: {
      openapi: { type: 'string' },
      typescript: { type: 'string' },
      bundle: { type: 'string' },
      terraform: { type: 'string' },
    },
  });
  if (!values.openapi) throw new DocumentError('--openapi names no document.');
  const model = readApi(readDocument(values.openapi));
  const files = [];
  if (values.typescript) {
    if (!values.bundle) throw new DocumentError('--typescript needs --bundle as well.');
    files.push(...typescriptFiles(model, resolve(values.typescript), resolve(values.bundle)));
  }
  if (values.terraform) files.push(...terraformFiles(model, resolve(values.terraform)));
  return files;
}

function readDocument(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new DocumentError(
      `${path} can't be read (${error.message}): run the API's target openapi first.`,
    );
  }
}

/** Contents of a file, or nothing where there is none. */
function current(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function main() {
  try {
    for (const { path, contents } of filesFor(process.argv.slice(2))) {
      if (current(path) === contents) continue;
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, contents);
    }
  } catch (error) {
    const expected = error instanceof DocumentError || error.code?.startsWith('ERR_PARSE_ARGS');
    console.error(expected ? error.message : error);
    process.exitCode = 1;
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) main();
