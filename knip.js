import process from 'node:process';

// The command is bundled: what it alone imports has to be there when the package is built, not where it is installed.
const bundled = process.argv.includes('--production') ? ['@yeoman/adapter', 'commander', 'yeoman-environment'] : [];

export default {
  entry: ['cli.ts!', 'generators/*/index.ts!', 'scripts/*.mjs', 'bench/rows/*.mjs', 'bench/rows/*-table.ts'],
  project: ['generators/**/*.ts!', 'lib/**/*.ts!', 'scripts/*.mjs', 'bench/**/*.{mjs,ts}', '__tests__/**/*.ts'],
  exclude: ['types'],
  ignoreDependencies: ['@arethetypeswrong/cli', 'cdk-nag', 'publint', 'yo', ...bundled],
  ignoreBinaries: ['uv', 'terraform', 'strace', 'go', 'apt-get'],
  ignoreExportsUsedInFile: true,
  ignore: ['__tests__/verify/connection/website/**'],
};
