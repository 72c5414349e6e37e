// biome-ignore-all lint/suspicious/noExplicitAny: what is tested is loaded at run time.
// Streams: the running app's, and those of a server that cuts its bytes wherever it hurts.

import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import { apiDocument, type RunningApi, serveApi } from '../../support/connection-api.ts';
import { load, website } from '../../support/connection-website.ts';

let served: RunningApi;
let client: any;
let api: any;
let cutter: Server;
let answer: (response: ServerResponse) => unknown;
/** The client of the server that does as it is told. */
let cut: any;

beforeAll(async () => {
  const [{ root }, running] = [website('streams', apiDocument()), await serveApi()];
  served = running;
  client = await load(
    root,
    `export * from './connections/shapes'; export * from './connections/runtime'; export { collect } from './connections/runtime/streams'; export * from '@tanstack/react-query';`,
  );
  api = client.createShapes({ url: served.url });
  cutter = createServer((_, response) => void answer(response)).listen(0, '127.0.0.1');
  await new Promise((resolve) => cutter.once('listening', resolve));
  cut = client.createShapes({ url: `http://127.0.0.1:${(cutter.address() as AddressInfo).port}` });
}, 600_000);
jest.setTimeout(20_000);

afterAll(async () => {
  cutter.closeAllConnections();
  cutter.close();
  await served.stop();
});

/** All chunks, and the error that ends the stream if one does. */
async function drain(stream: AsyncIterable<unknown>): Promise<{ chunks: unknown[]; error?: any }> {
  const chunks: unknown[] = [];
  try {
    for await (const chunk of stream) chunks.push(chunk);
  } catch (error) {
    return { chunks, error };
  }
  return { chunks };
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until a condition holds. */
async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; !(await condition()); tries += 1) {
    if (tries > 200) throw new Error('It did not come to be within 10 s');
    await pause(50);
  }
}

/** Tells whether the server makes no more chunks of a stream. Its `finally` would not: it may run much later. */
const isStopped = (name: string) => async () => {
  const before = await api.produced({ name });
  await pause(300);
  return before !== null && before === (await api.produced({ name }));
};

/** A server that writes `bytes` in pieces of `size`, each in a packet of its own. */
const inPieces = (text: string, size: number, type = 'application/jsonl') => {
  answer = async (response) => {
    response.writeHead(200, { 'content-type': type, 'x-correlation-id': 'c-2' });
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) {
      response.write(bytes.subarray(at, at + size));
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  };
};

const text = '→ é 漢字 🎉';

describe('the running app', () => {
  test('JSON Lines', async () => {
    await expect(drain(api.ticks({ count: 3 }))).resolves.toEqual({ chunks: [0, 1, 2].map((number) => ({ number, text })) });
  });

  test('a union of models, asked for with a body', async () => {
    const { chunks } = await drain(api.chat({ body: { prompt: 'one two' } }));
    expect(chunks).toEqual([
      { type: 'delta', text: 'one' },
      { type: 'delta', text: 'two' },
      { type: 'done', tokens: 7 },
    ]);
  });

  test('no chunk at all', async () => {
    await expect(drain(api.ticks({ count: 0 }))).resolves.toEqual({ chunks: [] });
  });

  test('models in server-sent events', async () => {
    await expect(drain(api.events({ count: 2 }))).resolves.toEqual({ chunks: [0, 1].map((number) => ({ number, text })) });
  });

  test('server-sent events with names, ids, times and comments', async () => {
    await expect(drain(api.namedEvents())).resolves.toEqual({
      chunks: [
        { data: '{"a": 1}', event: 'first', id: '1', retry: 500 },
        { data: 'two\nlines', event: 'message', id: '1', retry: undefined },
      ],
    });
  });

  test.each(['ticks', 'events'])('chunks of %s come one by one', async (operation) => {
    const times: number[] = [];
    for await (const _ of api[operation]({ count: 4, pause: 0.2 })) times.push(Date.now());
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(gaps.filter((gap) => gap < 80)).toEqual([]);
  });

  test('an error before the first chunk is the error of any call', async () => {
    const { error } = await drain(api.chat({ body: { prompt: '' } }));
    expect(error).toBeUndefined();
    const refused = await drain(api.chat({ body: {} }));
    expect(refused.error).toMatchObject({ status: 422, operation: 'chat', body: { detail: [{ loc: ['body', 'prompt'] }] } });
    expect(api.chat.isError(refused.error)).toBe(true);
  });

  test.each(['raise', 'half', 'gateway'])('a stream that breaks off (%s) is an error, and its chunks stay', async (way) => {
    const { chunks, error } = await drain(api.broken({ way }));
    expect(chunks).toEqual([
      { number: 0, text: 'a' },
      { number: 1, text: 'b' },
    ]);
    expect(error).toMatchObject({
      name: 'ApiError',
      reason: 'broken',
      correlationId: 'c-1',
      message: 'broken: the answer broke off',
    });
  });

  test('leaving the loop stops the generator of the server', async () => {
    for await (const chunk of api.ticks({ count: 1e6, pause: 0.05, name: 'break' })) if (chunk.number === 2) break;
    await until(isStopped('break'));
  });

  test('an abort stops the generator of the server, and stays an AbortError', async () => {
    const controller = new AbortController();
    const stream = api.ticks({ count: 1e6, pause: 0.05, name: 'abort' }, { signal: controller.signal });
    setTimeout(() => controller.abort(), 200);
    const { chunks, error } = await drain(stream);
    expect(chunks.length).toBeGreaterThan(1);
    expect(error).toMatchObject({ name: 'AbortError' });
    await until(isStopped('abort'));
  });

  test('nothing is asked for before the first chunk is', async () => {
    const stream = client.createShapes({ url: 'http://127.0.0.1:1' }).ticks();
    await expect(stream.next()).rejects.toMatchObject({ reason: 'unreachable' });
  });
});

describe('bytes cut anywhere', () => {
  const lines = [
    { number: 1, text },
    { number: 2, text: 'a\nb\r' },
    { number: 3, text: '' },
  ];
  const expected = { chunks: lines };
  const events = lines.map((line) => `data: ${JSON.stringify(line)}`);

  test.each([1, 2, 3, 5, 7, 1000])('pieces of %i bytes', async (size) => {
    inPieces(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), size);
    await expect(drain(cut.ticks())).resolves.toEqual(expected);
    inPieces(lines.map((line) => `${JSON.stringify(line)}\r\n\r\n \n`).join(''), size);
    await expect(drain(cut.ticks())).resolves.toEqual(expected);
    for (const end of ['\n', '\r\n', '\r']) {
      inPieces(`: ping${end}${end}${events.map((event) => event + end + end).join('')}: ping${end}`, size, 'text/event-stream');
      await expect(drain(cut.events())).resolves.toEqual(expected);
    }
  });

  test.each([
    ['a whole object without its newline', '{"number":1}\n{"number":2}', [{ number: 1 }, { number: 2 }], undefined],
    ['a number without its newline, which may be half of one', '{"number":1}\n12', [{ number: 1 }], 'broken'],
    ['half of an object', '{"number":1}\n{"num', [{ number: 1 }], 'broken'],
    ['words of a gateway', '{"number":1}\n{"message": "Internal server error"}x\n{"number":3}\n', [{ number: 1 }], 'broken'],
  ])('JSON Lines that end with %s', async (_, body, chunks, reason) => {
    inPieces(body, 1000);
    const result = await drain(cut.ticks());
    expect(result.chunks).toEqual(chunks);
    expect(result.error?.reason).toBe(reason);
    if (reason) expect(result.error.correlationId).toBe('c-2');
  });

  test.each([
    ['without the blank line after it', 'data: {"number":1}\n\ndata: {"number":2}\n', 'broken'],
    ['in the middle of a line', 'data: {"number":1}\n\ndata: {"num', 'broken'],
    ['with data that is no JSON', 'data: {"number":1}\n\ndata: oops\n\n', 'broken'],
    ['with an event that has no data', 'data: {"number":1}\n\nevent: end\n\n', undefined],
  ])('events that end %s', async (_, body, reason) => {
    inPieces(body, 3, 'text/event-stream');
    const result = await drain(cut.events());
    expect(result.chunks).toEqual([{ number: 1 }]);
    expect(result.error?.reason).toBe(reason);
  });

  test.each(['ticks', 'events'])('%s of another media type, as the page that stands in for all that is not there', async (operation) => {
    inPieces('<!doctype html>\n<p>Website</p>\n', 1000, 'text/html; charset=utf-8');
    const { chunks, error } = await drain(cut[operation]());
    expect(chunks).toEqual([]);
    expect(error).toMatchObject({ reason: 'broken', message: `${operation}: text/html; charset=utf-8 is not what it answers` });
  });

  test('a stream that does not say what it is is read', async () => {
    answer = (response) => response.writeHead(200).end('{"number":1}\n');
    await expect(drain(cut.ticks())).resolves.toEqual({ chunks: [{ number: 1 }] });
  });

  test('what was no JSON is the cause', async () => {
    inPieces('{"number":1}\n{"num', 1000);
    const { error } = await drain(cut.ticks());
    expect(error).toMatchObject({ message: 'ticks: the answer broke off', cause: expect.any(SyntaxError) });
  });

  test('an event that ends with CRs comes at once', async () => {
    answer = (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"number":1}\r\r');
    const stream = cut.events();
    await expect(stream.next()).resolves.toEqual({ done: false, value: { number: 1 } });
    await stream.return();
  });

  test('fields of events as the standard says', async () => {
    inPieces(
      '\uFEFFdata:no space\ndata\ndata:  two\nid:7\nretry:x\nunknown: y\n\nid\ndata: later\n\nevent: e\n\ndata: last\n\n',
      4,
      'text/event-stream',
    );
    await expect(drain(cut.namedEvents())).resolves.toEqual({
      chunks: [
        { data: 'no space\n\n two', event: 'message', id: '7', retry: undefined },
        { data: 'later', event: 'message', id: '', retry: undefined },
        { data: 'last', event: 'message', id: '', retry: undefined },
      ],
    });
  });

  test.each([
    ['ticks', 'application/jsonl', '{"number":1}\n'],
    ['events', 'text/event-stream', 'data: {"number":1}\n\n'],
  ])('a connection that is cut between two chunks of %s is an error', async (operation, type, chunk) => {
    answer = async (response) => {
      response.writeHead(200, { 'content-type': type });
      response.write(chunk);
      await pause(50);
      response.destroy();
    };
    const { chunks, error } = await drain(cut[operation]());
    expect(chunks).toEqual([{ number: 1 }]);
    expect(error).toMatchObject({ reason: 'broken' });
    expect(error.cause).toBeDefined();
  });

  test('a line of many megabytes takes no longer than its bytes', async () => {
    const long = { number: 1, text: 'x'.repeat(20_000_000) };
    inPieces(`${JSON.stringify(long)}\n`, 65_536);
    const start = Date.now();
    const { chunks } = await drain(cut.ticks());
    expect(chunks).toEqual([long]);
    expect(Date.now() - start).toBeLessThan(5_000);
  });
});

describe('in the cache of TanStack Query', () => {
  /** Draws a query as a component does; `seen` gets what it would render. */
  function draw(options: object): { seen: any[]; leave: () => void; queries: any } {
    const queries = new client.QueryClient();
    const seen: any[] = [];
    const observer = new client.QueryObserver(queries, options);
    const leave = observer.subscribe((result: unknown) => seen.push(result));
    return { seen, leave, queries };
  }

  test('chunks are shown as they come, and 5,000 of them take little time', async () => {
    inPieces(Array.from({ length: 5_000 }, (_, number) => `{"number":${number},"text":"x"}\n`).join(''), 1_000);
    const before = process.cpuUsage();
    const { seen, leave, queries } = draw(cut.ticks.streamOptions({ count: 5_000 }));
    await until(() => seen.at(-1)?.fetchStatus === 'idle');
    const { user } = process.cpuUsage(before);
    leave();
    const lengths = seen.map((result) => result.data?.length ?? 0);
    expect(seen.at(-1)).toMatchObject({ status: 'success' });
    expect(lengths.at(-1)).toBe(5_000);
    expect(new Set(lengths).size).toBeGreaterThan(2);
    expect(seen.length).toBeLessThan(200);
    expect(queries.getQueryData(cut.ticks.streamKey({ count: 5_000 }))).toHaveLength(5_000);
    // The server's writing is in it.
    expect(user / 1000).toBeLessThan(1_500);
  });

  test('chunks that come all at once are no more than one call takes', async () => {
    const chunks = Array.from({ length: 200_000 }, (_, number) => number);
    const batches = (async function* () {
      yield chunks;
    })();
    const shown: unknown[][] = [];
    const show = (all: unknown[]) => shown.push(all);
    await expect(client.collect(batches, show, new AbortController().signal)).resolves.toEqual(chunks);
    expect(shown).toEqual([chunks]);
  });

  test('what broke off keeps its chunks beside the error, and is not begun anew', async () => {
    const { seen, leave } = draw(api.broken.streamOptions({ way: 'half' }));
    await until(() => seen.at(-1)?.status === 'error');
    leave();
    expect(seen.at(-1)).toMatchObject({ error: { reason: 'broken' }, failureCount: 1 });
    expect(seen.at(-1).data).toHaveLength(2);
  });

  test('leaving stops the server', async () => {
    const { seen, leave } = draw(api.ticks.streamOptions({ count: 1e6, pause: 0.05, name: 'left' }));
    await until(() => (seen.at(-1)?.data?.length ?? 0) > 2);
    leave();
    await until(isStopped('left'));
  });

  test('a stream that is asked for again shows the old chunks until the first new one', async () => {
    const options = api.ticks.streamOptions({ count: 3, pause: 0.05 });
    const { seen, leave, queries } = draw(options);
    await until(() => seen.at(-1)?.fetchStatus === 'idle');
    const first = seen.length;
    await queries.refetchQueries({ queryKey: options.queryKey });
    leave();
    expect(seen.slice(first).every((result) => result.data?.length > 0)).toBe(true);
    expect(seen.slice(first).some((result) => result.data.length < 3)).toBe(true);
    expect(seen.at(-1).data).toHaveLength(3);
  });

  test('a stream that came whole is kept for who draws it next, and one that was left halfway is begun anew', async () => {
    const options = api.ticks.streamOptions({ count: 3, name: 'kept' });
    const { seen, leave, queries } = draw(options);
    await until(() => seen.at(-1)?.fetchStatus === 'idle' && seen.at(-1)?.data?.length === 3);
    const again = new client.QueryObserver(queries, options);
    const shown: any[] = [];
    const leaveAgain = again.subscribe((result: unknown) => shown.push(result));
    await pause(100);
    expect(again.getCurrentResult()).toMatchObject({ fetchStatus: 'idle', data: seen.at(-1).data });
    expect(shown.filter((result) => result.fetchStatus === 'fetching')).toEqual([]);
    leave();
    leaveAgain();

    const halfway = api.ticks.streamOptions({ count: 5, pause: 0.1 });
    const first = new client.QueryObserver(queries, halfway);
    const end = first.subscribe(() => {});
    await until(() => first.getCurrentResult().data?.length === 2);
    end();
    await until(() => queries.getQueryState(halfway.queryKey).fetchStatus === 'idle');
    await expect(queries.fetchQuery(halfway)).resolves.toHaveLength(5);
    await expect(queries.fetchQuery({ ...halfway, queryFn: () => Promise.reject(new Error('again')) })).resolves.toHaveLength(5);
  });

  test('a stream without chunks is an empty list', async () => {
    const { seen, leave } = draw(api.ticks.streamOptions({ count: 0 }));
    await until(() => seen.at(-1)?.fetchStatus === 'idle');
    leave();
    expect(seen.at(-1)).toMatchObject({ status: 'success', data: [] });
  });
});
