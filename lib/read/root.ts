import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { BadInput } from '../bad-input.ts';
import { answersIn, answersPath } from './answers.ts';

/**
 * The root of the workspace that a folder belongs to: within its git repository the nearest folder above with our answers, else the
 * nearest with the marks of a workspace (nx.json, pnpm-workspace.yaml, `workspaces` in package.json), else the folder itself. Without a
 * git repository that holds both it is the folder itself, so that a stray file further up claims nothing.
 *
 * @param user Who runs us, by number; nothing is taken from folders of others, but by root. Systems without such numbers have no owner to compare.
 * @throws BadInput When a `.yo-rc.json` on the way can't be read, or a workspace of ours lies above without a git repository.
 */
export function findWorkspaceRoot(from: string, user: number | undefined = process.getuid?.()): string {
  const start = resolve(from);
  const { folders, top } = foldersUpwards(start);
  const own = folders.filter((folder) => folder === start || isOwnedBy(folder, user));
  if (top !== undefined) return own.find((folder) => storedIn(folder) !== undefined) ?? own.find(hasWorkspaceMark) ?? start;
  const above = storedIn(start) === undefined ? own.find((folder) => folder !== start && hasAnswers(folder)) : undefined;
  if (above !== undefined) {
    throw new BadInput(
      `${above} holds a workspace of this generator, but no git repository joins it with this folder: run there, or "git init" in the folder that is to be the root.`,
    );
  }
  return start;
}

/** Top of the git repository that a folder is in, which may be the folder itself; none outside of one. */
export const repositoryTop = (folder: string): string | undefined => foldersUpwards(resolve(folder)).top;

/** A folder and those above it, up to the top of its git repository, where there is one; a worktree's `.git` is a file. */
function foldersUpwards(start: string): { folders: string[]; top: string | undefined } {
  const folders: string[] = [];
  for (let folder = start; ; folder = dirname(folder)) {
    folders.push(folder);
    if (existsSync(join(folder, '.git'))) return { folders, top: folder };
    if (dirname(folder) === folder) return { folders, top: undefined };
  }
}

function isOwnedBy(folder: string, user: number | undefined): boolean {
  return user === undefined || user === 0 || statSync(folder, { throwIfNoEntry: false })?.uid === user;
}

/** Whether a folder that is not asked for has answers of ours; what can't be read there is no affair of this run. */
function hasAnswers(folder: string): boolean {
  try {
    return storedIn(folder) !== undefined;
  } catch {
    return false;
  }
}

function hasWorkspaceMark(folder: string): boolean {
  if (existsSync(join(folder, 'nx.json')) || existsSync(join(folder, 'pnpm-workspace.yaml'))) return true;
  try {
    return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { workspaces?: unknown }).workspaces !== undefined;
  } catch {
    return false;
  }
}

function storedIn(folder: string): unknown {
  const path = join(folder, answersPath);
  if (!existsSync(path)) return undefined;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new BadInput(
      `${path} can't be read (${(error as NodeJS.ErrnoException).code}): make it a file that you may read, then run again.`,
    );
  }
  return answersIn(text, path);
}
