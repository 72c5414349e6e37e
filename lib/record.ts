import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { BadInput } from './bad-input.ts';
import { isObject } from './merge/result.ts';

/** Folder of the records, below the workspace's root. */
export const recordFolder = '.fastapi-lambda';

/** Format of the records that this version writes. */
const format = 1;

/** One file as it was last written. */
export interface RecordedFile {
  /** Text of a file of ours; `undefined` for one that is written once, of which only the name is kept. */
  text: string | undefined;
  /** Permission bits that it was written with. */
  mode: number;
}

/**
 * What was last written for one API, or for what all APIs share. It is the base of the three-way merge, and is committed with the
 * workspace.
 */
export interface WrittenRecord {
  /** By path below the root. */
  files: Map<string, RecordedFile>;
  /** Additions to files that others write too, by path: a sum of each addition that has been made. */
  additions: Map<string, Set<string>>;
  /** npm packages that were added to the root's package.json, with the version that was written last. */
  versions: Map<string, string>;
  /** The packed form of each file as it stood in the record: the same text keeps it, whatever compressor this Node has. */
  packed: Map<string, string>;
}

export const emptyRecord = (): WrittenRecord => ({ files: new Map(), additions: new Map(), versions: new Map(), packed: new Map() });

/** Path of a record below the root. */
export const recordPath = (record: string): string => `${recordFolder}/${record}.json`;

/**
 * Reads a record.
 *
 * @param record An API's name, or `shared`.
 * @throws BadInput When the file is there but is no record, or was edited by hand.
 */
export function readRecord(root: string, record: string): WrittenRecord {
  const path = recordPath(record);
  let text: string;
  try {
    text = readFileSync(join(root, path), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return emptyRecord();
    throw new BadInput(`${path} can't be read (${code}): make it readable, then run again.`);
  }
  return parseRecord(text, path);
}

/** Paths of the files that are known to be written by us, with or without later edits. */
export const recordedPaths = (root: string, record: string): Set<string> => new Set(readRecord(root, record).files.keys());

/** Short sum of a text, to tell an addition or to find an edited record. */
export const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** The text of a record: the same content gives the same bytes, a line for each file. */
export function writeRecord(record: string, content: WrittenRecord): string {
  const subject = record === 'shared' ? 'the files that all APIs share' : `the API ${record}`;
  const files: Record<string, string> = {};
  for (const path of [...content.files.keys()].sort()) {
    const file = content.files.get(path) as RecordedFile;
    const known = content.packed.get(path);
    const kept = known === undefined ? undefined : unpack(known);
    files[path] = known !== undefined && kept?.text === file.text && kept?.mode === file.mode ? known : pack(file);
  }
  const additions: Record<string, string> = {};
  for (const path of [...content.additions.keys()].sort()) {
    additions[path] = [...(content.additions.get(path) as Set<string>)].sort().join(' ');
  }
  const about = `What generator-fastapi-lambda wrote last for ${subject}, against which it merges your edits. Commit it; it is not for editing.`;
  const versions = Object.fromEntries([...content.versions].sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ about, format, files, additions, versions }, null, 2)}\n`;
}

function parseRecord(text: string, path: string): WrittenRecord {
  const broken = new BadInput(`${path} was damaged or edited by hand: restore it from version control, or delete it and run again.`);
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw broken;
  }
  if (!isObject(content) || !isObject(content.files) || !isObject(content.additions)) throw broken;
  if (typeof content.format !== 'number') throw broken;
  if (content.format > format) throw new BadInput(`${path} was written by a newer version of generator-fastapi-lambda: update this one.`);
  const record = emptyRecord();
  for (const [file, packed] of Object.entries(content.files)) {
    const unpacked = typeof packed === 'string' ? unpack(packed) : undefined;
    if (unpacked === undefined) throw broken;
    record.files.set(file, unpacked);
    record.packed.set(file, packed as string);
  }
  for (const [file, sums] of Object.entries(content.additions)) {
    if (typeof sums !== 'string') throw broken;
    record.additions.set(file, new Set(sums.split(' ').filter(Boolean)));
  }
  if (!isObject(content.versions)) throw broken;
  for (const [name, version] of Object.entries(content.versions)) {
    if (typeof version !== 'string') throw broken;
    record.versions.set(name, version);
  }
  return record;
}

/** `644 <sum> <brotli in base64>` for a file of ours, `644 once` for one that is the user's. */
function pack({ text, mode }: RecordedFile): string {
  const bits = (mode & 0o777).toString(8);
  if (text === undefined) return `${bits} once`;
  const bytes = Buffer.from(text, 'utf8');
  const packed = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  return `${bits} ${sumOf(text)} ${packed.toString('base64')}`;
}

function unpack(packed: string): RecordedFile | undefined {
  const [bits = '', sum, body, ...rest] = packed.split(' ');
  if (!/^[0-7]{3}$/.test(bits) || rest.length > 0) return undefined;
  const mode = Number.parseInt(bits, 8);
  if (sum === 'once' && body === undefined) return { text: undefined, mode };
  if (sum === undefined || body === undefined) return undefined;
  try {
    // A few hundred bytes can unpack to gigabytes; a file of ours has some hundred kilobytes at most.
    const text = brotliDecompressSync(Buffer.from(body, 'base64'), { maxOutputLength: 16 * 1024 * 1024 }).toString('utf8');
    return sumOf(text) === sum ? { text, mode } : undefined;
  } catch {
    return undefined;
  }
}
