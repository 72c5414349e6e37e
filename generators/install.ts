import spawn from 'cross-spawn';
import { BadInput } from '../lib/bad-input.ts';
import { installCommands } from '../lib/install.ts';
import type { Session } from './session.ts';

/** Installs what the written manifests ask for, once for all generators of a session. */
export async function installSession(session: Session, log: (line: string) => void): Promise<void> {
  const { prepared, options, reader } = session;
  if (options.dryRun || prepared === undefined || session.isInstalled) return;
  session.isInstalled = true;
  const { commands, hints } = installCommands(prepared);
  if (options.skipInstall) {
    session.hints = [...commands.map(({ line, cwd }) => `To install: ${line}${cwd === '.' ? '' : ` (in ${cwd})`}`), ...hints];
    return;
  }
  for (const { line, program, args, cwd } of commands) {
    log(`\n${line}`);
    const { status } = spawn.sync(program, args, { cwd: `${reader.root}/${cwd}`, stdio: 'inherit' });
    if (status !== 0)
      throw new BadInput(`"${line}" failed: the files are all written, so run it again in ${cwd === '.' ? 'the workspace' : cwd}.`);
  }
  session.hints = hints;
}
