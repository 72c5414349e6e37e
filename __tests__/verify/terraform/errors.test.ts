import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exampleRoutes } from '../../support/cdk-openapi.ts';
import { complaint } from '../../support/terraform-plan.ts';
import { describeTerraform, useMoto } from '../../support/terraform-suite.ts';
import { terraformOk } from '../../support/terraform-tools.ts';
import {
  developmentVariables,
  initialisedWorkspace,
  manyRoutes,
  type TerraformWorkspace,
  writeCall,
  writeRoutes,
} from '../../support/terraform-workspace.ts';

describeTerraform('what Terraform says of a mistake', () => {
  const moto = useMoto();
  const validate = ({ infra }: TerraformWorkspace) => complaint(infra, ['validate']);
  const plan = ({ infra }: TerraformWorkspace) => complaint(infra, ['plan', ...developmentVariables], moto().env);

  describe('in a REST API', () => {
    let workspace: TerraformWorkspace;
    beforeAll(() => {
      workspace = initialisedWorkspace('errors-rest');
    }, 60_000);
    beforeEach(() => writeCall(workspace, ''));

    test.each([
      [
        'an unknown operation, beside a known one',
        '  operations = { getWidgt = { memory_size = 512 }, echo = { memory_size = 512 } }',
        'Unknown operation(s): getWidgt. Valid operations: create_item, echo, get_item, stream.',
      ],
      [
        'an unknown option, beside a known one',
        '  operations = { echo = { memry_size = 512, timeout = 3 } }',
        'Unknown option(s): memry_size of echo. Valid options: api_key_required, auth, environment,',
      ],
      [
        'an unknown default of functions',
        '  function_defaults = { memori = 512 }',
        'Unknown option(s): memori. Valid options: environment, ephemeral_storage_size,',
      ],
      [
        'an option on an overridden operation',
        '  operations = { echo = { memory_size = 512, integration = { uri = "https://example.com" } } }',
        'An operation with an integration of its own has no function to tune: memory_size of echo.',
      ],
      [
        'what goes with an integration, without one',
        '  operations = { echo = { method_responses = { "200" = {} } } }',
        "These options go with an integration of the operation's own: api_key_required, method_responses, properties, request_parameters, request_validation.",
      ],
      [
        'an unknown auth of an operation',
        '  operations = { echo = { auth = "Basic" } }',
        'auth of an operation is IAM, Cognito, Custom or None.',
      ],
    ])('%s fails at validate', (_, call, message) => {
      writeCall(workspace, call);
      expect(validate(workspace)).toContain(message);
    });

    test('a misspelt output fails at validate', () => {
      const file = join(workspace.infra, 'misspelt.tf');
      writeFileSync(file, 'output "misspelt" {\n  value = module.my_api.get_itm.function_name\n}\n');
      try {
        expect(validate(workspace)).toContain('This object does not have an attribute named "get_itm".');
      } finally {
        rmSync(file);
      }
    });

    test.each([
      [
        'an unknown operation whose name a variable holds',
        '  operations = { (var.environment) = { memory_size = 512 } }',
        'Unknown operation(s): development. Valid operations: create_item, echo, get_item, stream.',
      ],
      [
        'an option of an integration that REST APIs do not know',
        '  operations = { echo = { integration = { url = "https://example.com" } } }',
        'The integration of echo has option(s) that REST APIs do not know: url. Valid options: action, cache_key_parameters,',
      ],
      [
        'an integration that leads nowhere',
        '  operations = { echo = { integration = {} } }',
        'The integration of echo says not where its answers come from: give it a uri, a function_arn, or a service with a path or an action.',
      ],
      [
        'an integration of no known type',
        '  operations = { echo = { integration = { type = "GRPC", uri = "https://example.com" } } }',
        'The integration of echo is of type GRPC. Valid types: AWS, AWS_PROXY, HTTP, HTTP_PROXY, MOCK.',
      ],
      [
        'Cognito without a pool',
        '  operations = { echo = { auth = "Cognito" } }',
        'auth Cognito needs cognito, with the ARN of a user pool.',
      ],
    ])('%s fails at plan', (_, call, message) => {
      writeCall(workspace, call);
      terraformOk(workspace.infra, ['validate']);
      expect(plan(workspace)).toContain(message);
    });

    test('Custom without an authorizer in the bundle fails', () => {
      const bundle = join(workspace.root, workspace.data.apiDir, 'dist/bundle');
      mkdirSync(bundle);
      writeFileSync(join(bundle, 'run.sh'), '');
      writeCall(workspace, '  operations = { echo = { auth = "Custom" } }');
      expect(plan(workspace)).toContain(
        'auth Custom needs my_api/authorizer.py, which the bundle lacks: write one with a handler(event, context)',
      );
    });

    test('more resources than a REST API may have are warned of', () => {
      writeCall({ ...workspace, data: { ...workspace.data, integrationPattern: 'shared' } }, '');
      writeRoutes(workspace, manyRoutes(300));
      const { output } = terraformOk(workspace.infra, ['plan', ...developmentVariables], moto().env);
      writeRoutes(workspace, exampleRoutes);
      expect(output.replace(/\s+/g, ' ')).toContain('has 302 resources: API Gateway allows 300 for a REST API until the quota is raised.');
    }, 120_000);

    test('options of single operations of a shared function fail', () => {
      const shared: TerraformWorkspace = { ...workspace, data: { ...workspace.data, integrationPattern: 'shared' } };
      writeCall(shared, '  operations = { echo = { memory_size = 512 } }');
      expect(plan(shared)).toContain(
        'With integration_pattern shared the operations share one function, the router: give its options to function_defaults',
      );
    });

    test("origins beside the app's own CORSMiddleware fail", () => {
      const cors = { origins: [], originRegex: '', methods: ['GET'], headers: [], credentials: false, exposedHeaders: [], maxAge: 600 };
      writeRoutes(workspace, exampleRoutes, { cors });
      try {
        writeCall(workspace, '  allowed_origins = ["https://example.com"]');
        expect(plan(workspace)).toContain(
          'The app has a CORSMiddleware of its own, which decides for API Gateway too: give it the origins in place of allowed_origins, or remove it.',
        );
      } finally {
        writeRoutes(workspace, exampleRoutes);
      }
    }, 60_000);

    test('operations that share a route have no function or option of their own', () => {
      writeRoutes(workspace, [...exampleRoutes, ['GET', '/tiles/{y}', 'tile'], ['GET', '/tiles/{y}.{format}', 'tile_format']]);
      const shared: TerraformWorkspace = { ...workspace, data: { ...workspace.data, integrationPattern: 'shared' } };
      try {
        writeCall(workspace, '');
        expect(plan(workspace)).toContain(
          "These share a route of API Gateway, and so can't have a function each: tile and tile_format (GET /tiles/{y}). Choose integration_pattern shared, or give one of them another path.",
        );
        writeCall(shared, '  operations = { tile = { integration = { uri = "https://example.com" } } }');
        expect(plan(shared)).toContain(
          'These share a route of API Gateway, and so their options too: tile and tile_format (GET /tiles/{y}).',
        );
        writeCall(shared, '');
        terraformOk(shared.infra, ['plan', ...developmentVariables], moto().env);
        writeCall(
          workspace,
          '  operations = { for name in ["tile", "tile_format"] : name => { integration = { uri = "https://example.com" } } }',
        );
        terraformOk(workspace.infra, ['plan', ...developmentVariables], moto().env);
      } finally {
        writeRoutes(workspace, exampleRoutes);
      }
    }, 180_000);

    test('ten of many operations are named, and how many more there are', () => {
      writeRoutes(workspace, manyRoutes(30));
      writeCall(workspace, '  operations = { get_thng = {} }');
      expect(validate(workspace)).toMatch(/Unknown operation\(s\): get_thng\. Valid operations: (get_thing_\d+,? ){10}and 20 more\./);
    });
  });

  describe('in an HTTP API', () => {
    let workspace: TerraformWorkspace;
    beforeAll(() => {
      workspace = initialisedWorkspace('errors-http', { computeType: 'ServerlessApiGatewayHttpApi' });
    }, 60_000);

    test.each([
      ['WAF', '  waf = true', 'AWS WAF does not protect HTTP APIs: use a REST API, or CloudFront with a web ACL before the API.'],
      ['request validation', '  request_validation = true', 'An HTTP API does not validate requests'],
      [
        'an option of an integration of REST APIs',
        '  operations = { echo = { integration = { uri = "https://example.com", responses = {} } } }',
        'The integration of echo has option(s) that HTTP APIs do not know: responses.',
      ],
      [
        'an option of a method of REST APIs',
        '  operations = { echo = { request_validation = true, integration = { uri = "https://example.com" } } }',
        'echo has option(s) that HTTP APIs do not know: request_validation.',
      ],
      [
        'Cognito without a client',
        '  operations = { echo = { auth = "Cognito" } }',
        'auth Cognito needs cognito, with the ARN of a user pool and the id of a client at least.',
      ],
    ])('%s fails at plan', (_, call, message) => {
      writeCall(workspace, call);
      expect(plan(workspace)).toContain(message);
    });
  });
});
