import type { QueryFunctionContext } from '@tanstack/react-query';
import type { CallOptions, ConnectionSource, Input, OperationCall, Transport } from './request';
import { httpTransport } from './request';
import { collect } from './streams';
import type { Client, Key } from './types';

/** How each operation of an API is called. */
export type OperationTable<TOperations> = Record<keyof TOperations & string, OperationCall>;

/**
 * The client of an API.
 *
 * @param name Of the API; all its keys in TanStack Query's cache begin with it.
 * @param table From the generated file.
 * @param source Where the API is and who calls it; a function is asked before the first request.
 */
export function createClient<TOperations>(
  name: string,
  table: OperationTable<TOperations>,
  source: ConnectionSource,
): Client<TOperations> {
  return clientOver(name, table, httpTransport(name, table, source));
}

/** The client over any transport: every operation with its call, keys and options. */
export function clientOver<TOperations>(
  name: string,
  table: OperationTable<TOperations>,
  transport: Transport,
): Client<TOperations> {
  const operations = Object.keys(table).map((operation) => [
    operation,
    table[operation as keyof typeof table].stream
      ? streamOf(name, operation, transport)
      : callOf(name, operation, transport),
  ]);
  return Object.fromEntries(operations);
}

/** Parts of a key: what is undefined is not sent, and no input is the same as an empty one. */
const keyOf = (...parts: unknown[]): Key =>
  parts.filter((part) => JSON.stringify(part ?? {}) !== '{}');

const common = (api: string, operation: string) => ({
  isError: (error: unknown) => Object(error).api === api && Object(error).operation === operation,
  key: () => [api, operation],
});

function callOf(name: string, operation: string, transport: Transport) {
  const call = (input: Input = {}, options: CallOptions = {}) =>
    transport.call(operation, input, options);
  const key = (kind: string) => (input?: Input) => keyOf(name, operation, kind, input);
  const queryKey = key('query');
  const infiniteQueryKey = key('infinite');
  const mutationKey = () => keyOf(name, operation, 'mutation');
  return Object.assign(call, {
    ...common(name, operation),
    queryKey,
    queryOptions: (input?: Input) => ({
      queryKey: queryKey(input),
      queryFn: ({ signal }: QueryFunctionContext) => call(input, { signal }),
    }),
    infiniteQueryKey,
    infiniteQueryOptions: (
      input: Input,
      pages: { cursor: string; next: unknown; initial?: unknown },
    ) => ({
      queryKey: infiniteQueryKey({ ...input, [pages.cursor]: pages.initial }),
      queryFn: ({ signal, pageParam }: QueryFunctionContext<Key, unknown>) =>
        call({ ...input, [pages.cursor]: pageParam ?? undefined }, { signal }),
      initialPageParam: pages.initial ?? null,
      getNextPageParam: pages.next,
    }),
    mutationKey,
    mutationOptions: () => ({
      mutationKey: mutationKey(),
      mutationFn: call,
    }),
  });
}

function streamOf(name: string, operation: string, transport: Transport) {
  const batches = (input: Input = {}, options: CallOptions = {}) =>
    transport.stream(operation, input, options);
  async function* chunks(input?: Input, options?: CallOptions) {
    for await (const batch of batches(input, options)) yield* batch;
  }
  const streamKey = (input?: Input) => keyOf(name, operation, 'stream', input);
  return Object.assign(chunks, {
    ...common(name, operation),
    batches,
    streamKey,
    streamOptions: (input?: Input) => ({
      queryKey: streamKey(input),
      queryFn: ({ client, queryKey, signal }: QueryFunctionContext) =>
        collect(
          batches(input, { signal }),
          // Of 1970, so that what is left halfway is stale for who comes next.
          (shown) => client.setQueryData(queryKey, shown, { updatedAt: 0 }),
          signal,
        ),
      // A repetition would lose what is shown: what came whole is begun anew by who asks for it. 31 years, not ever.
      retry: false,
      staleTime: 1e12,
      // Comparing every chunk with the ones before would take longer than drawing them.
      structuralSharing: false,
    }),
  });
}
