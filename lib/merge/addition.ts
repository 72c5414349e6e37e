import { posix } from 'node:path';
import { addExports } from './add-exports.ts';
import { addJson } from './add-json.ts';
import { addLines } from './add-lines.ts';
import { addProviders } from './add-providers.ts';
import { addToml } from './add-toml.ts';
import { addYaml } from './add-yaml.ts';

/** An addition of ours to a file of others. Overlays are texts in the file's own format that hold what is added and nothing else. */
export interface AdditionInput {
  /** Below the root. Its name tells the format. */
  path: string;
  /** The file's text; empty where there is none. */
  theirs: string;
  /** The overlay that the record has from the last run. Default: nothing was added yet. */
  base?: string;
  /** The overlay of today. Default: nothing any more, so that what was added is taken out again. */
  ours?: string;
  /**
   * The record is lost: what is there as we would write it counts as ours. Default false: it was there before us, and stays when
   * ours goes.
   */
  adopt?: boolean;
}

export interface AdditionResult {
  /** The whole text, changed only where something of ours came, changed or went. */
  text: string;
  /** The overlay that now stands for ours in the file, to be recorded; `undefined` for nothing. */
  recorded?: string;
  /** What the user should know, one line each: values of theirs that stay although ours differs. */
  notes: string[];
  /** The lines to add by hand, where the text has no place for them; then `text` is unchanged, and so is what is recorded. */
  manual?: string;
  /** The overlay that stands for ours in the file once they are added. Where there is `manual` alone. */
  told?: string;
}

/**
 * Merges an addition of ours into a file that was there before us, three ways. What the user has stays, with a note where it differs.
 * What we added follows what we would add today as long as it stands as we wrote it, and goes when we add it no more. What the user
 * changed or took out stays so. A list is merged item by item. All else of the text stays the same bytes.
 *
 * Merging again with what was recorded changes nothing.
 *
 * @throws BadInput When the text can't be read as its format.
 */
export function mergeAddition(input: AdditionInput): AdditionResult {
  const add = formats.find(([name]) => name.test(posix.basename(input.path)))?.[1];
  if (add === undefined) throw new TypeError(`no way to add to ${input.path}`);
  return add(input);
}

const formats: [RegExp, (input: AdditionInput) => AdditionResult][] = [
  [/\.json$/, addJson],
  [/\.toml$/, addToml],
  [/\.ya?ml$/, addYaml],
  [/\.ts$/, addExports],
  [/\.tsx$/, addProviders],
  [/^\.\w*ignore$/, addLines],
];
