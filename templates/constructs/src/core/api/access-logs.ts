import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { checkovSkip } from './findings.js';

/** One JSON object a request; numbers are text, since `-` stands for what a request lacks. */
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
  responseLatency: '$context.responseLatency',
  errorType: '$context.error.responseType',
  errorMessage: '$context.error.message',
  authorizerError: '$context.authorizer.error',
  integrationStatus: '$context.integration.status',
  integrationError: '$context.integration.error',
};

export const accessLogFormat = (more: Record<string, string>): string =>
  JSON.stringify({ ...format, ...more });

/**
 * The group of a REST API's execution logs, whose name API Gateway gives: made here, it has a retention and goes with the API, with the
 * errors that it tells. https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 */
export function executionLogGroup(scope: Construct, apiId: string, stageName: string): LogGroup {
  const logGroup = new LogGroup(scope, 'ExecutionLogs', {
    logGroupName: `API-Gateway-Execution-Logs_${apiId}/${stageName}`,
    retention: RetentionDays.ONE_YEAR,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  checkovSkip(logGroup, 'CKV_AWS_158', encryptionReason);
  return logGroup;
}

const encryptionReason =
  'CloudWatch Logs encrypts by default; a key of your own is yours to choose.';

export function accessLogGroup(scope: Construct): LogGroup {
  const logGroup = new LogGroup(scope, 'AccessLogs', {
    retention: RetentionDays.ONE_YEAR,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  checkovSkip(logGroup, 'CKV_AWS_158', encryptionReason);
  return logGroup;
}
