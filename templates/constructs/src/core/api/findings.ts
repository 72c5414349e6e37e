import type { CfnResource } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Says beside a resource why a finding of Checkov does not hold there. */
export function checkovSkip(construct: Construct, id: string, comment: string): void {
  const resource = construct.node.defaultChild as CfnResource;
  const skip = (resource.getMetadata('checkov')?.skip ?? []) as object[];
  resource.addMetadata('checkov', { skip: [...skip, { id, comment }] });
}
