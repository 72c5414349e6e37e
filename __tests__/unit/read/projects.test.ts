import { findProjects } from '../../../lib/read/projects.ts';
import { Reader } from '../../../lib/read/reader.ts';
import { tree } from '../../support/trust-tree.ts';

const nameOf = (file: string, text: string): string | undefined =>
  [...findProjects(new Reader(tree({ [`libs/one/${file}`]: text }))).keys()][0];

test.each([
  ['as it is usually written', '[project]\nname = "orders"\nversion = "0.1.0"\n'],
  [
    'below other keys, a comment and an empty line',
    '[build-system]\nrequires = ["x"]\n\n[project]\n# Ours.\nversion = "1"\n\nname="orders"\n',
  ],
  ['with Windows line endings and a byte order mark', '\uFEFF[project]\r\nversion = "1"\r\nname = "orders"\r\n'],
  ['in single quotes', "[project]\nname = 'orders'\n"],
  ['behind a list of several lines', '[project]\ndependencies = [\n  "fastapi",\n]\nname = "orders"\n'],
  ['as a dotted key', 'project.name = "orders"\n'],
  ['with what only looks like it in a text above', '[tool.x]\ntext = """\n[project]\nname = "wrong"\n"""\n\n[project]\nname = "orders"\n'],
  ['with another name in a table below', '[project]\nversion = "1"\nname = "orders"\n\n[tool.x]\nname = "wrong"\n'],
])('the name of a Python project is found %s', (_, text) => {
  expect(nameOf('pyproject.toml', text)).toBe('orders');
});

test.each([
  ['no name', '[project]\nversion = "1"\n\n[tool.x]\nname = "wrong"\n'],
  ['no project', '[tool.x]\nname = "wrong"\n'],
  ['no TOML', '[project\nname = "wrong"\n'],
])('there is none in a file with %s', (_, text) => {
  expect(nameOf('pyproject.toml', text)).toBeUndefined();
});

test.each(['null', '[]', '{ "name": 1 }', '{'])('nor in a package.json of %s', (text) => {
  expect(nameOf('package.json', text)).toBeUndefined();
});
