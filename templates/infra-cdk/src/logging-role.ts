import { readFileSync } from 'node:fs';
import {
  App,
  type CfnResource,
  CustomResource,
  Duration,
  RemovalPolicy,
  Stack,
  Validations,
} from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Construct } from 'constructs';

/**
 * REST APIs write logs by a role of the account, one for each region. This stack sets one where there is none; it never replaces
 * a role that is there, and removing the stack leaves the role in place.
 */
class LoggingRoleStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
      managedPolicies: [
        ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonAPIGatewayPushToCloudWatchLogs'),
      ],
    });
    role.applyRemovalPolicy(RemovalPolicy.RETAIN);
    Validations.of(role.node.defaultChild as CfnResource).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
      reason: 'The policy that API Gateway asks for.',
    });
    const setOnce = new LambdaFunction(this, 'SetOnce', {
      runtime: Runtime.PYTHON_3_13,
      handler: 'index.handler',
      code: Code.fromInline(readFileSync(new URL('logging-role.py', import.meta.url), 'utf8')),
      timeout: Duration.minutes(2),
      memorySize: 256,
    });
    Validations.of(setOnce.node.defaultChild as CfnResource).acknowledge({
      id: 'AwsSolutions-L1',
      reason: 'The runtime of the APIs, so that there is one to keep up with.',
    });
    Validations.of((setOnce.role as Role).node.defaultChild as CfnResource).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
      reason: 'The function runs once, and writes its own logs alone.',
    });
    setOnce.addToRolePolicy(
      new PolicyStatement({
        actions: ['apigateway:GET', 'apigateway:PATCH'],
        resources: [`arn:${this.partition}:apigateway:${this.region}::/account`],
      }),
    );
    setOnce.addToRolePolicy(
      new PolicyStatement({ actions: ['iam:PassRole'], resources: [role.roleArn] }),
    );
    new CustomResource(this, 'Account', {
      serviceToken: setOnce.functionArn,
      resourceType: 'Custom::ApiGatewayLoggingRole',
      properties: { RoleArn: role.roleArn },
    });
  }
}

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
new LoggingRoleStack(app, 'ApiGatewayLoggingRole');
app.synth();
