// A REST API's body, as API Gateway's stand-in moto holds it after the import: its methods and paths equal the document's. What
// moto does not keep (authorizers, transfer modes) is asserted on the template elsewhere.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { authMethods } from '../../../lib/options/choices.ts';
import { packageRoot } from '../../../lib/templates/package-root.ts';
import { exampleRoutes, manyRoutes, type Route } from '../../support/cdk-openapi.ts';
import { bodyOf, type Json, type Synthesized, synthesize, text } from '../../support/cdk-scenarios.ts';
import { cdkWorkspace } from '../../support/cdk-workspace.ts';
import { pythonTools } from '../../support/tools.ts';

const converted: Route[] = [
  ['GET', '/', 'root'],
  ['GET', '/files/{name:path}', 'get_file'],
  ['PUT', '/files/{file:path}', 'put_file'],
  ['GET', '/orders/{order_id}', 'get_order'],
  ['GET', '/orders/{oid}/lines/{line:int}', 'get_line'],
  ['OPTIONS', '/own', 'own_options'],
];
const apis = {
  ...Object.fromEntries(authMethods.map((auth) => [`${auth}Api`, { auth, routes: exampleRoutes }])),
  ConvertedApi: { auth: 'IAM' as const, routes: converted },
  BigApi: { auth: 'IAM' as const, routes: manyRoutes(300) },
};

/** CloudFormation's functions replaced by text, as a deployment would resolve them. */
const resolved = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== 'object' || value === null) return value;
  const [key] = Object.keys(value);
  if (Object.keys(value).length === 1 && (key === 'Ref' || key?.startsWith('Fn::'))) {
    return text(value)
      .replace(/\$\{AWS::Partition\}/g, 'aws')
      .replace(/\$\{AWS::Region\}/g, 'eu-central-1')
      .replace(/\$\{[^}]*Arn[^}]*\}/g, 'arn:aws:lambda:eu-central-1:111111111111:function:name')
      .replace(/\$\{[^}]*\}/g, 'x');
  }
  // moto wants an address of mock integrations as well, which API Gateway does not.
  const mock = value.type === 'mock' ? { httpMethod: 'POST', uri: 'mock' } : {};
  return { ...Object.fromEntries(Object.entries(value).map(([name, part]) => [name, resolved(part)])), ...mock };
};

/** moto's validator takes the plus of `{name+}` for a part of the parameter's name, which API Gateway does not. */
const withGreedyNames = (body: Json): Json => ({
  ...body,
  paths: Object.fromEntries(
    Object.entries<Json>(body.paths).map(([path, item]) => {
      const greedy = /\{(\w+)\+\}$/.exec(path)?.[1];
      return [path, greedy === undefined ? item : JSON.parse(JSON.stringify(item).replaceAll(`"name":"${greedy}"`, `"name":"${greedy}+"`))];
    }),
  ),
});

let synthesized: Record<string, Synthesized>;
let imported: Record<string, string[]>;

beforeAll(() => {
  const root = cdkWorkspace(
    'moto',
    Object.entries(apis).map(([apiClass, { auth, routes }]) => ({
      routes,
      data: { apiClass, auth, apiName: apiClass.toLowerCase(), apiDir: `packages/${apiClass.toLowerCase()}` },
    })),
  );
  synthesized = synthesize(
    root,
    'moto',
    `import { ${Object.keys(apis).join(', ')} } from ':my-scope/common-constructs';`,
    Object.fromEntries(
      Object.keys(apis).map((api) => [
        api,
        `new ${api}(this, 'Api', { ${api === 'CognitoApi' ? "userPool: new cognito.UserPool(this, 'Pool')," : ''} integrations: ${api}.defaultIntegrations(this).build() });`,
      ]),
    ),
  );
  const bodies = Object.fromEntries(Object.entries(synthesized).map(([name, result]) => [name, withGreedyNames(resolved(bodyOf(result)))]));
  const python = join(pythonTools('moto', ['moto[server,apigateway]==5.2.5']), 'python');
  imported = JSON.parse(
    execFileSync(python, [join(packageRoot(), '__tests__/support/cdk-moto.py')], {
      input: JSON.stringify(bodies),
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    }),
  );
}, 600_000);

test.each(Object.entries(apis))('the methods and paths of %s are those of its document, and preflights', (name, { routes }) => {
  const gateway = (path: string) =>
    path
      .replace(/\{(\w+):path\}/, '{name+}')
      .replace(/\{(\w+):\w+\}/, '{$1}')
      .replace('{oid}', '{order_id}');
  // The rest of a path may be empty.
  const all = routes.flatMap(([method, path]) => [path, path.replace(/\/\{\w+:path\}$/, '') || '/'].map((each) => [method, each] as const));
  const expected = all.map(([method, path]) => `${method} ${gateway(path)}`);
  const preflights = [...new Set(all.map(([, path]) => `OPTIONS ${gateway(path)}`))];
  expect(imported[name]).toEqual([...new Set([...expected, ...preflights])].sort());
});
