import { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  FilterPattern,
  type ILogGroup,
  LogGroup,
  MetricFilter,
  RetentionDays,
} from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { checkovSkip } from './findings.js';

/** What API Gateway logs of an API. The functions' own logs have the same options, by `withDefaultOptions`. */
export interface LogOptions {
  /** How long access logs, and a REST API's execution logs, are kept. @default RetentionDays.ONE_YEAR */
  readonly logRetention?: RetentionDays;
  /** Whether access logs outlive the stack. @default RemovalPolicy.RETAIN */
  readonly logRemovalPolicy?: RemovalPolicy;
  /** Key of the logs, whose policy has to allow CloudWatch Logs. @default CloudWatch's own */
  readonly encryptionKey?: IKey;
}

/** One JSON object a request; most numbers are text, since `-` stands for what a request lacks. */
const format = {
  requestId: '$context.requestId',
  requestTime: '$context.requestTime',
  ip: '$context.identity.sourceIp',
  userAgent: '$context.identity.userAgent',
  caller: '$context.identity.caller',
  user: '$context.identity.user',
  method: '$context.httpMethod',
  path: '$context.path',
  protocol: '$context.protocol',
  status: '$context.status',
  responseLength: '$context.responseLength',
  errorType: '$context.error.responseType',
  errorMessage: '$context.error.message',
  authorizerError: '$context.authorizer.error',
  integrationStatus: '$context.integration.status',
  integrationError: '$context.integration.error',
};

/** With the latency as a number, which every request has and filters read. */
export const accessLogFormat = (more: Record<string, string>): string =>
  JSON.stringify({ ...format, ...more }).replace(
    /}$/,
    ',"responseLatency":$context.responseLatency}',
  );

/**
 * The group of a REST API's execution logs, whose name API Gateway gives: made here, it has a retention and goes with the API, with the
 * errors that it tells. https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 */
export function executionLogGroup(
  scope: Construct,
  apiId: string,
  stageName: string,
  { logRetention, encryptionKey }: LogOptions,
): LogGroup {
  const logGroup = new LogGroup(scope, 'ExecutionLogs', {
    logGroupName: `API-Gateway-Execution-Logs_${apiId}/${stageName}`,
    retention: logRetention ?? RetentionDays.ONE_YEAR,
    removalPolicy: RemovalPolicy.DESTROY,
    ...(encryptionKey && { encryptionKey }),
  });
  checkovSkip(logGroup, 'CKV_AWS_158', encryptionReason);
  return logGroup;
}

const encryptionReason =
  'CloudWatch Logs encrypts by default; a key of your own is yours to choose.';

export function accessLogGroup(
  scope: Construct,
  { logRetention, logRemovalPolicy, encryptionKey }: LogOptions,
): LogGroup {
  const logGroup = new LogGroup(scope, 'AccessLogs', {
    retention: logRetention ?? RetentionDays.ONE_YEAR,
    removalPolicy: logRemovalPolicy ?? RemovalPolicy.RETAIN,
    ...(encryptionKey && { encryptionKey }),
  });
  checkovSkip(logGroup, 'CKV_AWS_158', encryptionReason);
  return logGroup;
}

/** Counts what API Gateway throttles, for which it has no metric: the status 429 in the access log. */
export const throttledRequests = (
  scope: Construct,
  accessLogs: ILogGroup,
  metricNamespace: string,
): MetricFilter =>
  new MetricFilter(scope, 'ThrottledRequests', {
    logGroup: accessLogs,
    filterPattern: FilterPattern.literal('{ $.status = "429" }'),
    metricNamespace,
    metricName: 'ThrottledRequests',
    metricValue: '1',
  });
