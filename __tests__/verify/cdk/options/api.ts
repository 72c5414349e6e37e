// What options of an API do to the template, and what API Gateway answers by itself.
import { bodyOf, functionOf, type Json, onlyResource, resourcesOf, text } from '../../../support/cdk-scenarios.ts';
import { bodyOfTemplate as dashboardOf, metricsOf, problemsOf } from '../../../support/dashboard.ts';
import { count, errorOf, of, routes } from './scenarios.ts';

describe('the API', () => {
  test('a web ACL of managed rules stands before the stage, and counts large bodies', () => {
    const result = of('webAcl');
    const [rules] = Object.values(resourcesOf(result, 'AWS::WAFv2::WebACL')).map(({ Properties }) => Properties.Rules);
    expect(rules.map((rule: Json) => rule.Name)).toEqual([
      'AWSManagedRulesAmazonIpReputationList',
      'AWSManagedRulesCommonRuleSet',
      'AWSManagedRulesKnownBadInputsRuleSet',
    ]);
    expect(rules[1].Statement.ManagedRuleGroupStatement.RuleActionOverrides).toEqual([
      { Name: 'SizeRestrictions_BODY', ActionToUse: { Count: {} } },
    ]);
    expect(text(onlyResource(result, 'AWS::WAFv2::WebACLAssociation').Properties.ResourceArn)).toMatch(
      /apigateway:.*\/restapis\/.*\/stages\//,
    );
  });

  test.each(['alarms', 'alarms http'])('alarms watch server errors, latency and throttled requests: %s', (name) => {
    const result = of(name);
    const alarms = Object.values(resourcesOf(result, 'AWS::CloudWatch::Alarm'));
    expect(alarms.map(({ Properties }) => Properties.MetricName.replace(/-\w+$/, '')).sort()).toEqual(
      name === 'alarms' ? ['5XXError', 'Latency', 'ThrottledRequests'] : ['5xx', 'Latency', 'ThrottledRequests'],
    );
    for (const { Properties } of alarms) {
      expect(Properties.AlarmActions?.length ?? 0).toBe(name === 'alarms' ? 0 : 1);
      expect(Properties.OKActions).toEqual(Properties.AlarmActions);
    }
    const filters = Object.values(resourcesOf(result, 'AWS::Logs::MetricFilter')).map(({ Properties }) => Properties.FilterPattern);
    // API Gateway's own metric counts a stream until its end; an HTTP API has none.
    const others = '{ ($.responseLatency >= 0) && ($.route != "POST /stream") }';
    expect(filters.sort()).toEqual(name === 'alarms' ? ['{ $.status = "429" }', others] : ['{ $.status = "429" }']);
  });

  test.each(['dashboard', 'dashboard http', 'dashboard shared', 'dashboard custom', 'dashboard without functions'])(
    'a dashboard shows what is written, within the limits of CloudWatch: %s',
    (name) => {
      const result = of(name);
      const service = { 'dashboard http': 'my-http-api', 'dashboard custom': 'custom-api', dashboard: 'my-api' }[name] ?? 'shared-api';
      const body = dashboardOf(result);
      expect(problemsOf(body, `${service}-Test`, service)).toEqual([]);
      const functions = metricsOf(body).filter(({ namespace }) => namespace === 'AWS/Lambda');
      const names = functions.map(({ dimensions }) => dimensions.FunctionName);
      const answering = Object.keys(resourcesOf(result, 'AWS::Lambda::Function'));
      expect(new Set(names).size).toBe(answering.length);
      // The part of an ARN that is the function's name, also in that of an alias.
      const parts = name.endsWith('http') ? Object.keys(resourcesOf(result, 'AWS::Lambda::Alias')) : answering.map((id) => `${id}.Arn`);
      expect([...new Set(names)].sort()).toEqual(parts.map((part) => `\${${part} 6}`).sort());
      // What is counted in the access log is counted without alarms, too.
      expect(onlyResource(result, 'AWS::Logs::MetricFilter').Properties.FilterPattern).toBe('{ $.status = "429" }');
      expect(count(result, 'AWS::CloudWatch::Alarm')).toBe(0);
    },
  );

  test('a dashboard has a name for its stack and region, and its address is an output', () => {
    const result = of('dashboard');
    const [[id, dashboard] = ['', { Properties: {} }]] = Object.entries(resourcesOf(result, 'AWS::CloudWatch::Dashboard'));
    expect(text((dashboard.Properties as Json).DashboardName)).toBe(`Test-MyApi-\${AWS::Region}`);
    const [[consoles, hosts] = ['', {}]] = Object.entries((result.template as Json).Mappings);
    expect(text(result.template.Outputs.MyApiDashboardUrl.Value)).toBe(
      `https://\${AWS::Region}.${consoles}.\${AWS::Partition}.host/cloudwatch/home?region=\${AWS::Region}#dashboards/dashboard/\${${id}}`,
    );
    expect(hosts).toEqual({
      aws: { host: 'console.aws.amazon.com' },
      'aws-cn': { host: 'console.amazonaws.cn' },
      'aws-us-gov': { host: 'console.amazonaws-us-gov.com' },
    });
    expect(count(of('alarms'), 'AWS::CloudWatch::Dashboard')).toBe(0);
  });

  test('two environments of an API in one stack have metrics, names and stages apart', () => {
    const result = of('two environments');
    const filters = Object.values(resourcesOf(result, 'AWS::Logs::MetricFilter')).map(
      ({ Properties }) => Properties.MetricTransformations[0],
    );
    expect(filters.map(({ MetricNamespace, MetricName }) => `${MetricNamespace} ${MetricName}`).sort()).toEqual([
      'my-api-Test Latency',
      'my-api-Test ThrottledRequests',
      'my-api-blue Latency',
      'my-api-blue ThrottledRequests',
    ]);
    const alarms = Object.values(resourcesOf(result, 'AWS::CloudWatch::Alarm')).filter(({ Properties }) => Properties.Dimensions);
    const dimensions = alarms.map(({ Properties }) => Properties.Dimensions.map(({ Value }: Json) => Value).join());
    expect([...new Set(dimensions)].sort()).toEqual(['My API (Test),Test', 'My API (blue),blue']);
    const namespaces = Object.values(resourcesOf(result, 'AWS::Lambda::Function')).map(
      ({ Properties }) => Properties.Environment.Variables.POWERTOOLS_METRICS_NAMESPACE,
    );
    expect([...new Set(namespaces)].sort()).toEqual(['my-api-Test', 'my-api-blue']);
    expect(onlyResource(result, 'AWS::WAFv2::WebACL').Properties.VisibilityConfig.MetricName).toBe('my-api-Test');
    const dashboards = Object.values(resourcesOf(result, 'AWS::CloudWatch::Dashboard')).map(({ Properties }) => Properties);
    expect(dashboards.map(({ DashboardName }) => text(DashboardName)).sort()).toEqual([
      `Test-MyApi-\${AWS::Region}`,
      `Test-Other-\${AWS::Region}`,
    ]);
    const [one = [], other = []] = dashboards.map(({ DashboardBody }) =>
      metricsOf(JSON.parse(text(DashboardBody))).map((metric) => JSON.stringify(metric)),
    );
    expect(one).toHaveLength(other.length);
    expect(one.filter((metric) => other.includes(metric))).toEqual([]);
    expect(result.messages.filter((message) => message.startsWith('warning'))).toEqual([]);
  });

  test('an authorizer counts in the environment of its API', () => {
    for (const { Properties } of Object.values(resourcesOf(of('custom environment'), 'AWS::Lambda::Function')))
      expect(Properties.Environment.Variables.POWERTOOLS_METRICS_NAMESPACE).toBe('custom-api-blue');
  });

  test('streams of an HTTP API are told, which sends them whole', () => {
    const told =
      'info: My API is an HTTP API, which sends what these stream whole, and only if it has ended within 30 seconds: stream. A REST API streams.';
    expect(of('two instances http').messages).toContainEqual(told);
    expect(of('two instances').messages).not.toContainEqual(expect.stringContaining('stream'));
  });

  test('one environment of an API twice is told, and one that no stage can be named like is refused', () => {
    expect(of('one environment twice').messages.join('\n')).toMatch(/warning: Two APIs have the metrics namespace my-api-Test/);
    expect(errorOf('no environment')).toBe(
      "The environment 'in production' can't be the name of a stage: use letters, digits, hyphens and underscores.",
    );
  });

  test.each(['domain', 'domain http'])('a domain name has its mapping, its record and its base path: %s', (name) => {
    const result = of(name);
    const isRest = name === 'domain';
    expect(onlyResource(result, isRest ? 'AWS::ApiGateway::BasePathMapping' : 'AWS::ApiGatewayV2::ApiMapping').Properties).toMatchObject(
      isRest ? { BasePath: 'v1' } : { ApiMappingKey: 'v1' },
    );
    expect(onlyResource(result, 'AWS::Route53::RecordSet').Properties).toMatchObject({ Name: 'api.example.com.', Type: 'A' });
    expect(functionOf(result, 'getItem').Properties.Environment.Variables.AWS_LWA_REMOVE_BASE_PATH).toBe('/v1');
    expect(Object.values(result.template.Outputs).map(({ Value }) => Value)).toContain('https://api.example.com/v1');
    if (isRest) expect(onlyResource(result, 'AWS::ApiGateway::RestApi').Properties.DisableExecuteApiEndpoint).toBe(true);
    else expect(bodyOf(result)['x-amazon-apigateway-endpoint-configuration']).toEqual({ disableExecuteApiEndpoint: true });
  });

  test('a domain name without a base path leaves paths as they are', () => {
    const result = of('domain without base path');
    expect(functionOf(result, 'getItem').Properties.Environment.Variables.AWS_LWA_REMOVE_BASE_PATH).toBeUndefined();
    expect(Object.values(result.template.Outputs).map(({ Value }) => Value)).toContain('https://api.example.com');
  });

  test.each(['no endpoint', 'no endpoint http'])('an API without any address is refused: %s', (name) => {
    expect(errorOf(name)).toBe('disableExecuteApiEndpoint needs a domain: the API would have no address.');
  });

  test('the name of the stage is in the address and in the permissions', () => {
    const result = of('stage name');
    for (const { Properties } of Object.values(resourcesOf(result, 'AWS::Lambda::Permission')))
      expect(text(Properties.SourceArn)).toMatch(/\}\/live\//);
    expect(Object.values(result.template.Outputs).map(({ Value }) => text(Value))).toEqual([expect.stringMatching(/\/live$/), 'IAM']);
  });

  test('limits hold for the stage, and for one operation', () => {
    const settings = onlyResource(of('throttle'), 'AWS::ApiGateway::Stage').Properties.MethodSettings;
    expect(settings).toEqual([
      {
        DataTraceEnabled: false,
        HttpMethod: '*',
        LoggingLevel: 'ERROR',
        ResourcePath: '/*',
        ThrottlingBurstLimit: 50,
        ThrottlingRateLimit: 100,
      },
      {
        DataTraceEnabled: false,
        HttpMethod: 'GET',
        LoggingLevel: 'ERROR',
        ResourcePath: '/~1items~1{item_id}',
        ThrottlingBurstLimit: 5,
        ThrottlingRateLimit: 10,
      },
    ]);
    const stage = onlyResource(of('throttle http'), 'AWS::ApiGatewayV2::Stage').Properties;
    expect(stage.DefaultRouteSettings).toMatchObject({ ThrottlingBurstLimit: 50, ThrottlingRateLimit: 100 });
    expect(stage.RouteSettings).toEqual({ 'GET /items/{item_id}': { ThrottlingBurstLimit: 5, ThrottlingRateLimit: 10 } });
  });

  test.each(['two instances', 'two instances http'])('a stack holds an API twice, each with its own functions: %s', (name) => {
    const result = of(name);
    expect(count(result, 'AWS::Lambda::Function')).toBe(2 * routes.length);
    const apis = Object.values({ ...resourcesOf(result, 'AWS::ApiGateway::RestApi'), ...resourcesOf(result, 'AWS::ApiGatewayV2::Api') });
    const [first, second] = apis.map(({ Properties }) => text(Properties.Body.paths['/echo'].get['x-amazon-apigateway-integration'].uri));
    expect(first).not.toBe(second);
  });

  test('request validation is off until it is chosen', () => {
    expect(bodyOf(of('flagged'))['x-amazon-apigateway-request-validator']).toBe('none');
    expect(bodyOf(of('validation'))['x-amazon-apigateway-request-validator']).toBe('parameters');
    expect(bodyOf(of('validation'))['x-amazon-apigateway-request-validators'].parameters).toEqual({
      validateRequestBody: false,
      validateRequestParameters: true,
    });
  });

  test.each([
    ['flagged', 'unflagged rest'],
    ['flagged http', 'unflagged http'],
  ])('the template is the same with and without the recommended feature flags: %s', (flagged, unflagged) => {
    const types = (name: string) =>
      Object.values(of(name).template.Resources)
        .map(({ Type }) => Type)
        .filter((type) => type !== 'AWS::IAM::Policy')
        .sort();
    expect(types(unflagged)).toEqual(types(flagged));
    expect(count(of(unflagged), 'AWS::Logs::LogGroup')).toBe(routes.length + (unflagged.includes('http') ? 1 : 2));
    expect(count(of(unflagged), 'AWS::ApiGateway::Account')).toBe(0);
    expect(bodyOf(of(unflagged))).toEqual(bodyOf(of(flagged)));
  });

  // "A preflight request never includes credentials": https://fetch.spec.whatwg.org/#cors-protocol-and-credentials
  test("a user's own OPTIONS stands in place of the preflight, and asks for no auth unless it is told to", () => {
    const { options } = bodyOf(of('flagged')).paths['/own'];
    expect(options).toMatchObject({ operationId: 'ownOptions', security: [] });
    expect(bodyOf(of('flagged http')).paths['/own'].options.security).toEqual([]);
    expect(bodyOf(of('options with auth')).paths['/own'].options.security).toEqual([{ sigv4: [] }]);
    expect(bodyOf(of('flagged')).paths['/own'].get.security).toEqual([{ sigv4: [] }]);
    expect(options['x-amazon-apigateway-integration'].type).toBe('aws_proxy');
  });

  test('a rest of the path is greedy, it may be empty, and its permission spans both', () => {
    const result = of('flagged');
    expect(bodyOf(result).paths['/files/{name+}'].get.parameters).toEqual([
      { name: 'name', in: 'path', required: true, schema: { type: 'string' } },
    ]);
    expect(bodyOf(result).paths['/files'].get['x-amazon-apigateway-integration']).toEqual(
      bodyOf(result).paths['/files/{name+}'].get['x-amazon-apigateway-integration'],
    );
    expect(
      Object.values(resourcesOf(result, 'AWS::Lambda::Permission')).map(({ Properties }) => text(Properties.SourceArn)),
    ).toContainEqual(expect.stringMatching(/\/Test\/GET\/files\*$/));
  });
});

describe('answers of API Gateway itself', () => {
  const responses = (name: string) => bodyOf(of(name))['x-amazon-apigateway-gateway-responses'];

  // MISSING_AUTHENTICATION_TOKEN includes "the cases when the client attempts to invoke an unsupported API method or resource":
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
  test.each(['open', 'custom', 'scopes'])('an unknown path is not found where nothing asks for a signature: %s', (name) => {
    for (const type of ['MISSING_AUTHENTICATION_TOKEN', 'INVALID_SIGNATURE'])
      expect(responses(name)[type]).toMatchObject({
        statusCode: '404',
        responseTemplates: { 'application/json': '{"detail":"Not Found"}' },
        responseParameters: { 'gatewayresponse.header.Access-Control-Allow-Origin': "'*'" },
      });
  });

  test.each(['flagged', 'iam override under cognito'])('with IAM it may lack a signature as well, and the body names both: %s', (name) => {
    expect(responses(name).MISSING_AUTHENTICATION_TOKEN).toMatchObject({
      statusCode: '403',
      responseTemplates: {
        'application/json': '{"detail":"There is no such path and method, or the request is not signed (AWS Signature Version 4)."}',
      },
    });
    expect(responses(name).INVALID_SIGNATURE).toBeUndefined();
  });

  // https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
  test('are logged at ERROR, in a group that has a retention and goes with the API', () => {
    const result = of('flagged');
    const groups = Object.entries(resourcesOf(result, 'AWS::Logs::LogGroup'));
    const [id, group] =
      groups.find(([, { Properties }]) => text(Properties.LogGroupName ?? '').startsWith('API-Gateway-Execution-Logs_')) ?? [];
    expect(text(group?.Properties.LogGroupName)).toMatch(/^API-Gateway-Execution-Logs_\$\{MyApi\w+\}\/Test$/);
    expect(group).toMatchObject({ DeletionPolicy: 'Delete', Properties: { RetentionInDays: 365 } });
    const stage = onlyResource(result, 'AWS::ApiGateway::Stage');
    expect(stage.DependsOn).toContain(id);
    expect(stage.Properties.MethodSettings).toContainEqual(expect.objectContaining({ HttpMethod: '*', LoggingLevel: 'ERROR' }));
  });
});

test.each([
  ['open', 100, 200],
  ['open throttled', 5000, 6000],
  ['flagged', undefined, undefined],
])('what anybody may call has a limit, the bill of which has a bound: %s', (name, rate, burst) => {
  const [settings] = onlyResource(of(name), 'AWS::ApiGateway::Stage').Properties.MethodSettings;
  expect([settings.ThrottlingRateLimit, settings.ThrottlingBurstLimit]).toEqual([rate, burst]);
});

test('so has an HTTP API', () => {
  const settings = (name: string) => onlyResource(of(name), 'AWS::ApiGatewayV2::Stage').Properties.DefaultRouteSettings;
  expect(settings('open http')).toEqual({ ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 });
  expect(settings('flagged http')).toBeUndefined();
});
