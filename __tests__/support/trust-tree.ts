import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from './temporary.ts';

/** A new folder with some files, which is gone after the tests of the file. */
export function tree(files: Record<string, string | Buffer> = {}): string {
  const root = temporaryFolder();
  put(root, files);
  return root;
}

/** Writes files into a folder. */
export function put(root: string, files: Record<string, string | Buffer>): void {
  for (const [path, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), contents);
  }
}

export const read = (root: string, path: string): string => readFileSync(join(root, path), 'utf8');

/**
 * All that a folder holds, by path: kind, permission bits and content of each entry. Two trees are the same if and only if these are.
 *
 * @param skip Names of folders that are left out.
 */
export function snapshot(root: string, skip: readonly string[] = []): Map<string, string> {
  const entries = new Map<string, string>();
  const visit = (folder: string): void => {
    for (const name of readdirSync(join(root, folder)).sort()) {
      if (skip.includes(name)) continue;
      const path = folder === '' ? name : `${folder}/${name}`;
      const full = join(root, path);
      const stat = lstatSync(full);
      const mode = (stat.mode & 0o777).toString(8);
      if (stat.isSymbolicLink()) entries.set(path, `link ${readlinkSync(full)}`);
      else if (stat.isDirectory()) {
        entries.set(path, `folder ${mode}`);
        visit(path);
      } else entries.set(path, `file ${mode} ${stat.isFile() ? readFileSync(full).toString('base64') : ''}`);
    }
  };
  visit('');
  return entries;
}

/** One sum for a whole tree. */
export function treeHash(root: string, skip: readonly string[] = []): string {
  const hash = createHash('sha256');
  for (const [path, entry] of snapshot(root, skip)) hash.update(`${path}\0${entry}\0`);
  return hash.digest('hex');
}
