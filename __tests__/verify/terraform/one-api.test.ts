// `nx run my-api:deploy` under Terraform: what the API's file declares and what that needs, and nothing of another API.
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeTerraform, useMoto } from '../../support/terraform-suite.ts';
import { terraform, terraformOk } from '../../support/terraform-tools.ts';
import { developmentVariables, initialisedWorkspace } from '../../support/terraform-workspace.ts';

const table = (name: string): string => `
resource "aws_dynamodb_table" "${name}" {
  name         = "${name}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}
`;

describeTerraform('the deployment of one API', () => {
  const moto = useMoto();

  test('plans its module, what its file adds to that, and what either needs', () => {
    const { infra } = initialisedWorkspace('one-api', { auth: 'Cognito' });
    writeFileSync(join(infra, 'billing.tf'), table('billing'));
    writeFileSync(join(infra, 'tables.tf'), table('items'));
    // What depends on the module would not come with the module alone.
    appendFileSync(
      join(infra, 'my-api.tf'),
      `
resource "aws_iam_role_policy" "my_api_items" {
  role   = module.my_api.get_item.role_name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Resource = aws_dynamodb_table.items.arn }] })
}
`,
    );
    const command = ['scripts/api.mjs', 'my-api', 'plan', ...developmentVariables, '-out=test.tfplan'];
    const ran = terraform(infra, command, moto().env, process.execPath);
    expect(ran).toMatchObject({ status: 0 });
    const shown = JSON.parse(terraformOk(infra, ['show', '-json', 'test.tfplan'], moto().env).stdout);
    const made: string[] = shown.resource_changes.map(({ address }: { address: string }) => address);
    for (const part of [
      'module.my_api.',
      'module.my_api_user_pool.',
      'module.artifacts.',
      'aws_iam_role_policy.my_api_items',
      'aws_dynamodb_table.items',
    ])
      expect(made).toContainEqual(expect.stringMatching(new RegExp(`^${part.replaceAll('.', '\\.')}`)));
    expect(made.filter((address) => address.includes('billing'))).toEqual([]);
  }, 300_000);

  test('ends as Terraform does', () => {
    const { infra } = initialisedWorkspace('one-api-failed');
    expect(terraform(infra, ['scripts/api.mjs', 'my-api', 'plan', '-var-file=nowhere.tfvars'], {}, process.execPath)).toMatchObject({
      status: 1,
      output: expect.stringContaining('nowhere.tfvars'),
    });
  }, 300_000);
});
