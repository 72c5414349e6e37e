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

test('an item of a list that both sides replaced meets, in JSON as in TOML', () => {
  const json = (...commands: string[]): string => `${JSON.stringify({ commands }, null, 2)}\n`;
  const merged = mergeEdits('project.json', json('check', 'format'), json('check --mine', 'format'), json('check --locked', 'format'));
  expect(merged).toEqual({ clean: false, text: json('check --locked', 'format') });
  // What each only adds or takes out is no matter of the other's.
  expect(mergeEdits('x.json', json('a', 'b'), json('b', 'mine'), json('b')).text).toBe(json('b', 'mine'));
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

describe('a list in TOML to which both add', () => {
  const workspace = (...members: string[]): string =>
    text('[project]', 'version = "1"', '', '[tool.uv.workspace]', 'members = [', ...members.map((one) => `    ${one},`), ']');
  const base = workspace('"packages/api"');
  const ours = workspace('"packages/api"', '"packages/orders"');
  const members = (merged: string) => (parse(merged) as { tool: { uv: { workspace: { members: string[] } } } }).tool.uv.workspace.members;

  test('has the items of both', () => {
    const theirs = workspace('"packages/api"', '"packages/shared"');
    const both = workspace('"packages/api"', '"packages/shared"', '"packages/orders"');
    expect(mergeEdits('pyproject.toml', base, theirs, ours)).toEqual({ clean: true, text: both });
  });

  test.each([
    ['its comments', base.replace('api",', `api", # ours\n    # the team's\n    "packages/shared",`)],
    ['one line', base.replace('[\n    "packages/api",\n]', '["packages/api", "packages/shared"]')],
    ['line endings', workspace('"packages/api"', '"packages/shared"').replaceAll('\n', '\r\n')],
  ])('keeps %s', (_, theirs) => {
    const { clean, text: merged } = mergeEdits('pyproject.toml', base, theirs, ours);
    expect({ clean, members: members(merged) }).toEqual({ clean: true, members: ['packages/api', 'packages/shared', 'packages/orders'] });
    expect(merged.replace(/,?\s*"packages\/orders"/, '')).toBe(theirs);
  });

  test('keeps the user from getting back what they took out', () => {
    const { clean, text: merged } = mergeEdits('pyproject.toml', base, workspace('"packages/shared"'), ours);
    expect({ clean, members: members(merged) }).toEqual({ clean: true, members: ['packages/shared', 'packages/orders'] });
  });

  test('keeps the items of both where something else meets', () => {
    const theirs = workspace('"packages/api"', '"packages/shared"').replace('"1"', '"2"');
    const { clean, text: merged } = mergeEdits('pyproject.toml', base, theirs, ours.replace('"1"', '"3"'));
    expect({ clean, text: merged }).toEqual({
      clean: false,
      text: workspace('"packages/api"', '"packages/shared"', '"packages/orders"').replace('"1"', '"3"'),
    });
  });

  test('meets where both replaced one item', () => {
    expect(mergeEdits('pyproject.toml', base, workspace('"packages/a"'), workspace('"packages/b"')).clean).toBe(false);
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
