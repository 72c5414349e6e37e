import { diff3MergeRegions, diffIndices } from 'node-diff3';
import { lineEnding, splitMark, withLineEnding } from './merge/layout.ts';

/** What a three-way merge gave. */
export interface ThreeWayResult {
  /** Whether no place was changed on both sides. */
  clean: boolean;
  /** The merged text, with conflict markers where it is not clean. */
  text: string;
}

/** Names beside the conflict markers. */
const labels = { theirs: 'yours', ours: 'generated' };

/**
 * Merges what a user made of a file with what we would write today.
 *
 * The result has the line endings and the byte order mark of the user's text; both have no part in the comparison.
 *
 * @param base What we wrote last.
 * @param theirs The user's text.
 * @param ours What we would write today.
 */
export function threeWay(base: string, theirs: string, ours: string): ThreeWayResult {
  const { mark, body } = splitMark(theirs);
  const eol = lineEnding(body);
  // In a text of both line endings each line is compared with its own: a line of theirs is never rewritten.
  const ending = body.includes('\r\n') && !/(?<!\r)\n/.test(body) ? '\r\n' : '\n';
  const regions = diff3MergeRegions<string>(lines(body), lines(withLineEnding(base, ending)), lines(withLineEnding(ours, ending)));
  let clean = true;
  const merged = regions.map((region) => {
    if (region.stable) return region.bufferContent.join('');
    const { aContent, bContent } = region;
    if (aContent.join('') === bContent.join('')) return aContent.join('');
    clean = false;
    return markers(aContent, bContent, eol);
  });
  return { clean, text: mark + merged.join('') };
}

/** Marks each place where two texts without a common origin differ. */
export function twoWay(theirs: string, ours: string): ThreeWayResult {
  const { mark, body } = splitMark(theirs);
  const eol = lineEnding(body);
  const a = lines(body);
  const b = lines(withLineEnding(ours, eol));
  let at = 0;
  const merged: string[] = [];
  const differences = diffIndices(a, b);
  for (const { buffer1, buffer1Content, buffer2Content } of differences) {
    const [start, length] = buffer1;
    merged.push(...a.slice(at, start), markers(buffer1Content, buffer2Content, eol));
    at = start + length;
  }
  merged.push(...a.slice(at));
  return { clean: differences.length === 0, text: mark + merged.join('') };
}

/** Lines with their endings. */
const lines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

function markers(theirs: readonly string[], ours: readonly string[], eol: string): string {
  const closed = (part: readonly string[]): string => {
    const text = part.join('');
    return text === '' || text.endsWith('\n') ? text : text + eol;
  };
  return `<<<<<<< ${labels.theirs}${eol}${closed(theirs)}=======${eol}${closed(ours)}>>>>>>> ${labels.ours}${eol}`;
}
