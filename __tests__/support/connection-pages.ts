// biome-ignore-all lint/suspicious/noExplicitAny: the browser is driven by a library that is loaded at run time.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiFolder } from './connection-api.ts';

/**
 * Makes a website that has the client's files the one of the browser tests: a page for each thing that the client does.
 *
 * @param provider Props of the API's provider, in TypeScript.
 */
export function writePages(root: string, provider = '{}'): void {
  writeFileSync(join(root, 'index.html'), '<!doctype html><body><script type="module" src="/src/main.tsx"></script>');
  writeFileSync(join(root, 'src', 'provider.ts'), `export const provider = ${provider};\n`);
  copyFileSync(join(apiFolder, 'website', 'main.tsx'), join(root, 'src', 'main.tsx'));
}

/** That website in a browser. */
export class Pages {
  page: any;
  readonly #chromium: any;
  readonly #url: string;
  readonly #shots: string;
  readonly #prepare: ((page: any) => Promise<void>) | undefined;
  #errors: string[] = [];

  /**
   * @param root Folder of the website, which gets the screenshots.
   * @param prepare Sees each page before it is loaded.
   */
  constructor(chromium: any, url: string, root: string, prepare?: (page: any) => Promise<void>) {
    this.#chromium = chromium;
    this.#url = url;
    this.#prepare = prepare;
    this.#shots = join(root, 'screenshots');
    mkdirSync(this.#shots, { recursive: true });
  }

  /** @param query Of the address, with its question mark. */
  async open(name: string, query = ''): Promise<void> {
    await this.page?.close();
    this.page = await this.#chromium.newPage();
    this.#errors = [];
    this.page.on('pageerror', (error: Error) => this.#errors.push(String(error)));
    await this.#prepare?.(this.page);
    await this.page.goto(`${this.#url}/${query}#${name}`);
  }

  /** Waits until the page shows something. */
  async shows(text: string | RegExp): Promise<string> {
    const start = Date.now();
    for (;;) {
      const shown: string = await this.page.locator('#out').textContent({ timeout: 20_000 });
      if (typeof text === 'string' ? shown.includes(text) : text.test(shown)) return shown;
      if (Date.now() - start > 20_000) throw new Error(`The page shows ${JSON.stringify(shown)}; its errors: ${this.#errors.join()}`);
      await this.page.waitForTimeout(20);
    }
  }

  press(button: string): Promise<void> {
    return this.page.getByRole('button', { name: button }).click();
  }

  /** Takes a picture of the page, to be looked at, and fails on what it threw. */
  async finish(): Promise<void> {
    const name = new URL(this.page.url()).hash.slice(1);
    await this.page.screenshot({ path: join(this.#shots, `${name}.png`) });
    expect(this.#errors).toEqual([]);
  }
}

export type Scenario = (pages: Pages) => Promise<void>;

/** What a website does with answers that come whole. */
export const wholeAnswers: Record<string, Scenario> = {
  async 'a query'(pages) {
    await pages.open('query');
    expect(JSON.parse(await pages.shows('{'))).toMatchObject({ item_id: 7, color: 'deep blue', text: 'a+b é' });
  },
  async "an operation's own header"(pages) {
    await pages.open('header');
    await pages.shows('trace t');
  },
  async 'a mutation, and typed data in the cache'(pages) {
    await pages.open('mutation');
    await pages.shows('cat Cat 0');
    await pages.press('save');
    await pages.shows('dog Rex');
  },
  async 'a typed error, whose correlation id the page may read'(pages) {
    await pages.open('failing');
    await pages.shows(/^404: It is 404 \((?!undefined)[\w-]+\)$/);
  },
  async 'an upload'(pages) {
    await pages.open('upload');
    // No text in UTF-8.
    const buffer = Buffer.from([0xff, 0xfe, 0, 1, 2, 3, 4, 0x80]);
    await pages.page.setInputFiles('input', { name: 'grüße.bin', mimeType: 'application/octet-stream', buffer });
    expect(JSON.parse(await pages.shows('{'))).toMatchObject({
      ...{ name: 'grüße.bin', size: 8, sizes: [8, 8], plain: 8, note: 'none', tags: ['a', 'b'], optional: false },
    });
  },
  async 'an infinite list'(pages) {
    await pages.open('infinite');
    await pages.shows(/^Cat 0,Cat 1$/);
    await pages.press('more');
    await pages.shows(/Cat 3$/);
    await pages.press('more');
    await pages.shows('Cat 0,Cat 1,Cat 2,Cat 3,Cat 4');
    expect(await pages.page.getByRole('button', { name: 'more' }).isDisabled()).toBe(true);
  },
  async 'a server that is down'(pages) {
    await pages.open('down');
    await pages.shows('unreachable: fail: no answer from http://127.0.0.1:1');
  },
};

/** What a website does with streams that come piece by piece, each piece before the last was sent. */
export const streams: Record<string, Scenario> = {
  async 'JSON Lines come one by one'(pages) {
    await pages.open('lines');
    await pages.shows(/^fetching 0 → é 漢字 🎉/);
    await pages.shows(/^fetching 0,1,2 /);
    await pages.shows(/^idle 0,1,2,3,4 /);
  },
  async 'server-sent events come one by one'(pages) {
    await pages.open('events');
    await pages.shows('idle');
    await pages.press('start');
    await pages.shows(/^streaming 0$/);
    await pages.shows(/^streaming 0,1,2$/);
    await pages.shows('done 0,1,2,3,4');
  },
  async 'a stream that breaks halfway keeps its chunks beside the error'(pages) {
    await pages.open('broken');
    await pages.shows('error a,b broken');
  },
  async 'a stop ends a stream, and the chunks stay'(pages) {
    await pages.open('stopping');
    await pages.press('start');
    await pages.shows(/^streaming ([3-9]|\d\d)/);
    await pages.press('stop');
    await pages.shows(/^stopped ([3-9]|\d\d)/);
  },
  async 'an unmount ends a stream'(pages) {
    await pages.open('leaving');
    await pages.press('start');
    await pages.shows(/^streaming ([3-9]|\d\d)/);
    await pages.press('leave');
    await pages.shows('gone');
  },
};
