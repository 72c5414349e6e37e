import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { authMethods, computeTypes, integrationPatterns } from '../../lib/options/choices.ts';
import { packageRoot } from '../../lib/templates/package-root.ts';
import { renderTemplates, type TemplateSet } from '../../lib/templates/render.ts';
import type { InfraData } from '../../lib/templates/template-data.ts';
import { listsOf, templateData } from '../support/template-data.ts';

const long = 'customer-order-fulfilment-service-public-api';
const names: Partial<InfraData>[] = [
  { apiName: 'a-p', apiClass: 'AP', apiSnake: 'a_p', apiTitle: 'A p', moduleName: 'a_p', apiDir: 'packages/a-p' },
  {},
  {
    apiName: long,
    apiClass: 'CustomerOrderFulfilmentServicePublicApi',
    apiSnake: long.replaceAll('-', '_'),
    apiTitle: 'Customer order fulfilment service public API',
    moduleName: long.replaceAll('-', '_'),
    apiDir: `services/backend/${long}`,
    infraDir: 'packages/infra-cdk',
    infraName: 'infra-cdk',
    scope: 'a-company-with-a-long-name',
  },
];
const combinations = names.flatMap((name) =>
  computeTypes.flatMap((computeType) =>
    integrationPatterns.flatMap((integrationPattern) =>
      authMethods.map((auth) => templateData({ ...name, computeType, integrationPattern, auth })),
    ),
  ),
);

/** Names whose order is not that of their letters. */
const similar = ['orders', 'orders-2', 'orders-10', 'orders2', 'orders10', 'orders-api', 'order', 'a-p', 'ap', 'x-1', 'x1y', 'x01y'];
const apiNamed = (apiName: string): InfraData => templateData({ apiName, apiClass: `Api${apiName.replaceAll('-', 'And')}` });

test('generated files are as the formatter and the linter want them, for every choice and length of name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cdk-templates-'));
  try {
    writeFileSync(
      join(folder, 'biome.json'),
      `${JSON.stringify(
        {
          formatter: { indentStyle: 'space', indentWidth: 2, lineWidth: 100 },
          javascript: { formatter: { quoteStyle: 'single' } },
        },
        undefined,
        2,
      )}\n`,
    );
    const write = (set: TemplateSet, below: string, data: InfraData) => {
      for (const { path, contents } of renderTemplates(set, data)) {
        const target = join(folder, below, set, path);
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, contents);
      }
    };
    write('constructs', '.', templateData());
    for (const [below, names] of Object.entries({ none: [], many: similar })) {
      const data = templateData(listsOf(names.map(apiNamed)));
      write('constructs', below, data);
      write('infra-cdk', below, data);
    }
    write('metadata', '.', templateData());
    for (const [index, data] of combinations.entries()) {
      write('constructs-api', String(index), data);
      write('infra-cdk', String(index), data);
    }
    const { status, stdout, stderr } = spawnSync(
      join(packageRoot(), 'node_modules', '.bin', 'biome'),
      ['check', '--error-on-warnings', '--max-diagnostics=20', '.'],
      {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1' },
      },
    );
    expect(status === 0 ? '' : `${stdout}${stderr}`).toBe('');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const apiFile = (changes: Partial<InfraData>): string =>
  renderTemplates('constructs-api', templateData(changes)).find(({ path }) => path === 'src/app/apis/my-api.ts')?.contents ?? '';

const changedLines = (first: string, second: string): string[] => {
  const before = first.split('\n');
  return second.split('\n').filter((line) => !before.includes(line));
};

test("the API's own file stays short, and pattern and auth are a word in it each", () => {
  for (const data of combinations) expect(apiFile({ ...data, apiName: 'my-api' }).split('\n').length).toBeLessThanOrEqual(60);
  expect(changedLines(apiFile({}), apiFile({ integrationPattern: 'shared' }))).toEqual(["      pattern: 'shared',"]);
  expect(changedLines(apiFile({}), apiFile({ auth: 'Cognito' }))).toEqual(['const authorize = auth.cognitoAuth;']);
});

test('without auth, the file says who may call', () => {
  expect(apiFile({ auth: 'None' })).toMatch(
    /`noAuth` \(anyone on the internet, without a credential\)[\s\S]*const authorize = auth\.noAuth;/,
  );
});

test('of the shared constructs, the list of targets and the barrel alone name an API', () => {
  const naming = renderTemplates('constructs', templateData({ apiName: 'zebra', apiClass: 'Zebra', apiTitle: 'Zebra' })).filter(
    ({ contents }) => /zebra/i.test(contents),
  );
  expect(naming.map(({ path }) => path)).toEqual(['project.json', 'src/app/apis/index.ts']);
});
