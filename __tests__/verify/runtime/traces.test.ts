import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adapter, addOperations, inProject, lambdaEnv, runtimeOf, unpackedBundle, writeProject } from '../../support/runtime-project.ts';
import { reportPytest } from '../../support/runtime-pytest.ts';
import { pythonTools } from '../../support/tools.ts';

describe("OpenTelemetry's instrumentations, and a tracer provider of the user's", () => {
  const folder = writeProject('traces');
  const instrumented = [
    'boto3',
    'httpx',
    'sqlalchemy==2.1.9',
    ...['botocore', 'httpx', 'sqlalchemy', 'sqlite3'].map((name) => `opentelemetry-instrumentation-${name}`),
  ];
  // As the README says.
  inProject(folder, ['add', '--quiet', 'my-scope-fastapi-runtime[otel]', ...instrumented]);
  const main = join(folder, 'my_api', 'main.py');
  const asWritten = readFileSync(main, 'utf8');
  // As the README says: a module, and what calls it in main.py.
  const readme = readFileSync(join(runtimeOf(folder), 'README.md'), 'utf8');
  const snippets = readme
    .split('### A tracer provider of your own')[1]
    ?.split('\n### ')[0]
    ?.matchAll(/```python\n(.*?)```/gs);
  const [module = '', call = ''] = [...(snippets ?? [])].map(([, code]) => code);
  writeFileSync(join(folder, 'my_api', 'traces.py'), module);
  addOperations(folder, 'my_api', join(import.meta.dirname, 'traces', 'calls.py'));
  const python = join(pythonTools('runtime-traces', ['pytest==9.2.0', 'opentelemetry-proto==1.45.2']), 'python');
  reportPytest(
    python,
    join(import.meta.dirname, 'traces'),
    lambdaEnv({ HARNESS_ADAPTER: adapter().path, HARNESS_TASK_ROOT: unpackedBundle(folder) }),
  );

  test("the README's provider, and annotations of every kind, pass the project's own checks", () => {
    expect(module).toContain('trace.set_tracer_provider(provider)');
    expect(call).toContain('send_spans()');
    const imported = /^from \.init import .*\n/m;
    expect(asWritten).toMatch(imported);
    writeFileSync(
      main,
      asWritten.replace(imported, (line) => line + call),
    );
    copyFileSync(join(import.meta.dirname, 'traces', 'annotations.py'), join(folder, 'my_api', 'annotations.py'));
    const files = ['main', 'traces', 'annotations'].map((name) => join('my_api', `${name}.py`));
    for (const tool of [['ruff', 'check'], ['ruff', 'format', '--check'], ['basedpyright']])
      inProject(folder, ['run', '--quiet', ...tool, ...files]);
  }, 120_000);
});
