import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * An output of the stack by a name that scripts and websites can rely on: the construct's ids in the stack, then `name`, as in
 * `MyApiUrl`. CDK's own names end in a hash.
 */
export function namedOutput(
  construct: Construct,
  name: string,
  value: string,
  description: string,
): void {
  const output = new CfnOutput(construct, name, { value, description });
  const ids = construct.node.scopes
    .slice(output.stack.node.scopes.length)
    .map(({ node }) => node.id);
  output.overrideLogicalId([...ids, name].join('').replace(/[^A-Za-z0-9]/g, ''));
}
