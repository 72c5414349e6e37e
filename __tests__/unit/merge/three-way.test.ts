import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import { parseJsonText } from '../../../lib/merge/json.ts';
import { isReplacedTwice } from '../../../lib/merge/list.ts';
import { sameValue } from '../../../lib/merge/result.ts';
import { threeWay, twoWay } from '../../../lib/merge/three-way.ts';
import { threeWayJson } from '../../../lib/merge/three-way-json.ts';
import { jsonText } from '../../support/trust-texts.ts';

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

test('ours can be favoured where both sides changed one line: every other edit stays', () => {
  const theirs = base.replace('three', 'mine').replace('one', 'ONE');
  expect(threeWay(base, theirs, base.replace('three', 'ours').replace('five', 'FIVE'), 'ours')).toEqual({
    clean: false,
    text: 'ONE\ntwo\nours\nfour\nFIVE\n',
  });
});

test('edits of lines that are neighbours are merged, and so is a new line beside an edited one', () => {
  expect(threeWay(base, base.replace('two', 'TWO'), base.replace('three', 'THREE'))).toEqual({
    clean: true,
    text: 'one\nTWO\nTHREE\nfour\nfive\n',
  });
  expect(threeWay(base, base.replace('two\n', 'two\nmine\n'), base.replace('two', 'TWO')).text).toBe('one\nTWO\nmine\nthree\nfour\nfive\n');
  expect(threeWay(base, base.replace('two', 'TWO'), base.replace('two\n', 'ours\ntwo\n')).text).toBe('one\nours\nTWO\nthree\nfour\nfive\n');
});

test('a removal beside a change, and two new lines at one place, are for the user to decide', () => {
  expect(threeWay(base, base.replace('two\n', ''), base.replace('three', 'THREE')).clean).toBe(false);
  expect(threeWay(base, base.replace('three', 'THREE'), base.replace('two\n', '')).clean).toBe(false);
  expect(threeWay(base, `${base}mine\n`, `${base}ours\n`).text).toBe(`${base}<<<<<<< yours\nmine\n=======\nours\n>>>>>>> generated\n`);
});

test('a line ending at the end of the file is a matter of its own', () => {
  expect(threeWay('a\n', 'a', 'a\nb\n')).toEqual({ clean: true, text: 'a\nb' });
  expect(threeWay('a\n', 'a\nmine', 'ours\na\n')).toEqual({ clean: true, text: 'ours\na\nmine' });
  expect(threeWay('a\nb\n', 'a\nmine', 'a\nours\n').text).toBe('a\n<<<<<<< yours\nmine\n=======\nours\n>>>>>>> generated\n');
  expect(threeWay('a', 'a', 'a\n')).toEqual({ clean: true, text: 'a\n' });
});

test('empty texts are texts', () => {
  expect(threeWay('', '', 'a\n')).toEqual({ clean: true, text: 'a\n' });
  expect(threeWay('', 'a\n', '')).toEqual({ clean: true, text: 'a\n' });
  expect(threeWay('a\n', '', 'a\n')).toEqual({ clean: true, text: '' });
  expect(threeWay('', 'mine', 'ours\n', 'ours').text).toBe('ours');
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
    { numRuns: 200 },
  );
});

test('a merge that is clean for git is clean here, with the same text', () => {
  const folder = mkdtempSync(join(tmpdir(), 'three-way-'));
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
      if (expected.status === 0) expect(merged).toEqual({ clean: true, text: expected.stdout });
      // Neighbours that were both edited are a conflict for git: what this makes of them is in the test below.
      else if (merged.clean) expect(merged.text).not.toMatch(/^[<=>]{7}/m);
    }),
    { numRuns: 30 },
  );
  rmSync(folder, { recursive: true });
});

/** Edits of lines with words of their own; each line of the base is one side's. */
const sides = fc
  .array(fc.tuple(fc.boolean(), fc.constantFrom('keep', 'change', 'remove', 'insert', 'grow')), { maxLength: 14 })
  .map((owners) => {
    const text = (who: boolean | undefined, both: boolean): string =>
      owners
        .flatMap(([side, kind], index) => {
          if ((side !== who && !both) || kind === 'keep') return [`line ${index}`];
          if (kind === 'change') return [`${side} ${index}`];
          if (kind === 'remove') return [];
          return kind === 'insert' ? [`line ${index}`, `${side} ${index} new`] : [`${side} ${index}`, `${side} ${index} too`];
        })
        .map((line) => `${line}\n`)
        .join('');
    return { owners, base: text(undefined, false), theirs: text(true, false), ours: text(false, false), both: text(undefined, true) };
  });

test('a clean merge has both changes; one that favours ours has all of ours, and every edit that stands apart', () => {
  let clean = 0;
  fc.assert(
    fc.property(sides, fc.constantFrom('\n', '\r\n'), ({ owners, base: before, theirs, ours, both }, eol) => {
      const there = theirs.replaceAll('\n', eol);
      const merged = threeWay(before, there, ours);
      const favoured = threeWay(before, there, ours, 'ours');
      if (eol === '\r\n' && there !== '') expect(favoured.text).not.toMatch(/(?<!\r)\n/);
      if (merged.clean) {
        clean += 1;
        expect(merged.text.replaceAll('\r\n', '\n')).toBe(both);
        expect(favoured).toEqual(merged);
        return;
      }
      const lines = favoured.text.split(/\r?\n/);
      for (const [index, [isTheirs, kind]] of owners.entries()) {
        if (kind === 'keep' || kind === 'remove') continue;
        const isApart = [index - 1, index + 1].every((one) => (owners[one]?.[1] ?? 'keep') === 'keep');
        if (!isTheirs || isApart) expect(lines).toContain(`${isTheirs} ${index}${kind === 'insert' ? ' new' : ''}`);
      }
    }),
    { numRuns: 400 },
  );
  expect(clean).toBeGreaterThan(80);
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

  test('ours can be favoured where both sides changed one value: every other edit stays', () => {
    const theirs = '{\n  "nx": "23", // mine\n  "mine": true,\n  "tsx": "4.0.0",\n  "list": ["a", "b"]\n}\n';
    expect(threeWayJson(before, theirs, before.replace('24.0.6', '25').replace('4.0.0', '4.1.0'), 'ours')).toBe(
      '{\n  "nx": "25", // mine\n  "mine": true,\n  "tsx": "4.1.0",\n  "list": ["a", "b"]\n}\n',
    );
    expect(threeWayJson(before, theirs, '{ "tsx": "4.0.0", "list": ["a", "b"] }', 'ours')).toBe(
      '{\n  // mine\n  "mine": true,\n  "tsx": "4.0.0",\n  "list": ["a", "b"]\n}\n',
    );
  });

  describe('a list', () => {
    const merged = (from: unknown[], mine: unknown[], ours: unknown[]): unknown => {
      const text = threeWayJson(...([from, mine, ours].map((list) => JSON.stringify({ list }, null, 2)) as [string, string, string]));
      return text === undefined ? undefined : (JSON.parse(text) as { list: unknown }).list;
    };

    test('gets a new item of ours at its place, and a changed one where the old one was', () => {
      expect(merged(['a', 'c'], ['a', 'c', 'mine'], ['a', 'b', 'c'])).toEqual(['a', 'b', 'c', 'mine']);
      expect(merged(['lint', 'build x', 'test'], ['lint', 'build x', 'test', 'mine'], ['lint', 'build y', 'test'])).toEqual([
        'lint',
        'build y',
        'test',
        'mine',
      ]);
      expect(merged(['a', 'b'], ['a', 'b', 'mine'], ['0', 'a', 'b'])).toEqual(['0', 'a', 'b', 'mine']);
    });

    test('follows an order of ours, unless that would bring back or lose an item', () => {
      expect(merged(['a', 'b'], ['a', 'b'], ['b', 'a'])).toEqual(['b', 'a']);
      expect(merged(['a', 'b', 'c'], ['b', 'c'], ['b', 'c', 'a'])).toEqual(['b', 'c']);
      expect(merged(['a', 'b', 'c'], ['a', 'b', 'c', 'mine'], ['b', 'c', 'a'])).toEqual(['a', 'b', 'c', 'mine']);
    });

    test('keeps items that are there twice, as arguments of a command are', () => {
      expect(merged(['-v', 'x', '-v', 'y'], ['-v', 'x', '-v', 'y'], ['-v', 'x', '-v', 'z'])).toEqual(['-v', 'x', '-v', 'z']);
      expect(merged(['-v', 'x', '-v', 'y'], ['-v', 'x', '-v', 'y', 'mine'], ['-v', 'z', '-v', 'y'])).toEqual([
        '-v',
        'z',
        '-v',
        'y',
        'mine',
      ]);
    });

    test('keeps the comments in it, and the layout', () => {
      const [from, ours] = ['["a", "b", "c"]', '["0", "a", "x", "c", "d"]'].map((list) => `{"list": ${list}}`) as [string, string];
      expect(threeWayJson(from, '{\n  "list": [\n    "a", // first\n    "b",\n    // last\n    "c"\n  ]\n}\n', ours)).toBe(
        '{\n  "list": [\n    "0",\n    "a", // first\n    "x",\n    // last\n    "c",\n    "d"\n  ]\n}\n',
      );
      expect(threeWayJson(from, '{ "list": ["a", "b", "c"] } // mine', ours)).toBe('{ "list": ["0", "a", "x", "c", "d"] } // mine');
    });

    test('has the items that both want, whatever their order', () => {
      const items = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 5 });
      fc.assert(
        fc.property(items, items, items, (from, mine, ours) => {
          const wanted = [
            ...mine.filter((item) => !from.includes(item) || ours.includes(item)),
            ...ours.filter((item) => !from.includes(item)),
          ];
          if (isReplacedTwice(from, mine, ours)) {
            expect(merged(from, mine, ours)).toBeUndefined();
            return;
          }
          const result = merged(from, mine, ours) as string[];
          expect([...result].sort()).toEqual([...new Set(wanted)].sort());
          expect(merged(ours, result, ours)).toEqual(result);
          expect(merged(from, from, ours)).toEqual(ours);
        }),
        { numRuns: 200 },
      );
    });
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
        const favoured = threeWayJson(origin, theirs, ours, 'ours');
        expect(favoured).toBeDefined();
        expect(threeWayJson(origin, favoured as string, ours, 'ours')).toBe(favoured);
        const merged = threeWayJson(origin, theirs, ours);
        if (merged === undefined) return;
        expect(merged).toBe(favoured);
        const result = parseJsonText(merged) as Record<string, unknown>;
        for (const key of ['a', 'b', 'c', 'd']) {
          if (sameValue(one[key], three[key])) expect(result[key]).toEqual(two[key]);
          if (sameValue(one[key], two[key]) && one[key] !== undefined && !Array.isArray(one[key])) expect(result[key]).toEqual(three[key]);
        }
      }),
      { numRuns: 200 },
    );
  });
});
