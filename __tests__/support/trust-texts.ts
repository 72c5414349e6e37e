import fc from 'fast-check';

/** Whether a text can be had from another one by insertions alone. */
export function isKept(before: string, after: string): boolean {
  let at = 0;
  for (const character of before) {
    at = after.indexOf(character, at);
    if (at < 0) return false;
    at += character.length;
  }
  return true;
}

/** Lines of a text that another one lacks, each counted as often as it occurs. */
export function lostLines(before: string, after: string): string[] {
  const left = after.split('\n');
  return before.split('\n').filter((line) => {
    const index = left.indexOf(line);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

/** Keys that collide often, and some that are hard to write. */
const keys = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'c', 'paths', 'devDependencies', 'members') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'with space',
      'a.b',
      'quote"d',
      "it's",
      'đơn',
      '#no-comment',
      '',
      '@scope/x',
      ':my-scope/x',
      '123',
      'true',
      'null',
    ),
  },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 6 }) },
);

const scalars = fc.oneof(
  fc.constantFrom(
    'x',
    'packages/*',
    '^1.2.3',
    '# no comment',
    '// no comment',
    'a: b',
    '[',
    '}',
    "it's",
    'say "hi"',
    'back\\slash',
    '',
    ' ',
    'đơn hàng',
    '- x',
    '~',
    'yes',
    '1',
  ),
  fc.integer({ min: -1000, max: 1000 }),
  fc.boolean(),
  fc.string({ maxLength: 12 }),
);

/** Objects of lists, objects and scalars, as a configuration file holds them. */
export const objects = (nulls: boolean): fc.Arbitrary<Record<string, unknown>> =>
  fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      nulls ? fc.oneof(scalars, fc.constant(null)) : scalars,
      tie('list'),
      tie('object'),
    ),
    list: fc.array(tie('value'), { maxLength: 4 }),
    object: fc.dictionary(keys, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  })).object as fc.Arbitrary<Record<string, unknown>>;

/** Draws of a layout: each call gives the next of a list of numbers, over and over. */
export function chooser(draws: readonly number[]): (choices: number) => number {
  let index = 0;
  return (choices) => {
    const draw = draws[index % draws.length] ?? 0;
    index += 1;
    return draw % choices;
  };
}

/** Writes a value as JSON with a layout of its own: comments, trailing commas, one-line and many-line parts, any line ending. */
export function jsonText(value: unknown, draws: readonly number[], eol: string): string {
  const choose = chooser(draws);
  const gap = (): string =>
    ['', ' ', eol, `${eol}  `, `${eol}\t`, ' /* c */ ', ` // "x": { [${eol}`, `${eol}// }${eol}    `][choose(8)] as string;
  const write = (one: unknown): string => {
    if (Array.isArray(one)) return bracketed('[', ']', one.map(write));
    if (typeof one !== 'object' || one === null) return JSON.stringify(one);
    return bracketed(
      '{',
      '}',
      Object.entries(one).map(([key, member]) => `${JSON.stringify(key)}${gap()}:${gap()}${write(member)}`),
    );
  };
  const bracketed = (open: string, close: string, members: string[]): string => {
    const body = members.map((member) => gap() + member + gap()).join(',');
    const comma = members.length > 0 && choose(3) === 0 ? ',' : '';
    return open + body + comma + gap() + close;
  };
  return gap() + write(value) + gap();
}
