/**
 * Whose a file is: ours, written again by every run that plans it and merged with what the user made of it; the user's after it was
 * written once; or a file of others, with an addition of ours.
 */
export type Owner = 'ours' | 'once' | 'addition';

/** A file as the model wants it. */
export interface PlannedFile {
  /** Below the root, with `/` between the names. */
  path: string;
  owner: Owner;
  /** The whole text with `\n` as its line ending; of an addition what is added, in the file's own format. */
  contents: string;
  /** Permission bits for a new file. */
  mode: number;
  /** The record that keeps what was last written: an API's name, or `shared`. */
  record: string;
}

/** What is said at the end of a run, one line each. */
export type Notes = readonly string[];
