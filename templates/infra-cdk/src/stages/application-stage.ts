import { RemovalPolicies, Stage, type StageProps } from 'aws-cdk-lib';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { ApplicationStack } from '../stacks/application-stack.js';

export interface ApplicationStageProps extends StageProps {
  /** Whether logs outlive the stacks. */
  readonly retainLogs: boolean;
}

/** The whole application in one environment. */
export class ApplicationStage extends Stage {
  constructor(scope: Construct, id: string, props: ApplicationStageProps) {
    super(scope, id, props);
    new ApplicationStack(this, 'Application');
    if (!props.retainLogs) {
      RemovalPolicies.of(this).destroy({
        applyToResourceTypes: [CfnLogGroup.CFN_RESOURCE_TYPE_NAME],
      });
    }
  }
}
