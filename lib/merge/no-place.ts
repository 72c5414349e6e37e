import type { AdditionInput, AdditionResult } from './addition.ts';

/** What is told where a text has no place for a change. */
interface Told {
  notes?: readonly string[] | undefined;
  /** What to add by hand. Default: the whole overlay. */
  added?: string | undefined;
  /** What to take out by hand. Default: the last overlay, where there is none of today. */
  removed?: string | undefined;
  /** The overlay that stands for ours once it is done. */
  recorded: string | undefined;
}

/** The result for a text that is built in a way that has no place for a change: nothing is changed, and the user is told what to do. */
export function noPlace({ theirs, base, ours }: AdditionInput, told: Told): AdditionResult {
  const { notes = [], added = ours, removed = ours ? '' : base, recorded } = told;
  const out = removed?.trimEnd().replace(/^/gm, '    ');
  return {
    text: theirs,
    ...(base === undefined ? {} : { recorded: base }),
    notes: [...notes, ...(removed ? [`nothing that is generated needs these lines any more, take them out:\n${out}`] : [])],
    ...(added ? { manual: added.trimEnd(), told: recorded ?? '' } : {}),
  };
}
