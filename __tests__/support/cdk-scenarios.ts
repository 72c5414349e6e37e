import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runBin } from './cdk-workspace.ts';

// biome-ignore lint/suspicious/noExplicitAny: templates are data
export type Json = any;

export interface Resource {
  Type: string;
  Properties: Json;
  DependsOn?: string[];
  Metadata?: Json;
  DeletionPolicy?: string;
}

export interface Synthesized {
  /** Message of what was thrown, if anything. */
  error?: string;
  template: { Resources: Record<string, Resource>; Outputs: Record<string, Json> };
  /** Templates of nested stacks, by file name. */
  nested: Record<string, { Resources: Record<string, Resource>; Outputs?: Record<string, Json>; Parameters?: Record<string, Json> }>;
  /** Size of the main template as written, in bytes. */
  size: number;
  /** Annotations: `warning: ...`, `info: ...`. */
  messages: string[];
  /** Violations of CDK's validation report: `rule at path`. */
  violations: string[];
  /** What the scenario returned. */
  result: Json;
  /** Folder of the cloud assembly. */
  folder: string;
  /** Seconds of the scenario with its synthesis. */
  seconds: number;
}

const prelude = `
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import * as cdk from 'aws-cdk-lib';
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import { AwsIntegration, CognitoUserPoolsAuthorizer, HttpIntegration, LambdaIntegration } from 'aws-cdk-lib/aws-apigateway';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import * as authorizers from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import * as integrations from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Effect, ManagedPolicy, PolicyStatement, Role, ServicePrincipal, User } from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as stepfunctions from 'aws-cdk-lib/aws-stepfunctions';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Construct } from 'constructs';

export const anyFunction = (scope: Construct, id = 'Own') =>
  new lambda.Function(scope, id, { runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromInline('exports.handler = async () => ({})') });
`;

const runner = `
const flags = JSON.parse(readFileSync('cdk.json', 'utf8')).context;

function synthesized(name: string, scenario: (stack: Stack, app: App) => unknown) {
  const folder = \`\${process.env.SCENARIOS_OUT}/\${name}\`;
  mkdirSync(folder, { recursive: true });
  const started = performance.now();
  const app = new App({ context: name.startsWith('unflagged') ? { 'aws:cdk:version-reporting': false } : { ...flags, 'aws:cdk:version-reporting': false }, outdir: folder, analyticsReporting: false });
  const stack = new Stack(app, 'Test');
  const nag = /^nag/.test(name);
  if (nag) cdk.Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  let error: string | undefined;
  let result: unknown;
  try {
    result = scenario(stack, app);
    app.synth();
  } catch (thrown) {
    error = (thrown as Error).message;
  }
  const files = readdirSync(folder);
  const read = (file: string) => JSON.parse(readFileSync(\`\${folder}/\${file}\`, 'utf8'));
  const messages = stack.node.findAll().flatMap((construct) =>
    construct.node.metadata.filter(({ type }) => /^aws:cdk:(warning|info|error)$/.test(type)).map(({ type, data }) => \`\${type.slice(8)}: \${data}\`),
  );
  const violations = files.includes('validation-report.json')
    ? read('validation-report.json').pluginReports.flatMap((report: any) => report.violations.flatMap((violation: any) => violation.violatingConstructs.map((construct: any) => \`\${violation.ruleName} at \${construct.constructPath}\`)))
    : [];
  return {
    error,
    template: files.includes('Test.template.json') ? read('Test.template.json') : { Resources: {}, Outputs: {} },
    size: files.includes('Test.template.json') ? statSync(\`\${folder}/Test.template.json\`).size : 0,
    nested: Object.fromEntries(files.filter((file) => file.endsWith('.nested.template.json')).map((file) => [file, read(file)])),
    messages,
    violations,
    result: result === undefined || typeof result === 'object' ? null : result,
    folder,
    seconds: (performance.now() - started) / 1000,
  };
}

const results = Object.fromEntries(Object.entries(scenarios).map(([name, scenario]) => [name, synthesized(name, scenario)]));
writeFileSync(\`\${process.env.SCENARIOS_OUT}/results.json\`, JSON.stringify(results));
`;

/**
 * Type-checks and synthesizes stacks, each the body of a constructor with \`this\` as the stack. A name that starts with
 * \`unflagged\` is synthesized without CDK's recommended feature flags, one that starts with \`nag\` with cdk-nag.
 *
 * @param imports Import statements of what the scenarios need besides the AWS modules.
 */
export function synthesize<Name extends string>(
  root: string,
  name: string,
  imports: string,
  scenarios: Record<Name, string>,
): Record<Name, Synthesized> {
  const infra = join(root, 'packages', 'infra');
  const out = join(infra, 'dist', name);
  mkdirSync(out, { recursive: true });
  const functions = Object.entries<string>(scenarios).map(
    ([key, code]) => `${JSON.stringify(key)}: function (this: Stack, app: App) {\n${code}\n},`,
  );
  const source = `${prelude}\n${imports}\nconst bodies: Record<string, (this: Stack, app: App) => unknown> = {\n${functions.join('\n')}\n};
const scenarios = Object.fromEntries(Object.entries(bodies).map(([key, body]) => [key, (stack: Stack, app: App) => body.call(stack, app)]));\n${runner}`;
  const file = join('src', `${name}.ts`);
  writeFileSync(join(infra, file), source);
  const checked = runBin(root, 'tsc', ['--noEmit'], 'packages/infra');
  if (checked.status !== 0) throw new Error(`The scenarios do not compile:\n${checked.output}`);
  execFileSync(join(root, 'node_modules', '.bin', 'tsx'), [file], {
    cwd: infra,
    env: { ...process.env, NODE_OPTIONS: '', SCENARIOS_OUT: out },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(readFileSync(join(out, 'results.json'), 'utf8')) as Record<Name, Synthesized>;
}

/** A scenario that was synthesized without an error. */
export function scenarioOf(all: Record<string, Synthesized>, name: string): Synthesized {
  const found = all[name];
  if (!found) throw new Error(`no scenario ${name}`);
  expect(found.error).toBeUndefined();
  return found;
}

/** Resources of a type, nested stacks included, by logical id. */
export function resourcesOf({ template, nested }: Synthesized, type: string): Record<string, Resource> {
  const all = [template, ...Object.values(nested)].flatMap(({ Resources }) => Object.entries(Resources));
  return Object.fromEntries(all.filter(([, resource]) => resource.Type === type));
}

/** The only resource of a type. */
export function onlyResource(synthesized: Synthesized, type: string): Resource {
  const found = Object.values(resourcesOf(synthesized, type));
  if (found.length !== 1 || !found[0]) throw new Error(`There are ${found.length} resources of type ${type}.`);
  return found[0];
}

/** The function of an operation, by the words of its logical id. */
export function functionOf(synthesized: Synthesized, operation: string): Resource {
  const found = Object.entries(resourcesOf(synthesized, 'AWS::Lambda::Function')).find(([id]) =>
    new RegExp(`Functions.*${operation}Function`).test(id),
  );
  if (!found)
    throw new Error(`There is no function of ${operation}: ${Object.keys(resourcesOf(synthesized, 'AWS::Lambda::Function')).join(', ')}`);
  return found[1];
}

/** Body of the only API. */
export const bodyOf = (synthesized: Synthesized): Json =>
  Object.values({ ...resourcesOf(synthesized, 'AWS::ApiGateway::RestApi'), ...resourcesOf(synthesized, 'AWS::ApiGatewayV2::Api') })[0]
    ?.Properties.Body;

/** A value with CloudFormation's functions as text: `arn:${AWS::Partition}:...`, `${LogicalId.Arn}`. */
export function text(value: Json): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (value['Fn::Join']) return value['Fn::Join'][1].map(text).join(value['Fn::Join'][0]);
  if (value['Fn::GetAtt']) return `\${${value['Fn::GetAtt'].join('.')}}`;
  const [template, variables] = [value['Fn::Sub']].flat();
  if (template) {
    return template.replace(/\$\{(!?)([^}]+)\}/g, (all: string, literal: string, name: string) =>
      literal ? `\${${name}}` : variables && name in variables ? text(variables[name]) : all,
    );
  }
  if (value.Ref) return `\${${value.Ref}}`;
  if (value['Fn::FindInMap']) return value['Fn::FindInMap'].map(text).join('.');
  // A part of an ARN.
  const [index, parts] = value['Fn::Select'] ?? [];
  if (parts?.['Fn::Split']) return `\${${text(parts['Fn::Split'][1]).replace(/[${}]/g, '')} ${index}}`;
  return JSON.stringify(value);
}

/** Statements of every policy that belongs to a role, by action. */
export function actionsOfRole(synthesized: Synthesized, roleId: string): string[] {
  const role = resourcesOf(synthesized, 'AWS::IAM::Role')[roleId];
  const inline = (role?.Properties.Policies ?? []).map((policy: Json) => policy.PolicyDocument);
  const attached = Object.values(resourcesOf(synthesized, 'AWS::IAM::Policy'))
    .filter(({ Properties }) => Properties.Roles?.some((given: Json) => given.Ref === roleId))
    .map(({ Properties }) => Properties.PolicyDocument);
  return [...inline, ...attached].flatMap((document) => document.Statement).flatMap(({ Action }) => Action);
}

/** The role of an operation's function. */
export const roleOf = (synthesized: Synthesized, operation: string): string =>
  functionOf(synthesized, operation).Properties.Role['Fn::GetAtt'][0];
