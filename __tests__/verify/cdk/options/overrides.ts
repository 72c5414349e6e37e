// Integrations of a user's own, in place of functions.
import { bodyOf, type Json, resourcesOf, text } from '../../../support/cdk-scenarios.ts';
import { count, errorOf, of } from './scenarios.ts';

describe('overrides', () => {
  test('a state machine answers an operation, by a role of its own', () => {
    const integration = bodyOf(of('step functions')).paths['/items'].post['x-amazon-apigateway-integration'];
    expect(integration).toMatchObject({ type: 'aws', httpMethod: 'POST' });
    expect(text(integration.uri)).toContain(':states:action/StartSyncExecution');
    expect(integration.credentials).toBeDefined();
    expect(integration.responses.default.statusCode).toBe('200');
  });

  test('a function of your own answers an operation, and may be invoked', () => {
    const result = of('own lambda');
    expect(text(bodyOf(result).paths['/files/{name+}'].get['x-amazon-apigateway-integration'].uri)).toMatch(
      /functions\/\$\{Own\w+\.Arn\}\/invocations$/,
    );
    const own = Object.values(resourcesOf(result, 'AWS::Lambda::Permission')).filter(({ Properties }) =>
      text(Properties.FunctionName).includes('Own'),
    );
    expect(own.map(({ Properties }) => text(Properties.SourceArn))).toContainEqual(expect.stringMatching(/\/GET\/files\/\*$/));
    expect(count(result, 'AWS::ApiGateway::Method') + count(result, 'AWS::ApiGateway::Resource')).toBe(0);
  });

  test('a function of your own streams where it is said', () => {
    const integration = bodyOf(of('streaming lambda')).paths['/files/{name+}'].get['x-amazon-apigateway-integration'];
    expect(integration).toMatchObject({ responseTransferMode: 'STREAM', timeoutInMillis: 300_000 });
    expect(text(integration.uri)).toMatch(/response-streaming-invocations$/);
  });

  test('options of a method are in the body', () => {
    const body = bodyOf(of('method options'));
    expect(body.paths['/items/{item_id}'].get).toMatchObject({
      operationId: 'Item',
      security: [{ sigv4: [], api_key: [] }],
      'x-amazon-apigateway-request-validator': 'parameters',
      responses: { 200: { headers: { Link: { schema: { type: 'string' } } } } },
    });
    expect(body.components.securitySchemes.api_key).toEqual({ type: 'apiKey', name: 'x-api-key', in: 'header' });
    expect(body.paths['/echo'].get.security).toEqual([]);
  });

  test.each(['requestModels', 'requestValidator', 'methodResponses'])('what the body cannot hold is refused: %s', (option) => {
    expect(errorOf(`refused ${option}`)).toMatch(
      option === 'methodResponses'
        ? /^The responseModels of 'getItem' can't be held/
        : new RegExp(`^The option ${option} of 'getItem' can't be held`),
    );
  });

  test('an authorizer that is made elsewhere is refused', () => {
    expect(errorOf('foreign authorizer')).toMatch(/^The API's body holds only authorizers that are made in this app/);
  });

  test('a Lambda authorizer becomes one scheme of the body, with a permission that names no authorizer', () => {
    const result = of('token authorizer');
    const { paths, components } = bodyOf(result);
    expect(paths['/echo'].get.security).toEqual(paths['/items/{item_id}'].get.security);
    const [name] = Object.keys(paths['/echo'].get.security[0]) as [string];
    expect(components.securitySchemes[name]).toMatchObject({
      type: 'apiKey',
      name: 'Authorization',
      'x-amazon-apigateway-authtype': 'custom',
      'x-amazon-apigateway-authorizer': { type: 'token', authorizerResultTtlInSeconds: 60 },
    });
    expect(count(result, 'AWS::ApiGateway::Authorizer')).toBe(0);
    const [permission] = Object.values(resourcesOf(result, 'AWS::Lambda::Permission')).filter(({ Properties }) =>
      text(Properties.FunctionName).includes('Check'),
    );
    expect(text(permission?.Properties.SourceArn)).toMatch(/\/authorizers\/\*$/);
  });

  test('a request authorizer keeps its identity sources', () => {
    const { components } = bodyOf(of('request authorizer'));
    const scheme = Object.entries<Json>(components.securitySchemes).find(([name]) => name !== 'sigv4')?.[1];
    expect(scheme['x-amazon-apigateway-authorizer']).toMatchObject({
      type: 'request',
      identitySource: 'method.request.header.X-Token,method.request.querystring.tenant',
    });
  });

  test("an override's IAM wins over Cognito, and can be granted", () => {
    const result = of('iam override under cognito');
    expect(bodyOf(result).paths['/items/{item_id}'].get.security).toEqual([{ sigv4: [] }]);
    expect(bodyOf(result).paths['/echo'].get.security).toEqual([{ cognito: [] }]);
    expect(count(result, 'AWS::IAM::Policy')).toBe(1);
  });

  test.each(['MyApi', 'MyHttpApi', 'CognitoApi', 'CognitoHttpApi', 'CustomApi', 'CustomHttpApi', 'OpenApi', 'OpenHttpApi'])(
    "an override's authorizer wins over that of %s",
    (api) => {
      const { paths, components } = bodyOf(of(`wins over ${api}`));
      const [name] = Object.keys(paths['/items/{item_id}'].get.security[0]) as [string];
      expect(name).toMatch(/Own/);
      expect(JSON.stringify(components.securitySchemes[name])).toContain('Pool');
      expect(paths['/echo'].get.security).not.toEqual(paths['/items/{item_id}'].get.security);
    },
  );

  test("an HTTP API's authorizers become schemes of the body", () => {
    const result = of('http authorizers');
    const { paths, components } = bodyOf(result);
    expect(paths['/'].get.security).toEqual([]);
    expect(paths['/echo'].get.security).toEqual(paths['/items/{item_id}'].get.security);
    const [lambda] = Object.keys(paths['/echo'].get.security[0]) as [string];
    expect(components.securitySchemes[lambda]['x-amazon-apigateway-authorizer']).toMatchObject({
      type: 'request',
      enableSimpleResponses: true,
      authorizerPayloadFormatVersion: '2.0',
    });
    const [jwt, scopes] = Object.entries(paths['/items'].post.security[0])[0] as [string, string[]];
    expect(scopes).toEqual(['items/write']);
    const { type, jwtConfiguration } = components.securitySchemes[jwt]['x-amazon-apigateway-authorizer'];
    expect({ type, jwtConfiguration }).toEqual({
      type: 'jwt',
      jwtConfiguration: { audience: ['me'], issuer: 'https://issuer.example.com' },
    });
    expect(
      count(result, 'AWS::ApiGatewayV2::Authorizer') +
        count(result, 'AWS::ApiGatewayV2::Route') +
        count(result, 'AWS::ApiGatewayV2::Integration'),
    ).toBe(0);
    const [permission] = Object.values(resourcesOf(result, 'AWS::Lambda::Permission')).filter(({ Properties }) =>
      text(Properties.FunctionName).includes('Check'),
    );
    expect(text(permission?.Properties.SourceArn)).toMatch(/\/authorizers\/\*$/);
  });

  test('one integration answers two operations of an HTTP API', () => {
    const { paths } = bodyOf(of('http integrations'));
    expect(paths['/echo'].get['x-amazon-apigateway-integration']).toEqual(paths['/items/{item_id}'].get['x-amazon-apigateway-integration']);
    expect(paths['/items'].post['x-amazon-apigateway-integration']).toMatchObject({ type: 'aws_proxy', payloadFormatVersion: '2.0' });
  });

  test('with every operation overridden there is no function and no router', () => {
    const result = of('all overridden');
    expect(count(result, 'AWS::Lambda::Function') + count(result, 'AWS::Lambda::Permission')).toBe(0);
  });

  test('values without types are checked as well', () => {
    expect(errorOf('untyped unknown')).toMatch(/^'getWidget' is not an operation of My API: echo, getItem, /);
    expect(errorOf('untyped both')).toBe("'getItem' has an override, which the options of its function would not reach.");
    expect(errorOf('untyped missing')).toBe("The operation 'echo' of My API has no integration.");
  });
});
