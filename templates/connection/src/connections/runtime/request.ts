import type { AnswerReader } from './answers';
import { jsonAnswer } from './answers';
import type { BodyWriter } from './bodies';
import { pairs } from './bodies';
import type { ErrorDetails, ErrorReason } from './errors';
import { ApiError } from './errors';
import type { StreamReader } from './streams';

/** What an operation needs to be called; the generated file has one for each. */
export interface OperationCall {
  /** `GET` where it is left out. */
  method?: string;
  /** `/items/{itemId}`, with the names that the parameters have in TypeScript; `{rest+}` keeps its slashes. */
  path: string;
  /** Parameters in the query and the name that each has there. */
  query?: Record<string, string>;
  /** Parameters in headers and the name that each has there. */
  headers?: Record<string, string>;
  /** What writes the body, if there is one. */
  body?: BodyWriter;
  /** Media type of the body, where it is not the usual one. */
  contentType?: string;
  /** What reads the answer, if it is not JSON. */
  answer?: AnswerReader;
  /** What reads the answer, if it is a stream. */
  stream?: StreamReader;
}

/** Who calls: adds to a request what proves it. */
export interface Auth {
  /** Returns the request with what proves the caller. */
  authorize: (request: Request) => Promise<Request>;
  /** What to look at when the gateway refuses, by its status and message. */
  hint?: (status: number, message: string) => string;
}

/** Where an API is and who calls it. */
export interface Connection {
  /** Address of the API; a stage is part of it: `https://example.com/prod`. */
  url: string;
  /** Default: none. */
  auth?: Auth | undefined;
}

/** A connection, or what finds it out before the first request. */
export type ConnectionSource = Connection | (() => Connection | Promise<Connection>);

export interface CallOptions {
  /** Ends the call; a stream ends with it. */
  signal?: AbortSignal | undefined;
  /** More headers for this one request. The API's CORS has to allow each. */
  headers?: Record<string, string> | undefined;
}

/** Anything that carries calls out: the API, or a stand-in of it. */
export interface Transport {
  call: (operation: string, input: Input, options: CallOptions) => Promise<unknown>;
  /** Chunks in batches as they come. */
  stream: (operation: string, input: Input, options: CallOptions) => AsyncGenerator<unknown[]>;
}

/** Parameters by their names in TypeScript, and the body. */
export interface Input {
  body?: unknown;
  [parameter: string]: unknown;
}

/** The transport that calls the API. */
export function httpTransport(
  api: string,
  table: Record<string, OperationCall | undefined>,
  source: ConnectionSource,
): Transport {
  const connect = once(async () => (typeof source === 'function' ? source() : source));

  async function send(operation: string, input: Input, { signal, headers }: CallOptions) {
    const call = table[operation] as OperationCall;
    let connection: Connection;
    let request: Request;
    /** What a failure is to the caller; an abort stays what it is. */
    const failure = (why: ErrorReason, message: string, about: ErrorDetails) => {
      signal?.throwIfAborted();
      return new ApiError(api, operation, why, message, about);
    };
    try {
      signal?.throwIfAborted();
      const path = pathAndQuery(call, input);
      const [type, body] = call.body && input.body !== undefined ? call.body(input.body) : [];
      connection = await connect();
      const init: object = { method: call.method, body };
      request = new Request(connection.url.replace(/\/+$/, '') + path, init);
      const all = pairs({
        'content-type': type && (call.contentType ?? type),
        ...onWire(call.headers, input),
        ...headers,
      });
      for (const [name, value] of all) request.headers.set(name, value as string);
      if (connection.auth) request = await connection.auth.authorize(request);
    } catch (cause) {
      throw failure('setup', Object(cause).message, { cause });
    }
    const response = await fetch(request, { signal: signal ?? null }).catch((cause) => {
      throw failure('unreachable', `no answer from ${connection.url}`, { cause });
    });
    const header = (name: string) => response.headers.get(name) ?? undefined;
    // The app's own, and those of API Gateway before a REST API and an HTTP API.
    const correlationId =
      header('x-correlation-id') ?? header('x-amzn-requestid') ?? header('apigw-requestid');
    const type = header('content-type') ?? 'json';
    const isData = /json|event-stream/.test(type);
    if (!response.ok) {
      const { status } = response;
      let body: unknown = await response.text().catch(() => '');
      try {
        if (isData) body = JSON.parse(body as string);
      } catch {
        // Text it is.
      }
      // What FastAPI, API Gateway and IAM say in their errors; of wrong input the first thing.
      const { detail, message: words = detail, Message = words } = Object(body);
      const { loc, msg = Message } = Object(detail?.[0]);
      const where = Array.isArray(loc) ? `${loc.join('.')}: ` : '';
      const said = typeof msg === 'string' ? where + msg : '';
      const hint = /40[13]/.test(`${status}`) && connection.auth?.hint?.(status, said);
      const message = `${status} ${said}${hint ? `. ${hint}` : ''}`;
      throw failure('status', message, { status, body, correlationId });
    }
    /** What a failure within a good answer is. */
    const broken = (cause: unknown) => {
      const other = cause instanceof SyntaxError && !isData;
      const message = other ? `${type} is not what it answers` : 'the answer broke off';
      return failure('broken', message, { cause, correlationId });
    };
    if (call.stream && !isData) throw broken(new SyntaxError());
    return { call, response, broken };
  }

  return {
    async call(operation, input, options) {
      const { call, response, broken } = await send(operation, input, options);
      try {
        return await (call.answer ?? jsonAnswer)(response);
      } catch (cause) {
        throw broken(cause);
      }
    },
    async *stream(operation, input, options) {
      const { call, response, broken } = await send(operation, input, options);
      try {
        if (response.body) yield* (call.stream as StreamReader)(response.body);
      } catch (cause) {
        throw broken(cause);
      }
    },
  };
}

/** Does something once; what failed is tried again. */
export function once<TResult>(run: () => Promise<TResult>): () => Promise<TResult> {
  let done: Promise<TResult> | undefined;
  return () => {
    done ??= run().catch((error) => {
      done = undefined;
      throw error;
    });
    return done;
  };
}

/** As a signature needs it: `encodeURIComponent` leaves five marks that AWS counts as reserved. */
const encode = (value: unknown): string =>
  encodeURIComponent(value as string).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function pathAndQuery({ path, query }: OperationCall, input: Input): string {
  const filled = path.replace(/\{([^{}+]+)(\+?)\}/g, (_, name: string, rest: string) => {
    const part = encode(input[name] ?? '');
    const value = rest ? part.replace(/%2F/g, '/') : part;
    // A browser takes dots out of an address, and servers take an encoded slash for one: it would be another operation's.
    if (/^$|(^|\/)\.\.?(\/|$)|%2F/.test(value)) throw new RangeError(`${name} is "${input[name]}"`);
    return value;
  });
  const given = pairs(onWire(query, input)).map((pair) => pair.map(encode).join('='));
  return `${filled}?${given.join('&')}`.replace(/\?$/, '');
}

/** Parameters by their names on the wire. */
const onWire = (names: Record<string, string> = {}, input: Input) =>
  Object.fromEntries(Object.entries(names).map(([key, name]) => [name, input[key]]));
