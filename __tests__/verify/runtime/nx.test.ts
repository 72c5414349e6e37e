import { appendFileSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceModules } from '../../support/cdk-workspace.ts';
import { inProject, writeWorkspace } from '../../support/runtime-project.ts';
import { toolEnv } from '../../support/tools.ts';
import { nx, nxOk, runOk } from '../../support/workspace.ts';

const minutes = 60_000;

let root: string;
const at = (...below: string[]): string => join(root, ...below);
const api = (...below: string[]): string => at('packages', 'my-api', ...below);

/** A workspace with two APIs, of which the first needs a package of the workspace. */
beforeAll(() => {
  root = writeWorkspace('nx', [{}, { apiName: 'other-api', apiDir: 'packages/other-api', moduleName: 'other_api', apiTitle: 'Other' }]);
  inProject(root, ['init', '--quiet', '--lib', 'packages/shared']);
  inProject(api(), ['add', '--quiet', 'shared']);
  symlinkSync(workspaceModules(), at('node_modules'));
  runOk('git', ['init', '--quiet'], root);
}, 10 * minutes);

afterAll(() => rmSync(at('.git'), { recursive: true, force: true }));

/** Runs a target of both APIs, and tells whose result came from the cache. */
function fromCache(target: string): string[] {
  const output = nxOk(['run-many', '-t', target, '-p', 'my-api', 'other-api', '--output-style', 'static'], root);
  return ['my-api', 'other-api'].filter((name) => new RegExp(`nx run ${name}:${target} +\\[(local|existing)`).test(output));
}

test(
  'targets run again when the lock, a manifest above, the Python or a local package that they need changed, and else do not',
  () => {
    const both = ['my-api', 'other-api'];
    expect(fromCache('lint')).toEqual([]);
    expect(fromCache('lint')).toEqual(both);
    for (const file of ['uv.lock', 'pyproject.toml', '.python-version']) {
      const before = readFileSync(at(file), 'utf8');
      appendFileSync(at(file), '\n');
      expect([file, fromCache('lint')]).toEqual([file, []]);
      writeFileSync(at(file), before);
    }
    expect(fromCache('lint')).toEqual(both);
    appendFileSync(at('packages', 'shared', 'src', 'shared', '__init__.py'), '\nVALUE = 1\n');
    expect(fromCache('lint')).toEqual(['other-api']);
    appendFileSync(at('packages', 'common', 'runtime', 'src', 'fastapi_runtime', 'cors.py'), '\n');
    expect(fromCache('lint')).toEqual([]);
  },
  5 * minutes,
);

test(
  "the document is the same from any shell, is kept, and tells of routes that depend on a variable; .env is the server's alone",
  () => {
    const main = api('my_api', 'main.py');
    const before = readFileSync(main, 'utf8');
    writeFileSync(
      main,
      `${before}\n\nif os.environ.get("STAGE") == "dev":\n\n    @app.get("/debug")\n    async def debug() -> str:\n        return "x"\n`.replace(
        /\nfrom /,
        '\nimport os\nfrom ',
      ),
    );
    writeFileSync(api('.env'), 'STAGE=dev\n');
    const document = (): string => readFileSync(api('dist', 'openapi.json'), 'utf8');

    const output = nxOk(['run', 'my-api:openapi'], root, toolEnv({ STAGE: 'dev', AWS_PROFILE: 'production' }));
    expect(document()).not.toContain('/debug');
    expect(output).toMatch(/my_api\/main\.py:\d+: if os\.environ\.get\('STAGE'\) == 'dev': decides about routes once, for all stages/);
    const first = document();
    expect(nxOk(['run', 'my-api:openapi'], root, toolEnv())).toMatch(/\[(local|existing)/);

    const manifest = readFileSync(api('pyproject.toml'), 'utf8');
    writeFileSync(
      api('pyproject.toml'),
      manifest.replace('\n[tool.uv]', '\n[tool.fastapi-lambda.environment]\nSTAGE = "dev"\n\n[tool.uv]'),
    );
    nxOk(['run', 'my-api:openapi'], root);
    expect(document()).toContain('/debug');
    writeFileSync(api('pyproject.toml'), manifest);
    nxOk(['run', 'my-api:openapi'], root);
    expect(document()).toBe(first);
    rmSync(api('.env'));
    writeFileSync(main, before);
  },
  5 * minutes,
);

test(
  "what Nx reads of .env, the project's and the root's, reaches no target but serve; a shell's variables and those of .env.test reach the tests",
  () => {
    const seen = {
      FROM_PROJECT: null,
      FROM_LOCAL: null,
      FROM_ROOT: null,
      EXPANDED: null,
      PYTHONPATH: null,
      FROM_TEST: '1',
      FROM_SHELL: '1',
      BOTH: 'shell',
    };
    const files = {
      [api('.env')]: 'FROM_PROJECT="one two"\nBOTH=file\nEXPANDED=$FROM_ROOT/x\nPYTHONPATH=/nowhere\n',
      [api('.env.local')]: 'FROM_LOCAL=1\n',
      [at('.env')]: 'FROM_ROOT=1\n',
      [api('.env.test')]: 'FROM_TEST=1\n',
      [api('tests', 'test_environment.py')]: [
        'import json',
        'import os',
        '',
        '',
        'def test_environment() -> None:',
        `    expected = json.loads('${JSON.stringify(seen)}')`,
        '    assert {name: os.environ.get(name) for name in expected} == expected',
        '',
      ].join('\n'),
    };
    for (const [path, text] of Object.entries(files)) writeFileSync(path, text);
    try {
      nxOk(['run', 'my-api:test'], root, toolEnv({ FROM_SHELL: '1', BOTH: 'shell' }));
      for (const target of ['lint', 'typecheck']) {
        const { targets } = JSON.parse(readFileSync(api('project.json'), 'utf8'));
        const { command, commands = [command] } = targets[target].options;
        for (const line of commands) expect(line).toMatch(/^uv run --locked python -m fastapi_runtime\.tools\.run \S/);
      }
    } finally {
      for (const path of Object.keys(files)) rmSync(path);
    }
  },
  5 * minutes,
);

test(
  'targets that build and check refuse a lock that the manifest has left behind, say what to run, and do not rewrite it',
  () => {
    const manifest = readFileSync(api('pyproject.toml'), 'utf8');
    const lock = readFileSync(at('uv.lock'), 'utf8');
    writeFileSync(api('pyproject.toml'), manifest.replace('dependencies = [\n', 'dependencies = [\n  "markupsafe",\n'));
    for (const target of ['openapi', 'bundle', 'test', 'lint', 'typecheck']) {
      const { status, stdout, stderr } = nx(['run', `my-api:${target}`], root);
      expect([target, status]).toEqual([target, 1]);
      expect(stdout + stderr).toContain('run `uv lock`');
      expect(readFileSync(at('uv.lock'), 'utf8')).toBe(lock);
    }
    writeFileSync(api('pyproject.toml'), manifest);
  },
  5 * minutes,
);
