// biome-ignore-all lint/suspicious/noExplicitAny: what is tested is loaded at run time.
// runtime-config.json: once for the page, checked, and a plain word about what is missing.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { apiDocument } from '../../support/connection-api.ts';
import { load, website } from '../../support/connection-website.ts';

let root: string;
let server: Server;
let base: string;
let answer: [status: number, text: string];
/** Bytes that the server promises and doesn't send. */
let missingBytes = 0;
let asked: string[] = [];

beforeAll(async () => {
  ({ root } = website('config', apiDocument()));
  server = createServer((request, response) => {
    asked.push(`${request.url}`);
    const [status, text] = answer;
    response.writeHead(status, { 'content-length': Buffer.byteLength(text) + missingBytes });
    if (missingBytes > 0) response.write(text, () => response.destroy());
    else response.end(text);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/app/`;
}, 600_000);

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const config = {
  apis: { Shapes: { url: 'https://abc.execute-api.eu-west-1.amazonaws.com/', region: 'eu-west-1' }, Local: { url: '/api' } },
  cognito: { identityPoolId: 'eu-west-1:pool' },
};

beforeEach(() => {
  missingBytes = 0;
});

/** The module as a page has it that was just opened. */
async function fresh(): Promise<any> {
  return (await freshModules()).runtimeConfig;
}

function freshModules(): Promise<any> {
  asked = [];
  return load(
    root,
    `export { createShapes } from './connections/shapes'; export { retryUnlessRefused, runtimeConfig } from './connections/runtime';`,
  );
}

test('is read once for all APIs of the page', async () => {
  const runtimeConfig = await fresh();
  answer = [200, JSON.stringify(config)];
  const [shapes, local] = await Promise.all([runtimeConfig('Shapes', base), runtimeConfig('Local', base)]);
  expect(shapes).toEqual({ ...config.apis.Shapes, cognito: config.cognito });
  expect(local).toEqual({ url: '/api', region: undefined, cognito: config.cognito });
  expect(asked).toEqual(['/app/runtime-config.json']);
});

test('is asked for again where it was not there', async () => {
  const runtimeConfig = await fresh();
  for (const missing of [
    [404, 'Not found'],
    [200, '<!doctype html>'],
  ] as const) {
    answer = [...missing];
    const missed = await runtimeConfig('Shapes', base).catch((error: unknown) => error);
    // What a repetition doesn't help.
    expect(missed).toBeInstanceOf(RangeError);
    expect(missed.message).toMatch(/runtime-config\.json is no JSON: was it uploaded\?$/);
  }
  answer = [200, JSON.stringify(config)];
  await expect(runtimeConfig('Shapes', base)).resolves.toMatchObject({ region: 'eu-west-1' });
  expect(asked).toHaveLength(3);
});

test.each([
  [503, '<!doctype html>', 0, 'runtime-config.json: 503'],
  [503, '{"message":"Service Unavailable"}', 0, 'runtime-config.json: 503'],
  [429, 'Slow down', 0, 'runtime-config.json: 429'],
  [200, '{"apis":{', 10, 'terminated'],
])('is tried again after %i %s without its last %i bytes', async (status, text, missing, message) => {
  const { createShapes, retryUnlessRefused, runtimeConfig } = await freshModules();
  answer = [status, text];
  missingBytes = missing;
  const failed = await createShapes(() => runtimeConfig('Shapes', base))
    .nothing()
    .catch((error: unknown) => error);
  expect(failed).toMatchObject({ reason: 'setup', message: expect.stringContaining(message) });
  expect(failed.cause).not.toBeInstanceOf(RangeError);
  expect(retryUnlessRefused(0, failed)).toBe(true);
  answer = [200, JSON.stringify(config)];
  missingBytes = 0;
  await expect(runtimeConfig('Shapes', base)).resolves.toMatchObject({ region: 'eu-west-1' });
});

test.each([
  ['{}', 'Shapes.url is undefined'],
  ['null', 'Shapes.url is undefined'],
  ['{"apis":{"Other":{"url":"/"}}}', 'Shapes.url is undefined'],
  ['{"apis":{"Shapes":{"url":"abc"}}}', 'Shapes.url is abc'],
  ['{"apis":{"Shapes":{"url":1}}}', 'Shapes.url is 1'],
])('%s has no address of the API', async (text, message) => {
  const runtimeConfig = await fresh();
  answer = [200, text];
  const missed = await runtimeConfig('Shapes', base).catch((error: unknown) => error);
  expect(missed).toBeInstanceOf(RangeError);
  expect(missed.message).toContain(message);
});
