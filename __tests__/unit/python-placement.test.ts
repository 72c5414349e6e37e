import { pythonPlacement } from '../../lib/read/python-placement.ts';
import { Reader } from '../../lib/read/reader.ts';
import { tree } from '../support/trust-tree.ts';

const placementIn = (files: Record<string, string>): string => pythonPlacement(new Reader(tree(files)));

test('a Python project stands alone beside another manager than uv', () => {
  expect(placementIn({})).toBe('workspace');
  expect(placementIn({ 'setup.py': '' })).toBe('alone');
  expect(placementIn({ 'requirements.txt': '' })).toBe('alone');
  expect(placementIn({ 'pyproject.toml': '[tool.poetry]\nname = "x"\n' })).toBe('alone');
  expect(placementIn({ 'pyproject.toml': '[project]\nname = "x"\n' })).toBe('alone');
  expect(placementIn({ 'pyproject.toml': '[tool.uv]\npackage = false\n' })).toBe('workspace');
  expect(placementIn({ 'pyproject.toml': '[project]\nname = "x"\n', 'uv.lock': '' })).toBe('workspace');
});

test.each([
  ['3.12\n', 'alone'],
  ['# of the team\n3.12.4\n3.13.0\n', 'alone'],
  ['cpython-3.11-linux-x86_64-gnu\n', 'alone'],
  ['pypy3.11\n', 'alone'],
  ['3.13\n', 'workspace'],
  ['3.14.1\n', 'workspace'],
  ['my-environment\n', 'workspace'],
])('a .python-version of %j puts a Python project %s', (pin, placement) => {
  expect(placementIn({ '.python-version': pin })).toBe(placement);
});

test.each([
  ['>=3.12', 'workspace'],
  ['>=3.11,<4', 'workspace'],
  ['>=3.11, <3.14', 'workspace'],
  ['>=3.11,<3.13', 'alone'],
  ['>=3.11,<3.13.0', 'alone'],
  ['>=3.11,<3.13.1', 'workspace'],
  ['<=3.12', 'alone'],
  ['==3.12.*', 'alone'],
  ['==3.13.*', 'workspace'],
  ['~=3.11', 'workspace'],
  ['~=3.12.0', 'alone'],
  ['~=3.13.0', 'workspace'],
])('beside a uv project for Python %s, a Python project stands: %s', (requires, placement) => {
  const root = tree({ 'pyproject.toml': `[project]\nname = "x"\nrequires-python = "${requires}"\n\n[tool.uv]\npackage = false\n` });
  expect(pythonPlacement(new Reader(root))).toBe(placement);
});
