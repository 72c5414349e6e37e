import { insertIntoConstructor } from '../../../lib/merge/constructor.ts';

const insertion = {
  importLine: "import { MyApi } from ':shop/common-constructs';",
  statement: "new MyApi(this, 'MyApi', {\n  integrations: MyApi.defaultIntegrations(this).build(),\n});",
  className: 'ApplicationStack',
};

const stack = `import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** All of it. */
export class ApplicationStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    // more here
  }

  other() {}
}
`;

test('the import goes below the last one, the statement to the end of the constructor', () => {
  const merged = insertIntoConstructor(stack, insertion);
  expect(merged.ok).toBe(true);
  expect(merged.text).toBe(
    stack
      .replace("from 'constructs';\n", "from 'constructs';\nimport { MyApi } from ':shop/common-constructs';\n")
      .replace(
        '    // more here\n',
        "    // more here\n    new MyApi(this, 'MyApi', {\n      integrations: MyApi.defaultIntegrations(this).build(),\n    });\n",
      ),
  );
  expect(insertIntoConstructor(merged.text, insertion)).toEqual({ text: merged.text, notes: [], ok: true });
});

test('double quotes, tabs, missing semicolons and Windows line endings are the style of the file', () => {
  const before =
    'import { Stack } from "aws-cdk-lib"\r\n\r\nclass ApplicationStack extends Stack {\r\n\tconstructor() {\r\n\t\tsuper()\r\n\t}\r\n}\r\n';
  expect(insertIntoConstructor(before, insertion).text).toBe(
    'import { Stack } from "aws-cdk-lib"\r\nimport { MyApi } from ":shop/common-constructs"\r\n\r\nclass ApplicationStack extends Stack {\r\n\tconstructor() {\r\n\t\tsuper()\r\n' +
      '\t\tnew MyApi(this, "MyApi", {\r\n\t\t\tintegrations: MyApi.defaultIntegrations(this).build(),\r\n\t\t});\r\n\t}\r\n}\r\n',
  );
});

test.each([
  ['wrote it in another way', "const api = new MyApi(this, 'Shop', {\n      integrations,\n    });"],
  ['uses it elsewhere', 'this.api = make(MyApi);'],
])('nothing is added where the user %s', (_, statement) => {
  const before = stack
    .replace("from 'constructs';\n", "from 'constructs';\nimport { MyApi } from ':shop/common-constructs';\n")
    .replace('// more here', statement);
  expect(insertIntoConstructor(before, insertion)).toEqual({ text: before, notes: [], ok: true });
});

test('a name in a comment or a string is no use of it', () => {
  const before = stack.replace('// more here', "// new MyApi(this, 'MyApi')\n    console.log('MyApi');");
  expect(insertIntoConstructor(before, insertion).text).not.toBe(before);
});

test('an import that is there is not added again', () => {
  const before = stack.replace(
    "from 'constructs';\n",
    "from 'constructs';\nimport { MyApi, type Other } from ':shop/common-constructs';\n",
  );
  const merged = insertIntoConstructor(before, insertion);
  expect(merged.text).toContain('new MyApi(');
  expect(merged.text.match(/common-constructs/g)).toHaveLength(1);
});

test('a constructor on one line gets lines of its own', () => {
  const before = 'export default class ApplicationStack extends Stack {\n  constructor() { super(); }\n}\n';
  const merged = insertIntoConstructor(before, insertion);
  expect(merged.text).toBe(
    "import { MyApi } from ':shop/common-constructs';\nexport default class ApplicationStack extends Stack {\n  constructor() { super();\n" +
      "    new MyApi(this, 'MyApi', {\n      integrations: MyApi.defaultIntegrations(this).build(),\n    });\n   }\n}\n",
  );
});

test('decorators, overloads and a hash bang are no hindrance', () => {
  const before =
    '#!/usr/bin/env tsx\n@decorated()\nexport class ApplicationStack {\n  constructor();\n  constructor(id?: string) {\n    this.id = id satisfies unknown;\n  }\n}\n';
  const merged = insertIntoConstructor(before, insertion);
  expect(merged.ok).toBe(true);
  expect(merged.text.startsWith('#!/usr/bin/env tsx\nimport { MyApi }')).toBe(true);
});

test('a byte order mark stays in front', () => {
  expect(insertIntoConstructor(`\uFEFF${stack}`, insertion).text).toBe(`\uFEFF${insertIntoConstructor(stack, insertion).text}`);
});

test.each([
  ['no such class', stack.replace('ApplicationStack', 'OtherStack')],
  ['a class without a constructor', 'export class ApplicationStack {}\n'],
  ['a class in a function', `function f() {\n${stack.slice(stack.indexOf('/**')).replace('export ', '')}}\n`],
  ['no TypeScript', 'export class {\n'],
  ['conflict markers', `<<<<<<< yours\n${stack}`],
])('%s: nothing is changed, and the lines to add are told', (_, before) => {
  expect(insertIntoConstructor(before, insertion)).toEqual({
    text: before,
    notes: [],
    ok: false,
    manual: `${insertion.importLine}\n\n${insertion.statement}`,
  });
});
