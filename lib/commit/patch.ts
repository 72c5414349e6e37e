import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { structuredPatch } from 'diff';
import { realDisk, realTarget } from '../read/disk.ts';
import type { CommitFile } from './commit.ts';

/** Lines of context around a change, as git has them. */
const context = 3;

/**
 * The changes that writing files would make, as a unified diff in git's form: `git apply` makes the same tree of it.
 *
 * It is bytes rather than text, because a file that is there may be in any encoding.
 *
 * @param root The workspace.
 * @param files Whole files, as they would be written. Those that would not change give nothing.
 */
export function unifiedPatch(root: string, files: readonly CommitFile[]): Buffer {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return Buffer.concat(sorted.map((file) => Buffer.from(filePatch(root, file), 'latin1')));
}

/** One file's part. Bytes stand for characters of the same number (`latin1`), so that any of them passes through unchanged. */
function filePatch(root: string, file: CommitFile): string {
  const full = realTarget(realDisk, join(root, file.path));
  const stat = statSync(full, { throwIfNoEntry: false });
  const before = stat === undefined ? undefined : readFileSync(full);
  const after = Buffer.from(file.contents as Buffer);
  // git knows two modes only.
  const oldMode = gitMode(stat?.mode ?? 0o644);
  const newMode = gitMode(file.mode ?? stat?.mode ?? 0o644);
  if (before?.equals(after) && oldMode === newMode) return '';
  const oldName = quoted(`a/${file.path}`);
  const newName = quoted(`b/${file.path}`);
  const head = [`diff --git ${oldName} ${newName}`];
  if (before === undefined) head.push(`new file mode ${newMode}`);
  else if (oldMode !== newMode) head.push(`old mode ${oldMode}`, `new mode ${newMode}`);
  if (before?.equals(after)) return `${head.join('\n')}\n`;
  head.push(
    `index ${before === undefined ? '0'.repeat(40) : blob(before)}..${blob(after)}${before && oldMode === newMode ? ` ${oldMode}` : ''}`,
  );
  const hunks = hunksOf(before?.toString('latin1') ?? '', after.toString('latin1'));
  // An empty new file has no lines to show.
  if (hunks === '') return `${head.join('\n')}\n`;
  head.push(`--- ${before === undefined ? '/dev/null' : ended(oldName)}`, `+++ ${ended(newName)}`);
  return `${head.join('\n')}\n${hunks}`;
}

function hunksOf(before: string, after: string): string {
  const { hunks } = structuredPatch('', '', before, after, undefined, undefined, { context });
  // A side without lines is counted from the line in front of it.
  const range = (start: number, count: number): string => (count === 0 ? `${start - 1},0` : count === 1 ? `${start}` : `${start},${count}`);
  return hunks
    .map((hunk) => {
      const head = `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@\n`;
      return head + hunk.lines.map((line) => `${line}\n`).join('');
    })
    .join('');
}

const gitMode = (mode: number): string => ((mode & 0o100) === 0 ? '100644' : '100755');

/** The id that git gives to a content. */
const blob = (contents: Buffer): string => createHash('sha1').update(`blob ${contents.length}\0`).update(contents).digest('hex');

/** A name as git writes it in a header: quoted where it holds quotes, backslashes or bytes outside of printable ASCII. */
function quoted(name: string): string {
  const bytes = Buffer.from(name, 'utf8');
  if (!/[^\x20-\x7e]|["\\]/.test(bytes.toString('latin1'))) return name;
  const shown = [...bytes].map((byte) => {
    const character = String.fromCharCode(byte);
    if (character === '"' || character === '\\') return `\\${character}`;
    return byte < 0x20 || byte > 0x7e ? `\\${byte.toString(8).padStart(3, '0')}` : character;
  });
  return `"${shown.join('')}"`;
}

/** A tab ends a name that holds blanks, which some tools would cut. */
const ended = (name: string): string => (name.includes(' ') && !name.startsWith('"') ? `${name}\t` : name);
