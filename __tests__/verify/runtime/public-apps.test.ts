// Public FastAPI apps, unchanged but for the import of `app`: each of their routes is in the templates of both flavours and answers behind the
// adapter, or is told. In full size six of them, else the one with the fewest dependencies.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cdkWorkspace } from '../../support/cdk-workspace.ts';
import { adapter, inProject, lambdaEnv, runtimeOf, unpackedBundle, writeProject } from '../../support/runtime-project.ts';
import { harnessPython } from '../../support/runtime-pytest.ts';
import { bodyOf, byType, plan } from '../../support/terraform-plan.ts';
import { useMoto } from '../../support/terraform-suite.ts';
import { commonDir, initialisedWorkspace, type TerraformWorkspace } from '../../support/terraform-workspace.ts';
import { installOnce, toolEnv } from '../../support/tools.ts';

interface PublicApp {
  distribution: string;
  version: string;
  /** Makes `theirs`, the app. */
  source: string;
  /** What a README of its tells to install besides. */
  besides?: string;
  /** Its packages are more than Lambda takes as a zip, which the bundle refuses with their sizes. */
  isTooLarge?: true;
  /** Variables without which its modules can't be imported, or ask a database at each request. */
  environment?: Record<string, string>;
}

const database = { PGUSER: 'nobody', PGPASSWORD: 'none', PGHOST: '127.0.0.1', PGPORT: '9', PGDATABASE: 'none' };
const apps: PublicApp[] = [
  {
    distribution: 'tipg',
    version: '1.6.1',
    source: 'from tipg.main import app as theirs',
    environment: { TIPG_CATALOG_TTL: '0', DATABASE_URL: 'postgresql://nobody:none@127.0.0.1:9/none' },
  },
  {
    distribution: 'stac-fastapi.pgstac',
    version: '7.2.0',
    source: 'from stac_fastapi.pgstac.app import create_app\n\ntheirs = create_app()',
    environment: { ...database, ENABLE_TRANSACTIONS_EXTENSIONS: 'TRUE' },
  },
  {
    distribution: 'adapt-server',
    version: '0.5.2',
    source:
      'from pathlib import Path\nfrom tempfile import mkdtemp\n\nfrom adapt.app import create_app\nfrom adapt.config import AdaptConfig\n\ntheirs = create_app(AdaptConfig(Path(mkdtemp()), host="0.0.0.0"))',
    isTooLarge: true,
  },
  {
    distribution: 'aggregate-api',
    version: '1.31.1',
    source: 'from aggregate_api.app import create_app\n\ntheirs = create_app()',
    isTooLarge: true,
  },
  { distribution: 'titiler.application', version: '2.4.0', source: 'from titiler.application.main import app as theirs', isTooLarge: true },
  {
    distribution: 'titiler.pgstac',
    version: '3.2.0',
    source: 'from titiler.pgstac.main import app as theirs',
    besides: 'psycopg[binary,pool]',
    isTooLarge: true,
    environment: database,
  },
];
const chosen = process.env.VERIFY_FULL === '1' ? apps : apps.slice(0, 1);
const minutes = 60_000;

/** The source distribution from PyPI. */
function download({ distribution, version }: PublicApp): string {
  const folder = installOnce(`public-apps/${distribution}-${version}`, (target) => {
    const options = ['--quiet', '--no-deps', '--no-binary', distribution, '--dest', target];
    execFileSync('python3', ['-m', 'pip', 'download', ...options, `${distribution}==${version}`], { env: lambdaEnv(), stdio: 'pipe' });
  });
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.tar.gz')) as string);
}

interface Counted {
  kind: string;
  methods: string[];
  path: string;
}

interface Route {
  method: string;
  path: string;
}

interface Looked {
  folder: string;
  routes: Route[];
  /** Paths of mounted apps. */
  mounts: string[];
  others: Counted[];
  /** What `openapi` printed. */
  told: string[];
}

function look(app: PublicApp): Looked {
  const name = app.distribution.replace(/\W/g, '-');
  const folder = writeProject(`public-${name}`);
  const manifest = join(folder, 'pyproject.toml');
  // What some of them ask for.
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('requires-python = ">=3.12"', 'requires-python = ">=3.13"'));
  inProject(folder, ['add', '--quiet', download(app), ...(app.besides ? [app.besides] : [])]);
  writeFileSync(
    join(folder, 'my_api', 'main.py'),
    readFileSync(join(import.meta.dirname, 'public-apps', 'main.txt'), 'utf8').replace('IMPORT', () => app.source),
  );
  const lines = Object.entries(app.environment ?? {}).map(([key, value]) => `${key} = "${value}"`);
  writeFileSync(
    manifest,
    readFileSync(manifest, 'utf8').replace('\n[tool.uv]', `\n[tool.fastapi-lambda.environment]\n${lines.join('\n')}\n\n[tool.uv]`),
  );
  const python = join(folder, '.venv', 'bin', 'python');
  const counted = JSON.parse(
    execFileSync(python, [join(import.meta.dirname, 'public-apps', 'counted.py'), app.source], {
      env: toolEnv(app.environment),
      encoding: 'utf8',
      stdio: 'pipe',
    })
      .trim()
      .split('\n')
      .at(-1) as string,
  ) as Counted[];
  const told = inProject(folder, ['run', '--locked', 'python', 'scripts/generate_open_api.py']).trim().split('\n').slice(1);
  return {
    folder,
    routes: counted.filter(({ kind }) => kind === 'APIRoute').flatMap(({ methods, path }) => methods.map((method) => ({ method, path }))),
    mounts: counted.filter(({ kind }) => kind === 'Mount').map(({ path }) => path),
    others: counted.filter(({ kind }) => !['APIRoute', 'Mount'].includes(kind)),
    told,
  };
}

/** A path without the names of its parameters, as API Gateway could hold it: `/tiles/{}`, `/files/{+}`. */
const shape = (path: string): string =>
  `/${path
    .split('/')
    .filter(Boolean)
    .map((part) => (/^\{\w+(:path|\+)\}$/.test(part) ? '{+}' : part.includes('{') ? '{}' : part))
    .join('/')}`;

// biome-ignore lint/suspicious/noExplicitAny: a document of API Gateway's
type Body = any;

/** `GET /tiles/{}` of each operation of a body; a mount's method is ANY. */
const operations = (body: Body): Set<string> =>
  new Set(
    Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method === 'x-amazon-apigateway-any-method' ? 'ANY' : method.toUpperCase()} ${shape(path)}`),
    ),
  );

const bodies = `
import { writeFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { iamAuth } from '../../common/constructs/src/core/api/auth.js';
import { IntegrationBuilder } from '../../common/constructs/src/core/api/builder.js';
import { HttpApi } from '../../common/constructs/src/core/api/http-api.js';
import { RestApi } from '../../common/constructs/src/core/api/rest-api.js';
import { metadata } from '../../common/constructs/src/generated/my-api/metadata.gen.js';

const stack = new Stack(new App(), 'Test');
const pattern = 'shared';
const rest = new RestApi(stack, 'Rest', { metadata, auth: iamAuth(), integrations: IntegrationBuilder.rest({ scope: stack, metadata, pattern }).build() } as any);
const http = new HttpApi(stack, 'Http', { metadata, auth: iamAuth(), integrations: IntegrationBuilder.http({ scope: stack, metadata, pattern }).build() } as any);
writeFileSync('bodies.json', JSON.stringify([rest, http].map((api: any) => stack.resolve(api.api.node.defaultChild.body))));
`;

/** What Lambda runs, and where it finds packages: the bundle, or the API's environment, which has the same ones. */
function taskOf(folder: string, { isTooLarge }: PublicApp): { task: string; paths: string } {
  if (!isTooLarge) return { task: unpackedBundle(folder), paths: '' };
  const packages = join(folder, '.venv', 'lib', 'python3.13', 'site-packages');
  return { task: folder, paths: [packages, join(runtimeOf(folder), 'src')].join(delimiter) };
}

let cdk: string;
let terraform: TerraformWorkspace[];
const moto = useMoto();
const table: Record<string, string | number>[] = [];

beforeAll(() => {
  cdk = cdkWorkspace('public-apps', [
    {},
    { data: { apiName: 'other', apiClass: 'Other', apiDir: 'packages/other', computeType: 'ServerlessApiGatewayHttpApi' } },
  ]);
  writeFileSync(join(cdk, 'packages/infra/src/bodies.ts'), bodies);
  terraform = (['ServerlessApiGatewayRestApi', 'ServerlessApiGatewayHttpApi'] as const).map((computeType) =>
    initialisedWorkspace(`public-apps-${computeType}`, { computeType, integrationPattern: 'shared', auth: 'IAM' }),
  );
}, 5 * minutes);

afterAll(() => console.table(table));

/** What API Gateway is sent for a document, by flavour and type. */
function templates(document: string): Record<string, Set<string>> {
  const generate = (root: string, below: string, ...target: string[]): void => {
    const path = join(root, 'packages/my-api/dist/openapi.json');
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, document);
    execFileSync(process.execPath, ['scripts/generate-metadata.mjs', '--openapi', path, ...target], {
      cwd: join(root, below),
      stdio: 'pipe',
    });
  };
  generate(
    cdk,
    'packages/common/constructs',
    '--typescript',
    'src/generated/my-api/metadata.gen.ts',
    '--bundle',
    '../../my-api/dist/bundle',
  );
  const infra = join(cdk, 'packages/infra');
  execFileSync(join(cdk, 'node_modules/.bin/tsx'), ['src/bodies.ts'], { cwd: infra, stdio: 'pipe' });
  const [rest, http] = JSON.parse(readFileSync(join(infra, 'bodies.json'), 'utf8'));
  const planned = terraform.map((workspace) => {
    generate(workspace.root, commonDir, '--terraform', `src/app/apis/${workspace.data.apiName}`);
    return plan(workspace, moto()).resources;
  });
  const keys = byType(planned[1] ?? [], 'aws_apigatewayv2_route').map(({ values }) => String(values.route_key));
  return {
    'CDK REST': operations(rest),
    'CDK HTTP': operations(http),
    'Terraform REST': operations(bodyOf(planned[0] ?? [])),
    'Terraform HTTP': new Set(keys.map((key) => key.replace(/ (.*)/, (_, path: string) => ` ${shape(path)}`))),
  };
}

test.each(chosen.map((app) => [`${app.distribution} ${app.version}`, app] as const))(
  '%s: each route is in the templates and answers, or is told',
  (_, app) => {
    const { folder, routes, mounts, others, told } = look(app);
    expect(routes.length).toBeGreaterThan(10);
    const isTold = (start: string): boolean => told.some((line) => line.startsWith(start));
    const ways = templates(readFileSync(join(folder, 'dist', 'openapi.json'), 'utf8'));
    const left = routes.filter(({ method, path }) => isTold(`${method} ${path} (`));
    const routed = routes.filter((route) => !left.includes(route));
    for (const [where, held] of Object.entries(ways)) {
      expect([where, routed.filter(({ method, path }) => !held.has(`${method} ${shape(path)}`))]).toEqual([where, []]);
      for (const mount of mounts) {
        const methods = held.has(`ANY ${shape(mount)}`) ? ['ANY'] : ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
        for (const path of [shape(mount), `${shape(mount).replace(/\/$/, '')}/{+}`])
          expect([where, mount, methods.filter((method) => !held.has(`${method} ${path}`))]).toEqual([where, mount, []]);
      }
    }
    expect(
      others.filter(
        ({ kind, methods, path }) => !isTold(kind.includes('WebSocket') ? `WebSocket ${path}` : `${methods.join(', ')} ${path}:`),
      ),
    ).toEqual([]);

    const { task, paths } = taskOf(folder, app);
    const program = [
      join(import.meta.dirname, 'public-apps', 'asked.py'),
      JSON.stringify(routed.map(({ method, path }) => [method, path])),
    ];
    const answers = JSON.parse(
      execFileSync(harnessPython(), program, {
        env: lambdaEnv({
          HARNESS_ADAPTER: adapter().path,
          HARNESS_TASK_ROOT: task,
          HARNESS_WAIT: '120',
          APP_ENVIRONMENT: JSON.stringify({ ...app.environment, ...(paths && { PYTHONPATH: paths }) }),
        }),
        encoding: 'utf8',
        stdio: 'pipe',
        maxBuffer: 64 * 1024 * 1024,
      }),
    ) as { method: string; path: string; status: number; routes: string[] }[];
    const wrong = answers.filter(({ path, routes: took }) => took.length !== 1 || took[0] !== path.replace(/:\w+\}/g, '}'));
    expect(wrong).toEqual([]);
    table.push({
      app: app.distribution,
      version: app.version,
      routes: routes.length + mounts.length + others.length,
      routed: routed.length + mounts.length,
      told: left.length + others.length,
      bundle: app.isTooLarge ? 'too large' : 'fits',
      statuses: [...new Set(answers.map(({ status }) => status))].sort().join(' '),
    });
  },
  20 * minutes,
);
