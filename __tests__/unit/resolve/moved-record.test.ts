import { emptyRecord } from '../../../lib/read/record.ts';
import { withMovedEntries } from '../../../lib/resolve/moved-record.ts';

/** Where what was added to modules is told of, by a website at the root whose module is `src/index.tsx`. */
const moved = (folders: string[], there: string[], ...paths: string[]): string[] => {
  const record = { ...emptyRecord(), additions: new Map(paths.map((path) => [path, `of ${path}`])) };
  const { additions } = withMovedEntries(record, folders, [{ folder: '.', entry: 'src/index.tsx' }], {
    exists: (path) => there.includes(path),
  });
  return [...additions.entries()].map(([path, text]) => `${path} ${text}`);
};

test('what was added to a module that is gone is looked for in the one that renders today', () => {
  expect(moved(['.'], [], 'src/main.tsx')).toEqual(['src/index.tsx of src/main.tsx']);
  expect(moved(['.'], ['src/main.tsx'], 'src/main.tsx')).toEqual(['src/main.tsx of src/main.tsx']);
});

test('and never that of another website, which may be away', () => {
  const other = 'packages/website/src/main.tsx';
  expect(moved(['.', 'packages/website'], [], other)).toEqual([`${other} of ${other}`]);
});
