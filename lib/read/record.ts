import { createHash } from 'node:crypto';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { BadInput } from '../bad-input.ts';
import { isObject } from '../merge/result.ts';
import type { Reader } from './reader.ts';

/** Folder of the records, below the workspace's root. */
export const recordFolder = '.fastapi-lambda';

const format = 2;

/** What was last written into one file. */
export interface RecordedFile {
  /**
   * The text as we wrote it, with `\n` as its line ending; `undefined` for a file that is written once, of which only the name is kept,
   * and for one of ours that was kept when this was not known.
   */
  text: string | undefined;
  /** Permission bits that it was written with. */
  mode: number;
}

/**
 * What was last written for one API, or for what all APIs share: the base of the three-way merge, committed with the workspace.
 */
export interface WrittenRecord {
  /** Whether it was there when the run began. */
  isThere: boolean;
  /** Files of ours, by path below the root. */
  files: ReadonlyMap<string, RecordedFile>;
  /** What was added to files of others, in the file's own format, by path. */
  additions: ReadonlyMap<string, string>;
  /** The packed form of each text as it stood in the record: the same text keeps it, whatever compressor this Node has. */
  packed: ReadonlyMap<string, string>;
}

/** Path of a record below the root. */
export const recordPath = (record: string): string => `${recordFolder}/${record}.json`;

/** Names of the records that are there. */
export function recordNames(reader: Reader): string[] {
  try {
    const names = reader.disk.readdirSync(`${reader.root}/${recordFolder}`) as string[];
    return names.flatMap((name) => /^([a-z][a-z0-9-]*)\.json$/.exec(name)?.[1] ?? []).sort();
  } catch {
    return [];
  }
}

/**
 * Reads a record; one that is not there is empty.
 *
 * @param record An API's name, or `shared`.
 * @throws BadInput When the file is there but is no record, or was edited by hand.
 */
export function readRecord(reader: Reader, record: string): WrittenRecord {
  const path = recordPath(record);
  const text = reader.text(path);
  return text === undefined ? { isThere: false, files: new Map(), additions: new Map(), packed: new Map() } : parseRecord(text, path);
}

/** The text of a record: the same content gives the same bytes, a line for each file. */
export function writeRecord(record: string, content: WrittenRecord): string {
  const subject = record === 'shared' ? 'the files that all APIs share' : `the API ${record}`;
  const about = `What generator-fastapi-lambda wrote last for ${subject}, against which it merges your edits. Commit it; it is not for editing.`;
  const files = sorted(content.files, ({ text, mode }, path) => {
    const bits = (mode & 0o777).toString(8);
    return text === undefined ? `${bits} once` : `${bits} ${packOf(text, content.packed.get(path))}`;
  });
  const additions = sorted(content.additions, (text, path) => packOf(text, content.packed.get(path)));
  return `${JSON.stringify({ about, format, files, additions }, null, 2)}\n`;
}

function sorted<T>(map: ReadonlyMap<string, T>, write: (value: T, path: string) => string): Record<string, string> {
  return Object.fromEntries([...map.keys()].sort().map((path) => [path, write(map.get(path) as T, path)]));
}

function parseRecord(text: string, path: string): WrittenRecord {
  const broken = new BadInput(`${path} was damaged or edited by hand: restore it from version control, or delete it and run again.`);
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw broken;
  }
  if (!isObject(content) || typeof content.format !== 'number') throw broken;
  if (content.format > format) throw new BadInput(`${path} was written by a newer version of generator-fastapi-lambda: update this one.`);
  if (!isObject(content.files) || !isObject(content.additions)) throw broken;
  const files = new Map<string, RecordedFile>();
  const additions = new Map<string, string>();
  const packed = new Map<string, string>();
  for (const [file, entry] of Object.entries(content.files)) {
    const [, bits, rest] = /^([0-7]{3}) (.+)$/.exec(typeof entry === 'string' ? entry : '') ?? [];
    if (bits === undefined || rest === undefined) throw broken;
    const mode = Number.parseInt(bits, 8);
    if (rest === 'once') files.set(file, { text: undefined, mode });
    else {
      const unpacked = unpack(rest);
      if (unpacked === undefined) throw broken;
      files.set(file, { text: unpacked, mode });
      packed.set(file, rest);
    }
  }
  for (const [file, entry] of Object.entries(content.additions)) {
    const unpacked = typeof entry === 'string' ? unpack(entry) : undefined;
    if (unpacked === undefined) throw broken;
    additions.set(file, unpacked);
    packed.set(file, entry as string);
  }
  return { isThere: true, files, additions, packed };
}

/** Short sum of a text, to find a record that was edited. */
const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** `<sum> <deflated, in base64>`; the known form, where it stands for the same text. */
function packOf(text: string, known: string | undefined): string {
  const sum = sumOf(text);
  if (known?.startsWith(`${sum} `)) return known;
  return `${sum} ${deflateRawSync(text, { level: constants.Z_BEST_COMPRESSION }).toString('base64')}`;
}

function unpack(packed: string): string | undefined {
  const [sum, body, ...rest] = packed.split(' ');
  if (sum === undefined || body === undefined || rest.length > 0) return undefined;
  try {
    // A few hundred bytes can unpack to gigabytes; a file of ours has some hundred kilobytes at most.
    const text = inflateRawSync(Buffer.from(body, 'base64'), { maxOutputLength: 16 * 1024 * 1024 }).toString('utf8');
    return sumOf(text) === sum ? text : undefined;
  } catch {
    return undefined;
  }
}
