import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { addOperations, lambdaEnv, writeProject } from '../../support/runtime-project.ts';
import { pythonTools } from '../../support/tools.ts';

test('Schemathesis finds no server error and no answer that the OpenAPI document does not describe', async () => {
  const folder = writeProject('schemathesis');
  addOperations(folder, 'my_api', join(import.meta.dirname, 'streams.py'));
  const schemathesis = join(pythonTools('schemathesis', ['schemathesis==4.32.5']), 'schemathesis');
  const env = lambdaEnv();
  const server = spawn(join(folder, '.venv', 'bin', 'python'), ['-m', 'fastapi_runtime.tools.serve', '--port', '18200'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  try {
    const url = await new Promise<string>((resolve) => {
      server.stdout.once('data', (chunk: Buffer) => resolve(String(chunk).trim().replace('/docs', '')));
    });
    server.stdout.resume();
    const document = `${url}/openapi.json`;
    const arguments_ = ['run', document, '--checks', 'all', '--max-examples', '40', '--wait-for-schema', '20', '--seed', '1', '--no-color'];
    const run = await promisify(execFile)(schemathesis, arguments_, { env, cwd: folder, timeout: 200_000 }).catch(
      (error: { stdout: string; stderr: string }) => {
        throw new Error(`${error.stdout}${error.stderr}`);
      },
    );
    expect(run.stdout).toMatch(/Operations:.*7 selected/);
  } finally {
    process.kill(-(server.pid as number), 'SIGKILL');
  }
}, 300_000);
