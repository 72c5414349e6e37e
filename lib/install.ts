import { onPath, packageManagerOf } from './package-manager.ts';
import { pythonPlacement } from './python-placement.ts';
import { type Run, workspaceData } from './run.ts';

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
export function installCommands(run: Run): { commands: InstallCommand[]; hints: string[] } {
  const { root } = run.workspace;
  const manager = packageManagerOf(root);
  const commands: InstallCommand[] = [{ line: `${manager} install`, program: manager, args: ['install'], cwd: '.' }];
  const apis = Object.entries(run.stored?.apis ?? {});
  if (apis.length === 0) return { commands, hints: [] };
  if (!onPath('uv')) return { commands, hints: [howToGetUv] };
  if (pythonPlacement(root) === 'workspace') {
    commands.push({ line: 'uv sync --all-packages', program: 'uv', args: ['sync', '--all-packages'], cwd: '.' });
  } else {
    const alone = [workspaceData(run).runtimeDir, ...apis.map(([name, api]) => `${api.directory}/${name}`)];
    for (const cwd of alone) commands.push({ line: 'uv sync', program: 'uv', args: ['sync'], cwd });
  }
  return { commands, hints: [] };
}
