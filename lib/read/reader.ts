import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import { BadInput } from '../bad-input.ts';
import { type Disk, realDisk } from './disk.ts';

/** A file as a run found it. */
export interface FoundFile {
  bytes: Buffer;
  /** Its text, byte order mark included; `undefined` where the bytes are no UTF-8. */
  text: string | undefined;
  /** Permission bits. */
  mode: number;
  /** It is not like this on the disk: another generator of the run has written it. */
  isPending: boolean;
}

/** What other generators of the run have made of files, by path: the new bytes, `null` for a deleted one. */
export interface Pending {
  get(path: string): Buffer | null | undefined;
  keys(): Iterable<string>;
}

/** What lies in a folder. */
export interface Entry {
  name: string;
  isFolder: boolean;
}

/**
 * Reads files of one workspace, each at most once: what was read first holds for the whole run, and is what the commit compares the disk
 * with.
 */
export class Reader {
  readonly root: string;
  readonly disk: Disk;
  readonly #pending: Pending;
  readonly #onDisk = new Map<string, FoundFile | undefined>();

  constructor(root: string, disk: Disk = realDisk, pending: Pending = new Map()) {
    this.root = root;
    this.disk = disk;
    this.#pending = pending;
  }

  /**
   * A file as the run sees it: what other generators have written counts as there, what they have deleted does not.
   *
   * @throws BadInput When it is there and can't be read.
   */
  file(path: string): FoundFile | undefined {
    const there = this.onDisk(path);
    const pending = this.#pending.get(path);
    if (pending === undefined) return there;
    return pending === null ? undefined : { ...found(pending, there?.mode ?? 0o644), isPending: true };
  }

  /** A file as it was on the disk when it was first asked for. */
  onDisk(path: string): FoundFile | undefined {
    if (!this.#onDisk.has(path)) this.#onDisk.set(path, this.#read(path));
    return this.#onDisk.get(path);
  }

  /** The text of a file; `undefined` where there is none. Bytes that are no UTF-8 are read as well as they can be. */
  text(path: string): string | undefined {
    const file = this.file(path);
    return file && (file.text ?? file.bytes.toString('utf8'));
  }

  /** Whether there is a file or a folder. */
  exists(path: string): boolean {
    const pending = this.#pending.get(path);
    return pending === undefined ? this.disk.existsSync(join(this.root, path)) : pending !== null;
  }

  /** What lies in a folder, what other generators have written included; nothing where there is no folder. Links are no folders. */
  entries(folder: string): Entry[] {
    const found = new Map(this.#listed(folder).map((entry) => [entry.name, entry]));
    const start = folder === '' || folder === '.' ? '' : `${folder}/`;
    for (const path of this.#pending.keys()) {
      if (!path.startsWith(start)) continue;
      const [name = '', ...below] = path.slice(start.length).split('/');
      const pending = this.#pending.get(path);
      if (pending === undefined) continue;
      if (pending !== null) found.set(name, { name, isFolder: below.length > 0 });
      else if (below.length === 0) found.delete(name);
    }
    return [...found.values()];
  }

  #listed(folder: string): Entry[] {
    try {
      const entries = this.disk.readdirSync(join(this.root, folder), { withFileTypes: true }) as Dirent[];
      return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
    } catch {
      return [];
    }
  }

  #read(path: string): FoundFile | undefined {
    const full = join(this.root, path);
    try {
      const bytes = this.disk.readFileSync(full) as Buffer;
      return found(bytes, this.disk.statSync(full).mode & 0o777);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      if (code === 'EISDIR') throw new BadInput(`${path} is a folder where a file should be: move it, or choose another directory.`);
      if (code === 'EACCES') throw new BadInput(`No permission to read ${path}: run as its owner, or make it readable.`);
      throw new BadInput(`${path} can't be read (${code}): mend it, then run again.`);
    }
  }
}

function found(bytes: Buffer, mode: number): FoundFile {
  // Read as it is: a decoder that drops the byte order mark would lose it on the way back.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return { bytes, text: Buffer.from(text, 'utf8').equals(bytes) ? text : undefined, mode, isPending: false };
}
