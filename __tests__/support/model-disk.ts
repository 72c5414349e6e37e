import { posix } from 'node:path';
import type { Disk } from '../../lib/read/disk.ts';

interface FileNode {
  kind: 'file';
  bytes: Buffer;
  mode: number;
  mtimeMs: number;
}

interface FolderNode {
  kind: 'folder';
  entries: Map<string, Node>;
  mode: number;
  mtimeMs: number;
}

type Node = FileNode | FolderNode;

/** A kill of the process: no operation of its disk does anything afterwards. */
export class Killed extends Error {}

/** An error as `node:fs` throws it; without a stack, since most of them are caught where a file may be missing. */
function failure(code: string, path: string): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = Object.assign(new Error(`${code}: ${path}`), { code, path });
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}

/**
 * A disk in memory with what a commit relies on of a real one: `rename` replaces a file, and a folder only where that is empty; a hard
 * link is the same file under a second name; `wx` refuses a file that is there. There are no symbolic links, and permissions hold
 * nobody back. `model-disk.test.ts` compares it with the machine's own disk.
 */
export class MemoryDisk {
  #top: FolderNode;

  constructor(top: FolderNode = folderNode()) {
    this.#top = top;
  }

  /** Another disk of the same content; hard links part ways. */
  clone(): MemoryDisk {
    return new MemoryDisk(copied(this.#top) as FolderNode);
  }

  /** Texts of all files below a folder, by their paths from there. */
  files(root: string): Map<string, string> {
    const found = new Map<string, string>();
    const visit = (node: Node | undefined, path: string): void => {
      if (node?.kind === 'file') found.set(path, node.bytes.toString('utf8'));
      else for (const [name, entry] of node?.entries ?? []) visit(entry, path === '' ? name : `${path}/${name}`);
    };
    visit(this.#find(root), '');
    return found;
  }

  /** The text of one file. */
  text(full: string): string | undefined {
    const node = this.#find(full);
    return node?.kind === 'file' ? node.bytes.toString('utf8') : undefined;
  }

  /** Writes a file as an editor does, with the folders that it needs. */
  put(full: string, text: string): void {
    const folder = posix.dirname(full);
    if (folder !== full && this.#find(folder) === undefined) this.#makeFolders(folder);
    this.writeFileSync(full, text);
  }

  readonly existsSync = (path: string): boolean => this.#find(path) !== undefined;

  readonly statSync = (path: string, options?: { throwIfNoEntry?: boolean }) => {
    const node = this.#find(path);
    if (node === undefined) {
      if (options?.throwIfNoEntry === false && !this.#isBelowFile(path)) return undefined;
      throw this.#missing(path);
    }
    return {
      mode: node.mode | (node.kind === 'file' ? 0o100000 : 0o040000),
      mtimeMs: node.mtimeMs,
      uid: 0,
      gid: 0,
      isFile: () => node.kind === 'file',
      isDirectory: () => node.kind === 'folder',
      isSymbolicLink: () => false,
    };
  };

  readonly lstatSync = this.statSync;

  readonly realpathSync = (path: string): string => {
    this.#there(path);
    return posix.resolve(path);
  };

  readonly accessSync = (path: string): void => void this.#there(path);

  readonly readFileSync = (path: string, encoding?: BufferEncoding): string | Buffer => {
    const node = this.#there(path);
    if (node.kind === 'folder') throw failure('EISDIR', path);
    return encoding ? node.bytes.toString(encoding) : Buffer.from(node.bytes);
  };

  readonly readdirSync = (path: string, options?: { withFileTypes?: boolean }) => {
    const node = this.#there(path);
    if (node.kind === 'file') throw failure('ENOTDIR', path);
    const names = [...node.entries.keys()].sort();
    if (!options?.withFileTypes) return names;
    return names.map((name) => {
      const kind = node.entries.get(name)?.kind;
      return { name, isDirectory: () => kind === 'folder', isFile: () => kind === 'file', isSymbolicLink: () => false };
    });
  };

  readonly writeFileSync = (path: string, contents: string | Buffer, options?: { flag?: string; mode?: number }): void => {
    const { folder, name } = this.#place(path);
    const there = folder.entries.get(name);
    if (there?.kind === 'folder') throw failure('EISDIR', path);
    if (there !== undefined && options?.flag === 'wx') throw failure('EEXIST', path);
    const bytes = Buffer.from(contents as Buffer);
    if (there === undefined) {
      folder.entries.set(name, { kind: 'file', bytes, mode: options?.mode ?? 0o644, mtimeMs: Date.now() });
      folder.mtimeMs = Date.now();
    } else Object.assign(there, { bytes, mtimeMs: Date.now() });
  };

  readonly chmodSync = (path: string, mode: number): void => {
    this.#there(path).mode = mode & 0o7777;
  };

  readonly chownSync = (path: string): void => void this.#there(path);

  readonly mkdirSync = (path: string): void => {
    const { folder, name } = this.#place(path);
    if (folder.entries.has(name)) throw failure('EEXIST', path);
    folder.entries.set(name, folderNode());
    folder.mtimeMs = Date.now();
  };

  readonly linkSync = (from: string, to: string): void => {
    const node = this.#there(from);
    if (node.kind === 'folder') throw failure('EPERM', from);
    const { folder, name } = this.#place(to);
    if (folder.entries.has(name)) throw failure('EEXIST', to);
    folder.entries.set(name, node);
  };

  readonly copyFileSync = (from: string, to: string): void => {
    const node = this.#there(from);
    if (node.kind === 'folder') {
      // Node.js opens both, finds nothing to read, and deletes the file that it was to fill.
      if (this.#find(to)?.kind === 'file') this.rmSync(to);
      throw failure('EISDIR', from);
    }
    this.writeFileSync(to, node.bytes);
    this.#there(to).mode = node.mode;
  };

  readonly renameSync = (from: string, to: string): void => {
    const node = this.#there(from);
    const source = this.#place(from);
    const target = this.#place(to);
    const there = target.folder.entries.get(target.name);
    if (node.kind === 'folder' && posix.resolve(to).startsWith(`${posix.resolve(from)}/`)) throw failure('EINVAL', from);
    // Two names of one file: nothing happens, as POSIX has it.
    if (there === node) return;
    if (there?.kind === 'folder') {
      if (node.kind === 'file') throw failure('EISDIR', to);
      if (there.entries.size > 0) throw failure('ENOTEMPTY', to);
    } else if (there !== undefined && node.kind === 'folder') throw failure('ENOTDIR', to);
    source.folder.entries.delete(source.name);
    target.folder.entries.set(target.name, node);
    source.folder.mtimeMs = Date.now();
    target.folder.mtimeMs = Date.now();
  };

  readonly rmdirSync = (path: string): void => {
    const node = this.#there(path);
    if (node.kind === 'file') throw failure('ENOTDIR', path);
    if (node.entries.size > 0) throw failure('ENOTEMPTY', path);
    this.#unlink(path);
  };

  readonly rmSync = (path: string, options: { recursive?: boolean; force?: boolean } = {}): void => {
    const node = this.#find(path);
    if (node === undefined) {
      if (options.force && !this.#isBelowFile(path)) return;
      throw this.#missing(path);
    }
    if (node.kind === 'folder' && !options.recursive) throw failure('ERR_FS_EISDIR', path);
    this.#unlink(path);
  };

  #unlink(path: string): void {
    const { folder, name } = this.#place(path);
    folder.entries.delete(name);
    folder.mtimeMs = Date.now();
  }

  #makeFolders(path: string): void {
    if (this.#find(posix.dirname(path)) === undefined) this.#makeFolders(posix.dirname(path));
    this.mkdirSync(path);
  }

  #find(path: string): Node | undefined {
    let node: Node = this.#top;
    for (const name of posix.resolve(path).split('/')) {
      if (name === '') continue;
      const next: Node | undefined = node.kind === 'folder' ? node.entries.get(name) : undefined;
      if (next === undefined) return undefined;
      node = next;
    }
    return node;
  }

  #there(path: string): Node {
    const node = this.#find(path);
    if (node === undefined) throw this.#missing(path);
    return node;
  }

  #missing(path: string): Error {
    return failure(this.#isBelowFile(path) ? 'ENOTDIR' : 'ENOENT', path);
  }

  #place(path: string): { folder: FolderNode; name: string } {
    const folder = this.#there(posix.dirname(posix.resolve(path)));
    if (folder.kind === 'file') throw failure('ENOTDIR', path);
    return { folder, name: posix.basename(path) };
  }

  #isBelowFile(path: string): boolean {
    for (let full = posix.dirname(posix.resolve(path)); full !== '/'; full = posix.dirname(full)) {
      if (this.#find(full)?.kind === 'file') return true;
    }
    return false;
  }
}

const folderNode = (): FolderNode => ({ kind: 'folder', entries: new Map(), mode: 0o755, mtimeMs: Date.now() });

function copied(node: Node): Node {
  if (node.kind === 'file') return { ...node };
  return { ...node, entries: new Map([...node.entries].map(([name, entry]) => [name, copied(entry)])) };
}

/** A memory disk as the type that the generator works on. */
export const asDisk = (disk: MemoryDisk): Disk => disk as unknown as Disk;

/** The operations that change a disk. */
const changing = ['chmodSync', 'chownSync', 'copyFileSync', 'linkSync', 'mkdirSync', 'renameSync', 'rmSync', 'rmdirSync', 'writeFileSync'];

export interface Fault {
  /** Which of the changing operations fails, from 0 on. */
  at: number;
  /** A kill: it does half of what it should, where it can, and nothing works from then on. Otherwise the code of an error that comes once. */
  code?: string;
}

/** A disk that fails at one of its changing operations; `count` is how many there were. */
export function failing(disk: Disk, { at, code }: Fault): { disk: Disk; count: () => number } {
  let count = 0;
  let isDead = false;
  const wrapped = Object.entries(disk).map(([name, operation]): [string, unknown] => [
    name,
    (...args: unknown[]) => {
      if (isDead) throw new Killed();
      const act = operation as (...args: unknown[]) => unknown;
      if (!changing.includes(name)) return act(...args);
      count += 1;
      if (count - 1 !== at) return act(...args);
      if (code !== undefined) throw failure(code, String(args[0]));
      isDead = true;
      half(disk, name, args);
      throw new Killed();
    },
  ]);
  return { disk: Object.fromEntries(wrapped) as unknown as Disk, count: () => count };
}

/** What a kill in the middle leaves of operations that are more than one step. */
function half(disk: Disk, name: string, args: unknown[]): void {
  const path = String(args[0]);
  if (name === 'writeFileSync') {
    const text = args[1] as string | Buffer;
    disk.writeFileSync(path, text.slice(0, text.length / 2), args[2] as object);
  } else if (name === 'copyFileSync') {
    const bytes = disk.readFileSync(path) as Buffer;
    disk.writeFileSync(String(args[1]), bytes.subarray(0, bytes.length / 2));
  } else if (name === 'rmSync' && disk.statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    // The order of a folder's entries is the file system's: any half of them may be gone.
    const names = (disk.readdirSync(path) as string[]).sort().reverse();
    for (const entry of names.slice(0, Math.ceil(names.length / 2))) disk.rmSync(`${path}/${entry}`, { recursive: true, force: true });
  }
}
