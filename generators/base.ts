import process from 'node:process';
import lodash from 'lodash';
import Generator, { type BaseFeatures, type BaseOptions } from 'yeoman-generator';
import { BadInput } from '../lib/bad-input.ts';
import { recoverCommit } from '../lib/commit.ts';
import { exitOnHangUp } from '../lib/hang-up.ts';
import { installCommands } from '../lib/install.ts';
import { apiNames } from '../lib/names.ts';
import {
  checkedOptions,
  checkedValue,
  flagOf,
  type GeneratorName,
  generators,
  type IacOptions,
  type OptionSpec,
  type RunOptions,
} from '../lib/options.ts';
import { packageRoot } from '../lib/package-root.ts';
import type { Run } from '../lib/run.ts';
import { planStoredAnswers } from '../lib/stored-answers.ts';
import type { StoredApi } from '../lib/workspace.ts';
import { findWorkspaceRoot } from '../lib/workspace.ts';
import { commitSharedFiles, stageIntoSharedFiles } from './commit.ts';
import { composeOwn } from './compose.ts';
import { currentRun } from './current-run.ts';

/** What our own generators pass to each other, and nobody else does. */
export interface InternalOptions {
  /** Another of ours has composed this one; it installs and reports. */
  composedBy?: GeneratorName;
}

export type AllOptions<Options> = BaseOptions & Options & InternalOptions;

/**
 * What the generators have in common: options from the one table, checked before anything else happens; one run that composed
 * generators share; one commit, all or none.
 *
 * Yeoman runs the methods that are named as its queues (`initializing` to `end`), inherited ones too; all others are helpers.
 */
export abstract class BaseGenerator<Options extends RunOptions> extends Generator<
  Record<string, unknown>,
  AllOptions<Options>,
  BaseFeatures
> {
  /** The options that were given, checked and in their canonical spelling. */
  protected given: Options = {} as Options;
  protected current!: Run;
  readonly #which: GeneratorName;

  constructor(which: GeneratorName, args: string[], options: AllOptions<Options>) {
    const own: BaseFeatures = options.composedBy
      ? {}
      : { customCommitTask: () => commitSharedFiles(this.current, this.env, this.given, this.isInteractive()), customInstallTask: true };
    super(args, options as BaseOptions, { unique: 'namespace', inheritTasks: true, ...own });
    this.#which = which;
    this.sourceRoot(`${packageRoot()}/templates`);
    if ('name' in generators[which].options) {
      this.argument('name', { type: String, required: false, description: generators.app.options.name.description });
    }
    for (const [name, spec] of Object.entries<OptionSpec>(generators[which].options)) this.#declare(name, spec);
  }

  initializing(): void {
    exitOnHangUp();
    this.given = this.#checkedOptions();
    const folder = this.destinationRoot();
    // Before anything is read: an interrupted run may have left half of its files.
    const recovered = this.options.composedBy || this.given.dryRun ? 'none' : recoverCommit(findWorkspaceRoot(folder));
    if (recovered !== 'none') this.log(`An earlier run was interrupted while it wrote its files: it has been ${recovered}.`);
    this.current = currentRun(this.env, folder);
    this.current.composed.add(this.#which);
    this.env.cwd = this.current.workspace.root;
    this.destinationRoot(this.current.workspace.root);
  }

  conflicts(): void {
    if (this.options.composedBy) return;
    planStoredAnswers(this.current);
    stageIntoSharedFiles(this.current, this.fs, this.env, this.given);
  }

  async install(): Promise<void> {
    if (this.options.composedBy || this.given.dryRun) return;
    const { commands, hints } = installCommands(this.current);
    if (this.given.skipInstall) {
      this.current.notes.push(...commands.map(({ line, cwd }) => `To install: ${line}${cwd === '.' ? '' : ` (in ${cwd})`}`), ...hints);
      return;
    }
    for (const { line, program, args, cwd } of commands) {
      this.log(`\n${line}`);
      const { exitCode } = await this.spawn(program, args, {
        cwd: `${this.current.workspace.root}/${cwd}`,
        stdio: 'inherit',
        reject: false,
      });
      if (exitCode !== 0)
        throw new BadInput(`"${line}" failed: the files are all written, so run it again in ${cwd === '.' ? 'the workspace' : cwd}.`);
    }
    this.current.notes.push(...hints);
  }

  end(): void {
    if (this.options.composedBy || this.given.dryRun) return;
    this.log('');
    for (const note of this.current.notes) this.log(note);
  }

  /** Yeoman would read package.json for this, before we could say in one line that it can't be read. Nothing uses the name. */
  override determineAppname(): string {
    return '';
  }

  /** Whether there is a terminal to ask at, and leave to ask. */
  protected isInteractive(): boolean {
    return !this.given.yes && Boolean(process.stdin.isTTY && process.stdout.isTTY);
  }

  /** An option's value: the given or stored one, else the answer at a terminal, else the default. */
  protected async answer(name: string, spec: OptionSpec, known: string | undefined, check?: (value: string) => unknown): Promise<string> {
    if (known !== undefined) return known;
    return this.isInteractive() ? this.ask(name, spec, spec.default as string, check) : (spec.default as string);
  }

  /** What the workspace keeps of an API, found by the name that was given for it. */
  protected knownApi(name: string): StoredApi | undefined {
    const apis = Object.entries(this.current.stored?.apis ?? {});
    return apis.find(([project, api]) => project === name || api.name === name || project === projectOf(name))?.[1];
  }

  /** Composes another of our generators into this run. */
  protected compose(name: 'constructs' | 'iac', Composed: unknown, options: IacOptions = {}): Promise<void> {
    return composeOwn({ run: this.current, generator: this, name: this.#which }, name, Composed, options);
  }

  /** Asks for one option that was not given; the question comes from the table. */
  protected async ask(name: string, spec: OptionSpec, initial?: string, check: (value: string) => unknown = () => true): Promise<string> {
    if (!this.isInteractive()) throw new BadInput(`${lodash.upperFirst(spec.description)} is missing: give it with ${flagOf(name)}.`);
    const { answer } = await this.env.adapter.prompt<{ answer: string }>([
      {
        type: spec.choices ? 'select' : 'input',
        name: 'answer',
        message: `${spec.prompt}:`,
        ...(spec.choices ? { choices: [...spec.choices] } : {}),
        default: initial,
        validate: (value: string) => messageOf(() => check(checkedValue(spec, value, flagOf(name)) as string)) ?? true,
      },
    ]);
    return checkedValue(spec, answer, flagOf(name)) as string;
  }

  #declare(name: string, spec: OptionSpec): void {
    const details = [spec.choices ? `one of ${spec.choices.join(', ')}` : '', spec.default ? `default ${spec.default}` : '']
      .filter(Boolean)
      .join('; ');
    this.option(flagOf(name).slice(2), {
      type: spec.type === 'boolean' ? Boolean : String,
      alias: spec.alias,
      description: details ? `${spec.description} (${details})` : spec.description,
    });
  }

  /** Values as they came: Yeoman's own parsing would turn `-y my-api` into `true` and lose the name. */
  #checkedOptions(): Options {
    const raw = this._initOptions as object as Record<string, unknown>;
    const table: Record<string, OptionSpec> = generators[this.#which].options;
    const given = Object.fromEntries(
      Object.entries(table).map(([name, spec]) => [name, raw[name] ?? raw[flagOf(name).slice(2)] ?? (spec.alias && raw[spec.alias])]),
    );
    const [name, ...rest] = this._args;
    if (rest.length > 0 || (name !== undefined && !('name' in table))) {
      const quoted = 'name' in table ? `: put the name in quotes, "${this._args.join(' ')}"` : '';
      throw new BadInput(`Unexpected argument ${JSON.stringify(rest[0] ?? name)}${quoted}.`);
    }
    if (name !== undefined) given.name = name;
    return checkedOptions(table, given) as unknown as Options;
  }
}

function projectOf(name: string): string | undefined {
  try {
    return apiNames(name).apiName;
  } catch {
    return undefined;
  }
}

function messageOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
