import { jest } from '@jest/globals';
import fc from 'fast-check';
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
  // What the user has besides stays; what may be the replacement, in another place, does not.
  const besides = mergeEdits(
    'x.json',
    json('a', 'b', 'check', 'format'),
    json('b', 'check --mine', 'format', 'mine'),
    json('a', 'b', 'check --locked', 'format'),
  );
  expect(besides).toEqual({ clean: false, text: json('b', 'check --locked', 'format', 'mine') });
  const moved = mergeEdits('x.json', json('check', 'format'), json('format', 'check --mine'), json('check --locked', 'format'));
  expect(moved).toEqual({ clean: false, text: json('check --locked', 'format') });
  // What each only adds or takes out is no matter of the other's.
  expect(mergeEdits('x.json', json('a', 'b'), json('b', 'mine'), json('b')).text).toBe(json('b', 'mine'));
});

test('of a list in which items come more than once, as arguments do, the places count', () => {
  const json = (...args: string[]): string => `${JSON.stringify({ args }, null, 2)}\n`;
  const base = json('--x', '1', '--y', '1');
  const ours = json('--x', '2', '--y', '1');
  expect(mergeEdits('x.json', base, json('--x', '1', '--y', '1', '--mine', '1'), ours)).toEqual({
    clean: true,
    text: json('--x', '2', '--y', '1', '--mine', '1'),
  });
  expect(mergeEdits('x.json', base, json('--x', '3', '--y', '1', '--mine', '1'), ours)).toEqual({
    clean: false,
    text: json('--x', '2', '--y', '1', '--mine', '1'),
  });
  const toml = (...args: string[]): string => `args = [${args.map((one) => `"${one}"`).join(', ')}]\n`;
  const merged = mergeEdits(
    'x.toml',
    `[a]\n${toml('-v', '1', '-w', '1')}`,
    `[a]\n${toml('-v', '1', '-w', '1', '-m')}`,
    `[a]\n${toml('-v', '2', '-w', '1')}`,
  );
  expect(merged).toEqual({ clean: true, text: `[a]\n${toml('-v', '2', '-w', '1', '-m')}` });
});

test('a file that is no longer valid is ours again, once ours changes', () => {
  expect(mergeEdits('x.json', '{ "a": 1 }\n', '{ "a": 1', '{ "a": 2 }\n')).toEqual({ clean: false, text: '{ "a": 2 }\n', isLess: true });
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

  test('keeps a comment with the item that takes the place of another', () => {
    const pinned = (item: string, ...mine: string[]): string =>
      workspace('"packages/api"', ...mine, item).replace(`${item},`, `${item}, # pinned`);
    const [before, wanted] = [workspace('"packages/api"', '"httpx>=1"'), workspace('"packages/api"', '"httpx>=2"')];
    const merged = mergeEdits('pyproject.toml', before, pinned('"httpx>=1"', '"mine"'), wanted);
    expect(merged).toEqual({ clean: true, text: pinned('"httpx>=2"', '"mine"') });
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

  test('has what we say in it from now on', () => {
    const four = ['"packages/a"', '"packages/b"', '"packages/c"', '"packages/d"'] as const;
    const [first, , third, fourth] = four;
    const said = (...members: string[]): string => workspace(...members).replace('[\n', '[\n    # In the order of names.\n');
    const merged = mergeEdits('pyproject.toml', workspace(...four), workspace(first, third, fourth), said(...four, '"packages/e"'));
    expect(merged).toEqual({ clean: true, text: said(first, third, fourth, '"packages/e"') });
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

describe('a line that was moved', () => {
  const object = (...members: string[]): string => text('export const x = {', ...members.map((one) => `  ${one},`), '};');
  const variables = (...names: string[]): string =>
    names.map((name) => text(`variable "${name}" {`, `  description = "What ${name} is."`, '}')).join('\n');
  const locals = (...lines: string[]): string => text('locals {', ...lines.map((one) => `  ${one}`), '}');

  test.each([
    ['a member', 'x.ts', object('x: 1', 'y: 2'), object('y: 2', 'x: 1'), object('x: 1', 'y: 2', 'z: 3')],
    ['a block', 'x.tf', variables('a', 'b'), variables('b', 'a'), variables('a', 'b', 'c')],
    ['a name', 'x.tf', locals('a = 1', 'b = 2', 'c = 3'), locals('b = 2', 'c = 3', 'a = 1'), locals('a = 10', 'b = 2', 'c = 3')],
    ['a statement', 'x.py', text('one()', 'two()'), text('two()', 'one()'), text('one()', 'two()', 'three()')],
  ])('is neither lost nor doubled where ours meets the move: %s', (_, path, base, theirs, ours) => {
    expect(mergeEdits(path, base, theirs, ours)).toMatchObject({ clean: false, text: ours, isLess: true });
  });

  test('loses no other edit by that', () => {
    const [head, tail] = [text('// head', ''), text('', '// tail')];
    const theirs = `${head.replace('head', 'mine')}${object('y: 2', 'x: 1')}${tail.replace('tail', 'mine too')}`;
    const ours = object('x: 1', 'y: 2', 'z: 3');
    expect(mergeEdits('x.ts', head + object('x: 1', 'y: 2') + tail, theirs, head + ours + tail).text).toBe(
      text('// mine', '') + ours + text('', '// mine too'),
    );
    // Two of them: the edits are taken one by one.
    const both = (...members: string[]): string => object(...members) + text('//', '//', '//') + locals(...members);
    const twice = both('y = 2', 'x = 1').replace('//', '// mine');
    expect(mergeEdits('x.tf', both('x = 1', 'y = 2'), twice, both('x = 1', 'y = 2', 'z = 3')).text).toBe(
      both('x = 1', 'y = 2', 'z = 3').replace('//', '// mine'),
    );
  });

  test('stays where it was moved to, where ours is elsewhere', () => {
    const ours = variables('a', 'b', 'c').replace('What c', 'Whatever c');
    const theirs = variables('b', 'a', 'c');
    expect(mergeEdits('x.tf', variables('a', 'b', 'c'), theirs, ours)).toEqual({
      clean: true,
      text: theirs.replace('What c', 'Whatever c'),
    });
  });
});

test('whatever is moved, changed or new on either side: each line that both have is there once, and no name twice', () => {
  const base = Array.from({ length: 8 }, (_, index) => `name_${index} = 0`);
  const acts = fc.array(fc.tuple(fc.constantFrom('move', 'change', 'insert', 'remove'), fc.nat(7), fc.nat(7)), { maxLength: 3 });
  const edited = (who: string, edits: [string, number, number][]): string[] => {
    const lines = [...base];
    for (const [kind, from, to] of edits) {
      const at = lines.findIndex((line) => line.startsWith(`name_${from} `));
      if (kind === 'insert') lines.splice(to, 0, `new_${from} = "${who}"`);
      else if (at >= 0 && kind === 'move') lines.splice(to, 0, ...lines.splice(at, 1));
      else if (at >= 0) lines.splice(at, 1, ...(kind === 'change' ? [`name_${from} = "${who}"`] : []));
    }
    return lines;
  };
  let forced = 0;
  fc.assert(
    fc.property(acts, acts, (mine, others) => {
      const [theirs, ours] = [edited('theirs', mine), edited('ours', others)];
      const { clean, text: merged, isLess } = mergeEdits('x.tf', text(...base), text(...theirs), text(...ours));
      const lines = merged.split('\n').slice(0, -1);
      const times = (list: string[], start: string): number => list.filter((line) => line.startsWith(start)).length;
      for (const line of base)
        if (theirs.includes(line) && ours.includes(line)) expect({ line, times: times(lines, line) }).toEqual({ line, times: 1 });
      for (const line of [...theirs, ...ours]) {
        const name = line.replace(/=.*$/, '=');
        expect({ name, isMore: times(lines, name) > Math.max(1, times(theirs, name), times(ours, name)) }).toEqual({ name, isMore: false });
      }
      // What is new in ours is there, whatever the user has made of its place.
      if (!clean) for (const line of ours) if (!base.includes(line)) expect(lines).toContain(line);
      if (!clean && isLess === undefined) forced += 1;
    }),
    { numRuns: 300 },
  );
  expect(forced).toBeGreaterThan(20);
});

describe('what both sides declare anew, in places that do not meet', () => {
  const variable = (name: string): string => text(`variable "${name}" {`, `  type = string # ${name}`, '}', '');
  const tf = (...names: string[]): string => names.map(variable).join('');
  const ts = (...names: string[]): string =>
    names.map((name) => text(`export function ${name}() {`, `  return '${name}';`, '}', '')).join('');
  const py = (...names: string[]): string => names.map((name) => text(`def ${name}() -> str:`, `    return "${name}"`, '', '')).join('');

  test.each([
    ['variables.tf', tf],
    ['x.ts', ts],
    ['x.py', py],
  ])('meets in %s, where it would be there twice', (path, file) => {
    const [base, theirs, ours] = [
      file('create', 'name', 'auth'),
      file('create', 'name', 'auth', 'tags'),
      file('create', 'tags', 'name', 'auth'),
    ];
    const { marked, ...merged } = mergeEdits(path, base, theirs, ours);
    expect(merged).toEqual({ clean: false, text: ours, isLess: true });
    expect(marked).toContain('<<<<<<< yours');
  });

  test('and not where it is of blocks of their own', () => {
    const resource = (name: string, ...lines: string[]): string => text(`resource "a" "${name}" {`, '  x = 1', ...lines, '}', '');
    const base = resource('one') + resource('two') + resource('three');
    const merged = mergeEdits(
      'x.tf',
      base,
      resource('one', '  tags = {}') + resource('two') + resource('three'),
      resource('one') + resource('two') + resource('three', '  tags = {}'),
    );
    expect(merged).toEqual({ clean: true, text: resource('one', '  tags = {}') + resource('two') + resource('three', '  tags = {}') });
    const statements = (...conditions: string[]): string =>
      text('data "a" "b" {', ...conditions.flatMap((one) => ['  statement {', '    x = 1', ...one.split('|'), '  }']), '}');
    const condition = '    condition {|      test = "y"|    }';
    expect(mergeEdits('x.tf', statements('', '', ''), statements(condition, '', ''), statements('', '', condition))).toEqual({
      clean: true,
      text: statements(condition, '', condition),
    });
    // `else` and its like are no names.
    const branches = (one: string, two: string): string =>
      text('if a:', '    b()', ...one.split('|'), 'd = 1', 'if e:', '    f()', ...two.split('|'));
    expect(mergeEdits('x.py', branches('', ''), branches('else:|    c()', ''), branches('', 'else:|    g()'))).toMatchObject({
      clean: true,
    });
  });

  test('a package in a list of requirements meets, and a list of other strings does not', () => {
    const project = (...lines: string[]): string => text('[project]', 'dependencies = [', ...lines.map((line) => `    "${line}",`), ']');
    const base = project('fastapi>=0.1', 'pydantic>=2');
    const ours = project('fastapi>=0.1', 'pydantic>=2', 'httpx>=0.28');
    for (const mine of [project('fastapi>=0.1', 'pydantic>=2', 'HTTPX<0.27'), project('httpx[http2]<0.27', 'fastapi>=0.1', 'pydantic>=2')])
      expect(mergeEdits('pyproject.toml', base, mine, ours)).toMatchObject({ clean: false, text: ours });
    // Once for each Python, as both had it before.
    const both = ["tomli>=1; python_version < '3.11'", "tomli>=2; python_version >= '3.11'"];
    expect(mergeEdits('pyproject.toml', project(...both), project(...both, 'mine'), project(...both, 'httpx>=0.28'))).toEqual({
      clean: true,
      text: project(...both, 'mine', 'httpx>=0.28'),
    });
  });
});

describe('what TypeScript, Python and a shell allow once, or as often as one likes', () => {
  const [between, end] = [text('', 'a();', 'b();', 'c();', ''), text('d();')];

  test.each([
    ['a name that is imported', 'x.ts', "import { Duration } from 'aws-cdk-lib';", "import { Duration, Tags } from 'aws-cdk-lib';"],
    ['one under another name', 'x.ts', "import { Tags as T } from 'a';", "import type { T } from 'b';"],
    ['a module under one name', 'x.ts', "import * as cdk from 'aws-cdk-lib';", "import cdk, { Stack } from 'aws-cdk-lib';"],
    ['one of several lines', 'x.ts', "import {\n  Duration,\n} from 'aws-cdk-lib';", "import { Duration } from 'aws-cdk-lib';"],
    ['one in Python', 'x.py', 'from a import (\n    b,\n    c,\n)', 'from other import c'],
    ['what is exported', 'x.ts', "export { A } from './a';", "export { A, B } from './b';"],
    ['a function of a shell', 'run.sh', 'mine() {\n  one\n}', 'mine() {\n  two\n}'],
  ])('%s twice meets', (_, path, mine, other) => {
    const merged = mergeEdits(path, between + end, `${mine}\n${between}${end}`, `${between}${other}\n${end}`);
    expect(merged).toMatchObject({ clean: false, text: `${between}${other}\n${end}`, isLess: true });
  });

  test.each([
    ['mine(): void {', 'mine(a: string): string {'],
    ['private mine() {', 'protected async mine(a: () => void) {'],
    ['private readonly mine = 1;', 'readonly mine: string;'],
    ['public mine(', 'mine() {'],
  ])('a member of a class, %s, twice meets', (mine, other) => {
    const members = (...lines: string[]): string => text('class A {', ...lines.map((line) => `  ${line}`), '}');
    const all = ['one() {', '}', '', 'two() {', '}', ''];
    const ours = members(...all, other);
    expect(mergeEdits('x.ts', members(...all), members(mine, ...all), ours)).toMatchObject({ clean: false, text: ours });
  });

  test.each([
    ['an assignment in Python', 'x.py', 'x = 1', 'x = 2'],
    ['one in a shell', 'run.sh', 'x=1', 'x=2'],
    ['a call', 'x.ts', "test('a', (): void => {\n});", "test('b', (): void => {\n});"],
    ['a call with lines of its own', 'x.ts', 'mine(\n  1,\n);', 'mine(\n  2,\n);'],
    ['a condition', 'x.ts', 'if (a) {\n}', 'if (b) {\n}'],
    ['a property', 'x.ts', "get mine() {\n  return 'a';\n}", 'set mine(a) {\n  b = a;\n}'],
    ['what is imported and exported', 'x.ts', "import { A } from './a';", "export { A } from './a';"],
    ['packages of one name', 'x.py', 'import a.b', 'import a.c'],
  ])('%s does not', (_, path, mine, other) => {
    const both = `${mine}\n${between}${other}\n${end}`;
    expect(mergeEdits(path, between + end, `${mine}\n${between}${end}`, `${between}${other}\n${end}`)).toEqual({ clean: true, text: both });
  });
});

test('of hundreds of edits only those go that spoil the merge, which compares the texts but once for all it tries', async () => {
  const diff3 = await import('node-diff3');
  let comparisons = 0;
  const diffIndices = (...[one, other]: Parameters<typeof diff3.diffIndices>) => {
    comparisons += 1;
    return diff3.diffIndices(one, other);
  };
  jest.unstable_mockModule('node-diff3', () => ({ ...diff3, diffIndices }));
  jest.resetModules();
  const { mergeEdits: counted } = await import('../../../lib/merge/edits.ts');
  const file = (behind: (at: number) => string[], within: (at: number) => string[]): string =>
    text(...Array.from({ length: 400 }, (_, at) => [`a${at}();`, ...within(at), `b${at}();`, `c${at}();`, ...behind(at)]).flat());
  const none = (): string[] => [];
  const mine = (at: number): string[] => [`const name${at} = 'mine';`];
  const few = (at: number): boolean => at % 80 === 7;
  const ours = (isOurs: (at: number) => boolean) => (at: number) => (isOurs(at) ? [`const name${at} = 'ours';`] : []);
  expect(counted('x.ts', file(none, none), file(mine, none), file(none, ours(few)))).toMatchObject({
    clean: false,
    text: file((at) => (few(at) ? [] : mine(at)), ours(few)),
    isLess: true,
  });
  const all = file(
    none,
    ours(() => true),
  );
  expect(counted('x.ts', file(none, none), file(mine, none), all)).toMatchObject({ clean: false, text: all, isLess: true });
  // Twice: of theirs and of ours with the base for the clean merge and for those that favour ours, and of the two for the markers.
  expect(comparisons).toBe(10);
});

test('YAML in which an alias has lost its anchor is not valid', () => {
  const [base, ours] = [text('a: x', 'b: 1', 'c: 1'), text('a: x2', 'b: 1', 'c: 1')];
  const { clean, text: merged } = mergeEdits('action.yml', base, text('a: &k x', 'b: 1', 'c: 2', 'd: *k'), ours);
  expect({ clean, merged }).toEqual({ clean: false, merged: text('a: x2', 'b: 1', 'c: 1') });
  expect(mergeEdits('action.yml', base, text('a: &k x', 'b: 1', 'c: 1', 'd: *k'), base.replace('b: 1', 'b: 2'))).toEqual({
    clean: true,
    text: text('a: &k x', 'b: 2', 'c: 1', 'd: *k'),
  });
});

test('a file in JSON that has a key twice keeps all else of the user', () => {
  const json = (...members: string[]): string => text('{', members.map((one) => `  ${one}`).join(',\n'), '}');
  const base = json('"a": 1', '"b": 1');
  const theirs = json('"a": 1', '"b": 5', '"mine": true', '"b": 1');
  // The last one is the one that counts.
  expect(mergeEdits('x.json', base, theirs, json('"a": 1', '"b": 2'))).toEqual({ clean: true, text: theirs.replace('"b": 1', '"b": 2') });
  expect(mergeEdits('x.json', base, theirs.replace('"b": 1', '"b": 3'), json('"a": 1', '"b": 2'))).toEqual({
    clean: false,
    text: theirs.replace('"b": 1', '"b": 2'),
  });
  expect(mergeEdits('x.json', base, theirs, json('"a": 1'))).toEqual({ clean: true, text: json('"a": 1', '"mine": true') });
});
