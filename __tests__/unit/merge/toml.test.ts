import { jest } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify } from 'smol-toml';
import { mergedValue, sameValue } from '../../../lib/merge/result.ts';
import { mergeToml } from '../../../lib/merge/toml.ts';
import { chooser, isKept, objects } from '../../support/trust-texts.ts';

// Many random cases, on a machine that may be busy.
jest.setTimeout(60_000);

const text = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('');

test('a text that is not there is written as tables with a blank line between them', () => {
  expect(mergeToml(undefined, { tool: { uv: { workspace: { members: ['a'] } }, ruff: { 'line-length': 100 } } }).text).toBe(
    text('[tool.uv.workspace]', 'members = ["a"]', '', '[tool.ruff]', 'line-length = 100'),
  );
});

test('a new table goes behind its relatives, else to the end', () => {
  const before = text('[project]', 'name = "x"', '', '[tool.uv.sources]', 'a = { path = "a" }', '', '# for black', '[tool.black]', 'x = 1');
  const merged = mergeToml(before, { tool: { uv: { workspace: { members: ['packages/a'] } }, ruff: { 'line-length': 100 } } }).text;
  expect(merged).toBe(
    text(
      '[project]',
      'name = "x"',
      '',
      '[tool.uv.sources]',
      'a = { path = "a" }',
      '',
      '[tool.uv.workspace]',
      'members = ["packages/a"]',
      '',
      '# for black',
      '[tool.black]',
      'x = 1',
      '',
      '[tool.ruff]',
      'line-length = 100',
    ),
  );
});

test('an item takes the layout of the list: its indentation, its quotes, its trailing comma', () => {
  const before = text('[tool.uv.workspace]', 'members = [', "  'apps/a', # the first", ']');
  expect(mergeToml(before, { tool: { uv: { workspace: { members: ['apps/a', 'packages/b'] } } } }).text).toBe(
    text('[tool.uv.workspace]', 'members = [', "  'apps/a', # the first", "  'packages/b',", ']'),
  );
  expect(mergeToml('members = ["a"] # c\n', { members: ['b'] }).text).toBe('members = ["a", "b"] # c\n');
  expect(mergeToml('members = ["a",]\n', { members: ['b'] }).text).toBe('members = ["a", "b",]\n');
  expect(mergeToml('members = []\n', { members: ['b'] }).text).toBe('members = ["b"]\n');
  expect(mergeToml('m = [\n  "a" # c\n]\n', { m: ['b'] }).text).toBe('m = [\n  "a", # c\n  "b"\n]\n');
  expect(mergeToml('m = [\n  # none yet\n]\n', { m: ['b'] }).text).toBe('m = [\n  # none yet\n    "b",\n]\n');
});

test('an entry goes below the last one of its table, however the table is defined', () => {
  expect(mergeToml('[a]\nx = 1 # c\n\n[b]\n', { a: { y: 2 } }).text).toBe('[a]\nx = 1 # c\ny = 2\n\n[b]\n');
  expect(mergeToml('[a]\n\n[b]\n', { a: { y: 2 } }).text).toBe('[a]\ny = 2\n\n[b]\n');
  expect(mergeToml('a = { x = 1 }\n', { a: { y: { z: 2 } } }).text).toBe('a = { x = 1, y = { z = 2 } }\n');
  expect(mergeToml('a = {}\n', { a: { y: 2 } }).text).toBe('a = { y = 2 }\n');
  expect(mergeToml('[t]\na.x = 1\nb = 2\n', { t: { a: { y: 2 } } }).text).toBe('[t]\na.x = 1\na.y = 2\nb = 2\n');
  expect(mergeToml('[t]\na.x = 1\n', { t: { a: { y: { z: [1] } } } }).text).toBe('[t]\na.x = 1\na.y.z = [1]\n');
  expect(mergeToml('[a.b]\nx = 1\n', { a: { y: 2 } }).text).toBe('[a.b]\nx = 1\n\n[a]\ny = 2\n');
  expect(mergeToml('# head\n\n[a]\nx = 1\n', { y: 2 }).text).toBe('# head\n\ny = 2\n\n[a]\nx = 1\n');
  expect(mergeToml('x = 1\n\n[a]\n', { y: 2 }).text).toBe('x = 1\ny = 2\n\n[a]\n');
});

test('a list of tables gets another table', () => {
  const before = text('[[tool.uv.index]]', 'name = "a"', '', '[tool.ruff]');
  expect(mergeToml(before, { tool: { uv: { index: [{ name: 'a' }, { name: 'b' }] } } }).text).toBe(
    text('[[tool.uv.index]]', 'name = "a"', '', '[[tool.uv.index]]', 'name = "b"', '', '[tool.ruff]'),
  );
});

test('a requirement on a package that is named already is not added, and a note tells of it', () => {
  const before = text('[dependency-groups]', 'dev = ["Ruff==0.1", "typing_extensions[x]>=4"]');
  const merged = mergeToml(before, { 'dependency-groups': { dev: ['ruff>=0.14', 'typing-extensions>=4', 'pytest>=8'] } });
  expect(merged.text).toBe(text('[dependency-groups]', 'dev = ["Ruff==0.1", "typing_extensions[x]>=4", "pytest>=8"]'));
  expect(merged.notes[0]).toBe('keeps dependency-groups.dev = "Ruff==0.1" (ours: "ruff>=0.14")');
});

test('a Poetry project keeps its tables', () => {
  const before = text(
    '[tool.poetry]',
    'name = "shop"',
    'version = "0.1.0"',
    '',
    '[tool.poetry.dependencies]',
    'python = "^3.12"',
    'fastapi = {extras = ["all"], version = "^0.115"}',
    '',
    '[build-system]',
    'requires = ["poetry-core"]',
    'build-backend = "poetry.core.masonry.api"',
  );
  const merged = mergeToml(before, { tool: { uv: { workspace: { members: ['packages/my-api'] } } } });
  expect(merged.text).toBe(`${before}\n[tool.uv.workspace]\nmembers = ["packages/my-api"]\n`);
});

test('strings of every kind, dates and comments are passed over', () => {
  const before = text(
    'a = """',
    '[no.table] # no comment',
    '"x" \\""" ""',
    '"""""',
    "b = '''",
    "no = 'entry'",
    "'''",
    'c = 1979-05-27T07:32:00Z # a date',
    'd = [ [1, 2], ["]", \'#\'], { e = "}" } ] # mixed',
    '"quoted key" . \'other\' = 0x1F',
    '[ t . "u v" ]',
    'x = inf',
  );
  const merged = mergeToml(before, { t: { 'u v': { y: 1 } }, d: [3], 'quoted key': { z: 1 } });
  expect(merged.ok).toBe(true);
  expect(isKept(before, merged.text)).toBe(true);
  expect(parse(merged.text)).toMatchObject({ t: { 'u v': { y: 1 } }, 'quoted key': { other: 31, z: 1 } });
});

test('Windows line endings and a byte order mark stay', () => {
  expect(mergeToml('\uFEFF[a]\r\nx = 1\r\n', { a: { y: [1] }, b: { z: 'k' } }).text).toBe(
    '\uFEFF[a]\r\nx = 1\r\ny = [1]\r\n\r\n[b]\r\nz = "k"\r\n',
  );
});

test('a table inside of a list of tables is not one that can be extended: the lines are told', () => {
  const before = '[[a]]\nx = 1\n[a.b]\ny = 2\n';
  expect(mergeToml(before, { a: { b: { z: 3 } } })).toMatchObject({ text: before });
});

test.each([
  ['a = \n', /^pyproject\.toml is not valid TOML \(line 1, column \d+\)/],
  ['[a]\n[a]\n', /^pyproject\.toml is not valid TOML \(line 2/],
  ['<<<<<<< HEAD\n', /^pyproject\.toml is not valid TOML/],
])('a text that is no TOML is refused in one line: %p', (before, message) => {
  expect(() => mergeToml(before, { a: 1 }, { path: 'pyproject.toml' })).toThrow(message);
  expect(() => mergeToml(before, { a: 1 }, { path: 'pyproject.toml' })).not.toThrow(/\n/);
});

/** Puts comments and blank lines between and behind the lines of a text. */
function commented(plain: string, draws: readonly number[]): string {
  const choose = chooser(draws);
  return plain
    .split('\n')
    .map((line) => {
      const behind = choose(4) === 0 && line !== '' ? `${line} # c = [x]` : line;
      return choose(4) === 0 ? `${behind}\n${['', '# [no.table]', '    # far'][choose(3)]}` : behind;
    })
    .join('\n');
}

test('whatever the layout, no byte is lost, the value is right, and a second run changes nothing', () => {
  let manual = 0;
  fc.assert(
    fc.property(
      objects(false),
      objects(false),
      fc.array(fc.nat(500), { minLength: 1, maxLength: 40 }),
      fc.constantFrom('\n', '\r\n'),
      (there, additions, draws, eol) => {
        const before = commented(stringify(there), draws).replaceAll('\n', eol);
        fc.pre(sameValue(parse(before), there));
        const merged = mergeToml(before, additions);
        if (!merged.ok) {
          manual += 1;
          expect(merged.text).toBe(before);
          return;
        }
        expect(isKept(before, merged.text)).toBe(true);
        expect(sameValue(parse(merged.text), mergedValue(there, additions))).toBe(true);
        expect(mergeToml(merged.text, additions)).toEqual(merged);
      },
    ),
    { numRuns: 1000 },
  );
  expect(manual).toBeLessThan(30);
});
