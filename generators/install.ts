import type { ChildProcess } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';
import spawn from 'cross-spawn';
import groupBy from 'lodash/groupBy.js';
import uniq from 'lodash/uniq.js';
import { BadInput } from '../lib/bad-input.ts';
import { dueInstalls, type InstallCommand, installCommands, noteDue, noteInstalled, readInstallations } from '../lib/finish/install.ts';
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
  // Each tool waits for the network most of the time and touches nothing that another one fills, so they run side by side. The first has
  // the terminal; what the others say is held until it is done.
  const [first = [], ...others] = Object.values(groupBy(commands, ({ program }) => program));
  const behind = others.map((group) => {
    const terminal = new HeldTerminal(log);
    return { terminal, failed: installAll(root, group, terminal) };
  });
  const failures = [await installAll(root, first, { begin: (line) => log(`\n${line}`) })];
  for (const { terminal, failed } of behind) {
    terminal.release();
    failures.push(await failed);
  }
  const failed = failures.filter((one) => one !== undefined);
  if (failed.length > 0) {
    const lines = failed.map(({ line }) => `"${line}"`).join(' and ');
    const places = uniq(failed.map(({ cwd }) => (cwd === '.' ? 'the workspace' : cwd))).join(' and ');
    throw new BadInput(`${lines} failed: the files are all written, so run ${failed.length === 1 ? 'it' : 'them'} again in ${places}.`);
  }
  session.hints = hints;
}

/** Where a command's output goes. */
interface Terminal {
  begin(line: string): void;
  /** Takes over what a command says; without it a command has our own terminal. */
  attach?(child: ChildProcess): void;
}

/** Keeps what commands say until it is released, and says it at once from then on. */
class HeldTerminal implements Terminal {
  #held: (() => void)[] | undefined = [];
  readonly #log: (line: string) => void;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  begin(line: string): void {
    this.#say(() => this.#log(`\n${line}`));
  }

  attach({ stdout, stderr }: ChildProcess): void {
    for (const [from, to] of [
      [stdout, process.stdout],
      [stderr, process.stderr],
    ] as const) {
      if (from === null) continue;
      // uv names each package, where npm and the line above tell how many.
      createInterface({ input: from }).on('line', (line) => {
        if (!/^ [+~-] \S+==/.test(line)) this.#say(() => to.write(`${line}\n`));
      });
    }
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const say of held) say();
  }

  #say(say: () => void): void {
    if (this.#held) this.#held.push(say);
    else say();
  }
}

/** Runs commands after each other, and gives the one that failed. */
async function installAll(root: string, commands: readonly InstallCommand[], terminal: Terminal): Promise<InstallCommand | undefined> {
  for (const command of commands) {
    terminal.begin(command.line);
    if (!(await succeeds(command, root, terminal))) return command;
    noteInstalled(root, command.fills);
  }
  return undefined;
}

function succeeds({ program, args, cwd }: InstallCommand, root: string, terminal: Terminal): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: `${root}/${cwd}`, stdio: terminal.attach ? ['ignore', 'pipe', 'pipe'] : 'inherit' });
    terminal.attach?.(child);
    child.on('error', () => resolve(false));
    child.on('close', (status) => resolve(status === 0));
  });
}
