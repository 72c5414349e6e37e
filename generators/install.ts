import spawn from 'cross-spawn';
import { BadInput } from '../lib/bad-input.ts';
import { dueInstalls, installCommands, noteDue, noteInstalled, readInstallations } from '../lib/install.ts';
import type { Session } from './session.ts';

/** Installs what is due, once for all generators of a session. */
export async function installSession(session: Session, log: (line: string) => void): Promise<void> {
  const { prepared, options, reader } = session;
  if (options.dryRun || prepared === undefined || session.isInstalled) return;
  session.isInstalled = true;
  const { root } = reader;
  const { packageManager, python } = prepared.repository;
  const apiDirs = prepared.model.apis.map(({ apiDir }) => apiDir);
  const due = dueInstalls(readInstallations({ root, placement: python, apiDirs }), session.written);
  // A command that is skipped, fails or is interrupted is due at the next run too.
  for (const { fills } of due) noteDue(root, fills);
  const { commands, hints } = installCommands(packageManager, due);
  if (options.skipInstall) {
    session.hints = [...commands.map(({ line, cwd }) => `To install: ${line}${cwd === '.' ? '' : ` (in ${cwd})`}`), ...hints];
    return;
  }
  for (const { line, program, args, cwd, fills } of commands) {
    log(`\n${line}`);
    // Package managers are .cmd files on Windows: cross-spawn starts them with every argument escaped.
    const { status } = spawn.sync(program, args, { cwd: `${root}/${cwd}`, stdio: 'inherit' });
    if (status !== 0)
      throw new BadInput(`"${line}" failed: the files are all written, so run it again in ${cwd === '.' ? 'the workspace' : cwd}.`);
    noteInstalled(root, fills);
  }
  session.hints = hints;
}
