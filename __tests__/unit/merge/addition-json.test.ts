import { jest } from '@jest/globals';
import fc from 'fast-check';
import { mergeAddition } from '../../../lib/merge/addition.ts';
import { parseJsonText } from '../../../lib/merge/json.ts';
import { isObject, mergedValue, sameValue } from '../../../lib/merge/result.ts';
import { isKept, jsonText, objects } from '../../support/trust-texts.ts';

// Many random cases, on a machine that may be busy.
jest.setTimeout(60_000);

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const merge = (path: string, theirs: string, base: object | undefined, ours: object | undefined) =>
  mergeAddition({ path, theirs, base: base && json(base), ours: ours && json(ours) });

describe('an addition to a JSON file', () => {
  test('comes, with its record, and goes again to the last byte', () => {
    const before = '{\n\t"a": 1, // mine\n\t"list": ["x"],\n}\n';
    const ours = { list: ['y'], paths: { z: ['./z'] } };
    const added = merge('tsconfig.base.json', before, undefined, ours);
    expect(added).toEqual({
      text: '{\n\t"a": 1, // mine\n\t"list": ["x", "y"],\n\t"paths": {\n\t\t"z": ["./z"]\n\t},\n}\n',
      recorded: json(ours),
      notes: [],
    });
    expect(merge('tsconfig.base.json', added.text, ours, ours)).toEqual(added);
    expect(merge('tsconfig.base.json', added.text, ours, undefined)).toEqual({ text: before, notes: [] });
  });

  test('follows ours where it stands as we wrote it', () => {
    const before = { options: { command: 'node old.mjs --input ../dist/openapi.json' } };
    const ours = { options: { command: 'node new.mjs --input ../dist/openapi.json' } };
    expect(merge('x.json', json({ own: 1, ...before }), before, ours)).toEqual({
      text: json({ own: 1, ...ours }),
      recorded: json(ours),
      notes: [],
    });
  });

  test('stays as the user changed it, with a note once ours changes', () => {
    const [theirs, before] = [json({ a: 'mine' }), { a: 'old' }];
    expect(merge('x.json', theirs, before, before)).toEqual({ text: theirs, recorded: json(before), notes: [] });
    expect(merge('x.json', theirs, before, { a: 'new' })).toEqual({
      text: theirs,
      recorded: json({ a: 'new' }),
      notes: ['keeps a = "mine" (ours: "new")'],
    });
    expect(merge('x.json', theirs, before, undefined)).toEqual({
      text: theirs,
      notes: ['keeps a, which was changed here: nothing that is generated needs it any more'],
    });
  });

  test('stays away where the user took it out, while what is new beside it comes', () => {
    const before = { m: { a: 1 }, list: ['x'] };
    const result = merge('x.json', '{}\n', before, { m: { a: 2, b: 3 }, list: ['x'] });
    expect(JSON.parse(result.text)).toEqual({ m: { b: 3 } });
    expect(merge('x.json', result.text, JSON.parse(result.recorded ?? ''), { m: { a: 2, b: 3 }, list: ['x'] })).toEqual(result);
  });

  test("that is there before us is the user's: it stays when ours goes", () => {
    const theirs = json({ m: { a: 1 }, list: ['x'] });
    const ours = { m: { a: 1, b: 2 }, list: ['x', 'y'] };
    const added = merge('x.json', theirs, undefined, ours);
    expect(JSON.parse(added.recorded ?? '')).toEqual({ m: { b: 2 }, list: ['y'] });
    expect(mergeAddition({ path: 'x.json', theirs: added.text, base: added.recorded }).text).toBe(theirs);
  });

  test('that is there when the record is lost is taken for ours', () => {
    const theirs = json({ m: { a: 1 }, own: 2 });
    const { recorded } = mergeAddition({ path: 'x.json', theirs, ours: json({ m: { a: 1 } }), adopt: true });
    expect(mergeAddition({ path: 'x.json', theirs, base: recorded }).text).toBe(json({ own: 2 }));
  });

  test('an empty file, and one of comments, get the whole overlay', () => {
    expect(merge('x.json', '', undefined, { a: 1 }).text).toBe(json({ a: 1 }));
    expect(merge('x.json', '// c\n', undefined, { a: 1 }).text).toBe(`// c\n${json({ a: 1 })}`);
  });

  test('a text that is no JSON object is refused with its place', () => {
    expect(() => merge('x.json', '{\n  "a" 1\n}', undefined, { a: 1 })).toThrow(
      /^x\.json is not valid JSON, ColonExpected \(line 2, column 7\)/,
    );
    for (const text of ['[]', 'null', '7'])
      expect(() => merge('x.json', text, undefined, { a: 1 })).toThrow(/^x\.json holds no JSON object/);
  });

  test('a note shows where two long values differ', () => {
    const command = (name: string): string =>
      `node scripts/generate-metadata.mjs --openapi ../../../packages/${name}/dist/openapi.json --typescript src`;
    const { notes } = merge('x.json', json({ command: command('mine') }), { command: command('old') }, { command: command('new') });
    const shown = /^keeps command = (.*) \(ours: (.*)\)$/.exec(notes[0] ?? '');
    expect(shown?.[1]).toContain('mine');
    expect(shown?.[2]).toContain('new');
    expect(notes[0]?.length).toBeLessThan(160);
  });

  test("whatever the layout: no byte of the user's is lost, a second run changes nothing, a change follows, all goes again", () => {
    const prune = (value: unknown): unknown => {
      if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
      const members = Object.entries(value).map(([key, member]) => [key, prune(member)] as const);
      return Object.fromEntries(members.filter(([, member]) => JSON.stringify(member) !== '{}' && JSON.stringify(member) !== '[]'));
    };
    const distinct = (value: Record<string, unknown>): Record<string, unknown> =>
      JSON.parse(JSON.stringify(value), (_, one: unknown) =>
        Array.isArray(one) ? one.filter((item, index) => one.findIndex((other) => sameValue(other, item)) === index) : one,
      );
    const isAlike = (a: unknown, b: unknown): boolean => {
      if (a === undefined || b === undefined) return true;
      if (isObject(a) && isObject(b)) return Object.keys(a).every((key) => isAlike(a[key], b[key]));
      return Array.isArray(a) === Array.isArray(b) && isObject(a) === isObject(b);
    };
    fc.assert(
      fc.property(
        objects(true),
        objects(true).map(distinct),
        objects(true).map(distinct),
        fc.array(fc.nat(500), { minLength: 1, maxLength: 60 }),
        fc.constantFrom('\n', '\r\n'),
        fc.constantFrom('', '\uFEFF'),
        (drawn, first, second, draws, eol, mark) => {
          const there = prune(drawn);
          const theirs = mark + jsonText(there, draws, eol);
          const plain = JSON.parse(JSON.stringify(there));
          const one = mergeAddition({ path: 'x.json', theirs, ours: json(first) });
          expect(one.manual).toBeUndefined();
          expect(isKept(theirs.replace(/([{[])[ \t]+(?=[}\]])/g, '$1'), one.text)).toBe(true);
          expect(sameValue(parseJsonText(one.text), mergedValue(plain, first))).toBe(true);
          expect(mergeAddition({ path: 'x.json', theirs: one.text, base: one.recorded, ours: json(first) })).toMatchObject({
            text: one.text,
            ...(one.recorded === undefined ? {} : { recorded: one.recorded }),
          });
          const two = mergeAddition({ path: 'x.json', theirs: one.text, base: one.recorded, ours: json(second) });
          const fresh = mergeAddition({ path: 'x.json', theirs, ours: json(second) });
          if (isAlike(first, second)) expect(sameValue(prune(parseJsonText(two.text)), prune(parseJsonText(fresh.text)))).toBe(true);
          const gone = mergeAddition({ path: 'x.json', theirs: two.text, base: two.recorded });
          expect(gone.recorded).toBeUndefined();
          expect(sameValue(prune(parseJsonText(gone.text)), prune(plain))).toBe(true);
          if (eol === '\r\n' && theirs.includes('\r\n')) expect(gone.text).not.toMatch(/(?<!\r)\n/);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('whatever the user made of the file: the same addition again takes nothing out, and a third run changes nothing', () => {
    const runs = fc.array(fc.nat(500), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(objects(true), objects(true), objects(true), runs, (first, edited, second, draws) => {
        const { recorded } = mergeAddition({ path: 'x.json', theirs: '{}', ours: json(first) });
        const theirs = jsonText(edited, draws, '\n');
        const again = mergeAddition({ path: 'x.json', theirs, base: recorded, ours: json(first) });
        expect(isKept(theirs.replace(/([{[])[ \t]+(?=[}\]])/g, '$1'), again.text)).toBe(true);
        const changed = mergeAddition({ path: 'x.json', theirs, base: recorded, ours: json(second) });
        expect(changed.manual).toBeUndefined();
        for (const [result, ours] of [[again, first] as const, [changed, second] as const]) {
          const third = mergeAddition({ path: 'x.json', theirs: result.text, base: result.recorded, ours: json(ours) });
          expect(third.text).toBe(result.text);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('an addition to a package.json', () => {
  const nx = (version: string) => ({ devDependencies: { nx: version } });
  const add = (theirs: object, base: object | undefined, ours: object | undefined) => {
    const { text, ...rest } = merge('package.json', json(theirs), base, ours);
    return { ...rest, value: JSON.parse(text) };
  };

  test('goes among sorted dependencies at its place', () => {
    expect(merge('package.json', json({ devDependencies: { a: '1', z: '1' } }), undefined, nx('^24.0.0')).text).toBe(
      json({ devDependencies: { a: '1', nx: '^24.0.0', z: '1' } }),
    );
  });

  test("a version of the user's stays, with a note where it does not go together with ours", () => {
    expect(add(nx('^22.1.0'), undefined, nx('^24.0.0'))).toEqual({
      value: nx('^22.1.0'),
      notes: ['keeps nx ^22.1.0, which may be too old or too new: what is generated was tested with ^24.0.0'],
    });
    for (const version of ['^24.0.0 || ^22', 'catalog:', 'workspace:*', '>=24']) {
      expect(add(nx(version), undefined, nx('24.0.6'))).toEqual({ value: nx(version), notes: [] });
    }
  });

  test.each(['dependencies', 'optionalDependencies'])('a package that stands in %s is there', (field) => {
    expect(add({ [field]: { nx: '^24.1.0' } }, undefined, nx('^24.0.0'))).toEqual({ value: { [field]: { nx: '^24.1.0' } }, notes: [] });
    expect(add({ [field]: { nx: '^20.0.0' } }, undefined, nx('^24.0.0')).notes).toHaveLength(1);
    // Moved there by the user: the version is still ours to raise, and the package the user's to keep.
    const both = { devDependencies: { nx: '^25.0.0', tsx: '4' } };
    expect(add({ [field]: { nx: '^24.0.0' } }, nx('^24.0.0'), both)).toEqual({
      value: { [field]: { nx: '^25.0.0' }, devDependencies: { tsx: '4' } },
      recorded: expect.anything(),
      notes: [],
    });
    expect(add({ [field]: { nx: '^24.0.0' } }, nx('^24.0.0'), undefined)).toEqual({ value: { [field]: { nx: '^24.0.0' } }, notes: [] });
  });

  test('a version that an update bot raised stays, and every other package with it', () => {
    const before = { devDependencies: { nx: '^24.0.0', tsx: '^4.0.0', typescript: '~5.9.0' } };
    const ours = { devDependencies: { nx: '^25.0.0', tsx: '^4.1.0', typescript: '~5.9.0' } };
    expect(add({ devDependencies: { ...before.devDependencies, nx: '^24.3.0' } }, before, ours)).toEqual({
      value: { devDependencies: { nx: '^24.3.0', tsx: '^4.1.0', typescript: '~5.9.0' } },
      recorded: json(ours),
      notes: ['keeps nx ^24.3.0, which may be too old or too new: what is generated was tested with ^25.0.0'],
    });
  });

  test('a package that the user took out stays out, and what is not needed any more goes', () => {
    expect(add({ devDependencies: {} }, nx('^24.0.0'), nx('^25.0.0'))).toEqual({
      value: { devDependencies: {} },
      recorded: json(nx('^25.0.0')),
      notes: [],
    });
    expect(add({ devDependencies: { nx: '^24.0.0', own: '1' } }, nx('^24.0.0'), undefined).value).toEqual({
      devDependencies: { own: '1' },
    });
  });
});

describe('an addition to a project.json', () => {
  const target = (command: string) => ({ executor: 'nx:run-commands', options: { command, cwd: '{projectRoot}' } });

  test("a target of the user's of the same name stays whole", () => {
    const theirs = { name: 'x', targets: { build: { executor: 'own:build' } } };
    const { text, notes } = merge('packages/common/constructs/project.json', json(theirs), undefined, {
      targets: { build: target('tsc'), metadata: target('node x.mjs') },
    });
    expect(JSON.parse(text)).toEqual({ ...theirs, targets: { ...theirs.targets, metadata: target('node x.mjs') } });
    expect(notes).toEqual(['keeps its own target build']);
  });

  test('a changed command of ours follows, also in a target that has an edit elsewhere', () => {
    const [before, ours] = [{ targets: { a: target('old') } }, { targets: { a: target('new') } }];
    const theirs = { targets: { a: { ...target('old'), cache: true } } };
    expect(JSON.parse(merge('project.json', json(theirs), before, ours).text)).toEqual({
      targets: { a: { ...target('new'), cache: true } },
    });
  });

  test('a target that the user took out does not come back in parts, and an edited one does not go in parts', () => {
    const before = { targets: { a: target('old') } };
    const ours = { targets: { a: { ...target('new'), cache: true } } };
    expect(JSON.parse(merge('project.json', json({ targets: {} }), before, ours).text)).toEqual({ targets: {} });
    const edited = { targets: { a: { ...target('old'), cache: false } } };
    expect(merge('project.json', json(edited), before, undefined)).toEqual({
      text: json(edited),
      notes: ['keeps targets.a, which was changed here: nothing that is generated needs it any more'],
    });
  });
});
