import { ApiError, failure } from './errors';
import { BrokenStream, readStream, type StreamFormat } from './streams';

/** What an operation needs to be called; the generated file has one for each. */
export interface OperationCall {
  /** `GET` where it is left out. */
  method?: string;
  /** `/items/{itemId}`, with the names that the parameters have in TypeScript; `{rest+}` keeps its slashes. */
  path: string;
  /** Parameters in the query and the name that each has there. */
  query?: Record<string, string>;
  /** Query parameters that are objects: `filter[name]=x`. */
  deepObjects?: string[];
  /** Query parameters that are lists within one value: `ids=1,2`. */
  commaSeparated?: string[];
  /** Parameters in headers and the name that each has there. */
  headers?: Record<string, string>;
  /** Form of the body, if there is one. */
  body?: 'json' | 'multipart' | 'urlencoded' | 'raw';
  /** Media type of a body that is not the usual one of its form. */
  contentType?: string;
  /** Form of what is answered, if it is not JSON; `any` goes by the answer's media type. */
  answer?: 'text' | 'blob' | 'any';
  /** Framing of the answer, if it is a stream. */
  stream?: StreamFormat;
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
  authorize(request: ApiRequest): Promise<ApiRequest>;
  /** What to look at when the gateway refuses, by its status and message. */
  hint?(status: number, message: string): string;
}

/** Where an API is and who calls it. */
export interface Connection {
  /** Address of the API; a stage is part of it: `https://example.com/prod`. */
  url: string;
  /** Default: none. */
  auth?: Auth;
}

/** A connection, or what finds it out before the first request. */
export type ConnectionSource = Connection | (() => Connection | Promise<Connection>);

export interface CallOptions {
  /** Ends the call; a stream of the server ends with it. */
  signal?: AbortSignal | undefined;
  /** More headers for this one request. The API's CORS has to allow each. */
  headers?: Record<string, string>;
}

/** Anything that carries calls out: the API, or a stand-in of it. */
export interface Transport {
  call(operation: string, input: Input, options: CallOptions): Promise<unknown>;
  /** Chunks in batches as they come. */
  stream(operation: string, input: Input, options: CallOptions): AsyncGenerator<unknown[]>;
}

export type Input = Record<string, unknown>;

/** The transport that calls the API. */
export function httpTransport(table: Record<string, OperationCall>, source: ConnectionSource): Transport {
  const callOf = (operation: string) => table[operation] as OperationCall;
  let found: Promise<Connection> | undefined;
  const connect = async (): Promise<Connection> => {
    if (typeof source !== 'function') return source;
    found ??= Promise.resolve(source());
    try {
      return await found;
    } catch (error) {
      // What could not be found out is tried again by the next call.
      found = undefined;
      throw error;
    }
  };

  async function answer(operation: string, input: Input, { signal, headers }: CallOptions): Promise<Response> {
    const call = callOf(operation);
    const path = pathAndQuery(call, input);
    const content = bodyOf(call, input);
    let connection: Connection;
    let request: ApiRequest;
    try {
      connection = await connect();
      request = {
        method: call.method ?? 'GET',
        url: connection.url.replace(/\/+$/, '') + path,
        headers: { ...content.headers, ...headersOf(call, input), ...headers },
        body: content.body,
      };
      if (connection.auth) request = await connection.auth.authorize(request);
    } catch (error) {
      signal?.throwIfAborted();
      throw failure(operation, 'setup', error instanceof Error ? error.message : String(error), error);
    }
    signal?.throwIfAborted();
    let response: Response;
    try {
      response = await fetch(request.url, { ...request, body: request.body ?? null, signal: signal ?? null });
    } catch (error) {
      signal?.throwIfAborted();
      throw failure(operation, 'unreachable', `no answer from ${connection.url}`, error);
    }
    if (response.ok) return response;
    const error = await refusal(operation, response, connection.auth);
    signal?.throwIfAborted();
    throw error;
  }

  return {
    async call(operation, input, options) {
      const response = await answer(operation, input, options);
      try {
        return await read(response, callOf(operation).answer);
      } catch (error) {
        options.signal?.throwIfAborted();
        const kind = response.headers.get('content-type') ?? 'nothing';
        const message = error instanceof SyntaxError ? `${kind} where JSON was expected` : 'the answer broke off';
        throw failure(operation, 'broken', message, error, correlationOf(response));
      }
    },
    async *stream(operation, input, options) {
      const response = await answer(operation, input, options);
      if (!response.body) return;
      try {
        yield* readStream(response.body, callOf(operation).stream ?? 'jsonl');
      } catch (error) {
        options.signal?.throwIfAborted();
        const cause = error instanceof BrokenStream ? undefined : error;
        throw failure(operation, 'broken', 'the stream broke off', cause, correlationOf(response));
      }
    },
  };
}

async function read(response: Response, form: OperationCall['answer']): Promise<unknown> {
  const type = response.headers.get('content-type') ?? '';
  if (form === 'blob' || (form === 'any' && type && !/json|^text\//.test(type))) return response.blob();
  const text = await response.text();
  if (form === 'text' || (form === 'any' && text && !/json/.test(type))) return text;
  return text === '' ? null : JSON.parse(text);
}

async function refusal(operation: string, response: Response, auth: Auth | undefined): Promise<ApiError> {
  const { status, statusText } = response;
  const text = await response.text().catch(() => '');
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // Text it is.
  }
  const said = messageIn(body);
  const hint = (status === 401 || status === 403) && auth?.hint?.(status, said);
  const message = [`${status} ${said || statusText}`.trim(), hint].filter(Boolean).join('. ');
  return new ApiError(operation, 'status', message, status, body, correlationOf(response));
}

/** What FastAPI, API Gateway and IAM say in their errors. */
function messageIn(body: unknown): string {
  const { detail, message, Message } = Object(body);
  const said = detail ?? message ?? Message;
  return typeof said === 'string' ? said : '';
}

const correlationOf = ({ headers }: Response): string | undefined =>
  headers.get('x-correlation-id') ?? headers.get('x-amzn-requestid') ?? undefined;

/** As a signature needs it: `encodeURIComponent` leaves five marks that AWS counts as reserved. */
const encode = (value: unknown): string =>
  encodeURIComponent(String(value)).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

function pathAndQuery({ path, query = {}, deepObjects, commaSeparated }: OperationCall, input: Input): string {
  const filled = path.replace(/\{([^{}+]+)(\+?)\}/g, (_, name: string, rest: string) => {
    const parts = rest ? String(input[name]).split('/') : [String(input[name])];
    // A browser takes these parts out of an address, so that the request would reach another operation.
    if (input[name] == null || parts.some((part) => /^\.{0,2}$/.test(part) && (part || !rest))) {
      throw new TypeError(`${name} can't be ${JSON.stringify(input[name])}: it is part of the path.`);
    }
    return parts.map(encode).join('/');
  });
  const pairs: string[] = [];
  const add = (name: string, value: unknown): void => {
    if (value != null) pairs.push(`${encode(name)}=${encode(value)}`);
  };
  for (const [key, name] of Object.entries(query)) {
    const value = input[key];
    if (commaSeparated?.includes(key)) add(name, value);
    else if (deepObjects?.includes(key)) {
      for (const [member, one] of Object.entries(Object(value))) add(`${name}[${member}]`, one);
    } else for (const one of [value].flat()) add(name, one);
  }
  return pairs.length > 0 ? `${filled}?${pairs.join('&')}` : filled;
}

function headersOf({ headers = {} }: OperationCall, input: Input): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([key]) => input[key] != null)
      .map(([key, name]) => [name, String(input[key])]),
  );
}

function bodyOf(
  { body: form, contentType }: OperationCall,
  { body }: Input,
): { headers?: Record<string, string>; body?: BodyInit } {
  if (!form || body === undefined) return {};
  if (form === 'json') return { headers: { 'content-type': contentType ?? 'application/json' }, body: JSON.stringify(body) };
  if (form === 'raw') return { headers: { 'content-type': contentType ?? 'application/octet-stream' }, body: body as BodyInit };
  const fields = Object.entries(Object(body)).flatMap(([name, value]) =>
    [value].flat().flatMap((one): [string, string | Blob][] => (one == null ? [] : [[name, fieldOf(one)]])),
  );
  if (form === 'urlencoded') return { body: new URLSearchParams(fields as [string, string][]) };
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, value);
  return { body: data };
}

const fieldOf = (value: unknown): string | Blob =>
  value instanceof Blob ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
