import { clientOver, type OperationTable } from './client';
import { ApiError } from './errors';
import type { CallOptions, Input } from './request';
import type { Client, OperationTypes } from './types';

/**
 * Ends a mocked call with an error: one of the API's, with its body; without arguments no answer at all, or of a stream that has
 * begun no end.
 */
interface Fail<Errors> {
  (): never;
  <Status extends number>(
    status: Status,
    ...body: Status extends keyof Errors ? [body: Errors[Status]] : [body?: unknown]
  ): never;
}

interface MockContext<Errors> extends CallOptions {
  fail: Fail<Errors>;
}

type Handler<Operation extends OperationTypes> = (
  input: Operation['input'],
  context: MockContext<Operation['errors']>,
) => Operation['kind'] extends 'stream'
  ? Iterable<Operation['output']> | AsyncIterable<Operation['output']>
  : Operation['output'] | Promise<Operation['output']>;

/** What mocked operations answer: a function of the input. Of a stream it returns a list or is a generator. */
export type MockHandlers<Operations> = {
  [Name in keyof Operations]?: Operations[Name] extends OperationTypes
    ? Handler<Operations[Name]>
    : never;
};

/**
 * A stand-in of an API for unit tests: the client without a server.
 *
 * @throws {Error} From a call of an operation that has no handler.
 */
export function createMock<Operations>(
  name: string,
  table: OperationTable<Operations>,
  handlers: MockHandlers<Operations>,
): Client<Operations> {
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
function untilAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
