// biome-ignore-all lint/suspicious/noExplicitAny: what is tested is loaded at run time.
// What the client costs: bytes in a production bundle, and time to generate and to notice a change.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { apiDocument } from '../../support/connection-api.ts';
import { clientScript, website } from '../../support/connection-website.ts';

/** A website that reads, changes and shows with TanStack Query alone. */
const byHand = `
import { QueryClient, QueryClientProvider, useMutation, useQuery } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
function App() {
  const item = useQuery({ queryKey: ['item'], queryFn: ({ signal }) => fetch('/items/1', { signal }).then((answer) => answer.json()) });
  const save = useMutation({ mutationFn: (body: object) => fetch('/pet', { method: 'POST', body: JSON.stringify(body) }).then((answer) => answer.json()) });
  return <button type="button" onClick={() => save.mutate({ name: 'x' })}>{item.data?.name}</button>;
}
createRoot(document.body).render(<QueryClientProvider client={new QueryClient()}><App /></QueryClientProvider>);
`;

const withClient = `
import { useMutation, useQuery } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { ShapesProvider } from './connections/shapes-provider';
import { useShapes } from './connections/use-shapes';
function App() {
  const api = useShapes();
  const item = useQuery(api.getItem.queryOptions({ itemId: 1, color: 'red' }));
  const save = useMutation(api.echoPet.mutationOptions());
  return <button type="button" onClick={() => save.mutate({ body: { kind: 'cat', name: 'x' } })}>{item.data?.text}</button>;
}
createRoot(document.body).render(<ShapesProvider><App /></ShapesProvider>);
`;

const withStreams = withClient
  .replace('import { useShapes }', "import { useStream } from './connections/use-stream';\nimport { useShapes }")
  .replace('const save', 'const ticks = useStream(api.ticks);\n  const save')
  .replace('{item.data?.text}', '{ticks.chunks.length}{item.data?.text}')
  .replace('() => save.mutate({', '() => { ticks.start(); save.mutate({')
  .replace('} })}>', '} }); }}>');

/** The document with these operations alone. */
function part(document: any, operations: string[]): any {
  const paths = Object.entries<any>(document.paths).filter(([, item]) =>
    Object.values<any>(item).some((operation) => operations.includes(operation.operationId)),
  );
  return { ...document, paths: Object.fromEntries(paths) };
}

/** Builds a website; bytes of its scripts after gzip. */
function build(auth: string, main: string): { gzip: number; signs: boolean } {
  const { root } = website('sizes', part(apiDocument(), ['get_item', 'echo_pet', 'ticks', 'events']), { auth });
  writeFileSync(join(root, 'index.html'), '<!doctype html><body><script type="module" src="/src/main.tsx"></script></body>');
  writeFileSync(join(root, 'src', 'main.tsx'), main);
  // Jest's own NODE_ENV would make it a build for tests.
  const env = { ...process.env, NODE_ENV: 'production' };
  execFileSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'error'], {
    cwd: root,
    stdio: 'pipe',
    env,
  });
  const assets = join(root, 'dist', 'assets');
  const scripts = readdirSync(assets).map((file) => readFileSync(join(assets, file)));
  return {
    gzip: scripts.reduce((sum, bytes) => sum + gzipSync(bytes, { level: 9 }).length, 0),
    signs: scripts.some((bytes) => bytes.includes('AWS4-HMAC-SHA256')),
  };
}

test('adds at most 3 kB after gzip with streams, and 6 kB with signing', () => {
  const plain = build('None', byHand).gzip;
  const calls = build('None', withClient);
  const streams = build('None', withStreams);
  const token = build('Cognito', withStreams);
  const signing = build('IAM', withStreams);
  const added = { calls: calls.gzip - plain, streams: streams.gzip - plain, token: token.gzip - plain, signing: signing.gzip - plain };
  console.log(`bytes after gzip: website ${plain}, added ${JSON.stringify(added)}`);
  expect(added.streams).toBeLessThanOrEqual(3_000);
  expect(added.signing).toBeLessThanOrEqual(6_000);
  // Only who signs has the signer.
  expect([calls.signs, token.signs, signing.signs]).toEqual([false, false, true]);
}, 600_000);

/** A document of so many operations, each with a model of its own. */
function largeDocument(count: number): object {
  const schemas: Record<string, object> = {};
  const paths: Record<string, object> = {};
  for (let number = 0; number < count; number += 1) {
    const $ref = `#/components/schemas/Model${number}`;
    const content = { 'application/json': { schema: { $ref } } };
    schemas[`Model${number}`] = {
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string' },
        // One differs by direction, so that all do which lead to it.
        count: { type: 'integer', ...(number === 0 && { default: 3 }) },
        next: { anyOf: [{ $ref: `#/components/schemas/Model${(number + 1) % count}` }, { type: 'null' }] },
      },
    };
    paths[`/models/${number}/{model_id}`] = {
      put: {
        operationId: `put_model_${number}`,
        parameters: [{ name: 'model_id', in: 'path', required: true, schema: { type: 'integer' } }],
        requestBody: { required: true, content },
        responses: { 200: { description: 'Good', content } },
      },
    };
  }
  return { openapi: '3.1.0', info: { title: 'Large', version: '1' }, paths, components: { schemas } };
}

test('generates 300 operations in far less than a second', async () => {
  const { clientModule } = await import(clientScript);
  const document = largeDocument(300);
  clientModule(document);
  const start = performance.now();
  const text: string = clientModule(document);
  const inProcess = performance.now() - start;
  const { root } = website('large', document);
  const out = join(root, 'src/connections/shapes.gen.ts');
  rmSync(out);
  const begun = performance.now();
  execFileSync(process.execPath, [clientScript, '--openapi', join(root, 'openapi.json'), '--out', out]);
  const whole = performance.now() - begun;
  console.log(`300 operations: ${inProcess.toFixed(0)} ms, ${whole.toFixed(0)} ms with Node's start, ${text.length} characters`);
  expect(readFileSync(out, 'utf8')).toBe(text);
  expect(inProcess).toBeLessThan(1_000);
  expect(whole).toBeLessThan(5_000);
}, 120_000);

describe('--watch', () => {
  let watcher: ChildProcess | undefined;
  afterEach(() => void watcher?.kill());

  /** Waits until a condition holds; the milliseconds that it took. */
  async function until(condition: () => boolean): Promise<number> {
    const start = Date.now();
    while (!condition()) {
      if (Date.now() - start > 20_000) throw new Error('It did not come to be within 20 s');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return Date.now() - start;
  }

  test('renews what changed, waits for what is not there, and keeps the last of what is broken', async () => {
    const { root } = website('watch', largeDocument(1));
    const [openapi, out, server] = [
      join(root, 'dist', 'openapi.json'),
      join(root, 'src', 'watched.gen.ts'),
      join(root, 'dist', 'server.json'),
    ];
    const read = () => (existsSync(out) ? readFileSync(out, 'utf8') : '');
    let errors = '';
    watcher = spawn(process.execPath, [clientScript, '--openapi', openapi, '--out', out, '--server', server, '--watch']);
    watcher.stderr?.on('data', (text) => {
      errors += text;
    });
    await until(() => errors.includes('is not there'));

    mkdirSync(join(root, 'dist'));
    writeFileSync(openapi, JSON.stringify(largeDocument(1)));
    await until(() => read().includes('putModel0'));
    expect(read()).toContain("localUrl = 'http://127.0.0.1:8000'");

    writeFileSync(`${openapi}.tmp`, JSON.stringify(largeDocument(2)));
    renameSync(`${openapi}.tmp`, openapi);
    const took = await until(() => read().includes('putModel1'));
    console.log(`from the document to the types: ${took} ms`);
    expect(took).toBeLessThan(2_000);

    writeFileSync(openapi, '{"openapi": ');
    await until(() => errors.includes("can't be read"));
    expect(read()).toContain('putModel1');

    writeFileSync(openapi, JSON.stringify(largeDocument(3)));
    await until(() => read().includes('putModel2'));
    writeFileSync(server, JSON.stringify({ url: 'http://127.0.0.1:8003' }));
    await until(() => read().includes("localUrl = 'http://127.0.0.1:8003'"));
  }, 120_000);
});
