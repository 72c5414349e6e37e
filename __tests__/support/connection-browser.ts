// biome-ignore-all lint/suspicious/noExplicitAny: playwright-core is loaded at run time.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from './connection-api.ts';
import { npmFolder } from './connection-website.ts';

const executablePath = '/usr/bin/chromium';

/** A headless Chromium: Debian's, driven by playwright-core. */
export async function browser(): Promise<any> {
  if (!existsSync(executablePath)) {
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'pipe' });
    execFileSync('apt-get', ['install', '-y', '-qq', 'chromium'], { stdio: 'pipe' });
  }
  const folder = npmFolder('playwright', { 'playwright-core': '^1.65.1' });
  const { chromium } = await import(pathToFileURL(join(folder, 'node_modules', 'playwright-core', 'index.mjs')).href);
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** Vite's development server of a website, or with `preview` a server of what was built. */
export async function viteServer(
  root: string,
  command: 'dev' | 'preview' = 'dev',
  given?: number,
): Promise<{ url: string; stop(): Promise<void> }> {
  const port = given ?? (await freePort());
  const url = `http://localhost:${port}`;
  const server = spawn(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), command, '--port', String(port), '--strictPort'], {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'development', NODE_OPTIONS: '' },
    stdio: 'pipe',
  });
  let log = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', (text) => {
      log += text;
    });
  }
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  for (let tries = 0; !(await fetch(url).catch(() => undefined)); tries += 1) {
    if (tries > 300 || server.exitCode !== null) throw new Error(`Vite did not start:\n${log}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    async stop() {
      server.kill();
      await ended;
    },
  };
}
