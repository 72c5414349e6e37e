import spawn from 'cross-spawn';
import { BadInput } from '../lib/bad-input.ts';
import { dueInstalls, installCommands, noteDue, noteInstalled, readInstallations } from '../lib/finish/install.ts';
import { pythonProjects } from '../lib/plan/values.ts';
import type { Session } from './session.ts';

/** Installs what is due, once for all generators of a session: where a manifest has changed, and where nothing is installed yet. */
export async function installSession(session: Session, log: (line: string) => void): Promise<void> {
  const { prepared, options, written, isInstalled } = session;
  if (options.dryRun || prepared === undefined || isInstalled) return;
  session.isInstalled = true;
  const { reader, model, repository } = prepared;
  const { root } = reader;
  const installations = readInstallations({
    root,
    placement: repository.python,
    projects: pythonProjects(model, repository),
    websites: [...repository.websites.values()].filter(({ isMember }) => !isMember).map(({ folder }) => folder),
  });
  // Of a run that was killed nobody knows which manifests it had written.
  const due = prepared.isFinishing ? installations : dueInstalls(installations, written);
  const { commands, hints } = installCommands(repository.packageManager, due);
  for (const { fills } of due) noteDue(root, fills);
  if (options.skipInstall) {
    session.hints = [...commands.map(({ line, cwd }) => `To install: ${line}${cwd === '.' ? '' : ` (in ${cwd})`}`), ...hints];
    return;
  }
  for (const { line, program, args, cwd, fills } of commands) {
    log(`\n${line}`);
    if (!(await succeeds(program, args, `${root}/${cwd}`)))
      throw new BadInput(`"${line}" failed: the files are all written, so run it again in ${cwd === '.' ? 'the workspace' : cwd}.`);
    noteInstalled(root, fills);
  }
  session.hints = hints;
}

function succeeds(program: string, args: string[], cwd: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, stdio: 'inherit' });
    child.on('error', () => resolve(false));
    child.on('close', (status) => resolve(status === 0));
  });
}
