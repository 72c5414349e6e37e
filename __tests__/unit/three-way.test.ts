import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import { parseJsonText } from '../../lib/merge/json.ts';
import { sameValue } from '../../lib/merge/result.ts';
import { threeWay, twoWay } from '../../lib/three-way.ts';
import { threeWayJson } from '../../lib/three-way-json.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { jsonText } from '../support/trust-texts.ts';

// Many random cases, on a machine that may be busy.
jest.setTimeout(60_000);

const base = 'one\ntwo\nthree\nfour\nfive\n';

test('an edit and a change of ours in other lines are merged', () => {
  expect(threeWay(base, base.replace('one', 'ONE'), base.replace('five', 'FIVE'))).toEqual({
    clean: true,
    text: 'ONE\ntwo\nthree\nfour\nFIVE\n',
  });
});

test('the same change on both sides is none to ask about', () => {
  const both = base.replace('three', 'THREE');
  expect(threeWay(base, both, both)).toEqual({ clean: true, text: both });
});

test('a change on both sides in one line is marked', () => {
  expect(threeWay(base, base.replace('three', 'mine'), base.replace('three', 'ours'))).toEqual({
    clean: false,
    text: 'one\ntwo\n<<<<<<< yours\nmine\n=======\nours\n>>>>>>> generated\nfour\nfive\n',
  });
});

test('Windows line endings and a byte order mark of the user stay, and are no edit', () => {
  const theirs = `\uFEFF${base.replace('one', 'ONE').replaceAll('\n', '\r\n')}`;
  expect(threeWay(base, theirs, base.replace('five', 'FIVE')).text).toBe('\uFEFFONE\r\ntwo\r\nthree\r\nfour\r\nFIVE\r\n');
});

test('in a text of both line endings no line of the user is rewritten', () => {
  const theirs = 'one\r\ntwo\nthree\nfour\nfive\n';
  expect(threeWay(base, theirs, base.replace('five', 'FIVE')).text).toBe('one\r\ntwo\nthree\nfour\nFIVE\n');
});

test('a missing line ending at the end of the file stays missing', () => {
  expect(threeWay(base, base.slice(0, -1), base.replace('one', 'ONE')).text).toBe('ONE\ntwo\nthree\nfour\nfive');
});

test('two texts without a common origin are marked where they differ, and only there', () => {
  expect(twoWay('a\nb\nc\n', 'a\nx\nc\nd\n').text).toBe(
    'a\n<<<<<<< yours\nb\n=======\nx\n>>>>>>> generated\nc\n<<<<<<< yours\n=======\nd\n>>>>>>> generated\n',
  );
  expect(twoWay('a\nb', 'a\n').text).toBe('a\n<<<<<<< yours\nb\n=======\n>>>>>>> generated\n');
  expect(twoWay('a\n', 'a\n')).toEqual({ clean: true, text: 'a\n' });
});

const texts = fc
  .array(fc.constantFrom('a', 'b', 'c', '', '}'), { maxLength: 12 })
  .map((lines) => lines.map((line) => `${line}\n`).join(''));

test('without a change on one side the other side is the result', () => {
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      expect(threeWay(before, before, after)).toEqual({ clean: true, text: after });
      expect(threeWay(before, after, before)).toEqual({ clean: true, text: after });
    }),
    { numRuns: 500 },
  );
});

test('a merge that is clean for git is clean here, with the same text', () => {
  const folder = temporaryFolder();
  const git = (theirs: string, before: string, ours: string) => {
    for (const [name, text] of Object.entries({ theirs, before, ours })) writeFileSync(join(folder, name), text);
    return spawnSync('git', ['merge-file', '-p', 'theirs', 'before', 'ours'], { cwd: folder, encoding: 'utf8' });
  };
  // Words of their own on each line: with repeated lines there are several right answers.
  const origin = Array.from({ length: 10 }, (_, index) => `line ${index}`);
  const edits = fc.array(fc.tuple(fc.nat(9), fc.constantFrom('change', 'remove', 'insert')), { maxLength: 3 });
  const edited = (who: string, changes: [number, string][]): string => {
    const lines: string[][] = origin.map((line) => [line]);
    for (const [at, kind] of changes)
      lines[at] = kind === 'remove' ? [] : kind === 'insert' ? [`line ${at}`, `${who} ${at}`] : [`${who} ${at}`];
    return lines
      .flat()
      .map((line) => `${line}\n`)
      .join('');
  };
  fc.assert(
    fc.property(edits, edits, (mine, others) => {
      const before = edited('', []);
      const [theirs, ours] = [edited('theirs', mine), edited('ours', others)];
      const merged = threeWay(before, theirs, ours);
      const expected = git(theirs, before, ours);
      expect(merged.clean).toBe(expected.status === 0);
      if (merged.clean) expect(merged.text).toBe(expected.stdout);
    }),
    { numRuns: 60 },
  );
});

describe('of JSON', () => {
  const before = '{\n  "nx": "24.0.6",\n  "tsx": "4.0.0",\n  "list": ["a", "b"]\n}\n';

  test('neighbours are independent, and the layout and the comments of the user stay', () => {
    const theirs = '{\n\t"nx": "24.0.6", // pinned\n\t"mine": true,\n\t"tsx": "3.0.0",\n\t"list": ["a", "b", "mine"]\n}\n';
    const ours = '{\n  "nx": "24.1.0",\n  "tsx": "4.0.0",\n  "list": ["b", "c"],\n  "new": 1\n}\n';
    expect(threeWayJson(before, theirs, ours)).toBe(
      '{\n\t"nx": "24.1.0", // pinned\n\t"mine": true,\n\t"tsx": "3.0.0",\n\t"list": ["b", "mine", "c"],\n\t"new": 1\n}\n',
    );
  });

  test('a member that the user took out stays out', () => {
    expect(threeWayJson(before, '{\n  "tsx": "4.0.0"\n}\n', before.replace('24.0.6', '24.1.0'))).toBe('{\n  "tsx": "4.0.0"\n}\n');
  });

  test('a member that we no longer write goes, unless the user changed it', () => {
    const ours = '{\n  "tsx": "4.0.0",\n  "list": ["a", "b"]\n}\n';
    expect(threeWayJson(before, before.replace('"tsx"', '"x": 1,\n  "tsx"'), ours)).toBe(
      '{\n  "x": 1,\n  "tsx": "4.0.0",\n  "list": ["a", "b"]\n}\n',
    );
    expect(threeWayJson(before, before.replace('24.0.6', '23'), ours)).toBeUndefined();
  });

  test('a value that both sides changed is for the user to decide', () => {
    expect(threeWayJson(before, before.replace('24.0.6', '23'), before.replace('24.0.6', '25'))).toBeUndefined();
  });

  test('what is no JSON object is not merged', () => {
    expect(threeWayJson(before, '{', before)).toBeUndefined();
    expect(threeWayJson(before, '[]', before)).toBeUndefined();
  });

  test('whatever the user wrote, values that we did not change are theirs, and ours are there', () => {
    const values = fc.oneof(fc.constantFrom(0, 1, 'x', false), fc.constantFrom([], [1], [1, 2], [2, 'x']));
    const trees = fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'd'),
      fc.oneof(values, fc.dictionary(fc.constantFrom('p', 'q', 'r'), values, { noNullPrototype: true })),
      {
        noNullPrototype: true,
      },
    );
    fc.assert(
      fc.property(trees, trees, trees, fc.array(fc.nat(500), { minLength: 1, maxLength: 30 }), (one, two, three, draws) => {
        const [origin, ours] = [one, three].map((value) => JSON.stringify(value, null, 2)) as [string, string];
        const theirs = jsonText(two, draws, '\n');
        expect(threeWayJson(origin, theirs, origin)).toBe(theirs);
        const unedited = threeWayJson(origin, jsonText(one, draws, '\n'), ours);
        expect(unedited).toBeDefined();
        const value = parseJsonText(unedited as string) as Record<string, unknown>;
        expect(Object.keys(value).sort()).toEqual(Object.keys(three).sort());
        const merged = threeWayJson(origin, theirs, ours);
        if (merged === undefined) return;
        const result = parseJsonText(merged) as Record<string, unknown>;
        for (const key of ['a', 'b', 'c', 'd']) {
          if (sameValue(one[key], three[key])) expect(result[key]).toEqual(two[key]);
          if (sameValue(one[key], two[key]) && one[key] !== undefined && !Array.isArray(one[key])) expect(result[key]).toEqual(three[key]);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
