import { type CfnResource, type IPolicyValidationContext, Stack } from 'aws-cdk-lib';
import { CfnGroup, CfnManagedPolicy, CfnPolicy, CfnRole, CfnUser } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks, NagMessageLevel, NagRuleCompliance } from 'cdk-nag';
import type { IConstruct } from 'constructs';

type Report = ReturnType<AwsSolutionsChecks['validate']>;

/**
 * The rules of cdk-nag's AWS Solutions pack, and one more. What the shared constructs do is acknowledged where they do it, so
 * a finding is about code of this app: a warning, and an error under `--context strict=true`.
 */
export class Findings extends AwsSolutionsChecks {
  constructor(private readonly app: IConstruct) {
    super(app);
  }

  override validate(context: IPolicyValidationContext): Report {
    const report = super.validate(context);
    if (/^true$/.test(String(this.app.node.tryGetContext('strict')))) return report;
    const violations = report.violations.map((violation) => ({
      ...violation,
      severity: 'warning',
    }));
    return { ...report, violations, success: true };
  }

  protected override checkResource(node: CfnResource): void {
    super.checkResource(node);
    this.applyRule({
      node,
      ruleSuffixOverride: 'PassRole',
      info: "The policy lets its holder pass any role (iam:PassRole on *), and with it that role's permissions.",
      explanation: 'Name the roles that may be passed.',
      level: NagMessageLevel.ERROR,
      rule: (resource) =>
        documentsOf(resource).some(passesAnyRole)
          ? NagRuleCompliance.NON_COMPLIANT
          : NagRuleCompliance.COMPLIANT,
    });
  }
}

interface Statement {
  readonly Effect: string;
  readonly Action?: string | readonly string[];
  readonly Resource?: unknown;
}

interface Document {
  readonly Statement?: readonly Statement[];
}

/** Policy documents in a resource: its own, or those that stand in a principal. */
function documentsOf(resource: CfnResource): readonly Document[] {
  const stack = Stack.of(resource);
  if (resource instanceof CfnPolicy || resource instanceof CfnManagedPolicy) {
    return [stack.resolve(resource.policyDocument)];
  }
  if (resource instanceof CfnRole || resource instanceof CfnUser || resource instanceof CfnGroup) {
    const policies: readonly { policyDocument: Document }[] =
      stack.resolve(resource.policies) ?? [];
    return policies.map(({ policyDocument }) => stack.resolve(policyDocument));
  }
  return [];
}

const passesAnyRole = ({ Statement: statements = [] }: Document): boolean =>
  statements.some(
    ({ Effect, Action, Resource }) =>
      Effect === 'Allow' &&
      [Action].flat().some((action) => /^(iam:pass(role|\*)|iam:\*|\*)$/i.test(String(action))) &&
      [Resource].flat().includes('*'),
  );
