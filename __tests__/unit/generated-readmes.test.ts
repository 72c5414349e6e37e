// What runs the code blocks of the generated READMEs. Their shell blocks are run as one script for each README:
// support/readme-commands.ts says by what, and which commands nothing runs.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../lib/templates/package-root.ts';
import { snippets } from '../support/documentation.ts';

/** By README and heading: how many blocks there are, and the test that runs them as they stand. */
const runners: Record<string, Record<string, [count: number, test: string]>> = {
  'api/README.md.ejs': { '<%- apiTitle %>': [1, 'runtime/snippets.test.ts'] },
  'connection/src/connections/README.md.ejs': {
    'The APIs that this website calls': [1, 'connection/page.test.ts'],
    'Queries, and errors by status': [1, 'connection/page.test.ts'],
    'Mutations, and what they make stale': [1, 'connection/page.test.ts'],
    'Infinite lists': [1, 'connection/page.test.ts'],
    Uploads: [1, 'connection/page.test.ts'],
    Streams: [1, 'connection/page.test.ts'],
    'Without React': [1, 'connection/page.test.ts'],
    'Unit tests without a server': [1, 'connection/page.test.ts'],
    'Where the API is': [1, 'connection/page.test.ts'],
  },
  'constructs/README.md.ejs': {
    'An API': [1, 'cdk/readme.test.ts'],
    Functions: [1, 'cdk/readme.test.ts'],
    'Other integrations': [1, 'cdk/readme.test.ts'],
    'Choices of an API': [1, 'cdk/readme.test.ts'],
  },
  'infra-cdk/README.md.ejs': {
    'Rolling out, and back': [1, 'cdk/readme.test.ts'],
    'A domain name': [1, 'cdk/readme.test.ts'],
    Findings: [1, 'cdk/entry.test.ts'],
    'A website': [2, 'cdk/sharing.test.ts and cdk/readme.test.ts'],
    'What APIs share': [4, 'cdk/sharing.test.ts'],
  },
  'infra-terraform/README.md.ejs': {
    'Rolling out, and back': [1, 'terraform/docs.test.ts'],
    'A website': [2, 'terraform/docs.test.ts'],
  },
  'runtime/README.md.ejs': {
    "What an API's pyproject.toml states": [1, 'runtime/snippets.test.ts'],
    'Settings and secrets': [1, 'runtime/project.test.ts'],
    'A tracer provider of your own': [2, 'runtime/traces.test.ts'],
  },
  'terraform/README.md': {
    'Options of functions and operations': [1, 'terraform/docs.test.ts'],
    "An integration in a function's place": [1, 'terraform/docs.test.ts'],
    'What comes back': [1, 'terraform/docs.test.ts'],
  },
  'terraform-api/src/app/apis/_apiName_/README.md.ejs': { '<%- apiTitle %>': [1, 'terraform/docs.test.ts'] },
};

const templates = join(packageRoot(), 'templates');
const readmes = readdirSync(templates, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /(^|\/)README\.md(\.ejs)?$/.test(path))
  .sort();

test('each block of code has a test that runs it', () => {
  const found: Record<string, Record<string, number>> = {};
  for (const path of readmes) {
    for (const { heading, language } of snippets([{ path, text: readFileSync(join(templates, path), 'utf8') }])) {
      // Diagrams and trees.
      if (['sh', 'mermaid', ''].includes(language)) continue;
      found[path] ??= {};
      found[path][heading] = (found[path][heading] ?? 0) + 1;
    }
  }
  const listed = Object.entries(runners).map(([path, blocks]) => [
    path,
    Object.fromEntries(Object.entries(blocks).map(([heading, [count]]) => [heading, count])),
  ]);
  expect(found).toEqual(Object.fromEntries(listed));
});

test('the tests are there', () => {
  for (const [, names] of Object.values(runners).flatMap((blocks) => Object.values(blocks)))
    for (const name of names.split(' and ')) expect(existsSync(join(packageRoot(), '__tests__', 'verify', name))).toBe(true);
});
