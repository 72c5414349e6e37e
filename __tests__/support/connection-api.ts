// biome-ignore-all lint/suspicious/noExplicitAny: what is tested is loaded at run time.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { packageRoot } from '../../lib/templates/package-root.ts';
import { pythonTools, toolEnv } from './tools.ts';

/** Folder that holds the tests' API, the module `app`. */
export const apiFolder = join(packageRoot(), '__tests__', 'verify', 'connection');

/** Programs of an environment with the packages that generated APIs have. */
export function apiPython(): string {
  const versions = readFileSync(join(packageRoot(), 'templates', 'versions', 'pyproject.toml'), 'utf8');
  const requirements = ['fastapi', 'uvicorn', 'httptools'].map((name) => new RegExp(`"(${name}>=[^"]+)"`).exec(versions)?.[1] ?? name);
  return join(pythonTools('connection-api', [...requirements, 'python-multipart', 'httpx2', 'botocore']), 'python');
}

/** Runs Python with the tests' API at hand; returns what it printed. */
export function python(args: string[], input = '', path = ''): string {
  const env = toolEnv({ PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: path });
  return execFileSync(apiPython(), args, { cwd: apiFolder, env, input, encoding: 'utf8', maxBuffer: 1 << 28, stdio: 'pipe' });
}

/**
 * The document of the tests' API, or of another app.
 *
 * @param path Folder of the other app's module.
 */
export const apiDocument = (app = 'app.main:app', path = ''): any => JSON.parse(python(['-m', 'app.document', app], '', path));

export interface RunningApi {
  url: string;
  /** What it printed so far. */
  log(): string;
  stop(): Promise<void>;
}

/** A port of this machine that nothing listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Serves the tests' API, or another app of which `path` is the module's folder, and waits until it answers. */
export async function serveApi(app = 'app.main:app', path = ''): Promise<RunningApi> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = spawn(apiPython(), ['-m', 'uvicorn', app, '--port', String(port), '--no-access-log'], {
    cwd: apiFolder,
    env: toolEnv({ PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: path }),
  });
  let log = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', (text) => {
      log += text;
    });
  }
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  for (let tries = 0; ; tries += 1) {
    try {
      await fetch(`${url}/openapi.json`);
      break;
    } catch {
      if (tries > 300 || server.exitCode !== null) throw new Error(`The API did not start:\n${log}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return {
    url,
    log: () => log,
    async stop() {
      // At once: it would wait for answers that nobody reads any more.
      server.kill('SIGKILL');
      await ended;
    },
  };
}
