import { BadInput } from '../bad-input.ts';
import { mergeAddition } from '../merge/addition.ts';
import { inLayoutOf, mergeEdits, takesMarkers } from '../merge/edits.ts';
import { lineDistance, twoWay } from '../merge/three-way.ts';
import type { PlannedFile } from '../plan/file.ts';
import type { FoundFile } from '../read/reader.ts';
import type { RecordedFile, WrittenRecord } from '../read/record.ts';

/**
 * What becomes of one planned file. `there` is the file as the run found it, `last` what we wrote last; after a run that was killed that
 * may be one of several texts, of which the nearest to the file counts.
 *
 * | planned | there | last | outcome |
 * | --- | --- | --- | --- |
 * | ours, once | no | no | `create` |
 * | ours | no | yes | `restore`: told |
 * | once | no | yes | `leave`: the user has deleted it |
 * | once | yes | yes, lost, or another file of the record | `leave` |
 * | any | as planned | any | `same` |
 * | ours | as last written | yes | `replace` |
 * | ours | edited; planned as last written | yes | `leave` |
 * | ours | edited, elsewhere than we change | yes | `merge` |
 * | ours | edited, where we change | yes | `conflict` |
 * | ours, once | otherwise | no, or lost | `conflict` |
 * | addition | any | any | `add`, three ways; what the user has changed of it stays |
 */
export type Outcome = 'create' | 'restore' | 'leave' | 'same' | 'replace' | 'merge' | 'conflict' | 'add';

/** One decision. */
export interface Decision {
  path: string;
  outcome: Outcome;
  /** The text to write, where something is to be written: of a conflict ours where the two meet, with the user's other edits that go with it. */
  contents?: string;
  /** The text to write lacks edits of the user's that are elsewhere too. */
  isLess?: true;
  /** Permission bits to write it with. */
  mode: number;
  /** Why it is a conflict, or what has to be told. One line each. */
  notes: string[];
  /** The record's name, and what it says of the file once the decision is carried out. */
  record: string;
  written: RecordedFile | { addition: string | undefined; told?: string | undefined };
  /** What the record says of a file that stays as it is: of one that is written once, and of one of ours of which the last text is not known. */
  kept?: RecordedFile;
}

export interface ResolveOptions {
  /** Write what conflicts. */
  force?: boolean | undefined;
  /** Write conflict markers into text files that conflict. */
  merge?: boolean | undefined;
  /** Where a record is lost, what stands in a file of others as we would add it counts as ours. Default: true. */
  adopt?: boolean;
}

/**
 * Decides about each planned file. Nothing is read and nothing is written.
 *
 * @param find A file as the run found it.
 * @param records What was last written, by record.
 * @param isLost Whether a record is gone although its files were written.
 * @throws BadInput When a file to add to can't be read as its format.
 */
export function resolveFiles(
  planned: readonly PlannedFile[],
  find: (path: string) => FoundFile | undefined,
  records: ReadonlyMap<string, WrittenRecord>,
  isLost: (record: string) => boolean,
  options: ResolveOptions = {},
): Decision[] {
  return planned.map((file) => {
    const record = records.get(file.record);
    const there = find(file.path);
    if (file.owner === 'addition')
      return decideAddition(file, there, lastAddition(file, there, record), isLost(file.record) && options.adopt !== false);
    const isKnown = isLost(file.record) || record?.isThere === true;
    return carriedOut(decide(file, there, nearest(record?.files.get(file.path), there), isLost(file.record), isKnown), options);
  });
}

/** What a record says of a file, with the one of its texts that the file was made from. */
function nearest(last: RecordedFile | undefined, there: FoundFile | undefined): RecordedFile | undefined {
  const theirs = there?.text;
  if (last?.also === undefined || theirs === undefined) return last;
  if (last.text === undefined) return { text: last.also.find((text) => inLayoutOf(theirs, text) === theirs), mode: last.mode };
  const ranked = [last.text, ...last.also].map((text) => ({ text, distance: lineDistance(text, theirs) }));
  const text = ranked.reduce((best, one) => (one.distance < best.distance ? one : best)).text;
  return { text, mode: last.mode };
}

/** What was last added to a file: the latest that stands in it whole, by our hand or by that of a user who was told to add it. */
function lastAddition({ path }: PlannedFile, there: FoundFile | undefined, record: WrittenRecord | undefined): string | undefined {
  const first = record?.additions.get(path);
  const also = record?.alsoAdded.get(path) ?? [];
  const stands = (added: string): boolean => {
    if (there?.text === undefined) return false;
    const { text, manual } = mergeAddition({ path, theirs: there.text, ours: added });
    return text === there.text && manual === undefined;
  };
  return [...also].reverse().find(stands) ?? first;
}

function decide(
  file: PlannedFile,
  there: FoundFile | undefined,
  last: RecordedFile | undefined,
  isLost: boolean,
  isKnown: boolean,
): Meeting {
  const { path, contents: ours, owner, record } = file;
  const mode = file.mode & 0o777;
  const decision = (outcome: Outcome, more: Partial<Meeting> = {}): Meeting => ({
    path,
    outcome,
    mode: there?.mode ?? mode,
    notes: [],
    record,
    written: { text: owner === 'once' ? undefined : ours, mode },
    ...more,
  });
  if (there === undefined) {
    if (last === undefined) return decision('create', { contents: ours, mode });
    return owner === 'once'
      ? decision('leave')
      : decision('restore', { contents: ours, mode, notes: [`Restored, it was deleted: ${path}`] });
  }
  if (owner === 'once' && (last !== undefined || isKnown)) return decision('leave');
  // What is run directly becomes so; all other bits are the user's.
  const executable = last !== undefined && (last.mode & 0o111) === 0 ? mode & 0o111 : 0;
  const bits = there.mode | executable;
  const isUnknown = last?.text === undefined && (isLost || last !== undefined);
  // Without a word in the record, the next run would take it for a file of others; of one that is written once it would have to note it.
  const isNoted = isUnknown || owner === 'once';
  const kept = isNoted ? { kept: { text: undefined, mode: owner === 'once' ? mode : there.mode } } : {};
  if (there.text === undefined) {
    if (last?.text === ours) return decision('leave');
    const reason = last || isLost ? 'it is no text in UTF-8 any more' : wasThere;
    return decision('conflict', { contents: ours, mode: bits, notes: [reason], ...kept });
  }
  const wanted = inLayoutOf(there.text, ours);
  if (there.text === wanted) return bits === there.mode ? decision('same') : decision('replace', { contents: wanted, mode: bits });
  if (last?.text === undefined) {
    return decision('conflict', {
      contents: wanted,
      mode: bits,
      notes: [isUnknown ? 'what was written into it last is not known any more' : wasThere],
      ...kept,
      marked: () => (takesMarkers(path) ? twoWay(there.text as string, ours).text : undefined),
    });
  }
  if (there.text === inLayoutOf(there.text, last.text)) return decision('replace', { contents: wanted, mode: bits });
  if (last.text === ours) return decision('leave');
  const { clean, text, marked, isLess } = mergeEdits(path, last.text, there.text, ours);
  if (!clean)
    return decision('conflict', { contents: text, mode: bits, notes: [meet], marked: () => marked, ...(isLess ? { isLess } : {}) });
  if (text === there.text) return decision('leave');
  return decision('merge', { contents: text, mode: bits, notes: [`Merged with your edits: ${path}`] });
}

const wasThere = 'it was there before, with other content';
const meet = 'your changes and ours meet in the same lines';

/** A decision, and for a conflict the text with markers, where its format takes them. */
interface Meeting extends Decision {
  marked?: () => string | undefined;
}

/** Said of a file as long as it holds conflict markers. */
export const markersNote = (path: string): string => `Holds conflict markers, to be resolved by you: ${path}`;

/** Said of a file that was replaced, where that has cost edits that are elsewhere. */
const lessNote = (path: string): string => `Replaced without some of your edits, for which ours has no place: ${path}`;

/** A conflict as the flags want it: written, written with markers, or left to be asked about. */
function carriedOut({ marked, ...decision }: Meeting, { force, merge }: ResolveOptions): Decision {
  if (decision.outcome !== 'conflict') return decision;
  if (force) {
    return { ...decision, outcome: 'replace', notes: decision.isLess ? [lessNote(decision.path)] : [] };
  }
  const text = merge ? marked?.() : undefined;
  if (text === undefined) return decision;
  return { ...decision, outcome: 'merge', contents: text, notes: [markersNote(decision.path)] };
}

function decideAddition(file: PlannedFile, there: FoundFile | undefined, last: string | undefined, adopt: boolean): Decision {
  const { path, contents, record } = file;
  if (there && there.text === undefined) throw new BadInput(`${path} is no text in UTF-8: convert it, then run again.`);
  const input = { path, ours: contents, adopt };
  const first = mergeAddition({ ...input, theirs: there?.text ?? '', ...(last === undefined ? {} : { base: last }) });
  // What another generator has written anew lacks ours because it knows nothing of it, not because the user took it out.
  const merged = there?.isPending && first.manual === undefined ? mergeAddition({ ...input, theirs: first.text }) : first;
  const { text, recorded, notes, manual, told } = merged;
  const lines = manual === undefined ? [] : [`Add to ${path}, where no place was found for it:\n${manual.replace(/^/gm, '    ')}`];
  return {
    path,
    outcome: text === there?.text ? 'same' : 'add',
    ...(text === there?.text ? {} : { contents: text }),
    mode: there?.mode ?? file.mode,
    notes: [...notes.map((note) => `${path} ${note}`), ...lines],
    record,
    written: { addition: recorded, ...(told === undefined ? {} : { told }) },
  };
}
