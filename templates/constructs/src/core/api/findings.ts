import { CfnResource, Stack, Validations } from 'aws-cdk-lib';
import type { Grant } from 'aws-cdk-lib/aws-iam';
import { type Construct, Dependable } from 'constructs';

/**
 * Says why a finding of cdk-nag does not hold for a construct's own CloudFormation resource. What others add to the construct
 * has resources of its own, and findings of its own.
 */
export function acknowledge(construct: Construct, id: string, reason: string): void {
  Validations.of(construct.node.defaultChild as CfnResource).acknowledge({ id, reason });
}

/**
 * Says of the wildcards in the ARNs of a grant why they are meant, and of nothing else in the policies that have it. At the end
 * of synthesis: only then does a role know its policies, and an ARN how another stack refers to it, which cdk-nag names a
 * finding by.
 *
 * @param scope What grants.
 */
export function acknowledgeGrant(
  scope: Construct,
  grant: Grant,
  resourceArns: readonly string[],
  reason: string,
): void {
  scope.node.addValidation({
    validate: () => {
      const policies = Dependable.of(grant)
        .dependencyRoots.flatMap(({ node }) => node.findAll())
        .filter(CfnResource.isCfnResource);
      for (const policy of policies) {
        const names = resourceArns.map((arn) => flattened(Stack.of(policy).resolve(arn)));
        Validations.of(policy).acknowledge(
          ...names.map((name) => ({ id: `AwsSolutions-IAM5[Resource::${name}]`, reason })),
        );
      }
      return [];
    },
  });
}

/** CloudFormation's functions in a value as cdk-nag writes them: `<MyApi.Arn>`. */
function flattened(value: unknown): string {
  if (typeof value === 'string') return value;
  const functions = value as {
    readonly Ref?: string;
    readonly 'Fn::GetAtt'?: readonly string[];
    readonly 'Fn::ImportValue'?: unknown;
    readonly 'Fn::Join'?: readonly [string, readonly unknown[]];
  };
  if (functions.Ref) return `<${functions.Ref}>`;
  if (functions['Fn::GetAtt']) return `<${functions['Fn::GetAtt'].join('.')}>`;
  if (functions['Fn::ImportValue']) return flattened(functions['Fn::ImportValue']);
  if (functions['Fn::Join']) {
    const [separator, parts] = functions['Fn::Join'];
    return parts.map(flattened).join(separator);
  }
  return JSON.stringify(value);
}

/** Says beside a resource why a finding of Checkov does not hold there. */
export function checkovSkip(construct: Construct, id: string, comment: string): void {
  const resource = construct.node.defaultChild as CfnResource;
  const skip = (resource.getMetadata('checkov')?.skip ?? []) as object[];
  resource.addMetadata('checkov', { skip: [...skip, { id, comment }] });
}
