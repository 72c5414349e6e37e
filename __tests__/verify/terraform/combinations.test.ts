import { join } from 'node:path';
import { exampleRoutes } from '../../support/cdk-openapi.ts';
import { combinations, everything, nameOf, pairwise } from '../../support/terraform-combinations.ts';
import { bodyOf, byType, plan, type Resource } from '../../support/terraform-plan.ts';
import { describeTerraform, useMoto } from '../../support/terraform-suite.ts';
import { terraform, terraformOk } from '../../support/terraform-tools.ts';
import { developmentVariables, initialisedWorkspace, terraformWorkspace, writeCall } from '../../support/terraform-workspace.ts';

const operations = exampleRoutes.map(([, , operation]) => operation).sort();

const securityOf = { IAM: [{ sigv4: [] }], Cognito: [{ cognito: [] }], Custom: [{ custom: [] }], None: [] };
const authorizationOf = { IAM: 'AWS_IAM', Cognito: 'JWT', Custom: 'CUSTOM', None: 'NONE' };

/** What each planned resource is called in its account and region: by its names, its metrics, and its log group. */
const placesOf = (resources: Resource[]): string[] =>
  resources.flatMap(({ type, values }) => {
    // Those of an inline policy are in its role, those of a route and an authorizer in their API.
    const isInner = /^aws_(iam_role_policy|apigatewayv2_(authorizer|route|stage))$/.test(type);
    const names = Object.entries(values).filter(
      ([key, value]) => /^(name|bucket|.*[a-z]_name)$/.test(key) && key !== 'metric_name' && typeof value === 'string' && !isInner,
    );
    const alarm = type === 'aws_cloudwatch_metric_alarm' && values.namespace !== 'AWS/ApiGateway' ? [`metrics ${values.namespace}`] : [];
    const variables = (values.environment as { variables?: Record<string, string> }[] | undefined)?.[0]?.variables;
    return [
      ...names.map(([, value]) => `${type} ${value}`),
      ...alarm,
      ...(variables ? [`metrics ${variables.POWERTOOLS_METRICS_NAMESPACE}`] : []),
    ];
  });

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
    ['REST', 'ServerlessApiGatewayRestApi'],
    ['HTTP', 'ServerlessApiGatewayHttpApi'],
  ] as const)(
    'two environments of a %s API in one account share no name, no metric and no log group',
    (type, computeType) => {
      const workspace = terraformWorkspace(`environments-${type}`, { computeType, auth: 'Custom' });
      writeCall(workspace, `  alarms = true\n  dashboard = true${type === 'REST' ? '\n  waf = true' : ''}`);
      terraformOk(workspace.infra, ['init', '-input=false']);
      const environments = ['development', 'production'];
      const [development, production] = environments.map((environment) =>
        placesOf(plan(workspace, moto(), [`-var-file=environments/${environment}.tfvars`]).resources),
      );
      expect(development?.length).toBeGreaterThan(20);
      expect(development).toHaveLength(production?.length ?? 0);
      expect(development?.filter((place) => production?.includes(place))).toEqual([]);
      for (const [index, environment] of environments.entries())
        expect([development, production][index]).toContain(`metrics my-api-${environment}`);
    },
    180_000,
  );

  test("an account that is not the environment's is refused", () => {
    const workspace = initialisedWorkspace('account', {});
    const planned = (account: string) =>
      terraform(workspace.infra, ['plan', ...developmentVariables, `-var=account_id=${account}`], moto().env);
    expect(planned('123456789012').status).toBe(0);
    const other = planned('111111111111');
    expect(other.status).toBe(1);
    expect(other.output.replace(/\s+/g, ' ')).toMatch(/AWS account ID not allowed: 123456789012/i);
  }, 120_000);

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
