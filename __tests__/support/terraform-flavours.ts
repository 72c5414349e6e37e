import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../lib/templates/package-root.ts';

/** What an API can be given, and the word for it in each flavour. A flavour that lacks one has no word. */
export const capabilities: { what: string; cdk: string; terraform: string }[] = [
  { what: 'a function for each operation, or one for all', cdk: "pattern: '", terraform: 'integration_pattern' },
  { what: 'auth by IAM', cdk: 'iamAuth', terraform: '"IAM"' },
  { what: 'auth by Cognito', cdk: 'cognitoAuth', terraform: '"Cognito"' },
  { what: 'auth by a Lambda authorizer', cdk: 'customAuth', terraform: '"Custom"' },
  { what: 'no auth, said out loud', cdk: 'noAuth', terraform: '"None"' },
  { what: 'OAuth scopes', cdk: 'authorizationScopes', terraform: 'scopes' },
  { what: 'auth of one operation', cdk: 'authorizer?:', terraform: 'auth_of' },
  { what: 'leave to call the API or an operation', cdk: 'grantInvokeAccess', terraform: 'invoke_policy' },
  { what: 'options of every function', cdk: 'withDefaultOptions', terraform: 'function_defaults' },
  { what: 'options of one function', cdk: 'withOperationOptions', terraform: 'variable "operations"' },
  { what: 'another integration for one operation', cdk: 'withOverrides', terraform: 'overrides' },
  { what: "properties of one's own beside an override", cdk: 'More properties are kept', terraform: '"properties"' },
  { what: 'the function behind an operation', cdk: 'handler', terraform: 'function_name' },
  { what: 'the shared function', cdk: '$router', terraform: 'output "router"' },
  { what: 'a role for each function', cdk: 'telemetryRole', terraform: 'resource "aws_iam_role" "this"' },
  { what: 'a log group for each function, kept for a year', cdk: 'RetentionDays.ONE_YEAR', terraform: 'log_retention_in_days' },
  { what: 'active tracing', cdk: 'Tracing.ACTIVE', terraform: 'tracing_config' },
  { what: 'namespace of metrics', cdk: 'POWERTOOLS_METRICS_NAMESPACE', terraform: 'POWERTOOLS_METRICS_NAMESPACE' },
  { what: 'streaming of REST APIs', cdk: "responseTransferMode: 'STREAM'", terraform: 'responseTransferMode = "STREAM"' },
  { what: 'arm64 and x86_64', cdk: 'Architecture.X86_64', terraform: 'architectures' },
  { what: 'SnapStart behind an alias', cdk: 'snapStart', terraform: 'snap_start' },
  { what: 'provisioned concurrency', cdk: 'provisionedConcurrentExecutions', terraform: 'provisioned_concurrent_executions' },
  { what: 'calls that get to a new version in steps', cdk: 'LambdaDeploymentGroup', terraform: 'resource "aws_lambda_alias" "released"' },
  { what: 'the way back to the version before', cdk: "'rollback'", terraform: '"rollback"' },
  { what: 'a VPC with one security group', cdk: 'inSharedSecurityGroup', terraform: 'resource "aws_security_group" "this"' },
  { what: 'WAF of REST APIs', cdk: 'webAcl', terraform: 'aws_wafv2_web_acl_association' },
  { what: 'access logs as JSON', cdk: 'accessLogFormat', terraform: 'access_log_format' },
  { what: 'alarms', cdk: 'ApiAlarms', terraform: 'aws_cloudwatch_metric_alarm' },
  { what: 'a dashboard', cdk: 'ApiDashboard', terraform: 'aws_cloudwatch_dashboard' },
  { what: 'throttling of the API', cdk: 'throttle', terraform: 'throttling_rate_limit' },
  { what: 'throttling of one operation', cdk: 'operationThrottle', terraform: 'resource "aws_api_gateway_method_settings" "operation"' },
  { what: "a domain of one's own with a base path", cdk: 'BasePathMapping', terraform: 'aws_api_gateway_base_path_mapping' },
  { what: 'the default endpoint switched off', cdk: 'disableExecuteApiEndpoint', terraform: 'disable_default_endpoint' },
  { what: 'origins for preflight, gateway responses and functions', cdk: 'restrictCorsTo', terraform: 'allowed_origins' },
  { what: 'request validation of REST APIs', cdk: 'requestValidation', terraform: 'request_validation' },
  { what: 'media types that stay bytes', cdk: 'binary-media-types', terraform: 'binary-media-types' },
  { what: "the account's role for logs, on request", cdk: 'LoggingRoleStack', terraform: 'resource "aws_api_gateway_account" "this"' },
  { what: "the adapter's layer of another account", cdk: 'adapterLayerAccount', terraform: 'adapter_layer_account' },
  { what: 'other partitions', cdk: 'partition', terraform: 'data "aws_partition" "this"' },
  { what: 'a user pool to begin with', cdk: 'ApplicationUserPool', terraform: 'resource "aws_cognito_user_pool" "this"' },
  { what: "a website's configuration from the outputs", cdk: 'runtime-config', terraform: 'runtime-config' },
  { what: 'a call of what is deployed, by its outputs', cdk: 'this.auth.method', terraform: 'auth = var.auth' },
  { what: 'an environment each for development and production', cdk: '-production', terraform: '"production"' },
];

const setsOf = {
  cdk: ['constructs', 'constructs-api', 'infra', 'infra-cdk', 'metadata'],
  terraform: ['terraform', 'terraform-api', 'infra', 'infra-terraform', 'metadata'],
};

/** All code that a flavour writes; documentation does not count. */
export function codeOf(flavour: keyof typeof setsOf): string {
  return setsOf[flavour]
    .map((set) => join(packageRoot(), 'templates', set))
    .flatMap((root) =>
      readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter((path) => /\.(ts|tf|mjs|tfvars|hcl|json)(\.ejs)?$/.test(path) && !/\.(test\.ts|tftest\.hcl)$/.test(path))
        .map((path) => readFileSync(join(root, path), 'utf8')),
    )
    .join('\n');
}
