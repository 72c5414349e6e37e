// Both flavours send API Gateway the same: for REST APIs one body, for HTTP APIs one set of routes.
import type { Route } from '../../support/cdk-openapi.ts';
import type { Json, Synthesized } from '../../support/cdk-scenarios.ts';
import { onlyResource, synthesize } from '../../support/cdk-scenarios.ts';
import { cdkWorkspace } from '../../support/cdk-workspace.ts';
import { type Combination, combinations } from '../../support/terraform-combinations.ts';
import { bodyOf, byType, ofModule, plan, type Resource } from '../../support/terraform-plan.ts';
import { describeTerraform, useMoto } from '../../support/terraform-suite.ts';
import { type Call, pictureRoute, routesOfEachKind, terraformWorkspace, writeCalls } from '../../support/terraform-workspace.ts';

const routes: Route[] = [
  ...routesOfEachKind,
  ['ANY', '/v1', 'v1'],
  ['GET', '/slashed/', 'slashed'],
  ['GET', '/long', 'an_operation_whose_name_is_longer_than_the_64_characters_that_api_gateway_takes'],
  ['POST', '/maps/{y}@{scale}x.{format}', 'draw_map'],
  ['OPTIONS', '/echo', 'echo_options'],
  pictureRoute,
];

const poolArn = 'arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_Example';

interface Variant {
  name: string;
  combination: Combination;
  /** Props of the construct besides its integrations. */
  props?: string;
  /** Calls on the builder. */
  builder?: string;
  /** Calls on the API. */
  after?: string;
  /** Arguments of the module. */
  hcl?: string;
  /** What the app's own CORSMiddleware allows. */
  cors?: object;
}

const rest = (changes: Partial<Combination> = {}): Combination => ({
  computeType: 'ServerlessApiGatewayRestApi',
  integrationPattern: 'isolated',
  auth: 'IAM',
  ...changes,
});
const http: Combination = { ...rest(), computeType: 'ServerlessApiGatewayHttpApi' };

const corsRule = {
  origins: ['https://a.example.com'],
  originRegex: '',
  methods: ['GET', 'PUT'],
  headers: ['Accept', 'X-Token'],
  credentials: false,
  exposedHeaders: ['X-Total'],
  maxAge: 60,
};
const corsRules = [
  { ...corsRule, credentials: true, origins: ['https://a.example.com', 'https://b.example.com'], exposedHeaders: [] },
  { ...corsRule, credentials: true, origins: ['*'], headers: ['*'], methods: ['GET', 'QUERY'] },
];
const corsVariants = (combination: Combination, rules: object[]): Variant[] =>
  rules.map((cors, index) => ({ name: `the app's own CORS ${index}`, combination, cors }));

const variants: Variant[] = [
  ...corsVariants(rest(), [
    corsRule,
    ...corsRules,
    { ...corsRule, origins: [] },
    { ...corsRule, origins: [], originRegex: "https://(.*)\\.it's\\.example" },
  ]),
  ...corsVariants(http, corsRules),
  ...combinations.map((combination) => ({ name: `${combination.integrationPattern} ${combination.auth}`, combination })),
  {
    name: 'one origin',
    combination: rest(),
    after: "api.restrictCorsTo('https://example.com');",
    hcl: '  allowed_origins = ["https://example.com"]',
  },
  {
    name: 'several origins',
    combination: rest({ integrationPattern: 'shared', auth: 'None' }),
    after: "api.restrictCorsTo('https://a.example.com', 'https://b.example.com');",
    hcl: '  allowed_origins = ["https://a.example.com", "https://b.example.com"]',
  },
  ...[rest(), http].map((combination) => ({
    name: 'headers of browsers',
    combination,
    props: "allowedHeaders: ['X-More', 'X-Tenant'], exposedHeaders: ['X-Rest'],",
    hcl: '  allowed_headers = ["X-More", "X-Tenant"]\n  exposed_headers = ["X-Rest"]',
  })),
  { name: 'binary media types', combination: rest(), props: "binaryMediaTypes: ['audio/*'],", hcl: '  binary_media_types = ["audio/*"]' },
  { name: 'request validation', combination: rest(), props: 'requestValidation: true,', hcl: '  request_validation = true' },
  {
    name: 'a timeout of a shared function',
    combination: rest({ integrationPattern: 'shared' }),
    builder: '.withDefaultOptions({ timeout: Duration.minutes(1) })',
    hcl: '  function_defaults = { timeout = 60 }',
  },
  {
    name: 'auth of OPTIONS',
    combination: rest(),
    props: 'authorizeOptions: true,',
    hcl: '  operations = { echo_options = { auth = "IAM" } }',
  },
  ...[rest({ auth: 'Custom' }), { ...http, auth: 'Custom' as const }].map((combination) => ({
    name: 'no cache of authorizers',
    combination,
    props: 'authorizerCacheTtl: Duration.seconds(0),',
    hcl: '  authorizer_cache_seconds = 0',
  })),
  {
    name: 'options of functions',
    combination: rest(),
    builder:
      '.withOperationOptions({ getItem: { timeout: Duration.seconds(7) }, echo: { snapStart: lambda.SnapStartConf.ON_PUBLISHED_VERSIONS } })',
    hcl: '  operations = { get_item = { timeout = 7 }, echo = { snap_start = true } }',
  },
  {
    name: 'an HTTP integration without auth',
    combination: rest(),
    builder:
      ".withOverrides({ echo: { integration: new HttpIntegration('https://example.com/echo'), options: { authorizationType: apigateway.AuthorizationType.NONE } } })",
    hcl: '  operations = { echo = { integration = { uri = "https://example.com/echo" }, auth = "None" } }',
  },
  {
    name: 'an S3 integration',
    combination: rest(),
    builder: `.withOverrides({ getItem: {
      integration: new AwsIntegration({ service: 's3', integrationHttpMethod: 'GET', path: 'files/{fileName}', options: {
        credentialsRole: Role.fromRoleArn(this, 'Files', 'arn:aws:iam::123456789012:role/files'),
        requestParameters: { 'integration.request.path.fileName': 'method.request.querystring.fileName' },
        integrationResponses: [{ statusCode: '200', responseParameters: { 'method.response.header.Content-Type': 'integration.response.header.Content-Type' } }, { statusCode: '404', selectionPattern: '404' }],
      } }),
      options: {
        requestParameters: { 'method.request.querystring.fileName': true },
        methodResponses: [{ statusCode: '200', responseParameters: { 'method.response.header.Content-Type': true } }, { statusCode: '404' }],
      },
    } })`,
    hcl: `  operations = {
    get_item = {
      integration = {
        service            = "s3"
        path               = "files/{fileName}"
        credentials        = "arn:aws:iam::123456789012:role/files"
        request_parameters = { "integration.request.path.fileName" = "method.request.querystring.fileName" }
        responses = {
          default = { status_code = 200, parameters = { "method.response.header.Content-Type" = "integration.response.header.Content-Type" } }
          "404"   = { status_code = 404 }
        }
      }
      request_parameters = { "method.request.querystring.fileName" = true }
      method_responses = {
        "200" = { parameters = { "method.response.header.Content-Type" = true } }
        "404" = {}
      }
    }
  }`,
  },
  {
    name: 'a custom domain with a base path',
    combination: rest({ auth: 'None' }),
    props:
      "domain: { domainName: 'api.example.com', basePath: 'v1', certificate: acm.Certificate.fromCertificateArn(this, 'Certificate', 'arn:aws:acm:us-east-1:123456789012:certificate/1') },",
    hcl: '  custom_domain = { domain_name = "api.example.com", base_path = "v1", certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1" }',
  },
  {
    name: 'an HTTP integration of an HTTP API',
    combination: http,
    builder: ".withOverrides({ echo: { integration: new integrations.HttpUrlIntegration('Echo', 'https://example.com/echo') } })",
    hcl: '  operations = { echo = { integration = { uri = "https://example.com/echo" } } }',
  },
];

const label = ({ name, combination }: Variant): string =>
  `${combination.computeType.replace(/ServerlessApiGateway(\w+)Api/, '$1')} ${name}`;
const isRest = ({ combination }: Variant): boolean => combination.computeType === 'ServerlessApiGatewayRestApi';
const classOf = ({ name, cors, combination: { computeType, integrationPattern, auth } }: Variant): string =>
  `${cors ? name.replace(/\W/g, '') : ''}${computeType === 'ServerlessApiGatewayRestApi' ? 'Rest' : 'Http'}${integrationPattern === 'isolated' ? 'Isolated' : 'Shared'}${auth}Api`;

const keyOf = (variant: Variant): string => `variant_${variants.indexOf(variant)}`;
/** The call that gives Terraform what the construct is given, with a pool that is there already. */
const callOf = ({ combination, hcl, cors }: Variant): Call => ({
  combination,
  ...(hcl && { more: hcl }),
  ...(cors && { settings: { cors } }),
  edit: (file) =>
    file
      .replace(/\nmodule "my_api_user_pool" \{[\s\S]*?\n\}\n/g, '')
      .replace('module.my_api_user_pool.arn', JSON.stringify(poolArn))
      .replace('module.my_api_user_pool.client_ids', '["client"]'),
});

/** `get_item`, `getItem` and `get-item` are one function; physical names and logical ids are each flavour's own. */
const functionKey = (name: string): string =>
  name
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase()
    // Terraform's name of a function with a long one ends in a sum.
    .slice(0, 20);

describeTerraform('what API Gateway is sent', () => {
  const moto = useMoto();
  let synthesized: Record<string, Synthesized>;
  const planned: Record<string, Resource[]> = {};

  beforeAll(() => {
    const classes = new Map(variants.map((variant) => [classOf(variant), variant]));
    const root = cdkWorkspace(
      'compared-with-terraform',
      [...classes].map(([apiClass, { combination, cors }]) => {
        const apiName = apiClass.toLowerCase();
        return { data: { ...combination, apiClass, apiName, apiDir: `packages/${apiName}` }, routes, settings: { ...(cors && { cors }) } };
      }),
    );
    synthesized = synthesize(
      root,
      'compared-with-terraform',
      `import { ${[...classes.keys()].join(', ')} } from ':my-scope/common-constructs';`,
      Object.fromEntries([
        ['a pool', "new RestIsolatedCognitoApi(this, 'Api', { integrations: RestIsolatedCognitoApi.defaultIntegrations(this).build() });"],
        ...variants.map((variant) => {
          const apiClass = classOf(variant);
          const pool =
            variant.combination.auth === 'Cognito'
              ? `userPool: cognito.UserPool.fromUserPoolArn(this, 'Pool', '${poolArn}'), userPoolClients: [cognito.UserPoolClient.fromUserPoolClientId(this, 'Client', 'client')],`
              : '';
          return [
            label(variant),
            `const api = new ${apiClass}(this, 'Api', { ${pool} ${variant.props ?? ''} integrations: ${apiClass}.defaultIntegrations(this)${variant.builder ?? ''}.build() }); ${variant.after ?? ''} void api;`,
          ];
        }),
      ]),
    );
    for (const [type, computeType] of [
      ['Rest', 'ServerlessApiGatewayRestApi'],
      ['Http', 'ServerlessApiGatewayHttpApi'],
    ] as const) {
      const workspace = terraformWorkspace(`compared-with-cdk-${type}`, { computeType, auth: 'Cognito' }, routes);
      const own = variants.filter((variant) => isRest(variant) === (type === 'Rest'));
      writeCalls(workspace, routes, {
        ...(type === 'Rest' && { a_pool: { combination: { auth: 'Cognito' } } }),
        ...Object.fromEntries(own.map((variant) => [keyOf(variant), callOf(variant)])),
      });
      planned[type] = plan(workspace, moto()).resources;
    }
  }, 600_000);

  test('the pools and their clients are equal', () => {
    const [pool, client] = ['aws_cognito_user_pool', 'aws_cognito_user_pool_client'].map(
      (type) => byType(planned.Rest ?? [], type)[0]?.values as Json,
    );
    const made = synthesized['a pool'] as Synthesized;
    const own = onlyResource(made, 'AWS::Cognito::UserPool').Properties;
    const ownClient = onlyResource(made, 'AWS::Cognito::UserPoolClient').Properties;
    const password = own.Policies.PasswordPolicy;
    expect({
      mfa: pool.mfa_configuration,
      factors: pool.software_token_mfa_configuration.map(({ enabled }: Json) => enabled && 'SOFTWARE_TOKEN_MFA'),
      names: pool.username_attributes,
      verified: pool.auto_verified_attributes,
      recovery: pool.account_recovery_setting[0].recovery_mechanism,
      adminsOnly: pool.admin_create_user_config[0].allow_admin_create_user_only,
      password: [pool.password_policy[0].minimum_length, pool.password_policy[0].temporary_password_validity_days],
      letters: ['lowercase', 'numbers', 'symbols', 'uppercase'].map((kind) => pool.password_policy[0][`require_${kind}`]),
      client: [client.generate_secret, client.prevent_user_existence_errors, client.supported_identity_providers],
      flows: [[...client.explicit_auth_flows].sort(), client.allowed_oauth_flows_user_pool_client],
    }).toEqual({
      mfa: own.MfaConfiguration,
      factors: own.EnabledMfas,
      names: own.UsernameAttributes,
      verified: own.AutoVerifiedAttributes,
      recovery: own.AccountRecoverySetting.RecoveryMechanisms.map(({ Name, Priority }: Json) => ({ name: Name, priority: Priority })),
      adminsOnly: own.AdminCreateUserConfig.AllowAdminCreateUserOnly,
      password: [password.MinimumLength, password.TemporaryPasswordValidityDays],
      letters: [password.RequireLowercase, password.RequireNumbers, password.RequireSymbols, password.RequireUppercase],
      client: [ownClient.GenerateSecret, ownClient.PreventUserExistenceErrors, ownClient.SupportedIdentityProviders],
      flows: [[...ownClient.ExplicitAuthFlows].sort(), ownClient.AllowedOAuthFlowsUserPoolClient],
    });
  });

  const resourcesOf = (variant: Variant): Resource[] => ofModule(planned[isRest(variant) ? 'Rest' : 'Http'] ?? [], keyOf(variant));

  const cdk = (variant: Variant): { template: Synthesized['template']; resolve: (value: Json) => Json } => {
    const found = synthesized[label(variant)];
    if (!found || found.error) throw new Error(found?.error ?? 'The scenario is missing.');
    return { template: found.template, resolve: resolver(found.template) };
  };

  test.each(variants.filter(isRest).map((variant) => [label(variant), variant] as const))('%s: the bodies are equal', (_, variant) => {
    const { template, resolve } = cdk(variant);
    const api = Object.values(template.Resources).find(({ Type }) => Type === 'AWS::ApiGateway::RestApi');
    const body = resolve(api?.Properties.Body);
    // Under Terraform the name stands beside the body.
    body.info.title = body.info.title.replace(/ \(Test\)$/, '');
    expect(withFunctionKeys(bodyOf(resourcesOf(variant)))).toEqual(withFunctionKeys(body));
  });

  test.each(variants.filter((variant) => !isRest(variant)).map((variant) => [label(variant), variant] as const))(
    '%s: the routes are equal',
    (_, variant) => {
      const { template, resolve } = cdk(variant);
      const api = Object.values(template.Resources).find(({ Type }) => Type === 'AWS::ApiGatewayV2::Api');
      const body = resolve(api?.Properties.Body);
      const resources = resourcesOf(variant);
      expect(withFunctionKeys(routesOfTerraform(resources))).toEqual(withFunctionKeys(routesOfBody(body)));
      const [sent] = byType(resources, 'aws_apigatewayv2_api');
      const [cors] = (sent?.values.cors_configuration ?? []) as Json[];
      const expected = body['x-amazon-apigateway-cors'];
      expect([...cors.allow_headers].sort()).toEqual([...expected.allowHeaders].sort());
      expect([...(cors.expose_headers ?? [])].sort()).toEqual([...(expected.exposeHeaders ?? [])].sort());
      expect([...cors.allow_origins].sort()).toEqual([...expected.allowOrigins].sort());
      expect([...cors.allow_methods].sort()).toEqual([...expected.allowMethods].sort());
      expect([cors.allow_credentials, cors.max_age]).toEqual([expected.allowCredentials ?? false, expected.maxAge]);
    },
  );
});

/** Values of a template as they are in one account, with functions named by their descriptions. */
function resolver(template: Synthesized['template']): (value: Json) => Json {
  const pseudo: Record<string, string> = {
    'AWS::Partition': 'aws',
    'AWS::Region': 'us-east-1',
    'AWS::AccountId': '123456789012',
    'AWS::URLSuffix': 'amazonaws.com',
  };
  const reference = (id: string): string => {
    if (pseudo[id]) return pseudo[id];
    const { Type: type, Properties: properties } = template.Resources[id] ?? { Type: 'unknown', Properties: {} };
    if (type === 'AWS::Lambda::Alias') return `${reference(properties.FunctionName.Ref)}:${properties.Name}`;
    if (type !== 'AWS::Lambda::Function') throw new Error(`A reference to ${id}, a ${type}, has no meaning here.`);
    return `arn:aws:lambda:us-east-1:123456789012:function:${properties.Description.split(': ')[1]}`;
  };
  const resolve = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(resolve);
    if (value === null || typeof value !== 'object') return value;
    if ('Ref' in value) return reference(value.Ref);
    if ('Fn::GetAtt' in value) return reference(value['Fn::GetAtt'][0]);
    if ('Fn::Join' in value) return value['Fn::Join'][1].map(resolve).join(value['Fn::Join'][0]);
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, resolve(part)]));
  };
  return resolve;
}

const withFunctionKeys = (value: Json): Json =>
  JSON.parse(
    JSON.stringify(value).replace(
      /:function:(?:my-scope-development-my-api-)?([\w$-]+)/g,
      (_, name: string) => `:function:${functionKey(name)}`,
    ),
  );

interface SentRoute {
  route: string;
  auth: unknown;
  integration: Record<string, unknown>;
}

const byRoute = (sent: SentRoute[]): SentRoute[] => sent.sort((one, other) => one.route.localeCompare(other.route));

function routesOfBody(body: Json): SentRoute[] {
  const schemes = body.components.securitySchemes;
  return byRoute(
    Object.entries(body.paths as Record<string, Record<string, Json>>).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => {
        const [name] = Object.keys(operation.security[0] ?? {});
        const { authorizerResultTtlInSeconds: ttl, ...authorizer } = schemes[name ?? '']?.['x-amazon-apigateway-authorizer'] ?? {};
        const integration = operation['x-amazon-apigateway-integration'];
        return {
          route: `${method.toUpperCase()} ${path}`,
          auth: name === undefined ? 'NONE' : name === 'sigv4' ? 'AWS_IAM' : { ...authorizer, ...(ttl !== undefined && { ttl }) },
          integration: {
            type: integration.type.toUpperCase(),
            method: integration.httpMethod,
            uri: integration.uri,
            payload: integration.payloadFormatVersion,
            ...(integration.timeoutInMillis && { timeout: integration.timeoutInMillis }),
          },
        };
      }),
    ),
  );
}

function routesOfTerraform(resources: Resource[]): SentRoute[] {
  const authorizer = byType(resources, 'aws_apigatewayv2_authorizer')[0]?.values as Json;
  const authorizers: Record<string, unknown> = {
    JWT: authorizer && {
      type: 'jwt',
      identitySource: authorizer.identity_sources[0],
      jwtConfiguration: { issuer: authorizer.jwt_configuration[0]?.issuer, audience: authorizer.jwt_configuration[0]?.audience },
    },
    CUSTOM: authorizer && {
      type: 'request',
      identitySource: authorizer.identity_sources[0],
      authorizerUri: authorizer.authorizer_uri,
      authorizerPayloadFormatVersion: authorizer.authorizer_payload_format_version,
      enableSimpleResponses: authorizer.enable_simple_responses,
      ttl: authorizer.authorizer_result_ttl_in_seconds,
    },
  };
  return byRoute(
    byType(resources, 'aws_apigatewayv2_route').map(({ address, values }) => {
      const integration = resources.find((other) => other.address === address.replace(/_route\.\w+(\["[^"]+"\])?$/, '_integration.this'))
        ?.values as Json;
      const override = integration.integration_type === 'HTTP_PROXY';
      return {
        route: String(values.route_key),
        auth: authorizers[String(values.authorization_type)] ?? values.authorization_type,
        integration: {
          type: integration.integration_type,
          method: integration.integration_method,
          uri: integration.integration_uri,
          payload: integration.payload_format_version,
          // API Gateway's own default, which the other flavour leaves to it.
          ...(!override && { timeout: integration.timeout_milliseconds }),
        },
      };
    }),
  );
}
