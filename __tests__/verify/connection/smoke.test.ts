// One operation of an API, called by the generated target `smoke`: of the local server, and of what is deployed by its outputs. Signed
// requests, and the log groups of CDK's stacks, are in gateway.test.ts; Terraform's are in terraform/changes.test.ts.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { jest } from '@jest/globals';
import { apiDocument, freePort, type RunningApi, serveApi } from '../../support/connection-api.ts';
import { ask } from '../../support/moto-website.ts';
import { type Smoke, smokeTarget } from '../../support/smoke.ts';
import { Moto } from '../../support/terraform-tools.ts';

jest.setTimeout(120_000);

const token = 'header.payload.signature';

/** The port on which a server listens from now on. */
const listening = (server: Server | TcpServer): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

let moto: Moto;
let smoke: Smoke;

beforeAll(async () => {
  moto = await Moto.start();
  smoke = smokeTarget('smoke', apiDocument(), moto);
}, 600_000);

afterAll(() => moto?.stop());

describe('of the local server', () => {
  let api: RunningApi;
  const call = (...args: string[]) => smoke([`--url=${api.url}`, ...args], 'local');

  beforeAll(async () => {
    api = await serveApi();
  }, 120_000);
  afterAll(() => api?.stop());

  test('the address is the one that the server has noted', async () => {
    expect(await smoke([], 'local')).toEqual({
      status: 1,
      output: 'Nothing is served: run the target serve of the API first, or give --url.\n',
    });
    smoke.write('../my-api/dist/serve.json', JSON.stringify({ url: api.url }));
    expect(await smoke([], 'local')).toMatchObject({ status: 0, output: expect.stringContaining(`GET ${api.url}/filtered\n`) });
  });

  test('the default is a GET without required parameters, and what came back is shown', async () => {
    const { status, output } = await call();
    expect({ status, output }).toEqual({ status: 0, output: expect.stringContaining(`GET ${api.url}/filtered\n`) });
    expect(output).toMatch(
      /\n200 OK in \d+ ms\n\{\n {2}"limit": 5,\n {2}"order_by": "name",\n {2}"tags": \[\]\n\}\n\ncorrelation id \S+\n$/,
    );
    // The terminal of the server has its log, and CloudWatch has none.
    expect(output).not.toContain('aws logs');
  });

  test('an operation by its name, with parameters of every kind', async () => {
    const { status, output } = await call(
      '--operation=getItem',
      '--param=item_id=7',
      '--param=color=red',
      '--param=ids=1',
      '--param=ids=2',
      "--param='names[]=é & ü'",
      '--param=X-Trace-Id=abc',
    );
    expect({ status, output }).toMatchObject({ status: 0 });
    const body = JSON.parse(/ms\n([\s\S]*)\n\ncorrelation/.exec(output)?.[1] ?? '');
    expect(body).toMatchObject({ item_id: 7, color: 'red', ids: [1, 2], names: ['é & ü'], trace: 'abc' });
  });

  test('a slash in a parameter of the path leads to no other route, unless it takes the rest', async () => {
    const { output } = await call('--operation=delete_item', '--param=item_id=1/of/red');
    expect(output).toContain(`DELETE ${api.url}/items/1%2Fof%2Fred\n`);
  });

  test('a body, written out or in a file', async () => {
    const pet = '{"kind": "cat", "name": "Minka"}';
    for (const body of [`'${pet}'`, '@pet.json']) {
      smoke.write('pet.json', pet);
      const { status, output } = await call('--operation=echo_pet', `--body=${body}`);
      expect({ status, output }).toEqual({ status: 0, output: expect.stringContaining('"name": "Minka"') });
    }
  });

  test.each([
    ['a path of several parts', ['--operation=read_file', '--param=name=a/b.txt'], 0, '"a/b.txt"'],
    ['bytes', ['--operation=image'], 0, '(4 bytes of image/png)'],
    ['no body', ['--operation=delete_item', '--param=item_id=1'], 0, '204 No Content in'],
    ['a stream', ['--operation=ticks'], 0, '"number":2'],
    ['a refusal', ['--operation=fail', '--param=status=409'], 1, '409 Conflict in'],
    ['what FastAPI finds wrong', ['--operation=fail', '--param=status=x'], 1, '422 Unprocessable'],
  ])('exit code and answer of %s', async (_, args, code, text) => {
    const { status, output } = await call(...args);
    expect({ status, output }).toEqual({ status: code, output: expect.stringContaining(text) });
  });

  test.each([
    [['--operation=nope'], /^nope is not an operation\. Operations: .*list_pets.*\n$/],
    [['--operation=get_item', '--param=item_id=1', '--param=colour=red'], /^get_item has no parameter colour\. Parameters: .*color/],
    [['--operation=get_item', '--param=color=red'], /^get_item needs --param=item_id=VALUE\.\n$/],
    [['--param=x'], /^--param=x is no NAME=VALUE\.\n$/],
  ])('one line says what is wrong: %s', async (args, line) => {
    const { status, output } = await call(...args);
    expect({ status, lines: output.trimEnd().split('\n').length }).toEqual({ status: 1, lines: 1 });
    expect(output).toMatch(line);
  });

  test('nothing that listens is told', async () => {
    const { status, output } = await smoke([`--url=http://127.0.0.1:${await freePort()}`], 'local');
    expect([status, output]).toEqual([1, expect.stringMatching(/\nNo answer: Could not connect to the endpoint URL/)]);
  });

  test('something that listens and speaks no HTTP is told', async () => {
    const server = createTcpServer((socket) => socket.end('nonsense\r\n'));
    const port = await listening(server);
    const { status, output } = await smoke([`--url=http://127.0.0.1:${port}`], 'local');
    server.close();
    expect([status, output]).toEqual([1, expect.stringMatching(/\nNo answer: /)]);
  });
});

describe('of what is deployed', () => {
  let server: Server;
  let asked: IncomingMessage[];
  let url: string;

  const stack = async (environment: string, outputs: Record<string, string>): Promise<void> => {
    const Outputs = Object.fromEntries(Object.entries(outputs).map(([key, Value]) => [key, { Value }]));
    const template = { Resources: { Topic: { Type: 'AWS::SNS::Topic' } }, Outputs };
    const form = {
      Action: 'CreateStack',
      Version: '2010-05-15',
      StackName: `my-scope-${environment}-MyApi`,
      TemplateBody: JSON.stringify(template),
    };
    expect((await ask(moto, 'cloudformation', 'POST', '/', new URLSearchParams(form))).status).toBe(200);
  };
  /** A call of a service that speaks JSON. */
  const cognito = async (action: string, body: object): Promise<Record<string, Record<string, string>>> => {
    const authorization = 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=0';
    const headers = {
      authorization,
      'x-amz-target': `AWSCognitoIdentityProviderService.${action}`,
      'content-type': 'application/x-amz-json-1.1',
    };
    const answer = await fetch(moto.url, { method: 'POST', headers, body: JSON.stringify(body) });
    expect([action, answer.status]).toEqual([action, 200]);
    return (await answer.json()) as Record<string, Record<string, string>>;
  };

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request);
      const moved = request.url?.startsWith('/moved');
      response.writeHead(moved ? 302 : 200, { ...(moved && { location: '/filtered' }), 'x-amzn-requestid': 'gateway-request' }).end();
    });
    url = `http://127.0.0.1:${await listening(server)}`;
  });
  afterAll(() => server?.close());
  beforeEach(async () => {
    asked = [];
    await moto.reset();
  });

  test('without a deployment there is nothing to call', async () => {
    expect(await smoke()).toEqual({
      status: 1,
      output: 'no stack my-scope-development-* has an output MyApiUrl: deploy the API first, or give --url.\n',
    });
  });

  test('address, auth and region are outputs of the environment', async () => {
    await stack('development', { MyApiUrl: url, MyApiAuth: 'None' });
    await stack('production', { MyApiUrl: `${url}/prod`, MyApiAuth: 'IAM' });
    expect(await smoke()).toMatchObject({ status: 0, output: expect.stringContaining('request id gateway-request') });
    expect(asked[0]?.headers.authorization).toBeUndefined();
    const { status, output } = await smoke([], 'production');
    expect([status, output]).toEqual([0, expect.stringContaining(`GET ${url}/prod/filtered\nsigned by test\n`)]);
    expect(asked[1]?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=test\/\d+\/us-east-1\/execute-api\/aws4_request/);
    // The runtime takes it over, so that one search finds the request.
    expect(output).toContain(`correlation id ${asked[1]?.headers['x-correlation-id']}`);
  });

  test('an API without an operation that needs nothing is told, and left out where nobody can be asked', async () => {
    const document = { paths: { '/orders': { post: { operationId: 'place_order', responses: {} } } } };
    const posting = smokeTarget('smoke-posting', document, moto);
    const line = 'No GET can be called without knowing more: give --operation. Operations: place_order.\n';
    await stack('development', { MyApiUrl: url, MyApiAuth: 'None' });
    expect(await posting()).toEqual({ status: 1, output: line });
    expect(await posting(['--if-any'])).toEqual({ status: 0, output: `Not called. ${line}` });
  });

  describe('of an app that checks callers itself', () => {
    const get = (operationId: string, more: object = {}) => ({ get: { operationId, responses: {}, ...more } });
    const count = (example?: number) => ({
      parameters: [{ name: 'count', in: 'query', required: true, schema: { type: 'integer', example } }],
    });
    const paths = {
      '/me': get('me', { security: [{ bearer: [] }] }),
      '/keyed': get('keyed', { security: [{ key: [] }] }),
      '/events': get('events', { responses: { 200: { content: { 'text/event-stream': {} } } } }),
      '/chunks': get('chunks', { 'x-fastapi-stream': true }),
      '/counted': get('counted', count()),
    };
    const securitySchemes = { bearer: { type: 'http', scheme: 'bearer' }, key: { type: 'apiKey', in: 'header', name: 'x-key' } };
    const target = (name: string, more: object = {}) =>
      smokeTarget(`smoke-${name}`, { components: { securitySchemes }, paths: { ...paths, ...more } }, moto);
    const unanswered = {
      status: 0,
      output: expect.stringMatching(/^Not called\. No GET can be called without knowing more: give --operation\./),
    };

    test('nothing is made up, shown or left open where nobody looks on', async () => {
      const guarded = target('guarded');
      for (const auth of ['None', 'IAM']) {
        await moto.reset();
        await stack('development', { MyApiUrl: url, MyApiAuth: auth });
        expect(await guarded(['--if-any'])).toEqual(unanswered);
      }
      expect(asked).toEqual([]);
      expect(await guarded(['--if-any', '--auth=None'], undefined, { SMOKE_OPERATION: 'me' })).toMatchObject({ status: 0 });
      expect(asked.splice(0).map((each) => [each.url, each.headers.authorization])).toEqual([['/me', undefined]]);
      // Another API's token, perhaps.
      const counted = ['--if-any', '--auth=None', '--operation=counted', '--param=count=1'];
      expect(await guarded(counted, undefined, { SMOKE_TOKEN: token })).toMatchObject({ status: 0 });
      expect(asked.splice(0).map((each) => [each.url, each.headers.authorization])).toEqual([['/counted?count=1', undefined]]);
      // The token of the gateway's own auth is the app's as well.
      expect(await guarded(['--if-any', '--auth=Custom'], undefined, { SMOKE_TOKEN: token })).toMatchObject({ status: 0 });
      expect(await guarded(['--if-any', '--auth=None'], undefined, { SMOKE_TOKEN: token })).toMatchObject({ status: 0 });
      expect(asked.splice(0).map((each) => [each.url, each.headers.authorization])).toEqual(Array(2).fill(['/me', `Bearer ${token}`]));
    });

    test.each([
      ['an example of its own', { '/exemplary': get('exemplary', count(3)) }, '/exemplary?count=3'],
      ['nothing that it needs', { '/exemplary': get('exemplary', count(3)), '/open': get('open') }, '/open'],
      ['a way without a key', { '/either': get('either', { security: [{ key: [] }, {}] }) }, '/either'],
    ])('an operation with %s is called', async (name, more, path) => {
      await stack('development', { MyApiUrl: url, MyApiAuth: 'None' });
      const call = target(name.replaceAll(' ', '-'), more);
      expect(await call(['--if-any'])).toMatchObject({ status: 0 });
      expect(asked.map((each) => each.url)).toEqual([path]);
    });
  });

  test('a redirect is no success, and is not followed', async () => {
    await stack('development', { MyApiUrl: `${url}/moved`, MyApiAuth: 'None' });
    expect(await smoke()).toMatchObject({ status: 1, output: expect.stringContaining('302 Found in') });
    expect(asked).toHaveLength(1);
  });

  test.each(['Custom', 'Cognito'])('auth %s wants a token, given by an option or a variable', async (auth) => {
    await stack('development', { MyApiUrl: url, MyApiAuth: auth });
    const how = auth === 'Cognito' ? ' or --username' : '';
    expect((await smoke()).output).toMatch(new RegExp(`\nMyApi has auth ${auth}: give a token by --token or SMOKE_TOKEN${how}\\.\n$`));
    expect(asked).toEqual([]);
    expect(await smoke([`--token=${token}`])).toMatchObject({ status: 0 });
    expect(await smoke([], undefined, { SMOKE_TOKEN: `Token ${token}` })).toMatchObject({ status: 0 });
    expect(asked.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${token}`, `Token ${token}`]);
    // A workflow has secrets as variables, which are empty where there is none.
    expect(await smoke(['--if-any'], undefined, { SMOKE_TOKEN: '', SMOKE_USERNAME: '', SMOKE_PASSWORD: '' })).toEqual({
      status: 0,
      output: expect.stringMatching(
        new RegExp(`\nNot called\\. MyApi has auth ${auth}: give a token by --token or SMOKE_TOKEN${how}\\.\n$`),
      ),
    });
    expect(asked).toHaveLength(2);
  });

  test('a user of the pool signs in, and another one does not', async () => {
    const password = 'Correct-Horse-7-Battery';
    const pool = (await cognito('CreateUserPool', { PoolName: 'users' })).UserPool?.Id as string;
    const client = (
      await cognito('CreateUserPoolClient', { UserPoolId: pool, ClientName: 'client', ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'] })
    ).UserPoolClient?.ClientId as string;
    await cognito('AdminCreateUser', { UserPoolId: pool, Username: 'ada@example.com', MessageAction: 'SUPPRESS' });
    await cognito('AdminSetUserPassword', { UserPoolId: pool, Username: 'ada@example.com', Password: password, Permanent: true });
    await stack('development', { MyApiUrl: url, MyApiAuth: 'Cognito', MyApiUserPoolId: pool, MyApiUserPoolClientId: client });
    const keys = await (await fetch(`${moto.url}/${pool}/.well-known/jwks.json`)).text();
    const env = { SMOKE_PASSWORD: password, COGNITO_JWKS: keys };

    // Notes the names of variables that the program has which speaks to the pool.
    smoke.write(
      'seen/sitecustomize.py',
      'import os, sys\nif "-c" in sys.orig_argv:\n    open("seen/names", "w").write("\\n".join(os.environ))\n',
    );
    const username = { SMOKE_USERNAME: 'ada@example.com' };
    // A token is no user's.
    const more = { PYTHONPATH: 'seen', SMOKE_TOKEN: token, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'secret' };
    const { status, output } = await smoke(['--if-any'], undefined, { ...env, ...username, ...more });
    expect({ status, output }).toEqual({ status: 0, output: expect.stringContaining('200 OK') });
    const [, claims = ''] = asked[0]?.headers.authorization?.match(/^Bearer [\w-]+\.([\w-]+)\.[\w-]+$/) ?? [];
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ token_use: 'id', aud: client });

    expect(smoke.read('seen/names')).toMatch(/^COGNITO_JWKS$/m);
    expect(smoke.read('seen/names')).not.toMatch(/^(AWS_(ACCESS|SECRET|SESSION)|ACTIONS|SMOKE)_/m);

    expect(await smoke(['--if-any'], undefined, username)).toEqual({
      status: 0,
      output: expect.stringMatching(/\nNot called\. MyApi: the password of ada@example\.com is not in SMOKE_PASSWORD\.\n$/),
    });
    const refused = await smoke(['--username=bob@example.com'], undefined, env);
    expect(refused).toMatchObject({ status: 1, output: expect.stringMatching(/\nbob@example\.com can't sign in: .*UserNotFound/) });
    expect(asked).toHaveLength(1);
  }, 300_000);
});
