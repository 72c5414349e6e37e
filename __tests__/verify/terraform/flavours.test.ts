// The README's table of both flavours: each of its rows, read from CDK's template and from Terraform's plan, as it is by default and as
// it is chosen.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../lib/templates/package-root.ts';
import type { Route } from '../../support/cdk-openapi.ts';
import { type Json, resourcesOf, type Synthesized, synthesize, text } from '../../support/cdk-scenarios.ts';
import { cdkWorkspace } from '../../support/cdk-workspace.ts';
import { alike, bodyOfTemplate as dashboardOfTemplate, problemsOf } from '../../support/dashboard.ts';
import { byType, plan, type Resource, state } from '../../support/terraform-plan.ts';
import { describeTerraform, useMoto } from '../../support/terraform-suite.ts';
import { terraformOk } from '../../support/terraform-tools.ts';
import { developmentVariables, initialisedWorkspace, routesOfEachKind, writeCall, writeRoutes } from '../../support/terraform-workspace.ts';

const routes: Route[] = routesOfEachKind;
/** As `openapi` writes them of an app whose classes name them. */
const settings = { settings: { parameters: ['my-api/hosts', 'page-size'], secrets: ['database-url'] } };
const key = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const topic = 'arn:aws:sns:us-east-1:123456789012:alarms';
const certificate = 'arn:aws:acm:us-east-1:123456789012:certificate/1234abcd-12ab-34cd-56ef-1234567890ab';

const chosenInCdk = (type: string) => `
  const encryptionKey = cdk.aws_kms.Key.fromKeyArn(this, 'Key', '${key}');
  const logs = { logRetention: cdk.aws_logs.RetentionDays.ONE_WEEK, logRemovalPolicy: cdk.RemovalPolicy.DESTROY, encryptionKey };
  const api = new One${type}Api(this, 'Api', {
    ...logs,
    integrations: One${type}Api.defaultIntegrations(this).withDefaultOptions({ ...logs, rollout: 'Canary10Percent15Minutes' }).build(),
    alarms: { topic: sns.Topic.fromTopicArn(this, 'Topic', '${topic}'), serverErrors: 5, latency: Duration.seconds(2), throttledRequests: 10 },
    dashboard: true,
    detailedMetrics: true,
    domain: { domainName: 'api.example.com', basePath: 'v1', certificate: acm.Certificate.fromCertificateArn(this, 'Certificate', '${certificate}') },
    throttle: { rateLimit: 50, burstLimit: 60 },
    operationThrottle: { getItem: { rateLimit: 5, burstLimit: 6 } },
    allowedHeaders: ['X-More'],
    exposedHeaders: ['X-Rest'],
    authorizerCacheTtl: Duration.seconds(60),
    settingsPath: '/elsewhere',
    settingsKey: encryptionKey,
    ${type === 'Rest' ? "webAcl: true, binaryMediaTypes: ['image/png']," : ''}
  });
  api.restrictCorsTo('https://example.com');
  cdk.Tags.of(this).add('team', 'shop');`;

const chosenInTerraform = (type: string) => `
  keep_logs                = false
  function_defaults        = { rollout = "Canary10Percent15Minutes" }
  kms_key_arn              = "${key}"
  alarms                   = true
  alarm_actions            = ["${topic}"]
  alarm_thresholds         = { server_errors = 5, latency_milliseconds = 2000, throttled_requests = 10 }
  dashboard                = true
  detailed_metrics         = true
  custom_domain            = { domain_name = "api.example.com", base_path = "v1", certificate_arn = "${certificate}" }
  throttling               = { rate_limit = 50, burst_limit = 60 }
  operations               = { get_item = { throttling = { rate_limit = 5, burst_limit = 6 } } }
  allowed_headers          = ["X-More"]
  exposed_headers          = ["X-Rest"]
  allowed_origins          = ["https://example.com"]
  authorizer_cache_seconds = 60
  settings_path            = "/elsewhere"
  settings_kms_key_arn     = "${key}"
  tags                     = { team = "shop" }
  ${type === 'Rest' ? 'waf = true\n  binary_media_types = ["image/png"]' : ''}`;

interface Row {
  cdk: (synthesized: Synthesized) => Json;
  terraform: (resources: Resource[]) => Json;
  /** Of REST APIs alone. */
  rest?: boolean;
  /** Has no option: both flavours do it, always. */
  always?: boolean;
}

const cdkAll = (synthesized: Synthesized, ...types: string[]): Json[] =>
  types.flatMap((type) => Object.values(resourcesOf(synthesized, type)));
const properties = (synthesized: Synthesized, ...types: string[]): Json[] =>
  cdkAll(synthesized, ...types).map((resource) => resource.Properties);
const planned = (resources: Resource[], ...types: string[]): Json[] =>
  types.flatMap((type) => byType(resources, type)).map(({ values }) => values);
const once = (values: Json[]): Json[] =>
  [...new Set(values.map((value) => JSON.stringify(value ?? null)))].sort().map((value) => JSON.parse(value));
const bodyOfTemplate = (synthesized: Synthesized): Json =>
  properties(synthesized, 'AWS::ApiGateway::RestApi', 'AWS::ApiGatewayV2::Api')[0].Body;
const bodyOfPlan = (resources: Resource[]): Json => JSON.parse(planned(resources, 'aws_api_gateway_rest_api')[0]?.body ?? 'null');

const stageOfTemplate = (synthesized: Synthesized): Json =>
  properties(synthesized, 'AWS::ApiGateway::Stage', 'AWS::ApiGatewayV2::Stage')[0];
/** Settings of the whole stage, and of its routes. */
const settingsOfTemplate = (synthesized: Synthesized): [Json, Json[]] => {
  const { MethodSettings: methods, DefaultRouteSettings: all, RouteSettings: routes } = stageOfTemplate(synthesized);
  return methods
    ? [methods.find((one: Json) => one.HttpMethod === '*'), methods.filter((one: Json) => one.HttpMethod !== '*')]
    : [all ?? {}, Object.values(routes ?? {})];
};
const settingsOfPlan = (resources: Resource[]): [Json, Json[]] => {
  const methods = planned(resources, 'aws_api_gateway_method_settings');
  const [stage] = planned(resources, 'aws_apigatewayv2_stage');
  return methods.length > 0
    ? [
        methods.find((one) => one.method_path === '*/*').settings[0],
        methods.filter((one) => one.method_path !== '*/*').map((one) => one.settings[0]),
      ]
    : [stage.default_route_settings[0] ?? {}, stage.route_settings];
};
const limit = (rate: Json, burst: Json): Json => (rate === undefined || rate === null || rate < 0 ? null : [rate, burst]);
const limitOf = (settings: Json): Json =>
  limit(settings.ThrottlingRateLimit ?? settings.throttling_rate_limit, settings.ThrottlingBurstLimit ?? settings.throttling_burst_limit);

/** Groups of functions and requests: a REST API's execution logs go with it, whatever is chosen. */
const groupsOfTemplate = (synthesized: Synthesized): Json[] =>
  cdkAll(synthesized, 'AWS::Logs::LogGroup').filter(
    (group) => !JSON.stringify(group.Properties.LogGroupName ?? '').includes('Execution-Logs'),
  );
const groupsOfPlan = (resources: Resource[]): Json[] =>
  byType(resources, 'aws_cloudwatch_log_group')
    .filter(({ address }) => !address.includes('execution'))
    .map(({ values }) => values);
const filtersOf = (patterns: string[]): Json => patterns.filter((pattern) => pattern.includes('responseLatency'));

/** By the row's first cell. */
const rows: Record<string, Row> = {
  'metrics of each method or route': {
    cdk: (made) => settingsOfTemplate(made)[0].MetricsEnabled ?? settingsOfTemplate(made)[0].DetailedMetricsEnabled ?? false,
    terraform: (made) => settingsOfPlan(made)[0].metrics_enabled ?? settingsOfPlan(made)[0].detailed_metrics_enabled ?? false,
  },
  'how long logs are kept': {
    cdk: (made) => once(properties(made, 'AWS::Logs::LogGroup').map((group) => group.RetentionInDays)),
    terraform: (made) => once(planned(made, 'aws_cloudwatch_log_group').map((group) => group.retention_in_days)),
  },
  'logs when the API is destroyed': {
    cdk: (made) => once(groupsOfTemplate(made).map((group) => group.DeletionPolicy === 'Retain')),
    terraform: (made) => once(groupsOfPlan(made).map((group) => group.skip_destroy)),
  },
  'key of logs and of environment variables': {
    cdk: (made) => [
      once(properties(made, 'AWS::Logs::LogGroup').map((group) => group.KmsKeyId)),
      once(properties(made, 'AWS::Lambda::Function').map((group) => group.KmsKeyArn)),
    ],
    terraform: (made) => [
      once(planned(made, 'aws_cloudwatch_log_group').map((group) => group.kms_key_id || null)),
      once(planned(made, 'aws_lambda_function').map((group) => group.kms_key_arn || null)),
    ],
  },
  'alarms, and what raises them': {
    cdk: (made) =>
      properties(made, 'AWS::CloudWatch::Alarm')
        .map((alarm) => [alarm.Threshold, alarm.EvaluationPeriods])
        .sort(),
    terraform: (made) =>
      planned(made, 'aws_cloudwatch_metric_alarm')
        .map((alarm) => [alarm.threshold, alarm.evaluation_periods])
        .sort(),
  },
  'who hears of an alarm, and of its end': {
    cdk: (made) => once(properties(made, 'AWS::CloudWatch::Alarm').map((alarm) => [alarm.AlarmActions, alarm.OKActions])),
    terraform: (made) => once(planned(made, 'aws_cloudwatch_metric_alarm').map((alarm) => [alarm.alarm_actions, alarm.ok_actions])),
  },
  'streams in the latency': {
    rest: true,
    cdk: (made) => filtersOf(properties(made, 'AWS::Logs::MetricFilter').map((filter) => filter.FilterPattern)),
    terraform: (made) => filtersOf(planned(made, 'aws_cloudwatch_log_metric_filter').map((filter) => filter.pattern)),
  },
  'a dashboard': {
    cdk: (made) => (properties(made, 'AWS::CloudWatch::Dashboard').length > 0 ? sortedFunctions(alike(dashboardOfTemplate(made))) : null),
    terraform: (made) => {
      const [dashboard] = planned(made, 'aws_cloudwatch_dashboard');
      return dashboard ? sortedFunctions(alike(JSON.parse(dashboard.dashboard_body))) : null;
    },
  },
  // How many functions have an alias, and publish versions: steps are told to CodeDeploy, and to `infra:rollout` by an output.
  'how calls get to a new version': {
    cdk: (made) => [properties(made, 'AWS::Lambda::Alias').length, properties(made, 'AWS::Lambda::Version').length],
    terraform: (made) => [
      planned(made, 'aws_lambda_alias').length,
      planned(made, 'aws_lambda_function').filter(({ publish }) => publish).length,
    ],
  },
  "settings of the app's in AWS": {
    cdk: (made) => [
      once(properties(made, 'AWS::Lambda::Function').map((one) => inEnvironment(one.Environment.Variables.SETTINGS_PATH))),
      once(
        properties(made, 'AWS::IAM::Role')
          .filter(({ Policies }) => Policies)
          .map((role) => settingsStatements(role.Policies.flatMap(({ PolicyDocument }: Json) => PolicyDocument.Statement))),
      ),
    ],
    terraform: (made) => [
      once(planned(made, 'aws_lambda_function').map((one) => inEnvironment(one.environment[0].variables.SETTINGS_PATH))),
      // One for each function, or some would have none.
      once(
        planned(made, 'aws_lambda_function').map((_, index) =>
          settingsStatements(
            JSON.parse(planned(made, 'aws_iam_role_policy').filter(({ name }) => name === 'settings')[index]?.policy ?? '{"Statement":[]}')
              .Statement,
          ),
        ),
      ),
    ],
  },
  'a domain name': {
    cdk: (made) => [
      properties(made, 'AWS::ApiGateway::DomainName', 'AWS::ApiGatewayV2::DomainName').map((domain) => domain.DomainName),
      properties(made, 'AWS::ApiGateway::BasePathMapping', 'AWS::ApiGatewayV2::ApiMapping').map(
        (mapping) => mapping.BasePath ?? mapping.ApiMappingKey,
      ),
    ],
    terraform: (made) => [
      planned(made, 'aws_api_gateway_domain_name', 'aws_apigatewayv2_domain_name').map((domain) => domain.domain_name),
      planned(made, 'aws_api_gateway_base_path_mapping', 'aws_apigatewayv2_api_mapping').map(
        (mapping) => mapping.base_path ?? mapping.api_mapping_key,
      ),
    ],
  },
  'a web ACL': {
    rest: true,
    cdk: (made) =>
      properties(made, 'AWS::WAFv2::WebACL')
        .flatMap((acl) => acl.Rules.map((rule: Json) => rule.Name))
        .sort(),
    terraform: (made) =>
      planned(made, 'aws_wafv2_web_acl')
        .flatMap((acl) => acl.rule.map((rule: Json) => rule.name))
        .sort(),
  },
  'a limit of requests': {
    cdk: (made) => limitOf(settingsOfTemplate(made)[0]),
    terraform: (made) => limitOf(settingsOfPlan(made)[0]),
  },
  "an operation's limit": {
    cdk: (made) => settingsOfTemplate(made)[1].map(limitOf),
    terraform: (made) => settingsOfPlan(made)[1].map(limitOf),
  },
  'bodies that stay bytes': {
    rest: true,
    cdk: (made) => bodyOfTemplate(made)['x-amazon-apigateway-binary-media-types'],
    terraform: (made) => bodyOfPlan(made)['x-amazon-apigateway-binary-media-types'],
  },
  'origins of browsers': {
    cdk: (made) =>
      originsOf(
        made,
        bodyOfTemplate(made)['x-amazon-apigateway-cors']?.allowOrigins ?? gatewayHeader(bodyOfTemplate(made), 'Allow-Origin'),
      ),
    terraform: (made) => [
      once(
        planned(made, 'aws_lambda_function')
          .map((one) => one.environment[0].variables.ALLOWED_ORIGINS ?? null)
          .filter(Boolean),
      ),
      planned(made, 'aws_apigatewayv2_api')[0]?.cors_configuration[0].allow_origins ?? gatewayHeader(bodyOfPlan(made), 'Allow-Origin'),
    ],
  },
  'headers of browsers': {
    cdk: (made) => [
      words(bodyOfTemplate(made)['x-amazon-apigateway-cors']?.allowHeaders ?? gatewayHeader(bodyOfTemplate(made), 'Allow-Headers')),
      words(bodyOfTemplate(made)['x-amazon-apigateway-cors']?.exposeHeaders ?? gatewayHeader(bodyOfTemplate(made), 'Expose-Headers')),
    ],
    terraform: (made) => [
      words(
        planned(made, 'aws_apigatewayv2_api')[0]?.cors_configuration[0].allow_headers ?? gatewayHeader(bodyOfPlan(made), 'Allow-Headers'),
      ),
      words(
        planned(made, 'aws_apigatewayv2_api')[0]?.cors_configuration[0].expose_headers ?? gatewayHeader(bodyOfPlan(made), 'Expose-Headers'),
      ),
    ],
  },
  "how long an authorizer's answer is kept": {
    cdk: (made) => bodyOfTemplate(made).components.securitySchemes.custom['x-amazon-apigateway-authorizer'].authorizerResultTtlInSeconds,
    terraform: (made) =>
      planned(made, 'aws_apigatewayv2_authorizer')[0]?.authorizer_result_ttl_in_seconds ??
      bodyOfPlan(made).components.securitySchemes.custom['x-amazon-apigateway-authorizer'].authorizerResultTtlInSeconds,
  },
  tags: {
    cdk: (made) =>
      once(
        properties(made, 'AWS::Lambda::Function', 'AWS::IAM::Role', 'AWS::Logs::LogGroup').map(
          (one) => one.Tags?.map(({ Key, Value }: Json) => [Key, Value]) ?? [],
        ),
      ),
    terraform: (made) =>
      once(planned(made, 'aws_lambda_function', 'aws_iam_role', 'aws_cloudwatch_log_group').map((one) => Object.entries(one.tags ?? {}))),
  },
};

/** A template has the operations in the document's order, a plan by their names. */
const sortedFunctions = (body: Json): Json => ({
  widgets: body.widgets.map((widget: Json) => ({
    ...widget,
    properties: {
      ...widget.properties,
      metrics: widget.properties.metrics
        .map((metric: Json[]) => metric.map((part) => (part.id ? { ...part, id: 'f' } : part)))
        .sort((one: Json[], other: Json[]) => labelOf(one).localeCompare(labelOf(other))),
    },
  })),
});
const labelOf = (metric: Json[]): string => (metric[0] === 'AWS/Lambda' ? metric.at(-1).label : '');
/** The same environment, account and region for both. */
const inEnvironment = (name: Json): Json =>
  JSON.parse(
    JSON.stringify(name ?? null)
      .replace(/\/my-scope\/(Test|development)/g, '/my-scope/environment')
      .replace(
        /\$\{AWS::(\w+)\}/g,
        (_, pseudo: string) =>
          ({ Partition: 'aws', Region: 'us-east-1', AccountId: '123456789012', URLSuffix: 'amazonaws.com' })[pseudo] ?? pseudo,
      ),
  );
const settingsStatements = (statements: Json[]): Json =>
  statements
    .filter(({ Action }) => /^(ssm|secretsmanager|kms):/.test([Action].flat()[0]))
    .map(({ Effect, Action, Resource, Condition }) =>
      inEnvironment([
        Effect,
        [Action].flat(),
        [Resource].flat().map(text),
        [Condition?.StringEquals['kms:ViaService'] ?? []].flat().map(text),
      ]),
    );

const words = (names: string | string[]): string[] =>
  (Array.isArray(names) ? names : names.replaceAll("'", '').split(',')).map((name) => name.toLowerCase()).sort();
const gatewayHeader = (body: Json, name: string): Json =>
  body['x-amazon-apigateway-gateway-responses'].DEFAULT_4XX.responseParameters[`gatewayresponse.header.Access-Control-${name}`];
const originsOf = (made: Synthesized, gateway: Json): Json => [
  once(
    properties(made, 'AWS::Lambda::Function')
      .map((one) => one.Environment.Variables.ALLOWED_ORIGINS ?? null)
      .filter(Boolean),
  ),
  gateway,
];

/** First cells of the table's rows. */
function documented(): string[] {
  const readme = readFileSync(join(packageRoot(), 'README.md'), 'utf8');
  const [, table = ''] = /\n\| of an API \|.*\n\| ---.*\n((?:\|.*\n)+)/.exec(readme) ?? [];
  return table
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('|')[1]?.trim() ?? '');
}

test('the README has each row that is looked at here, and no other', () => {
  expect(documented()).toEqual(Object.keys(rows));
});

describeTerraform.each(['Rest', 'Http'])('both flavours of a %s API', (type) => {
  const moto = useMoto();
  const cdk: Record<string, Synthesized> = {};
  const terraform: Record<string, Resource[]> = {};
  beforeAll(() => {
    const computeType = `ServerlessApiGateway${type}Api` as 'ServerlessApiGatewayRestApi';
    const data = { computeType, auth: 'Custom' as const, apiClass: `One${type}Api`, apiName: `one-${type.toLowerCase()}-api` };
    const root = cdkWorkspace(`flavours-${type}`, [{ routes, settings, data: { ...data, apiDir: `packages/${data.apiName}` } }]);
    Object.assign(
      cdk,
      synthesize(root, 'flavours', `import { One${type}Api } from ':my-scope/common-constructs';`, {
        default: `new One${type}Api(this, 'Api', { integrations: One${type}Api.defaultIntegrations(this).build() });`,
        chosen: chosenInCdk(type),
      }),
    );
    expect(Object.values(cdk).map(({ error }) => error)).toEqual([undefined, undefined]);
    const workspace = initialisedWorkspace(`flavours-${type}`, { computeType, auth: 'Custom' }, routes);
    writeRoutes(workspace, routes, settings);
    // The module's own defaults, and not what the root module says of its environment.
    for (const [name, more] of [
      ['default', ''],
      ['chosen', `${chosenInTerraform(type)}\n  log_retention_in_days = 7`],
    ] as const) {
      writeCall(workspace, more, ['keep_logs', 'log_retention_in_days']);
      terraform[name] = plan(workspace, moto()).resources;
    }
    // A dashboard of an HTTP API has the API's id, which no plan knows.
    const target = `module.${workspace.data.apiSnake}.module.api.module.dashboard`;
    terraformOk(workspace.infra, ['apply', ...developmentVariables, '-auto-approve', `-target=${target}`], moto().env);
    terraform.chosen = [
      ...(terraform.chosen ?? []).filter(({ type }) => type !== 'aws_cloudwatch_dashboard'),
      ...byType(state(workspace), 'aws_cloudwatch_dashboard'),
    ];
  }, 300_000);

  const read = (row: Row, name: string): [Json, Json] => {
    return [row.cdk(cdk[name] as Synthesized), row.terraform(terraform[name] as Resource[])];
  };

  test.each(Object.entries(rows).filter(([, row]) => type === 'Rest' || !row.rest))('are alike: %s', (_, row) => {
    const [cdkDefault, terraformDefault] = read(row, 'default');
    const [cdkChosen, terraformChosen] = read(row, 'chosen');
    expect(terraformDefault).toEqual(cdkDefault);
    expect(terraformChosen).toEqual(cdkChosen);
    // Or the row would say nothing.
    expect(cdkChosen).not.toEqual(cdkDefault);
  });

  test('their dashboards show what is written, within the limits of CloudWatch, and CloudWatch has the one that was applied', async () => {
    const [applied] = byType(terraform.chosen as Resource[], 'aws_cloudwatch_dashboard');
    const body = JSON.parse(applied?.values.dashboard_body as string);
    expect(problemsOf(body, 'my-api-development', 'my-api')).toEqual([]);
    expect(
      problemsOf(dashboardOfTemplate(cdk.chosen as Synthesized), `one-${type.toLowerCase()}-api-Test`, `one-${type.toLowerCase()}-api`),
    ).toEqual([]);
    expect(applied?.values.dashboard_name).toBe('my-scope-development-my-api-us-east-1');
    const answer = await moto().query('monitoring', 'GetDashboard', { DashboardName: applied?.values.dashboard_name as string });
    expect(answer).toContain('Slowest operations');
  });
});
