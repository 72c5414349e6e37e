import { readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { parseAllDocuments } from 'yaml';
import { BadInput } from './bad-input.ts';
import { lineEnding, splitMark, withLineEnding } from './merge/layout.ts';
import type { MergeResult } from './merge/result.ts';
import { emptyRecord, readRecord, recordPath, sumOf, type WrittenRecord, writeRecord } from './record.ts';
import { checkPaths } from './safe-path.ts';
import { threeWay, twoWay } from './three-way.ts';
import { threeWayJson } from './three-way-json.ts';

/**
 * Whose a file is: ours, written again by every run and merged with what the user made of it; the user's after it was written
 * once; or a file of the user's with additions of ours, merged by whoever planned it.
 */
export type Ownership = 'ours' | 'once' | 'merged';

export interface PlannedFile {
  /** Below the root, with `/` between the names. */
  path: string;
  /** Text with `\n` as its line ending. */
  contents: string;
  /** Permission bits for a new file. */
  mode: number;
  ownership: Ownership;
  /** The record that keeps what was last written: an API's name, or `shared`. */
  record: string;
}

/** An addition to a file that others write too. It is made once; what the user makes of it afterwards stands. */
export interface Addition {
  path: string;
  record: string;
  /** What is added, as a text that tells it from any other addition. */
  addition: string;
  /** Applied in every run, whether made before or not: for values that a run changes. */
  always?: boolean;
  /** npm packages that it adds to package.json, with their versions: remembered, so that a later run knows its own versions. */
  versions?: Readonly<Record<string, string>>;
  /** Gets the file's text, and the versions that were written last. */
  apply: (text: string | undefined, previous: ReadonlyMap<string, string>) => MergeResult;
}

export interface FileToWrite {
  path: string;
  contents: string;
  mode: number;
}

export interface Conflict extends FileToWrite {
  /** Why the file can't be written without asking, for a message. */
  reason: string;
}

export interface Resolution {
  /** What is safe to write: no byte of it replaces something that a user wrote. */
  writes: FileToWrite[];
  /** What would replace something of the user's; `contents` is ours. */
  conflicts: Conflict[];
  /** Files in which an edit and a change of ours were merged. */
  merged: string[];
  /** Files that were written with conflict markers, as `merge` asks for. */
  marked: string[];
  /** Files with edits that stay as they are, because nothing of ours has changed. */
  kept: string[];
  /** Additions that a text has no place for, with the lines to add by hand. */
  manual: { path: string; lines: string }[];
  /** What the merges had to tell, by path. */
  notes: { path: string; note: string }[];
  /** The records that change, to be written along with the files. */
  records: FileToWrite[];
}

export interface PlanOptions {
  /** Overwrite what conflicts. */
  force?: boolean;
  /** Write conflict markers into text files instead of reporting a conflict. */
  merge?: boolean;
  additions?: readonly Addition[];
  /** Records that are gone although their files were written: a file of the user's that is there is one that was written once. */
  lost?: ReadonlySet<string>;
}

/** Formats that a conflict marker would make unreadable for the tools that need them. */
const withoutMarkers = new Set(['.json', '.jsonc', '.toml', '.yaml', '.yml', '.lock']);

/**
 * Compares planned files with the disk and with the records of what was last written, and decides about each one. Nothing is written.
 *
 * @param root The workspace.
 * @throws BadInput When a path can't be written, or a record or a file to merge into can't be read.
 */
export function resolvePlan(root: string, planned: readonly PlannedFile[], options: PlanOptions = {}): Resolution {
  const additions = options.additions ?? [];
  const records = new Records(root);
  const paths = new Set([...planned, ...additions].map((one) => one.path));
  const recordFiles = new Set([...planned, ...additions].map((one) => recordPath(one.record)));
  checkPaths(root, [...paths, ...recordFiles]);
  for (const one of [...planned, ...additions]) records.get(one.record);
  const resolver = new Resolver(root, records, options);
  for (const file of planned) resolver.file(file);
  for (const addition of additions) resolver.addition(addition);
  return resolver.result();
}

/** Text and permission bits of a file on disk; `undefined` where there is none, no text where it is no UTF-8. */
interface OnDisk {
  text: string | undefined;
  mode: number;
}

function onDisk(root: string, path: string): OnDisk | undefined {
  const full = join(root, path);
  const stat = statSync(full, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const bytes = readFileSync(full);
  // Read as it is: a decoder that drops the byte order mark would lose it on the way back.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return { text: Buffer.from(text, 'utf8').equals(bytes) ? text : undefined, mode: stat.mode & 0o777 };
}

/** The records of a run, each read once. */
class Records {
  readonly #root: string;
  readonly #known = new Map<string, WrittenRecord>();

  constructor(root: string) {
    this.#root = root;
  }

  get(name: string): WrittenRecord {
    let record = this.#known.get(name);
    if (record === undefined) {
      record = readRecord(this.#root, name);
      // A record whose files are all gone is of an API that was removed: a new one of the same name starts afresh.
      const paths = [...record.files.keys()];
      if (paths.length > 0 && paths.every((path) => onDisk(this.#root, path) === undefined)) record = emptyRecord();
      this.#known.set(name, record);
    }
    return record;
  }

  /** Whether additions were made to a file, by any record that has been read. */
  hasAdditions(path: string): boolean {
    return [...this.#known.values()].some((record) => record.additions.has(path));
  }

  /** The records whose text has changed. */
  changed(): FileToWrite[] {
    const changed: FileToWrite[] = [];
    for (const [name, record] of this.#known) {
      const path = recordPath(name);
      const contents = writeRecord(name, record);
      const before = onDisk(this.#root, path);
      if (before === undefined && record.files.size + record.additions.size === 0) continue;
      if (before?.text !== undefined && withLineEnding(splitMark(before.text).body, '\n') === contents) continue;
      changed.push({ path, contents, mode: before?.mode ?? 0o644 });
    }
    return changed;
  }
}

class Resolver {
  readonly #root: string;
  readonly #records: Records;
  readonly #options: PlanOptions;
  readonly #writes = new Map<string, FileToWrite>();
  readonly #conflicts = new Map<string, Conflict>();
  readonly #result: Omit<Resolution, 'writes' | 'conflicts' | 'records'> = { merged: [], marked: [], kept: [], manual: [], notes: [] };
  /** Files that this run makes: additions that were made to them before are made again. */
  readonly #restored = new Set<string>();
  /** Files of the user's that the user has deleted. */
  readonly #gone = new Set<string>();

  constructor(root: string, records: Records, options: PlanOptions) {
    this.#root = root;
    this.#records = records;
    this.#options = options;
  }

  result(): Resolution {
    return {
      ...this.#result,
      writes: [...this.#writes.values()],
      conflicts: [...this.#conflicts.values()],
      records: this.#records.changed(),
    };
  }

  file(file: PlannedFile): void {
    const { path, contents, ownership } = file;
    const mode = file.mode & 0o777;
    const record = this.#records.get(file.record);
    const base = record.files.get(path);
    const disk = onDisk(this.#root, path);
    if (ownership === 'merged') {
      if (disk?.text !== contents) this.#write({ path, contents, mode: disk?.mode ?? mode });
      return;
    }
    if (disk === undefined) {
      // Written once: one that the user has deleted stays away.
      if (ownership === 'once' && base !== undefined) {
        this.#gone.add(path);
        return;
      }
      this.#write({ path, contents, mode });
      this.#restored.add(path);
      record.files.set(path, { text: ownership === 'once' ? undefined : contents, mode });
      return;
    }
    record.files.set(path, { text: ownership === 'once' ? undefined : contents, mode });
    if (ownership === 'once' && (base !== undefined || this.#options.lost?.has(file.record))) return;
    const ours = disk.text === undefined ? contents : inLayoutOf(disk.text, contents);
    const executable = base !== undefined && (base.mode & 0o111) === 0 && (mode & 0o111) !== 0 ? mode & 0o111 : 0;
    const write = { path, contents: ours, mode: disk.mode | executable };
    if (disk.text === ours) {
      if (executable !== 0 && write.mode !== disk.mode) this.#write(write);
      return;
    }
    if (base?.text === undefined && this.#options.lost?.has(file.record) && this.#hasAllAdditions(path, disk.text)) {
      // It can't be told any more which of the rest is whose: all of it stays.
      this.#keep(path);
      return;
    }
    if (base?.text === undefined) {
      this.#conflict(write, 'it was there before, with other content', () =>
        disk.text === undefined ? undefined : twoWay(disk.text, contents),
      );
      return;
    }
    if (disk.text === undefined) {
      if (base.text === contents) this.#keep(path);
      else this.#conflict(write, 'it is no text in UTF-8 any more', () => undefined);
      return;
    }
    if (disk.text === inLayoutOf(disk.text, base.text)) {
      this.#write(write);
      return;
    }
    if (base.text === contents) {
      this.#keep(path);
      return;
    }
    const merged = mergedEdits(path, base.text, disk.text, contents);
    if (merged === undefined) {
      const theirs = disk.text;
      const before = base.text;
      this.#conflict(write, 'your changes and ours meet in the same lines', () => threeWay(before, theirs, contents));
    } else if (merged === disk.text) {
      this.#keep(path);
    } else {
      this.#write({ ...write, contents: merged });
      this.#result.merged.push(path);
    }
  }

  addition(step: Addition): void {
    const { path } = step;
    const record = this.#records.get(step.record);
    const made = record.additions.get(path) ?? new Set();
    const sum = sumOf(step.addition);
    const disk = onDisk(this.#root, path);
    if (made.has(sum) && !step.always && !this.#restored.has(path)) return;
    if (this.#gone.has(path)) {
      this.#result.manual.push({ path, lines: step.apply('', record.versions).manual ?? step.addition });
      return;
    }
    if (disk !== undefined && disk.text === undefined) throw new BadInput(`${path} is no text in UTF-8: convert it, then run again.`);
    const conflict = this.#conflicts.get(path);
    const target = conflict ?? this.#writes.get(path);
    const before = target?.contents ?? disk?.text;
    const { text, notes, ok, manual } = step.apply(before, this.#restored.has(path) ? new Map() : record.versions);
    for (const note of notes) this.#result.notes.push({ path, note });
    if (!ok) {
      this.#result.manual.push({ path, lines: manual ?? step.addition });
      return;
    }
    made.add(sum);
    record.additions.set(path, made);
    for (const [name, version] of Object.entries(step.versions ?? {})) record.versions.set(name, version);
    if (text === before) return;
    if (conflict !== undefined) conflict.contents = text;
    else this.#write({ path, contents: text, mode: target?.mode ?? disk?.mode ?? 0o644 });
  }

  /** Whether a text has what this run adds to the file, and this run adds something. */
  #hasAllAdditions(path: string, text: string | undefined): boolean {
    const steps = (this.#options.additions ?? []).filter((step) => step.path === path);
    try {
      return steps.length > 0 && steps.every((step) => step.apply(text, new Map()).text === text);
    } catch (error) {
      if (error instanceof BadInput) return false;
      throw error;
    }
  }

  /** Notes an edit that stays. In a file with additions a difference may be ours: nothing is said. */
  #keep(path: string): void {
    if (!this.#records.hasAdditions(path)) this.#result.kept.push(path);
  }

  #write(file: FileToWrite): void {
    this.#writes.set(file.path, file);
  }

  #conflict(file: FileToWrite, reason: string, markers: () => { text: string } | undefined): void {
    if (this.#options.force) {
      this.#write(file);
      return;
    }
    const marked = this.#options.merge && !withoutMarkers.has(extname(file.path).toLowerCase()) ? markers() : undefined;
    if (marked === undefined) {
      this.#conflicts.set(file.path, { ...file, reason });
      return;
    }
    this.#write({ ...file, contents: marked.text });
    this.#result.marked.push(file.path);
  }
}

/** Our text with the line endings and the byte order mark of another. */
function inLayoutOf(text: string, ours: string): string {
  const { mark, body } = splitMark(text);
  return mark + withLineEnding(ours, lineEnding(body));
}

/** The edits of a file together with our changes; `undefined` where they meet. */
function mergedEdits(path: string, base: string, theirs: string, ours: string): string | undefined {
  const format = extname(path).toLowerCase();
  // Values rather than lines: in JSON neighbours are independent, and a comma is no conflict.
  if (format === '.json') return threeWayJson(base, theirs, ours);
  const { clean, text } = threeWay(base, theirs, ours);
  return clean && (isValid(format, text) || !isValid(format, theirs)) ? text : undefined;
}

/** Whether a text is valid in a format in which lines that merge cleanly can still spoil the whole. */
function isValid(format: string, text: string): boolean {
  try {
    if (format === '.toml') parseToml(splitMark(text).body);
    if (format === '.yaml' || format === '.yml') return parseAllDocuments(text).every((document) => document.errors.length === 0);
    return true;
  } catch {
    return false;
  }
}
