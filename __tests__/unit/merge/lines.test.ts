import { mergeLines } from '../../../lib/merge/lines.ts';

test('lines that are missing go to the end, with a blank line in front', () => {
  expect(mergeLines('node_modules\n', ['node_modules', 'dist/']).text).toBe('node_modules\n\ndist/\n');
});

test('a rule without a slash at its end stands for one with it', () => {
  expect(mergeLines('dist\n.venv\n', ['dist/', '.venv/']).text).toBe('dist\n.venv\n');
});

test('a comment that is a rule elsewhere is no rule', () => {
  expect(mergeLines('# dist\n', ['dist']).text).toBe('# dist\n\ndist\n');
});

test('a heading comes along with a line below it, and not without', () => {
  expect(mergeLines('a\n', ['# ours', 'a']).text).toBe('a\n');
  expect(mergeLines('a\n', ['# ours', 'a', 'b']).text).toBe('a\n\nb\n');
  expect(mergeLines('a\n', ['# ours', 'b']).text).toBe('a\n\n# ours\nb\n');
});

test.each([
  ['', 'x\n'],
  [undefined, 'x\n'],
  ['a', 'a\n\nx\n'],
  ['a\n\n', 'a\n\nx\n'],
  ['a\r\nb\r\n', 'a\r\nb\r\n\r\nx\r\n'],
  ['\uFEFFa\n', '\uFEFFa\n\nx\n'],
  ['\uFEFFx\n', '\uFEFFx\n'],
  ['x  \n', 'x  \n'],
])('%j with x becomes %j, and stays so', (before, after) => {
  expect(mergeLines(before, ['x']).text).toBe(after);
  expect(mergeLines(after, ['x']).text).toBe(after);
});
