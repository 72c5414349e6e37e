import { Annotations, Lazy, Stack } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  ApiDefinition,
  BasePathMapping,
  type CfnRestApi,
  Deployment,
  DomainName,
  EndpointType,
  LogGroupLogDestination,
  MethodLoggingLevel,
  SecurityPolicy,
  SpecRestApi,
  Stage,
} from 'aws-cdk-lib/aws-apigateway';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { ARecord, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayDomain } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import {
  accessLogFormat,
  accessLogGroup,
  executionLogGroup,
  type LogOptions,
  throttledRequests,
} from './access-logs.js';
import { ApiAlarms, type ApiAlarmsProps } from './alarms.js';
import { iamSecurity, type Security } from './auth.js';
import { DefaultIntegration } from './builder.js';
import { preflight } from './cors.js';
import { ApiDashboard } from './dashboard.js';
import type { ApiDomainProps } from './domain.js';
import { acknowledge, checkovSkip } from './findings.js';
import { GatewayApi, type GatewayApiProps, type SharedApiOptions } from './gateway-api.js';
import { gatewayResponses } from './gateway-responses.js';
import type {
  CheckedIntegrations,
  RestIntegration,
  RestIntegrations,
} from './integration-types.js';
import { namedOutput } from './outputs.js';
import { bindRestOverride, requestValidators } from './rest-overrides.js';
import { RestWebAcl } from './rest-web-acl.js';
import { invocationUri, operationNames, routesOf, type SkeletonOperation } from './utils.js';

export type { RestIntegrations } from './integration-types.js';

/** Choices of a REST API that its operations do not depend on. */
export interface RestApiOptions extends LogOptions {
  /** Name of the stage, which is the first part of the paths of the default endpoint. @default the environment's */
  readonly stageName?: string;
  /** Domain name of your own. @default none */
  readonly domain?: ApiDomainProps;
  /** Leaves the domain name as the only way to the API. @default false */
  readonly disableExecuteApiEndpoint?: boolean;
  /**
   * AWS's managed rules in front of the API: IP reputation, the common rule set, known bad inputs. Billed by month and request.
   *
   * @default false
   */
  readonly webAcl?: boolean;
  /** API Gateway's metrics of each method besides those of the stage, which are billed as custom metrics. @default false */
  readonly detailedMetrics?: boolean;
  /** Alarms for server errors, latency and throttled requests; with a topic, they tell it. @default false */
  readonly alarms?: boolean | ApiAlarmsProps;
  /**
   * A CloudWatch dashboard of requests, errors, latency, operations and functions, whose address is an output. Three dashboards of an
   * account are free while each refers to at most 50 metrics, three for each function and some: https://aws.amazon.com/cloudwatch/pricing/
   *
   * @default false
   */
  readonly dashboard?: boolean;
  /**
   * Lets API Gateway refuse requests that lack a required query parameter or header. It answers 400 where FastAPI answers 422,
   * without FastAPI's list of errors, and checks that a value is there, not that it is right. Bodies are left to FastAPI.
   *
   * @default false
   */
  readonly requestValidation?: boolean;
  /**
   * Media types whose request bodies arrive byte by byte, besides those that the document names, `multipart/form-data` and
   * `application/octet-stream`: `image/png`, or `image/*` for all of a kind.
   *
   * @default none
   */
  readonly binaryMediaTypes?: readonly string[];
}

/** Props of the construct of one REST API. */
export type RestApiProps<
  Operation extends string,
  Integrations extends RestIntegrations<Operation>,
> = RestApiOptions &
  SharedApiOptions<Operation, Integrations> & {
    readonly integrations: Integrations &
      CheckedIntegrations<Integrations, Operation, RestIntegration>;
  };

/** API Gateway's quota of resources of a REST API, which the root and each part of a path count for. */
const resourceQuota = 300;

/**
 * A regional REST API of Amazon API Gateway, made from an OpenAPI body: one route for each operation, behind its authorizer,
 * with streaming responses, preflights, JSON access logs and traces.
 */
export class RestApi<
  Operation extends string,
  Integrations extends RestIntegrations<Operation>,
> extends GatewayApi<Operation, RestIntegration, Integrations> {
  readonly api: SpecRestApi;
  readonly stage: Stage;
  readonly apiId: string;
  readonly stageName: string;
  protected readonly arnStage: string;
  readonly url: string;
  private readonly options: RestApiOptions;
  /** What answers each route, by `GET /items`. */
  private readonly routes: Readonly<Record<string, object>>;
  private readonly apiSecurity: Security | undefined;

  constructor(
    scope: Construct,
    id: string,
    props: GatewayApiProps<Operation, Integrations> & RestApiOptions,
  ) {
    super(scope, id, 'REST', props);
    this.options = props;
    this.stageName = props.stageName ?? this.environment;
    this.arnStage = this.stageName;
    this.api = new SpecRestApi(this, 'Api', {
      apiDefinition: ApiDefinition.fromInline({ openapi: '3.0.1' }),
      restApiName: this.title,
      endpointTypes: [EndpointType.REGIONAL],
      failOnWarnings: true,
      deploy: false,
      // The role is one for an account and region: never set here, where it would replace another's.
      cloudWatchRole: false,
      disableExecuteApiEndpoint: props.disableExecuteApiEndpoint ?? false,
    });
    this.apiId = this.api.restApiId;
    const resource = this.api.node.defaultChild as CfnRestApi;
    resource.body = Lazy.any({ produce: () => this.body() });

    const accessLogs = accessLogGroup(this, props);
    const deployment = new Deployment(this, 'Deployment', { api: this.api });
    this.stage = new Stage(this, 'Stage', {
      deployment,
      stageName: this.stageName,
      tracingEnabled: true,
      loggingLevel: MethodLoggingLevel.ERROR,
      dataTraceEnabled: false,
      ...(props.detailedMetrics && { metricsEnabled: true }),
      accessLogDestination: new LogGroupLogDestination(accessLogs),
      accessLogFormat: AccessLogFormat.custom(
        accessLogFormat({
          route: '$context.httpMethod $context.resourcePath',
          integrationLatency: '$context.integration.latency',
          // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
          timeToFirstContent: '$context.integration.timeToFirstContent',
        }),
      ),
      ...throttling(this.throttle),
      methodOptions: Object.fromEntries(
        Object.entries(props.operationThrottle ?? {}).flatMap(([name, throttle]) =>
          routesOf(props.metadata.operations[name as Operation]).map(({ gatewayPath, method }) => [
            `${gatewayPath}/${method}`,
            {
              loggingLevel: MethodLoggingLevel.ERROR,
              dataTraceEnabled: false,
              ...(props.detailedMetrics && { metricsEnabled: true }),
              ...throttling(throttle as GatewayApiProps<Operation, Integrations>['throttle']),
            },
          ]),
        ),
      ),
    });
    this.api.deploymentStage = this.stage;
    this.stage.node.addDependency(executionLogGroup(this, this.apiId, this.stageName, props));

    this.apiSecurity = this.bindAuth();
    this.routes = Object.fromEntries(
      operationNames(this.metadata).flatMap((name) => this.bodyRoutes(name)),
    );
    this.allowInvocations();
    // No route is live before API Gateway may invoke what answers it.
    const permissions = this.node.children.filter((child) => child instanceof CfnPermission);
    deployment.node.addDependency(...permissions);
    this.url = this.endpoint(props.domain);
    if (props.webAcl) new RestWebAcl(this, this.stage.stageArn, this.metricsNamespace);
    let alarms: ApiAlarms | undefined;
    const throttled =
      props.alarms || props.dashboard
        ? throttledRequests(this, accessLogs, this.metricsNamespace)
        : undefined;
    if (props.alarms && throttled) {
      const dimensionsMap = { ApiName: this.title, Stage: this.stageName };
      alarms = new ApiAlarms(
        this,
        {
          title: this.title,
          namespace: this.metricsNamespace,
          serverErrors: this.api.metricServerError({ dimensionsMap, statistic: 'Sum' }),
          latency: this.api.metricLatency({ dimensionsMap, statistic: 'p99' }),
          streams: this.streams(),
          throttledRequests: throttled,
          accessLogs,
          ...this.alarmNames(),
        },
        props.alarms === true ? {} : props.alarms,
      );
    }
    this.rollOut(alarms);
    if (props.dashboard) {
      const { url } = new ApiDashboard(this, {
        namespace: this.metricsNamespace,
        serviceName: this.metadata.api.serviceName,
        gateway: ['ApiName', this.title, 'Stage', this.stageName],
        errors: { client: '4XXError', server: '5XXError' },
        functions: this.functions(),
      });
      namedOutput(this, 'DashboardUrl', url, `Dashboard of ${this.metadata.api.title}`);
    }
    this.warnOfQuota();
    this.acknowledgeFindings();
    this.nameOutputs();
  }

  /** One operation's routes as the body holds them, preflight and CORS aside. */
  private bodyRoutes(name: Operation): [string, object][] {
    const operation = this.metadata.operations[name];
    if (operation.meets !== undefined) {
      this.security.set(name, this.security.get(operation.meets as Operation));
      return [];
    }
    const answer = this.answerOf(name);
    return routesOf(operation).map(({ method, gatewayPath }) => [
      `${method} ${gatewayPath}`,
      answer(this.skeletonOf(method, gatewayPath)),
    ]);
  }

  /** What answers an operation, put into the skeleton of a route. */
  private answerOf(name: Operation): (skeleton: SkeletonOperation) => object {
    const operation = this.metadata.operations[name];
    const given = this.integrationOf(name);
    if (given instanceof DefaultIntegration) {
      this.security.set(name, this.securityOfDefault(name, this.apiSecurity));
      return (skeleton) => ({
        ...skeleton,
        ...this.securityOf(name),
        'x-amazon-apigateway-integration': this.defaultIntegration(given, operation.streaming),
      });
    }
    const override = bindRestOverride(
      { scope: this, restApi: this.api, authorizersArn: this.arn('authorizers/*') },
      name,
      operation,
      given,
    );
    this.security.set(name, override.security === 'inherit' ? this.apiSecurity : override.security);
    return (skeleton) => ({
      ...skeleton,
      parameters: mergedParameters(skeleton.parameters, override.parameters),
      ...override.method,
      ...this.securityOf(name, given.options?.apiKeyRequired),
      'x-amazon-apigateway-integration': override.integration,
    });
  }

  private defaultIntegration(
    { lambda }: DefaultIntegration<RestIntegration>,
    streaming: boolean,
  ): object {
    return {
      type: 'aws_proxy',
      httpMethod: 'POST',
      uri: invocationUri(this, lambda.target, true),
      passthroughBehavior: 'when_no_match',
      responseTransferMode: 'STREAM',
      // A function with several routes may run for as long as its stream, which the others don't wait for.
      timeoutInMillis: lambda.waits[streaming ? 'stream' : 'answer'].toMilliseconds(),
    };
  }

  private skeletonOf(method: string, gatewayPath: string): SkeletonOperation {
    const operation = this.metadata.skeleton.paths[gatewayPath]?.[method.toLowerCase()];
    if (!operation) throw new Error(`The skeleton has no ${method} ${gatewayPath}.`);
    return operation;
  }

  private securityOf(name: Operation, apiKeyRequired = false): object {
    const security = this.security.get(name);
    const requirement = {
      ...(security && { [security.name]: security.scopes }),
      ...(apiKeyRequired && { [apiKeySecurity.name]: [] }),
    };
    return { security: Object.keys(requirement).length > 0 ? [requirement] : [] };
  }

  /** The body at the end of synthesis, when origins and overrides are known. */
  private body(): object {
    const { skeleton } = this.metadata;
    return {
      openapi: skeleton.openapi,
      info: { ...skeleton.info, title: this.title },
      paths: Object.fromEntries(
        Object.keys(skeleton.paths).map((path) => [path, this.bodyPath(path)]),
      ),
      components: { securitySchemes: this.securitySchemes() },
      'x-amazon-apigateway-binary-media-types': [
        ...new Set([
          'application/octet-stream',
          'multipart/form-data',
          ...(this.metadata.api.binaryMediaTypes ?? []),
          ...(this.options.binaryMediaTypes ?? []),
        ]),
      ],
      'x-amazon-apigateway-gateway-responses': gatewayResponses(
        this.cors,
        [...this.security.values()].includes(iamSecurity),
      ),
      'x-amazon-apigateway-request-validators': requestValidators,
      'x-amazon-apigateway-request-validator': this.options.requestValidation
        ? 'parameters'
        : 'none',
    };
  }

  private bodyPath(path: string): object {
    const methods = Object.keys(this.metadata.skeleton.paths[path] ?? {}).map((method) =>
      method.toUpperCase(),
    );
    const operations = Object.fromEntries(
      methods.map((method) => [method.toLowerCase(), this.routes[`${method} ${path}`]]),
    );
    return methods.includes('OPTIONS')
      ? operations
      : { ...operations, options: preflight(path, methods, this.cors) };
  }

  private securitySchemes(): object {
    const used = [...this.security.values()].filter((security) => security !== undefined);
    const schemes = Object.fromEntries(used.map(({ name, scheme }) => [name, scheme]));
    const asksForKey = JSON.stringify(
      Object.values(this.routes).map((route) => (route as { security: object }).security),
    ).includes(apiKeySecurity.name);
    return asksForKey ? { ...schemes, [apiKeySecurity.name]: apiKeySecurity.scheme } : schemes;
  }

  /** The address that clients use, with the domain name's records and its base path known to the functions. */
  private endpoint(domain: ApiDomainProps | undefined): string {
    const { region, urlSuffix } = Stack.of(this);
    if (!domain) {
      if (this.options.disableExecuteApiEndpoint) {
        throw new Error('disableExecuteApiEndpoint needs a domain: the API would have no address.');
      }
      return `https://${this.apiId}.execute-api.${region}.${urlSuffix}/${this.stageName}`;
    }
    const { domainName, certificate, hostedZone, basePath } = domain;
    const name = new DomainName(this, 'DomainName', {
      domainName,
      certificate,
      endpointType: EndpointType.REGIONAL,
      securityPolicy: SecurityPolicy.TLS_1_2,
    });
    new BasePathMapping(this, 'BasePathMapping', {
      domainName: name,
      restApi: this.api,
      stage: this.stage,
      ...(basePath !== undefined && { basePath }),
    });
    if (hostedZone) {
      new ARecord(this, 'DomainRecord', {
        zone: hostedZone,
        recordName: domainName,
        target: RecordTarget.fromAlias(new ApiGatewayDomain(name)),
      });
    }
    return this.domainUrl(domainName, basePath);
  }

  /** Routes whose answers stream. */
  private streams(): string[] {
    return operationNames(this.metadata).flatMap((name) => {
      const operation = this.metadata.operations[name];
      return operation.streaming
        ? routesOf(operation).map(({ method, gatewayPath }) => `${method} ${gatewayPath}`)
        : [];
    });
  }

  private warnOfQuota(): void {
    const resources = new Set(['/']);
    for (const path of Object.keys(this.metadata.skeleton.paths)) {
      const parts = path.split('/');
      for (let length = 2; length <= parts.length; length += 1) {
        resources.add(parts.slice(0, length).join('/') || '/');
      }
    }
    if (resources.size > resourceQuota) {
      Annotations.of(this).addWarningV2(
        '@fastapi-lambda/resource-quota',
        `${this.metadata.api.title} has ${resources.size} resources: API Gateway allows ${resourceQuota} for a REST API until the quota is raised.`,
      );
    }
  }

  private acknowledgeFindings(): void {
    acknowledge(
      this.api,
      'AwsSolutions-APIG2',
      'FastAPI validates every request, and says what is wrong with it.',
    );
    if (!this.options.webAcl) {
      acknowledge(
        this.stage,
        'AwsSolutions-APIG3',
        'A web ACL costs by the month; it is a choice: webAcl.',
      );
    }
    checkovSkip(this.stage, 'CKV_AWS_120', 'Responses stream, which caching excludes.');
    checkovSkip(
      this.stage,
      'CKV2_AWS_51',
      'Clients authenticate by the authorizer; the functions behind are not reachable otherwise.',
    );
    checkovSkip(
      this.api,
      'CKV_AWS_237',
      'The deployment is made before the stage leaves the old one.',
    );
  }
}

const apiKeySecurity = {
  name: 'api_key',
  scheme: { type: 'apiKey', name: 'x-api-key', in: 'header' },
};

const throttling = (throttle: { rateLimit: number; burstLimit: number } | undefined): object =>
  throttle
    ? { throttlingRateLimit: throttle.rateLimit, throttlingBurstLimit: throttle.burstLimit }
    : {};

/** Parameters of the override in place of those of the skeleton with the same name and place. */
function mergedParameters(
  skeleton: readonly object[],
  override: readonly object[],
): readonly object[] {
  const key = (parameter: object) => {
    const { in: place, name } = parameter as { in: string; name: string };
    return `${place} ${name}`;
  };
  const merged = new Map(
    [...skeleton, ...override].map((parameter) => [key(parameter), parameter]),
  );
  return [...merged.values()];
}
