/**
 * Turns an API's OpenAPI document into what infrastructure code reads: its operations, and the skeleton of the body that
 * API Gateway imports. A route that API Gateway cannot hold is left out and told, a line each on standard error; names that meet
 * are refused, before anything is written.
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
import { bodyParameter, declaredBy, requiredParameters } from './declared.mjs';

/**
 * @typedef {object} Operation
 * @property {string} name camelCase name in TypeScript: `getItem`.
 * @property {string} snakeName snake_case name in Terraform: `get_item`.
 * @property {string} operationId As in the document: `get_item`.
 * @property {string} method `GET`, `POST`, ...; `ANY` for a mounted app.
 * @property {string} path FastAPI's path, converters included: `/files/{name:path}`.
 * @property {string} gatewayPath API Gateway's path: `/files/{name+}`.
 * @property {boolean} streaming Whether a success is a stream.
 * @property {Route[]} [routes] All routes, where there are several: of a mounted app, or of a rest of the path that may be empty.
 * @property {string} [meets] Name of the operation whose route this one shares, since API Gateway can't tell them apart.
 *
 * @typedef {object} Route
 * @property {string} method
 * @property {string} gatewayPath
 *
 * @typedef {object} Api
 * @property {{title: string, version: string, module: string, runtime: string, architecture: string, serviceName: string}} api
 *   With what the operations declare, see `declaredBy`, and names of settings in AWS.
 * @property {Operation[]} operations In the document's order, mounted apps at the end.
 * @property {object} skeleton OpenAPI 3.0.1 without integrations, security and CORS.
 * @property {string[]} told A line for each route that API Gateway has in another form, or not at all.
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

const streamingTypes = ['application/jsonl', 'text/event-stream'];

/** Says of an operation whether it streams, whatever its media types are. */
const streamField = 'x-fastapi-stream';

/** Problems of a document, one line each in `message`. */
export class DocumentError extends Error {}

/**
 * Reads what infrastructure needs from an OpenAPI document of a FastAPI app.
 *
 * @param {any} document The document, with the root extension `x-fastapi-lambda` and, on routes with converters, `x-fastapi-path`.
 * @returns {Api}
 * @throws {DocumentError} When two operations share a name or can't be told apart, or when no route is left.
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
  /** @type {string[]} */
  const told = [];
  const routes = readRoutes(document, told);
  const extra = (project.operations ?? []).map(readExtra);
  const kept = new GatewayPaths(problems, told);
  for (const { path } of routes) kept.plan(path);
  const placed = routes.flatMap((route) => {
    const place = kept.add(route);
    return place ? { route, place } : [];
  });
  for (const { route, place } of placed) {
    const empty = kept.addEmptyRest(route);
    if (!empty) continue;
    // Operations that share a route have all of theirs at the first one's.
    const owner = placed.find((each) => each.route.name === (place.meets ?? route.name));
    owner.place.routes = [...(owner.place.routes ?? [gatewayRoute(route, place)]), empty];
  }
  const operations = [
    ...placed.map(({ route, place }) => {
      if (route.method === 'OPTIONS')
        told.push(
          `${label(route)} takes the place of the preflight, with which browsers send no credentials: it has no auth, unless the infrastructure gives it one.`,
        );
      const { operation, ...rest } = route;
      return {
        ...rest,
        ...place,
        streaming: isStreaming(operation),
        parameters: requiredParameters(operation),
      };
    }),
    ...extra.flatMap((operation) => {
      const held = kept.addExtra(operation);
      const { paths, methods: _, ...rest } = operation;
      const last = held.at(-1);
      if (!last) return [];
      return {
        ...rest,
        gatewayPath: last.gatewayPath,
        streaming: operation.streaming ?? false,
        routes: held,
        parameters: [],
      };
    }),
  ];
  checkNames(operations, problems);
  if (operations.length === 0)
    problems.push(
      ['The API has no operation: API Gateway needs at least one route.', ...told].join('\n'),
    );
  if (problems.length > 0) throw new DocumentError([...new Set(problems)].join('\n'));

  const { title, version } = document.info;
  const { operations: _, cors, ...settings } = project;
  return {
    api: {
      title,
      version,
      ...settings,
      ...(cors && { cors: corsOf(cors) }),
      ...declaredBy(
        document,
        routes.map(({ operation }) => operation),
      ),
    },
    operations: operations.map(({ parameters, routeName, ...operation }) => operation),
    skeleton: { openapi: '3.0.1', info: { title, version }, paths: skeletonPaths(operations) },
    told,
  };
}

/** What the app's own CORSMiddleware allows, as far as API Gateway knows the methods. */
const corsOf = ({ methods: allowed, ...rule }) => ({
  ...rule,
  methods: allowed.filter((method) => methods.includes(method.toLowerCase())),
});

/** The routes of a document by path and method; webhooks are none. */
function readRoutes(document, told) {
  const routes = [];
  for (const [documentPath, item] of Object.entries(document.paths)) {
    for (const method of methods) {
      const operation = item[method];
      if (!operation) continue;
      const path = operation['x-fastapi-path'] ?? documentPath;
      const route = {
        ...namesOf(operation.operationId ?? ''),
        method: method.toUpperCase(),
        path,
        routeName: operation['x-fastapi-name'],
      };
      if (method === 'trace')
        told.push(`${label(route)} is left out: API Gateway has no method TRACE.`);
      else routes.push({ ...route, operation });
    }
  }
  return routes;
}

/** An operation that OpenAPI does not know: a mounted app, or FastAPI's own pages. */
const readExtra = ({ operationId, methods, paths, streaming }) => ({
  ...namesOf(operationId),
  method: methods.length > 1 ? 'ANY' : methods[0],
  path: paths[0],
  methods,
  paths,
  streaming,
});

function namesOf(operationId) {
  const words = wordsOf(operationId);
  return {
    name: words
      .map((word, index) => (index === 0 ? word : word[0].toUpperCase() + word.slice(1)))
      .join(''),
    snakeName: words.join('_'),
    operationId,
  };
}

const gatewayRoute = ({ method }, { gatewayPath }) => ({ method, gatewayPath });

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
  const taken = new Set(operations.map(({ snakeName }) => snakeName));
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
          `${label(other)} and ${label(operation)} share the name ${operation.name}: ${remedy(other, operation, taken)}`,
        );
      else seen.set(name, operation);
    }
  }
}

/** What to write where names meet: at one's own route, and where a router is included twice or is a library's. */
function remedy(first, second, taken) {
  if (second.routes || first.routes)
    return `name the mounted app: mount("${(second.routes ? second : first).path}", ..., name="another_name").`;
  const known = new Set(wordsOf(first.path));
  const prefix =
    wordsOf(second.path.replace(/\{[^}]*\}/g, '')).find(
      (word) => !known.has(word) && /^[a-z]/.test(word),
    ) ?? second.method.toLowerCase();
  let id = `${prefix}_${second.snakeName}`;
  for (let count = 2; taken.has(id); count += 1) id = `${prefix}_${second.snakeName}_${count}`;
  const named = second.routeName && second.routeName !== first.routeName;
  const rule = named ? 'route.name' : `f"${prefix}_{route.name}"`;
  return `write ${second.method.toLowerCase()}("...", operation_id="${id}") at the second, or include_router(..., generate_unique_id_function=lambda route: ${rule}) for a router that is included twice or is a library's.`;
}

/**
 * The tree of API Gateway's resources. A resource has at most one child that is a parameter, so that parameters of routes that
 * share a prefix are named as the first route names them; no two parameters of a path share a name. Where one of the parameters
 * takes the rest of the path, so do the others, and the app tells their routes apart.
 */
class GatewayPaths {
  /**
   * @param {string[]} problems Gets a line for routes of which one can never be called.
   * @param {string[]} told Gets a line for each route that has no place in the tree.
   */
  constructor(problems, told) {
    this.problems = problems;
    this.told = told;
    this.root = newNode();
  }

  /** Notes where a parameter takes the rest of the path, before routes are added. */
  plan(path) {
    if (problemOfPath(path)) return;
    let node = this.root;
    for (const segment of segmentsOf(path)) {
      if (segment.greedy) {
        node.greedy = true;
        return;
      }
      node = childOf(node, segment);
    }
  }

  /** The place of a route: API Gateway's path, and the operation that has it already. Undefined where there is none. */
  add(route) {
    const problem = problemOfPath(route.path);
    if (problem) {
      this.told.push(`${label(route)} is left out: ${problem}`);
      return undefined;
    }
    if (reservedPaths.has(route.path))
      this.told.push(
        `${label(route)}: behind a custom domain API Gateway answers ${route.path} itself.`,
      );
    const { node, gatewayPath } = this.find(segmentsOf(route.path));
    const first = node.methods.get(route.method);
    if (!first) {
      node.methods.set(route.method, route);
      return { gatewayPath };
    }
    if (shapeOf(first.path) === shapeOf(route.path)) {
      this.problems.push(
        `${label(first)} and ${label(route)} are the same route, ${route.method} ${gatewayPath}, to API Gateway: remove one of them.`,
      );
    }
    return { gatewayPath, meets: first.name };
  }

  /** The route of an empty rest of the path, which no greedy parameter takes; undefined where it is another's. */
  addEmptyRest(route) {
    if (!/\/\{\w+:path\}$/.test(route.path)) return undefined;
    const { node, gatewayPath } = this.find(segmentsOf(route.path).slice(0, -1));
    if (node.methods.has(route.method)) return undefined;
    node.methods.set(route.method, route);
    return gatewayRoute(route, { gatewayPath });
  }

  /** The routes of an operation that has several, but for those that others have. */
  addExtra(operation) {
    const { paths } = operation;
    for (const each of paths) {
      const problem = problemOfPath(each) ?? this.besideParameter(each);
      if (problem) {
        this.told.push(`${label(operation)} is left out: ${problem}`);
        return [];
      }
    }
    const routes = paths.flatMap((each) => {
      const { node, gatewayPath } = this.find(segmentsOf(each));
      return operation.methods.flatMap((method) => {
        if (node.methods.has(method)) return [];
        node.methods.set(method, operation);
        return { method, gatewayPath };
      });
    });
    if (routes.length === 0)
      this.told.push(`${label(operation)} is left out: others have all of its routes.`);
    return routes;
  }

  /** A rest of the path can't be held where another route has a parameter of one part. */
  besideParameter(path) {
    let node = this.root;
    for (const segment of segmentsOf(path)) {
      const parameter = node.children.get('{}');
      if (segment.greedy && parameter && !node.greedy)
        return `API Gateway cannot hold it beside the parameter in ${parameter.path}: mount it below another path.`;
      const child = node.children.get(segment.key);
      if (!child) return undefined;
      node = child;
    }
    return undefined;
  }

  find(segments) {
    let node = this.root;
    const parts = [];
    for (const segment of segments) {
      const greedy = segment.greedy || (node.greedy && segment.key === '{}');
      if (greedy) node.greedy = true;
      const child = childOf(node, segment);
      if (segment.key === '{}') child.name ??= freeName(segment.name, parts);
      parts.push(segment.key === '{}' ? `{${child.name}${greedy ? '+' : ''}}` : segment.key);
      child.path ??= `/${parts.join('/')}`;
      node = child;
      if (greedy) break;
    }
    return { node, gatewayPath: `/${parts.join('/')}` };
  }
}

const newNode = () => ({ children: new Map(), methods: new Map(), greedy: false });

function childOf(node, { key }) {
  const child = node.children.get(key) ?? newNode();
  node.children.set(key, child);
  return child;
}

const parameterPattern = /\{([A-Za-z_]\w*)(?::(\w+))?\}/g;

/**
 * The parts of a path. A part that mixes text and parameters is one parameter of API Gateway's: `{y}@{scale}x` is `{y_scale}`. The
 * slash at the end is none of a part.
 */
const segmentsOf = (path) =>
  path
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => {
      const parameters = [...segment.matchAll(parameterPattern)];
      return parameters.length === 0
        ? { key: segment, name: undefined, greedy: false }
        : {
            key: '{}',
            name: parameters.map(([, name]) => name).join('_'),
            greedy: parameters.some(([, , converter]) => converter === 'path'),
          };
    });

/** A path without its parameters' names: two routes of one shape are one to FastAPI, too. */
const shapeOf = (path) => path.replace(/\{[A-Za-z_]\w*/g, '{');

function freeName(name, segments) {
  let free = name;
  for (let count = 2; segments.includes(`{${free}}`); count += 1) free = `${name}_${count}`;
  return free;
}

function problemOfPath(path) {
  if (!path.startsWith('/')) return 'the path has to start with /.';
  const segments = path.replace(/\/$/, '').split('/').slice(1);
  for (const segment of segments) {
    if (segment === '') return 'API Gateway holds no empty part of a path.';
    const text = segment.replace(parameterPattern, '');
    if (/[{}]/.test(text)) return `${segment} is no parameter of FastAPI's.`;
    // The text around a parameter is the app's to match.
    if (text === segment && !/^[A-Za-z0-9._:-]+$/.test(segment))
      return `API Gateway holds only letters, digits and . _ : - in a part of a path, not ${segment}.`;
  }
  return undefined;
}

const isStreaming = (operation) =>
  operation[streamField] ??
  Object.entries(operation.responses ?? {}).some(
    ([status, response]) =>
      /^2/.test(status) &&
      Object.keys(response.content ?? {}).some((type) => streamingTypes.includes(type)),
  );

function skeletonPaths(operations) {
  /** @type {Record<string, Record<string, object>>} */
  const paths = {};
  for (const operation of operations) {
    if (operation.meets) continue;
    for (const [index, { method, gatewayPath }] of (operation.routes ?? [operation]).entries()) {
      const pathParameters = [...gatewayPath.matchAll(/\{(\w+)\+?\}/g)].map(([, parameter]) =>
        bodyParameter(parameter, 'path'),
      );
      paths[gatewayPath] ??= {};
      paths[gatewayPath][method.toLowerCase()] = {
        // An id is one route's.
        ...(index === 0 && { operationId: operation.name }),
        parameters: [...pathParameters, ...operation.parameters],
        responses: { 200: { description: 'Success' } },
      };
    }
  }
  const order = (method) => methods.indexOf(method);
  return Object.fromEntries(
    Object.entries(paths).map(([path, item]) => [
      path,
      Object.fromEntries(Object.entries(item).sort(([one], [other]) => order(one) - order(other))),
    ]),
  );
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
  'rollout',
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
  const { serviceName, cors, requestHeaders, responseHeaders, binaryMediaTypes, settings, ...api } =
    model.api;
  const operations = Object.fromEntries(
    model.operations.map((operation) => [
      operation.snakeName,
      {
        operation_id: operation.operationId,
        method: operation.method,
        path: operation.path,
        gateway_path: operation.gatewayPath,
        streaming: operation.streaming,
        // An operation that shares another's route has none of its own.
        routes: operation.meets
          ? []
          : (operation.routes ?? [operation]).map(({ method, gatewayPath }) => ({
              method,
              gateway_path: gatewayPath,
            })),
      },
    ]),
  );
  const metadata = {
    api: {
      ...api,
      service_name: serviceName,
      cors: cors
        ? {
            origins: cors.origins,
            origin_regex: cors.originRegex,
            methods: cors.methods,
            headers: cors.headers,
            credentials: cors.credentials,
            exposed_headers: cors.exposedHeaders,
            max_age: cors.maxAge,
          }
        : null,
      request_headers: requestHeaders ?? [],
      response_headers: responseHeaders ?? [],
      binary_media_types: binaryMediaTypes ?? [],
      settings: { parameters: settings?.parameters ?? [], secrets: settings?.secrets ?? [] },
    },
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
    {
      path: resolve(folder, 'variables.gen.tf'),
      contents: terraformVariable(names, groupsOf(model)),
    },
  ];
}

const generatedHeader = "# Made from the API's OpenAPI document at build: changes are lost.\n";

/** A string of HCL, whose `${` and `%{` would begin a template. */
const hclString = (text) => JSON.stringify(text).replaceAll('${', '$${').replaceAll('%{', '%%{');

const hclList = (items) => `[${items.map(hclString).join(', ')}]`;

const hclLists = (lists) => `[${lists.map(hclList).join(', ')}]`;

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

/** Operations that share a route, the one that has it first. */
function groupsOf(model) {
  /** @type {Map<string, Operation[]>} */
  const groups = new Map();
  for (const operation of model.operations) {
    if (!operation.meets) continue;
    const first = model.operations.find(({ name }) => name === operation.meets);
    groups.set(operation.meets, [...(groups.get(operation.meets) ?? [first]), operation]);
  }
  return [...groups.values()];
}

/** At most this many valid operations are named in an error. */
const namedInErrors = 10;

function terraformVariable(names, groups) {
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
${sharedRouteValidations(groups)}}
`;
}

/** An operation that shares its route has neither a function nor an option of its own. */
function sharedRouteValidations(groups) {
  if (groups.length === 0) return '';
  const list = hclLists(groups.map((group) => group.map(({ snakeName }) => snakeName)));
  const meetings = groups
    .map(
      (group) =>
        `${group.map(({ snakeName }) => snakeName).join(' and ')} (${group[0].method} ${group[0].gatewayPath})`,
    )
    .join('; ');
  return `
  validation {
    condition = var.integration_pattern != "isolated" || alltrue([
      for operation in flatten(${list}) : contains(keys(lookup(var.operations, operation, {})), "integration")
    ])
    error_message = "These share a route of API Gateway, and so can't have a function each: ${meetings}. Choose integration_pattern shared, or give one of them another path."
  }

  validation {
    condition = alltrue([
      for group in ${list} : length(distinct([for operation in group : jsonencode(lookup(var.operations, operation, {}))])) == 1
    ])
    error_message = "These share a route of API Gateway, and so their options too: ${meetings}."
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
  for (const line of model.told) console.error(line);
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
