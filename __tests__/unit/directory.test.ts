import { checkedDirectory } from '../../lib/options/directory.ts';

test.each([
  ['packages', 'packages'],
  ['./apps//apis/', 'apps/apis'],
  ['.', '.'],
])('the directory %s is %s', (value, expected) => {
  expect(checkedDirectory(value, '--directory')).toBe(expected);
});

test.each([
  ...['/etc', 'C:\\x', '../x', 'a/../../x', 'node_modules', 'a/.git', 'a b', '<%= x %>', 'x'.repeat(201)],
  ...['.GIT/hooks', 'a/.Git', 'packages/con', 'aux.d', 'a./b', 'packages/Dist', 'build', '.venv', '.Fastapi-Lambda'],
])('the directory %s is refused', (value) => {
  expect(() => checkedDirectory(value, '--directory')).toThrow(/^--directory is .*instance packages\.$/);
});
