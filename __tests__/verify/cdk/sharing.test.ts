// What APIs share by the README of the infrastructure: a pool, a table and a VPC of one stack, for a large API and two small ones.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cfnLint } from '../../support/cdk-checkers.ts';
import { exampleRoutes, manyRoutes } from '../../support/cdk-openapi.ts';
import type { Json, Resource } from '../../support/cdk-scenarios.ts';
import { type CdkApi, cdkWorkspace, runBin, runTarget } from '../../support/cdk-workspace.ts';

const apis = [
  // Its functions need nested stacks.
  { routes: [...exampleRoutes, ...manyRoutes(100)], data: { auth: 'Cognito' } },
  {
    data: {
      apiName: 'billing',
      apiClass: 'Billing',
      apiDir: 'packages/billing',
      computeType: 'ServerlessApiGatewayHttpApi',
      auth: 'Cognito',
    },
  },
  { data: { apiName: 'reports', apiClass: 'Reports', apiDir: 'packages/reports', auth: 'IAM' } },
] satisfies CdkApi[];

let root: string;
const source = (path: string): string => join(root, 'packages/infra/src', path);
const edit = (path: string, change: (text: string) => string): void => {
  const text = readFileSync(source(path), 'utf8');
  const changed = change(text);
  if (changed === text) throw new Error(`the edit of ${path} finds no place`);
  writeFileSync(source(path), changed);
};

/** The README's code for a file. */
function snippet(path: string): string {
  const readme = readFileSync(join(root, 'packages/infra/README.md'), 'utf8');
  const code = new RegExp(`\`\`\`ts\\n// src/${path}\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1];
  if (code === undefined) throw new Error(`the README shows nothing of ${path}`);
  return code.trimEnd();
}

interface Template {
  Resources: Record<string, Resource>;
  Outputs?: Record<string, Json>;
  Parameters?: Record<string, Json>;
}

const assembly = (): string => join(root, 'packages/infra/dist/cdk.out/assembly-development');
const read = (file: string): Json => JSON.parse(readFileSync(join(assembly(), file), 'utf8'));
const fileOf = (stack: string): string => {
  const file = readdirSync(assembly()).find((name) => new RegExp(`^development${stack}[0-9A-F]{8}\\.template\\.json$`).test(name));
  if (!file) throw new Error(`no template of ${stack}: ${readdirSync(assembly()).join(', ')}`);
  return file;
};
const templateOf = (stack: string): Template => read(fileOf(stack));
const nestedOf = (stack: string): Template[] =>
  readdirSync(assembly())
    .filter((name) => name.startsWith(`development${stack}`) && name.endsWith('.nested.template.json'))
    .map(read);
const artifacts = (): Record<string, Json> => read('manifest.json').artifacts;
const artifactOf = (stack: string): Json =>
  Object.entries(artifacts()).find(([, { displayName }]) => displayName === `development/${stack}`)?.[1];
/** Stacks that another one is deployed after. */
const dependenciesOf = (stack: string): string[] =>
  artifactOf(stack)
    .dependencies.map((id: string) => artifacts()[id])
    .filter(({ type }: Json) => type === 'aws:cloudformation:stack' || type === undefined)
    .map(({ displayName }: Json) => displayName);

/** Outputs of other stacks that templates read, as `stack.output`. */
function outputsRead(value: Json): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const found = value['Fn::GetStackOutput'];
  return [...(found ? [`${found.StackName}.${found.OutputName}`] : []), ...Object.values(value).flatMap(outputsRead)];
}

const ofType = ({ Resources }: Template, type: string): Resource[] => Object.values(Resources).filter(({ Type }) => Type === type);

beforeAll(() => {
  root = cdkWorkspace('sharing', apis);
  // One environment shows it all, in half the time.
  edit('main.ts', (text) =>
    text.replace(/\nnew ApplicationStage\(app, 'production'[\s\S]*(?=\napp\.synth)/, '').replace('App, Stack,', 'App,'),
  );
}, 600_000);

describe('by default', () => {
  beforeAll(() => {
    expect(runTarget(root, 'synth')).toMatchObject({ status: 0 });
  }, 600_000);

  test('every API is a stack of its own, and needs no other', () => {
    const stacks = Object.values(artifacts()).filter(({ type }) => type === 'aws:cloudformation:stack');
    expect(stacks.map(({ displayName }) => displayName).sort()).toEqual(
      ['Billing', 'MyApi', 'Reports'].map((name) => `development/${name}`),
    );
    for (const name of ['Billing', 'MyApi', 'Reports']) {
      expect(artifactOf(name).properties.stackName).toBe(`my-scope-development-${name}`);
      expect(dependenciesOf(name)).toEqual([]);
      expect(outputsRead(templateOf(name))).toEqual([]);
    }
  });

  test('an API with Cognito has a pool of its own in each environment, which stays', () => {
    const pools = (name: string) => ofType(templateOf(name), 'AWS::Cognito::UserPool').map(({ DeletionPolicy }) => DeletionPolicy);
    expect([pools('MyApi'), pools('Billing'), pools('Reports')]).toEqual([['Retain'], ['Retain'], []]);
  });
});

describe('with a stack of what they share', () => {
  const shared = 'my-scope-development-Shared';
  let pools: string[];

  beforeAll(() => {
    const made = snippet('shared-stack.ts');
    writeFileSync(source('shared-stack.ts'), `${made}\n`);
    writeFileSync(source('website-stack.ts'), `${snippet('website-stack.ts')}\n`);
    edit('api-stack.ts', (text) =>
      text
        .replace("'aws-cdk-lib/aws-cognito';\n", "'aws-cdk-lib/aws-cognito';\nimport type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';\n")
        .replace('readonly vpc?: IVpc;\n', `readonly vpc?: IVpc;\n  ${snippet('api-stack.ts')}\n`),
    );
    edit('stages/application-stage.ts', (text) =>
      text
        .replace(
          'const shared: ApiStackProps = {};',
          `${snippet('stages/application-stage.ts').replaceAll('\n', '\n    ')}\n    new WebsiteStack(this, 'Website');`,
        )
        .replace('import { apiStacks }', "import { SharedStack } from '../shared-stack.js';\nimport { apiStacks }")
        .replace(/(from '\.\.\/stacks\/index\.js';\n)/, "$1import { WebsiteStack } from '../website-stack.js';\n"),
    );
    edit('stacks/my-api.ts', (text) =>
      text.replace(/new MyApi\([\s\S]*?\n {4}\}\);/, snippet('stacks/my-api.ts').replace(/\n(?=.)/g, '\n    ')),
    );
    expect(runBin(root, 'biome', ['check', '--vcs-enabled=false', 'src', 'README.md'], 'packages/infra')).toEqual({
      status: 0,
      output: expect.stringMatching(/^Checked/),
    });
    expect(runTarget(root, 'typecheck')).toEqual({ status: 0, output: '' });
    const { status, output } = runTarget(root, 'synth');
    expect({ status, output }).toMatchObject({ status: 0, output: expect.not.stringMatching(/ERROR/) });
    pools = Object.keys(templateOf('Shared').Outputs ?? {}).filter((name) => /UserPool/.test(name));
  }, 600_000);

  test('every API takes what it needs, and is deployed after that stack', () => {
    const given = Object.keys(templateOf('Shared').Outputs ?? {}).map((name) => `${shared}.${name}`);
    for (const name of ['MyApi', 'Billing', 'Reports']) {
      const taken = outputsRead([templateOf(name), ...nestedOf(name)]);
      expect(given).toEqual(expect.arrayContaining(taken));
      expect(taken.some((output) => /Vpc/.test(output))).toBe(true);
      expect(taken.some((output) => /UserPool/.test(output))).toBe(name !== 'Reports');
      expect(taken.some((output) => /Table/.test(output))).toBe(name === 'MyApi');
      expect(dependenciesOf(name)).toEqual(['development/Shared']);
      expect(ofType(templateOf(name), 'AWS::Cognito::UserPool')).toEqual([]);
    }
    expect(pools.length).toBeGreaterThan(0);
    expect(dependenciesOf('Shared')).toEqual([]);
  });

  test('all functions of a large API stand in the network, in nested stacks that get every value from their parent', () => {
    const nested = nestedOf('MyApi');
    expect(nested.length).toBeGreaterThan(3);
    const functions = nested.flatMap((template) => ofType(template, 'AWS::Lambda::Function'));
    expect(functions).toHaveLength(104);
    for (const { Properties } of functions) expect(Properties.VpcConfig.SubnetIds).toHaveLength(2);
    for (const template of nested) {
      const declared = [...Object.keys(template.Parameters ?? {}), ...Object.keys(template.Resources)];
      const referred = [...JSON.stringify(template).matchAll(/"Ref":"(?!AWS::)([^"]+)"/g)].map(([, name]) => name);
      expect(declared).toEqual(expect.arrayContaining(referred));
    }
    const parent = templateOf('MyApi');
    const supplied = ofType(parent, 'AWS::CloudFormation::Stack').map(({ Properties }) => Object.keys(Properties.Parameters ?? {}).sort());
    const asked = nested.map(({ Parameters = {} }) => Object.keys(Parameters).sort());
    expect(supplied.map(String).sort()).toEqual(asked.map(String).sort());
  });

  test('a grant on the table holds for its function alone', () => {
    const policies = nestedOf('MyApi').flatMap((template) => ofType(template, 'AWS::IAM::Policy'));
    const onTable = policies.filter(({ Properties }) => JSON.stringify(Properties).includes('dynamodb:GetItem'));
    expect(onTable.map(({ Properties }) => Properties.Roles[0].Ref)).toEqual([expect.stringMatching(/getItem/)]);
  });

  test('leaves no finding of cfn-lint', () => {
    const folder = join(root, 'packages/infra/dist/lint');
    mkdirSync(folder, { recursive: true });
    for (const file of readdirSync(assembly()).filter((name) => name.endsWith('.template.json')))
      cpSync(join(assembly(), file), join(folder, file));
    expect(cfnLint(folder)).toEqual({ status: 0, output: '' });
  }, 600_000);

  test('a pool that is replaced under another id changes the templates of the APIs that take it, under the same id of none', () => {
    const before = ['MyApi', 'Billing', 'Reports'].map((name) => JSON.stringify(templateOf(name)));
    const changed = (change: (text: string) => string): boolean[] => {
      const text = readFileSync(source('shared-stack.ts'), 'utf8');
      edit('shared-stack.ts', change);
      expect(runTarget(root, 'synth')).toMatchObject({ status: 0 });
      writeFileSync(source('shared-stack.ts'), text);
      return ['MyApi', 'Billing', 'Reports'].map((name, index) => JSON.stringify(templateOf(name)) !== before[index]);
    };
    expect(changed((text) => text.replace("'UserPool')", "'Users')"))).toEqual([true, true, false]);
    // A partition key can't be changed in place: the table is replaced.
    expect(changed((text) => text.replace("name: 'id'", "name: 'key'"))).toEqual([false, false, false]);
  }, 600_000);
});
