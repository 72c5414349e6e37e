// An app's own CORSMiddleware decides everywhere: what a browser makes of API Gateway's preflights, answers and refusals, as both flavours deploy
// them, is what it makes of the app's on this machine.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Route } from '../../support/cdk-openapi.ts';
import { cdkWorkspace } from '../../support/cdk-workspace.ts';
import { writeProject } from '../../support/runtime-project.ts';
import { bodyOf, byType, plan } from '../../support/terraform-plan.ts';
import { describeTerraform, useMoto } from '../../support/terraform-suite.ts';
import { initialisedWorkspace, type TerraformWorkspace, writeRoutes } from '../../support/terraform-workspace.ts';
import { toolEnv } from '../../support/tools.ts';
import { overriddenHeaders } from '../../support/velocity.ts';

const minutes = 60_000;
const shop = 'https://shop.example.com';
const admin = 'https://admin.example.com';

/** Arguments of CORSMiddleware, each set of a kind. */
const options = {
  'one origin with credentials': {
    allow_origins: [shop],
    allow_credentials: true,
    allow_methods: ['GET', 'PUT'],
    allow_headers: ['X-Token'],
  },
  'everything with credentials': {
    allow_origins: ['*'],
    allow_credentials: true,
    allow_methods: ['*'],
    allow_headers: ['*'],
    expose_headers: ['X-Total'],
    max_age: 60,
  },
  everything: { allow_origins: ['*'], allow_methods: ['*'], allow_headers: ['*'] },
  'several origins': { allow_origins: [shop, admin], allow_methods: ['DELETE'], allow_headers: ['*'], expose_headers: ['X-Total', 'ETag'] },
  'a header of tokens': { allow_origins: ['*'], allow_headers: ['Authorization'] },
  'the defaults': {},
  'a pattern': { allow_origin_regex: "https://(?P<name>[a-z]+)\\.it's\\.example(:\\d+)?", allow_credentials: true, allow_methods: ['*'] },
  'an origin and a pattern': { allow_origins: [shop], allow_origin_regex: 'http://localhost:\\d+', allow_headers: ['X-Token'] },
};
type Name = keyof typeof options;
const names = Object.keys(options) as Name[];
/** HTTP APIs know no pattern of origins, and say so. */
const hasPattern = (name: Name): boolean => 'allow_origin_regex' in options[name];

interface Asked {
  origin: string;
  method: string;
  /** As a browser names them: without those that it may always send. */
  headers: string[];
}
const origins = [shop, admin, 'https://evil.example', `${shop}.evil.example`, "https://ada.it's.example", 'http://localhost:3000', 'null'];
const asked: Asked[] = origins.flatMap((origin) =>
  ['GET', 'PUT', 'DELETE', 'PATCH'].flatMap((method) =>
    [[], ['x-token'], ['authorization'], ['content-type', 'x-token'], ['x-other']].map((headers) => ({ origin, method, headers })),
  ),
);

interface Answer {
  status: number;
  headers: Record<string, string>;
}
interface Local {
  rule: { originRegex: string; origins: string[]; methods: string[]; credentials: boolean; headers: string[] };
  preflights: Answer[];
  answers: Record<string, Record<string, string>>;
  failures: Record<string, Record<string, string>>;
}

// biome-ignore lint/suspicious/noExplicitAny: a document of API Gateway's
type Body = any;

const lower = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
const list = (text = ''): string[] => text.split(',').map((part) => part.trim());

/** Whether a page of an origin may read an answer: https://fetch.spec.whatwg.org/#concept-cors-check. */
function readable(headers: Record<string, string>, origin: string, credentials: boolean): boolean {
  const allowed = headers['access-control-allow-origin'];
  if (!credentials && allowed === '*') return true;
  return allowed === origin && (!credentials || headers['access-control-allow-credentials'] === 'true');
}

/** Whether a browser sends the request after this preflight: https://fetch.spec.whatwg.org/#cors-preflight-fetch-0. */
function passes({ status, headers }: Answer, { origin, method, headers: sent }: Asked, credentials: boolean): boolean {
  const star = (values: string[]): boolean => !credentials && values.includes('*');
  const methods = list(headers['access-control-allow-methods']);
  const allowed = list(headers['access-control-allow-headers']).map((name) => name.toLowerCase());
  return (
    status >= 200 &&
    status < 300 &&
    readable(headers, origin, credentials) &&
    (['GET', 'HEAD', 'POST'].includes(method) || methods.includes(method) || star(methods)) &&
    sent.every((name) => allowed.includes(name) || (name !== 'authorization' && star(allowed)))
  );
}

const constants = (parameters: Record<string, string>, prefix: string, origin: string): Record<string, string> =>
  lower(
    Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [
        name.replace(prefix, ''),
        value === 'method.request.header.Origin' ? origin : value.replace(/^'(.*)'$/, '$1'),
      ]),
    ),
  );

/** A REST API's answer to a preflight: that of a mock integration. Over HTTP/2, names of headers have no capitals. */
function restPreflight(body: Body, { origin, method, headers }: Asked, isHttp2: boolean): Answer {
  const { responses } = body.paths['/items'].options['x-amazon-apigateway-integration'];
  const { statusCode, responseParameters, responseTemplates } = responses.default;
  const given = new Map([
    ['Origin', origin],
    ['Access-Control-Request-Method', method],
    ...(headers.length > 0 ? [['Access-Control-Request-Headers', headers.join(',')] as const] : []),
  ]);
  const sent = new Map([...given].map(([name, value]) => [isHttp2 ? name.toLowerCase() : name, value]));
  const overridden = overriddenHeaders(responseTemplates?.['application/json'] ?? '', (name) => sent.get(name) ?? '');
  return {
    status: Number(statusCode),
    headers: { ...constants(responseParameters, 'method.response.header.', origin), ...lower(overridden) },
  };
}

/** What a REST API says itself: of a refused caller, or of a function that failed. */
const refusal = (body: Body, kind: 'DEFAULT_4XX' | 'DEFAULT_5XX', origin: string): Record<string, string> =>
  constants(body['x-amazon-apigateway-gateway-responses'][kind].responseParameters, 'gatewayresponse.header.', origin);

interface HttpCors {
  origins: string[];
  methods: string[];
  headers: string[];
  exposed: string[];
  credentials: boolean;
  maxAge: number;
}

/** What an HTTP API adds to each answer: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html. */
function httpAnswer({ origins: allowed, credentials, exposed }: HttpCors, origin: string): Record<string, string> {
  if (!allowed.some((known) => known === '*' || known === origin || (known.endsWith('://*') && origin.startsWith(known.slice(0, -1)))))
    return {};
  return {
    'access-control-allow-origin': allowed.includes('*') ? '*' : origin,
    ...(credentials && { 'access-control-allow-credentials': 'true' }),
    'access-control-expose-headers': exposed.join(','),
  };
}

const httpPreflight = (cors: HttpCors, { origin }: Asked): Answer => ({
  status: 204,
  headers: {
    ...httpAnswer(cors, origin),
    'access-control-allow-methods': cors.methods.join(','),
    'access-control-allow-headers': cors.headers.join(','),
  },
});

let local: Record<Name, Local>;
beforeAll(() => {
  const folder = writeProject('cors');
  const program = [join(import.meta.dirname, 'cors', 'local.py'), JSON.stringify({ options: names.map((name) => options[name]), asked })];
  const output = execFileSync(join(folder, '.venv', 'bin', 'python'), program, {
    cwd: folder,
    env: toolEnv({ PYTHONPATH: folder, LOG_LEVEL: 'CRITICAL' }),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const found = JSON.parse(output.trim().split('\n').at(-1) as string) as Local[];
  local = Object.fromEntries(names.map((name, index) => [name, found[index]])) as Record<Name, Local>;
}, 5 * minutes);

/** Preflights, and the pages that may go on, each once for pages that send credentials and once for others. */
const verdicts = (name: Name, answers: Answer[], credentials: boolean, left: (asked: Asked) => boolean = () => false): string[] =>
  asked.flatMap((request, index) => {
    // Browsers look for GET in no list: the app refuses it by the status of its preflight, of which API Gateway has one.
    const skipped = left(request) || (request.method === 'GET' && !local[name].rule.methods.includes('GET'));
    const answer = answers[index] as Answer;
    const said = `${request.origin} ${request.method} ${request.headers}`;
    return skipped ? [] : [`${said}: ${passes({ ...answer, headers: lower(answer.headers) }, request, credentials)}`];
  });

const readers = (answers: Record<string, Record<string, string>>, credentials: boolean): string[] =>
  origins.filter((origin) => readable(lower(answers[origin] ?? {}), origin, credentials));

function comparesRest(name: Name, body: Body): void {
  const { preflights, answers, failures, rule } = local[name];
  for (const credentials of [false, true]) {
    for (const isHttp2 of [false, true]) {
      const deployed = asked.map((request) => restPreflight(body, request, isHttp2));
      expect(verdicts(name, deployed, credentials)).toEqual(verdicts(name, preflights, credentials));
    }
    for (const kind of ['DEFAULT_4XX', 'DEFAULT_5XX'] as const) {
      const deployed = readers(Object.fromEntries(origins.map((origin) => [origin, refusal(body, kind, origin)])), credentials);
      const expected = readers(failures, credentials);
      // A gateway response has no conditions: where an origin has to be echoed, every page may read that it was refused.
      const echoes = rule.originRegex !== '' || rule.origins.length > 1;
      expect(deployed).toEqual(echoes && (!credentials || rule.credentials) ? origins : expected);
      for (const origin of expected)
        expect(refusal(body, kind, origin)['access-control-expose-headers']).toEqual(
          answers[origin]?.['access-control-expose-headers']?.replaceAll(', ', ','),
        );
    }
  }
}

function comparesHttp(name: Name, cors: HttpCors): void {
  const { preflights, answers, rule } = local[name];
  for (const credentials of [false, true]) {
    const deployed = asked.map((request) => httpPreflight(cors, request));
    // A browser takes the star for a name where it sends credentials: an HTTP API, which mirrors none, allows the usual headers then.
    const skipped = ({ headers }: Asked): boolean => credentials && rule.headers.includes('*') && /x-token|x-other/.test(headers.join());
    // Neither is a page from nowhere, whose origin is `null`, one of `https://*`.
    const ofNowhere = ({ origin }: Asked): boolean => rule.origins.includes('*') && rule.credentials && origin === 'null';
    const left = (request: Asked): boolean => skipped(request) || ofNowhere(request);
    expect(verdicts(name, deployed, credentials, left)).toEqual(verdicts(name, preflights, credentials, left));
    const of = Object.fromEntries(origins.map((origin) => [origin, httpAnswer(cors, origin)]));
    const known = (origin: string): boolean => !ofNowhere({ origin, method: '', headers: [] });
    expect(readers(of, credentials).filter(known)).toEqual(readers(answers, credentials).filter(known));
  }
}

const script = `
import { writeFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { iamAuth } from '../../common/constructs/src/core/api/auth.js';
import { IntegrationBuilder } from '../../common/constructs/src/core/api/builder.js';
import { HttpApi } from '../../common/constructs/src/core/api/http-api.js';
import { RestApi } from '../../common/constructs/src/core/api/rest-api.js';
import { metadata } from '../../common/constructs/src/generated/my-api/metadata.gen.js';

const bodies = JSON.parse(process.argv[2]).map((cors: any) => ['REST', 'HTTP'].map((type) => {
  const stack = new Stack(new App(), 'Test');
  const own: any = { ...metadata, api: { ...metadata.api, cors } };
  const props: any = { metadata: own, auth: iamAuth() };
  const scope = { scope: stack, metadata: own, pattern: 'shared' } as any;
  try {
    const api: any = type === 'REST'
      ? new RestApi(stack, 'Api', { ...props, integrations: IntegrationBuilder.rest(scope).build() })
      : new HttpApi(stack, 'Api', { ...props, integrations: IntegrationBuilder.http(scope).build() });
    return stack.resolve(api.api.node.defaultChild.body);
  } catch (error) {
    return (error as Error).message;
  }
}));
writeFileSync('bodies.json', JSON.stringify(bodies));
`;
const routes: Route[] = [
  ['GET', '/items', 'items_get'],
  ['PUT', '/items', 'items_put'],
  ['DELETE', '/items', 'items_delete'],
];

describe('what CDK deploys', () => {
  let bodies: [rest: Body, http: Body][];
  beforeAll(() => {
    const root = cdkWorkspace('cors', [
      { routes },
      { data: { apiName: 'other', apiClass: 'Other', apiDir: 'packages/other', computeType: 'ServerlessApiGatewayHttpApi' } },
    ]);
    const infra = join(root, 'packages/infra');
    writeFileSync(join(infra, 'src/bodies.ts'), script);
    const rules = JSON.stringify(names.map((name) => local[name].rule));
    execFileSync(join(root, 'node_modules/.bin/tsx'), ['src/bodies.ts', rules], { cwd: infra, stdio: 'pipe' });
    bodies = JSON.parse(readFileSync(join(infra, 'bodies.json'), 'utf8'));
  }, 5 * minutes);

  test.each(names)('%s: a REST API', (name) => comparesRest(name, bodies[names.indexOf(name)]?.[0]));

  test.each(names)('%s: an HTTP API', (name) => {
    const body = bodies[names.indexOf(name)]?.[1];
    if (hasPattern(name)) {
      expect(body).toMatch(/^An HTTP API knows no pattern of origins/);
      return;
    }
    const cors = body['x-amazon-apigateway-cors'];
    comparesHttp(name, {
      origins: cors.allowOrigins,
      methods: cors.allowMethods,
      headers: cors.allowHeaders,
      exposed: cors.exposeHeaders ?? [],
      credentials: cors.allowCredentials ?? false,
      maxAge: cors.maxAge,
    });
  });
});

describeTerraform('what Terraform plans', () => {
  const moto = useMoto();
  let workspaces: TerraformWorkspace[];
  // The bodies of both flavours are compared for more of them in terraform/body.test.ts.
  const planned = process.env.VERIFY_FULL === '1' ? names : (['everything with credentials', 'a pattern'] as const);
  beforeAll(() => {
    workspaces = (['ServerlessApiGatewayRestApi', 'ServerlessApiGatewayHttpApi'] as const).map((computeType) =>
      initialisedWorkspace(`cors-${computeType}`, { computeType, integrationPattern: 'shared', auth: 'IAM' }, routes),
    );
  }, 5 * minutes);

  test.each(planned)(
    '%s',
    (name) => {
      const [rest, http] = workspaces as [TerraformWorkspace, TerraformWorkspace];
      writeRoutes(rest, routes, { cors: local[name].rule });
      comparesRest(name, bodyOf(plan(rest, moto()).resources));
      if (hasPattern(name)) return;
      writeRoutes(http, routes, { cors: local[name].rule });
      const [api] = byType(plan(http, moto()).resources, 'aws_apigatewayv2_api');
      const [cors] = (api?.values.cors_configuration ?? []) as Body[];
      comparesHttp(name, {
        origins: cors.allow_origins,
        methods: cors.allow_methods,
        headers: cors.allow_headers,
        exposed: cors.expose_headers ?? [],
        credentials: cors.allow_credentials,
        maxAge: cors.max_age,
      });
    },
    5 * minutes,
  );
});
