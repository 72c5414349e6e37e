import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { completionScript } from '../../lib/options/completion.ts';
import { flagOf, generators, type OptionSpec, type Shell, tools } from '../../lib/options/options.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { atTerminal } from '../support/trust-terminal.ts';

const shells = tools.completion.words;
/** The shells of this machine that a pseudo-terminal can run: each has at least bash, but Windows. */
const present = shells.filter((shell) => process.platform !== 'win32' && spawnSync(shell, ['--version']).status === 0);

/** What a newcomer to the shell would have: none of the user's files, a prompt that can be waited for, and the script. */
const starts: Record<Shell, { argv: string[]; lines: (script: string) => string[] }> = {
  bash: { argv: ['bash', '--norc', '--noprofile', '-i'], lines: (script) => [`eval "$(cat ${script})"`] },
  zsh: { argv: ['zsh', '-f', '-i'], lines: (script) => ['autoload -U compinit', 'compinit -D', `eval "$(cat ${script})"`] },
  fish: { argv: ['fish', '--no-config', '-i'], lines: (script) => [`source ${script}`] },
};

/** Types lines into a shell, each ended by Enter, and tells the arguments that the command got of each. */
function argumentsOf(shell: Shell, typed: readonly string[]): string[] {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'packages'));
  mkdirSync(join(folder, 'bin'));
  const script = join(folder, 'script');
  writeFileSync(script, completionScript(shell));
  writeFileSync(join(folder, 'bin', 'fastapi-lambda'), '#!/bin/sh\nprintf "got"\nprintf "<%s>" "$@"\nprintf ".\\n"\n', { mode: 0o755 });
  const { argv, lines } = starts[shell];
  const env = {
    ...process.env,
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    XDG_DATA_HOME: folder,
  };
  // Each line is typed once the one before it has run: the command says so.
  const marked = [...lines(script), 'fastapi-lambda ready'].map((line) => `${line}\r`).join('');
  const steps = [
    { wait: '[$%#>] ', send: marked },
    ...typed.map((line) => ({ wait: 'got<.*>\\.', send: `${line}\r` })),
    { wait: 'got<.*>\\.', send: 'exit\r' },
  ];
  const { output, missed } = atTerminal(argv, steps, { cwd: folder, env, seconds: 30 });
  expect({ missed, output: missed && output }).toEqual({ missed: null, output: null });
  return [...output.matchAll(/got(<.*>)\./g)].slice(1).map(([, args]) => (args as string).slice(1, -1));
}

describe('in a shell of this machine', () => {
  test.each(present)('%s ends what is typed by the table of options', (shell) => {
    const typed: [string, string][] = [
      ['fastapi-lambda conn\t', 'connection'],
      ['fastapi-lambda "My API" --au\tCog\t', 'My API><--auth><Cognito'],
      ['fastapi-lambda --integration-pattern=sh\t', '--integration-pattern=shared'],
      ['fastapi-lambda iac --iac-p\tTerr\t', 'iac><--iac-provider><Terraform'],
      ['fastapi-lambda --directory pack\t', '--directory><packages/'],
      ['fastapi-lambda completion fi\t', 'completion><fish'],
      ['fastapi-lambda update --au\t', 'update><--au'],
      ['fastapi-lambda connection -y --dry\t', 'connection><-y><--dry-run'],
    ];
    const got = argumentsOf(
      shell,
      typed.map(([line]) => line),
    );
    // zsh joins a flag and its value by itself, and leaves out the slash of a folder.
    const joined = (args: string) => args.replaceAll('><', ' ').replaceAll('=', ' ').replace(/\/$/, '');
    expect(got.map(joined)).toEqual(typed.map(([, args]) => joined(args)));
  });
});

/** What bash offers for the last of some words, in a folder with the folder `packages`. */
function offered(...words: string[]): string[] {
  const ask = `${completionScript('bash')}COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _fastapi_lambda; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'packages'));
  const { stdout, stderr } = spawnSync('bash', ['--norc', '--noprofile', '-c', ask, 'bash', 'fastapi-lambda', ...words], {
    cwd,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

describe.each(present.filter((shell) => shell === 'bash'))('%s offers', () => {
  test('the generators and tools', () => {
    expect(offered('')).toEqual([...Object.keys(generators).filter((name) => name !== 'app'), ...Object.keys(tools)]);
    expect(offered('completion', '')).toEqual([...shells]);
    expect(offered('completion', 'bash', '')).toEqual([]);
  });

  test.each(Object.entries(generators))('the flags of %s, and the choices of each', (name, { options }) => {
    const before = name === 'app' ? [] : [name];
    const flags = Object.keys(options).map(flagOf);
    expect(offered(...before, '--')).toEqual([...flags, '--help', ...(name === 'app' ? ['--version'] : [])]);
    for (const [option, { choices, type, isFolder }] of Object.entries<OptionSpec>(options)) {
      if (type === 'boolean') continue;
      const values = isFolder ? ['packages'] : [...(choices ?? [])];
      for (const typed of [[''], ['=', ''], ['=']])
        expect([option, ...offered(...before, flagOf(option), ...typed)]).toEqual([option, ...values]);
    }
  });

  test('no flag a second time', () => {
    expect(offered('--auth', 'IAM', '--a')).toEqual([]);
    expect(offered('--merge', '-y', '--m')).toEqual(['--module-name']);
  });
});
