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
  const operations = Object.entries<OperationCall>(table).map(([operation, { stream }]) => {
    // What is undefined is not sent, and no input is the same as an empty one.
    const keyOf: KeyOf = (kind) => (input) =>
      [name, operation, kind, input].filter((part) => JSON.stringify(part ?? {}) !== '{}');
    const member = stream
      ? streamOf((input = {}, options = {}) => transport.stream(operation, input, options), keyOf)
      : callOf((input = {}, options = {}) => transport.call(operation, input, options), keyOf);
    const isError = (error: unknown) =>
      Object(error).api === name && Object(error).operation === operation;
    return [operation, Object.assign(member, { isError, key: keyOf() })];
  });
  return Object.fromEntries(operations);
}

type Run<TResult> = (input?: Input, options?: CallOptions) => TResult;

/** What makes the keys of an operation, by the kind of their entries. */
type KeyOf = (kind?: string) => (input?: Input) => Key;

function callOf(call: Run<Promise<unknown>>, keyOf: KeyOf) {
  const queryKey = keyOf('query');
  const infiniteQueryKey = keyOf('infinite');
  const mutationKey = keyOf('mutation');
  return Object.assign(call, {
    queryKey,
    queryOptions: (input?: Input) => ({
      queryKey: queryKey(input),
      queryFn: ({ signal }: QueryFunctionContext) => call(input, { signal }),
    }),
    infiniteQueryKey,
    infiniteQueryOptions: (
      input: Input,
      { cursor, next, initial }: { cursor: string; next: unknown; initial?: unknown },
    ) => ({
      queryKey: infiniteQueryKey({ ...input, [cursor]: initial }),
      queryFn: ({ signal, pageParam }: QueryFunctionContext<Key, unknown>) =>
        call({ ...input, [cursor]: pageParam ?? undefined }, { signal }),
      initialPageParam: initial ?? null,
      getNextPageParam: next,
    }),
    mutationKey,
    mutationOptions: () => ({ mutationKey: mutationKey(), mutationFn: call }),
  });
}

function streamOf(batches: Run<AsyncGenerator<unknown[]>>, keyOf: KeyOf) {
  async function* chunks(input?: Input, options?: CallOptions) {
    for await (const batch of batches(input, options)) yield* batch;
  }
  const streamKey = keyOf('stream');
  return Object.assign(chunks, {
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
      // A repetition would lose what is shown: what came whole is begun anew by who asks for it. Three years, not ever.
      retry: false,
      staleTime: 1e11,
      // Comparing every chunk with the ones before would take longer than drawing them.
      structuralSharing: false,
    }),
  });
}
