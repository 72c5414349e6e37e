import assert from 'node:assert/strict';
import { test } from 'node:test';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { HttpIntegration } from 'aws-cdk-lib/aws-apigateway';
import { IntegrationBuilder } from './builder.js';
import { example } from './example.tests-data.js';

const newStack = () => new Stack(new App(), 'Test');

test('isolated operations have a function each, shared ones the router', () => {
  const stack = newStack();
  const isolated = IntegrationBuilder.rest({
    pattern: 'isolated',
    metadata: example,
    scope: stack,
  }).build();
  const shared = IntegrationBuilder.rest({
    pattern: 'shared',
    metadata: example,
    scope: stack,
  }).build();

  assert.notEqual(isolated.listItems.handler, isolated.watchItems.handler);
  assert.equal(shared.listItems.handler, shared.$router.handler);
  Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 3);
});

test('options of one operation win over those of all, and environments merge', () => {
  const stack = newStack();
  IntegrationBuilder.http({ pattern: 'isolated', metadata: example, scope: stack })
    .withDefaultOptions({ memorySize: 1024, environment: { TABLE: 'items', LIMIT: '10' } })
    .withOperationOptions({ listItems: { memorySize: 2048, environment: { LIMIT: '20' } } })
    .build();

  Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
    Description: 'Example: listItems',
    MemorySize: 2048,
    Environment: { Variables: Match.objectLike({ TABLE: 'items', LIMIT: '20' }) },
  });
});

test('an overridden operation has no function', () => {
  const stack = newStack();
  const integrations = IntegrationBuilder.rest({
    pattern: 'isolated',
    metadata: example,
    scope: stack,
  })
    .withOverrides({ listItems: { integration: new HttpIntegration('https://example.com') } })
    .build();

  assert.equal('handler' in integrations.listItems, false);
  Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 1);
});

test('a function may write its own logs and its traces, and nothing else', () => {
  const stack = newStack();
  IntegrationBuilder.rest({ pattern: 'shared', metadata: example, scope: stack }).build();

  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::IAM::Policy', 0);
  template.hasResourceProperties('AWS::IAM::Role', {
    Policies: [
      {
        PolicyDocument: Match.objectLike({
          Statement: [
            Match.objectLike({ Action: ['logs:CreateLogStream', 'logs:PutLogEvents'] }),
            Match.objectLike({ Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'] }),
          ],
        }),
      },
    ],
  });
});
