import { jest } from '@jest/globals';
import fc from 'fast-check';
import { mergeJson as merge, parseJsonText } from '../../../lib/merge/json.ts';
import { type JsonObject, mergedValue, sameValue } from '../../../lib/merge/result.ts';
import { isKept, jsonText, objects } from '../../support/trust-texts.ts';

// Many random cases, on a machine that may be busy.
jest.setTimeout(60_000);

/** The merge, of which there has to be one. */
function mergeJson(before: string, additions: JsonObject): string {
  const merged = merge(before, additions);
  if (merged === undefined) throw new Error('no place');
  return merged;
}

const text = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('');

test('an empty text becomes one with two blanks and a line ending at the end', () => {
  expect(mergeJson('', { a: [1, 'x'], b: [{}] })).toBe('{\n  "a": [1, "x"],\n  "b": [\n    {}\n  ]\n}\n');
});

test('a member is added behind the last one, in the indentation of its neighbours', () => {
  const before = text('{', '    "name": "x",', '    "private": true', '}');
  expect(mergeJson(before, { type: 'module' })).toBe(text('{', '    "name": "x",', '    "private": true,', '    "type": "module"', '}'));
});

test('tabs stay tabs', () => {
  expect(mergeJson('{\n\t"a": {\n\t\t"b": 1\n\t}\n}\n', { a: { c: { d: 2 } } })).toBe(
    '{\n\t"a": {\n\t\t"b": 1,\n\t\t"c": {\n\t\t\t"d": 2\n\t\t}\n\t}\n}\n',
  );
});

test('Windows line endings and a byte order mark stay', () => {
  expect(mergeJson('\uFEFF{\r\n  "a": 1\r\n}\r\n', { b: { c: 1 } })).toBe('\uFEFF{\r\n  "a": 1,\r\n  "b": {\r\n    "c": 1\r\n  }\r\n}\r\n');
});

test('a list on one line stays on one line', () => {
  const before = text('{', '  "workspaces": ["apps/*", "packages/*"],', '  "private": true', '}');
  expect(mergeJson(before, { workspaces: ['packages/*', 'packages/common/*'] })).toBe(
    text('{', '  "workspaces": ["apps/*", "packages/*", "packages/common/*"],', '  "private": true', '}'),
  );
});

test('an object on one line stays on one line', () => {
  expect(mergeJson('{ "scripts": { "a": "b" } }\n', { scripts: { c: 'd' } })).toBe('{ "scripts": { "a": "b", "c": "d" } }\n');
  expect(mergeJson('{"a":1,"b":{}}', { b: { c: [1, { d: 2 }] } })).toBe('{"a":1,"b":{"c":[1,{"d":2}]}}');
});

test('comments stay where they are, and a comma goes in front of them', () => {
  const before = text('{', '  // top', '  "a": 1 // about a', '  // end', '}');
  expect(mergeJson(before, { b: 2 })).toBe(text('{', '  // top', '  "a": 1, // about a', '  "b": 2', '  // end', '}'));
});

test('a trailing comma is kept by the new last member', () => {
  const before = text('{', '  "paths": {', '    "a": ["x"], // about a', '  },', '}');
  expect(mergeJson(before, { paths: { b: ['y'] } })).toBe(
    text('{', '  "paths": {', '    "a": ["x"], // about a', '    "b": ["y"],', '  },', '}'),
  );
});

test('a comma in a comment is no comma', () => {
  expect(parseJsonText(mergeJson('{\n  "a": 1 // ,\n}\n', { b: 2 }))).toEqual({ a: 1, b: 2 });
});

test('a comma behind the brackets is not one of the members in them', () => {
  const before = '{\n  "a": {\n    "x": 1\n    /* c */ } /* d */ ,\n  "b": 2\n}\n';
  expect(parseJsonText(mergeJson(before, { a: { y: 3 } }))).toEqual({ a: { x: 1, y: 3 }, b: 2 });
});

test('a comment inside of empty brackets stays', () => {
  const merged = mergeJson('{\n  "references": [\n    // none yet\n  ]\n}\n', { references: [{ path: './a' }] });
  expect(merged).toContain('    // none yet\n    {');
  expect(parseJsonText(merged)).toEqual({ references: [{ path: './a' }] });
});

test('a text of comments alone keeps them', () => {
  expect(mergeJson('// to do\n', { a: 1 })).toBe('// to do\n{\n  "a": 1\n}\n');
});

test('a value that is there stays, whatever its type', () => {
  for (const before of ['{ "cache": false, "same": 1 }', '{ "cache": { "x": ["a"] }, "same": 1 }'])
    expect(mergeJson(before, { cache: ['b'], same: 1 })).toBe(before);
});

test('an item that is there with its members in another order is not added again', () => {
  const before = '{ "plugins": [{ "b": 1, "a": 2 }] }';
  expect(mergeJson(before, { plugins: [{ a: 2, b: 1 }, 'x', 'x'] })).toBe('{ "plugins": [{ "b": 1, "a": 2 }, "x"] }');
});

test('of two members of one name the last one counts, as for JSON.parse', () => {
  const before = '{\n  "a": { "x": 1 },\n  "a": { "y": 2 }\n}\n';
  expect(JSON.parse(mergeJson(before, { a: { z: 3 } }))).toEqual({ a: { y: 2, z: 3 } });
});

test.each([
  ['{ "a": 1', /^The JSON file is not valid JSON, CloseBraceExpected \(line 1, column 9\): nothing was written/],
  ['{\n  "a" 1\n}', /^The JSON file is not valid JSON, ColonExpected \(line 2, column 7\)/],
  ['[1]', /^The JSON file holds no JSON object/],
  ['"x"', /^The JSON file holds no JSON object/],
  ['{} {}', /^The JSON file is not valid JSON, EndOfFileExpected/],
  ['<<<<<<< HEAD\n{}\n', /^The JSON file is not valid JSON/],
  ['{ "a": '.repeat(20_000), /^The JSON file is (nested too deeply|not valid JSON)/],
])('a text that is no JSON object is refused in one line: %.20p', (before, message) => {
  expect(() => mergeJson(before, { a: 1 })).toThrow(message);
  expect(() => mergeJson(before, { a: 1 })).not.toThrow(/\n/);
});

test('whatever the layout, no byte is lost, the value is right, and a second run changes nothing', () => {
  fc.assert(
    fc.property(
      objects(true),
      objects(true),
      fc.array(fc.nat(500), { minLength: 1, maxLength: 60 }),
      fc.constantFrom('\n', '\r\n'),
      fc.constantFrom('', '\uFEFF'),
      (there, additions, draws, eol, mark) => {
        const before = mark + jsonText(there, draws, eol);
        const merged = mergeJson(before, additions as JsonObject);
        // A blank between brackets without members is the one thing that goes.
        expect(isKept(before.replace(/([{[])[ \t]+(?=[}\]])/g, '$1'), merged)).toBe(true);
        expect(sameValue(parseJsonText(merged), mergedValue(JSON.parse(JSON.stringify(there)), additions))).toBe(true);
        expect(mergeJson(merged, additions as JsonObject)).toEqual(merged);
        if (eol === '\r\n' && before.includes('\r\n')) expect(merged).not.toMatch(/(?<!\r)\n/);
      },
    ),
    { numRuns: 300 },
  );
});

test('a text without comments stays one that JSON.parse takes', () => {
  fc.assert(
    fc.property(objects(true), objects(true), fc.constantFrom(0, 1, 2, 4, '\t'), (there, additions, space) => {
      const merged = mergeJson(JSON.stringify(there, null, space), additions as JsonObject);
      expect(sameValue(JSON.parse(merged), mergedValue(JSON.parse(JSON.stringify(there)), additions))).toBe(true);
    }),
    { numRuns: 200 },
  );
});
