export * from './app/index.js';
export * from './core/application-checks.js';
export * from './core/user-pool.js';
