import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adapter, addOperations, inProject, lambdaEnv, runtimeOf, unpackedBundle, writeProject } from '../../support/runtime-project.ts';
import { reportPytest } from '../../support/runtime-pytest.ts';
import { pythonTools } from '../../support/tools.ts';

describe("OpenTelemetry's instrumentations, and a tracer provider of the user's", () => {
  const folder = writeProject('traces');
  const instrumented = ['boto3', 'httpx', ...['botocore', 'httpx', 'sqlite3'].map((name) => `opentelemetry-instrumentation-${name}`)];
  // As the README says.
  inProject(folder, ['add', '--quiet', 'my-scope-fastapi-runtime[otel]', ...instrumented]);
  addOperations(folder, 'my_api', join(import.meta.dirname, 'traces', 'calls.py'));
  const python = join(pythonTools('runtime-traces', ['pytest==9.2.0', 'opentelemetry-proto==1.45.2']), 'python');
  reportPytest(
    python,
    join(import.meta.dirname, 'traces'),
    lambdaEnv({ HARNESS_ADAPTER: adapter().path, HARNESS_TASK_ROOT: unpackedBundle(folder) }),
  );

  test("the README's provider passes the type check", () => {
    const readme = readFileSync(join(runtimeOf(folder), 'README.md'), 'utf8');
    const snippet = /### A tracer provider[^#]*?```python\n(.*?)```/s.exec(readme)?.[1];
    expect(snippet).toContain('trace.set_tracer_provider(provider)');
    writeFileSync(join(folder, 'my_api', 'own_provider.py'), snippet as string);
    inProject(folder, ['run', '--quiet', 'basedpyright', join('my_api', 'own_provider.py')]);
  }, 120_000);
});
