import { writtenLines } from '../../../lib/finish/written.ts';
import type { Decision, Outcome } from '../../../lib/resolve/resolve.ts';

const decision = (path: string, outcome: Outcome): Decision => ({
  path,
  outcome,
  ...(['leave', 'same'].includes(outcome) ? {} : { contents: '' }),
  mode: 0o644,
  notes: [],
  record: 'shared',
  written: { text: '', mode: 0o644 },
});

const decisions = [
  decision('package.json', 'add'),
  decision('nx.json', 'create'),
  ...['project.json', 'main.py', 'init.py', 'run.sh'].map((name) => decision(`packages/my-api/${name}`, 'create')),
  decision('packages/infra/project.json', 'same'),
  decision('packages/infra/src/main.ts', 'merge'),
  decision('packages/infra/src/stacks/my-api.ts', 'create'),
  decision('packages/infra/README.md', 'conflict'),
];
const paths = decisions.map(({ path }) => path);

test('many new files of a project are one line, few are told by name, and those at the root always', () => {
  expect(writtenLines(decisions, paths, false)).toEqual([
    '   add to package.json',
    '   create nx.json',
    '   create packages/my-api (4 files)',
    '    merge packages/infra/src/main.ts',
    '   create packages/infra/src/stacks/my-api.ts',
    'overwrite packages/infra/README.md',
  ]);
});

test('verbosely each file has its line', () => {
  expect(writtenLines(decisions, paths, true)).toHaveLength(9);
  expect(writtenLines(decisions, paths, true)).toContain('   create packages/my-api/main.py');
});

test('a file that was kept at the question is not told as written', () => {
  const kept = paths.filter((path) => path !== 'packages/infra/README.md');
  expect(writtenLines(decisions, kept, false).join('\n')).not.toContain('README.md');
});

test('that nothing had to change is said, and only then', () => {
  const same = decisions.map((one) => ({ ...one, contents: undefined }));
  expect(writtenLines(same, [], false)).toEqual(['No file had to change.']);
  expect(writtenLines(decisions, [], false)).toEqual([]);
});
