// The documentation's Terraform is formatted and valid as it stands there.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { snippetsOfKind } from '../../support/documentation.ts';
import { describeTerraform } from '../../support/terraform-suite.ts';
import { terraformOk } from '../../support/terraform-tools.ts';
import { initialisedWorkspace, type TerraformWorkspace, writeCall } from '../../support/terraform-workspace.ts';

/** What the pages take for granted. */
const given = `
resource "aws_iam_role" "caller" {
  name               = "caller"
  assume_role_policy = "{}"
}

resource "aws_dynamodb_table" "items" {
  name         = "items"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_sns_topic" "alarms" {
  name = "alarms"
}
`;

describeTerraform("the documentation's Terraform", () => {
  const all = snippetsOfKind('terraform').map(({ code }) => code);
  const call = all.filter((code) => code.startsWith('module "my_api"'));
  const resources = all.filter((code) => code.startsWith('resource '));
  const choices = all.filter((code) => !call.includes(code) && !resources.includes(code));
  let workspace: TerraformWorkspace;
  beforeAll(() => {
    workspace = initialisedWorkspace('docs');
    writeFileSync(join(workspace.infra, 'documentation.tf'), [given, ...resources].join('\n'));
  }, 60_000);
  const isValid = () => terraformOk(workspace.infra, ['validate']);

  test('is formatted', () => {
    const file = join(workspace.infra, 'formatted.tf');
    writeFileSync(file, all.join('\n'));
    terraformOk(workspace.infra, ['fmt', '-check', '-diff', 'formatted.tf']);
    writeFileSync(file, '');
  });

  test('has choices that the call of an API takes', () => {
    expect(choices.length).toBeGreaterThan(1);
    writeCall(workspace, choices.join('\n').replace(/^(?=.)/gm, '  '));
    isValid();
  }, 60_000);

  test('has a call of an API', () => {
    expect(call).toHaveLength(1);
    const file = join(workspace.infra, `${workspace.data.apiName}.tf`);
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replace(/^module "my_api" \{[\s\S]*?^\}\n/m, () => call[0] as string),
    );
    expect(readFileSync(file, 'utf8')).toContain('aws_dynamodb_table.items');
    isValid();
  }, 60_000);
});
