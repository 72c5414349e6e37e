import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import {
  LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
} from 'aws-cdk-lib/aws-codedeploy';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Alias } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledge } from './findings.js';

/** CodeDeploy's own: https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html */
const steps = {
  Canary10Percent5Minutes: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
  Canary10Percent10Minutes: LambdaDeploymentConfig.CANARY_10PERCENT_10MINUTES,
  Canary10Percent15Minutes: LambdaDeploymentConfig.CANARY_10PERCENT_15MINUTES,
  Canary10Percent30Minutes: LambdaDeploymentConfig.CANARY_10PERCENT_30MINUTES,
  Linear10PercentEvery1Minute: LambdaDeploymentConfig.LINEAR_10PERCENT_EVERY_1MINUTE,
  Linear10PercentEvery2Minutes: LambdaDeploymentConfig.LINEAR_10PERCENT_EVERY_2MINUTES,
  Linear10PercentEvery3Minutes: LambdaDeploymentConfig.LINEAR_10PERCENT_EVERY_3MINUTES,
  Linear10PercentEvery10Minutes: LambdaDeploymentConfig.LINEAR_10PERCENT_EVERY_10MINUTES,
};

/**
 * How calls get from a function's old version to its new one: `AllAtOnce`, by an alias that a deployment moves, or in steps, by
 * CodeDeploy's configuration of that name, which an alarm of the API stops and takes back.
 */
export type Rollout = 'AllAtOnce' | keyof typeof steps;

/** Whether CodeDeploy moves the calls. */
export const inSteps = (rollout: Rollout | undefined): rollout is keyof typeof steps =>
  rollout !== undefined && rollout !== 'AllAtOnce';

/** What moves in steps. */
export interface RolloutTarget {
  readonly alias: Alias;
  readonly rollout: keyof typeof steps;
}

/** CodeDeploy for the functions of one API: an application and a role for all, a deployment group beside each alias. */
export class Rollouts extends Construct {
  /**
   * @param alarmNames Alarms that stop a deployment, by name: CodeDeploy takes the names as they are, and a reference to an
   * alarm of an HTTP API would be a circle, since the alarm refers to the API, and the API to the aliases.
   */
  constructor(scope: Construct, targets: readonly RolloutTarget[], alarmNames: readonly string[]) {
    super(scope, 'Rollout');
    const application = new LambdaApplication(this, 'Application');
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('codedeploy.amazonaws.com'),
      managedPolicies: [
        ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSCodeDeployRoleForLambdaLimited'),
      ],
    });
    acknowledge(
      role,
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]',
      'The policy that CodeDeploy asks for.',
    );
    const alarms = alarmNames.map((name) => Alarm.fromAlarmName(this, name, name));
    for (const { alias, rollout } of targets) {
      new LambdaDeploymentGroup(alias, 'Rollout', {
        alias,
        application,
        // Each group would add the policy again.
        role: role.withoutPolicyUpdates(),
        deploymentConfig: steps[rollout],
        alarms,
        autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
      });
    }
  }
}
