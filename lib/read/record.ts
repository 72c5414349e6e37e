import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
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
  /** What runs that were killed may have written since: the file may have any of these texts. */
  also?: readonly string[];
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
  /** What runs that were killed may have added since, and what the user was told to add. */
  alsoAdded: ReadonlyMap<string, readonly string[]>;
  /** The packed form of each text, by its sum: the same text keeps it, whatever compressor this Node has. */
  packed: ReadonlyMap<string, string>;
}

/** Path of a record below the root. */
export const recordPath = (record: string): string => `${recordFolder}/${record}.json`;

/** Name of the record at a path. */
export const recordName = (path: string): string => path.slice(recordFolder.length + 1, -'.json'.length);

/** Names of the records that are there. */
export const recordNames = (reader: Reader): string[] =>
  reader
    .entries(recordFolder)
    .flatMap(({ name }) => /^([a-z][a-z0-9-]*)\.json$/.exec(name)?.[1] ?? [])
    .sort();

/**
 * Reads a record; one that is not there is empty.
 *
 * @param record An API's name, or `shared`.
 * @throws BadInput When the file is there but is no record, or was edited by hand.
 */
export function readRecord(reader: Reader, record: string): WrittenRecord {
  const path = recordPath(record);
  const text = reader.text(path);
  return text === undefined ? emptyRecord() : parseRecord(text, path);
}

export const emptyRecord = (): WrittenRecord => ({
  isThere: false,
  files: new Map(),
  additions: new Map(),
  alsoAdded: new Map(),
  packed: new Map(),
});

/** What may have been added to a file of others: what the last run added, what runs that were killed may have, and what was told. */
export const addedTo = ({ additions, alsoAdded }: WrittenRecord, path: string): string[] =>
  [additions.get(path) ?? '', ...(alsoAdded.get(path) ?? [])].filter((text) => text !== '');

/** The text of a record: the same content gives the same bytes, a line for each file. */
export function writeRecord(record: string, content: WrittenRecord): string {
  const subject = record === 'shared' ? 'the files that all APIs share' : `the API ${record}`;
  const about = `What generator-fastapi-lambda wrote last for ${subject}, against which it merges your edits. Commit it; it is not for editing.`;
  const packed = (texts: readonly (string | undefined)[]): string =>
    texts.map((text) => (text === undefined ? 'once' : packOf(text, content.packed))).join(' ');
  const files = sorted(content.files, ({ text, mode, also = [] }) => `${(mode & 0o777).toString(8)} ${packed([text, ...also])}`);
  const additions = sorted(content.additions, (text, path) => packed([text, ...(content.alsoAdded.get(path) ?? [])]));
  return `${JSON.stringify({ about, format, files, additions }, null, 2)}\n`;
}

function sorted<T>(map: ReadonlyMap<string, T>, write: (value: T, path: string) => string): Record<string, string> {
  return Object.fromEntries([...map.keys()].sort().map((path) => [path, write(map.get(path) as T, path)]));
}

function parseRecord(text: string, path: string): WrittenRecord {
  const broken = new BadInput(
    `${path} was damaged or edited by hand, or two branches met in it: take it from version control, either side of a merge, then run again.`,
  );
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
  const alsoAdded = new Map<string, readonly string[]>();
  const packed = new Map<string, string>();
  const texts = (entry: string): [string, ...string[]] => {
    const parts = entry.split(' ');
    const found: string[] = [];
    for (let at = 0; at < parts.length; at += 2) {
      const [sum = '', body = ''] = parts.slice(at, at + 2);
      const unpacked = unpack(sum, body);
      if (unpacked === undefined) throw broken;
      packed.set(sum, body);
      found.push(unpacked);
    }
    return found as [string, ...string[]];
  };
  for (const [file, entry] of Object.entries(content.files)) {
    const [, bits, rest] = /^([0-7]{3}) (.+)$/.exec(typeof entry === 'string' ? entry : '') ?? [];
    if (bits === undefined || rest === undefined) throw broken;
    const mode = Number.parseInt(bits, 8);
    const known = rest.replace(/^once ?/, '');
    const [text, ...also] = rest === 'once' ? [undefined] : rest === known ? texts(rest) : [undefined, ...texts(known)];
    files.set(file, { text, mode, ...(also.length > 0 ? { also } : {}) });
  }
  for (const [file, entry] of Object.entries(content.additions)) {
    if (typeof entry !== 'string') throw broken;
    const [text, ...also] = texts(entry);
    additions.set(file, text);
    if (also.length > 0) alsoAdded.set(file, also);
  }
  return { isThere: true, files, additions, alsoAdded, packed };
}

/** Short sum of a text, to find a record that was edited. */
const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** What was packed by this process: a run writes each record more than once. */
const packs = new Map<string, { sum: string; body: string }>();

/** `<sum> <deflated, in base64>`. */
function packOf(text: string, known: ReadonlyMap<string, string>): string {
  const sum = packs.get(text)?.sum ?? sumOf(text);
  const body = known.get(sum);
  if (body !== undefined) return `${sum} ${body}`;
  const packed = packs.get(text) ?? { sum, body: deflateRawSync(text).toString('base64') };
  packs.set(text, packed);
  return `${sum} ${packed.body}`;
}

function unpack(sum: string, body: string): string | undefined {
  try {
    // A few hundred bytes can unpack to gigabytes; a file of ours has some hundred kilobytes at most.
    const text = inflateRawSync(Buffer.from(body, 'base64'), { maxOutputLength: 16 * 1024 * 1024 }).toString('utf8');
    return sumOf(text) === sum ? text : undefined;
  } catch {
    return undefined;
  }
}
