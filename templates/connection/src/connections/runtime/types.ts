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
export type Arguments<In, More extends unknown[] = []> =
  Record<never, never> extends In ? [input?: In, ...More] : [input: In, ...More];

/** Key in TanStack Query's cache: API, operation, kind of entry, and the input if there is one. */
export type Key = readonly unknown[];

/** Input of the operation without the parameter that pages go by. */
type WithoutCursor<In, Cursor extends keyof In> = Omit<In, Cursor>;

interface Callable<Operation extends OperationTypes> {
  /** Tells whether what was caught is an error of this operation. */
  isError(error: unknown): error is ApiErrorOf<Operation['errors']>;
  /** What all keys of the operation begin with, whatever the input: `invalidateQueries({ queryKey: api.listPets.key() })`. */
  key(): Key;
}

/** The key of an operation's entry; with part of the input the beginning of those that have it. */
interface EntryKey<In, Data, Failure> {
  (...input: Arguments<In>): DataTag<Key, Data, Failure>;
  (input?: Partial<In>): Key;
}

/** The options of one query, with key and function, for `useQuery`, `useSuspenseQuery`, `prefetchQuery`, ... */
export type QueryOptions<Out, Failure> = Omit<
  UseQueryOptions<Out, Failure, Out, Key>,
  'queryFn' | 'queryKey'
> & {
  queryFn: QueryFunction<Out, Key>;
  queryKey: DataTag<Key, Out, Failure>;
};

/** The options of an infinite query, for `useInfiniteQuery`, `useSuspenseInfiniteQuery`, ... */
export type InfiniteQueryOptions<Out, Failure, Cursor> = Omit<
  UseInfiniteQueryOptions<Out, Failure, InfiniteData<Out, Cursor | null>, Key, Cursor | null>,
  'queryFn' | 'queryKey'
> & {
  queryFn: QueryFunction<Out, Key, Cursor | null>;
  queryKey: DataTag<Key, InfiniteData<Out, Cursor | null>, Failure>;
};

/** An operation that reads. */
export interface QueryOperation<Operation extends OperationTypes> extends Callable<Operation> {
  /**
   * Calls the operation.
   *
   * @throws {ApiError} When there is no good answer.
   */
  (...args: Arguments<Operation['input'], [options?: CallOptions]>): Promise<Operation['output']>;
  /** Key of the query; without input, or with a part of it, the beginning of the keys that have it. */
  queryKey: EntryKey<Operation['input'], Operation['output'], ApiErrorOf<Operation['errors']>>;
  queryOptions(
    ...args: Arguments<Operation['input']>
  ): QueryOptions<Operation['output'], ApiErrorOf<Operation['errors']>>;
  /** Key of the infinite query; an entry of its own beside the query's. */
  infiniteQueryKey(input?: Partial<Operation['input']>): Key;
  /** @param pages.cursor The parameter that pages go by; `pages.next` reads its next value from a page, null at the end. */
  infiniteQueryOptions<Cursor extends keyof Operation['input']>(
    input: WithoutCursor<Operation['input'], Cursor>,
    pages: {
      cursor: Cursor;
      next: (
        page: Operation['output'],
        pages: Operation['output'][],
      ) => NonNullable<Operation['input'][Cursor]> | null | undefined;
      /** Value for the first page. Default: none. */
      initial?: NonNullable<Operation['input'][Cursor]>;
    },
  ): InfiniteQueryOptions<
    Operation['output'],
    ApiErrorOf<Operation['errors']>,
    NonNullable<Operation['input'][Cursor]>
  >;
}

/** An operation that changes something. */
export interface MutationOperation<Operation extends OperationTypes> extends Callable<Operation> {
  /**
   * Calls the operation.
   *
   * @throws {ApiError} When there is no good answer.
   */
  (...args: Arguments<Operation['input'], [options?: CallOptions]>): Promise<Operation['output']>;
  mutationKey(): Key;
  mutationOptions(): UseMutationOptions<
    Operation['output'],
    ApiErrorOf<Operation['errors']>,
    // biome-ignore lint/suspicious/noConfusingVoidType: it is what lets `mutate()` go without an argument.
    Record<never, never> extends Operation['input'] ? Operation['input'] | void : Operation['input']
  > & { mutationFn: object; mutationKey: Key };
}

/** An operation that answers piece by piece. */
export interface StreamOperation<Operation extends OperationTypes> extends Callable<Operation> {
  /**
   * Calls the operation once the chunks are asked for. Leaving the loop ends the stream, on a local server the generator as well;
   * Lambda doesn't stop a function whose client has left:
   * https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
   *
   * @throws {ApiError} When there is no good answer, or the stream breaks off; the chunks before stay.
   */
  (
    ...args: Arguments<Operation['input'], [options?: CallOptions]>
  ): AsyncGenerator<Operation['output'], void, undefined>;
  /** The same with all chunks that came together as one list. */
  batches(
    ...args: Arguments<Operation['input'], [options?: CallOptions]>
  ): AsyncGenerator<Operation['output'][], void, undefined>;
  streamKey: EntryKey<Operation['input'], Operation['output'][], ApiErrorOf<Operation['errors']>>;
  /** Options of a query whose data is the list of chunks, which grows. */
  streamOptions(
    ...args: Arguments<Operation['input']>
  ): QueryOptions<Operation['output'][], ApiErrorOf<Operation['errors']>>;
}

/** All operations of an API by name. */
export type Client<Operations> = {
  readonly [Name in keyof Operations]: Operations[Name] extends OperationTypes & { kind: 'query' }
    ? QueryOperation<Operations[Name]>
    : Operations[Name] extends OperationTypes & { kind: 'mutation' }
      ? MutationOperation<Operations[Name]>
      : Operations[Name] extends OperationTypes & { kind: 'stream' }
        ? StreamOperation<Operations[Name]>
        : never;
};
