// What options of an API come to in the plan, with the source of what AWS takes.
import { exampleRoutes, type Route } from '../../support/cdk-openapi.ts';
import { type Body, bodyOf, byType, complaint, plan, type Resource } from '../../support/terraform-plan.ts';
import { describeTerraform, useMoto } from '../../support/terraform-suite.ts';
import { terraformOk } from '../../support/terraform-tools.ts';
import {
  developmentVariables,
  initialisedWorkspace,
  pictureRoute,
  routesOfEachKind,
  terraformWorkspace,
  writeCall,
  writeRoutes,
} from '../../support/terraform-workspace.ts';

const routes: Route[] = [...routesOfEachKind, ['ANY', '/v1', 'v1'], pictureRoute];

describeTerraform('options of a REST API', () => {
  const moto = useMoto();
  let resources: Resource[];
  let body: Body;
  beforeAll(() => {
    const workspace = initialisedWorkspace('options-rest', {}, routes);
    writeRoutes(workspace, routes, { settings: { parameters: ['hosts', 'page-size'], secrets: ['database-url'] } });
    writeCall(
      workspace,
      `  operations = {
    for name in ["echo", "get_item", "root", "get_file", "v1"] : name => { throttling = { rate_limit = 10, burst_limit = 5 } }
  }
  exposed_headers    = ["X-Rest"]
  allowed_headers    = ["X-More"]
  binary_media_types = ["audio/*"]`,
    );
    resources = plan(workspace, moto()).resources;
    body = bodyOf(resources);
  }, 120_000);

  // The ARNs of secrets end with a hyphen and six characters:
  // https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples.html
  test('let every function read the settings that the app names, and nothing else', () => {
    const policies = byType(resources, 'aws_iam_role_policy').filter(({ values }) => values.name === 'settings');
    expect(policies).toHaveLength(routes.length);
    for (const { values } of policies)
      expect(JSON.parse(values.policy as string).Statement).toEqual([
        {
          Action: ['ssm:GetParameters'],
          Effect: 'Allow',
          Resource: ['hosts', 'page-size'].map((name) => `arn:aws:ssm:us-east-1:123456789012:parameter/my-scope/development/${name}`),
        },
        {
          Action: ['secretsmanager:GetSecretValue'],
          Effect: 'Allow',
          Resource: ['arn:aws:secretsmanager:us-east-1:123456789012:secret:/my-scope/development/database-url-??????'],
        },
      ]);
    for (const { values } of byType(resources, 'aws_lambda_function'))
      expect(values.environment).toMatchObject([{ variables: { SETTINGS_PATH: '/my-scope/development' } }]);
  });

  test.each([
    ['my-scope/*', ['page-size'], 'A settings_path is like /my-scope/production: letters, digits and _ . - after each slash.'],
    [
      '/AWS-shop/production',
      ['page-size'],
      'Parameter Store takes no name that begins with aws or ssm: give settings_path another beginning.',
    ],
    [
      '/my-scope/production',
      Array.from({ length: 140 }, (_, index) => `setting-${index}`),
      'The names of 140 settings take more than the 10,240 characters that IAM gives the policies of a role: put several values into one secret, as JSON.',
    ],
  ])('refuse %s as a path of settings', (path, parameters, message) => {
    const workspace = terraformWorkspace('options-settings', {}, exampleRoutes);
    writeRoutes(workspace, exampleRoutes, { settings: { parameters } });
    writeCall(workspace, `  settings_path = "${path}"`);
    terraformOk(workspace.infra, ['init', '-input=false']);
    expect(complaint(workspace.infra, ['plan', ...developmentVariables], moto().env)).toContain(message);
  });

  // The provider sends the path on as it is: https://github.com/hashicorp/terraform-provider-aws/issues/9738, 15855, 37959. API Gateway
  // wants the slashes of a resource's path as ~1, the first one and the root's too:
  // https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateStage.html
  test('throttle operations on nested paths and on the root', () => {
    const paths = byType(resources, 'aws_api_gateway_method_settings').map(({ values }) => values.method_path);
    const mounted = ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT'];
    expect(paths.sort()).toEqual(
      [
        '*/*',
        '~1echo/GET',
        '~1items~1{item_id}/GET',
        '~1/GET',
        '~1files~1{path+}/GET',
        '~1files/GET',
        ...mounted.flatMap((method) => [`~1v1/${method}`, `~1v1~1{proxy+}/${method}`]),
      ].sort(),
    );
  });

  // The star of Access-Control-Allow-Headers leaves out Authorization, so each header has to be named:
  // https://fetch.spec.whatwg.org/#http-access-control-allow-headers
  test('let browsers send the headers that operations declare, and those that are given', () => {
    const preflight = body.paths['/pictures/{name}']?.options?.['x-amazon-apigateway-integration'] as unknown as {
      responses: { default: { responseParameters: Record<string, string> } };
    };
    expect(preflight.responses.default.responseParameters['method.response.header.Access-Control-Allow-Headers']).toBe(
      "'Authorization,Content-Type,X-Amz-Content-Sha256,X-Amz-Date,X-Amz-Security-Token,X-Amzn-Trace-Id,X-Api-Key,X-Correlation-Id,x-tenant,X-More'",
    );
  });

  test('let pages read the headers that operations declare, in the answers of functions and of API Gateway', () => {
    expect(JSON.stringify(body['x-amazon-apigateway-gateway-responses'])).toContain(
      `"gatewayresponse.header.Access-Control-Expose-Headers":"'Apigw-Requestid,X-Amzn-RequestId,X-Amzn-Trace-Id,X-Correlation-Id,X-Total,X-Rest'"`,
    );
    const functions = byType(resources, 'aws_lambda_function');
    expect(functions).toHaveLength(routes.length);
    for (const { values } of functions)
      expect(JSON.stringify(values.environment)).toContain('"EXPOSED_HEADERS":"x-correlation-id,X-Total,X-Rest"');
  });

  // A body of another type arrives as text, which bytes do not survive; a kind may have a star:
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/lambda-proxy-binary-media.html,
  // measured in https://github.com/ministackorg/ministack/pull/767.
  test('let raw uploads arrive byte by byte', () => {
    expect(body['x-amazon-apigateway-binary-media-types']).toEqual([
      'application/octet-stream',
      'multipart/form-data',
      'image/png',
      'audio/*',
    ]);
  });

  test('leave out parameters whose names API Gateway refuses', () => {
    expect(body.paths['/pictures/{name}']?.put?.parameters.map(({ name }) => name)).toEqual(['name', 'x-tenant']);
  });

  // https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
  test('keep execution logs at ERROR, in a group that has a retention and goes with the API', () => {
    const groups = byType(resources, 'aws_cloudwatch_log_group').map(({ address }) => address);
    expect(groups).toContain('module.my_api.module.api.aws_cloudwatch_log_group.execution[0]');
    const [settings] = byType(resources, 'aws_api_gateway_method_settings').filter(({ values }) => values.method_path === '*/*');
    expect(settings?.values.settings).toMatchObject([{ logging_level: 'ERROR' }]);
  });

  test("say in an unknown path's answer that a signature may be missing, where there is auth IAM", () => {
    expect(body['x-amazon-apigateway-gateway-responses']).toMatchObject({
      MISSING_AUTHENTICATION_TOKEN: { statusCode: '403', responseTemplates: { 'application/json': expect.stringContaining('not signed') } },
    });
  });
});

describeTerraform('an API that anybody may call', () => {
  const moto = useMoto();

  test.each([
    ['Rest', 'aws_api_gateway_method_settings', 'settings'],
    ['Http', 'aws_apigatewayv2_stage', 'default_route_settings'],
  ])(
    'has a limit, the bill of which has a bound, and leaves no unknown path unanswered: %s',
    (type, resource, block) => {
      const workspace = initialisedWorkspace(`options-open-${type}`, {
        computeType: `ServerlessApiGateway${type}Api` as 'ServerlessApiGatewayRestApi',
        auth: 'None',
        integrationPattern: 'shared',
      });
      const { resources, told } = plan(workspace, moto());
      const streams = expect.stringMatching(
        / is an HTTP API, which sends what these stream whole, .*: stream\. A REST API streams; buffers_streams = true/,
      );
      expect(told).toEqual(type === 'Http' ? [streams] : []);
      // Nor has one without settings anything of them.
      expect(byType(resources, 'aws_iam_role_policy').map(({ values }) => values.name)).toEqual(['function']);
      expect(JSON.stringify(resources)).not.toContain('SETTINGS_PATH');
      expect(byType(resources, resource)[0]?.values[block]).toMatchObject([{ throttling_rate_limit: 100, throttling_burst_limit: 200 }]);
      if (type === 'Http') return;
      const answers = bodyOf(resources)['x-amazon-apigateway-gateway-responses'];
      for (const kind of ['MISSING_AUTHENTICATION_TOKEN', 'INVALID_SIGNATURE'])
        expect(answers).toMatchObject({
          [kind]: { statusCode: '404', responseTemplates: { 'application/json': '{"detail":"Not Found"}' } },
        });
    },
    120_000,
  );
});
