import assert from 'node:assert/strict';
import { test } from 'node:test';
import { App, Stack } from 'aws-cdk-lib';
import { Capture, Template } from 'aws-cdk-lib/assertions';
import { User } from 'aws-cdk-lib/aws-iam';
import { type ApiAuth, iamAuth, noAuth } from './auth.js';
import { IntegrationBuilder } from './builder.js';
import { example } from './example.tests-data.js';
import { HttpApi } from './http-api.js';

const newApi = (auth: ApiAuth) => {
  const stack = new Stack(new App(), 'Test');
  const integrations = IntegrationBuilder.http({
    pattern: 'isolated',
    metadata: example,
    scope: stack,
  }).build();
  return new HttpApi(stack, 'Api', { metadata: example, auth, integrations });
};

const bodyOf = (api: ReturnType<typeof newApi>) => {
  const body = new Capture();
  Template.fromStack(Stack.of(api)).hasResourceProperties('AWS::ApiGatewayV2::Api', {
    Body: body,
  });
  return body.asObject();
};

test('each operation is a route behind the authorizer', () => {
  const { paths } = bodyOf(newApi(iamAuth()));
  assert.deepEqual(Object.keys(paths), ['/items', '/watch']);
  assert.deepEqual(paths['/items'].get.security, [{ sigv4: [] }]);
});

test('without auth no operation asks for credentials', () => {
  const { paths } = bodyOf(newApi(noAuth()));
  assert.deepEqual(paths['/items'].get.security, []);
});

test('restricted origins are in the API and in the functions', () => {
  const api = newApi(iamAuth());
  api.restrictCorsTo('https://example.com');
  assert.deepEqual(bodyOf(api)['x-amazon-apigateway-cors'].allowOrigins, ['https://example.com']);
  Template.fromStack(Stack.of(api)).allResourcesProperties('AWS::Lambda::Function', {
    Environment: { Variables: { ALLOWED_ORIGINS: 'https://example.com' } },
  });
});

test('access is granted to an operation, and only where IAM decides', () => {
  const api = newApi(iamAuth());
  api.grantInvokeAccess(new User(api, 'Caller'), 'listItems');
  Template.fromStack(Stack.of(api)).resourceCountIs('AWS::IAM::Policy', 1);

  const open = newApi(noAuth());
  assert.throws(() => open.grantInvokeAccess(new User(open, 'Caller')), /needs IAM/);
});
