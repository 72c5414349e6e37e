// biome-ignore-all lint/suspicious/noExplicitAny: the browser is driven by a library that is loaded at run time.
// What passes locally passes deployed: the built website against the bundle behind the real Lambda Web Adapter and an emulated API
// Gateway, which has the very body that CDK deploys (Terraform's is the same: terraform/body.test.ts).
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { bodyOf, functionOf, type Json, type Synthesized, synthesize } from '../../support/cdk-scenarios.ts';
import { cdkWorkspace } from '../../support/cdk-workspace.ts';
import { apiFolder, apiPython, freePort } from '../../support/connection-api.ts';
import { browser, viteServer } from '../../support/connection-browser.ts';
import { Pages, streams, wholeAnswers, writePages } from '../../support/connection-pages.ts';
import { website } from '../../support/connection-website.ts';
import { ask } from '../../support/moto-website.ts';
import { adapter, inProject, lambdaEnv, unpackedBundle, writeProject } from '../../support/runtime-project.ts';
import { smokeTarget } from '../../support/smoke.ts';
import { Moto } from '../../support/terraform-tools.ts';
import { cacheFolder } from '../../support/tools.ts';

jest.setTimeout(60_000);

const keys = ['AKIDEXAMPLE', 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', 'session/token=+'];
const token = 'header.payload.signature';
const region = 'eu-central-1';

/** An API of each type, and the ways in that a website has. */
const apis = [
  { type: 'REST', auth: 'IAM', apiName: 'shapes', apiClass: 'Shapes', computeType: 'ServerlessApiGatewayRestApi' },
  { type: 'HTTP', auth: 'Cognito', apiName: 'http-shapes', apiClass: 'HttpShapes', computeType: 'ServerlessApiGatewayHttpApi' },
  ...(process.env.VERIFY_FULL === '1'
    ? ([
        { type: 'REST', auth: 'Custom', apiName: 'custom-shapes', apiClass: 'CustomShapes', computeType: 'ServerlessApiGatewayRestApi' },
        { type: 'HTTP', auth: 'IAM', apiName: 'signed-shapes', apiClass: 'SignedShapes', computeType: 'ServerlessApiGatewayHttpApi' },
      ] as const)
    : []),
] as const;

let task: string;
let document: Json;
let deployed: Record<string, Synthesized>;
let port: number;
let chromium: any;

/** The operations of the client's tests in a generated API. */
function writeApi(): string {
  const folder = writeProject('gateway');
  cpSync(join(apiFolder, 'app'), join(folder, 'my_api', 'shapes'), { recursive: true });
  writeFileSync(
    join(folder, 'my_api', 'main.py'),
    'from .init import app as app\nfrom .shapes import operations\n\noperations.add_to(app)\n',
  );
  inProject(folder, ['add', '--quiet', 'python-multipart']);
  inProject(folder, ['run', '--quiet', 'python', 'scripts/generate_open_api.py']);
  return folder;
}

/** What CDK makes of the document for each of the APIs, called from two websites. */
function deploy(origins: string[]): Record<string, Synthesized> {
  const data = apis.map(({ type: _, ...choices }) => ({ ...choices, apiDir: `packages/${choices.apiName}`, moduleName: 'my_api' }));
  const root = cdkWorkspace(
    'gateway',
    data.map((one) => ({ data: one })),
  );
  for (const { apiName } of apis) {
    const dist = `../../../packages/${apiName}/dist`;
    const cwd = join(root, 'packages/common/constructs');
    writeFileSync(join(cwd, dist, 'openapi.json'), JSON.stringify(document));
    const out = ['--typescript', `src/generated/${apiName}/metadata.gen.ts`, '--bundle', `${dist}/bundle`];
    execFileSync(process.execPath, ['scripts/generate-metadata.mjs', '--openapi', `${dist}/openapi.json`, ...out], { cwd, stdio: 'pipe' });
  }
  const restricted = origins.map((origin) => `'${origin}'`).join(', ');
  return synthesize(
    root,
    'gateway',
    `import { ${apis.map(({ apiClass }) => apiClass).join(', ')} } from ':my-scope/common-constructs';`,
    Object.fromEntries(
      apis.map(({ apiClass }) => [
        apiClass,
        `const api = new ${apiClass}(this, 'Api', { integrations: ${apiClass}.defaultIntegrations(this).build() }); api.restrictCorsTo(${restricted});`,
      ]),
    ),
  );
}

interface Started {
  url: string;
  stop(): Promise<void>;
}

/** API Gateway as it was deployed. */
async function gateway(apiClass: string, type: string): Promise<Started> {
  const made = deployed[apiClass] as Synthesized;
  if (made.error) throw new Error(made.error);
  const variables = Object.entries(functionOf(made, 'getItem').Properties.Environment.Variables);
  // The sandbox has its own port, and starts the adapter itself.
  const environment = Object.fromEntries(
    variables.filter(([name, value]) => typeof value === 'string' && !['PORT', 'AWS_LAMBDA_EXEC_WRAPPER'].includes(name)),
  );
  const settings = join(cacheFolder('connection'), `gateway-${apiClass}.json`);
  writeFileSync(settings, JSON.stringify({ type, body: bodyOf(made), region, credentials: keys, token, environment }));
  const env = lambdaEnv({ HARNESS_ADAPTER: adapter().path, HARNESS_TASK_ROOT: task, PYTHONDONTWRITEBYTECODE: '1' });
  const server: ChildProcess = spawn(apiPython(), ['-m', 'gateway', settings], { cwd: apiFolder, env, stdio: ['pipe', 'pipe', 'pipe'] });
  let log = '';
  server.stderr?.on('data', (text) => {
    log += text;
  });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    server.stdout?.once('data', (text) => resolve(String(text).trim()));
    server.once('exit', () => reject(new Error(`The gateway did not start:\n${log}`)));
  });
  return {
    url,
    async stop() {
      server.stdin?.end();
      await ended;
      // Whatever the emulation did not expect.
      expect(log).toBe('');
    },
  };
}

beforeAll(async () => {
  const folder = writeApi();
  document = JSON.parse(readFileSync(join(folder, 'dist', 'openapi.json'), 'utf8'));
  task = unpackedBundle(folder);
  port = await freePort();
  deployed = deploy(['https://www.example.com', `http://localhost:${port}`]);
  chromium = await browser();
}, 600_000);

afterAll(() => chromium?.close());

describe.each(apis)('$type API with auth $auth', ({ type, auth, apiClass }) => {
  let api: Started;
  let vite: Started;
  let pages: Pages;
  /** What Cognito gives out. */
  let given = keys;

  /**
   * Stands in for Cognito, and keeps which headers of answers the page could read. In the page itself: a browser whose requests are
   * intercepted asks for no preflight.
   */
  const prepare = (page: any) =>
    page.addInitScript(([AccessKeyId, SecretKey, SessionToken]: string[]) => {
      const seen: string[] = [];
      const real = globalThis.fetch;
      const credentials = { IdentityId: 'visitor', Credentials: { AccessKeyId, SecretKey, SessionToken, Expiration: 4e9 } };
      const stand = async (...request: Parameters<typeof fetch>) => {
        if (String(request[0]) === 'https://cognito-identity.eu-central-1.amazonaws.com/') return Response.json(credentials);
        const answer = await real(...request);
        seen.push(...answer.headers.keys());
        return answer;
      };
      Object.assign(globalThis, { seen, fetch: stand });
    }, given);

  beforeAll(async () => {
    api = await gateway(apiClass, type);
    const { root } = website(`gateway-${apiClass}`, document, { auth });
    writePages(root, auth === 'IAM' ? '{}' : `{ token: () => location.search.slice(1) || '${token}' }`);
    const env = { ...process.env, NODE_ENV: 'production' };
    execFileSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build'], { cwd: root, env, stdio: 'pipe' });
    const config = { apis: { Shapes: { url: api.url, region } }, cognito: { identityPoolId: `${region}:pool` } };
    writeFileSync(join(root, 'dist', 'runtime-config.json'), JSON.stringify(config));
    vite = await viteServer(root, 'preview', port);
    pages = new Pages(chromium, vite.url, root, prepare);
  }, 600_000);

  afterAll(async () => {
    await pages?.page?.close();
    await vite?.stop();
    await api?.stop();
  });

  beforeEach(() => {
    given = keys;
  });
  afterEach(() => pages.page && pages.finish());

  test.each(Object.entries({ ...wholeAnswers, ...(type === 'REST' ? streams : {}) }))('%s', (_, scenario) => scenario(pages));

  test('a page reads the headers that the operation declares', async () => {
    await pages.open('infinite');
    await pages.shows(/^Cat 0,Cat 1$/);
    expect(await pages.page.evaluate('seen')).toEqual(expect.arrayContaining(['x-correlation-id', 'x-total']));
  });

  test('who may not call sees the refusal, and what to look at', async () => {
    if (auth === 'IAM') {
      given = [keys[0] as string, 'another', keys[2] as string];
      await pages.open('failing');
      const refused = type === 'REST' ? 'status: fail: 403 The request signature we calculated' : 'status: fail: 403 Forbidden';
      await pages.shows(refused);
    } else {
      await pages.open('failing', '?expired');
      await pages.shows('status: fail: 401 Unauthorized. Was a token sent');
    }
    // The id by which its logs know the request.
    if (type === 'HTTP') await pages.shows('(gateway-request)');
  });

  describe('one command calls what is deployed', () => {
    let moto: Moto;
    const env = { AWS_REGION: region, AWS_ACCESS_KEY_ID: keys[0], AWS_SECRET_ACCESS_KEY: keys[1], AWS_SESSION_TOKEN: keys[2] } as Record<
      string,
      string
    >;
    /** Where a group has its name after a deployment, by the words of its id. */
    const groups: Record<string, string> = {};

    beforeAll(async () => {
      moto = await Moto.start();
      // What moto can make of the stack, and the outputs, but for the address of the emulated gateway.
      const { template } = deployed[apiClass] as Synthesized;
      const logs = Object.entries(template.Resources).filter(([id, { Type }]) => Type === 'AWS::Logs::LogGroup' && !/Execution/.test(id));
      const made = {
        Resources: Object.fromEntries(
          logs.map(([id, group]) => [id, { Type: group.Type, Properties: { LogGroupName: `/deployed/${id}` } }]),
        ),
        Outputs: { ApiUrl: { Value: api.url }, ApiAuth: template.Outputs.ApiAuth },
      };
      for (const [id] of logs) groups[id.replace(/[0-9A-F]{8}$/, '')] = `/deployed/${id}`;
      const form = {
        Action: 'CreateStack',
        Version: '2010-05-15',
        StackName: 'my-scope-development-Api',
        TemplateBody: JSON.stringify(made),
      };
      expect((await ask(moto, 'cloudformation', 'POST', '/', new URLSearchParams(form), region)).status).toBe(200);
    }, 120_000);
    afterAll(() => moto?.stop());

    const smoke = (args: string[], more: Record<string, string> = {}) =>
      smokeTarget(`gateway-${apiClass}`, document, moto, { apiClass: 'Api' })(
        [...(auth === 'IAM' ? [] : [`--token=${token}`]), ...args],
        undefined,
        {
          ...env,
          ...more,
        },
      );

    test('as its auth asks, and says where its lines are', async () => {
      const parameters = ['--param=item_id=7', '--param=color=red', "--param='names[]=a b&c/é'", '--param=text=~x*y+z'];
      const { status, output } = await smoke(['--operation=get_item', ...parameters]);
      expect({ status, output }).toMatchObject({ status: 0 });
      expect(output).toContain('"a b&c/é"');
      expect(output).toContain('"~x*y+z"');
      const correlation = /correlation id (smoke-[\w-]+), request id (\S+)\n/.exec(output) ?? [];
      const { ApiAccessLogs: access } = groups;
      const own = Object.entries(groups).find(([id]) => /FunctionsgetItemLogGroup$/.test(id))?.[1];
      expect([access, own]).toEqual([expect.stringContaining('/deployed/'), expect.stringContaining('/deployed/')]);
      expect(output).toContain(`--region ${region}`);
      expect(output).toContain(`  --log-group-names ${own} ${access} \\\n`);
      expect(output).toContain(`filter correlation_id = "${correlation[1]}" or requestId = "${correlation[2]}" | sort @timestamp`);
    });

    test('and who may not call sees the refusal', async () => {
      const refused = await (auth === 'IAM' ? smoke([], { AWS_SECRET_ACCESS_KEY: 'another' }) : smoke(['--token=another']));
      expect(refused).toMatchObject({
        status: 1,
        output: expect.stringMatching(auth === 'IAM' ? /\n403 Forbidden in/ : /\n401 Unauthorized in/),
      });
    });
  });

  if (type === 'HTTP') {
    test('streams come whole', async () => {
      await pages.open('lines');
      await pages.shows(/^idle 0,1,2,3,4 → é 漢字 🎉/);
      await pages.open('events');
      await pages.press('start');
      await pages.shows('done 0,1,2,3,4');
    });

    test('a stream that breaks halfway is a failure of the server', async () => {
      await pages.open('broken');
      await pages.shows('error  status');
    });
  }

  test('a page reads what the gateway says of an operation that is not there', async () => {
    const origin = vite.url;
    const answer = await fetch(`${api.url}/no-such-operation`, { headers: { origin } });
    expect([403, 404]).toContain(answer.status);
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    const said = type === 'REST' ? { detail: expect.stringMatching(/^There is no such path and method, or/) } : { message: 'Not Found' };
    expect(await answer.json()).toEqual(said);
  });

  test('another website is kept out', async () => {
    const answer = await fetch(`${api.url}/nothing`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'GET' },
    });
    expect(answer.headers.get('access-control-allow-origin')).not.toBe('https://evil.example');
    expect(answer.headers.get('access-control-allow-origin')).not.toBe('*');
  });
});
