// biome-ignore-all lint/suspicious/noExplicitAny: the browser is driven by a library that is loaded at run time.
// A website in a real browser, developed with Vite against the served API of another origin.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { apiDocument, apiFolder, type RunningApi, serveApi } from '../../support/connection-api.ts';
import { browser, viteServer } from '../../support/connection-browser.ts';
import { complaints, generateClient, website } from '../../support/connection-website.ts';

jest.setTimeout(60_000);

const versions = process.env.VERIFY_FULL === '1' ? (['19', '18'] as const) : (['19'] as const);

describe.each(versions)('React %s', (react) => {
  let server: RunningApi;
  let vite: Awaited<ReturnType<typeof viteServer>>;
  let chromium: any;
  let page: any;
  let shots: string;
  let errors: string[];

  beforeAll(async () => {
    server = await serveApi();
    const { root } = website(`browser-${react}`, apiDocument(), { react });
    writeFileSync(join(root, 'server.json'), JSON.stringify({ url: server.url }));
    generateClient(root, ['--server', join(root, 'server.json')]);
    writeFileSync(join(root, 'index.html'), '<!doctype html><body><script type="module" src="/src/main.tsx"></script>');
    copyFileSync(join(apiFolder, 'website', 'main.tsx'), join(root, 'src', 'main.tsx'));
    for (const compiler of ['7', '5.9'] as const) expect(complaints(root, compiler)).toEqual({});
    shots = join(root, 'screenshots');
    mkdirSync(shots, { recursive: true });
    vite = await viteServer(root);
    chromium = await browser();
  }, 600_000);

  afterAll(async () => {
    await chromium?.close();
    await vite?.stop();
    await server?.stop();
  });

  const open = async (name: string) => {
    await page?.close();
    page = await chromium.newPage();
    errors = [];
    page.on('pageerror', (error: Error) => errors.push(String(error)));
    await page.goto(`${vite.url}/#${name}`);
  };

  /** Waits until the page shows something. */
  const shows = async (text: string | RegExp) => {
    const start = Date.now();
    for (;;) {
      const shown: string = await page.locator('#out').textContent({ timeout: 20_000 });
      if (typeof text === 'string' ? shown.includes(text) : text.test(shown)) return shown;
      if (Date.now() - start > 20_000) throw new Error(`The page shows ${JSON.stringify(shown)}; its errors: ${errors.join()}`);
      await page.waitForTimeout(20);
    }
  };

  const press = (button: string) => page.getByRole('button', { name: button }).click();

  afterEach(async () => {
    const name = new URL(page.url()).hash.slice(1);
    // To be looked at.
    await page.screenshot({ path: join(shots, `${name}.png`) });
    expect(errors).toEqual([]);
  });

  test('a query', async () => {
    await open('query');
    expect(JSON.parse(await shows('{'))).toMatchObject({ item_id: 7, color: 'deep blue', text: 'a+b é', trace: 't' });
  });

  test('a mutation, and typed data in the cache', async () => {
    await open('mutation');
    await shows('cat Cat 0');
    await press('save');
    await shows('dog Rex');
  });

  test('a typed error, whose correlation id the page may read', async () => {
    await open('failing');
    await shows('404: It is 404 (c-1)');
  });

  test('an upload', async () => {
    await open('upload');
    await page.setInputFiles('input', { name: 'grüße.txt', mimeType: 'text/plain', buffer: Buffer.from('hello é') });
    expect(JSON.parse(await shows('{'))).toEqual({
      ...{ name: 'grüße.txt', size: 8, sizes: [8, 8], plain: 8, note: 'none', tags: ['a', 'b'], text: 'hello é', optional: false },
    });
  });

  test('an infinite list', async () => {
    await open('infinite');
    await shows(/^Cat 0,Cat 1$/);
    await press('more');
    await shows(/Cat 3$/);
    await press('more');
    await shows('Cat 0,Cat 1,Cat 2,Cat 3,Cat 4');
    expect(await page.getByRole('button', { name: 'more' }).isDisabled()).toBe(true);
  });

  test('JSON Lines come one by one', async () => {
    await open('lines');
    await shows(/^fetching 0 → é 漢字 🎉/);
    await shows(/^fetching 0,1,2 /);
    await shows(/^idle 0,1,2,3,4 /);
  });

  test('server-sent events come one by one', async () => {
    await open('events');
    await shows('idle');
    await press('start');
    await shows(/^streaming 0$/);
    await shows(/^streaming 0,1,2$/);
    await shows('done 0,1,2,3,4');
  });

  /** Waits until the server makes no more chunks of a stream. */
  const stops = async (name: string) => {
    const produced = async () => (await fetch(`${server.url}/produced?name=${name}`)).json();
    for (let tries = 0; tries < 30; tries += 1) {
      const before = await produced();
      await page.waitForTimeout(400);
      if (before !== null && before === (await produced())) return;
    }
    throw new Error(`The server goes on with ${name}`);
  };

  test('a stop ends the generator of the server, and the chunks stay', async () => {
    await open('stopping');
    await press('start');
    await shows(/^streaming ([3-9]|\d\d)/);
    await press('stop');
    await shows(/^stopped ([3-9]|\d\d)/);
    await stops('stopped');
  });

  test('an unmount ends the generator of the server', async () => {
    await open('leaving');
    await press('start');
    await shows(/^streaming ([3-9]|\d\d)/);
    await press('leave');
    await shows('gone');
    await stops('unmounted');
  });

  test('a stream that breaks halfway keeps its chunks beside the error', async () => {
    await open('broken');
    await shows('error a,b broken');
  });

  test('a server that is down', async () => {
    await open('down');
    await shows('unreachable: fail: no answer from http://127.0.0.1:1');
  });

  test('5,000 chunks cost little scripting', async () => {
    await open('many');
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Performance.enable');
    const scripting = async () => {
      const { metrics } = await devtools.send('Performance.getMetrics');
      return metrics.find(({ name }: { name: string }) => name === 'ScriptDuration').value * 1000;
    };
    await shows('idle');
    const before = await scripting();
    await press('start');
    await shows('done 5000');
    const took = (await scripting()) - before;
    console.log(`React ${react}: 5,000 chunks took ${took.toFixed(0)} ms of scripting`);
    expect(took).toBeLessThan(300);
  });
});

describe('what was built', () => {
  let chromium: any;
  beforeAll(async () => {
    chromium = await browser();
  }, 600_000);
  afterAll(() => chromium.close());

  test('finds the API in runtime-config.json, and says so when it is not there', async () => {
    const server = await serveApi();
    const { root } = website('built', apiDocument(), { auth: 'None' });
    writeFileSync(join(root, 'index.html'), '<!doctype html><body><script type="module" src="/src/main.tsx"></script>');
    copyFileSync(join(apiFolder, 'website', 'main.tsx'), join(root, 'src', 'main.tsx'));
    const env = { ...process.env, NODE_ENV: 'production' };
    execFileSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build'], { cwd: root, env, stdio: 'pipe' });
    const vite = await viteServer(root, 'preview');
    try {
      const page = await chromium.newPage();
      await page.goto(`${vite.url}/#failing`);
      await page.getByText('setup: fail: /runtime-config.json is not there or no JSON: was it uploaded?').waitFor({ timeout: 20_000 });
      writeFileSync(join(root, 'dist', 'runtime-config.json'), JSON.stringify({ apis: { Shapes: { url: server.url } } }));
      await page.reload();
      await page.getByText('404: It is 404 (c-1)').waitFor({ timeout: 20_000 });
    } finally {
      await vite.stop();
      await server.stop();
    }
  }, 120_000);
});
