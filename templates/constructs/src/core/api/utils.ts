import { createHash } from 'node:crypto';
import { Stack } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/** One route of API Gateway. */
export interface GatewayRoute {
  /** `GET`, `POST`, ... */
  readonly method: string;
  /** API Gateway's path: `/files/{name+}`. */
  readonly gatewayPath: string;
}

/** One operation, as the API's OpenAPI document has it. */
export interface OperationMetadata {
  /** Name of the Python function: `get_item`. */
  readonly operationId: string;
  /** `GET`, `POST`, ...; `ANY` for a mounted app. */
  readonly method: string;
  /** FastAPI's path: `/files/{name:path}`. */
  readonly path: string;
  /** API Gateway's path: `/files/{name+}`. */
  readonly gatewayPath: string;
  /** Whether a success is a stream. */
  readonly streaming: boolean;
  /** All routes, where there are several: of a mounted app, or of a rest of the path that may be empty. */
  readonly routes?: readonly GatewayRoute[];
  /** Name of the operation whose route this one shares, since API Gateway can't tell them apart. */
  readonly meets?: string;
}

export interface SkeletonOperation {
  readonly operationId?: string;
  readonly parameters: readonly object[];
  readonly responses: Readonly<Record<string, object>>;
}

/** Which websites may read an API's answers, and what they may send. */
export interface CorsRule {
  /** `https://example.com`, or `*` for every website. */
  readonly origins: readonly string[];
  /** Pattern of further origins, as a whole; empty for none. */
  readonly originRegex: string;
  /** @default the methods of each path */
  readonly methods?: readonly string[];
  /** Headers of requests; `*` for whatever the browser asks for. */
  readonly headers: readonly string[];
  /** Whether browsers may send cookies. */
  readonly credentials: boolean;
  /** Headers of answers that a page may read. */
  readonly exposedHeaders: readonly string[];
  /** How long a browser keeps the answer to a preflight, in seconds. */
  readonly maxAge: number;
}

/** What `metadata.gen.ts` says of an API. */
export interface ApiMetadata<Operation extends string = string> {
  readonly api: {
    readonly title: string;
    readonly version: string;
    /** Python module: `my_api`. */
    readonly module: string;
    /** Lambda runtime: `python3.13`. */
    readonly runtime: string;
    /** `arm64` or `x86_64`. */
    readonly architecture: string;
    /** Name of the service in logs, traces and metrics. */
    readonly serviceName: string;
    /** What the app's own CORSMiddleware allows. @default the API's origins decide */
    readonly cors?: CorsRule;
    /** Headers that operations declare of their requests. @default none */
    readonly requestHeaders?: readonly string[];
    /** Headers that operations declare of their answers. @default none */
    readonly responseHeaders?: readonly string[];
    /** Media types of request bodies that are no text. @default none */
    readonly binaryMediaTypes?: readonly string[];
    /** Names in AWS of the settings that the app reads, below the path of its environment. @default none */
    readonly settings?: {
      /** Of SSM Parameter Store. @default none */
      readonly parameters?: readonly string[];
      /** Of Secrets Manager. @default none */
      readonly secrets?: readonly string[];
    };
  };
  /** Folder of the Lambda code. */
  readonly bundle: string;
  readonly operations: Readonly<Record<Operation, OperationMetadata>>;
  /** OpenAPI 3.0.1 without integrations, security and CORS. */
  readonly skeleton: {
    readonly openapi: string;
    readonly info: { readonly title: string; readonly version: string };
    readonly paths: Readonly<Record<string, Readonly<Record<string, SkeletonOperation>>>>;
  };
}

/** REST and HTTP APIs of Amazon API Gateway. */
export type ApiType = 'REST' | 'HTTP';

/** Names of an API's operations, in the order of the document. */
export const operationNames = <Operation extends string>(
  metadata: ApiMetadata<Operation>,
): Operation[] => Object.keys(metadata.operations) as Operation[];

/** The routes that an operation has for itself: none where it shares another's. */
export const routesOf = (operation: OperationMetadata): readonly GatewayRoute[] =>
  operation.meets === undefined ? (operation.routes ?? [operation]) : [];

/** Paths of an operation's routes, each once. */
export const pathsOf = (operation: OperationMetadata): string[] => [
  ...new Set((operation.routes ?? [operation]).map(({ gatewayPath }) => gatewayPath)),
];

/** Each part of an operation's path that varies, replaced by `*`, for ARNs. IAM's `*` spans slashes. */
export const wildcardPath = (gatewayPath: string): string => gatewayPath.replace(/\{[^}]+\}/g, '*');

/** A whole number below `buckets` that depends on the name alone. */
export const stableHash = (name: string, buckets: number): number =>
  createHash('sha256').update(name).digest().readUInt32BE() % buckets;

/** A name within 64 characters: a longer one is cut and ends in a hash. */
export const shortName = (name: string): string =>
  name.length <= 64
    ? name
    : `${name.slice(0, 55)}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;

/** `my_api` gives `MyApi`. */
export const pascalCase = (snakeCase: string): string =>
  snakeCase.replace(/(^|_)(\w)/g, (_, _separator, letter: string) => letter.toUpperCase());

/** The id of an operation's construct. A scope takes the name of an object's own property, such as `constructor`, for a child. */
export const operationId = (name: string): string =>
  name in Object.prototype ? `${name}Operation` : name;

/** `id`, or `id2`, `id3`, ... where the scope has it already: a stack may hold an API twice. */
export function freeId(scope: Construct, id: string): string {
  let free = id;
  for (let count = 2; scope.node.tryFindChild(free); count += 1) free = `${id}${count}`;
  return free;
}

/** Address by which API Gateway invokes a function, whose whole answer it takes or which it streams. */
export function invocationUri(scope: Construct, lambda: IFunction, streaming = false): string {
  const { partition, region } = Stack.of(scope);
  const [version, action] = streaming
    ? ['2021-11-15', 'response-streaming-invocations']
    : ['2015-03-31', 'invocations'];
  return `arn:${partition}:apigateway:${region}:lambda:path/${version}/functions/${lambda.functionArn}/${action}`;
}
