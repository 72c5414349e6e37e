// What the compiler accepts and refuses, with the message that a person sees: under the workspace's TypeScript and under 5.9.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../lib/templates/package-root.ts';
import { cdkWorkspace } from '../../support/cdk-workspace.ts';

const prelude = `
import { type Stack, Duration } from 'aws-cdk-lib';
import { AuthorizationType, HttpIntegration, type IAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import { HttpUrlIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IUserPool } from 'aws-cdk-lib/aws-cognito';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { CognitoApi, CustomApi, MyApi, MyHttpApi, OpenApi, SharedApi } from ':my-scope/common-constructs';
declare const stack: Stack;
declare const bucket: Bucket;
declare const pool: IUserPool;
declare const authorizer: IAuthorizer;
const rest = () => new HttpIntegration('https://example.com');
const http = () => new HttpUrlIntegration('Url', 'https://example.com');
const all = { echo: { integration: rest() }, getItem: { integration: rest() }, createItem: { integration: rest() }, stream: { integration: rest() } };
`;

const builder = (api = 'MyApi') => `${api}.defaultIntegrations(stack)`;
const build = (code: string, api = 'MyApi') => `new ${api}(stack, 'Api', { integrations: ${builder(api)}${code}.build() });`;

const accepted: Record<string, string> = {
  'defaults under IAM': build(''),
  'defaults without auth': build('', 'OpenApi'),
  'defaults with a custom authorizer': build('', 'CustomApi'),
  'defaults of a shared API': build('', 'SharedApi'),
  'no pool under Cognito': build('', 'CognitoApi'),
  'a pool under Cognito': `new CognitoApi(stack, 'Api', { userPool: pool, integrations: ${builder('CognitoApi')}.build() });`,
  'options of all functions': build(`.withDefaultOptions({ memorySize: 1024, timeout: Duration.seconds(10), environment: { A: 'b' } })`),
  'options of one function': build(`.withOperationOptions({ getItem: { memorySize: 1024 } })`),
  'options of two functions, in two calls': build(
    `.withOperationOptions({ getItem: { memorySize: 1024 } }).withOperationOptions({ echo: { memorySize: 256 } })`,
  ),
  'a handler of a default integration': `const api = ${build('')} api.integrations.getItem.handler.addEnvironment('A', 'b');`,
  'the router': `const api = ${build('', 'SharedApi')} api.integrations.$router.handler.addEnvironment('A', 'b'); api.integrations.getItem.handler.functionArn;`,
  'an override with more properties': `const api = ${build('.withOverrides({ getItem: { bucket, integration: rest() } })')} api.integrations.getItem.bucket.bucketName;`,
  'options of a method': build(
    `.withOverrides({ getItem: { integration: rest(), options: { authorizer, apiKeyRequired: true, authorizationType: AuthorizationType.COGNITO } } })`,
  ),
  'two overrides, in two calls': build(
    '.withOverrides({ getItem: { integration: rest() } }).withOverrides({ echo: { integration: rest() } })',
  ),
  'an override of an HTTP API': build('.withOverrides({ getItem: { integration: http() } })', 'MyHttpApi'),
  'an override beside options of another operation': build(
    `.withOverrides({ getItem: { integration: rest() } }).withOperationOptions({ echo: { memorySize: 256 } })`,
  ),
  'integrations given by hand': `new MyApi(stack, 'Api', { integrations: all });`,
  'integrations given by hand, with more properties': `const api = new MyApi(stack, 'Api', { integrations: { ...all, getItem: { integration: rest(), bucket } } }); api.integrations.getItem.bucket.bucketName;`,
  'built integrations with one exchanged by hand': `new MyApi(stack, 'Api', { integrations: { ...${builder()}.build(), getItem: { integration: rest() } } });`,
  'a grant of one operation': `const api = ${build('')} declare const role: import('aws-cdk-lib/aws-iam').IRole; api.grantInvokeAccess(role, 'getItem');`,
  'choices of a REST API': `new MyApi(stack, 'Api', { integrations: all, webAcl: true, alarms: true, requestValidation: true, throttle: { rateLimit: 1, burstLimit: 2 }, operationThrottle: { getItem: { rateLimit: 1, burstLimit: 1 } } });`,
};

const refused: Record<string, [code: string, message: RegExp]> = {
  'an unknown operation in withOverrides': [
    build('.withOverrides({ getWidget: { integration: rest() } })'),
    /'getWidget' is not an operation of this API/,
  ],
  'an unknown operation in withOverrides, beside a known one': [
    build('.withOverrides({ getItem: { integration: rest() }, getWidget: { integration: rest() } })'),
    /'getWidget' is not an operation of this API/,
  ],
  'an unknown operation in a variable': [
    `const more = { getItem: { integration: rest() }, getWidget: { integration: rest() } }; ${build('.withOverrides(more)')}`,
    /'getWidget' is not an operation of this API/,
  ],
  'an unknown operation in withOperationOptions': [
    build('.withOperationOptions({ getWidget: { memorySize: 1 } })'),
    /'getWidget' is not an operation of this API/,
  ],
  'an unknown operation in withOperationOptions, beside a known one': [
    build('.withOperationOptions({ getItem: { memorySize: 1 }, getWidget: { memorySize: 1 } })'),
    /'getWidget' is not an operation of this API/,
  ],
  'an unknown operation among integrations given by hand': [
    `new MyApi(stack, 'Api', { integrations: { ...all, getWidget: { integration: rest() } } });`,
    /'getWidget' is not an operation of this API/,
  ],
  'a missing operation': [
    `const { getItem, ...others } = all; new MyApi(stack, 'Api', { integrations: others });`,
    /Property 'getItem' is missing/,
  ],
  'an unknown option of all functions': [
    build('.withDefaultOptions({ memorySise: 1 })'),
    /'memorySise' (is not an option of a function|does not exist in type .* Did you mean to write 'memorySize')/,
  ],
  'an unknown option of all functions, beside a known one': [
    build('.withDefaultOptions({ memorySize: 1, memorySise: 1 })'),
    /'memorySise' (is not an option of a function|does not exist in type .* Did you mean to write 'memorySize')/,
  ],
  'an unknown option of one function': [
    build('.withOperationOptions({ getItem: { memorySise: 1 } })'),
    /'memorySise' (is not an option of a function|does not exist in type .* Did you mean to write 'memorySize')/,
  ],
  'an unknown option of one function, beside a known one': [
    build('.withOperationOptions({ getItem: { memorySize: 1, memorySise: 1 } })'),
    /'memorySise' (is not an option of a function|does not exist in type .* Did you mean to write 'memorySize')/,
  ],
  'an option of the wrong type': [build(`.withDefaultOptions({ memorySize: '1024' })`), /Type 'string' is not assignable to type 'number/],
  'an option of one function of the wrong type': [
    build(`.withOperationOptions({ getItem: { memorySize: '1024' } })`),
    /Type 'string' is not assignable to type 'number/,
  ],
  'code of its own': [build(`.withDefaultOptions({ handler: 'x' })`), /'handler' does not exist in type/],
  'a physical name': [build(`.withOperationOptions({ getItem: { functionName: 'x' } })`), /'functionName' does not exist in type/],
  'an override without integration': [build('.withOverrides({ getItem: { bucket } })'), /the override of 'getItem' lacks its integration/],
  'an override without integration, beside one with': [
    build('.withOverrides({ getItem: { bucket }, echo: { integration: rest() } })'),
    /the override of 'getItem' lacks its integration/,
  ],
  "an HTTP API's integration in a REST API": [
    build('.withOverrides({ getItem: { integration: http() } })'),
    /the integration of 'getItem' is not one of REST APIs/,
  ],
  "a REST API's integration in an HTTP API": [
    build('.withOverrides({ getItem: { integration: rest() } })', 'MyHttpApi'),
    /the integration of 'getItem' is not one of HTTP APIs/,
  ],
  "an HTTP API's integration given by hand to a REST API": [
    `new MyApi(stack, 'Api', { integrations: { ...all, getItem: { integration: http() } } });`,
    /not assignable to type 'Integration'|is not one of REST APIs/,
  ],
  'an unknown option of a method': [
    build(`.withOverrides({ getItem: { integration: rest(), options: { autorizer: authorizer } } })`),
    /not an option of an operation of REST APIs/,
  ],
  'an unknown option of a method, beside a known one': [
    build(`.withOverrides({ getItem: { integration: rest(), options: { apiKeyRequired: true, autorizer: authorizer } } })`),
    /not an option of an operation of REST APIs/,
  ],
  "a REST method's option in an HTTP API": [
    build(`.withOverrides({ getItem: { integration: http(), options: { apiKeyRequired: true } } })`, 'MyHttpApi'),
    /not an option of an operation of HTTP APIs/,
  ],
  'an operation tuned, then overridden': [
    build('.withOperationOptions({ getItem: { memorySize: 1 } }).withOverrides({ getItem: { integration: rest() } })'),
    /'getItem' has options of its function, which an override would drop/,
  ],
  'an operation overridden, then tuned': [
    build('.withOverrides({ getItem: { integration: rest() } }).withOperationOptions({ getItem: { memorySize: 1 } })'),
    /'getItem' has an override, which these options would not reach/,
  ],
  'an operation overridden, then tuned beside another': [
    build(
      '.withOverrides({ getItem: { integration: rest() } }).withOperationOptions({ getItem: { memorySize: 1 }, echo: { memorySize: 1 } })',
    ),
    /'getItem' has an override, which these options would not reach/,
  ],
  'one operation tuned in a shared API': [
    build('.withOperationOptions({ getItem: { memorySize: 1 } })', 'SharedApi'),
    /'getItem' shares its function: use withDefaultOptions, or the pattern isolated/,
  ],
  'a handler of an override': [
    `const api = ${build('.withOverrides({ getItem: { integration: rest() } })')} api.integrations.getItem.handler;`,
    /Property 'handler' does not exist/,
  ],
  'the router of an isolated API': [`const api = ${build('')} api.integrations.$router;`, /Property '\$router' does not exist/],
  'the router of a shared API whose operations are all overridden': [
    `const api = ${build('.withOverrides(all)', 'SharedApi')} api.integrations.$router;`,
    /Property '\$router' does not exist/,
  ],
  'an unknown operation of an API': [`const api = ${build('')} api.integrations.getWidget;`, /Property 'getWidget' does not exist/],
  'a grant of an unknown operation': [
    `const api = ${build('')} declare const role: import('aws-cdk-lib/aws-iam').IRole; api.grantInvokeAccess(role, 'getWidget');`,
    /"getWidget"' is not assignable to parameter of type/,
  ],
  'an id as the pool of Cognito': [
    `new CognitoApi(stack, 'Api', { userPool: 'eu-central-1_abc', integrations: ${builder('CognitoApi')}.build() });`,
    /Type 'string' is not assignable to type 'IUserPool'/,
  ],
  'a pool without Cognito': [
    `new MyApi(stack, 'Api', { userPool: pool, integrations: ${builder()}.build() });`,
    /'userPool' does not exist/,
  ],
  'a web ACL in front of an HTTP API': [
    `new MyHttpApi(stack, 'Api', { webAcl: true, integrations: ${builder('MyHttpApi')}.build() });`,
    /'webAcl' does not exist/,
  ],
  'a limit of an unknown operation': [
    `new MyApi(stack, 'Api', { integrations: all, operationThrottle: { getWidget: { rateLimit: 1, burstLimit: 1 } } });`,
    /'getWidget' does not exist/,
  ],
};

const named = (apiName: string, apiClass: string) => ({ apiName, apiClass, apiDir: `packages/${apiName}` });
const fileOf = (name: string) => `${name.replaceAll(/[^a-z]+/gi, '-')}.ts`;
const output: Record<string, string> = {};

beforeAll(() => {
  const root = cdkWorkspace('types', [
    {},
    { data: { ...named('shared-api', 'SharedApi'), integrationPattern: 'shared' } },
    { data: { ...named('my-http-api', 'MyHttpApi'), computeType: 'ServerlessApiGatewayHttpApi' } },
    { data: { ...named('open-api', 'OpenApi'), auth: 'None' } },
    { data: { ...named('custom-api', 'CustomApi'), auth: 'Custom' } },
    { data: { ...named('cognito-api', 'CognitoApi'), auth: 'Cognito' } },
  ]);
  const folder = join(root, 'packages', 'infra', 'src', 'cases');
  mkdirSync(folder, { recursive: true });
  for (const [name, code] of [
    ...Object.entries(accepted),
    ...Object.entries(refused).map(([name, [code]]): [string, string] => [name, code]),
  ]) {
    // A declaration stands at the top of a module.
    const declarations = code.match(/declare const [^;]+;/g)?.join('\n') ?? '';
    writeFileSync(join(folder, fileOf(name)), `${prelude}${declarations}\n${code.replaceAll(/declare const [^;]+;/g, '')}\n`);
  }
  const compilers = { workspace: join(root, 'node_modules', '.bin', 'tsc'), '5.9': join(packageRoot(), 'node_modules', '.bin', 'tsc') };
  for (const [name, tsc] of Object.entries(compilers)) {
    const { stdout, stderr } = spawnSync(tsc, ['--noEmit', '--pretty', 'false', '-p', '.'], {
      cwd: join(root, 'packages', 'infra'),
      encoding: 'utf8',
    });
    output[name] = `${stdout}${stderr}`;
  }
}, 600_000);

/** What a compiler says of one case. */
function errorsOf(compiler: string, name: string): string {
  const lines = (output[compiler] ?? '').split('\n');
  const own: string[] = [];
  let inside = false;
  for (const line of lines) {
    if (/^\S/.test(line)) inside = line.startsWith(`src/cases/${fileOf(name)}(`);
    if (inside) own.push(line);
  }
  return own.join('\n');
}

describe.each(['workspace', '5.9'])('TypeScript of %s', (compiler) => {
  test.each(Object.keys(accepted))('accepts %s', (name) => {
    expect(errorsOf(compiler, name)).toBe('');
  });
  test.each(Object.entries(refused))('refuses %s', (name, [, message]) => {
    expect(errorsOf(compiler, name)).toMatch(message);
  });
  test('finds nothing else', () => {
    const files = new Set((output[compiler] ?? '').split('\n').flatMap((line) => /^(\S+?)\(/.exec(line)?.[1] ?? []));
    expect([...files].filter((file) => !Object.keys(refused).some((name) => file === `src/cases/${fileOf(name)}`))).toEqual([]);
  });
});
