import { Stack } from 'aws-cdk-lib';
import type { IDistribution } from 'aws-cdk-lib/aws-cloudfront';
import { Grant, type IGrantable, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias, CfnPermission, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { LogOptions } from './access-logs.js';
import type { ApiAlarms } from './alarms.js';
import { type ApiAuth, type AuthTarget, iamSecurity, type Security } from './auth.js';
import { DefaultIntegration } from './builder.js';
import { anyOrigin, isAnyOrigin, ruleFor } from './cors.js';
import {
  checkedEnvironment,
  environmentOf,
  metricsNamespace,
  warnOfSharedEnvironment,
} from './environment.js';
import { acknowledgeGrant } from './findings.js';
import type { ApiFunction } from './functions.js';
import type { AnyIntegration } from './integration-types.js';
import { namedOutput } from './outputs.js';
import { inSteps, Rollouts, type RolloutTarget } from './rollout.js';
import { ApiSettings, type SettingsOptions } from './settings.js';
import {
  type ApiMetadata,
  type ApiType,
  type CorsRule,
  operationNames,
  pathsOf,
  wildcardPath,
} from './utils.js';

/** Requests that API Gateway lets through. */
export interface Throttle {
  /** Requests a second, on average. */
  readonly rateLimit: number;
  /** Requests at once. */
  readonly burstLimit: number;
}

export interface GatewayApiProps<Operation extends string, Integrations>
  extends LogOptions,
    SettingsOptions {
  /** What answers each operation: `MyApi.defaultIntegrations(this).build()`. */
  readonly integrations: Integrations;
  readonly metadata: ApiMetadata<Operation>;
  readonly auth: ApiAuth;
  /** Scope of the workspace, the first part of the settings' path. @default none, so that `settingsPath` has to be given */
  readonly application?: string;
  /**
   * Which environment this is, for two in one account: part of the API's name and of its metrics' namespace, and the stage of a
   * REST API. Letters, digits, hyphens and underscores.
   *
   * @default the id of the enclosing Stage, else the name of the stack
   */
  readonly environment?: string;
  /** Limit of every route. @default the account's limits; with auth None 100 requests a second and 200 at once */
  readonly throttle?: Throttle;
  /**
   * Whether operations that take OPTIONS ask for the API's auth as the others do. A browser sends no credentials with a preflight,
   * so that it would be refused.
   *
   * @default false
   */
  readonly authorizeOptions?: boolean;
  /** Limits of single operations. @default none */
  readonly operationThrottle?: Readonly<Partial<Record<Operation, Throttle>>>;
  /** Headers that browsers may send besides the usual ones and those that operations declare. @default none */
  readonly allowedHeaders?: readonly string[];
  /** Headers of answers that pages may read besides the usual ones and those that operations declare. @default none */
  readonly exposedHeaders?: readonly string[];
}

/** Options of an API that its props and those of the core have in common. */
export type SharedApiOptions<Operation extends string, Integrations> = Pick<
  GatewayApiProps<Operation, Integrations>,
  | 'environment'
  | 'throttle'
  | 'operationThrottle'
  | 'authorizeOptions'
  | 'allowedHeaders'
  | 'exposedHeaders'
> &
  SettingsOptions;

/** What an API lets through that anybody may call, so that its bill has a bound. */
const openThrottle: Throttle = { rateLimit: 100, burstLimit: 200 };

/** What REST and HTTP APIs share: integrations, grants, permissions and CORS. */
export abstract class GatewayApi<
  Operation extends string,
  Kind extends AnyIntegration,
  Integrations,
> extends Construct {
  /** What answers each operation; `handler` is the function of a default integration. */
  readonly integrations: Integrations;
  /** Which environment this is: `development`. */
  readonly environment: string;
  protected readonly metadata: ApiMetadata<Operation>;
  private origins = anyOrigin;
  /** Headers beyond the usual ones that browsers may send, and read. */
  protected readonly headers: { allowed: readonly string[]; exposed: readonly string[] };
  private readonly auth: ApiAuth;
  private readonly authorizeOptions: boolean;
  private readonly logs: LogOptions;
  private readonly settings: ApiSettings | undefined;
  /** Limit of every route. */
  protected readonly throttle: Throttle | undefined;
  /** Security of each operation, known once the API has bound its integrations. */
  protected readonly security = new Map<Operation, Security | undefined>();
  private authorizer: ApiFunction | undefined;

  /** Base address of the API, without a slash at its end. */
  abstract readonly url: string;
  /** Id that API Gateway gives to the API. */
  abstract readonly apiId: string;
  abstract readonly stageName: string;
  /** The stage in ARNs. */
  protected abstract readonly arnStage: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly apiType: ApiType,
    props: GatewayApiProps<Operation, Integrations>,
  ) {
    super(scope, id);
    this.integrations = props.integrations;
    this.metadata = props.metadata;
    this.auth = props.auth;
    this.environment = checkedEnvironment(props.environment ?? environmentOf(this));
    this.useEnvironment(props.environment);
    this.settings = this.settingsOf(props);
    if (this.settings) {
      for (const { lambda } of this.defaultIntegrations().values()) this.settings.grantTo(lambda);
    }
    this.authorizeOptions = props.authorizeOptions ?? false;
    const { logRetention, logRemovalPolicy, encryptionKey } = props;
    this.logs = {
      ...(logRetention && { logRetention }),
      ...(logRemovalPolicy && { logRemovalPolicy }),
      ...(encryptionKey && { encryptionKey }),
    };
    this.throttle = props.throttle ?? (this.auth.method === 'None' ? openThrottle : undefined);
    this.checkSharedRoutes(props.operationThrottle);
    const { allowedHeaders = [], exposedHeaders = [] } = props;
    if (allowedHeaders.length + exposedHeaders.length > 0) this.refuseOwnCors('headers');
    const { requestHeaders = [], responseHeaders = [] } = this.metadata.api;
    this.headers = {
      allowed: [...requestHeaders, ...allowedHeaders],
      exposed: [...new Set([...responseHeaders, ...exposedHeaders])],
    };
    // A REST API answers with the function's own headers.
    if (this.headers.exposed.length > 0 && !this.metadata.api.cors) {
      for (const { handler } of this.defaultIntegrations().values()) {
        handler.addEnvironment('EXPOSED_HEADERS', this.headers.exposed.join(','));
      }
    }
  }

  /**
   * Lets a principal call the API, or one of its operations. IAM's `*` spans slashes: a grant on `/items/{item_id}` covers
   * `/items/1/lines` of the same method as well.
   *
   * @throws When what is granted does not ask for IAM.
   */
  grantInvokeAccess(grantee: IGrantable, operation?: Operation): Grant {
    if (operation !== undefined && !Object.hasOwn(this.metadata.operations, operation)) {
      throw new Error(`'${operation}' is not an operation of ${this.metadata.api.title}.`);
    }
    const asksForIam =
      operation === undefined
        ? this.auth.method === 'IAM'
        : this.security.get(operation) === iamSecurity;
    if (!asksForIam) {
      throw new Error(
        `grantInvokeAccess needs IAM, and ${operation ?? this.metadata.api.title} has other auth: callers need no permission of IAM.`,
      );
    }
    const resources = operation === undefined ? ['*'] : this.resourcesOf(operation);
    const resourceArns = resources.map((resource) => this.arn(`${this.arnStage}/${resource}`));
    const grant = Grant.addToPrincipal({ grantee, actions: ['execute-api:Invoke'], resourceArns });
    acknowledgeGrant(
      this,
      grant,
      resourceArns,
      'What is granted: every operation of the API, or one with what varies in its path.',
    );
    return grant;
  }

  /**
   * Lets only these websites call the API from a browser: their origins, for instance `https://example.com`, or the CloudFront
   * distributions that serve them. Holds for preflights, for the answers of API Gateway itself and for the functions of
   * default integrations. A distribution stands for its `*.cloudfront.net` address: a domain name of its own is one more origin.
   *
   * @throws When the app has a CORSMiddleware of its own, which decides everywhere.
   */
  restrictCorsTo(...websites: (string | IDistribution)[]): void {
    this.refuseOwnCors('origins');
    if (websites.length === 0) throw new Error('restrictCorsTo needs an origin at least.');
    const origins = websites.map((website) =>
      typeof website === 'string' ? website : `https://${website.distributionDomainName}`,
    );
    this.origins = isAnyOrigin(origins) ? anyOrigin : origins;
    for (const { handler } of this.defaultIntegrations().values()) {
      handler.addEnvironment('ALLOWED_ORIGINS', this.origins.join(','));
    }
  }

  /** Name of the API on AWS: `My API (development)`. */
  protected get title(): string {
    return `${this.metadata.api.title} (${this.environment})`;
  }

  /** Namespace of the API's metrics: `my-api-development`. */
  protected get metricsNamespace(): string {
    return metricsNamespace(this.metadata, this.environment);
  }

  /** The functions were made before the API, in the environment of their scope. */
  private useEnvironment(given: string | undefined): void {
    warnOfSharedEnvironment(this, this.metricsNamespace);
    if (given === undefined) return;
    for (const { handler } of this.defaultIntegrations().values()) {
      handler.addEnvironment('POWERTOOLS_METRICS_NAMESPACE', this.metricsNamespace);
    }
  }

  /** What the app reads of its environment in AWS, if anything. */
  private settingsOf({
    application,
    settingsPath,
    settingsKey,
  }: Pick<
    GatewayApiProps<Operation, Integrations>,
    'application' | 'settingsPath' | 'settingsKey'
  >): ApiSettings | undefined {
    if (!this.metadata.api.settings) return undefined;
    if (settingsPath === undefined && application === undefined) {
      throw new Error(`${this.metadata.api.title} has settings: say where by settingsPath.`);
    }
    const path = settingsPath ?? `/${application}/${this.environment}`;
    return new ApiSettings(this, path, this.metadata.api, settingsKey);
  }

  /** The app's own rule, else that of the origins. */
  protected get cors(): CorsRule {
    return this.metadata.api.cors ?? ruleFor(this.origins, this.headers);
  }

  /** What API Gateway is told beside an app's own rule would hold in half of the answers. */
  private refuseOwnCors(what: string): void {
    if (this.metadata.api.cors) {
      throw new Error(
        `${this.metadata.api.title} has a CORSMiddleware of its own, which decides for API Gateway too: give it the ${what}, or remove it.`,
      );
    }
  }

  /** The address of a domain name, whose base path the adapter takes off before FastAPI sees it. */
  protected domainUrl(domainName: string, basePath: string | undefined): string {
    if (basePath === undefined) return `https://${domainName}`;
    for (const { handler } of this.defaultIntegrations().values()) {
      handler.addEnvironment('AWS_LWA_REMOVE_BASE_PATH', `/${basePath}`);
    }
    return `https://${domainName}/${basePath}`;
  }

  protected authTarget(): AuthTarget {
    return {
      scope: this,
      apiType: this.apiType,
      environment: this.environment,
      metadata: this.metadata,
      arn: (resource) => this.arn(resource),
      logs: this.logs,
      rollout: [...this.defaultIntegrations().values()][0]?.defaults.rollout,
      made: (lambda) => {
        this.authorizer = lambda;
      },
      settings: this.settings,
    };
  }

  /** The API's security for operations whose override names none. */
  protected bindAuth(): Security | undefined {
    return this.auth.bind(this.authTarget());
  }

  /** The security of an operation with a default integration: the API's, but for what takes a preflight's place. */
  protected securityOfDefault(name: Operation, security: Security | undefined) {
    const isPreflight = this.metadata.operations[name].method === 'OPTIONS';
    return isPreflight && !this.authorizeOptions ? undefined : security;
  }

  protected integrationOf(operation: Operation): Kind {
    const integrations = this.integrations as Readonly<Record<string, Kind>>;
    const integration = Object.hasOwn(integrations as object, operation)
      ? integrations[operation]
      : undefined;
    if (!integration?.integration) {
      throw new Error(
        `The operation '${operation}' of ${this.metadata.api.title} has no integration.`,
      );
    }
    return integration;
  }

  /** Default integrations by name: one for each operation, or the router. */
  protected defaultIntegrations(): Map<string, DefaultIntegration<Kind>> {
    const found = new Map<string, DefaultIntegration<Kind>>();
    for (const name of operationNames(this.metadata)) {
      if (this.metadata.operations[name].meets !== undefined) continue;
      const integration: object = this.integrationOf(name);
      if (integration instanceof DefaultIntegration) {
        found.set(this.isRouter(integration) ? '$router' : name, integration);
      }
    }
    return found;
  }

  /** Where the API is and what it asks of callers, for scripts and websites. */
  protected nameOutputs(): void {
    const { title } = this.metadata.api;
    namedOutput(this, 'Url', this.url, `Address of ${title}`);
    namedOutput(this, 'Auth', this.auth.method, `Who may call ${title}`);
  }

  /** The functions of default integrations and of the authorizer, by the names that dashboards show. */
  protected functions(): (readonly [string, IFunction])[] {
    const answering = [...this.defaultIntegrations()].map(([name, { lambda }]) => {
      const label =
        name === '$router' ? 'router' : this.metadata.operations[name as Operation].operationId;
      return [label, lambda.target] as const;
    });
    return this.authorizer
      ? [...answering, ['authorizer', this.authorizer.target] as const]
      : answering;
  }

  /**
   * One permission a function, so that no policy grows with the number of operations: on its own route for an isolated
   * function, on the whole API for one with several.
   */
  protected allowInvocations(): void {
    for (const [name, { lambda }] of this.defaultIntegrations()) {
      const route = this.invokedAt(name);
      new CfnPermission(this, `${name.replace('$', '')}Permission`, {
        action: 'lambda:InvokeFunction',
        functionName: lambda.target.functionArn,
        principal: new ServicePrincipal('apigateway.amazonaws.com').service,
        sourceArn: this.arn(`${this.arnStage}/${route}`),
      });
    }
  }

  /** What CodeDeploy moves to a new version. */
  private rolloutTargets(): RolloutTarget[] {
    const functions = [...this.defaultIntegrations().values()].map(({ lambda }) => lambda);
    return [...functions, ...(this.authorizer ? [this.authorizer] : [])].flatMap(
      ({ target, rollout }) =>
        inSteps(rollout) && target instanceof Alias ? [{ alias: target, rollout }] : [],
    );
  }

  /**
   * Start of the alarms' names where a function has a rollout, `AllAtOnce` too, so that other steps rename none. The stack's name and
   * the path below it are in no other deployment of the account and region.
   */
  protected alarmNames(): { namePrefix?: string } {
    const functions = [...this.defaultIntegrations().values()].map(({ lambda }) => lambda);
    if (![...functions, this.authorizer].some((lambda) => lambda?.rollout)) return {};
    const { scopes } = this.node;
    const from = scopes.findIndex(Stack.isStack);
    const below = scopes.slice(from + 1).map(({ node }) => node.id);
    return { namePrefix: [(scopes[from] as Stack).stackName, ...below].join('-') };
  }

  /** Puts CodeDeploy between a deployment and the functions that are moved in steps, with the alarms as the brake. */
  protected rollOut(alarms: ApiAlarms | undefined): void {
    const targets = this.rolloutTargets();
    if (targets.length === 0) return;
    if (!alarms) {
      throw new Error(
        `${this.metadata.api.title} has a rollout in steps, which nothing would stop: give the API alarms, or choose AllAtOnce.`,
      );
    }
    new Rollouts(this, targets, alarms.brakes);
  }

  protected arn(resource: string): string {
    return Stack.of(this).formatArn({
      service: 'execute-api',
      resource: this.apiId,
      resourceName: resource,
    });
  }

  private isRouter(integration: object): boolean {
    return (this.integrations as { $router?: object }).$router === integration;
  }

  private invokedAt(name: string): string {
    if (name === '$router') return '*';
    const [resource = '*', ...more] = this.resourcesOf(name as Operation);
    const [around] = more;
    if (around === undefined) return resource;
    // The rest of a path, and the path without it.
    const isRest = this.metadata.operations[name as Operation].method !== 'ANY';
    return isRest && more.length === 1 && resource.startsWith(around) ? `${around}*` : '*';
  }

  /** An operation's routes as ARNs name them. */
  private resourcesOf(name: Operation): string[] {
    const operation = this.metadata.operations[name];
    const method = operation.method === 'ANY' ? '*' : operation.method;
    return pathsOf(operation).map((path) => `${method}${wildcardPath(path)}`);
  }

  /** Operations that share a route have one integration and one throttle, or the second would be lost. */
  private checkSharedRoutes(throttles?: Readonly<Partial<Record<Operation, Throttle>>>): void {
    const problems = operationNames(this.metadata).flatMap((name) => {
      const { meets, method, gatewayPath } = this.metadata.operations[name];
      if (meets === undefined) return [];
      const first = meets as Operation;
      const both = `'${first}' and '${name}' share the route ${method} ${gatewayPath} of API Gateway`;
      const [one, other] = [this.integrationOf(first), this.integrationOf(name)];
      if (one.integration !== other.integration || one.options !== other.options) {
        return `${both}, so one integration has to answer both: use the pattern shared, override both alike, or give one of them another path.`;
      }
      return JSON.stringify(throttles?.[first]) === JSON.stringify(throttles?.[name])
        ? []
        : `${both}, so operationThrottle has to limit both alike.`;
    });
    if (problems.length > 0) throw new Error(problems.join('\n'));
  }
}
