import { Runtime } from 'aws-cdk-lib/aws-lambda';
import lodash from 'lodash';
import { renderTemplates, type TemplateSet } from '../../lib/templates/render.ts';
import { templateData } from '../support/template-data.ts';

const files = (changes: Parameters<typeof templateData>[0] = {}, set: TemplateSet = 'api'): Map<string, string> =>
  new Map(renderTemplates(set, templateData(changes)).map(({ path, contents }) => [path, contents]));

test('an API has a folder of well below 700 lines, whatever is chosen', () => {
  for (const auth of ['IAM', 'Custom'] as const) {
    const lines = [...files({ auth, isAlone: true }).values()].map((text) => text.split('\n').length - 1);
    expect(lodash.sum(lines)).toBeLessThanOrEqual(665);
  }
});

test('an API depends on the runtime of its workspace, or beside it where it stands alone', () => {
  const manifest = (isAlone: boolean) => files({ isAlone }).get('pyproject.toml');
  expect(manifest(false)).toContain('my-scope-fastapi-runtime = { workspace = true }\n');
  expect(manifest(true)).toContain('my-scope-fastapi-runtime = { path = "../../packages/common/runtime", editable = true }\n');
});

test('the authorizer and its tests are written for Custom authorization alone', () => {
  expect([...files({ auth: 'Custom' }).keys()]).toEqual(expect.arrayContaining(['my_api/authorizer.py', 'tests/test_authorizer.py']));
  for (const auth of ['IAM', 'Cognito', 'None'] as const) {
    expect([...files({ auth }).keys()].filter((path) => path.includes('authorizer'))).toEqual([]);
  }
});

test('a REST API has an example of a stream, and an HTTP API says that it sends streams whole', () => {
  expect(files().get('my_api/main.py')).toContain('@app.post(\n    "/stream",');
  const http = files({ computeType: 'ServerlessApiGatewayHttpApi' });
  expect(http.get('my_api/main.py')).not.toContain('"/stream"');
  expect(http.get('README.md')).toContain('sends every response whole');
});

test('every runtime that the bundle is made for is one of Lambda, and the API states one', () => {
  const project = files({}, 'runtime').get('src/fastapi_runtime/tools/project.py') ?? '';
  const known = [...(/RUNTIMES = \((.*)\)/.exec(project)?.[1] ?? '').matchAll(/"(\S+)"/g)].map(([, name]) => name as string);
  expect(known.length).toBeGreaterThan(2);
  expect(Runtime.ALL.map(({ name }) => name)).toEqual(expect.arrayContaining(known));
  expect(known).toContain(/runtime = "(.*)"/.exec(files().get('pyproject.toml') ?? '')?.[1]);
});

test('nothing imports the X-Ray SDK, or asks for it', () => {
  const naming = [...files(), ...files({}, 'runtime')].filter(
    ([path, text]) => (path.endsWith('.py') && /^\s*(from|import) aws_xray_sdk/m.test(text)) || /^\s*"(aws-xray-sdk|wrapt)/m.test(text),
  );
  expect(naming.map(([path]) => path)).toEqual([]);
});

test('init.py takes at most a page', () => {
  expect(files().get('my_api/init.py')?.split('\n').length).toBeLessThan(60);
});

test.each([
  ['My API', 'title="My API"'],
  ['The "best" API', `title='The "best" API'`],
  ["It's an API", `title="It's an API"`],
])('the title %s is quoted as ruff would', (apiTitle, expected) => {
  expect(files({ apiTitle }).get('my_api/init.py')).toContain(`    ${expected},\n`);
});

test('run.sh is executable and has line feeds alone', () => {
  const script = renderTemplates('api', templateData()).find(({ path }) => path === 'run.sh');
  expect(script?.mode).toBe(0o755);
  expect(script?.contents).not.toContain('\r');
  expect(script?.contents).toMatch(/^exec python3 .*uvicorn\.main\(\)' my_api\.main:app /m);
});

test('project.json serves on the port of the API and names every target', () => {
  const project = JSON.parse(files({ port: 8003 }).get('project.json') ?? '') as {
    targets: Record<string, { options?: { command?: string } }>;
  };
  expect(Object.keys(project.targets).sort()).toEqual([
    'build',
    'bundle',
    'deploy',
    'format',
    'lint',
    'openapi',
    'serve',
    'smoke',
    'test',
    'typecheck',
  ]);
  expect(project.targets.serve?.options?.command).toContain('--port 8003');
});
