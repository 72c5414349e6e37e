import { onPath, packageManagerOf } from './package-manager.ts';
import type { PreparedRun } from './run.ts';

export interface InstallCommand {
  /** As the user would type it. */
  line: string;
  program: string;
  args: string[];
  /** Folder below the root; `.` is the root. */
  cwd: string;
}

/** The one-line ways to get uv, the one tool that neither Node nor Python brings. */
export const howToGetUv = 'uv is not installed: get it with "pip install uv" (or "brew install uv"), then run "uv sync --all-packages".';

/**
 * What has to be installed after the files are written.
 *
 * @returns The commands in order, and what to tell where a tool is missing.
 */
export function installCommands({ reader, model, repository }: PreparedRun): { commands: InstallCommand[]; hints: string[] } {
  const manager = packageManagerOf(reader.root);
  const commands: InstallCommand[] = [{ line: `${manager} install`, program: manager, args: ['install'], cwd: '.' }];
  if (model.apis.length === 0) return { commands, hints: [] };
  if (!onPath('uv')) return { commands, hints: [howToGetUv] };
  if (repository.python === 'workspace') {
    commands.push({ line: 'uv sync --all-packages', program: 'uv', args: ['sync', '--all-packages'], cwd: '.' });
  } else {
    for (const { apiDir } of model.apis) commands.push({ line: 'uv sync', program: 'uv', args: ['sync'], cwd: apiDir });
  }
  return { commands, hints: [] };
}
