import type { OperationTable } from './client';
import { clientOver } from './client';
import { ApiError } from './errors';
import type { CallOptions, Input } from './request';
import type { Client, OperationTypes } from './types';

/**
 * Ends a mocked call with an error: one of the API's, with its body; without arguments no answer at all, or of a stream that has
 * begun no end.
 */
interface Fail<TErrors> {
  (): never;
  <TStatus extends number>(
    status: TStatus,
    ...body: TStatus extends keyof TErrors ? [body: TErrors[TStatus]] : [body?: unknown]
  ): never;
}

interface MockContext<TErrors> extends CallOptions {
  fail: Fail<TErrors>;
}

type Handler<TOperation extends OperationTypes> = (
  input: TOperation['input'],
  context: MockContext<TOperation['errors']>,
) => TOperation['kind'] extends 'stream'
  ? Iterable<TOperation['output']> | AsyncIterable<TOperation['output']>
  : TOperation['output'] | Promise<TOperation['output']>;

/** What mocked operations answer: a function of the input. Of a stream it returns a list or is a generator. */
export type MockHandlers<TOperations> = {
  [Name in keyof TOperations]?: TOperations[Name] extends OperationTypes
    ? Handler<TOperations[Name]>
    : never;
};

/**
 * A stand-in of an API for unit tests: the client without a server.
 *
 * @throws {Error} From a call of an operation that has no handler.
 */
export function createMock<TOperations>(
  name: string,
  table: OperationTable<TOperations>,
  handlers: MockHandlers<TOperations>,
): Client<TOperations> {
  const answer = (
    operation: string,
    input: Input,
    options: CallOptions,
    failure: () => ApiError,
  ): unknown => {
    options.signal?.throwIfAborted();
    const handler = (handlers as Record<string, unknown>)[operation];
    if (typeof handler !== 'function') throw new Error(`The mock of ${name} has no ${operation}.`);
    const fail = (status?: number, body?: unknown): never => {
      if (status === undefined) throw failure();
      throw new ApiError(name, operation, 'status', String(status), { status, body });
    };
    return handler(input, { ...options, fail });
  };
  const unreachable = (operation: string) =>
    new ApiError(name, operation, 'unreachable', 'no answer', {});
  return clientOver(name, table, {
    async call(operation, input, options) {
      const result = answer(operation, input, options, () => unreachable(operation));
      return untilAborted(Promise.resolve(result), options.signal);
    },
    async *stream(operation, input, options) {
      let begun = false;
      const chunks = answer(operation, input, options, () =>
        begun
          ? new ApiError(name, operation, 'broken', 'the answer broke off', {})
          : unreachable(operation),
      ) as Iterable<unknown> | AsyncIterable<unknown>;
      const iterator =
        Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
      try {
        for (;;) {
          const next = Promise.resolve(iterator.next());
          const { done, value } = await untilAborted(next, options.signal);
          if (done) return;
          begun = true;
          yield [value];
        }
      } finally {
        // Not awaited: a generator that waits for something else gets to its end only after that.
        Promise.resolve(iterator.return?.()).catch(() => null);
      }
    },
  });
}

/** What was promised, unless an abort comes first, as a call of the API would end. */
function untilAborted<TResult>(
  promise: Promise<TResult>,
  signal: AbortSignal | undefined,
): Promise<TResult> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
