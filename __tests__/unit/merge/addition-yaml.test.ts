import { jest } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { mergeAddition } from '../../../lib/merge/addition.ts';
import { sameValue } from '../../../lib/merge/result.ts';
import { chooser, isKept } from '../../support/trust-texts.ts';

// Many random cases, on a machine that may be busy.
jest.setTimeout(60_000);

const builds = 'allowBuilds:\n  nx: true\n';
const merge = (theirs: string, base?: string, ours?: string) => mergeAddition({ path: 'pnpm-workspace.yaml', theirs, base, ours });

test.each([
  ['an empty text', '', builds],
  ['comments', '# later\n', `# later\n${builds}`],
  ['another key', 'packages:\n  - a\n# end\n', `packages:\n  - a\n# end\n${builds}`],
  ['a block of text', 'note: |\n  two\n  lines\n', `note: |\n  two\n  lines\n${builds}`],
  ['a map', 'allowBuilds:\n    esbuild: true # c\n\n# x\nx: 1', 'allowBuilds:\n    esbuild: true # c\n    nx: true\n\n# x\nx: 1'],
  ['a map on one line', 'allowBuilds: {esbuild: true} # c\n', 'allowBuilds: {esbuild: true, nx: true} # c\n'],
  ['a map on one line with blanks', 'allowBuilds: { esbuild: true }\n', 'allowBuilds: { esbuild: true, nx: true }\n'],
  ['a document on one line', '{packages: [a]}\n', '{packages: [a], allowBuilds: {nx: true}}\n'],
  ['Windows line endings', '\uFEFFpackages:\r\n  - a\r\n', '\uFEFFpackages:\r\n  - a\r\nallowBuilds:\r\n  nx: true\r\n'],
  ['Windows line endings in the map', 'allowBuilds:\r\n  a: true\r\nx: 1\r\n', 'allowBuilds:\r\n  a: true\r\n  nx: true\r\nx: 1\r\n'],
])('a member is added to %s, stays, and goes again', (_, before, after) => {
  expect(merge(before, undefined, builds)).toEqual({ text: after, recorded: builds, notes: [] });
  expect(merge(after, builds, builds)).toEqual({ text: after, recorded: builds, notes: [] });
  expect(merge(after, builds)).toEqual({ text: before, notes: [] });
});

test('a map without members and one that has nothing get their first one', () => {
  expect(merge('allowBuilds: {}\n', undefined, builds).text).toBe('allowBuilds: {nx: true}\n');
  expect(merge('allowBuilds: # none\n\nx: 1\n', undefined, builds).text).toBe('allowBuilds: # none\n  nx: true\n\nx: 1\n');
});

test('a scalar at the top is added, follows ours, and goes again', () => {
  const before = 'yarnPath: .yarn/yarn.cjs\n';
  const added = merge(before, undefined, 'nodeLinker: pnp\n');
  expect(added.text).toBe(`${before}nodeLinker: pnp\n`);
  const changed = merge(`${added.text}# end\n`, added.recorded, 'nodeLinker: node-modules\n');
  expect(changed).toEqual({ text: `${before}nodeLinker: node-modules\n# end\n`, recorded: 'nodeLinker: node-modules\n', notes: [] });
  expect(merge(changed.text, changed.recorded).text).toBe(`${before}# end\n`);
});

test('a value of the user stays, with a note', () => {
  expect(merge('allowBuilds:\n  nx: false\n', undefined, builds)).toEqual({
    text: 'allowBuilds:\n  nx: false\n',
    notes: ['keeps allowBuilds.nx = false (ours: true)'],
  });
});

test('a member that the user took out stays out, and one that is not needed any more goes', () => {
  const base = 'allowBuilds:\n  a: true\n  b: true\n  c: true\n';
  expect(merge('allowBuilds:\n  b: true # mine\n  c: true\n  d: true\n', base, 'allowBuilds:\n  a: true\n')).toEqual({
    text: 'allowBuilds:\n  # mine\n  d: true\n',
    recorded: 'allowBuilds:\n  a: true\n',
    notes: [],
  });
  expect(merge('allowBuilds: {a: true, d: true, c: true}\n', base).text).toBe('allowBuilds: {d: true}\n');
});

test.each([
  ['several documents', 'a: 1\n---\nb: 1\n'],
  ['an alias where the map is to be', 'x: &x {a: true}\nallowBuilds: *x\n'],
  ['an end of the document', 'a: 1\n...\n'],
])('%s: nothing is changed, and the lines to add are told', (_, theirs) => {
  expect(merge(theirs, undefined, builds)).toEqual({ text: theirs, notes: [], manual: builds.trimEnd(), told: builds });
});

test('a value that an alias of the user stands for is not taken out: that is told', () => {
  const theirs = 'allowBuilds:\n  nx: &yes true\nmine: *yes\n';
  expect(merge(theirs, builds)).toMatchObject({ text: theirs, recorded: builds, notes: [expect.stringContaining('take them out')] });
});

test('a comment among lines of ours does not go with them: that is told', () => {
  const theirs = 'allowBuilds:\n  # mine\n  nx: true\n';
  expect(merge(theirs, builds)).toEqual({
    text: theirs,
    recorded: builds,
    notes: ['nothing that is generated needs these lines any more, take them out:\n    allowBuilds:\n      nx: true'],
  });
});

test.each([
  ['a: [', /^pnpm-workspace\.yaml is not valid YAML \(line 1, column \d+\): nothing was written/],
  ['a: 1\n\tb: 2\n', /is not valid YAML \(line 2/],
  ['a: 1\na: 2\n', /is not valid YAML \(line 2/],
  ['a: *gone\n', /^pnpm-workspace\.yaml is not valid YAML, an alias has no anchor: nothing was written/],
  ['- a\n', /^pnpm-workspace\.yaml holds no map/],
  ['just text\n', /^pnpm-workspace\.yaml holds no map/],
])('a text that is no YAML map is refused in one line: %p', (theirs, message) => {
  expect(() => merge(theirs, undefined, builds)).toThrow(message);
});

/** Puts comments and blank lines between and behind the lines of a text without block strings. */
function commented(plain: string, draws: readonly number[]): string {
  const choose = chooser(draws);
  return plain
    .split('\n')
    .map((line) => {
      const behind = choose(4) === 0 && line !== '' ? `${line} # c: [x]` : line;
      return choose(4) === 0 ? `${behind}\n${['', '# - no: item', '        # far'][choose(3)]}` : behind;
    })
    .join('\n');
}

test('whatever the layout: no byte is lost, the values are right, a second run changes nothing, and all goes again', () => {
  let told = 0;
  const scalar = fc.constantFrom<unknown>(true, false, 1, 'node-modules', '@a/b', 'it: is', '# no comment', '');
  const key = fc.constantFrom('nx', 'esbuild', '@swc/core', 'a b', '123', 'true');
  const map = fc.dictionary(key, scalar, { minKeys: 1, maxKeys: 4, noNullPrototype: true });
  const overlays = fc.record({ allowBuilds: map, nodeLinker: scalar }, { requiredKeys: [], noNullPrototype: true });
  const files = fc.record(
    { packages: fc.array(scalar, { maxLength: 3 }), allowBuilds: map, nodeLinker: scalar, catalog: fc.record({ a: map }) },
    { requiredKeys: [], noNullPrototype: true },
  );
  fc.assert(
    fc.property(
      files,
      overlays,
      overlays,
      fc.record({
        indent: fc.constantFrom(2, 4),
        collectionStyle: fc.constantFrom('any' as const, 'block' as const, 'flow' as const),
        defaultStringType: fc.constantFrom('PLAIN' as const, 'QUOTE_SINGLE' as const, 'QUOTE_DOUBLE' as const),
      }),
      fc.array(fc.nat(500), { minLength: 1, maxLength: 40 }),
      fc.constantFrom('\n', '\r\n'),
      (there, first, second, style, draws, eol) => {
        const theirs = commented(stringify(there, { ...style, lineWidth: 0, blockQuote: false }), draws).replaceAll('\n', eol);
        // A comment in the middle of what spans lines gives another value, or none.
        fc.pre(isSame(theirs, there));
        const added = merge(theirs, undefined, stringify(first));
        if (added.manual !== undefined) {
          told += 1;
          expect(added.text).toBe(theirs);
          return;
        }
        expect(isKept(theirs, added.text)).toBe(true);
        expect(parse(added.text)).toEqual({ ...first, ...there, ...withMap(first, there) });
        expect(merge(added.text, added.recorded, stringify(first)).text).toBe(added.text);
        const changed = merge(added.text, added.recorded, stringify(second));
        const gone = merge(changed.text, changed.recorded);
        if (changed.manual !== undefined || gone.recorded !== undefined) told += 1;
        else {
          expect(parse(changed.text)).toEqual({ ...second, ...there, ...withMap(second, there) });
          expect(parse(gone.text) ?? {}).toEqual(there);
          expect(isKept(theirs, gone.text)).toBe(true);
        }
      },
    ),
    { numRuns: 100 },
  );
  // Where a place can't be found the lines are told instead: that has to stay the exception.
  expect(told).toBeLessThan(10);
});

function isSame(text: string, value: unknown): boolean {
  try {
    return sameValue(parse(text), value);
  } catch {
    return false;
  }
}

const withMap = (ours: { allowBuilds?: object }, there: { allowBuilds?: object }): object =>
  ours.allowBuilds || there.allowBuilds ? { allowBuilds: { ...ours.allowBuilds, ...there.allowBuilds } } : {};
