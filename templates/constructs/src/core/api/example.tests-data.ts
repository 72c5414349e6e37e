import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { ApiMetadata } from './utils.js';

const bundle = mkdtempSync(join(tmpdir(), 'bundle-'));
writeFileSync(join(bundle, 'run.sh'), '');
after(() => rmSync(bundle, { recursive: true }));

const responses = { 200: { description: 'Success' } };

/** An API with an operation that streams and one that does not, for the tests of these constructs. */
export const example: ApiMetadata<'listItems' | 'watchItems'> = {
  api: {
    title: 'Example',
    version: '1.0.0',
    module: 'example',
    runtime: 'python3.13',
    architecture: 'arm64',
    serviceName: 'example',
  },
  bundle,
  operations: {
    listItems: {
      operationId: 'list_items',
      method: 'GET',
      path: '/items',
      gatewayPath: '/items',
      streaming: false,
    },
    watchItems: {
      operationId: 'watch_items',
      method: 'GET',
      path: '/watch',
      gatewayPath: '/watch',
      streaming: true,
    },
  },
  skeleton: {
    openapi: '3.0.1',
    info: { title: 'Example', version: '1.0.0' },
    paths: {
      '/items': { get: { operationId: 'listItems', parameters: [], responses } },
      '/watch': { get: { operationId: 'watchItems', parameters: [], responses } },
    },
  },
};
