import { parseArgs } from 'node:util';
import { BadInput } from './bad-input.ts';
import { checkedOptions, flagOf, type GeneratorName, generators, type OptionSpec } from './options.ts';

export interface CommandLine {
  generator: GeneratorName;
  /** The options that are given, checked, by their names in camelCase. */
  options: Record<string, string | boolean>;
  help: boolean;
  version: boolean;
}

const command = 'fastapi-lambda';

/**
 * Reads the arguments of the own command: `[generator] [name] [flags]`. A name that is also a generator's is given with `--name`.
 *
 * @throws BadInput For an unknown flag, a flag without its value, or an argument too many.
 */
export function readCommandLine(args: readonly string[]): CommandLine {
  const [first, ...rest] = args;
  const isGenerator = first !== undefined && Object.hasOwn(generators, first);
  const generator = isGenerator ? (first as GeneratorName) : 'app';
  const specs: Record<string, OptionSpec> = generators[generator].options;
  const { values, positionals } = parsed(isGenerator ? rest : args, specs);
  const help = values.help === true;
  const version = values.version === true;
  if (help || version) return { generator, options: {}, help, version };

  const [name, ...more] = positionals;
  if (name !== undefined && !('name' in specs))
    throw new BadInput(`Unexpected argument ${JSON.stringify(name)}: ${command} ${generator} takes flags only.`);
  if (more.length > 0)
    throw new BadInput(`Unexpected argument ${JSON.stringify(more[0])}: put the name in quotes, ${command} "${positionals.join(' ')}".`);
  if (name !== undefined && values.name !== undefined) throw new BadInput('The name is given twice: as an argument and with --name.');
  const given: Record<string, unknown> = Object.fromEntries(Object.keys(specs).map((option) => [option, values[flagOf(option).slice(2)]]));
  if (name !== undefined) given.name = name;
  return { generator, options: checkedOptions(specs, given) as Record<string, string | boolean>, help, version };
}

function parsed(args: readonly string[], specs: Record<string, OptionSpec>): { values: Record<string, unknown>; positionals: string[] } {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string }> = {
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean' },
  };
  for (const [name, { type, alias }] of Object.entries(specs))
    options[flagOf(name).slice(2)] = { type, ...(alias ? { short: alias } : {}) };
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new BadInput(explained(error as Error & { code?: string }, specs));
  }
}

function explained(error: Error & { code?: string }, specs: Record<string, OptionSpec>): string {
  const flag = /'(?:-\w, )?(--?[^\s'=]+)/.exec(error.message)?.[1] ?? '';
  const flags = Object.keys(specs).map(flagOf);
  if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const near = flags.find(
      (known) => known.startsWith(flag) || flag.startsWith(known) || known.replaceAll('-', '') === flag.replaceAll('-', '').toLowerCase(),
    );
    return `There is no flag ${flag}: ${near ? `did you mean ${near}?` : `${command} --help lists them.`}`;
  }
  if (/argument missing|ambiguous/.test(error.message)) return `${flag} needs a value, for instance ${flag} ${example(flag, specs)}.`;
  if (/does not take an argument/.test(error.message)) return `${flag} takes no value.`;
  return `${error.message.split('\n')[0]}`;
}

function example(flag: string, specs: Record<string, OptionSpec>): string {
  const spec = Object.entries(specs).find(([name]) => flagOf(name) === flag)?.[1];
  if (spec?.choices) return spec.choices[0] as string;
  return typeof spec?.default === 'string' && !spec.default.startsWith('(') ? spec.default : 'my-value';
}

/** The text of `--help`, from the table of options. */
export function helpText(generator: GeneratorName): string {
  const { summary, options } = generators[generator];
  const isApp = generator === 'app';
  const rows = Object.entries<OptionSpec>(options).map(([name, spec]): [string, string] => {
    const value = spec.type === 'boolean' ? '' : spec.choices ? ' <choice>' : ' <text>';
    const facts = [spec.choices ? `One of ${spec.choices.join(', ')}` : '', spec.default ? `Default: ${spec.default}` : '']
      .filter(Boolean)
      .join('. ');
    return [
      `${spec.alias ? `-${spec.alias}, ` : '    '}${flagOf(name)}${value}`,
      facts ? `${spec.description}. ${facts}` : spec.description,
    ];
  });
  const width = Math.max(...rows.map(([flag]) => flag.length)) + 2;
  const lines = [
    `Usage: ${command} ${isApp ? '[name]' : generator} [flags]`,
    '',
    summary,
    '',
    ...rows.map(([flag, text]) => `  ${flag.padEnd(width)}${text}`),
    `  ${'-h, --help'.padEnd(width)}Show this text`,
    ...(isApp ? [`  ${'    --version'.padEnd(width)}Show the version`, '', 'Other generators:'] : []),
  ];
  if (isApp) {
    for (const [name, { summary: about }] of Object.entries(generators))
      if (name !== 'app') lines.push(`  ${command} ${name.padEnd(12)}${about}`);
  }
  return `${lines.join('\n')}\n`;
}
