import fc from 'fast-check';
import { keptNote } from '../../../lib/merge/result.ts';

test('a note on a value that stays names both', () => {
  expect(keptNote(['targetDefaults', 'cache'], false, { on: true })).toBe('keeps targetDefaults.cache = false (ours: {"on":true})');
});

test('of two long values a note shows the part in which they differ, and never two texts that look the same', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), fc.string({ maxLength: 100 }), fc.string({ maxLength: 100 }), (start, a, b) => {
      fc.pre(a !== b);
      const note = keptNote(['x'], `${start}${a}`, `${start}${b}`);
      const shown = note.slice('keeps x = '.length, -1).split(' (ours: ');
      if (shown.length === 2) expect(shown[0]).not.toBe(shown[1]);
      expect(note.length).toBeLessThan(150);
    }),
  );
});
