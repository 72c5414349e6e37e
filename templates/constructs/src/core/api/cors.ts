import type { CorsRule } from './utils.js';

/** Headers that a browser may send: `*` would leave out `Authorization`. */
export const allowedHeaders = [
  'Authorization',
  'Content-Type',
  'X-Amz-Content-Sha256',
  'X-Amz-Date',
  'X-Amz-Security-Token',
  'X-Amzn-Trace-Id',
  'X-Api-Key',
  'X-Correlation-Id',
];

/** Headers that a page may read. */
export const exposedHeaders = [
  'Apigw-Requestid',
  'X-Amzn-RequestId',
  'X-Amzn-Trace-Id',
  'X-Correlation-Id',
];

/** How long a browser keeps the answer to a preflight, in seconds: Chromium's limit is two hours. */
export const preflightMaxAge = 7200;

/** Origins of every website. */
export const anyOrigin: readonly string[] = ['*'];

export const isAnyOrigin = (origins: readonly string[]): boolean => origins.includes('*');

/** The rule of an API whose app has none of its own, with further headers than the usual ones. */
export const ruleFor = (
  origins: readonly string[],
  more: { readonly allowed: readonly string[]; readonly exposed: readonly string[] },
): CorsRule => ({
  origins,
  originRegex: '',
  headers: eachOnce([...allowedHeaders, ...more.allowed]),
  credentials: false,
  exposedHeaders: eachOnce([...exposedHeaders, ...more.exposed]),
  maxAge: preflightMaxAge,
});

/** Headers' names without those that differ from an earlier one in case alone. */
function eachOnce(names: readonly string[]): string[] {
  const lower = names.map((name) => name.toLowerCase());
  return names.filter((_, index) => lower.indexOf(lower[index] ?? '') === index);
}

/** A constant in API Gateway's mappings. */
export const quoted = (value: string): string => `'${value}'`;

export const quotedAll = (values: Record<string, string>, prefix: string): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, quoted(value)]));

/** Whether one constant names every origin that is allowed; else the request's own is answered. */
export const isConstant = ({ origins, originRegex, credentials }: CorsRule): boolean =>
  originRegex === '' && origins.length <= 1 && !(isAnyOrigin(origins) && credentials);

/** The origin where the request's is not allowed: one that it is not, and that none is where there is no list. */
export const constantOrigin = ({ origins, credentials }: CorsRule): string =>
  origins[0] === undefined || (isAnyOrigin(origins) && credentials) ? 'none' : origins[0];

/**
 * The preflight of a path as a method of the body. It is open: a browser sends no credentials with it.
 *
 * @param path API Gateway's path: `/items/{item_id}`.
 * @param methods Methods of the path.
 */
export function preflight(path: string, methods: readonly string[], rule: CorsRule): object {
  const headers = preflightHeaders(methods, rule);
  const template = preflightTemplate(rule);
  return {
    parameters: [...path.matchAll(/\{(\w+)\+?\}/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    })),
    responses: {
      204: {
        description: 'Preflight',
        headers: Object.fromEntries(
          Object.keys(headers).map((name) => [name, { schema: { type: 'string' } }]),
        ),
      },
    },
    'x-amazon-apigateway-integration': {
      type: 'mock',
      // Bodies of binary media types have no template.
      contentHandling: 'CONVERT_TO_TEXT',
      passthroughBehavior: 'when_no_match',
      requestTemplates: { 'application/json': '{"statusCode": 204}' },
      responses: {
        default: {
          statusCode: '204',
          responseParameters: quotedAll(headers, 'method.response.header.'),
          ...(template !== '' && { responseTemplates: { 'application/json': template } }),
        },
      },
    },
  };
}

const preflightHeaders = (methods: readonly string[], rule: CorsRule): Record<string, string> => ({
  'Access-Control-Allow-Headers': (rule.headers.includes('*') ? allowedHeaders : rule.headers).join(
    ',',
  ),
  'Access-Control-Allow-Methods': (rule.methods ?? [...methods, 'OPTIONS']).join(','),
  'Access-Control-Max-Age': String(rule.maxAge),
  'Access-Control-Allow-Origin': constantOrigin(rule),
  ...(rule.credentials && { 'Access-Control-Allow-Credentials': 'true' }),
  Vary: 'Origin',
});

/** Answers with the request's origin where it is allowed, and with the headers it asks for, in the Velocity Template Language. */
function preflightTemplate(rule: CorsRule): string {
  return [...(isConstant(rule) ? [] : originTemplate(rule)), ...headersTemplate(rule)].join('\n');
}

function originTemplate({ origins, originRegex }: CorsRule): string[] {
  const allowed = isAnyOrigin(origins)
    ? ['$origin != ""']
    : origins.map((origin) => `$origin == "${origin}"`);
  if (originRegex !== '') allowed.push(`$origin.matches('${originRegex.replaceAll("'", "''")}')`);
  return [
    '#set($origin = $input.params("Origin"))',
    '#if($origin == "") #set($origin = $input.params("origin")) #end',
    `#if(${allowed.join(' || ')})`,
    '#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)',
    '#end',
  ];
}

const headersTemplate = ({ headers }: CorsRule): string[] =>
  headers.includes('*')
    ? [
        '#set($headers = $input.params("Access-Control-Request-Headers"))',
        '#if($headers == "") #set($headers = $input.params("access-control-request-headers")) #end',
        '#if($headers != "") #set($context.responseOverride.header.Access-Control-Allow-Headers = $headers) #end',
      ]
    : [];

/**
 * CORS of an HTTP API, which answers preflights and adds the headers to every response itself, over the app's own.
 *
 * @param more Headers that operations declare. A star covers neither `Authorization` nor any header of a page that sends
 * credentials (https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name), so that those are named beside it.
 * @throws When the app allows origins by a pattern.
 */
export function httpCors(rule: CorsRule, more: readonly string[]): object {
  const { origins, originRegex, methods, headers, credentials } = rule;
  if (originRegex !== '') {
    throw new Error(
      `An HTTP API knows no pattern of origins, as in the app's allow_origin_regex ${originRegex}: list them in allow_origins, or use a REST API.`,
    );
  }
  return {
    // The star does not go with credentials.
    allowOrigins: isAnyOrigin(origins) && credentials ? ['https://*', 'http://*'] : origins,
    allowMethods: methods ?? ['*'],
    allowHeaders: eachOnce(
      (headers.includes('*') ? [...headers, ...allowedHeaders, ...more] : headers).map((name) =>
        name.toLowerCase(),
      ),
    ),
    ...(rule.exposedHeaders.length > 0 && {
      exposeHeaders: rule.exposedHeaders.map((name) => name.toLowerCase()),
    }),
    ...(credentials && { allowCredentials: true }),
    maxAge: rule.maxAge,
  };
}
