// What options of an API come to in the plan, with the source of what AWS takes.
import type { Route } from '../../support/cdk-openapi.ts';
import { byType, plan, type Resource } from '../../support/terraform-plan.ts';
import { describeTerraform, useMoto } from '../../support/terraform-suite.ts';
import { initialisedWorkspace, routesOfEachKind, writeCall } from '../../support/terraform-workspace.ts';

const routes: Route[] = [...routesOfEachKind, ['ANY', '/v1', 'v1']];

describeTerraform('options of a REST API', () => {
  const moto = useMoto();
  let resources: Resource[];
  beforeAll(() => {
    const workspace = initialisedWorkspace('options-rest', {}, routes);
    writeCall(
      workspace,
      `  operations = {
    for name in ["echo", "get_item", "root", "get_file", "v1"] : name => { throttling = { rate_limit = 10, burst_limit = 5 } }
  }`,
    );
    resources = plan(workspace, moto()).resources;
  }, 120_000);

  // The provider sends the path on as it is: https://github.com/hashicorp/terraform-provider-aws/issues/9738, 15855, 37959. API Gateway
  // wants the slashes of a resource's path as ~1, the first one and the root's too:
  // https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateStage.html
  test('throttle operations on nested paths and on the root', () => {
    const paths = byType(resources, 'aws_api_gateway_method_settings').map(({ values }) => values.method_path);
    const mounted = ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT'];
    expect(paths.sort()).toEqual(
      [
        '*/*',
        '~1echo/GET',
        '~1items~1{item_id}/GET',
        '~1/GET',
        '~1files~1{path+}/GET',
        ...mounted.flatMap((method) => [`~1v1/${method}`, `~1v1~1{proxy+}/${method}`]),
      ].sort(),
    );
  });
});
