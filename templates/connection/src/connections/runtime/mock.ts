import { clientOver, type OperationTable } from './client';
import { ApiError } from './errors';
import type { CallOptions, Input } from './request';
import type { Client, OperationTypes } from './types';

/** Ends a mocked call with an error: one of the API's, with its body, or without arguments no answer at all. */
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
  const answer = (operation: string, input: Input, options: CallOptions): unknown => {
    options.signal?.throwIfAborted();
    const handler = (handlers as Record<string, unknown>)[operation];
    if (typeof handler !== 'function') throw new Error(`The mock of ${name} has no ${operation}.`);
    const fail = (status?: number, body?: unknown): never => {
      if (status === undefined) throw new ApiError(operation, 'unreachable', 'no answer', {});
      throw new ApiError(operation, 'status', String(status), { status, body });
    };
    return handler(input, { ...options, fail });
  };
  return clientOver(name, table, {
    call: async (operation, input, options) => answer(operation, input, options),
    async *stream(operation, input, options) {
      for await (const chunk of answer(operation, input, options) as AsyncIterable<unknown>) {
        options.signal?.throwIfAborted();
        yield [chunk];
      }
    },
  });
}
