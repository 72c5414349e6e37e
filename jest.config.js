// `npm test` runs `unit` and `workspace`; the other areas under __tests__/verify take minutes each and run through `npm run verify`.
const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  // Sources import each other as `./x.ts`, which ts-jest's compiler rewrites to `./x.js` on the way out.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig: 'tsconfig.json' }] },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.cache/', '<rootDir>/templates/'],
};

const area = (name) => ({
  ...common,
  displayName: name,
  testMatch: [`<rootDir>/__tests__/verify/${name}/**/*.test.ts`],
});

export default {
  // A guard against what hangs, and no measure: on a busy machine a test that takes one second may take thirty.
  testTimeout: 120_000,
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/__tests__/*.test.ts', '<rootDir>/__tests__/unit/**/*.test.ts'] },
    area('workspace'),
    area('runtime'),
    area('cdk'),
    area('terraform'),
    area('trust'),
    area('connection'),
  ],
};
