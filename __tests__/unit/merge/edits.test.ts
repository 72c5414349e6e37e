import { parse } from 'smol-toml';
import { mergeEdits } from '../../../lib/merge/edits.ts';

const text = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('');

test('a file without an edit follows ours, in its own layout', () => {
  expect(mergeEdits('a.txt', 'a\nb\n', '\uFEFFa\r\nb\r\n', 'a\nc\n')).toEqual({ clean: true, text: '\uFEFFa\r\nc\r\n' });
});

test('an edit stays where ours is what it was, whatever became of the file', () => {
  expect(mergeEdits('x.json', '{}\n', '{ broken', '{}\n')).toEqual({ clean: true, text: '{ broken' });
});

test('where both meet, the text has ours there and every other edit, and the marked one shows both', () => {
  const base = text('1', '2', '3', '4', '5');
  expect(mergeEdits('main.tf', base, text('one', '2', '3', '4', 'mine'), text('1', '2', '3', '4', 'ours'))).toEqual({
    clean: false,
    text: text('one', '2', '3', '4', 'ours'),
    marked: text('one', '2', '3', '4', '<<<<<<< yours', 'mine', '=======', 'ours', '>>>>>>> generated'),
  });
});

test.each(['x.json', 'x.jsonc', 'x.toml', 'x.yaml', 'x.yml', 'uv.lock'])('%s never gets conflict markers', (path) => {
  expect(mergeEdits(path, '{ "a": 1 }\n', '{ "a": 2 }\n', '{ "a": 3 }\n')).toEqual({ clean: false, text: '{ "a": 3 }\n' });
});

test('in JSON values meet, not lines', () => {
  const json = (a: number, b: number): string => `{\n  "a": ${a},\n  "b": ${b}\n}\n`;
  expect(mergeEdits('x.json', json(1, 1), json(1, 2), json(9, 1))).toEqual({ clean: true, text: json(9, 2) });
  expect(mergeEdits('x.json', json(1, 1), json(2, 2), json(9, 1))).toEqual({ clean: false, text: json(9, 2) });
});

test('an update of our versions keeps the packages beside the one that a bot has raised', () => {
  const manifest = (nx: string, tsx: string): string => `{\n  "devDependencies": {\n    "nx": "${nx}",\n    "tsx": "${tsx}"\n  }\n}\n`;
  expect(mergeEdits('package.json', manifest('24.0.0', '4.0.0'), manifest('24.3.0', '4.0.0'), manifest('25.0.0', '4.1.0'))).toEqual({
    clean: false,
    text: manifest('25.0.0', '4.1.0'),
  });
});

test('a file that is no longer valid is ours again, once ours changes', () => {
  expect(mergeEdits('x.json', '{ "a": 1 }\n', '{ "a": 1', '{ "a": 2 }\n')).toEqual({ clean: false, text: '{ "a": 2 }\n' });
});

test('a version that ours raises and a dependency that the user wrote below it are both there', () => {
  const project = (...lines: string[]): string => text('[project]', 'dependencies = [', ...lines.map((line) => `    "${line}",`), ']');
  const merged = mergeEdits(
    'pyproject.toml',
    project('fastapi>=0.1', 'boto3>=1'),
    project('fastapi>=0.1', 'boto3>=1', 'mine'),
    project('fastapi>=0.1', 'boto3>=2'),
  );
  expect(merged).toEqual({ clean: true, text: project('fastapi>=0.1', 'boto3>=2', 'mine') });
});

describe('items of a list in TOML are independent, a line each', () => {
  const list = (...items: string[]): string => text('[tool.uv.workspace]', 'members = [', ...items.map((item) => `    ${item},`), ']');
  const merged = (base: string[], theirs: string[], ours: string[], path = 'pyproject.toml'): unknown =>
    mergeEdits(path, list(...base), list(...theirs), list(...ours));

  test.each([
    ['both add one at the end', ['"a"'], ['"a"', '"mine"'], ['"a"', '"new"'], ['"a"', '"mine"', '"new"']],
    ['both add the same, and one more', ['"a"'], ['"a"', '"x"', '"mine"'], ['"a"', '"x"', '"new"'], ['"a"', '"x"', '"mine"', '"new"']],
    ['the one before a new one goes', ['"a"', '"b"'], ['"a"', '"b"', "'mine'"], ['"a"'], ['"a"', "'mine'"]],
    ['the one behind which another is new goes', ['"a"', '"b"'], ['"a"'], ['"a"', '"b"', '"new"'], ['"a"', '"new"']],
    ['one at the front', [], ['"mine"'], ['"new"'], ['"mine"', '"new"']],
  ])('%s', (_, base, theirs, ours, both) => {
    expect(merged(base, theirs, ours)).toEqual({ clean: true, text: list(...both) });
  });

  test('but one item that became two others is for somebody to decide', () => {
    expect(merged(['"x>=1"'], ['"x>=2"'], ['"x>=3"'])).toEqual({ clean: false, text: list('"x>=3"') });
  });

  test('and what meets elsewhere does not take them away', () => {
    const version = (one: number): string => text('[project]', `version = "${one}"`, '');
    expect(
      mergeEdits('pyproject.toml', version(1) + list('"a"'), version(2) + list('"a"', '"mine"'), version(3) + list('"a"', '"new"')),
    ).toEqual({
      clean: false,
      text: version(3) + list('"a"', '"mine"', '"new"'),
    });
  });

  test('in other files such lines may be code', () => {
    expect(merged(['"a"'], ['"a"', '"mine"'], ['"a"', '"new"'], 'main.py')).toMatchObject({ clean: false });
  });
});

describe('lines that merge cleanly and give no valid TOML', () => {
  const base = text('[a]', 'x = 1', '', '[b]', 'y = 1', '', '[c]', 'z = 1');
  const theirs = base.replace('[a]', '[a]\nmine = 1').replace('z = 1', 'z = 1\nboth = 1');
  const ours = base.replace('[c]', '[c]\nboth = 2').replace('y = 1', 'y = 2');

  test('meet', () => {
    const { clean, marked } = mergeEdits('pyproject.toml', base, theirs, ours);
    expect({ clean, marked }).toEqual({ clean: false, marked: undefined });
  });

  test('lose only the edit that spoils them', () => {
    expect(parse(mergeEdits('pyproject.toml', base, theirs, ours).text)).toEqual({
      a: { mine: 1, x: 1 },
      b: { y: 2 },
      c: { both: 2, z: 1 },
    });
  });

  test('are taken as they are where the file was not valid before', () => {
    expect(mergeEdits('pyproject.toml', base, theirs.replace('x = 1', 'x ='), ours)).toMatchObject({ clean: true });
  });
});
