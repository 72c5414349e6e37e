import { describeTerraform } from '../../support/terraform-suite.ts';
import { terraformOk } from '../../support/terraform-tools.ts';
import { initialisedWorkspace, terraformWorkspace } from '../../support/terraform-workspace.ts';

describeTerraform('the tests that a workspace is given', () => {
  test.each([
    ['a REST API', {}],
    ['an HTTP API', { computeType: 'ServerlessApiGatewayHttpApi' }],
    ['a shared API with Cognito', { integrationPattern: 'shared', auth: 'Cognito' }],
  ] as const)(
    'those of %s pass',
    (name, changes) => {
      const workspace = terraformWorkspace(`module-tests-${name.replaceAll(' ', '-')}`, changes);
      terraformOk(workspace.api, ['init', '-input=false']);
      expect(terraformOk(workspace.api, ['test']).output).toMatch(/Success! 13 passed, 0 failed\./);
    },
    180_000,
  );

  test('those of the root module pass', () => {
    const { infra } = initialisedWorkspace('module-tests-root');
    expect(terraformOk(infra, ['test']).output).toMatch(/Success! 2 passed, 0 failed\./);
  }, 120_000);
});
