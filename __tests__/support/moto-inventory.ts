import { ask } from './moto-website.ts';
import type { Moto } from './terraform-tools.ts';

/** Lists of services that speak JSON, by their target, and where the names stand in the answer. */
const targets: [service: string, target: string, body: object, list: string, name: string][] = [
  ['logs', 'Logs_20140328.DescribeLogGroups', {}, 'logGroups', 'logGroupName'],
  ['logs', 'Logs_20140328.DescribeMetricFilters', {}, 'metricFilters', 'filterName'],
  ['wafv2', 'AWSWAF_20190729.ListWebACLs', { Scope: 'REGIONAL' }, 'WebACLs', 'Name'],
  ['cognito-idp', 'AWSCognitoIdentityProviderService.ListUserPools', { MaxResults: 60 }, 'UserPools', 'Name'],
  ['codedeploy', 'CodeDeploy_20141006.ListApplications', {}, 'applications', ''],
  ['acm', 'CertificateManager.ListCertificates', {}, 'CertificateSummaryList', 'DomainName'],
];
/** Of those that speak XML, by their action or path. */
const forms: [service: string, action: string, tag: string][] = [
  ['iam', 'ListRoles', 'RoleName'],
  ['iam', 'ListPolicies&Scope=Local', 'PolicyName'],
  ['monitoring', 'DescribeAlarms', 'AlarmName'],
  ['monitoring', 'ListDashboards', 'DashboardName'],
  ['cloudformation', 'DescribeStacks', 'StackName'],
  ['ec2', 'DescribeSecurityGroups', 'groupId'],
  ['sns', 'ListTopics', 'TopicArn'],
  ['s3', 'GET /', 'Name'],
  ['route53', 'GET /2013-04-01/hostedzone', 'Name'],
];
const paths: [service: string, path: string, list: string, name: string][] = [
  ['lambda', '/2015-03-31/functions/', 'Functions', 'FunctionName'],
  ['apigateway', '/restapis', 'item', 'name'],
  ['apigateway', '/v2/apis', 'items', 'name'],
  ['apigateway', '/domainnames', 'item', 'domainName'],
  ['apigateway', '/v2/domainnames', 'items', 'domainName'],
];

/** What there is in an account of moto's, of every kind that an API may have: `iam my-role`. */
export async function inventory(moto: Moto): Promise<string[]> {
  const found: string[] = [];
  const add = (service: string, answer: Record<string, unknown>, list: string, name: string) => {
    for (const one of (answer[list] ?? []) as (string | Record<string, string>)[])
      found.push(`${service} ${typeof one === 'string' ? one : one[name]}`);
  };
  for (const [service, target, body, list, name] of targets) {
    const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
    const headers = { authorization, 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' };
    const answer = await fetch(moto.url, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${target}: ${await answer.text()}`);
    add(service, (await answer.json()) as Record<string, unknown>, list, name);
  }
  for (const [service, action, tag] of forms) {
    const answer = action.startsWith('GET ')
      ? await ask(moto, service, 'GET', action.slice('GET '.length))
      : await ask(moto, service, 'POST', '/', new URLSearchParams(`Action=${action}`));
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${action}: ${text}`);
    for (const [, name] of text.matchAll(new RegExp(`<${tag}>([^<]+)</${tag}>`, 'g'))) found.push(`${service} ${name}`);
  }
  for (const [service, path, list, name] of paths) add(service, await moto.get(service, path), list, name);
  return found.sort();
}
