import { existsSync } from 'node:fs';
import {
  Annotations,
  ArnFormat,
  Duration,
  NestedStack,
  RemovalPolicy,
  Stack,
  Validations,
} from 'aws-cdk-lib';
import { type ISecurityGroup, type IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  type IRole,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Alias,
  Architecture,
  type CfnFunction,
  Code,
  type FunctionOptions,
  type IFunction,
  Function as LambdaFunction,
  LayerVersion,
  Runtime,
  type SnapStartConf,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { type ILogGroupRef, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { environmentOf, metricsNamespace } from './environment.js';
import { acknowledge, checkovSkip } from './findings.js';
import { inSteps, type Rollout } from './rollout.js';
import {
  type ApiMetadata,
  type ApiType,
  freeId,
  operationId,
  pascalCase,
  stableHash,
} from './utils.js';

/**
 * Options of the functions behind an API's default integrations: Lambda's own, without what the API's project states (code,
 * runtime, architecture) and without a physical name, which would stand in the way of a replacement.
 */
export interface ApiFunctionOptions
  extends Omit<FunctionOptions, 'architecture' | 'functionName' | 'snapStart'> {
  /**
   * Starts environments from a snapshot of one that is initialised: `SnapStartConf.ON_PUBLISHED_VERSIONS`. Every deployment
   * publishes a version, whose snapshot is billed for as long as the version exists, idle or not, and for each restore.
   *
   * @default none
   */
  readonly snapStart?: SnapStartConf;
  /**
   * Account that publishes the Lambda Web Adapter's layer.
   *
   * @default '753240598075', which publishes it in the commercial regions; the adapter's README names those of China and GovCloud.
   */
  readonly adapterLayerAccount?: string;
  /**
   * Environments that are kept initialised. They are billed while they idle; SnapStart excludes them.
   *
   * @default none
   */
  readonly provisionedConcurrentExecutions?: number;
  /**
   * Publishes a version with every deployment, and moves calls to it by an alias: `AllAtOnce`, or in the steps of CodeDeploy's
   * configuration of that name, with the API's alarms as the brake. Old versions stay, to go back to.
   *
   * @default none: API Gateway invokes the function, whose new code answers at once
   */
  readonly rollout?: Rollout;
  /**
   * Key of the environment variables and of the logs, whose policy has to allow CloudWatch Logs.
   *
   * @default AWS's own keys
   */
  readonly encryptionKey?: IKey;
}

/** A function that has a role of its own, or the one that its options name. */
export type ApiHandler = LambdaFunction & { readonly role: IRole };

/** A function, and what callers invoke: itself, or its alias where it publishes versions. */
export interface ApiFunction {
  readonly handler: ApiHandler;
  readonly target: IFunction;
  readonly rollout?: Rollout;
  readonly timeout: Duration;
  /** How long API Gateway waits for an answer, or for the end of a stream. */
  readonly waits: Waits;
  /** Adds to what the function may do, without a policy resource where its role is its own. */
  readonly permit: (...statements: PolicyStatement[]) => void;
}

export interface Waits {
  readonly answer: Duration;
  readonly stream: Duration;
}

/** Which of a function's operations stream. */
export type Streams = 'all' | 'some' | 'none';

/** 1.1.0 of https://github.com/aws/aws-lambda-web-adapter */
const adapterLayerVersion = 30;

/**
 * Seconds that API Gateway waits at most, for a REST API with responses that stream:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html,
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
const longestWait: Record<ApiType, number> = { REST: 900, HTTP: 30 };

/** A stream ends with its function: the longest that Lambda allows. */
const streamTimeout = Duration.minutes(15);
/** Below what an HTTP API waits, so that a late function ends by itself and says so; REST APIs are kept alike. */
const answerTimeout = Duration.seconds(29);

/** A gateway waits a second longer than an answer may take, and as long as a stream may. */
function waitsFor(apiType: ApiType, given: Duration | undefined, timeout: Duration): Waits {
  const atMost = (seconds: number) => Duration.seconds(Math.min(seconds, longestWait[apiType]));
  const answer = atMost((given ?? answerTimeout).toSeconds() + 1);
  return { answer, stream: apiType === 'REST' ? atMost(timeout.toSeconds()) : answer };
}

/**
 * Functions beyond this many CloudFormation resources go to nested stacks. A stack holds 500; the rest is for permissions of
 * other APIs and what else the stack has.
 */
const resourcesPerStack = 400;
const nestedStacks = 8;

/** Of the 500, what is left beside the API's own resources for its permissions, one for each function. */
const mostPerStack = 470;

/** Resources that the functions of a stack take, for all APIs in it. */
const resourcesOf = new WeakMap<Stack, number>();

export interface ApiFunctionsProps {
  readonly apiType: ApiType;
  readonly metadata: ApiMetadata;
  /** Options of each function by its name. */
  readonly functions: Readonly<Record<string, { options: ApiFunctionOptions; streams: Streams }>>;
}

/** The functions of one API, each with a role and a log group of its own. */
export class ApiFunctions extends Construct {
  readonly functions: Readonly<Record<string, ApiFunction>>;
  private readonly securityGroups = new Map<IVpc, ISecurityGroup>();
  private readonly codes = new Map<Stack, Code>();
  private readonly nested: boolean;

  constructor(
    scope: Construct,
    private readonly props: ApiFunctionsProps,
  ) {
    super(scope, freeId(scope, `${pascalCase(props.metadata.api.module)}Functions`));
    this.nested = this.needsNestedStacks();
    this.functions = Object.fromEntries(
      Object.keys(props.functions).map((name) => [name, this.create(name)]),
    );
  }

  /** Function, role, log group and permission; a version and an alias where versions are published, a group of CodeDeploy's. */
  private needsNestedStacks(): boolean {
    const stack = Stack.of(this);
    const { functions, metadata } = this.props;
    const nested = new Map<number, number>();
    for (const [name, { options }] of Object.entries(functions)) {
      const place = stableHash(name, nestedStacks);
      const own = (publishesVersions(options) ? 6 : 4) + (inSteps(options.rollout) ? 1 : 0);
      nested.set(place, (nested.get(place) ?? 0) + own);
    }
    const own = [...nested.values()].reduce((sum, resources) => sum + resources, 0);
    const before = resourcesOf.get(stack) ?? 0;
    if (before + own <= resourcesPerStack) {
      resourcesOf.set(stack, before + own);
      return false;
    }
    const count = Object.keys(functions).length;
    if (Math.max(count, ...nested.values()) > mostPerStack) {
      throw new Error(
        `The ${count} functions of ${metadata.api.title} don't fit into stacks of 500 resources each, nested ones included: choose the pattern 'shared', or make two APIs of it.`,
      );
    }
    Annotations.of(this).addWarningV2(
      '@fastapi-lambda/nested-functions',
      `The ${count} functions of ${metadata.api.title} need ${before + own} resources, so they are in nested stacks. A deployment that crosses this limit replaces every function once.`,
    );
    return true;
  }

  private create(name: string): ApiFunction {
    const entry = this.props.functions[name];
    if (!entry) throw new Error(`There is no function ${name}.`);
    const { options, streams } = entry;
    const scope = this.placeOf(name);
    return createFunction(scope, name, {
      ...this.props,
      options: this.inSharedSecurityGroup(options),
      code: this.codeFor(scope),
      timeout: streams !== 'none' && this.props.apiType === 'REST' ? streamTimeout : answerTimeout,
      streams,
    });
  }

  private placeOf(name: string): Construct {
    if (!this.nested) return this;
    const id = `Stack${stableHash(name, nestedStacks)}`;
    return (
      (this.node.tryFindChild(id) as NestedStack | undefined) ??
      new NestedStack(this, id, {
        description: `Functions of ${this.props.metadata.api.title}`,
      })
    );
  }

  /** An asset belongs to one stack. */
  private codeFor(scope: Construct): Code {
    const stack = Stack.of(scope);
    const code = this.codes.get(stack) ?? bundleCode(this.props.metadata);
    this.codes.set(stack, code);
    return code;
  }

  /** One group for all functions in a VPC; by default, each function makes its own. */
  private inSharedSecurityGroup(options: ApiFunctionOptions): ApiFunctionOptions {
    const { vpc } = options;
    if (!vpc || options.securityGroups) return options;
    const group =
      this.securityGroups.get(vpc) ??
      new SecurityGroup(this, freeId(this, 'SecurityGroup'), {
        vpc,
        description: `Functions of ${this.props.metadata.api.title}`,
        allowAllOutbound: options.allowAllOutbound ?? true,
      });
    this.securityGroups.set(vpc, group);
    const { allowAllOutbound: _, ...rest } = options;
    return { ...rest, securityGroups: [group] };
  }
}

/** The API's bundle as Lambda code: the archive, which keeps the mode of run.sh on every system, else the folder. */
export function bundleCode(metadata: ApiMetadata): Code {
  const bundle = [`${metadata.bundle}.zip`, metadata.bundle].find((path) => existsSync(path));
  if (bundle === undefined) {
    throw new Error(
      `${metadata.bundle} is missing: run the target bundle of ${metadata.api.title} first.`,
    );
  }
  return Code.fromAsset(bundle);
}

export interface CreateFunctionProps {
  readonly metadata: ApiMetadata;
  readonly apiType: ApiType;
  /** Which environment this is. @default that of the scope */
  readonly environment?: string;
  readonly code: Code;
  /** Timeout where the options give none. */
  readonly timeout: Duration;
  readonly options: ApiFunctionOptions;
  /** @default 'none' */
  readonly streams?: Streams;
  /**
   * Python handler, for a function that runs without the Lambda Web Adapter.
   *
   * @default the FastAPI app, behind the adapter
   */
  readonly handler?: string;
}

/** A function with a role that may write its own logs and traces, and a log group. */
export function createFunction(
  scope: Construct,
  id: string,
  props: CreateFunctionProps,
): ApiFunction {
  const {
    logRetention = RetentionDays.ONE_YEAR,
    logRemovalPolicy = RemovalPolicy.RETAIN,
    tracing = Tracing.ACTIVE,
    adapterLayerAccount,
    provisionedConcurrentExecutions,
    rollout,
    encryptionKey,
    environment,
    layers = [],
    initialPolicy = [],
    ...options
  } = props.options;
  if (inSteps(rollout) && provisionedConcurrentExecutions !== undefined) {
    // https://github.com/hashicorp/terraform/issues/24957 has Lambda's words.
    throw new Error(
      `${id} has provisioned concurrency, which Lambda refuses an alias between two versions: choose the rollout AllAtOnce.`,
    );
  }
  const home = new Construct(scope, operationId(id));
  const { api } = props.metadata;
  const logGroup =
    options.logGroup ??
    telemetryLogGroup(home, 'LogGroup', logRetention, logRemovalPolicy, encryptionKey);
  const timeout = options.timeout ?? props.timeout;
  const waits = waitsFor(props.apiType, options.timeout, timeout);
  const architecture = api.architecture === 'x86_64' ? Architecture.X86_64 : Architecture.ARM_64;
  const telemetry = telemetryPolicy(logGroup, tracing, options.vpc !== undefined);
  const role = options.role ?? telemetryRole(home, telemetry, options.vpc !== undefined);
  const lambda = new LambdaFunction(home, 'Function', {
    memorySize: 512,
    description: `${api.title}: ${id}`,
    ...(encryptionKey && { environmentEncryption: encryptionKey }),
    ...(rollout && { currentVersionOptions: { removalPolicy: keptUnlessItFailed } }),
    ...options,
    runtime: runtimeOf(api.runtime),
    architecture,
    code: props.code,
    handler: props.handler ?? 'run.sh',
    timeout,
    logGroup,
    role,
    layers: props.handler
      ? layers
      : [adapterLayer(home, architecture, adapterLayerAccount), ...layers],
    environment: {
      ...(props.handler ? {} : adapterEnvironment(props.apiType, waits, props.streams)),
      ...(options.snapStart ? snapStartEnvironment : {}),
      POWERTOOLS_SERVICE_NAME: api.serviceName,
      POWERTOOLS_METRICS_NAMESPACE: metricsNamespace(
        props.metadata,
        props.environment ?? environmentOf(scope),
      ),
      LOG_LEVEL: 'INFO',
      ...environment,
    },
  });
  const handler = Object.assign(lambda, { role });
  for (const statement of initialPolicy) handler.addToRolePolicy(statement);
  // The L2 property would add a policy resource to every role.
  (handler.node.defaultChild as CfnFunction).tracingConfig =
    tracing === Tracing.DISABLED ? undefined : { mode: tracing };
  acknowledgeFunction(handler, options.snapStart !== undefined);
  const target = publishesVersions(props.options)
    ? new Alias(home, 'Live', {
        aliasName: 'live',
        version: handler.currentVersion,
        ...(provisionedConcurrentExecutions !== undefined && { provisionedConcurrentExecutions }),
      })
    : handler;
  const permit = (...statements: PolicyStatement[]) => {
    if (options.role) for (const statement of statements) handler.addToRolePolicy(statement);
    else telemetry.addStatements(...statements);
  };
  return { handler, target, timeout, waits, permit, ...(rollout && { rollout }) };
}

/** A version stays when the next one comes, but for one whose deployment failed: so the one before is one that answered. */
const keptUnlessItFailed = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

/** Paths of the app that the adapter alone may call, around the snapshot. */
const snapStartEnvironment: Record<string, string> = {
  AWS_LWA_SNAPSTART_BEFORE_CHECKPOINT_PATH: '/_lambda/before-checkpoint',
  AWS_LWA_SNAPSTART_AFTER_RESTORE_PATH: '/_lambda/after-restore',
};

/** Versions exist for SnapStart, provisioned concurrency and rollouts alone. */
const publishesVersions = (options: ApiFunctionOptions): boolean =>
  options.snapStart !== undefined ||
  options.provisionedConcurrentExecutions !== undefined ||
  options.rollout !== undefined;

const runtimeOf = (name: string): Runtime =>
  Runtime.ALL.find((runtime) => runtime.name === name) ?? new Runtime(name);

const adapterEnvironment = (
  apiType: ApiType,
  { answer, stream }: Waits,
  streams: Streams = 'none',
): Record<string, string> => ({
  AWS_LAMBDA_EXEC_WRAPPER: '/opt/bootstrap',
  AWS_LWA_INVOKE_MODE: apiType === 'REST' ? 'response_stream' : 'buffered',
  // uvicorn opens its port once the app is ready, so that no route has to answer probes.
  AWS_LWA_READINESS_CHECK_PROTOCOL: 'tcp',
  PORT: '8080',
  // The app tells of a request that API Gateway is about to give up.
  INTEGRATION_TIMEOUT_SECONDS: String((streams === 'all' ? stream : answer).toSeconds()),
  ...(streams === 'some' &&
    apiType === 'REST' && { STREAM_TIMEOUT_SECONDS: String(stream.toSeconds()) }),
  ALLOWED_ORIGINS: '*',
});

const adapterLayer = (scope: Construct, architecture: Architecture, account = '753240598075') =>
  LayerVersion.fromLayerVersionArn(
    scope,
    'AdapterLayer',
    Stack.of(scope).formatArn({
      service: 'lambda',
      account,
      resource: 'layer',
      resourceName: `LambdaAdapterLayer${architecture === Architecture.X86_64 ? 'X86' : 'Arm64'}:${adapterLayerVersion}`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  );

function telemetryLogGroup(
  scope: Construct,
  id: string,
  retention: RetentionDays,
  removalPolicy: RemovalPolicy,
  encryptionKey: IKey | undefined,
): LogGroup {
  const logGroup = new LogGroup(scope, id, {
    retention,
    removalPolicy,
    ...(encryptionKey && { encryptionKey }),
  });
  checkovSkip(
    logGroup,
    'CKV_AWS_158',
    'CloudWatch Logs encrypts by default; a key of your own is yours to choose.',
  );
  return logGroup;
}

/** What every function may do: write its logs and traces, and be in its network. */
function telemetryPolicy(logGroup: ILogGroupRef, tracing: Tracing, inVpc: boolean): PolicyDocument {
  const statements = [
    new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupRef.logGroupArn],
    }),
  ];
  if (tracing !== Tracing.DISABLED) {
    statements.push(
      new PolicyStatement({
        actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
        resources: ['*'],
      }),
    );
  }
  if (inVpc) {
    statements.push(new PolicyStatement({ actions: networkInterfaceActions, resources: ['*'] }));
  }
  return new PolicyDocument({ statements });
}

/** A role of its own, so that a policy that is added to one operation's function holds for that operation alone. */
function telemetryRole(scope: Construct, policy: PolicyDocument, inVpc: boolean): IRole {
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    // In the role itself, since a policy of its own would be one resource more for every operation.
    inlinePolicies: { Telemetry: policy },
  });
  acknowledge(role, 'AwsSolutions-IAM5[Resource::*]', wildcardReason);
  if (inVpc) checkovSkip(role, 'CKV_AWS_111', wildcardReason);
  return role;
}

const wildcardReason =
  'Traces and the network interfaces of functions have no permissions for single resources.';

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
const networkInterfaceActions = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

function acknowledgeFunction(handler: LambdaFunction, snapStart: boolean): void {
  acknowledge(
    handler,
    'AwsSolutions-L1',
    'The runtime is the one that the bundle is made for, stated in the pyproject.toml of the API.',
  );
  if (snapStart) {
    // A warning of the construct itself, not of its resource.
    Validations.of(handler).acknowledge({
      id: '@aws-cdk/aws-lambda:snapStartRequirePublish',
      reason: 'The alias that API Gateway invokes publishes a version.',
    });
  }
  checkovSkip(
    handler,
    'CKV_AWS_115',
    'A reserved concurrency takes from the account; choose it per operation.',
  );
  checkovSkip(
    handler,
    'CKV_AWS_116',
    'API Gateway invokes synchronously: a dead letter queue would stay empty.',
  );
  checkovSkip(handler, 'CKV_AWS_117', 'A VPC is a choice: withDefaultOptions({ vpc }).');
  checkovSkip(handler, 'CKV_AWS_173', 'The environment holds no secret, and Lambda encrypts it.');
}
