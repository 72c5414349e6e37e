// biome-ignore-all lint/suspicious/noExplicitAny: what is tested is loaded at run time.
// TanStack Query with the client, and the client without a server.
import { apiDocument, type RunningApi, serveApi } from '../../support/connection-api.ts';
import { load, website } from '../../support/connection-website.ts';

let server: RunningApi;
let lib: any;
let api: any;

beforeAll(async () => {
  const [{ root }, served] = [website('queries', apiDocument()), await serveApi()];
  server = served;
  lib = await load(
    root,
    `export * from './connections/shapes'; export * from './connections/runtime'; export * from '@tanstack/react-query';`,
  );
  api = lib.createShapes({ url: server.url });
}, 600_000);

afterAll(() => server.stop());

const item = { itemId: 7, color: 'red' };

describe('keys', () => {
  test('are of the API, the operation, the kind and the input', () => {
    expect(api.getItem.queryKey(item)).toEqual(['shapes', 'getItem', 'query', item]);
    expect(api.listPets.infiniteQueryKey({ limit: 2 })).toEqual(['shapes', 'listPets', 'infinite', { limit: 2 }]);
    expect(api.ticks.streamKey()).toEqual(['shapes', 'ticks', 'stream']);
    expect(api.echoPet.mutationKey()).toEqual(['shapes', 'echoPet', 'mutation']);
  });

  test('take no input, an empty one and one of undefined for the same', () => {
    const key = ['shapes', 'listPets', 'query'];
    for (const input of [undefined, {}, { limit: undefined }]) {
      expect(api.listPets.queryKey(input)).toEqual(key);
      expect(api.listPets.queryOptions(input).queryKey).toEqual(key);
    }
  });

  test('without input begin all with input, for invalidating', async () => {
    const queries = new lib.QueryClient();
    await queries.prefetchQuery(api.listPets.queryOptions({ limit: 1 }));
    await queries.prefetchQuery(api.nothing.queryOptions());
    const pages = { cursor: 'cursor', next: () => null };
    await queries.prefetchInfiniteQuery(api.listPets.infiniteQueryOptions({ limit: 1 }, pages));
    const infinite = api.listPets.infiniteQueryKey({ limit: 1 });
    await queries.invalidateQueries({ queryKey: api.listPets.queryKey() });
    expect(queries.getQueryState(infinite).isInvalidated).toBe(false);
    await queries.invalidateQueries({ queryKey: api.listPets.key() });
    expect(queries.getQueryState(infinite).isInvalidated).toBe(true);
    expect(queries.getQueryState(api.listPets.queryKey({ limit: 1 })).isInvalidated).toBe(true);
    expect(queries.getQueryState(api.nothing.queryKey()).isInvalidated).toBe(false);
  });
});

describe('queries and mutations', () => {
  test('a query, and its data in the cache', async () => {
    const queries = new lib.QueryClient();
    const data = await queries.fetchQuery(api.getItem.queryOptions(item));
    expect(data).toMatchObject({ item_id: 7, color: 'red' });
    expect(queries.getQueryData(api.getItem.queryKey({ color: 'red', itemId: 7 }))).toBe(data);
  });

  test('a query that is left ends its request', async () => {
    const queries = new lib.QueryClient();
    const leave = new lib.QueryObserver(queries, api.slow.queryOptions()).subscribe(() => {});
    await new Promise((resolve) => setTimeout(resolve, 100));
    leave();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(queries.getQueryState(api.slow.queryKey())).toMatchObject({ fetchStatus: 'idle', status: 'pending', error: null });
  });

  test('an error of a query is the error of the call, and what was refused is not tried again', async () => {
    const queries = new lib.QueryClient({ defaultOptions: { queries: { retry: lib.retryUnlessRefused } } });
    const seen: any[] = [];
    const leave = new lib.QueryObserver(queries, api.fail.queryOptions({ status: 404 })).subscribe((result: any) => seen.push(result));
    while (seen.at(-1)?.status !== 'error') await new Promise((resolve) => setTimeout(resolve, 20));
    leave();
    expect(seen.at(-1)).toMatchObject({ failureCount: 1, error: { status: 404, body: { message: 'It is 404' } } });
  });

  test.each([
    [404, 0, false],
    [429, 0, true],
    [408, 2, true],
    [422, 0, false],
    [500, 0, true],
    [500, 2, true],
    [500, 3, false],
    [undefined, 0, true],
  ])('status %s after %i failures is tried again: %s', (status, failures, again) => {
    expect(lib.retryUnlessRefused(failures, { status })).toBe(again);
  });

  test.each([
    ['what is missing in a configuration', new RangeError('no identity pool'), false],
    ['a configuration that did not come', new TypeError('Failed to fetch'), true],
    ["a website's own session", new Error('not yet'), true],
  ])('%s', async (_, cause, again) => {
    const error = await lib
      .createShapes(() => Promise.reject(cause))
      .nothing()
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ reason: 'setup', cause });
    expect(lib.retryUnlessRefused(0, error)).toBe(again);
  });

  test('a mutation', async () => {
    const queries = new lib.QueryClient();
    const observer = new lib.MutationObserver(queries, api.echoPet.mutationOptions());
    await expect(observer.mutate({ body: { kind: 'cat', name: 'Tom' } })).resolves.toEqual({ kind: 'cat', name: 'Tom', lives: 9 });
    const bare = new lib.MutationObserver(queries, api.created.mutationOptions());
    await expect(bare.mutate()).resolves.toMatchObject({ name: 'new' });
  });

  test('an infinite query has all pages, and an entry of its own beside the query', async () => {
    const queries = new lib.QueryClient();
    const options = api.listPets.infiniteQueryOptions(
      { limit: 2 },
      { cursor: 'cursor', next: (page: any) => (page.next_cursor ? Number(page.next_cursor) : null) },
    );
    const first = await queries.fetchQuery(api.listPets.queryOptions({ limit: 2 }));
    expect(first.items).toHaveLength(2);
    const all = await queries.fetchInfiniteQuery({ ...options, pages: 9 });
    expect(all.pages.flatMap((page: any) => page.items.map((pet: any) => pet.name))).toEqual(['Cat 0', 'Cat 1', 'Cat 2', 'Cat 3', 'Cat 4']);
    expect(all.pageParams).toEqual([null, 2, 4]);
    expect(queries.getQueryData(api.listPets.queryKey({ limit: 2 }))).toBe(first);
  });
});

describe('a mock', () => {
  const drain = async (stream: AsyncIterable<unknown>) => {
    const chunks: unknown[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return chunks;
  };

  test('answers as its handlers do, and has everything that the client has', async () => {
    const mock = lib.mockShapes({
      getItem: ({ itemId }: any) => ({ item_id: itemId }),
      ticks: ({ count }: any) => Array.from({ length: count }, (_, number) => ({ number, text: '' })),
      chat: async function* ({ body }: any) {
        yield { type: 'delta', text: body.prompt };
      },
    });
    await expect(mock.getItem(item)).resolves.toEqual({ item_id: 7 });
    await expect(drain(mock.ticks({ count: 2 }))).resolves.toHaveLength(2);
    await expect(drain(mock.chat({ body: { prompt: 'x' } }))).resolves.toEqual([{ type: 'delta', text: 'x' }]);
    const queries = new lib.QueryClient();
    await expect(queries.fetchQuery(mock.ticks.streamOptions({ count: 3 }))).resolves.toHaveLength(3);
    expect(mock.getItem.queryKey(item)).toEqual(api.getItem.queryKey(item));
  });

  test('fails as its handlers say', async () => {
    const mock = lib.mockShapes({
      fail: (_: unknown, { fail }: any) => fail(404, { message: 'gone' }),
      nothing: (_: unknown, { fail }: any) => fail(),
      ticks: async function* (_: unknown, { fail }: any) {
        yield { number: 0 };
        fail(500);
      },
    });
    await expect(mock.fail({ status: 1 })).rejects.toMatchObject({
      name: 'ApiError',
      status: 404,
      body: { message: 'gone' },
      operation: 'fail',
    });
    await expect(mock.nothing()).rejects.toMatchObject({ reason: 'unreachable' });
    await expect(drain(mock.ticks())).rejects.toMatchObject({ status: 500 });
    await expect(mock.nothing({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    await expect(mock.slow()).rejects.toThrow('The mock of shapes has no slow.');
  });
});
