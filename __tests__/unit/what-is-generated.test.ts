import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../lib/templates/package-root.ts';
import { treeOf, whatIsGenerated } from '../support/what-is-generated.ts';

test('docs/what-is-generated.md is what the templates make now, or "npm run docs" makes it so', () => {
  const path = join(packageRoot(), 'docs', 'what-is-generated.md');
  const page = whatIsGenerated();
  if (process.env.UPDATE === '1') writeFileSync(path, page);
  expect(readFileSync(path, 'utf8')).toBe(page);
});

test('a tree has each file once, and leaves some folders closed', () => {
  const paths = [
    'b.txt',
    'a/one',
    'packages/common/runtime/src/x/1.py',
    'packages/common/runtime/src/2.py',
    'packages/common/runtime/scripts/3',
  ];
  expect(treeOf(paths).split('\n')).toEqual([
    'a/',
    '  one',
    'b.txt',
    'packages/',
    '  common/',
    '    runtime/',
    '      scripts/',
    '        3',
    '      src/ ...',
  ]);
});
