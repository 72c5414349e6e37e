import { jest } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { mergeAddition } from '../../../lib/merge/addition.ts';
import { chooser } from '../../support/trust-texts.ts';

// Many random cases, on a machine that may be busy.
jest.setTimeout(60_000);

const text = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('');
const members = (...items: string[]): string => `[tool.uv.workspace]\nmembers = [${items.map((item) => `"${item}"`).join(', ')}]\n`;
const merge = (theirs: string, base?: string, ours?: string) => mergeAddition({ path: 'pyproject.toml', theirs, base, ours });

test.each([
  ['an empty text', '', members('b')],
  ['no table', '[project]\nname = "x"\n', `[project]\nname = "x"\n\n${members('b')}`],
  ['no line ending at the end', '[project]\nname = "x"', `[project]\nname = "x"\n\n${members('b')}`],
  ['no list', '[tool.uv.workspace] # c\nexclude = ["x"]\n\n[b]\n', '[tool.uv.workspace] # c\nmembers = ["b"]\nexclude = ["x"]\n\n[b]\n'],
  ['an empty list', '[ tool . "uv".workspace ]\nmembers = []\n', '[ tool . "uv".workspace ]\nmembers = ["b"]\n'],
  ['one line', '[tool.uv.workspace]\nmembers = ["a"] # c\n', '[tool.uv.workspace]\nmembers = ["a", "b"] # c\n'],
  ['blanks inside', '[tool.uv.workspace]\nmembers = [ "a" ]\n', '[tool.uv.workspace]\nmembers = [ "a", "b" ]\n'],
  ['a comma behind the last', '[tool.uv.workspace]\nmembers = ["a",]\n', '[tool.uv.workspace]\nmembers = ["a", "b",]\n'],
  [
    'many lines, in quotes of their own',
    text('[tool.uv.workspace]', 'members = [', '  \'a\', # [the] "first"', ']', '', '[tool.uv.sources]', 'a = { workspace = true }'),
    text(
      '[tool.uv.workspace]',
      'members = [',
      '  \'a\', # [the] "first"',
      "  'b',",
      ']',
      '',
      '[tool.uv.sources]',
      'a = { workspace = true }',
    ),
  ],
  [
    'many lines without a last comma',
    '[tool.uv.workspace]\nmembers = [\n  "a" # c\n]\n',
    '[tool.uv.workspace]\nmembers = [\n  "a", # c\n  "b"\n]\n',
  ],
  [
    'comments alone',
    '[tool.uv.workspace]\nmembers = [\n  # none yet\n]\n',
    '[tool.uv.workspace]\nmembers = [\n  # none yet\n    "b",\n]\n',
  ],
  ['Windows line endings', '\uFEFF[a]\r\nx = 1\r\n', '\uFEFF[a]\r\nx = 1\r\n\r\n[tool.uv.workspace]\r\nmembers = ["b"]\r\n'],
])('an item is added to %s, stays, and goes again', (_, before, after) => {
  const ours = members('b');
  expect(merge(before, undefined, ours)).toEqual({ text: after, recorded: ours, notes: [] });
  expect(merge(after, ours, ours)).toEqual({ text: after, recorded: ours, notes: [] });
  const gone = merge(after, ours, undefined);
  expect(gone).toEqual({ text: gone.text, notes: [] });
  const isEmptyList = /= \[\s*(?:#.*\s*)?\]/.test(before);
  if (before.endsWith('\n') && !isEmptyList) expect(gone.text).toBe(before);
});

test('an item that is there is the user’s'.replace('’', "'"), () => {
  const theirs = members('a', 'b');
  expect(merge(theirs, undefined, members('b'))).toEqual({ text: theirs, notes: [] });
  expect(merge(theirs, undefined, members('b', 'c'))).toMatchObject({
    text: members('a', 'b', 'c'),
    recorded: '[tool.uv.workspace]\nmembers = [ "c" ]\n',
  });
});

test('an item that the user took out stays out, and a new one comes', () => {
  const ours = members('a', 'b', 'c');
  expect(merge(members('b'), members('a', 'b'), ours)).toEqual({ text: members('b', 'c'), recorded: ours, notes: [] });
  expect(merge('[project]\nname = "x"\n', members('a'), members('a'))).toMatchObject({ text: '[project]\nname = "x"\n' });
});

test('an empty list of ours makes the table, and keeps it when its items go', () => {
  expect(merge('', undefined, members())).toEqual({ text: members(), recorded: members(), notes: [] });
  expect(merge(members('a'), members('a'), members())).toEqual({ text: members(), recorded: members(), notes: [] });
  expect(merge(`x = 1\n\n${members()}`, members(), undefined)).toEqual({ text: 'x = 1\n', notes: [] });
});

test('items are taken out of any place of a list', () => {
  const list = (...items: string[]): string => `[tool.uv.workspace]\nmembers = [${items.join('')}]\n`;
  expect(merge(list('"a", "b", "c"'), members('a'), members()).text).toBe(list('"b", "c"'));
  expect(merge(list('"a", "b", "c"'), members('b'), members()).text).toBe(list('"a", "c"'));
  expect(merge(list('"a", "b", "c"'), members('c'), members()).text).toBe(list('"a", "b"'));
  expect(merge(list('\n  "a", # mine\n  "b",\n'), members('a'), members()).text).toBe(list('\n  # mine\n  "b",\n'));
  expect(merge(list('\n  "a", "b",\n  "c"\n'), members('b', 'c'), members()).text).toBe(list('\n  "a"\n'));
});

test('an item that takes the place of another has the comment behind it, and its quotes', () => {
  const list = (item: string): string => `[tool.uv.workspace]\nmembers = [\n  "x",\n  ${item}, # pinned by ops\n  "c",\n]\n`;
  expect(merge(list("'a'"), members('a'), members('b'))).toMatchObject({ text: list("'b'"), recorded: members('b') });
});

test.each([
  ['an inline table', 'tool = { uv = { workspace = { members = ["a"] } } }\n'],
  ['dotted keys', '[tool.uv]\nworkspace.members = ["a"]\n'],
  ['an inline table without a list', '[tool]\nuv = { package = false }\n'],
  ['a header within a string', 'x = """\n[tool.uv.workspace]\n"""\n[tool]\nuv = {}\n'],
])('%s: nothing is changed, and the lines to add are told', (_, theirs) => {
  // A header would be no valid line there.
  const manual = '"b" in members of tool.uv.workspace';
  expect(merge(theirs, undefined, members('b'))).toEqual({ text: theirs, notes: [], manual, told: members('b') });
});

test('of what is there by hand only the rest is told, and only the rest becomes ours', () => {
  const theirs = 'tool = { uv = { workspace = { members = ["a"] } } }\n';
  expect(merge(theirs, undefined, members('a', 'b'))).toEqual({
    text: theirs,
    notes: [],
    manual: '"b" in members of tool.uv.workspace',
    told: '[tool.uv.workspace]\nmembers = [ "b" ]\n',
  });
  expect(merge(theirs, members('a'), members('b', 'c'))).toEqual({
    text: theirs,
    recorded: members('a'),
    notes: ['nothing that is generated needs these lines any more, take them out:\n    "a" in members of tool.uv.workspace'],
    manual: '"b", "c" in members of tool.uv.workspace',
    told: members('b', 'c'),
  });
});

test('something else in its place stays, with a note', () => {
  const theirs = '[tool.uv.workspace]\nmembers = "a"\n';
  expect(merge(theirs, undefined, members('b'))).toEqual({ text: theirs, notes: ['keeps tool.uv.workspace.members = "a" (ours: ["b"])'] });
});

test('what can not be taken out is told', () => {
  const theirs = 'tool = { uv = { workspace = { members = ["a"] } } }\n';
  expect(merge(theirs, members('a'))).toEqual({
    text: theirs,
    recorded: members('a'),
    notes: ['nothing that is generated needs these lines any more, take them out:\n    "a" in members of tool.uv.workspace'],
  });
});

test.each([
  ['a = \n', /^pyproject\.toml is not valid TOML \(line 1, column \d+\): nothing was written/],
  ['[a]\n[a]\n', /^pyproject\.toml is not valid TOML \(line 2/],
  ['<<<<<<< HEAD\n', /^pyproject\.toml is not valid TOML/],
])('a text that is no TOML is refused in one line: %p', (theirs, message) => {
  expect(() => merge(theirs, undefined, members('b'))).toThrow(message);
  expect(() => merge(theirs, undefined, members('b'))).not.toThrow(/\n/);
});

test('whatever the layout of the list: no byte else changes, the items are right, and all goes again', () => {
  const names = fc.uniqueArray(fc.constantFrom('a', 'b/c', 'd*', 'e "f"', '#g', '[h]'), { maxLength: 4 });
  fc.assert(
    fc.property(names, names, names, fc.array(fc.nat(500), { minLength: 1, maxLength: 30 }), (there, first, second, draws) => {
      const choose = chooser(draws);
      const gap = (): string => ['', ' ', '\n', '\n  ', ' # c, "x" ]\n\t'][choose(5)] as string;
      const quoted = (item: string): string => (choose(2) === 0 ? JSON.stringify(item) : `'${item}'`);
      const list = there.map((item) => gap() + quoted(item) + gap()).join(',') + (there.length > 0 && choose(2) === 0 ? ',' : '') + gap();
      const [head, tail] = ['[project]\nname = "x"\n\n[tool.uv.workspace]\nexclude = []\nmembers = [', '] # c\n\n[tool.ruff]\n'];
      const theirs = head + list + tail;
      const overlay = (items: string[]): string => `[tool.uv.workspace]\nmembers = ${JSON.stringify(items)}\n`;
      const itemsOf = (one: string) =>
        (parse(one) as { tool: { uv: { workspace: { members?: string[] } } } }).tool.uv.workspace.members ?? [];
      const added = merge(theirs, undefined, overlay(first));
      expect(added.manual).toBeUndefined();
      expect(itemsOf(added.text)).toEqual([...there, ...first.filter((item) => !there.includes(item))]);
      expect(merge(added.text, added.recorded, overlay(first))).toEqual(added);
      const changed = merge(added.text, added.recorded, overlay(second));
      expect(changed.manual).toBeUndefined();
      expect(itemsOf(changed.text).sort()).toEqual([...new Set([...there, ...second])].sort());
      const gone = merge(changed.text, changed.recorded);
      expect(itemsOf(gone.text)).toEqual(there);
      // An empty list may have been ours.
      if (there.length === 0) return;
      expect(gone.text.startsWith(head.slice(0, -'members = ['.length)) && gone.text.endsWith(tail.slice(1))).toBe(true);
      expect(gone.text.match(/# c, "x" \]/g)).toEqual(theirs.match(/# c, "x" \]/g));
    }),
    { numRuns: 100 },
  );
});
