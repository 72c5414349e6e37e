import { flagOf, generators, type OptionSpec, type Shell, tools } from './options.ts';

const command = 'fastapi-lambda';

/** A word that a shell may offer, and what it means. */
interface Offer {
  word: string;
  meaning: string;
}

interface Flag extends Offer {
  /** The short form, with its dash. */
  alias: string | undefined;
  /** What may follow the flag, or `undefined` where nothing does. */
  value: readonly Offer[] | 'folder' | 'text' | undefined;
}

/** A generator or a tool; the app's generator is the one without a first word. */
interface Subcommand extends Offer {
  flags: readonly Flag[];
  /** What it may be given beside flags. */
  words: readonly string[];
}

const help: Flag = { word: '--help', alias: '-h', meaning: 'Show this text', value: undefined };

/** The script that has a shell complete the command's generators, flags and their values, from the table of options. */
export function completionScript(shell: Shell): string {
  const app = { ...subcommand('app', generators.app), word: '' };
  app.flags.push({ word: '--version', alias: undefined, meaning: 'Show the version', value: undefined });
  const others = [
    ...Object.entries(generators)
      .filter(([name]) => name !== 'app')
      .map(([name, generator]) => subcommand(name, generator)),
    ...Object.entries(tools).map(([word, { summary, words }]) => ({ word, meaning: summary, flags: [help], words })),
  ];
  return { bash, zsh, fish }[shell](app, others);
}

const subcommand = (word: string, { summary, options }: { summary: string; options: Record<string, OptionSpec> }) => ({
  word,
  meaning: summary,
  flags: [...Object.entries(options).map(([name, spec]) => flag(name, spec)), help],
  words: [],
});

function flag(name: string, { type, description, alias, choices, meanings, isFolder }: OptionSpec): Flag {
  const text = isFolder ? 'folder' : 'text';
  const offers = choices?.map((word) => ({ word, meaning: meanings?.[word] ?? '' }));
  return {
    word: flagOf(name),
    alias: alias && `-${alias}`,
    meaning: description,
    value: type === 'boolean' ? undefined : (offers ?? text),
  };
}

const list = (words: readonly string[]): string => `'${words.join(' ')}'`;
const wordsOf = (offers: readonly Offer[]): string[] => offers.map(({ word }) => word);

/** For bash 3.2 and later, which macOS has, and without the package bash-completion. */
function bash(app: Subcommand, others: readonly Subcommand[]): string {
  const named = (one: Subcommand): string => one.word || 'app';
  const values = [app, ...others].flatMap((one) =>
    one.flags.flatMap(({ word, value }) => {
      const offers = value === 'folder' ? 'folders=1' : value === 'text' ? 'words=' : value && `words=${list(wordsOf(value))}`;
      return offers ? [`    ${named(one)}:${word}) ${offers} ;;`] : [];
    }),
  );
  const rest = [app, ...others].flatMap((one) => [
    `    ${named(one)}:-*) words=${list(wordsOf(one.flags))} ;;`,
    ...(one.words.length > 0 ? [`    ${named(one)}:*) ((COMP_CWORD == 2)) && words=${list(one.words)} ;;`] : []),
  ]);
  return `# ${command} in bash: eval "$(${command} completion bash)" in ~/.bashrc.
_fastapi_lambda() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} generator=app words= folders= given left=
  COMPREPLY=()
  # bash takes --flag=value for three words.
  if [[ $word == = ]]; then word=
  elif [[ $before == = ]]; then before=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  if ((COMP_CWORD > 1)); then
    case \${COMP_WORDS[1]} in ${wordsOf(others).join('|')}) generator=\${COMP_WORDS[1]} ;; esac
  fi
  case $generator:$before in
${values.join('\n')}
    *) case $generator:$word in
${rest.map((line) => `  ${line}`).join('\n')}
      app:*) ((COMP_CWORD == 1)) && words=${list(wordsOf(others))} ;;
    esac
    # A flag is given once.
    for given in $words; do
      [[ " \${COMP_WORDS[*]:1:COMP_CWORD-1} " == *" $given "* ]] || left="$left $given"
    done
    words=$left ;;
  esac
  if [[ $folders ]]; then
    local IFS=$'\\n'
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -d -- "$word"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$word"))
  fi
}
complete -F _fastapi_lambda ${command}
`;
}

const quotedInZsh = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** For zsh with its own completion system, from a startup file or as a file \`_fastapi-lambda\` in \`fpath\`. */
function zsh(app: Subcommand, others: readonly Subcommand[]): string {
  const spec = (...parts: string[]): string => quotedInZsh(parts.join(''));
  const offered = (offers: readonly Offer[]): string =>
    `((${offers.map(({ word, meaning }) => quotedInZsh(`${word}:${meaning}`).replaceAll(':', '\\:')).join(' ')}))`;
  const flagSpecs = ({ word, alias, meaning, value }: Flag): string[] => {
    const what = `[${meaning.replace(/[[\]\\]/g, '\\$&')}]`;
    if (value === undefined) return [word, ...(alias ? [alias] : [])].map((one) => spec(alias ? `(${word} ${alias})` : '', one, what));
    if (typeof value === 'string') return [spec(word, '=', what, value === 'folder' ? ':folder:_files -/' : ':text: ')];
    return [spec(word, '=', what, ':choice:', offered(value))];
  };
  const specs = (one: Subcommand): string =>
    [
      ...one.flags.flatMap(flagSpecs),
      ...(one.words.length > 0 ? [spec(':word:(', one.words.join(' '), ')')] : []),
      ...(one === app ? [spec(':name of an API, or another generator:', offered(others))] : []),
    ]
      .map((text) => `        ${text}`)
      .join('\n');
  return `#compdef ${command}
# ${command} in zsh: eval "$(${command} completion zsh)" in ~/.zshrc, below compinit.
_fastapi_lambda() {
  local -a specs
  local generator=
  ((CURRENT > 2)) && generator=$words[2]
  case $generator in
${others.map((one) => `    ${one.word})\n      specs=(\n${specs(one)}\n      )\n      shift words\n      ((CURRENT--)) ;;`).join('\n')}
    *)
      specs=(
${specs(app)}
      ) ;;
  esac
  _arguments $specs
}
if [[ $funcstack[1] == _${command} ]]; then _fastapi_lambda "$@"; else compdef _fastapi_lambda ${command}; fi
`;
}

const quotedInFish = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

function fish(app: Subcommand, others: readonly Subcommand[]): string {
  const complete = (...parts: (string | undefined)[]): string => [`complete -c ${command}`, ...parts.filter(Boolean)].join(' ');
  const offered = (offers: readonly Offer[]): string =>
    quotedInFish(offers.map(({ word, meaning }) => (meaning ? `${word}\\t${quotedInFish(meaning)}` : word)).join(' '));
  const lines = [app, ...others].flatMap((one) => {
    const where = `-n '${one === app ? 'not ' : ''}__fish_seen_subcommand_from ${one === app ? wordsOf(others).join(' ') : one.word}'`;
    return [
      ...one.flags.map(({ word, alias, meaning, value }) =>
        complete(
          where,
          `-l ${word.slice(2)}`,
          alias && `-s ${alias.slice(1)}`,
          value && '-x',
          value === 'folder' ? "-a '(__fish_complete_directories)'" : typeof value === 'object' ? `-a ${offered(value)}` : undefined,
          `-d ${quotedInFish(meaning)}`,
        ),
      ),
      ...(one.words.length > 0 ? [complete(where, `-a '${one.words.join(' ')}'`)] : []),
    ];
  });
  return `# ${command} in fish: ${command} completion fish | source, in ~/.config/fish/config.fish.
${complete('-f')}
${others.map(({ word, meaning }) => complete('-n __fish_use_subcommand', `-a ${word}`, `-d ${quotedInFish(meaning)}`)).join('\n')}
${lines.join('\n')}
`;
}
