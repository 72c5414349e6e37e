import { Command, CommanderError, Option } from 'commander';
import { BadInput } from '../bad-input.ts';
import { quoted } from '../names/names.ts';
import {
  checkedOptions,
  flagOf,
  type GeneratorName,
  generators,
  type OptionSpec,
  runOptions,
  type Shell,
  type ToolName,
  tools,
} from './options.ts';

export interface CommandLine {
  /** A tool generates nothing. */
  generator: GeneratorName | ToolName;
  /** The options that are given, checked, by their names in camelCase. */
  options: Record<string, string | boolean>;
  /** What `completion` is for. */
  shell?: Shell;
  help: boolean;
  version: boolean;
}

const command = 'fastapi-lambda';

const examples = [
  ['"My API"', 'asks for the rest'],
  ['"My API" --yes --auth Cognito --iac-provider Terraform', 'asks nothing'],
  ['"My API" --integration-pattern shared --dry-run', 'shows what would change'],
] as const;

/**
 * Reads the arguments of the own command: `[generator] [name] [flags]`. A name that is also a generator's or a tool's is given with `--name`.
 *
 * @throws BadInput For an unknown flag, a flag without its value, flags that exclude each other, or an argument too many.
 */
export function readCommandLine(args: readonly string[]): CommandLine {
  const [first, ...rest] = args;
  if (first !== undefined && Object.hasOwn(tools, first)) return toolLine(first as ToolName, rest);
  const isGenerator = first !== undefined && Object.hasOwn(generators, first);
  const generator = isGenerator ? (first as GeneratorName) : 'app';
  if (!isGenerator && first !== undefined) checkNoGenerator(first);
  const specs: Record<string, OptionSpec> = generators[generator].options;
  const { given, positionals } = parsed(generator, isGenerator ? rest : args, specs);
  const help = given.help === true;
  const version = given.version === true;
  if (help || version) return { generator, options: {}, help, version };

  const [name, ...more] = positionals;
  if (name !== undefined && !('name' in specs))
    throw new BadInput(`Unexpected argument ${JSON.stringify(name)}: ${command} ${generator} takes flags only.`);
  if (more.length > 0)
    throw new BadInput(`Unexpected argument ${JSON.stringify(more[0])}: put the name in quotes, ${command} "${positionals.join(' ')}".`);
  if (name !== undefined && !args.includes('--')) checkNoGenerator(name);
  if (name !== undefined && given.name !== undefined) throw new BadInput('The name is given twice: as an argument and with --name.');
  if (name !== undefined) given.name = name;
  return { generator, options: checkedOptions(specs, given) as Record<string, string | boolean>, help, version };
}

/**
 * A generator comes first and in its own spelling: all else would be taken for the name of an API.
 *
 * @throws BadInput When a word is one's name, or nearly so.
 */
function checkNoGenerator(word: string): void {
  const names = [...Object.keys(generators).filter((name) => name !== 'app'), ...Object.keys(tools)];
  const near = names.find((name) => isNearly(word.toLowerCase(), name));
  if (near === undefined) return;
  const fault =
    word === near
      ? `${near} has to be the first word: ${command} ${near}.`
      : `There is no generator ${word}: did you mean ${command} ${near}?`;
  throw new BadInput(`${fault} An API is called so with --name ${word}.`);
}

/** Whether a word is another one with up to two letters too many or too few; of a short one, with one. */
function isNearly(word: string, name: string): boolean {
  if (!name.slice(0, 2).includes(word.charAt(0))) return false;
  return word.length + name.length - 2 * commonLetters(word, name) <= (name.length < 6 ? 1 : 2);
}

/** Length of the longest row of letters that two words have in common, with others in between. */
function commonLetters(one: string, other: string): number {
  let row = Array<number>(other.length + 1).fill(0);
  for (const letter of one) {
    const above = row;
    row = [0];
    for (const [at, same] of [...other].entries())
      row.push(letter === same ? (above[at] as number) + 1 : Math.max(above[at + 1] as number, row[at] as number));
  }
  return row.at(-1) as number;
}

function toolLine(tool: ToolName, rest: readonly string[]): CommandLine {
  const line = { generator: tool, options: {}, version: false };
  if (rest.includes('--help') || rest.includes('-h')) return { ...line, help: true };
  const words: readonly string[] = tools[tool].words;
  const taken = words.includes(rest[0] ?? '') ? 1 : 0;
  const more = rest[taken];
  if (words.length > 0 && taken === 0)
    throw new BadInput(
      `${command} ${tool} takes one of ${words.join(', ')}${more === undefined ? '' : `, and not ${quoted(more)}`}. An API is called so with --name ${tool}.`,
    );
  if (more !== undefined)
    throw new BadInput(`Unexpected argument ${quoted(more)}: ${command} ${tool} takes ${taken === 0 ? 'none' : 'one alone'}.`);
  return { ...line, help: false, ...(tool === 'completion' && { shell: rest[0] as Shell }) };
}

const toolHelp: Record<ToolName, string> = {
  doctor: `Usage: ${command} doctor

${tools.doctor.summary}:
on this machine, and in the workspace.
Exits with 1 where something is missing that the work needs.
`,
  completion: `Usage: ${command} completion <${tools.completion.words.join('|')}>

${tools.completion.summary}: prints a script
for it.

bash, in ~/.bashrc:
  eval "$(${command} completion bash)"
zsh, in ~/.zshrc below compinit:
  eval "$(${command} completion zsh)"
fish, in ~/.config/fish/config.fish:
  ${command} completion fish | source
`,
};

/** The text of `--help`, from the table of options, in lines that fit the terminal. */
export function helpText(generator: GeneratorName | ToolName): string {
  if (isTool(generator)) return toolHelp[generator];
  const program = programFor(generator);
  if (generator !== 'app') return program.helpInformation();
  const help = program.createHelp();
  help.prepareContext({ helpWidth: process.stdout.columns || 80 });
  const others = [...Object.entries(generators).filter(([name]) => name !== 'app'), ...Object.entries(tools)];
  const width = Math.max(...others.map(([name]) => name.length)) + command.length + 1;
  const items = others.map(([name, { summary }]) => help.formatItem(`${command} ${name}`, width, summary, help));
  const shown = examples.map(([args, what]) => `  # ${what}\n  ${command} ${args}`);
  return `${program.helpInformation()}\n${help.formatItemList('Others:', items, help).join('\n')}\nExamples:\n${shown.join('\n')}\n`;
}

const isTool = (name: GeneratorName | ToolName): name is ToolName => Object.hasOwn(tools, name);

function programFor(generator: GeneratorName): Command {
  const { summary, options } = generators[generator];
  const program = new Command(generator === 'app' ? command : `${command} ${generator}`)
    .description(summary)
    .usage(generator === 'app' ? '[name] [flags]' : '[flags]')
    .argument('[words...]')
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .configureHelp({ visibleArguments: () => [], optionDescription: ({ description }) => description });
  for (const [name, spec] of Object.entries<OptionSpec>(options))
    program.addOption(optionOf(name, spec).helpGroup(name in runOptions ? 'How it runs:' : 'What is made:'));
  program.optionsGroup('Else:').option('-h, --help', 'Show this text');
  if (generator === 'app') program.option('--version', 'Show the version');
  return program;
}

function optionOf(name: string, spec: OptionSpec): Option {
  const value = spec.type === 'boolean' ? '' : spec.choices ? ' <choice>' : ' <text>';
  const option = new Option(`${spec.alias ? `-${spec.alias}, ` : ''}${flagOf(name)}${value}`, described(spec));
  return spec.type === 'boolean' ? option : option.argParser((text: string, before?: string) => givenOnce(name, text, before));
}

function givenOnce(name: string, text: string, before: string | undefined): string {
  if (before === undefined) return text;
  throw new BadInput(`${flagOf(name)} is given twice, as ${quoted(before)} and as ${quoted(text)}: give it once.`);
}

/** What an option is for, its default, and a line for each of its choices. */
function described({ description, choices = [], meanings, default: initial }: OptionSpec): string {
  const fallback = typeof initial === 'string' ? ` (default: ${initial.replace(/^\((.*)\)$/, '$1')})` : '';
  return [`${description}${fallback}`, ...choices.map((choice) => (meanings?.[choice] ? `${choice}: ${meanings[choice]}` : choice))].join(
    '\n',
  );
}

function parsed(
  generator: GeneratorName,
  args: readonly string[],
  specs: Record<string, OptionSpec>,
): { given: Record<string, unknown>; positionals: string[] } {
  const program = programFor(generator);
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  try {
    program.parse(
      // The library looks for a flag like an unknown one only where that has no value behind `=`.
      args.map((arg, index) => (index < end && /^--[^=]+=/.test(arg) && !isKnown(arg, specs) ? (arg.split('=')[0] as string) : arg)),
      { from: 'user' },
    );
  } catch (error) {
    throw error instanceof CommanderError ? new BadInput(explained(generator, error, specs)) : error;
  }
  const given = Object.fromEntries(Object.entries(program.opts()).filter(([name]) => program.getOptionValueSource(name) === 'cli'));
  const swallowed = Object.entries(given).find(([, value]) => typeof value === 'string' && /^--?[a-z]/i.test(value))?.[0];
  if (swallowed !== undefined) throw new BadInput(needsValue(flagOf(swallowed), specs));
  return { given, positionals: program.args };
}

const isKnown = (arg: string, specs: Record<string, OptionSpec>): boolean => {
  const flag = arg.split('=')[0];
  return ['--help', '--version', ...Object.keys(specs).map(flagOf)].some((known) => known === flag);
};

function explained(generator: GeneratorName, { code, message }: CommanderError, specs: Record<string, OptionSpec>): string {
  const flag = /'(--?[^\s'=]+)/.exec(message)?.[1] ?? '';
  if (code === 'commander.optionMissingArgument') return needsValue(/--[a-z-]+/.exec(message)?.[0] ?? flag, specs);
  if (code !== 'commander.unknownOption') return message.replace(/^error: /, '').replaceAll('\n', ' ');
  const flags = Object.keys(specs).map(flagOf);
  if (isKnown(flag, specs)) return `${flag} takes no value.`;
  // A flag's beginning is too far from it for the library.
  const near = /Did you mean (?:one of )?([^?]+)/.exec(message)?.[1] ?? flags.find((known) => known.startsWith(flag));
  return `There is no flag ${flag}: ${near ? `did you mean ${near}?` : `${generator === 'app' ? command : `${command} ${generator}`} --help lists them.`}`;
}

const needsValue = (flag: string, specs: Record<string, OptionSpec>): string =>
  `${flag} needs a value, for instance ${flag} ${example(flag, specs)}.`;

function example(flag: string, specs: Record<string, OptionSpec>): string {
  const spec = Object.entries(specs).find(([name]) => flagOf(name) === flag)?.[1];
  if (spec?.choices) return spec.choices[0] as string;
  return typeof spec?.default === 'string' && !spec.default.startsWith('(') ? spec.default : 'my-value';
}
