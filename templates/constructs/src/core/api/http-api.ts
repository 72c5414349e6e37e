import { Annotations, Lazy, Stack } from 'aws-cdk-lib';
import {
  ApiMapping,
  type CfnApi,
  type CfnStage,
  DomainName,
  HttpApi as HttpApiConstruct,
  HttpStage,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { ARecord, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import {
  accessLogFormat,
  accessLogGroup,
  type LogOptions,
  throttledRequests,
} from './access-logs.js';
import { ApiAlarms, type ApiAlarmsProps } from './alarms.js';
import type { Security } from './auth.js';
import { DefaultIntegration } from './builder.js';
import { httpCors } from './cors.js';
import { ApiDashboard } from './dashboard.js';
import type { ApiDomainProps } from './domain.js';
import {
  GatewayApi,
  type GatewayApiProps,
  type SharedApiOptions,
  type Throttle,
} from './gateway-api.js';
import { bindHttpOverride } from './http-overrides.js';
import type {
  CheckedIntegrations,
  HttpIntegration,
  HttpIntegrations,
} from './integration-types.js';
import { namedOutput } from './outputs.js';
import { invocationUri, operationNames, routesOf, shortName } from './utils.js';

export type { HttpIntegrations } from './integration-types.js';

/** Choices of an HTTP API that its operations do not depend on. */
export interface HttpApiOptions extends LogOptions {
  /** Domain name of your own. @default none */
  readonly domain?: ApiDomainProps;
  /** Leaves the domain name as the only way to the API. @default false */
  readonly disableExecuteApiEndpoint?: boolean;
  /** API Gateway's metrics of each route besides those of the stage, which are billed as custom metrics. @default false */
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
}

/** Props of the construct of one HTTP API. */
export type HttpApiProps<
  Operation extends string,
  Integrations extends HttpIntegrations<Operation>,
> = HttpApiOptions &
  SharedApiOptions<Operation, Integrations> & {
    readonly integrations: Integrations &
      CheckedIntegrations<Integrations, Operation, HttpIntegration>;
  };

/** API Gateway's quota of routes of an HTTP API. */
const routeQuota = 300;

/**
 * An HTTP API of Amazon API Gateway, made from an OpenAPI body: one route for each operation, behind its authorizer, with
 * preflights and JSON access logs. It answers whole, so that a stream arrives at its end.
 */
export class HttpApi<
  Operation extends string,
  Integrations extends HttpIntegrations<Operation>,
> extends GatewayApi<Operation, HttpIntegration, Integrations> {
  readonly api: HttpApiConstruct;
  readonly stage: HttpStage;
  readonly apiId: string;
  readonly stageName = '$default';
  protected readonly arnStage = '*';
  readonly url: string;
  private readonly options: HttpApiOptions;
  /** What answers each route, by `GET /items`. */
  private readonly routes: Readonly<Record<string, object>>;
  private readonly apiSecurity: Security | undefined;

  constructor(
    scope: Construct,
    id: string,
    props: GatewayApiProps<Operation, Integrations> & HttpApiOptions,
  ) {
    super(scope, id, 'HTTP', props);
    // A rule that it can't hold is refused here, and not at the end of synthesis.
    httpCors(this.cors, this.headers.allowed);
    this.options = props;
    this.api = new HttpApiConstruct(this, 'Api', { createDefaultStage: false });
    this.apiId = this.api.apiId;
    const resource = this.api.node.defaultChild as CfnApi;
    // The body says both.
    resource.name = undefined;
    resource.protocolType = undefined;
    resource.body = Lazy.any({ produce: () => this.body() });
    resource.failOnWarnings = true;

    const accessLogs = accessLogGroup(this, props);
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: this.stageName,
      autoDeploy: true,
      ...(props.detailedMetrics && { detailedMetricsEnabled: true }),
      ...(this.throttle && { throttle: this.throttle }),
    });
    const stage = this.stage.node.defaultChild as CfnStage;
    stage.accessLogSettings = {
      destinationArn: accessLogs.logGroupArn,
      format: accessLogFormat({
        route: '$context.routeKey',
        integrationLatency: '$context.integrationLatency',
      }),
    };
    const throttles = Object.entries<Throttle | undefined>(props.operationThrottle ?? {});
    if (throttles.length > 0) {
      stage.routeSettings = Object.fromEntries(
        throttles.flatMap(([name, throttle]) =>
          routesOf(this.metadata.operations[name as Operation]).map(({ method, gatewayPath }) => [
            `${method} ${gatewayPath}`,
            {
              ThrottlingRateLimit: throttle?.rateLimit,
              ThrottlingBurstLimit: throttle?.burstLimit,
            },
          ]),
        ),
      );
    }

    this.apiSecurity = this.bindAuth();
    this.routes = Object.fromEntries(
      operationNames(this.metadata).flatMap((name) => this.bodyRoutes(name)),
    );
    this.allowInvocations();
    this.url = this.endpoint(props.domain);
    let alarms: ApiAlarms | undefined;
    const throttled =
      props.alarms || props.dashboard
        ? throttledRequests(this, accessLogs, this.metricsNamespace)
        : undefined;
    if (props.alarms && throttled) {
      alarms = new ApiAlarms(
        this,
        {
          title: this.title,
          namespace: this.metricsNamespace,
          serverErrors: this.api.metricServerError({ statistic: 'Sum' }),
          latency: this.api.metricLatency({ statistic: 'p99' }),
          // An HTTP API answers whole.
          streams: [],
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
        gateway: ['ApiId', this.apiId],
        errors: { client: '4xx', server: '5xx' },
        functions: this.functions(),
      });
      namedOutput(this, 'DashboardUrl', url, `Dashboard of ${this.metadata.api.title}`);
    }
    this.warnOfQuota();
    this.tellOfStreams();
    this.nameOutputs();
  }

  /** One operation's routes as the body holds them. */
  private bodyRoutes(name: Operation): [string, object][] {
    const operation = this.metadata.operations[name];
    if (operation.meets !== undefined) {
      this.security.set(name, this.security.get(operation.meets as Operation));
      return [];
    }
    const integration = this.bodyIntegration(name);
    return routesOf(operation).map(({ method, gatewayPath }) => [
      `${method} ${gatewayPath}`,
      this.bodyOperation(name, method, gatewayPath, integration),
    ]);
  }

  private bodyIntegration(name: Operation): object {
    const given = this.integrationOf(name);
    if (given instanceof DefaultIntegration) {
      this.security.set(name, this.securityOfDefault(name, this.apiSecurity));
      return {
        type: 'aws_proxy',
        httpMethod: 'POST',
        uri: invocationUri(this, given.lambda.target),
        payloadFormatVersion: '2.0',
        timeoutInMillis: given.lambda.waits.answer.toMilliseconds(),
      };
    }
    const override = bindHttpOverride(
      { scope: this, httpApi: this.api, authorizersArn: this.arn('authorizers/*') },
      name,
      this.metadata.operations[name],
      given,
    );
    this.security.set(name, override.security === 'inherit' ? this.apiSecurity : override.security);
    return override.integration;
  }

  private bodyOperation(
    name: Operation,
    method: string,
    gatewayPath: string,
    integration: object,
  ): object {
    const skeleton = this.metadata.skeleton.paths[gatewayPath]?.[method.toLowerCase()];
    const security = this.security.get(name);
    return {
      ...skeleton,
      ...(skeleton?.operationId && { operationId: shortName(skeleton.operationId) }),
      // HTTP APIs know parameters of the path alone.
      parameters: skeleton?.parameters.filter(
        (parameter) => (parameter as { in: string }).in === 'path',
      ),
      security: security ? [{ [security.name]: security.scopes }] : [],
      'x-amazon-apigateway-integration': integration,
    };
  }

  /** The body at the end of synthesis, when origins are known. */
  private body(): object {
    const { skeleton } = this.metadata;
    const used = [...this.security.values()].filter((security) => security !== undefined);
    return {
      openapi: skeleton.openapi,
      info: { ...skeleton.info, title: this.title },
      paths: this.bodyPaths(),
      components: {
        securitySchemes: Object.fromEntries(used.map(({ name, scheme }) => [name, scheme])),
      },
      'x-amazon-apigateway-cors': httpCors(this.cors, this.headers.allowed),
      ...(this.options.disableExecuteApiEndpoint && {
        'x-amazon-apigateway-endpoint-configuration': { disableExecuteApiEndpoint: true },
      }),
    };
  }

  private bodyPaths(): object {
    return Object.fromEntries(
      Object.entries(this.metadata.skeleton.paths).map(([path, methods]) => [
        path,
        Object.fromEntries(
          Object.keys(methods).map((method) => [
            method,
            this.routes[`${method.toUpperCase()} ${path}`],
          ]),
        ),
      ]),
    );
  }

  /** The address that clients use, with the domain name's records and its base path known to the functions. */
  private endpoint(domain: ApiDomainProps | undefined): string {
    const { region, urlSuffix } = Stack.of(this);
    if (!domain) {
      if (this.options.disableExecuteApiEndpoint) {
        throw new Error('disableExecuteApiEndpoint needs a domain: the API would have no address.');
      }
      return `https://${this.apiId}.execute-api.${region}.${urlSuffix}`;
    }
    const { domainName, certificate, hostedZone, basePath } = domain;
    const name = new DomainName(this, 'DomainName', { domainName, certificate });
    new ApiMapping(this, 'ApiMapping', {
      api: this.api,
      domainName: name,
      stage: this.stage,
      ...(basePath !== undefined && { apiMappingKey: basePath }),
    });
    if (hostedZone) {
      new ARecord(this, 'DomainRecord', {
        zone: hostedZone,
        recordName: domainName,
        target: RecordTarget.fromAlias(
          new ApiGatewayv2DomainProperties(name.regionalDomainName, name.regionalHostedZoneId),
        ),
      });
    }
    return this.domainUrl(domainName, basePath);
  }

  private tellOfStreams(): void {
    const { api, operations } = this.metadata;
    const streams = operationNames(this.metadata).filter((name) => operations[name].streaming);
    if (streams.length > 0) {
      Annotations.of(this).addInfo(
        `${api.title} is an HTTP API, which sends what these stream whole, and only if it has ended within 30 seconds: ${streams.join(', ')}. A REST API streams.`,
      );
    }
  }

  private warnOfQuota(): void {
    const routes = Object.keys(this.routes).length;
    if (routes > routeQuota) {
      Annotations.of(this).addWarningV2(
        '@fastapi-lambda/route-quota',
        `${this.metadata.api.title} has ${routes} routes: API Gateway allows ${routeQuota} for an HTTP API until the quota is raised.`,
      );
    }
  }
}
