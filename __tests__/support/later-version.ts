import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { packageRoot } from '../../lib/templates/package-root.ts';
import { command, type Outcome, spawn } from './trust-run.ts';
import { put, tree } from './trust-tree.ts';

/** A change of one of the package's files, by its path below the package. */
export type Change = (text: string) => string;

/**
 * Another version of this package, as an installation of it would be.
 *
 * @param changes What is different in its files; a file that is not there is given as a text.
 * @param version Its number; default: this one's.
 * @returns Runs its command, without a terminal.
 */
export function otherVersion(
  changes: Record<string, Change | string>,
  version?: string,
): (args: readonly string[], cwd: string) => Outcome {
  const program = otherCommand(changes, version);
  return (args, cwd) => spawn(process.execPath, [program, ...args], cwd);
}

/** The path of the command of another version of this package. */
export function otherCommand(changes: Record<string, Change | string>, version?: string): string {
  const root = tree();
  command();
  for (const part of ['dist', 'templates', 'package.json']) cpSync(join(packageRoot(), part), join(root, part), { recursive: true });
  symlinkSync(join(packageRoot(), 'node_modules'), join(root, 'node_modules'));
  const numbered =
    version === undefined ? {} : { 'package.json': (text: string) => text.replace(/"version": "[^"]*"/, `"version": "${version}"`) };
  for (const [path, change] of Object.entries({ ...changes, ...numbered })) {
    const before = typeof change === 'string' ? '' : readFileSync(join(root, path), 'utf8');
    const after = typeof change === 'string' ? change : change(before);
    if (after === before) throw new Error(`nothing of ${path} was changed`);
    put(root, { [path]: after });
  }
  return join(root, 'dist', 'cli', 'bin', 'cli.cjs');
}
