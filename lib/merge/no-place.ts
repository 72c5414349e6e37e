import type { AdditionInput, AdditionResult } from './addition.ts';

/** The result for a text that is built in a way that has no place for a change: nothing is changed, and the user is told what to do. */
export function noPlace({ theirs, base, ours }: AdditionInput, notes: readonly string[] = []): AdditionResult {
  const same = { text: theirs, ...(base === undefined ? {} : { recorded: base }) };
  if (ours) return { ...same, notes: [...notes], manual: ours.trimEnd() };
  const lines = (base ?? '').trimEnd().replace(/^/gm, '    ');
  return { ...same, notes: [...notes, `nothing that is generated needs these lines any more, take them out:\n${lines}`] };
}
