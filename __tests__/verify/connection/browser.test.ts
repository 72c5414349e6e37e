// biome-ignore-all lint/suspicious/noExplicitAny: the browser is driven by a library that is loaded at run time.
// A website in a real browser, developed with Vite against the served API of another origin.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { apiDocument, type RunningApi, serveApi } from '../../support/connection-api.ts';
import { browser, viteServer } from '../../support/connection-browser.ts';
import { Pages, type Scenario, streams, wholeAnswers, writePages } from '../../support/connection-pages.ts';
import { complaints, generateClient, website } from '../../support/connection-website.ts';

jest.setTimeout(60_000);

const versions = process.env.VERIFY_FULL === '1' ? (['19', '18'] as const) : (['19'] as const);

describe.each(versions)('React %s', (react) => {
  let server: RunningApi;
  let vite: Awaited<ReturnType<typeof viteServer>>;
  let chromium: any;
  let pages: Pages;

  beforeAll(async () => {
    server = await serveApi();
    const { root } = website(`browser-${react}`, apiDocument(), { react });
    writeFileSync(join(root, 'server.json'), JSON.stringify({ url: server.url }));
    generateClient(root, ['--server', join(root, 'server.json')]);
    writePages(root);
    for (const compiler of ['7', '5.9'] as const) expect(complaints(root, compiler)).toEqual({});
    vite = await viteServer(root);
    chromium = await browser();
    pages = new Pages(chromium, vite.url, root);
  }, 600_000);

  afterAll(async () => {
    await chromium?.close();
    await vite?.stop();
    await server?.stop();
  });

  afterEach(() => pages.finish());

  test.each(Object.entries({ ...wholeAnswers, ...streams }))('%s', (_, scenario) => scenario(pages));

  test.each([
    ['a stop', 'a stop ends a stream, and the chunks stay', 'stopped'],
    ['an unmount', 'an unmount ends a stream', 'unmounted'],
  ])('%s ends the generator of the server', async (_, scenario, name) => {
    await (streams[scenario] as Scenario)(pages);
    const produced = async () => (await fetch(`${server.url}/produced?name=${name}`)).json();
    for (let tries = 0; tries < 30; tries += 1) {
      const before = await produced();
      await pages.page.waitForTimeout(400);
      if (before !== null && before === (await produced())) return;
    }
    throw new Error(`The server goes on with ${name}`);
  });

  test('5,000 chunks cost little scripting', async () => {
    await pages.open('many');
    const devtools = await pages.page.context().newCDPSession(pages.page);
    await devtools.send('Performance.enable');
    const scripting = async () => {
      const { metrics } = await devtools.send('Performance.getMetrics');
      return metrics.find(({ name }: { name: string }) => name === 'ScriptDuration').value * 1000;
    };
    await pages.shows('idle');
    const before = await scripting();
    await pages.press('start');
    await pages.shows('done 5000');
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
    writePages(root);
    const env = { ...process.env, NODE_ENV: 'production' };
    execFileSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build'], { cwd: root, env, stdio: 'pipe' });
    const vite = await viteServer(root, 'preview');
    try {
      const page = await chromium.newPage();
      await page.goto(`${vite.url}/#failing`);
      await page.getByText('setup: fail: /runtime-config.json is no JSON: was it uploaded?').waitFor({ timeout: 20_000 });
      writeFileSync(join(root, 'dist', 'runtime-config.json'), JSON.stringify({ apis: { Shapes: { url: server.url } } }));
      await page.reload();
      await page.getByText('404: It is 404 (c-1)').waitFor({ timeout: 20_000 });
    } finally {
      await vite.stop();
      await server.stop();
    }
  }, 120_000);
});
