// Rollouts in Terraform: an apply publishes versions, and targets move calls to them and back.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Route } from '../../support/cdk-openapi.ts';
import { inventory } from '../../support/moto-inventory.ts';
import { ask } from '../../support/moto-website.ts';
import { aliasesOf, runRollout } from '../../support/rollout-moto.ts';
import { apply, bodyOf, byType, complaint, destroy, plan, type Resource, state } from '../../support/terraform-plan.ts';
import { describeTerraform, useMoto } from '../../support/terraform-suite.ts';
import {
  developmentVariables,
  initialisedWorkspace,
  type TerraformWorkspace,
  writeBundle,
  writeCall,
  writeRoutes,
} from '../../support/terraform-workspace.ts';

const routes: Route[] = [
  ['GET', '/echo', 'echo'],
  ['GET', '/items/{item_id}', 'get_item'],
];
const functions = ['authorizer', 'echo', 'get-item'].map((name) => `my-scope-development-my-api-${name}`);
const alarm = 'my-scope-development-my-api-server-errors';
const without = '  alarms            = true';
const canary = `${without}\n  function_defaults = { rollout = "Canary10Percent5Minutes" }`;

/** What an API of a user's stands beside. */
const own = `resource "aws_kms_key" "own" {}
resource "aws_sns_topic" "own" { name = "own" }
resource "aws_route53_zone" "own" { name = "example.com" }
resource "aws_acm_certificate" "own" {
  domain_name       = "api.example.com"
  validation_method = "DNS"
}
`;
// Left out: SnapStart, which moto takes minutes for on a function that is there.
const everyOption = `
  waf                      = true
  dashboard                = true
  detailed_metrics         = true
  request_validation       = true
  authorizer_cache_seconds = 60
  allowed_origins          = ["https://example.com"]
  allowed_headers          = ["X-More"]
  exposed_headers          = ["X-Total"]
  binary_media_types       = ["audio/*"]
  throttling               = { rate_limit = 50, burst_limit = 100 }
  alarm_thresholds         = { server_errors = 5 }
  alarm_actions            = [aws_sns_topic.own.arn]
  kms_key_arn              = aws_kms_key.own.arn
  settings_path            = "/shop"
  settings_kms_key_arn     = aws_kms_key.own.arn
  tags                     = { Team = "shop" }
  disable_default_endpoint = true
  custom_domain = {
    domain_name     = "api.example.com"
    certificate_arn = aws_acm_certificate.own.arn
    base_path       = "v1"
    hosted_zone     = { id = aws_route53_zone.own.zone_id }
  }
`;

describeTerraform('a rollout of an applied API', () => {
  const moto = useMoto();
  let workspace: TerraformWorkspace;
  let before: string[];
  beforeAll(async () => {
    before = await inventory(moto());
    workspace = initialisedWorkspace('rollout', { auth: 'Custom' }, routes);
    writeCall(workspace, `${without}\n  waf = true`);
    apply(workspace, moto());
  }, 120_000);

  /** The one version that answers for every function. */
  const released = async (): Promise<string> => {
    const aliases = await aliasesOf(moto());
    expect(Object.keys(aliases).sort()).toEqual(functions);
    const versions = new Set(Object.values(aliases).flatMap((each) => each.map(({ version }) => version)));
    for (const each of Object.values(aliases)) expect(each).toEqual([{ name: 'released', version: expect.any(String), weights: {} }]);
    expect(versions.size).toBe(1);
    return [...versions][0] as string;
  };
  const publish = async (code: string): Promise<void> => {
    const before = await released();
    writeBundle(workspace, code);
    apply(workspace, moto());
    expect(await released()).toBe(before);
  };
  const setAlarm = async (value: 'ALARM' | 'OK'): Promise<void> => {
    const body = new URLSearchParams({ Action: 'SetAlarmState', AlarmName: alarm, StateValue: value, StateReason: 'test' });
    expect((await ask(moto(), 'monitoring', 'POST', '/', body)).status).toBe(200);
  };
  const run = (target: 'rollout' | 'rollback', args: string[] = [], at = '') => runRollout(workspace.infra, target, moto(), args, at);

  /** Applies, and where the first and the last request of some kinds were. */
  const order = (call: string, first: RegExp, last: RegExp): [number, number] => {
    writeCall(workspace, `${call}\n  waf = true`);
    moto().forget();
    apply(workspace, moto());
    const requests = moto().requests();
    return [requests.findLastIndex((request) => first.test(request)), requests.findIndex((request) => last.test(request))];
  };
  const movesTheStage = /^PATCH \/restapis\/\w+\/stages\//;

  test('chosen for an API that answers already, it makes aliases and permissions before the stage moves', async () => {
    const [made, moved] = order(canary, /^POST \/2015-03-31\/functions\/[^/]+\/(aliases|policy)/, movesTheStage);
    expect(made).toBeGreaterThan(-1);
    expect(moved).toBeGreaterThan(made);
  }, 120_000);

  test('the first version answers at once, by the alias that API Gateway may invoke', async () => {
    expect(await released()).toBe('1');
    const resources = state(workspace);
    const { paths, components } = bodyOf(resources);
    const uris = [
      ...Object.values(paths).flatMap((methods) => Object.values(methods).map((one) => one['x-amazon-apigateway-integration'].uri ?? '')),
      String((components.securitySchemes.custom?.['x-amazon-apigateway-authorizer'] as { authorizerUri?: string })?.authorizerUri),
    ].filter(Boolean);
    expect(uris).toHaveLength(functions.length);
    for (const uri of uris) expect(uri).toMatch(/:function:my-scope-development-my-api-[a-z-]+:released\//);
    for (const { values } of byType(resources, 'aws_lambda_permission')) expect(values.qualifier).toBe('released');
    expect(run('rollout')).toMatchObject({ status: 0, output: 'my_api: the newest version of every function is released.\n' });
    expect(run('rollback')).toMatchObject({ status: 1, output: 'my_api: there is nothing to go back from.\n' });
  }, 120_000);

  test('an apply publishes, and the target moves a tenth of the calls and after five minutes all', async () => {
    await publish('two');
    const { status, output, seen } = run('rollout');
    expect([status, output]).toEqual([
      0,
      'my_api: 10 % of calls to the new version of 3 function(s)\nmy_api: 100 % of calls to the new version of 3 function(s)\n',
    ]);
    expect(seen[0]).toBe("10 1 {'2': 0.1}");
    expect(seen.at(-1)).toBe("300 1 {'2': 0.1}");
    expect(await released()).toBe('2');
    expect(plan(workspace, moto()).changes).toEqual([]);
  }, 120_000);

  test('an alarm takes every call back, and the version is not tried again unasked', async () => {
    await publish('three');
    const stopped = run('rollout', [], `120 ${alarm}`);
    expect([stopped.status, stopped.output]).toEqual([
      1,
      `my_api: 10 % of calls to the new version of 3 function(s)\nmy_api: every call goes to the old versions again: the alarm ${alarm} is on.\n`,
    ]);
    expect(stopped.seen.at(-1)).toBe("120 2 {'3': 0.1}");
    expect(await released()).toBe('2');
    expect(run('rollout', ['--again'])).toMatchObject({
      status: 1,
      output: `my_api: nothing is moved: the alarm ${alarm} is on. --at-once doesn't ask the alarms.\n`,
    });
    await setAlarm('OK');
    expect(run('rollout')).toMatchObject({
      status: 1,
      output: `${functions[0]}: version 3 was rolled back. Apply another one, or add --again.\n`,
    });
    expect(await released()).toBe('2');
  }, 120_000);

  test('at once it moves all, and what was moved last is taken back', async () => {
    await publish('four');
    await setAlarm('ALARM');
    expect(run('rollout', ['--at-once'])).toMatchObject({ status: 0, seen: [] });
    expect(await released()).toBe('4');
    const { status, output } = run('rollback');
    expect([status, output.split('\n')[0]]).toEqual([0, `${functions[0]}: every call goes to version 2, and none to 4`]);
    expect(await released()).toBe('2');
    expect(run('rollback')).toMatchObject({ status: 1, output: `my_api: version 4 of ${functions[0]} was rolled back.\n` });
    expect(plan(workspace, moto()).changes).toEqual([]);
    await setAlarm('OK');
  }, 120_000);

  test('only functions that the last rollout moved are taken back', async () => {
    expect(run('rollout', ['--again', '--at-once'])).toMatchObject({ status: 0 });
    writeCall(workspace, `${canary}\n  operations = { echo = { memory_size = 1024, rollout = "Linear10PercentEvery1Minute" } }`);
    apply(workspace, moto());
    const { status, seen } = run('rollout');
    expect(status).toBe(0);
    expect(seen.filter((line) => line.startsWith('10 ') || line.startsWith('540 '))).toEqual([
      "10 4 {'5': 0.1} | 4 {}",
      "540 4 {'5': 0.9} | 4 {}",
    ]);
    expect(run('rollback').output).toBe(`${functions[1]}: every call goes to version 4, and none to 5\n`);
    expect(await released()).toBe('4');
  }, 120_000);

  test('with another pattern its one function has an alias, too, and the old ones go after the stage has moved', async () => {
    const shared: TerraformWorkspace = { ...workspace, data: { ...workspace.data, integrationPattern: 'shared' } };
    writeCall(shared, canary);
    moto().forget();
    apply(shared, moto());
    const requests = moto().requests();
    const moved = requests.findLastIndex((request) => movesTheStage.test(request));
    const removed = requests.findIndex((request) => /^DELETE \/2015-03-31\/functions\//.test(request));
    expect(moved).toBeGreaterThan(-1);
    expect(removed).toBeGreaterThan(moved);
    expect((await aliasesOf(moto()))['my-scope-development-my-api-router']).toEqual([{ name: 'released', version: '1', weights: {} }]);
  }, 240_000);

  test('no longer chosen, aliases go after the stage has moved', async () => {
    const [moved, removed] = order(without, movesTheStage, /^DELETE \/2015-03-31\/functions\/[^/]+\/aliases/);
    expect(moved).toBeGreaterThan(-1);
    expect(removed).toBeGreaterThan(moved);
    expect(Object.values(await aliasesOf(moto())).flat()).toEqual([]);
    expect(run('rollout')).toMatchObject({ status: 1, output: 'There is no rollout of any API here.\n' });
    // As the workflow calls it, which doesn't know whether there is one.
    expect(run('rollout', ['--if-any'])).toMatchObject({ status: 0, output: 'There is no rollout of any API here.\n' });
  }, 120_000);

  test('a destroy leaves nothing', async () => {
    expect(await inventory(moto())).not.toEqual(before);
    destroy(workspace, moto());
    expect(await inventory(moto())).toEqual(before);
    expect(state(workspace).map(({ address }) => address)).toEqual([]);
    expect(run('rollback')).toMatchObject({ status: 1, output: 'There is no rollout of any API here.\n' });
  }, 120_000);

  test('with every option there is, beside what is its own, it plans no change and leaves nothing', async () => {
    writeRoutes(workspace, routes, { settings: { parameters: ['page-size'], secrets: ['database-url'] } });
    writeFileSync(join(workspace.infra, 'own.tf'), own);
    writeCall(workspace, `${canary}${everyOption}`);
    apply(workspace, moto());
    expect(plan(workspace, moto()).changes).toEqual([]);
    expect(await released()).toBe('1');
    const types = new Set(state(workspace).map(({ type }) => type));
    for (const type of [
      'api_gateway_base_path_mapping',
      'cloudwatch_dashboard',
      'cloudwatch_metric_alarm',
      'route53_record',
      'wafv2_web_acl',
    ])
      expect(types).toContain(`aws_${type}`);
    destroy(workspace, moto());
    expect(await inventory(moto())).toEqual(before);
    expect(state(workspace).map(({ address }) => address)).toEqual([]);
  }, 600_000);
});

describeTerraform('the choice of a rollout', () => {
  const moto = useMoto();

  test('of an HTTP API reaches what invokes its function, and none leaves the function itself', () => {
    const workspace = initialisedWorkspace(
      'rollout-http',
      { computeType: 'ServerlessApiGatewayHttpApi', integrationPattern: 'shared' },
      routes,
    );
    const uris = (resources: Resource[]) =>
      new Set(byType(resources, 'aws_apigatewayv2_integration').map(({ values }) => String(values.integration_uri).split(':function:')[1]));
    const without = plan(workspace, moto()).resources;
    expect(uris(without)).toEqual(new Set(['my-scope-development-my-api-router/invocations']));
    expect([byType(without, 'aws_lambda_alias'), byType(without, 'aws_lambda_function')[0]?.values.publish]).toEqual([[], false]);
    writeCall(workspace, canary);
    const resources = plan(workspace, moto()).resources;
    expect(uris(resources)).toEqual(new Set(['my-scope-development-my-api-router:released/invocations']));
    expect(byType(resources, 'aws_lambda_permission').map(({ values }) => values.qualifier)).toEqual(['released']);
    // All at once it needs no alarm, and goes together with provisioned concurrency.
    writeCall(workspace, '  function_defaults = { rollout = "AllAtOnce", provisioned_concurrent_executions = 2 }');
    const [provisioned] = byType(plan(workspace, moto()).resources, 'aws_lambda_provisioned_concurrency_config');
    expect(provisioned?.values.qualifier).toBe('released');

    const refusals: [string, string][] = [
      [
        canary.replace('true', 'false'),
        'my-scope-development-my-api-router has a rollout in steps, which nothing would stop: set alarms, or choose the rollout AllAtOnce.',
      ],
      [
        '  function_defaults = { rollout = "Slowly" }',
        'A rollout is AllAtOnce, Canary10Percent5Minutes (or 10, 15, 30), Linear10PercentEvery1Minute or Linear10PercentEvery2Minutes (or 3, 10).',
      ],
      // https://github.com/hashicorp/terraform/issues/24957
      [
        '  alarms            = true\n  function_defaults = { rollout = "Canary10Percent5Minutes", provisioned_concurrent_executions = 2 }',
        'Provisioned concurrency excludes a rollout in steps: choose the rollout AllAtOnce.',
      ],
    ];
    for (const [call, message] of refusals) {
      writeCall(workspace, call);
      expect(complaint(workspace.infra, ['plan', ...developmentVariables], moto().env)).toContain(message);
    }
  }, 240_000);
});
