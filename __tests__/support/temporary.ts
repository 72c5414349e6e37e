import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];

/**
 * A new empty folder, which is gone after the tests of the file.
 *
 * @param inside Name of a folder in it that is given instead, for tests in which the name counts.
 */
export function temporaryFolder(inside?: string): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'fastapi-lambda-')));
  made.push(folder);
  if (inside === undefined) return folder;
  mkdirSync(join(folder, inside));
  return join(folder, inside);
}

afterAll(() => {
  // A server that has just been stopped may still write.
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});
