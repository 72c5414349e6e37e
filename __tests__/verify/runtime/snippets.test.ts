import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { snippetsOfKind } from '../../support/documentation.ts';
import { adapter, inProject, lambdaEnv, runtimeOf, unpackedBundle, writeProject } from '../../support/runtime-project.ts';
import { harnessPython, reportPytest } from '../../support/runtime-pytest.ts';

describe('the Python snippets of the source document, each as the main.py of a bundle', () => {
  const task = unpackedBundle(writeProject('snippets'));
  reportPytest(
    harnessPython(),
    join(import.meta.dirname, 'snippets'),
    lambdaEnv({ HARNESS_ADAPTER: adapter().path, HARNESS_TASK_ROOT: task }),
  );
});

describe("the project's own type check", () => {
  let folder: string;
  beforeAll(() => {
    folder = writeProject('snippets-checked');
  }, 300_000);

  const snippets = join(import.meta.dirname, 'snippets');
  test.each(readdirSync(snippets).filter((name) => name.endsWith('.main.txt')))(
    'takes %s of the source document as main.py',
    (name) => {
      copyFileSync(join(snippets, name), join(folder, 'my_api', 'main.py'));
      inProject(folder, ['run', '--quiet', 'basedpyright', 'my_api']);
    },
    120_000,
  );
});

describe('the generated READMEs', () => {
  let folder: string;
  beforeAll(() => {
    folder = writeProject('snippets-checked');
  }, 300_000);
  const block = (readme: string, language: string): string =>
    new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(readFileSync(readme, 'utf8'))?.[1] ?? '';

  test("show an operation that passes the project's own checks and answers", () => {
    const code = block(join(folder, 'README.md'), 'python');
    expect(code).toContain('user: CurrentUser');
    const main = join(folder, 'my_api', 'main.py');
    writeFileSync(main, code);
    for (const tool of [['ruff', 'check'], ['ruff', 'format', '--check'], ['basedpyright']])
      inProject(folder, ['run', '--quiet', ...tool, 'my_api/main.py']);
    const program = [
      'from fastapi.testclient import TestClient',
      'from my_api.main import app',
      'print(TestClient(app).get("/orders/42").json())',
    ].join('\n');
    expect(inProject(folder, ['run', '--quiet', 'python', '-c', program]).trim().split('\n').at(-1)).toBe("{'order': '42'}");
  }, 120_000);

  test('show what an API may state, which the tools read', () => {
    const stated = block(join(runtimeOf(folder), 'README.md'), 'toml');
    expect(stated).toContain('layer-bytes');
    const path = join(folder, 'pyproject.toml');
    const manifest = readFileSync(path, 'utf8').replace(
      /^\[tool\.fastapi-lambda\]\n[\s\S]*?(?=^\[(?!tool\.fastapi-lambda)|$(?![\s\S]))/m,
      `${stated}\n`,
    );
    expect(manifest.match(/^\[tool\.fastapi-lambda/gm)).toHaveLength(2);
    writeFileSync(path, manifest.replace('architecture = "arm64"', 'architecture = "x86_64"'));
    inProject(folder, ['run', '--quiet', 'python', 'scripts/generate_open_api.py']);
    const document = JSON.parse(readFileSync(join(folder, 'dist', 'openapi.json'), 'utf8'));
    expect(document['x-fastapi-lambda']).toMatchObject({ module: 'my_api', runtime: 'python3.13', architecture: 'x86_64' });
    writeFileSync(path, manifest.replace('layer-bytes', 'layer_bytes'));
    expect(() => inProject(folder, ['run', '--quiet', 'python', 'scripts/generate_open_api.py'])).toThrow('layer_bytes');
  }, 120_000);
});

// What is shown is tested by what is shown: all pages are one project, in which the main.py of each is a module.
describe("the documentation's Python", () => {
  const files = snippetsOfKind('python').map(({ page, code }) => {
    const [, path = '', rest] = /^# packages\/my-api\/(\S+?\.py)(.*)\n/.exec(code) ?? [];
    const module = `my_api/of_${basename(page, '.md')}.py`;
    return { path: path.replace('my_api/main.py', module), isPart: rest !== '', code: code.slice(code.indexOf('\n') + 1) };
  });
  const shown = files.map(({ path }) => path);
  const tests = shown.filter((path) => path.startsWith('tests/'));
  let folder: string;
  beforeAll(() => {
    folder = writeProject('snippets-checked', { auth: 'Custom' });
    inProject(folder, ['add', '--quiet', 'my-scope-fastapi-runtime[settings]']);
    for (const name of readdirSync(join(folder, 'tests'))) if (name !== 'conftest.py') rmSync(join(folder, 'tests', name));
    const authorizer = readFileSync(join(folder, 'my_api', 'authorizer.py'), 'utf8');
    for (const { path, isPart, code } of files) writeFileSync(join(folder, path), isPart ? withAuthenticate(authorizer, code) : code);
    const modules = shown.filter((path) => path.includes('/of_')).map((path) => basename(path, '.py'));
    const imports = modules.map((name) => `from . import ${name} as ${name}\n`).join('');
    writeFileSync(join(folder, 'my_api', 'main.py'), `${imports}from .init import app as app\n`);
  }, 300_000);

  test("passes the project's own checks", () => {
    expect(new Set(shown).size).toBe(shown.length);
    for (const tool of [['ruff', 'check'], ['ruff', 'format', '--check'], ['basedpyright']])
      inProject(folder, ['run', '--quiet', ...tool, ...shown]);
  }, 120_000);

  test('passes the tests that it shows, and names its settings and operations for the infrastructure', () => {
    expect(inProject(folder, ['run', 'pytest', ...tests])).toMatch(/\b[1-9]\d* passed/);
    inProject(folder, ['run', 'python', 'scripts/generate_open_api.py']);
    const document = JSON.parse(readFileSync(join(folder, 'dist', 'openapi.json'), 'utf8'));
    expect(document['x-fastapi-lambda'].settings).toEqual({ parameters: ['page-size'], secrets: ['partner-key'] });
    expect(document.paths['/orders/{order_id}']).toMatchObject({ get: { operationId: 'read_order' } });
  }, 120_000);

  test('lets its partner in by the authorizer, and nobody else', () => {
    const program = [
      'from my_api.authorizer import handler',
      'effect = lambda token: handler({"authorizationToken": token}, None)["policyDocument"]["Statement"][0]["Effect"]',
      'print(effect("Bearer of-the-partner"), effect("Bearer of-another"))',
    ].join('\n');
    expect(inProject(folder, ['run', 'python', '-c', program], { PARTNER_KEY: 'of-the-partner' }).trim()).toBe('Allow Deny');
  }, 120_000);
});

/** The generated authorizer with another `authenticate`, and the imports that the page says it needs. */
const withAuthenticate = (authorizer: string, code: string): string =>
  authorizer
    .replace(/^def authenticate\([\s\S]*?(?=^def handler)/m, () => `${code}\n\n`)
    .replace(/^import logging$/m, 'import hmac\nimport logging')
    .replace(/^from typing import Any$/m, 'from typing import Any\n\nfrom .settings import settings');
