// The snippets of the constructs package's README compile and synthesize as they stand there.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../lib/templates/package-root.ts';
import { resourcesOf, type Synthesized, synthesize } from '../../support/cdk-scenarios.ts';
import { cdkWorkspace } from '../../support/cdk-workspace.ts';

const readme = readFileSync(join(packageRoot(), 'templates/constructs/README.md.ejs'), 'utf8');
const snippets = [...readme.matchAll(/^## (.+)\n[\s\S]*?```ts\n([\s\S]*?)```/gm)].map(
  ([, title, code]) => [title, code] as [string, string],
);

let synthesized: Record<string, Synthesized>;
beforeAll(() => {
  const root = cdkWorkspace('readme', [{}]);
  const given = `const vpc = new Vpc(this, 'Vpc'); const table = new cdk.aws_dynamodb.TableV2(this, 'Table', { partitionKey: { name: 'id', type: cdk.aws_dynamodb.AttributeType.STRING } }); const role = new Role(this, 'Caller', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });`;
  synthesized = synthesize(
    root,
    'readme',
    `import { MyApi } from ':my-scope/common-constructs';`,
    Object.fromEntries(snippets.map(([title, code]) => [title, `${given}\n${code}\nreturn [vpc, table, role, api];`])),
  );
}, 600_000);

test('the README has snippets', () => {
  expect(snippets.map(([title]) => title)).toEqual(['An API', 'Functions', 'Other integrations', 'Choices of an API']);
});

test.each(snippets)('%s', (title) => {
  const result = synthesized[title];
  expect(result?.error).toBeUndefined();
  expect(Object.keys(resourcesOf(result as Synthesized, 'AWS::ApiGateway::RestApi'))).toHaveLength(1);
});
