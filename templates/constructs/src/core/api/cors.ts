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
export const exposedHeaders = ['X-Amzn-RequestId', 'X-Amzn-Trace-Id', 'X-Correlation-Id'];

/** How long a browser keeps the answer to a preflight, in seconds: Chromium's limit is two hours. */
export const preflightMaxAge = 7200;

/** Origins of every website. */
export const anyOrigin: readonly string[] = ['*'];

export const isAnyOrigin = (origins: readonly string[]): boolean => origins.includes('*');

/** A constant in API Gateway's mappings. */
const quoted = (value: string): string => `'${value}'`;

/**
 * The preflight of a path as a method of the body. It is open: a browser sends no credentials with it.
 *
 * @param path API Gateway's path: `/items/{item_id}`.
 * @param methods Methods of the path.
 */
export const preflight = (
  path: string,
  methods: readonly string[],
  origins: readonly string[],
): object => ({
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
        [...Object.keys(preflightHeaders([])), 'Access-Control-Allow-Origin', 'Vary'].map(
          (name) => [name, { schema: { type: 'string' } }],
        ),
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
        responseParameters: Object.fromEntries(
          Object.entries({
            ...preflightHeaders(methods),
            'Access-Control-Allow-Origin': origins[0] ?? '',
            Vary: 'Origin',
          }).map(([name, value]) => [`method.response.header.${name}`, quoted(value)]),
        ),
        ...(origins.length > 1 && {
          responseTemplates: { 'application/json': originTemplate(origins) },
        }),
      },
    },
  },
});

const preflightHeaders = (methods: readonly string[]): Record<string, string> => ({
  'Access-Control-Allow-Headers': allowedHeaders.join(','),
  'Access-Control-Allow-Methods': [...methods, 'OPTIONS'].join(','),
  'Access-Control-Max-Age': String(preflightMaxAge),
});

/** Answers with the request's origin where it is one of these, in the Velocity Template Language. */
const originTemplate = (origins: readonly string[]): string =>
  [
    '#set($origin = $input.params("Origin"))',
    '#if($origin == "") #set($origin = $input.params("origin")) #end',
    `#if(${origins.map((origin) => `$origin == "${origin}"`).join(' || ')})`,
    '#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)',
    '#end',
  ].join('\n');

/**
 * What API Gateway answers by itself, without a function: refusals of an authorizer, throttling, failures. Without these
 * headers a browser hides the status from the page. A gateway response has no conditions: with several origins it echoes the
 * request's, and shows it nothing but the refusal.
 */
export function gatewayResponses(origins: readonly string[]): object {
  const [origin = ''] = origins;
  const responseParameters = {
    'gatewayresponse.header.Access-Control-Allow-Origin':
      origins.length > 1 ? 'method.request.header.Origin' : quoted(origin),
    'gatewayresponse.header.Access-Control-Allow-Headers': quoted(allowedHeaders.join(',')),
    'gatewayresponse.header.Access-Control-Expose-Headers': quoted(exposedHeaders.join(',')),
    'gatewayresponse.header.Vary': quoted('Origin'),
  };
  return { DEFAULT_4XX: { responseParameters }, DEFAULT_5XX: { responseParameters } };
}

/** CORS of an HTTP API, which answers preflights and adds the headers to every response itself. */
export const httpCors = (origins: readonly string[]): object => ({
  allowOrigins: origins,
  allowMethods: ['*'],
  allowHeaders: allowedHeaders.map((name) => name.toLowerCase()),
  exposeHeaders: exposedHeaders.map((name) => name.toLowerCase()),
  maxAge: preflightMaxAge,
});
