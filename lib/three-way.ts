export * from './merge/three-way.ts';
