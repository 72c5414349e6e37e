export * from './merge/three-way-json.ts';
