import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { renderTemplates } from '../../../lib/templates/render.ts';
import { exampleRoutes, type Route } from '../../support/cdk-openapi.ts';
import { ask, invalidations, runTargetWithMoto } from '../../support/moto-website.ts';
import { apply, bodyOf, byType, type Change, plan, state } from '../../support/terraform-plan.ts';
import { describeTerraform, useMoto } from '../../support/terraform-suite.ts';
import { cliConfiguration } from '../../support/terraform-tools.ts';
import { initialisedWorkspace, type TerraformWorkspace, writeBundle, writeCall, writeRoutes } from '../../support/terraform-workspace.ts';
import { toolEnv } from '../../support/tools.ts';

const added: Route = ['GET', '/customers', 'list_customers'];

const website = `resource "aws_cloudfront_distribution" "website" {
  enabled = true

  origin {
    domain_name = "files.example.com"
    origin_id   = "files"

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }

  default_cache_behavior {
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    target_origin_id       = "files"
    viewer_protocol_policy = "redirect-to-https"
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

resource "aws_s3_bucket" "website" {
  bucket = "my-website"
}

output "website_bucket" {
  value = aws_s3_bucket.website.bucket
}

output "website_distribution" {
  value = aws_cloudfront_distribution.website.id
}
`;

const typesOf = (changes: Change[]): string[] => [...new Set(changes.map(({ type }) => type))].sort();
const redeploys = (changes: Change[]): boolean => changes.some(({ type }) => type === 'aws_api_gateway_deployment');

describeTerraform('a change of an applied REST API', () => {
  const moto = useMoto();
  let workspace: TerraformWorkspace;
  beforeAll(() => {
    workspace = initialisedWorkspace('changes');
    apply(workspace, moto());
  }, 120_000);
  beforeEach(() => {
    writeCall(workspace, '');
    writeRoutes(workspace, exampleRoutes);
    writeBundle(workspace, '');
  });
  const planned = (call = ''): Change[] => {
    writeCall(workspace, call);
    return plan(workspace, moto()).changes;
  };

  test('of the code uploads once and updates the functions, and deploys nothing', () => {
    writeBundle(workspace, 'edited');
    const changes = planned();
    expect(typesOf(changes)).toEqual(['aws_lambda_function', 'aws_s3_object']);
    expect(byType(changes as never, 'aws_s3_object')).toHaveLength(1);
    expect(byType(changes as never, 'aws_lambda_function')).toHaveLength(exampleRoutes.length);
  }, 60_000);

  test('of memory updates that function alone', () => {
    const changes = planned('  operations = { echo = { memory_size = 1024 } }');
    expect(changes.map(({ address }) => address)).toEqual([
      'module.my_api.module.integrations.module.function["echo"].aws_lambda_function.this',
    ]);
  }, 60_000);

  test.each([
    ['an override', '  operations = { echo = { integration = { uri = "https://example.com/echo" } } }'],
    ['another origin', '  allowed_origins = ["https://example.com"]'],
    ['auth of one operation', '  operations = { echo = { auth = "None" } }'],
  ])(
    'to %s deploys the API',
    (_, call) => {
      expect(redeploys(planned(call))).toBe(true);
    },
    60_000,
  );

  test("to one more route deploys the API, and makes that route's function alone", () => {
    writeRoutes(workspace, [...exampleRoutes, added]);
    const changes = planned();
    expect(redeploys(changes)).toBe(true);
    expect(changes.filter(({ type }) => type === 'aws_lambda_function').map(({ actions }) => actions)).toEqual([['create']]);
  }, 60_000);

  test('to another origin reaches preflights, gateway responses and functions', () => {
    const changes = planned('  allowed_origins = ["https://a.example.com", "https://b.example.com"]');
    const body = String(changes.find(({ type }) => type === 'aws_api_gateway_rest_api')?.after?.body);
    expect(body).toContain(String.raw`$origin == \"https://b.example.com\"`);
    expect(body).toContain('"gatewayresponse.header.Access-Control-Allow-Origin":"method.request.header.Origin"');
    const environments = changes
      .filter(({ type }) => type === 'aws_lambda_function')
      .map(({ after }) => JSON.stringify(after?.environment));
    expect(environments).toHaveLength(exampleRoutes.length);
    for (const environment of environments)
      expect(environment).toContain('"ALLOWED_ORIGINS":"https://a.example.com,https://b.example.com"');
  }, 60_000);

  test('one command calls what is applied, by its outputs, and finds its log groups in the state', async () => {
    const { infra, data } = workspace;
    const server = createServer((_, response) => response.setHeader('x-amzn-requestid', 'gateway-request').end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    writeCall(workspace, '');
    writeFileSync(
      join(infra, 'url_override.tf'),
      `output "${data.apiSnake}" {\n  value = merge(module.${data.apiSnake}.api, { url = "${url}" })\n}\n`,
    );
    try {
      apply(workspace, moto());
      const project = renderTemplates('api', data).find(({ path }) => path === 'project.json');
      const { command } = JSON.parse(project?.contents.toString() ?? '').targets.smoke.options;
      expect(command).toMatch(/ --backend environments\/development\.tfbackend$/);
      // The state is a local file here.
      writeFileSync(join(infra, 'environments/development.tfbackend'), 'path = "terraform.tfstate"\n');
      const child = spawn(`${command} --operation=echo`, {
        cwd: infra,
        shell: true,
        env: toolEnv({ AWS_REGION: 'us-east-1', TF_CLI_CONFIG_FILE: cliConfiguration(), ...(moto().env as Record<string, string>) }),
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (text) => {
          output += text;
        });
      }
      const [status] = await once(child, 'close');
      expect({ status, output }).toMatchObject({ status: 0 });
      expect(output).toContain(`GET ${url}/echo?message=smoke\nsigned by test\n`);
      const { access, own } = {
        access: '/aws/apigateway/my-scope-development-my-api',
        own: '/aws/lambda/my-scope-development-my-api-echo',
      };
      const groups = byType(state(workspace), 'aws_cloudwatch_log_group').map(({ values }) => values.name);
      expect(groups).toEqual(expect.arrayContaining([access, own]));
      expect(output).toContain(`--region us-east-1 --query queryId --output text`);
      expect(output).toContain(`  --log-group-names ${own} ${access} \\\n`);
    } finally {
      server.close();
      rmSync(join(infra, 'url_override.tf'));
    }
  }, 120_000);

  test("to a website's distribution, whose address nobody knows yet, and whose bucket gets the API's", async () => {
    writeFileSync(join(workspace.infra, 'website.tf'), website);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Terraform's.
    const origins = '  allowed_origins = ["https://${aws_cloudfront_distribution.website.domain_name}"]';
    try {
      expect(byType(planned(origins) as never, 'aws_cloudfront_distribution')).toHaveLength(1);
      apply(workspace, moto());
      const resources = state(workspace);
      const { domain_name: domain, id } = byType(resources, 'aws_cloudfront_distribution')[0]?.values ?? {};
      expect(domain).toMatch(/^\w+\.cloudfront\.net$/);
      const { paths } = bodyOf(resources);
      expect(JSON.stringify(paths['/echo']?.options)).toContain(
        `"method.response.header.Access-Control-Allow-Origin":"'https://${domain}'"`,
      );
      const environments = byType(resources, 'aws_lambda_function').map(({ values }) => JSON.stringify(values.environment));
      for (const environment of environments) expect(environment).toContain(`"ALLOWED_ORIGINS":"https://${domain}"`);

      const { status, output } = runTargetWithMoto(workspace.infra, 'runtime-config', moto());
      expect([status, output]).toEqual([0, expect.stringContaining(`Invalidated /runtime-config.json of ${id}`)]);
      expect(await (await ask(moto(), 's3', 'GET', '/my-website/runtime-config.json')).json()).toEqual({
        apis: { MyApi: { url: expect.stringMatching(/^https:\/\/\w+\.execute-api\.us-east-1\.amazonaws\.com\/\w+$/) } },
      });
      expect(await invalidations(moto(), String(id))).toEqual(['/runtime-config.json']);
    } finally {
      rmSync(join(workspace.infra, 'website.tf'));
    }
  }, 120_000);
});

describeTerraform.each([['Rest'], ['Http']])('the pattern of a %s API', (type) => {
  const moto = useMoto();

  test('changes from isolated to shared and back, and nothing that answers goes before what asks it has moved', () => {
    const isolated = initialisedWorkspace(`switch-${type}`, {
      computeType: `ServerlessApiGateway${type}Api` as 'ServerlessApiGatewayRestApi',
    });
    apply(isolated, moto());
    const shared: TerraformWorkspace = { ...isolated, data: { ...isolated.data, integrationPattern: 'shared' } };
    for (const workspace of [shared, isolated]) {
      writeCall(workspace, '');
      moto().forget();
      apply(workspace, moto());
      const requests = moto().requests();
      // What moves callers: the stage's new deployment, or each route's integration.
      const moves = requests.findLastIndex((request) =>
        /^PATCH \/restapis\/\w+\/stages\/|^PATCH \/v2\/apis\/\w+\/integrations\//.test(request),
      );
      const added = requests.findLastIndex((request) => /^POST \/2015-03-31\/functions\/[^/]+\/policy/.test(request));
      const removed = requests.findIndex((request) => /^DELETE \/2015-03-31\/functions\//.test(request));
      expect(added).toBeGreaterThan(-1);
      expect(moves).toBeGreaterThan(added);
      expect(removed).toBeGreaterThan(moves);
      expect(plan(workspace, moto()).changes).toEqual([]);
    }
    expect(byType(state(isolated), 'aws_lambda_function')).toHaveLength(exampleRoutes.length);
  }, 300_000);
});
