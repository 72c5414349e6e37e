import {
  type CfnResource,
  type IPolicyValidationContext,
  type PolicyValidationPluginReport,
  Stack,
} from 'aws-cdk-lib';
import { CfnGroup, CfnManagedPolicy, CfnPolicy, CfnRole, CfnUser } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks, NagMessageLevel, NagRuleCompliance } from 'cdk-nag';
import type { IConstruct } from 'constructs';

/**
 * The rules of cdk-nag's AWS Solutions pack, and one more. What the shared constructs do is acknowledged where they do it, so
 * a finding is about code of this app: a warning, and an error under `--context strict=true`.
 */
export class ApplicationChecks extends AwsSolutionsChecks {
  constructor(private readonly app: IConstruct) {
    super(app);
  }

  override validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const report = super.validate(context);
    if (String(this.app.node.tryGetContext('strict')) === 'true') return report;
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

interface StatementJson {
  readonly Effect: string;
  readonly Action?: string | readonly string[];
  readonly Resource?: unknown;
}

interface DocumentJson {
  readonly Statement?: readonly StatementJson[];
}

/** Policy documents in a resource: its own, or those that stand in a principal. */
function documentsOf(resource: CfnResource): readonly DocumentJson[] {
  const stack = Stack.of(resource);
  if (resource instanceof CfnPolicy || resource instanceof CfnManagedPolicy) {
    return [stack.resolve(resource.policyDocument)];
  }
  if (resource instanceof CfnRole || resource instanceof CfnUser || resource instanceof CfnGroup) {
    const policies: readonly { policyDocument: DocumentJson }[] =
      stack.resolve(resource.policies) ?? [];
    return policies.map(({ policyDocument }) => stack.resolve(policyDocument));
  }
  return [];
}

const passesAnyRole = (document: DocumentJson): boolean =>
  (document.Statement ?? []).some(
    (statement) =>
      statement.Effect === 'Allow' &&
      [statement.Action]
        .flat()
        .some((action) => /^(iam:pass(role|\*)|iam:\*|\*)$/i.test(String(action))) &&
      [statement.Resource].flat().includes('*'),
  );
