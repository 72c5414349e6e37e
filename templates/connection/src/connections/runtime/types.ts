import type {
  DataTag,
  InfiniteData,
  QueryFunction,
  UseInfiniteQueryOptions,
  UseMutationOptions,
  UseQueryOptions,
} from '@tanstack/react-query';
import type { ApiErrorOf } from './errors';
import type { CallOptions } from './request';

/** Types of an operation, as the generated file states them. */
export interface OperationTypes {
  /** What may be done with it: read (`query`), change (`mutation`), or receive piece by piece (`stream`). */
  kind: 'query' | 'mutation' | 'stream';
  /** Parameters in camelCase, and the body under `body`. */
  input: object;
  /** What is answered; of a stream, one chunk. */
  output: unknown;
  /** Bodies of the declared errors by status. */
  errors: object;
}

/** Arguments of an operation: the input may be left out where nothing in it is required. */
export type Arguments<TIn, TMore extends unknown[] = []> =
  Record<never, never> extends TIn ? [input?: TIn, ...TMore] : [input: TIn, ...TMore];

/** Key in TanStack Query's cache: API, operation, kind of entry, and the input if there is one. */
export type Key = readonly unknown[];

/** Input of the operation without the parameter that pages go by. */
type WithoutCursor<TIn, TCursor extends keyof TIn> = Omit<TIn, TCursor>;

interface Callable<TOperation extends OperationTypes> {
  /** Tells whether what was caught is an error of this operation. */
  isError: (error: unknown) => error is ApiErrorOf<TOperation['errors']>;
  /** What all keys of the operation begin with, whatever the input: `invalidateQueries({ queryKey: api.listPets.key() })`. */
  key: () => Key;
}

/** The key of an operation's entry; with part of the input the beginning of those that have it. */
interface EntryKey<TIn, TData, TFailure> {
  (...input: Arguments<TIn>): DataTag<Key, TData, TFailure>;
  (input?: Partial<TIn>): Key;
}

/** The options of one query, with key and function, for `useQuery`, `useSuspenseQuery`, `prefetchQuery`, ... */
export type QueryOptions<TOut, TFailure> = Omit<
  UseQueryOptions<TOut, TFailure, TOut, Key>,
  'queryFn' | 'queryKey'
> & {
  queryFn: QueryFunction<TOut, Key>;
  queryKey: DataTag<Key, TOut, TFailure>;
};

/** The options of an infinite query, for `useInfiniteQuery`, `useSuspenseInfiniteQuery`, ... */
export type InfiniteQueryOptions<TOut, TFailure, TCursor> = Omit<
  UseInfiniteQueryOptions<TOut, TFailure, InfiniteData<TOut, TCursor | null>, Key, TCursor | null>,
  'queryFn' | 'queryKey'
> & {
  queryFn: QueryFunction<TOut, Key, TCursor | null>;
  queryKey: DataTag<Key, InfiniteData<TOut, TCursor | null>, TFailure>;
};

/** An operation that reads. */
export interface QueryOperation<TOperation extends OperationTypes> extends Callable<TOperation> {
  /**
   * Calls the operation.
   *
   * @throws {ApiError} When there is no good answer.
   */
  (...args: Arguments<TOperation['input'], [options?: CallOptions]>): Promise<TOperation['output']>;
  /** Key of the query; without input, or with a part of it, the beginning of the keys that have it. */
  queryKey: EntryKey<TOperation['input'], TOperation['output'], ApiErrorOf<TOperation['errors']>>;
  queryOptions: (
    ...args: Arguments<TOperation['input']>
  ) => QueryOptions<TOperation['output'], ApiErrorOf<TOperation['errors']>>;
  /** Key of the infinite query; an entry of its own beside the query's. */
  infiniteQueryKey: (input?: Partial<TOperation['input']>) => Key;
  /**
   * @param pages.cursor The parameter that pages go by; `pages.next` reads its next value from a page, all pages and its last value,
   *   null at the end.
   */
  infiniteQueryOptions: <TCursor extends keyof TOperation['input']>(
    input: WithoutCursor<TOperation['input'], TCursor>,
    pages: {
      cursor: TCursor;
      next: (
        page: TOperation['output'],
        pages: TOperation['output'][],
        last: NonNullable<TOperation['input'][TCursor]> | null,
      ) => NonNullable<TOperation['input'][TCursor]> | null | undefined;
      /** Value for the first page. Default: none. */
      initial?: NonNullable<TOperation['input'][TCursor]>;
    },
  ) => InfiniteQueryOptions<
    TOperation['output'],
    ApiErrorOf<TOperation['errors']>,
    NonNullable<TOperation['input'][TCursor]>
  >;
}

/** An operation that changes something. */
export interface MutationOperation<TOperation extends OperationTypes> extends Callable<TOperation> {
  /**
   * Calls the operation.
   *
   * @throws {ApiError} When there is no good answer.
   */
  (...args: Arguments<TOperation['input'], [options?: CallOptions]>): Promise<TOperation['output']>;
  mutationKey: () => Key;
  mutationOptions: () => UseMutationOptions<
    TOperation['output'],
    ApiErrorOf<TOperation['errors']>,
    Record<never, never> extends TOperation['input']
      ? // biome-ignore lint/suspicious/noConfusingVoidType: it is what lets `mutate()` go without an argument.
        TOperation['input'] | void
      : TOperation['input']
  > & { mutationFn: object; mutationKey: Key };
}

/** An operation that answers piece by piece. */
export interface StreamOperation<TOperation extends OperationTypes> extends Callable<TOperation> {
  /**
   * Calls the operation once the chunks are asked for. Leaving the loop ends the stream, and so does `signal` while a chunk is waited
   * for; on a local server the generator ends as well. Lambda doesn't stop a function whose client has left:
   * https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
   *
   * @throws {ApiError} When there is no good answer, or the stream breaks off; the chunks before stay.
   */
  (
    ...args: Arguments<TOperation['input'], [options?: CallOptions]>
  ): AsyncGenerator<TOperation['output'], void, undefined>;
  /** The same with all chunks that came together as one list. */
  batches: (
    ...args: Arguments<TOperation['input'], [options?: CallOptions]>
  ) => AsyncGenerator<TOperation['output'][], void, undefined>;
  streamKey: EntryKey<
    TOperation['input'],
    TOperation['output'][],
    ApiErrorOf<TOperation['errors']>
  >;
  /** Options of a query whose data is the list of chunks, which grows. */
  streamOptions: (
    ...args: Arguments<TOperation['input']>
  ) => QueryOptions<TOperation['output'][], ApiErrorOf<TOperation['errors']>>;
}

/** All operations of an API by name. */
export type Client<TOperations> = {
  readonly [Name in keyof TOperations]: TOperations[Name] extends OperationTypes & { kind: 'query' }
    ? QueryOperation<TOperations[Name]>
    : TOperations[Name] extends OperationTypes & { kind: 'mutation' }
      ? MutationOperation<TOperations[Name]>
      : TOperations[Name] extends OperationTypes & { kind: 'stream' }
        ? StreamOperation<TOperations[Name]>
        : never;
};
