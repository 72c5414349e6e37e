import fs from 'node:fs';

/** The operations of `node:fs` that a run uses, so that a test can give it another disk, or one that fails at a given step. */
export type Disk = Pick<
  typeof fs,
  | 'chmodSync'
  | 'chownSync'
  | 'existsSync'
  | 'linkSync'
  | 'lstatSync'
  | 'mkdirSync'
  | 'accessSync'
  | 'copyFileSync'
  | 'readFileSync'
  | 'readdirSync'
  | 'realpathSync'
  | 'renameSync'
  | 'rmSync'
  | 'rmdirSync'
  | 'statSync'
  | 'writeFileSync'
>;

/** The machine's own disk. */
export const realDisk: Disk = fs;

/** Where a file really is, through a symbolic link. */
export const realTarget = (disk: Disk, full: string): string =>
  disk.lstatSync(full, { throwIfNoEntry: false })?.isSymbolicLink() ? disk.realpathSync(full) : full;
