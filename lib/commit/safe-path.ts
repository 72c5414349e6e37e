import { accessSync, constants, lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { BadInput } from '../bad-input.ts';
import { nameFault } from '../names/file-names.ts';

/** Longest name of a file or folder, in bytes of UTF-8, on the file systems in use. */
const longestSegment = 255;
/** Longest path that all systems in use take, in bytes of UTF-8. */
const longestPath = 4000;

/**
 * Checks that files can be written below a folder and nowhere else: relative paths without `..`, no symbolic link that leads outside,
 * folders where folders must be, files where files must be, and the permission to write.
 *
 * Nothing is changed. What is checked can change afterwards; writing checks once more by its own errors.
 *
 * @param root The workspace. It need not exist yet.
 * @param paths Files below it, with `/` between the names.
 * @throws BadInput For the first path that can't be written, in one line.
 */
export function checkPaths(root: string, paths: readonly string[]): void {
  const seen = new Set<string>();
  const folders = new Set<string>();
  for (const path of paths) {
    checkForm(path);
    if (seen.has(path)) throw new BadInput(`The file ${path} is to be written twice: choose other names.`);
    seen.add(path);
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) folders.add(path.slice(0, at));
  }
  const both = [...seen].find((path) => folders.has(path));
  if (both !== undefined) throw new BadInput(`${both} would be a file and a folder: choose another name or directory.`);
  const base = nearestFolder(root);
  // Folders first: their errors say more than those of the files in them.
  for (const folder of [...folders].sort()) checkFolder(root, folder);
  for (const path of seen) checkFile(root, path, base);
}

function checkForm(path: string): void {
  const shown = path.length > 80 ? `${path.slice(0, 77)}...` : path;
  const segments = path.split('/');
  if (path === '' || path.includes('\0')) throw new BadInput(`${JSON.stringify(shown)} is no path of a file.`);
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) throw new BadInput(`${shown} is an absolute path: give one below the workspace.`);
  if (segments.some((one) => one === '' || one === '.' || one === '..') || path.includes('\\')) {
    throw new BadInput(`${JSON.stringify(shown)} leads out of the workspace or is no plain path: give one below it, such as packages.`);
  }
  for (const segment of segments) {
    const fault = nameFault(segment);
    if (fault !== undefined) throw new BadInput(`${shown} can't be written on every system: ${segment} ${fault}. Choose another name.`);
  }
  if (segments.some((one) => Buffer.byteLength(one) > longestSegment)) {
    throw new BadInput(`${shown} holds a name of more than ${longestSegment} bytes: choose a shorter one.`);
  }
  if (Buffer.byteLength(path) > longestPath)
    throw new BadInput(`${shown} is longer than ${longestPath} bytes: choose a shorter directory.`);
}

function checkFolder(root: string, folder: string): void {
  const full = join(root, folder);
  const found = lstat(full);
  if (found === undefined) return;
  if (found.isSymbolicLink()) checkLink(root, folder, full);
  if (!statSync(full).isDirectory())
    throw new BadInput(`${folder} is a file where a folder should be: move it, or choose another directory.`);
}

function checkFile(root: string, path: string, base: string): void {
  const full = join(root, path);
  const found = lstat(full);
  if (found?.isSymbolicLink()) checkLink(root, path, full);
  const target = found === undefined ? undefined : statSync(full);
  if (target?.isDirectory()) throw new BadInput(`${path} is a folder where a file should be: move it, or choose another directory.`);
  if (target !== undefined && !target.isFile()) throw new BadInput(`${path} is no ordinary file: move it, or choose another directory.`);
  const folder = parentThatExists(root, path, base);
  if (!may(folder, constants.W_OK | constants.X_OK)) {
    throw new BadInput(`No permission to write into ${folder}: run as its owner, or choose another folder.`);
  }
  if (target !== undefined && !may(full, constants.W_OK))
    throw new BadInput(`No permission to write ${path}: run as its owner, or make it writable.`);
  if (target !== undefined && !may(full, constants.R_OK))
    throw new BadInput(`No permission to read ${path}: run as its owner, or make it readable.`);
}

function checkLink(root: string, path: string, full: string): void {
  let target: string;
  try {
    target = realpathSync(full);
  } catch {
    throw new BadInput(`${path} is a symbolic link to nothing: remove it, or choose another directory.`);
  }
  const top = realpathSync(root);
  if (target !== top && !target.startsWith(top.endsWith(sep) ? top : top + sep)) {
    throw new BadInput(`${path} is a symbolic link that leads out of the workspace: remove it, or choose another directory.`);
  }
}

function parentThatExists(root: string, path: string, base: string): string {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    const folder = join(root, path.slice(0, at));
    if (lstat(folder) !== undefined) return folder;
  }
  return base;
}

/** The root, or the folder that it would be made in. */
function nearestFolder(root: string): string {
  for (let folder = resolve(root); ; folder = resolve(folder, '..')) {
    let found: Stats | undefined;
    try {
      found = statSync(folder, { throwIfNoEntry: false });
    } catch (error) {
      throw unusable(error, folder);
    }
    if (found?.isDirectory()) return folder;
    if (found !== undefined) throw new BadInput(`${folder} is a file where a folder should be: choose another folder.`);
    if (folder === resolve(folder, '..')) return folder;
  }
}

function lstat(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw unusable(error, path);
  }
}

function unusable(error: unknown, path: string): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOTDIR':
      return new BadInput(`${path} is below a file where a folder should be: move that file, or choose another directory.`);
    case 'ENAMETOOLONG':
      return new BadInput(`The path ${path.slice(0, 60)}... is longer than this system takes: choose a shorter name or directory.`);
    case 'EACCES':
      return new BadInput(`No permission to look into the folder of ${path}: run as its owner, or choose another folder.`);
    case 'ELOOP':
      return new BadInput(`${path} is a symbolic link that leads to itself: remove it, or choose another directory.`);
    default:
      return error;
  }
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
