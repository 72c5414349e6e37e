import type { AnswerReader } from './answers';
import { jsonAnswer } from './answers';
import type { BodyWriter } from './bodies';
import { pairs } from './bodies';
import type { ErrorReason } from './errors';
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

/** A request as it will be sent. */
export interface ApiRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: BodyInit | undefined;
}

/** Who calls: adds to a request what proves it. */
export interface Auth {
  /** Returns the request with what proves the caller. */
  authorize: (request: ApiRequest) => Promise<ApiRequest>;
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
  const callOf = (operation: string) => table[operation] as OperationCall;
  const connect = once(async () => (typeof source === 'function' ? source() : source));

  async function send(
    operation: string,
    input: Input,
    { signal, headers }: CallOptions,
  ): Promise<Response> {
    const call = callOf(operation);
    let reason: ErrorReason = 'setup';
    let address = '';
    let auth: Auth | undefined;
    let response: Response;
    try {
      const path = pathAndQuery(call, input);
      const [type, body] = call.body && input.body !== undefined ? call.body(input.body) : [];
      const connection = await connect();
      address = connection.url;
      auth = connection.auth;
      const all = pairs({
        'content-type': type && (call.contentType ?? type),
        ...onWire(call.headers, input),
        ...headers,
      });
      let request: ApiRequest = {
        method: call.method ?? 'GET',
        url: address.replace(/\/+$/, '') + path,
        // In small letters, so that the same one in other letters takes its place.
        headers: Object.fromEntries(all.map(([name, value]) => [name.toLowerCase(), `${value}`])),
        body,
      };
      if (auth) request = await auth.authorize(request);
      reason = 'unreachable';
      const init: object = { ...request, signal };
      response = await fetch(request.url, init);
    } catch (cause) {
      signal?.throwIfAborted();
      const message = reason === 'setup' ? Object(cause).message : `no answer from ${address}`;
      throw new ApiError(api, operation, reason, message, { cause });
    }
    if (response.ok) return response;
    const error = await refusal(api, operation, response, auth);
    signal?.throwIfAborted();
    throw error;
  }

  /** What a failure within a good answer is to the caller. */
  const broken = (
    operation: string,
    response: Response,
    { signal }: CallOptions,
    cause: unknown,
  ) => {
    signal?.throwIfAborted();
    const message =
      cause instanceof SyntaxError
        ? `${response.headers.get('content-type')} is not what it answers`
        : 'the answer broke off';
    return new ApiError(api, operation, 'broken', message, {
      cause,
      correlationId: correlationOf(response),
    });
  };

  return {
    async call(operation, input, options) {
      const response = await send(operation, input, options);
      try {
        return await (callOf(operation).answer ?? jsonAnswer)(response);
      } catch (cause) {
        throw broken(operation, response, options, cause);
      }
    },
    async *stream(operation, input, options) {
      const response = await send(operation, input, options);
      const { stream } = callOf(operation);
      try {
        if (response.body && stream) yield* stream(response.body);
      } catch (cause) {
        throw broken(operation, response, options, cause);
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

async function refusal(
  api: string,
  operation: string,
  response: Response,
  auth: Auth | undefined,
): Promise<ApiError> {
  const { status } = response;
  let body: unknown = await response.text().catch(() => '');
  try {
    body = JSON.parse(body as string);
  } catch {
    // Text it is.
  }
  // What FastAPI, API Gateway and IAM say in their errors.
  const { detail, message: words = detail, Message = words } = Object(body);
  const said = typeof Message === 'string' ? Message : '';
  const hint = [401, 403].includes(status) && auth?.hint?.(status, said);
  const message = `${status} ${said}${hint ? `. ${hint}` : ''}`;
  return new ApiError(api, operation, 'status', message, {
    status,
    body,
    correlationId: correlationOf(response),
  });
}

const correlationOf = ({ headers }: Response): string | undefined =>
  headers.get('x-correlation-id') ?? headers.get('x-amzn-requestid') ?? undefined;

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
  return filled + (given.length > 0 ? `?${given.join('&')}` : '');
}

/** Parameters by their names on the wire. */
const onWire = (names: Record<string, string> = {}, input: Input) =>
  Object.fromEntries(Object.entries(names).map(([key, name]) => [name, input[key]]));
