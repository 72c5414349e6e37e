import { mergeAddition } from '../../../lib/merge/addition.ts';

const line = "export * from './my-api.js';\n";
const merge = (theirs: string, base?: string, ours?: string) => mergeAddition({ path: 'src/index.ts', theirs, base, ours });

test.each([
  ['', line],
  ["export * from './a.js';\n", `export * from './a.js';\n${line}`],
  ['export * from "./a.js"\r\n', 'export * from "./a.js"\r\nexport * from "./my-api.js"\r\n'],
  ['import "./a.js";\n', 'import "./a.js";\nexport * from "./my-api.js";\n'],
  [`// ${line}`, `// ${line}${line}`],
  [`/*\n${line}*/\n`, `/*\n${line}*/\n${line}`],
  ["export * as api from './my-api.js';\n", `export * as api from './my-api.js';\n${line}`],
])('%j becomes %j, stays so, and goes again', (before, after) => {
  expect(merge(before, undefined, line)).toEqual({ text: after, recorded: line, notes: [] });
  expect(merge(after, line, line)).toEqual({ text: after, recorded: line, notes: [] });
  expect(merge(after, line)).toEqual({ text: before, notes: [] });
});

test('a line is put on a line of its own', () => {
  expect(merge("export * from './a.js';", undefined, line).text).toBe(`export * from './a.js';\n${line}`);
});

test.each([line, 'export * from "./my-api.js"\n', "  export * from './my-api.js' // mine\n"])(
  'an export in any style is there: %j',
  (theirs) => {
    expect(merge(theirs, undefined, line)).toEqual({ text: theirs, notes: [] });
  },
);

test('a new export joins ours, and one that the user took out stays out', () => {
  const base = `${line}export * from './b.js';\n`;
  expect(merge(`${line}const x = 1;\n`, base, `${base}export * from './c.js';\n`)).toEqual({
    text: `${line}export * from './c.js';\nconst x = 1;\n`,
    recorded: `${base}export * from './c.js';\n`,
    notes: [],
  });
});

test('an export with a comment of the user beside it does not go, and that is told', () => {
  const theirs = line.replace('\n', ' // mine\n');
  expect(merge(theirs, line)).toEqual({
    text: theirs,
    notes: ['keeps the export of ./my-api.js, whose line was changed here: nothing that is generated needs it any more'],
  });
});
