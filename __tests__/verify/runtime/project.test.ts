import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InfraData } from '../../../lib/templates/template-data.ts';
import { inProject, machineArchitecture, runtimeOf, writeProject } from '../../support/runtime-project.ts';

const longName = 'a-name-as-long-as-anybody-would-want-one';
const choices: Array<[string, Partial<InfraData>]> = [
  ['a REST API with every default', {}],
  [
    'an HTTP API with an authorizer and a short name',
    { computeType: 'ServerlessApiGatewayHttpApi', auth: 'Custom', apiName: 'pay', moduleName: 'pay', apiTitle: 'Pay' },
  ],
  [
    'a REST API with an authorizer and a long name',
    {
      auth: 'Custom',
      apiName: longName,
      moduleName: longName.replaceAll('-', '_'),
      apiTitle: 'Đơn hàng "nhanh" của chúng tôi, và những thứ khác nữa, như thế’',
    },
  ],
  ['an HTTP API without authentication', { computeType: 'ServerlessApiGatewayHttpApi', auth: 'None', apiTitle: "It's an API" }],
];

describe.each(choices)('%s, as it is written', (_, changes) => {
  let folder: string;
  beforeAll(() => {
    folder = writeProject('checked', changes);
  }, 300_000);

  test.each([
    ['ruff check', ['ruff', 'check']],
    ['ruff format --check', ['ruff', 'format', '--check']],
    ['the strict type checker', ['basedpyright']],
    ['its own tests', ['pytest']],
  ])(
    'passes %s',
    (_name, command) => {
      inProject(folder, ['run', '--quiet', ...command]);
    },
    120_000,
  );
});

test('an operation that is added needs no change of the tests that are there', () => {
  const folder = writeProject('checked');
  appendFileSync(
    join(folder, 'my_api', 'main.py'),
    '\n\n@app.put("/items/{item_id}")\ndef save_item(item_id: int, item: Item) -> Item:\n    return item\n',
  );
  inProject(folder, ['run', '--quiet', 'pytest']);
}, 300_000);

describe('the runtime, as it is written', () => {
  let folder: string;
  beforeAll(() => {
    folder = runtimeOf(writeProject('checked'));
  }, 300_000);

  test.each([
    ['ruff check', ['ruff', 'check']],
    ['ruff format --check', ['ruff', 'format', '--check']],
    ['the strict type checker', ['basedpyright']],
  ])(
    'passes %s',
    (_name, command) => {
      inProject(folder, ['run', '--quiet', ...command]);
    },
    120_000,
  );
});

describe("the README's module of settings", () => {
  let folder: string;
  let module: string;
  beforeAll(() => {
    folder = writeProject('checked');
    const readme = readFileSync(join(runtimeOf(folder), 'README.md'), 'utf8').split('## Settings and secrets')[1] ?? '';
    const [, command = ''] = /^uv (.*)$/m.exec(readme) ?? [];
    // As the README says.
    inProject(folder, [...command.replaceAll('"', '').split(' '), '--quiet']);
    [, module = ''] = /```python\n(.*?)```/s.exec(readme) ?? [];
    writeFileSync(join(folder, 'my_api', 'settings.py'), module);
  }, 300_000);

  test("passes the project's own checks", () => {
    expect(module).toContain('load(Settings)');
    for (const tool of [['ruff', 'check'], ['ruff', 'format', '--check'], ['basedpyright']])
      inProject(folder, ['run', '--quiet', ...tool, 'my_api']);
  }, 120_000);

  test('has values for this machine, and names for the infrastructure, in the document and in a bundle that has its package', () => {
    const main = join(folder, 'my_api', 'main.py');
    writeFileSync(main, `${readFileSync(main, 'utf8')}\n\nfrom .settings import settings\n\nassert settings.page_size == 50\n`);
    inProject(folder, ['run', 'python', 'scripts/generate_open_api.py']);
    expect(JSON.parse(readFileSync(join(folder, 'dist', 'openapi.json'), 'utf8'))['x-fastapi-lambda'].settings).toEqual({
      parameters: ['page-size'],
      secrets: ['database-url', 'partner'],
    });
    inProject(folder, ['run', 'pytest']);
    inProject(folder, ['run', 'python', '-m', 'fastapi_runtime.tools.bundle', `--architecture=${machineArchitecture}`]);
    const entries = readdirSync(join(folder, 'dist', 'bundle'));
    expect(entries).toContain('pydantic_settings');
    for (const name of ['boto3', 'botocore']) expect(entries).not.toContain(name);
  }, 120_000);
});

describe('the bundle of an API that stands alone', () => {
  let folder: string;
  const bundle = (...args: string[]): string =>
    inProject(folder, ['run', '--locked', 'python', '-m', 'fastapi_runtime.tools.bundle', ...args]);
  beforeAll(() => {
    folder = writeProject('bundled');
  }, 300_000);

  const platformOf = (): string[] =>
    readdirSync(join(folder, 'dist', 'bundle', 'pydantic_core'))
      .filter((name) => name.endsWith('.so'))
      .map((name) => name.split('-').slice(2, 3).join());

  test('is for the architecture of pyproject.toml, or the one asked for', () => {
    bundle();
    expect(platformOf()).toEqual(['aarch64']);
    bundle(`--architecture=${machineArchitecture}`);
    expect(platformOf()).toEqual([machineArchitecture === 'arm64' ? 'aarch64' : 'x86_64']);
  }, 120_000);

  test('holds the app and run.sh, and neither tests nor tools of development', () => {
    bundle();
    const entries = readdirSync(join(folder, 'dist', 'bundle'));
    expect(entries).toEqual(expect.arrayContaining(['my_api', 'run.sh', 'fastapi', 'fastapi_runtime', 'uvicorn']));
    for (const name of ['tests', 'scripts', 'pytest', 'ruff', 'basedpyright', 'bin']) expect(entries).not.toContain(name);
    for (const name of ['aws_xray_sdk', 'wrapt', 'botocore']) expect(entries).not.toContain(name);
    expect(existsSync(join(folder, 'dist', 'bundle', 'fastapi_runtime', 'tools'))).toBe(false);
  }, 120_000);

  test('is told, as the document is, where the app is not the one of init', () => {
    const main = join(folder, 'my_api', 'main.py');
    const before = readFileSync(main, 'utf8');
    const line = 'my_api.main.app is not the app of my_api.init: its requests leave no logs, metrics and traces, and its redirects';
    expect(bundle(`--architecture=${machineArchitecture}`)).not.toContain(line);
    try {
      writeFileSync(main, 'from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get("/x")\ndef x() -> None: ...\n');
      expect(bundle(`--architecture=${machineArchitecture}`)).toContain(line);
      expect(inProject(folder, ['run', '--locked', 'python', 'scripts/generate_open_api.py'])).toContain(line);
      writeFileSync(main, 'from fastapi import FastAPI\n\nfrom .init import app as ours\n\napp = ours.adopt(FastAPI())\n');
      expect(bundle(`--architecture=${machineArchitecture}`)).not.toContain(line);
    } finally {
      writeFileSync(main, before);
    }
  }, 240_000);
});
