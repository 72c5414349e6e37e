import process from 'node:process';
import pick from 'lodash/pick.js';
import uniq from 'lodash/uniq.js';
import upperFirst from 'lodash/upperFirst.js';
import Generator, { type BaseFeatures, type BaseOptions } from 'yeoman-generator';
import { BadInput } from '../lib/bad-input.ts';
import { closingNotes } from '../lib/finish/closing-notes.ts';
import { keptNotes } from '../lib/finish/notes.ts';
import { writtenLines } from '../lib/finish/written.ts';
import {
  checkedOptions,
  checkedValue,
  flagOf,
  type GeneratorName,
  generators,
  type OptionSpec,
  type RunOptions,
  runOptions,
} from '../lib/options/options.ts';
import { answersIn } from '../lib/read/answers.ts';
import { markersNote } from '../lib/resolve/resolve.ts';
import { prepareRun } from '../lib/run.ts';
import { packageRoot } from '../lib/templates/package-root.ts';
import { generatorVersion } from '../lib/templates/versions.ts';
import { commitSessions, stageSession } from './commit.ts';
import { exitOnHangUp } from './hang-up.ts';
import { installSession } from './install.ts';
import { type Session, sessionOf } from './session.ts';

/** Environments that have a generator of ours. */
const hasFirst = new WeakSet<object>();

export type AllOptions<Options> = BaseOptions & Options;

/**
 * What the generators have in common: options from the one table, checked before anything else happens; one session that all of an
 * environment share, in which each says what it asks for; one commit, all or none.
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
  protected session!: Session;
  readonly #which: GeneratorName;
  readonly #raw: { args: readonly string[]; options: Record<string, unknown> };

  constructor(which: GeneratorName, args: string[], options: AllOptions<Options>) {
    // One of an environment's generators commits and installs for all: the first.
    const environment = (options.env ?? {}) as object;
    const isFirst = !hasFirst.has(environment);
    hasFirst.add(environment);
    const tasks = { customCommitTask: () => commitSessions(this.env, (session) => isInteractive(session)), customInstallTask: true };
    super(args, options as BaseOptions, { inheritTasks: true, ...(isFirst ? tasks : {}) });
    this.#which = which;
    // As they came: Yeoman's own parsing would turn `-y my-api` into `true` and lose the name.
    this.#raw = { args, options: { ...options } as Record<string, unknown> };
    this.sourceRoot(`${packageRoot()}/templates`);
    if ('name' in generators[which].options) {
      this.argument('name', { type: String, required: false, description: generators.app.options.name.description });
    }
    for (const [name, spec] of Object.entries<OptionSpec>(generators[which].options)) this.#declare(name, spec);
  }

  initializing(): void {
    exitOnHangUp();
    this.given = this.#checkedOptions();
    this.session = sessionOf(this.env, this.destinationRoot(), pick(this.given, Object.keys(runOptions)));
    this.env.cwd = this.session.reader.root;
    this.destinationRoot(this.session.reader.root);
  }

  /** After every generator of the run has written: everything is decided at once, for all that was asked for. */
  conflicts(): void {
    const { session } = this;
    if (session.prepared) return;
    const { requests, scope, ci, options } = session;
    session.prepared = prepareRun(session.reader, { requests, scope, ci, force: options.force, merge: options.merge });
    for (const line of session.prepared.openings) this.log(line);
    stageSession(session, this.env, this.fs);
  }

  async install(): Promise<void> {
    const { prepared, written, options, isInstalled } = this.session;
    if (!isInstalled && prepared) for (const line of writtenLines(prepared.decisions, written, options.verbose === true)) this.log(line);
    await installSession(this.session, (line) => this.log(line));
  }

  end(): void {
    const { prepared, kept, marked, hints, options, isReported } = this.session;
    if (prepared === undefined || isReported) return;
    this.session.isReported = true;
    const told = uniq([...prepared.notes, ...marked.map(markersNote)]);
    if (options.dryRun) {
      if (told.length > 0) this.log('\nWithout --dry-run it would also say:');
      for (const note of told) this.log(note);
      return;
    }
    // What is missing comes before what needs it.
    for (const notes of [[...told, ...keptNotes(kept, prepared.decisions), ...hints], closingNotes(prepared)]) {
      if (notes.length > 0) this.log('');
      for (const note of notes) this.log(note);
    }
  }

  /** Yeoman reads its own files, `.yo-rc.json` among them, before we could say in one line that one can't be read. */
  override createStorage<Stored extends Record<string, unknown>>(
    path: string,
    options?: Parameters<Generator['createStorage']>[1],
  ): ReturnType<typeof Generator.prototype.createStorage<Stored>> {
    const full = this.destinationPath(path);
    if (this.fs.exists(full)) answersIn(this.fs.read(full) ?? '', full);
    return super.createStorage<Stored>(path, options);
  }

  /** Yeoman would look for our package.json, and check the whole of it. */
  override rootGeneratorName(): string {
    return 'generator-fastapi-lambda';
  }

  override rootGeneratorVersion(): string {
    return generatorVersion();
  }

  /** Yeoman would read package.json for this, before we could say in one line that it can't be read. Nothing uses the name. */
  override determineAppname(): string {
    return '';
  }

  /** Whether there is a terminal to ask at, and leave to ask. */
  protected isInteractive(): boolean {
    return isInteractive(this.session);
  }

  /** An option's value: the given or stored one, else the answer at a terminal, else the default. */
  protected async answer(name: string, spec: OptionSpec, known: string | undefined, check?: (value: string) => unknown): Promise<string> {
    if (known !== undefined) return known;
    return this.isInteractive() ? this.ask(name, spec, spec.default as string, check) : (spec.default as string);
  }

  /** Asks for one option that was not given; the question comes from the table. */
  protected async ask(name: string, spec: OptionSpec, initial?: string, check: (value: string) => unknown = () => true): Promise<string> {
    if (!this.isInteractive()) throw new BadInput(`${upperFirst(spec.description)} is missing: give it with ${flagOf(name)}.`);
    const { answer } = await this.prompt<{ answer: string }>([
      {
        type: spec.choices ? 'select' : 'input',
        name: 'answer',
        message: `${spec.prompt}:`,
        ...(spec.choices ? { choices: spec.choices.map((choice) => explained(choice, spec)) } : {}),
        default: initial,
        validate: (value: string) => messageOf(() => check(checkedValue(spec, value, flagOf(name)) as string)) ?? true,
      },
    ]);
    return checkedValue(spec, answer, flagOf(name)) as string;
  }

  /** The API of the workspace that is meant: the only one, or the answer to the question. */
  protected async whichApi(spec: OptionSpec): Promise<string> {
    const known = Object.keys(this.session.stored?.apis ?? {});
    if (known.length === 0) throw new BadInput('This workspace has no API yet: make one with fastapi-lambda "My API".');
    if (known.length === 1) return known[0] as string;
    if (!this.isInteractive()) throw new BadInput(`This workspace has several APIs: say which with --api, one of ${known.join(', ')}.`);
    return this.ask('api', { ...spec, choices: known });
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

  #checkedOptions(): Options {
    const { args, options } = this.#raw;
    const table: Record<string, OptionSpec> = generators[this.#which].options;
    const given = Object.fromEntries(
      Object.entries(table).map(([name, spec]) => [
        name,
        options[name] ?? options[flagOf(name).slice(2)] ?? (spec.alias && options[spec.alias]),
      ]),
    );
    const [name, ...rest] = args;
    if (rest.length > 0 || (name !== undefined && !('name' in table))) {
      const quoted = 'name' in table ? `: put the name in quotes, "${args.join(' ')}"` : '';
      throw new BadInput(`Unexpected argument ${JSON.stringify(rest[0] ?? name)}${quoted}.`);
    }
    if (name !== undefined) given.name = name;
    return checkedOptions(table, given) as unknown as Options;
  }
}

/** A choice as the question shows it: its name, and what it means. */
const explained = (value: string, { choices = [], meanings }: OptionSpec): { value: string; name: string; short: string } => {
  const width = Math.max(...choices.map(({ length }) => length));
  return { value, name: meanings?.[value] ? `${value.padEnd(width)}  ${meanings[value]}` : value, short: value };
};

const isInteractive = ({ options }: Session): boolean => !options.yes && Boolean(process.stdin.isTTY && process.stdout.isTTY);

function messageOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
