// What the CDK app says of its APIs: a stack for each, ours and the user's edits merged; one list; a stage that no API changes.

import { threeWay } from '../../lib/merge/three-way.ts';
import { writtenOnce } from '../../lib/plan/tree.ts';
import { renderTemplates, type TemplateSet } from '../../lib/templates/render.ts';
import type { InfraData } from '../../lib/templates/template-data.ts';
import { listsOf, templateData } from '../support/template-data.ts';

const orders: Partial<InfraData> = { apiName: 'orders', apiClass: 'Orders', apiDir: 'services/orders' };
const terraformOnly: Partial<InfraData> = {
  deployments: [{ provider: 'Terraform', infraDir: 'packages/infra-terraform', infraName: 'infra-terraform', infraToRoot: '../..' }],
};
const file = (set: TemplateSet, path: string, changes: Partial<InfraData> = {}): string => {
  const more = { packageManager: 'npm', nx: 'npx nx', devDependencies: { nx: '^1', tsx: '^2' }, websites: [], ignoringWebsites: [] };
  const found = renderTemplates(set, { ...templateData(changes), ...more }).find((one) => one.path === path);
  if (!found) throw new Error(`there is no ${path} in ${set}`);
  return found.contents;
};
const json = (...args: Parameters<typeof file>) => JSON.parse(file(...args));
const lists = (...apis: Partial<InfraData>[]) => listsOf(apis.map((api) => templateData(api)));

const stack = (auth: InfraData['auth']): string => file('infra-cdk', 'src/stacks/my-api.ts', { auth });

/** What users make of the stack of an API: each of these, alone and all together. */
const edits: Record<string, (text: string) => string> = {
  'a variable for the API': (text) => text.replace('new MyApi(', 'const api = new MyApi('),
  'more imports': (text) =>
    text
      .replace("import { Stack } from 'aws-cdk-lib';", "import { Duration, Stack } from 'aws-cdk-lib';")
      .replace('import type { Construct }', "import { Bucket } from 'aws-cdk-lib/aws-s3';\nimport type { Construct }"),
  'an import at the end': (text) => text.replace(/(api-stack\.js';\n)/, "$1import { names } from '../names.js';\n"),
  'a resource before the API': (text) =>
    text.replace('super(scope, id, props);\n', "super(scope, id, props);\n    const bucket = new Bucket(this, 'Bucket');\n"),
  'a grant after the API': (text) => text.replace(/\n {4}\}\);\n/, '\n    });\n    bucket.grantRead(api.integrations.getItem.handler);\n'),
  'more options of the functions': (text) =>
    text.replace('.withDefaultOptions({ vpc: props.vpc })', '.withDefaultOptions({ timeout: Duration.seconds(5), vpc: props.vpc })'),
  'more options of the API': (text) => text.replace('.build(),\n', '.build(),\n      alarms: true,\n'),
  'options of the API before the others': (text) => text.replace('...authProps', 'webAcl: true,\n      ...authProps'),
  'the docstring': (text) => text.replace('/** The API and', '/** Orders and'),
};
const together = (text: string): string => Object.values(edits).reduce((current, edit) => edit(current), text);

test.each([...Object.entries(edits), ['all of them', together] as const])('another auth meets no edit of the stack: %s', (_, edit) => {
  for (const [before, after] of [
    ['IAM', 'Cognito'],
    ['Cognito', 'None'],
  ] as const) {
    const edited = edit(stack(before));
    expect(edited).not.toBe(stack(before));
    expect(threeWay(stack(before), edited, stack(after))).toEqual({ clean: true, text: edit(stack(after)) });
  }
});

test('under Cognito the stack takes the pool of the stage, otherwise nothing of it', () => {
  expect(stack('Cognito')).toContain('({ userPool }: ApiStackProps) => ({ userPool });');
  for (const auth of ['IAM', 'Custom', 'None'] as const) expect(stack(auth)).not.toContain('userPool');
});

test('of the app, the stage and the README alone are written once, and the stage names no API', () => {
  const isOnce = (path: string) => writtenOnce['infra-cdk'].some((pattern) => pattern.test(path));
  const paths = renderTemplates('infra-cdk', templateData(lists({}, orders)));
  expect(paths.map(({ path }) => path).filter(isOnce)).toEqual(['README.md', 'src/stages/application-stage.ts']);
  expect(file('infra-cdk', 'src/stages/application-stage.ts', lists({}, orders))).not.toMatch(/MyApi|Orders/);
});

describe('files about all APIs', () => {
  const none = lists();
  const both = lists({}, { ...orders, auth: 'Cognito' });
  const other = lists({}, { ...orders, ...terraformOnly });

  test('list the stacks of the APIs that have the flavour', () => {
    const list = (data: Partial<InfraData>) =>
      [...file('infra-cdk', 'src/stacks/index.ts', data).matchAll(/^ {2}(\w+: \w+),$/gm)].map(([, entry]) => entry);
    expect(list(both)).toEqual(['MyApi: MyApiStack', 'Orders: OrdersStack']);
    expect(list(other)).toEqual(['MyApi: MyApiStack']);
    expect(list(none)).toEqual([]);
  });

  test('export the constructs of the APIs that have the flavour', () => {
    const barrel = (data: Partial<InfraData>) => file('constructs', 'src/app/apis/index.ts', data);
    expect(barrel(both)).toBe("export * from './my-api.js';\nexport * from './orders.js';\n");
    expect(barrel(other)).toBe("export * from './my-api.js';\n");
    expect(barrel(none)).toBe('export {};\n');
  });

  test('generate the metadata of each API from its own document', () => {
    const commands = (set: 'constructs' | 'terraform', data: Partial<InfraData>) =>
      Object.entries<{ dependsOn?: object[]; options?: { command: string } }>(json(set, 'project.json', data).targets)
        .filter(([name]) => name.startsWith('generate:'))
        .map(([name, { dependsOn, options }]) => [name, dependsOn, options?.command]);
    expect(commands('constructs', both)).toEqual([
      [
        'generate:MyApi-metadata',
        [{ projects: ['my-api'], target: 'openapi' }],
        'node scripts/generate-metadata.mjs --openapi ../../../packages/my-api/dist/openapi.json --typescript src/generated/my-api/metadata.gen.ts --bundle ../../../packages/my-api/dist/bundle',
      ],
      [
        'generate:Orders-metadata',
        [{ projects: ['orders'], target: 'openapi' }],
        'node scripts/generate-metadata.mjs --openapi ../../../services/orders/dist/openapi.json --typescript src/generated/orders/metadata.gen.ts --bundle ../../../services/orders/dist/bundle',
      ],
    ]);
    expect(commands('terraform', other)).toEqual([
      [
        'generate:Orders-metadata',
        [{ projects: ['orders'], target: 'openapi' }],
        'node scripts/generate-metadata.mjs --openapi ../../../services/orders/dist/openapi.json --terraform src/app/apis/orders',
      ],
    ]);
    for (const set of ['constructs', 'terraform'] as const) expect(commands(set, none)).toEqual([]);
  });

  test("bundle the APIs of the entry's flavour before it synthesizes or plans", () => {
    const bundles = (set: 'infra-cdk' | 'infra-terraform', data: Partial<InfraData>) =>
      json(set, 'project.json', data).targets.bundle.dependsOn.map(
        ({ projects, target }: { projects: string[]; target: string }) => `${projects}:${target}`,
      );
    expect(bundles('infra-cdk', both)).toEqual(['my-api:bundle', 'orders:bundle']);
    expect(bundles('infra-cdk', other)).toEqual(['my-api:bundle']);
    expect(bundles('infra-terraform', other)).toEqual(['orders:bundle']);
    for (const set of ['infra-cdk', 'infra-terraform'] as const) expect(bundles(set, none)).toEqual([]);
  });

  test('have every API in the uv workspace, by the order of the folders', () => {
    expect(file('workspace', 'pyproject.toml', other)).toContain('\nmembers = [\n    "packages/my-api",\n    "services/orders",\n]\n');
    expect(file('workspace', 'pyproject.toml', none)).toContain('\nmembers = []\n');
  });

  test('have every dependency that they are given', () => {
    expect(json('workspace', 'package.json', none).devDependencies).toEqual({ nx: '^1', tsx: '^2' });
  });
});

describe('the deployment of one API', () => {
  const targets = (deployments: InfraData['deployments']) => json('api', 'project.json', { deployments }).targets;
  const cdk = { provider: 'CDK', infraDir: 'packages/infra', infraName: 'infra', infraToRoot: '../..' } as const;
  const terraform = {
    provider: 'Terraform',
    infraDir: 'packages/infra-terraform',
    infraName: 'infra-terraform',
    infraToRoot: '../..',
  } as const;

  test('is that of its stack, after what the app needs', () => {
    expect(targets([cdk]).deploy).toEqual({
      executor: 'nx:run-commands',
      dependsOn: [
        { projects: ['infra'], target: 'typecheck' },
        { projects: ['infra'], target: 'bundle' },
      ],
      options: { command: 'cdk deploy "development/MyApi"', cwd: 'packages/infra' },
      configurations: { production: { command: 'cdk deploy "production/MyApi"' } },
    });
  });

  test('is that of its file under Terraform', () => {
    expect(targets([terraform]).deploy).toMatchObject({
      dependsOn: [{ projects: ['infra-terraform'], target: 'ready' }],
      options: {
        command: 'node scripts/api.mjs my-api apply -var-file=environments/development.tfvars',
        cwd: 'packages/infra-terraform',
      },
    });
  });

  test('keeps its name for the first flavour, when the API gets the second one', () => {
    const names = (...deployments: InfraData['deployments']) =>
      Object.entries<{ options?: { cwd: string } }>(targets(deployments))
        .filter(([name]) => name.startsWith('deploy'))
        .map(([name, { options }]) => [name, options?.cwd]);
    expect(names(cdk, terraform)).toEqual([
      ['deploy', 'packages/infra'],
      ['deploy-terraform', 'packages/infra-terraform'],
    ]);
    expect(names(terraform, cdk)).toEqual([
      ['deploy', 'packages/infra-terraform'],
      ['deploy-cdk', 'packages/infra'],
    ]);
    expect(names()).toEqual([]);
  });
});
