import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { renderTemplates } from '../../../lib/templates/render.ts';
import { templateData } from '../../support/template-data.ts';
import type { Combination } from '../../support/terraform-combinations.ts';
import { everything, nameOf } from '../../support/terraform-combinations.ts';
import { apply, bodyOf, byType, destroy, plan, state } from '../../support/terraform-plan.ts';
import { describeTerraform, useMoto } from '../../support/terraform-suite.ts';
import { initialisedWorkspace, routesOfEachKind } from '../../support/terraform-workspace.ts';
import { cacheFolder } from '../../support/tools.ts';

const rest = 'ServerlessApiGatewayRestApi';
const http = 'ServerlessApiGatewayHttpApi';

// Each value of each choice; and, where there is time, most pairs of values.
const applied: Combination[] = [
  { computeType: rest, integrationPattern: 'isolated', auth: 'IAM' },
  { computeType: rest, integrationPattern: 'shared', auth: 'Cognito' },
  { computeType: http, integrationPattern: 'isolated', auth: 'Custom' },
  { computeType: http, integrationPattern: 'shared', auth: 'None' },
];
const more: Combination[] = [
  { computeType: rest, integrationPattern: 'isolated', auth: 'Custom' },
  { computeType: rest, integrationPattern: 'shared', auth: 'None' },
  { computeType: http, integrationPattern: 'shared', auth: 'IAM' },
  { computeType: http, integrationPattern: 'isolated', auth: 'Cognito' },
];

const gatewayPath = (path: string): string => path.replace(':path}', '+}');
const operations = routesOfEachKind.map(([, , operation]) => operation);
const routes = [...routesOfEachKind.map(([method, path]) => `${method} ${gatewayPath(path)}`), 'GET /files'].sort();

/** Where IAM's action has another name than the operation. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
const s3Actions: Record<string, string> = {
  DeleteBucketEncryption: 'PutEncryptionConfiguration',
  DeleteObjects: 'DeleteObject',
  DeletePublicAccessBlock: 'PutBucketPublicAccessBlock',
  GetBucketAccelerateConfiguration: 'GetAccelerateConfiguration',
  GetBucketCors: 'GetBucketCORS',
  GetBucketEncryption: 'GetEncryptionConfiguration',
  GetBucketLifecycleConfiguration: 'GetLifecycleConfiguration',
  GetBucketReplication: 'GetReplicationConfiguration',
  GetObjectLockConfiguration: 'GetBucketObjectLockConfiguration',
  GetPublicAccessBlock: 'GetBucketPublicAccessBlock',
  HeadBucket: 'ListBucket',
  HeadObject: 'GetObject',
  ListObjectVersions: 'ListBucketVersions',
  ListObjectsV2: 'ListBucket',
  PutBucketEncryption: 'PutEncryptionConfiguration',
  PutPublicAccessBlock: 'PutBucketPublicAccessBlock',
};

const prefixes: Record<string, string> = { 'CloudWatch Logs': 'logs', 'Cognito Identity Provider': 'cognito-idp' };

/** The action that IAM asks for before an operation of a service. */
function actionOf(service: string, operation: string, method: string): string {
  // Those of API Gateway are the methods of HTTP.
  if (/^api ?gateway/i.test(service)) return `apigateway:${method}`;
  if (service === 'S3') return `s3:${s3Actions[operation] ?? operation}`;
  return `${prefixes[service] ?? service.toLowerCase()}:${operation}`;
}

interface RestResources {
  item: { path: string; resourceMethods?: Record<string, unknown> }[];
}

describeTerraform('an applied API, as the services report it', () => {
  const server = useMoto();
  beforeEach(() => server().reset(), 60_000);

  // The provider notes each operation that it asks of AWS.
  const log = join(cacheFolder('terraform', 'logs'), 'apply.log');
  beforeAll(() => {
    rmSync(log, { force: true });
    Object.assign(process.env, { TF_LOG_PROVIDER: 'DEBUG', TF_LOG_PATH: log });
  });
  afterAll(() => {
    delete process.env.TF_LOG_PROVIDER;
    delete process.env.TF_LOG_PATH;
    rmSync(log, { force: true });
  });

  const functionNames = async (): Promise<string[]> => {
    const { Functions: functions } = await server().get<{ Functions: { FunctionName: string }[] }>('lambda', '/2015-03-31/functions/');
    return functions.map(({ FunctionName: name }) => name).sort();
  };
  const names = (xml: string, tag: string): string[] =>
    [...xml.matchAll(new RegExp(`<${tag}>([^<]+)</${tag}>`, 'g'))].map(([, name]) => name as string);
  const roleNames = async (): Promise<string[]> => names(await server().query('iam', 'ListRoles'), 'RoleName').sort();
  const restApis = async (): Promise<{ id: string }[]> =>
    (await server().get<{ item?: { id: string }[] }>('apigateway', '/restapis')).item ?? [];
  const httpApis = async (): Promise<{ apiId: string }[]> =>
    (await server().get<{ items: { apiId: string }[] }>('apigateway', '/v2/apis')).items;

  /** Method and path of everything but preflights. */
  const restRoutes = async (): Promise<string[]> => {
    const [api] = await restApis();
    const { item } = await server().get<RestResources>('apigateway', `/restapis/${api?.id}/resources`);
    return item
      .flatMap(({ path, resourceMethods = {} }) => Object.keys(resourceMethods).map((method) => `${method} ${path}`))
      .filter((route) => !route.startsWith('OPTIONS '))
      .sort();
  };

  test.each((everything ? [...applied, ...more] : applied).map((combination) => [nameOf(combination), combination] as const))(
    '%s has the routes of the document, plans no change, and leaves nothing',
    async (name, combination) => {
      const { computeType, integrationPattern, auth } = combination;
      const workspace = initialisedWorkspace(`apply-${name}`, combination, routesOfEachKind);
      apply(workspace, server());

      const functions = [...(integrationPattern === 'isolated' ? operations : ['router']), ...(auth === 'Custom' ? ['authorizer'] : [])]
        .map((operation) => `my-scope-development-my-api-${operation.replaceAll('_', '-')}`)
        .sort();
      expect(await functionNames()).toEqual(functions);
      expect(await roleNames()).toEqual(functions.map((name) => `${name}-us-east-1`).sort());

      if (computeType === 'ServerlessApiGatewayRestApi') {
        expect(await restRoutes()).toEqual(routes);
        // The service stand-in stores neither auth nor streaming of a body: they are read from what was sent.
        const { paths } = bodyOf(state(workspace));
        const scheme = { IAM: 'sigv4', Cognito: 'cognito', Custom: 'custom', None: undefined }[auth];
        for (const [method, path] of routesOfEachKind) {
          const operation = paths[gatewayPath(path)]?.[method.toLowerCase()];
          expect(operation?.security).toEqual(scheme ? [{ [scheme]: [] }] : []);
          expect(operation?.['x-amazon-apigateway-integration'].responseTransferMode).toBe('STREAM');
        }
      } else {
        const [api] = await httpApis();
        const { items } = await server().get<{ items: { routeKey: string; authorizationType: string }[] }>(
          'apigateway',
          `/v2/apis/${api?.apiId}/routes`,
        );
        expect(items.map(({ routeKey }) => routeKey).sort()).toEqual(routes);
        const type = { IAM: 'AWS_IAM', Cognito: 'JWT', Custom: 'CUSTOM', None: 'NONE' }[auth];
        for (const { authorizationType } of items) expect(authorizationType).toBe(type);
      }

      expect(plan(workspace, server()).changes).toEqual([]);

      destroy(workspace, server());
      expect(await functionNames()).toEqual([]);
      expect(await roleNames()).toEqual([]);
      expect([...(await restApis()), ...(await httpApis())]).toEqual([]);
      expect(names(await server().query('s3', 'ListBuckets'), 'Name')).toEqual([]);
      expect(byType(state(workspace), 'aws_cloudwatch_log_group')).toEqual([]);
    },
    300_000,
  );

  test('the role that GitHub deploys by may do each of the operations that all of this took', () => {
    const role = renderTemplates('infra-terraform', templateData({ ci: 'GitHub', iacProvider: 'Terraform' })).find(
      ({ path }) => path === 'bootstrap/github.tf',
    );
    const allowed = new Set([...(role?.contents ?? '').matchAll(/"([a-z0-9-]+:[A-Z]\w+)"/g)].map(([, action]) => action));
    expect(existsSync(log)).toBe(true);
    const asked = new Set<string>();
    for (const line of readFileSync(log, 'utf8').split('\n')) {
      const [service, operation, method] = ['rpc.service', 'rpc.method', 'http.method'].map((key) =>
        new RegExp(` ${key}=(?:"([^"]+)"|(\\S+))`).exec(line)?.slice(1).join(''),
      );
      if (service && operation && method) asked.add(actionOf(service, operation, method));
    }
    // Nobody needs a permission for it: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html.
    asked.delete('sts:GetCallerIdentity');
    expect(asked.size).toBeGreaterThan(30);
    expect([...asked].filter((action) => !allowed.has(action)).sort()).toEqual([]);
  });
});
