// biome-ignore-all lint/suspicious/noExplicitAny: what is tested is loaded at run time.
// The types of JSON against openapi-typescript's, both ways, field by field.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiDocument } from '../../support/connection-api.ts';
import { complaints, npmFolder, website } from '../../support/connection-website.ts';

/** Where our types say more than the oracle's. */
const improvements: Record<string, string> = {
  'echoOpenNumbers.*': 'more fields of a type that the named ones have not',
  'echoEverything.point': 'what has a default at the end of a tuple may be left out',
  'twoBodies.first': 'what tells members of a union apart may be left out outside of the union',
  'optionalBody.*': 'the same',
  'broken.*': 'a stream',
  '*.detail': "the context of FastAPI's errors may hold anything",
  'sparse.count': 'left out by response_model_exclude_unset',
  'picked.note': 'left out by response_model_include',
  'picked.count': 'left out by response_model_include',
  'nestedQuery?inner': 'FastAPI reads no object from a query',
  'nestedQuery?choice': 'the same',
};

/** The schema that a reference stands for. */
const resolve = (document: any, schema: any): any =>
  schema?.$ref ? document.components.schemas[decodeURIComponent(schema.$ref.split('/').at(-1))] : schema;

const camelCase = (name: string) => {
  const camel = name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return camel in {} || camel === 'then' ? `${camel}_` : camel;
};

/** Every pair of types that have to be the same to a reader: `label` and the two types. */
function pairs(document: any): [label: string, ours: string, theirs: string][] {
  const found: [string, string, string][] = [];
  const add = (operation: string, ours: string, theirs: string, schema: any) => {
    const object = resolve(document, schema);
    const fields = Object.keys(object?.properties ?? {});
    if (fields.length === 0 || object.additionalProperties) {
      found.push([`${operation}.*`, ours, theirs]);
      return;
    }
    for (const field of fields) {
      found.push([`${operation}.${field}`, `Pick<${ours}, '${field}'>`, `Pick<${theirs}, '${field}'>`]);
    }
  };
  for (const methods of Object.values<any>(document.paths)) {
    for (const operation of Object.values<any>(methods)) {
      const name = camelCase(operation.operationId);
      const our = `Ours.Operations['${name}']`;
      const sent = operation.requestBody?.content['application/json'];
      if (sent) {
        const theirs = `Sent['${operation.operationId}']['requestBody']`;
        add(name, `Body<'${name}'>`, `NonNullable<${theirs}>['content']['application/json']`, sent.schema);
      }
      for (const parameter of operation.parameters ?? []) {
        if (parameter.in !== 'query') continue;
        const ours = `${our}['input']`;
        const theirs = `NonNullable<Sent['${operation.operationId}']['parameters']['query']>['${parameter.name}']`;
        const key = parameter.name === 'names[]' ? 'names' : camelCase(parameter.name);
        if (name !== 'collide') found.push([`${name}?${key}`, `NonNullable<${ours}['${key}']>`, `NonNullable<${theirs}>`]);
      }
      const good = Object.keys(operation.responses).filter((status) => /^2/.test(status));
      for (const [status, response] of Object.entries<any>(operation.responses)) {
        const content = response.content?.['application/json'];
        if (!content || !/^\d+$/.test(status) || (/^2/.test(status) && good.length > 1)) continue;
        const theirs = `Received['${operation.operationId}']['responses'][${status}]['content']['application/json']`;
        const ours = /^2/.test(status) ? `${our}['output']` : `${our}['errors'][${status}]`;
        add(name, ours, theirs, content.schema);
      }
    }
  }
  return found;
}

test('our types and those of openapi-typescript take each other, but for what ours know better', () => {
  const document = apiDocument();
  const { root } = website('oracle', document);
  const oracle = npmFolder('connection-oracle', { 'openapi-typescript': '7.13.0', typescript: '~5.9.3' });
  for (const [file, flags] of Object.entries({ received: [], sent: ['--default-non-nullable=false'] })) {
    const program = join(oracle, 'node_modules', 'openapi-typescript', 'bin', 'cli.js');
    execFileSync(process.execPath, [program, 'openapi.json', '-o', `src/${file}.ts`, ...flags], { cwd: root, stdio: 'pipe' });
  }
  const found = pairs(document);
  expect(found.length).toBeGreaterThan(150);
  const lines = found.map(([, ours, theirs], index) => `mutual<${ours}, ${theirs}>(${index});`);
  const prelude = `import type * as Ours from './connections/shapes.gen';
import type { operations as Received } from './received';
import type { operations as Sent } from './sent';
type Body<Name extends keyof Ours.Operations> = Ours.Operations[Name]['input'] extends { body?: infer B } ? NonNullable<B> : never;
const mutual = <A, B>(_: [NonNullable<A>] extends [NonNullable<B>] ? ([NonNullable<B>] extends [NonNullable<A>] ? number : 'theirs is wider') : 'ours is wider') => {};
`;
  writeFileSync(join(root, 'src', 'pairs.ts'), `${prelude}${lines.join('\n')}\n`);
  const said = Object.values(complaints(root, '5.9'))
    .join('')
    .split('\n')
    .filter((line) => /^src\/pairs/.test(line));
  const first = prelude.split('\n').length;
  const different = said.map((line) => {
    const index = Number(/\((\d+),/.exec(line)?.[1]) - first;
    return `${found[index]?.[0]} ${line}`;
  });
  const labelOf = (line: string) => (line.split(' ')[0] ?? '').replace(/^\w+\.detail$/, '*.detail');
  const labels = new Set(different.map(labelOf));
  expect(different.filter((line) => !improvements[labelOf(line)])).toEqual([]);
  expect([...labels].sort()).toEqual(Object.keys(improvements).sort());
}, 600_000);
