import { join } from 'node:path';
import { exampleRoutes } from '../../support/cdk-openapi.ts';
import { combinations, everything, nameOf, pairwise } from '../../support/terraform-combinations.ts';
import { bodyOf, byType, plan } from '../../support/terraform-plan.ts';
import { describeTerraform, useMoto } from '../../support/terraform-suite.ts';
import { terraformOk } from '../../support/terraform-tools.ts';
import { terraformWorkspace } from '../../support/terraform-workspace.ts';

const operations = exampleRoutes.map(([, , operation]) => operation).sort();

const securityOf = { IAM: [{ sigv4: [] }], Cognito: [{ cognito: [] }], Custom: [{ custom: [] }], None: [] };
const authorizationOf = { IAM: 'AWS_IAM', Cognito: 'JWT', Custom: 'CUSTOM', None: 'NONE' };

describeTerraform('every combination of API type, pattern and auth', () => {
  const moto = useMoto();

  test.each((everything ? combinations : pairwise).map((combination) => [nameOf(combination), combination] as const))(
    '%s is formatted, valid, and plans what was chosen',
    (name, combination) => {
      const { computeType, integrationPattern, auth } = combination;
      const workspace = terraformWorkspace(`combination-${name}`, combination);
      terraformOk(join(workspace.root, 'packages'), ['fmt', '-check', '-diff', '-recursive']);
      terraformOk(workspace.infra, ['init', '-input=false']);
      terraformOk(workspace.infra, ['validate']);
      const { resources } = plan(workspace, moto());

      const functions = integrationPattern === 'isolated' ? operations : ['router'];
      const expected = [...functions, ...(auth === 'Custom' ? ['authorizer'] : [])].map(
        (operation) => `my-scope-development-my-api-${operation.replaceAll('_', '-')}`,
      );
      const planned = byType(resources, 'aws_lambda_function');
      expect(planned.map(({ values }) => values.function_name).sort()).toEqual(expected.sort());
      expect(byType(resources, 'aws_iam_role')).toHaveLength(expected.length);
      expect(byType(resources, 'aws_lambda_permission')).toHaveLength(expected.length);
      for (const { values } of planned) expect(values.tracing_config).toEqual([{ mode: 'Active' }]);

      if (computeType === 'ServerlessApiGatewayHttpApi') {
        const routes = byType(resources, 'aws_apigatewayv2_route');
        expect(routes.map(({ values }) => values.route_key).sort()).toEqual(
          exampleRoutes.map(([method, path]) => `${method} ${path}`).sort(),
        );
        for (const { values } of routes) expect(values.authorization_type).toBe(authorizationOf[auth]);
        return;
      }
      // The first plan can't know the id of a pool that is made with it; apply.test.ts looks at that body.
      if (auth === 'Cognito') return;
      const { paths, components } = bodyOf(resources);
      expect(Object.keys(components.securitySchemes)).toEqual(securityOf[auth].flatMap((requirement) => Object.keys(requirement)));
      for (const [method, path, operation] of exampleRoutes) {
        const planned = paths[path]?.[method.toLowerCase()];
        expect(planned?.security).toEqual(securityOf[auth]);
        const answering = integrationPattern === 'isolated' ? operation.replaceAll('_', '-') : 'router';
        const integration = planned?.['x-amazon-apigateway-integration'];
        expect(integration?.uri).toMatch(new RegExp(`function:my-scope-development-my-api-${answering}/response-streaming-invocations$`));
        expect(integration?.responseTransferMode).toBe('STREAM');
        expect(paths[path]?.options?.security).toBeUndefined();
      }
    },
    120_000,
  );

  test.each([
    ['a short name', 'Pay', 'pay', 'Pay', 'pay'],
    [
      'a long name',
      'Quarterly report and statistics of sales',
      'quarterly-report-and-statistics-of-sales',
      'QuarterlyReportAndStatisticsOfSales',
      'quarterly_report_and_statistics_of_sales',
    ],
  ])('%s leaves the files formatted', (_, apiTitle, apiName, apiClass, apiSnake) => {
    for (const auth of ['IAM', 'Cognito', 'None'] as const) {
      const names = { apiTitle, apiName, apiClass, apiSnake, moduleName: apiSnake, apiDir: `packages/${apiName}` };
      const workspace = terraformWorkspace('names', { ...names, auth });
      terraformOk(join(workspace.root, 'packages'), ['fmt', '-check', '-diff', '-recursive']);
    }
  });
});
