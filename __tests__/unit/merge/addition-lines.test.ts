import fc from 'fast-check';
import { mergeAddition } from '../../../lib/merge/addition.ts';

const merge = (theirs: string, base?: string, ours?: string) => mergeAddition({ path: '.gitignore', theirs, base, ours });

test.each([
  ['', 'x\n'],
  ['a', 'a\n\nx\n'],
  ['a\n', 'a\n\nx\n'],
  ['a\r\nb\r\n', 'a\r\nb\r\n\r\nx\r\n'],
  ['\uFEFFa\n', '\uFEFFa\n\nx\n'],
  ['# x\n', '# x\n\nx\n'],
])('%j with x becomes %j, stays so, and goes again', (before, after) => {
  expect(merge(before, undefined, 'x\n')).toEqual({ text: after, recorded: 'x\n', notes: [] });
  expect(merge(after, 'x\n', 'x\n')).toEqual({ text: after, recorded: 'x\n', notes: [] });
  expect(merge(after, 'x\n')).toEqual({ text: before === 'a' ? 'a\n' : before, notes: [] });
});

test.each(['x/\n', 'x\n', 'x  \n', '\uFEFFx\n'])('a rule is there already in %j, and is not ours to take out', (theirs) => {
  expect(merge(theirs, undefined, 'x/\n')).toEqual({ text: theirs, notes: [] });
});

test('comments and blank lines of an overlay are passed over', () => {
  expect(merge('', undefined, '# ours\nx\n\n# more\ny\n')).toEqual({ text: 'x\ny\n', recorded: 'x\ny\n', notes: [] });
});

test('a new rule joins ours, one that is not needed any more goes, one that the user took out stays out', () => {
  expect(merge('a\n\nx\ny\n\nb\n', 'x\ny\nz\n', 'y\nz\nw\n')).toEqual({ text: 'a\n\ny\nw\n\nb\n', recorded: 'y\nz\nw\n', notes: [] });
});

test('a rule that takes the place of another one stands there', () => {
  expect(merge('a\nold/\nb\n', 'old/\n', 'new/\n').text).toBe('a\nnew/\nb\n');
});

test('of a rule that is there twice one is the user’s'.replace('’', "'"), () => {
  expect(merge('x\na\n\nx\n', 'x\n').text).toBe('x\na\n');
});

test('whatever is there: no line is lost, a second run changes nothing, and all goes again', () => {
  const rule = fc.constantFrom('a', 'b/', 'c', 'd/', '!e', '# f', '', 'g ');
  const lines = fc.array(rule, { maxLength: 8 });
  fc.assert(
    fc.property(lines, lines, lines, fc.constantFrom('\n', '\r\n'), (there, first, second, eol) => {
      const theirs = there.map((line) => line + eol).join('');
      const [one, two] = [first, second].map((list) => list.join('\n'));
      const added = merge(theirs, undefined, one);
      expect(added.text.startsWith(theirs)).toBe(true);
      expect(merge(added.text, added.recorded, one)).toEqual(added);
      const changed = merge(added.text, added.recorded, two);
      expect(changed.text.split(/\r?\n/).filter(Boolean).sort()).toEqual(
        merge(theirs, undefined, two).text.split(/\r?\n/).filter(Boolean).sort(),
      );
      expect(merge(changed.text, changed.recorded).text).toBe(theirs);
    }),
    { numRuns: 200 },
  );
});
