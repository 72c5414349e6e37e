import { mergeExports } from '../../../lib/merge/exports.ts';

const ours = "export * from './my-api.js';";

test.each([
  [undefined, `${ours}\n`],
  ['', `${ours}\n`],
  ["export * from './a.js';\n", `export * from './a.js';\n${ours}\n`],
  ["export * from './a.js';", `export * from './a.js';\n${ours}\n`],
  ['export * from "./a.js"\r\n', 'export * from "./a.js"\r\nexport * from "./my-api.js"\r\n'],
  [`// ${ours}\n`, `// ${ours}\n${ours}\n`],
  [`/*\n${ours}\n*/\n`, `/*\n${ours}\n*/\n${ours}\n`],
  ["export * as api from './my-api.js';\n", `export * as api from './my-api.js';\n${ours}\n`],
])('%j becomes %j, and stays so', (before, after) => {
  expect(mergeExports(before, ours).text).toBe(after);
  expect(mergeExports(after, ours).text).toBe(after);
});

test.each(["export * from './my-api.js';\n", 'export * from "./my-api.js"\n', "  export * from './my-api.js' // mine\n"])(
  'an export in any style is there already: %j',
  (before) => {
    expect(mergeExports(before, ours).text).toBe(before);
  },
);
