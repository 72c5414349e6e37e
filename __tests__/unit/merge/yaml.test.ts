import { jest } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { mergedValue, sameValue } from '../../../lib/merge/result.ts';
import { mergeYaml } from '../../../lib/merge/yaml.ts';
import { chooser, isKept, objects } from '../../support/trust-texts.ts';

// Many random cases, on a machine that may be busy.
jest.setTimeout(60_000);

const text = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('');

test('an item takes the indentation and the quotes of the list', () => {
  const before = text('packages:', '  - "apps/*" # all', '', '# pinned', 'catalog:', '  react: ^19.0.0');
  expect(mergeYaml(before, { packages: ['apps/*', 'packages/*'] }).text).toBe(
    text('packages:', '  - "apps/*" # all', '  - "packages/*"', '', '# pinned', 'catalog:', '  react: ^19.0.0'),
  );
});

test('a list that is not indented stays so', () => {
  expect(mergeYaml("packages:\n- 'a'\nb: 1\n", { packages: ['c'] }).text).toBe("packages:\n- 'a'\n- 'c'\nb: 1\n");
});

test('a list on one line stays on one line', () => {
  expect(mergeYaml('packages: [a, b] # all\n', { packages: ['c'] }).text).toBe('packages: [a, b, c] # all\n');
  expect(mergeYaml('packages: [ a, b ]\n', { packages: ['c'] }).text).toBe('packages: [ a, b, c ]\n');
  expect(mergeYaml('packages: []\n', { packages: ['c'] }).text).toBe('packages: [c]\n');
  expect(mergeYaml('x: {}\n', { x: { y: true } }).text).toBe('x: {y: true}\n');
});

test('a key without a value gets its first members', () => {
  expect(mergeYaml('packages: # none\n\nx: 1\n', { packages: ['a'] }).text).toBe('packages: # none\n  - a\n\nx: 1\n');
});

test('a map gets its new keys below its last one, a missing map goes to the end', () => {
  expect(mergeYaml('allowBuilds:\n    nx: true\nx: 1', { allowBuilds: { esbuild: true }, y: { z: ['@a/b'] } }).text).toBe(
    "allowBuilds:\n    nx: true\n    esbuild: true\nx: 1\ny:\n  z:\n    - '@a/b'",
  );
});

test('a value that is there stays, and a note tells of it', () => {
  expect(mergeYaml('allowBuilds:\n  nx: false\n', { allowBuilds: { nx: true } })).toEqual({
    text: 'allowBuilds:\n  nx: false\n',
    notes: ['keeps allowBuilds.nx = false (ours: true)'],
    ok: true,
  });
});

test('a hook is added to the repository that is there, whatever revision it has', () => {
  const before = text(
    'repos:',
    '  - repo: https://github.com/astral-sh/ruff-pre-commit',
    '    rev: v0.1.0 # pinned',
    '    hooks:',
    '      - id: ruff',
    '        args: [--fix]',
    '  - repo: local',
    '    hooks: []',
  );
  const ours = {
    repos: [{ repo: 'https://github.com/astral-sh/ruff-pre-commit', rev: 'v9', hooks: [{ id: 'ruff' }, { id: 'ruff-format' }] }],
  };
  const merged = mergeYaml(before, ours);
  expect(merged.text).toBe(before.replace('args: [--fix]\n', 'args: [--fix]\n      - id: ruff-format\n'));
  expect(merged.notes).toEqual(['keeps repos.0.rev = "v0.1.0" (ours: "v9")']);
});

test('a block of text at the end is not spoiled', () => {
  const before = 'packages:\n  - a\nnote: |\n  two\n  lines\n';
  expect(parse(mergeYaml(before, { packages: ['b'], other: 1 }).text)).toEqual({ packages: ['a', 'b'], note: 'two\nlines\n', other: 1 });
});

test('Windows line endings and a byte order mark stay', () => {
  expect(mergeYaml('\uFEFFpackages:\r\n  - a\r\n', { packages: ['b'], x: { y: 1 } }).text).toBe(
    '\uFEFFpackages:\r\n  - a\r\n  - b\r\nx:\r\n  y: 1\r\n',
  );
});

test('a text of comments alone keeps them', () => {
  expect(mergeYaml('# later\n', { a: 1 }).text).toBe('# later\na: 1\n');
  expect(mergeYaml('', { a: 1 }).text).toBe('a: 1\n');
});

test.each([
  ['several documents', 'a: 1\n---\nb: 1\n'],
  ['an alias where a list is to be', 'x: &x [a]\npackages: *x\n'],
  ['an explicit null', 'packages: ~\n'],
])('%s: nothing is changed, and the lines to add are told', (_, before) => {
  expect(mergeYaml(before, { packages: ['b'] })).toMatchObject({ text: before, ok: false, manual: 'packages:\n  - b' });
});

test.each([
  ['a: [', /^pnpm-workspace\.yaml is not valid YAML \(line 1, column \d+\)/],
  ['a: 1\n\tb: 2\n', /is not valid YAML \(line 2/],
  ['a: 1\na: 2\n', /is not valid YAML \(line 2/],
  ['- a\n', /^pnpm-workspace\.yaml holds no map/],
  ['just text\n', /^pnpm-workspace\.yaml holds no map/],
])('a text that is no YAML map is refused in one line: %p', (before, message) => {
  expect(() => mergeYaml(before, { a: 1 }, { path: 'pnpm-workspace.yaml' })).toThrow(message);
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

function parses(text: string, value: unknown): boolean {
  try {
    return sameValue(parse(text), value);
  } catch {
    return false;
  }
}

test('whatever the layout, no byte is lost, the value is right, and a second run changes nothing', () => {
  let manual = 0;
  fc.assert(
    fc.property(
      objects(false),
      objects(false),
      fc.record({
        indent: fc.constantFrom(2, 4),
        indentSeq: fc.boolean(),
        collectionStyle: fc.constantFrom('any' as const, 'block' as const, 'flow' as const),
        defaultStringType: fc.constantFrom('PLAIN' as const, 'QUOTE_SINGLE' as const, 'QUOTE_DOUBLE' as const),
      }),
      fc.array(fc.nat(500), { minLength: 1, maxLength: 40 }),
      fc.constantFrom('\n', '\r\n'),
      (there, additions, style, draws, eol) => {
        const plain = stringify(there, { ...style, lineWidth: 0, blockQuote: false, defaultKeyType: 'PLAIN' });
        const before = commented(plain, draws).replaceAll('\n', eol);
        // A comment in the middle of what spans lines gives another value, or none.
        fc.pre(parses(before, there));
        const merged = mergeYaml(before, additions);
        if (!merged.ok) {
          manual += 1;
          expect(merged.text).toBe(before);
          return;
        }
        expect(isKept(before, merged.text)).toBe(true);
        expect(sameValue(parse(merged.text), mergedValue(there, additions))).toBe(true);
        expect(mergeYaml(merged.text, additions)).toEqual(merged);
      },
    ),
    { numRuns: 1000 },
  );
  // Where a place can't be extended the lines are told instead: that has to stay the exception.
  expect(manual).toBeLessThan(20);
});
