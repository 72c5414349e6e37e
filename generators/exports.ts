// What other generators compose: each class, and the options that it takes.

export type { AppOptions, ConnectionOptions, ConstructsOptions, IacOptions, RunOptions, UpdateOptions } from '../lib/options/options.ts';
export { default as AppGenerator } from './app/index.ts';
export { default as ConnectionGenerator } from './connection/index.ts';
export { default as ConstructsGenerator } from './constructs/index.ts';
export { default as IacGenerator } from './iac/index.ts';
export { default as UpdateGenerator } from './update/index.ts';
