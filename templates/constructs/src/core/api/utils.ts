import { createHash } from 'node:crypto';
import { Stack } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/** One operation, as the API's OpenAPI document has it. */
export interface OperationMetadata {
  /** Name of the Python function: `get_item`. */
  readonly operationId: string;
  /** `GET`, `POST`, ... */
  readonly method: string;
  /** FastAPI's path: `/files/{name:path}`. */
  readonly path: string;
  /** API Gateway's path: `/files/{name+}`. */
  readonly gatewayPath: string;
  /** Whether a success answers with JSON Lines or server-sent events. */
  readonly streaming: boolean;
}

export interface SkeletonOperation {
  readonly operationId: string;
  readonly parameters: readonly object[];
  readonly responses: Readonly<Record<string, object>>;
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

/** Each part of an operation's path that varies, replaced by `*`, for ARNs. IAM's `*` spans slashes. */
export const wildcardPath = (gatewayPath: string): string => gatewayPath.replace(/\{[^}]+\}/g, '*');

/** A whole number below `buckets` that depends on the name alone. */
export const stableHash = (name: string, buckets: number): number =>
  createHash('sha256').update(name).digest().readUInt32BE() % buckets;

/** `my_api` gives `MyApi`. */
export const pascalCase = (snakeCase: string): string =>
  snakeCase.replace(/(^|_)(\w)/g, (_, _separator, letter: string) => letter.toUpperCase());

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
