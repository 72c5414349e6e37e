import type { Request } from '../../lib/model/model.ts';
import type { Decision } from '../../lib/resolve/resolve.ts';
import { asDisk, failing, Killed, type MemoryDisk } from './model-disk.ts';

/** The generator's own functions, imported after the templates were put in their place. */
const { prepareRun } = await import('../../lib/run.ts');
const { commitFiles } = await import('../../lib/commit/commit.ts');
const { Reader } = await import('../../lib/read/reader.ts');

/** What is said to a question: yes, no, or away from here. */
export type Answer = 'y' | 'n' | 'x';

export interface Ask {
  requests: readonly Request[];
  /** The answers to the questions, in their order, over and over. */
  answers: readonly Answer[];
  force?: boolean;
  merge?: boolean;
  /** Where in the commit it is killed, as a part of all its operations, from 0 up to 1. */
  kill?: number | undefined;
}

export interface Ran {
  outcome: 'done' | 'killed' | 'left';
  decisions: readonly Decision[];
  notes: readonly string[];
  openings: readonly string[];
  /** Conflicts that were answered yes, or overruled by force. */
  accepted: ReadonlySet<string>;
  /** Conflicts that were answered no. */
  kept: ReadonlySet<string>;
  /** What was to be written, by path, in the order. */
  files: readonly { path: string; contents: string }[];
}

/** What the sequences of a test have come upon, for its last line. */
export const tally: Record<string, number> = {};

export const count = (what: string, times = 1): void => {
  tally[what] = (tally[what] ?? 0) + times;
};

/** One run of the generator on a disk in memory, with its questions answered; as the generators do it, without Yeoman. */
export async function runOn(disk: MemoryDisk, root: string, { requests, answers, force, merge, kill }: Ask): Promise<Ran> {
  // What would be a conflict without the flag tells which files it has overruled.
  const asked = force ? prepareRun(new Reader(root, asDisk(disk)), { requests }).decisions : [];
  const prepared = prepareRun(new Reader(root, asDisk(disk)), { requests, force, merge });
  const { decisions, notes, openings } = prepared;
  const conflicts = decisions.filter(({ outcome }) => outcome === 'conflict').map(({ path }) => path);
  const said = conflicts.map((_, index) => answers[index % answers.length] ?? 'y');
  const isLeft = said.includes('x');
  const kept = new Set(conflicts.filter((_, index) => said[index] === 'n'));
  const accepted = new Set(
    [...conflicts, ...asked.filter(({ outcome }) => outcome === 'conflict').map(({ path }) => path)].filter((path) => !kept.has(path)),
  );
  const files = prepared.files(kept).map(({ path, contents }) => ({ path, contents: String(contents) }));
  count('runs');
  for (const { outcome } of decisions) if (['merge', 'conflict', 'restore', 'add'].includes(outcome)) count(outcome);
  count('answered no', kept.size);
  const ran = { decisions, notes, openings, accepted, kept, files };
  if (isLeft) return { ...ran, outcome: 'left' };
  if (kill === undefined) {
    await commitFiles(prepared.reader, prepared.files(kept));
    return { ...ran, outcome: 'done' };
  }
  const at = Math.floor(kill * (await countOperations(disk, root, { requests, answers, force, merge }, kept)));
  const broken = failing(asDisk(disk), { at });
  try {
    const again = prepareRun(new Reader(root, broken.disk), { requests, force, merge });
    await commitFiles(again.reader, again.files(kept));
    return { ...ran, outcome: 'done' };
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    count('killed');
    return { ...ran, outcome: 'killed' };
  }
}

/** How many operations of a disk a run's commit takes. */
export async function countOperations(
  disk: MemoryDisk,
  root: string,
  { requests, force, merge }: Omit<Ask, 'kill'>,
  kept: ReadonlySet<string> = new Set(),
): Promise<number> {
  const whole = failing(asDisk(disk.clone()), { at: -1 });
  const prepared = prepareRun(new Reader(root, whole.disk), { requests, force, merge });
  await commitFiles(prepared.reader, prepared.files(kept));
  return whole.count();
}
