import { RemovalPolicies, Stage, type StageProps } from 'aws-cdk-lib';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { ApiStackProps } from '../api-stack.js';
import { apiStacks } from '../stacks/index.js';

export interface ApplicationStageProps extends StageProps {
  /** Whether logs outlive the stacks. */
  readonly retainLogs: boolean;
}

/** The whole application in one environment: a stack for each API, and what they share. */
export class ApplicationStage extends Stage {
  constructor(scope: Construct, id: string, props: ApplicationStageProps) {
    super(scope, id, props);

    // For all APIs: a pool or a network from a stack of your own, as the README shows.
    const shared: ApiStackProps = {};
    for (const [stackId, ApiStack] of Object.entries(apiStacks)) {
      new ApiStack(this, stackId, shared);
    }

    if (!props.retainLogs) {
      RemovalPolicies.of(this).destroy({
        applyToResourceTypes: [CfnLogGroup.CFN_RESOURCE_TYPE_NAME],
      });
    }
  }
}
