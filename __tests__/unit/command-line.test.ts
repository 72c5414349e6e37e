import { helpText, readCommandLine } from '../../lib/options/command-line.ts';
import { flagOf, type GeneratorName, generators, type OptionSpec, type ToolName, tools } from '../../lib/options/options.ts';

describe('the own command', () => {
  test('takes a name and flags for the app, a generator first for the others', () => {
    expect(readCommandLine(['My API', '--compute-type', 'serverlessapigatewayhttpapi', '-y'])).toMatchObject({
      generator: 'app',
      options: { name: 'My API', computeType: 'ServerlessApiGatewayHttpApi', yes: true },
    });
    expect(readCommandLine(['iac', '--api', 'my-api'])).toMatchObject({ generator: 'iac', options: { api: 'my-api' } });
    expect(readCommandLine(['--name', 'iac'])).toMatchObject({ generator: 'app', options: { name: 'iac' } });
    expect(readCommandLine(['-y', 'my-api'])).toMatchObject({ options: { name: 'my-api', yes: true } });
  });

  test.each([
    [['My', 'API'], 'put the name in quotes, fastapi-lambda "My API"'],
    [['A', '--name', 'B'], 'The name is given twice'],
    [['iac', 'my-api'], 'fastapi-lambda iac takes flags only'],
    [['A', '--compute'], 'There is no flag --compute: did you mean --compute-type?'],
    [['A', '--colour'], 'There is no flag --colour: fastapi-lambda --help lists them.'],
    [['A', '--auth'], '--auth needs a value, for instance --auth IAM.'],
    [['A', '--auth', '--yes'], '--auth needs a value'],
    [['--name', '-y'], '--name needs a value, for instance --name my-value.'],
    [['A', '--auht', 'IAM'], 'There is no flag --auht: did you mean --auth?'],
    [['A', '--Merge'], 'There is no flag --Merge: did you mean --merge?'],
    [['iac', '--iac-provder=CDK'], 'There is no flag --iac-provder: did you mean --iac-provider?'],
    [['A', '-x'], 'There is no flag -x: '],
    [
      ['A', '--merge', '--force'],
      '--merge and --force exclude each other: --merge keeps both sides of a conflict in the file, --force overwrites yours.',
    ],
    [['A', '--yes=no'], '--yes takes no value'],
    [['doctor', 'my-api'], 'fastapi-lambda doctor takes none.'],
    [['completion'], 'fastapi-lambda completion takes one of bash, zsh, fish. An API is called so with --name completion.'],
    [['completion', 'tcsh'], 'takes one of bash, zsh, fish, and not "tcsh".'],
    [['completion', 'bash', 'zsh'], 'fastapi-lambda completion takes one alone.'],
    [['completions'], 'did you mean fastapi-lambda completion?'],
    [['A', '--help=no'], '--help takes no value'],
    [['A', '--version'.slice(0, 5)], 'There is no flag --ver'],
    [['conection', '--api', 'my-api'], 'There is no generator conection: did you mean fastapi-lambda connection?'],
    [['updat'], 'There is no generator updat: did you mean fastapi-lambda update? An API is called so with --name updat.'],
    [['pudate', '--yes'], 'did you mean fastapi-lambda update?'],
    [['doctr'], 'did you mean fastapi-lambda doctor?'],
    [['Update'], 'did you mean fastapi-lambda update?'],
    [['construct'], 'did you mean fastapi-lambda constructs?'],
    [['iacs', '--api', 'my-api'], 'did you mean fastapi-lambda iac?'],
    [['--yes', 'update'], 'update has to be the first word: fastapi-lambda update. An API is called so with --name update.'],
    [['--yes', 'conection'], 'did you mean fastapi-lambda connection?'],
    [['connection', '--api', 'a', '--api=b'], '--api is given twice, as "a" and as "b": give it once.'],
    [['A', '--auth', 'IAM', '--auth', 'IAM'], '--auth is given twice'],
    [['--name', 'A', '--name', 'B'], '--name is given twice'],
    [['A', '--auth', 'Basic'], 'it has to be one of IAM, Cognito, Custom, None'],
  ])('%j is refused', (args, message) => {
    expect(() => readCommandLine(args)).toThrow(message);
    expect(() => readCommandLine(args)).toThrow(/^[^\n]+$/);
  });

  test.each(['My API', 'Orders', 'api', 'apps', 'collection', 'upgrade', 'date', 'docs', 'uploads', 'actor', 'mac'])(
    '%s is the name of an API',
    (name) => {
      expect(readCommandLine([name])).toMatchObject({ generator: 'app', options: { name } });
    },
  );

  test('the name of a generator is given to an API as a flag, or behind --', () => {
    expect(readCommandLine(['--name', 'updat'])).toMatchObject({ generator: 'app', options: { name: 'updat' } });
    expect(readCommandLine(['--', 'update'])).toMatchObject({ generator: 'app', options: { name: 'update' } });
  });

  test('help and version ask for nothing else', () => {
    expect(readCommandLine(['--help'])).toEqual({ generator: 'app', options: {}, help: true, version: false });
    expect(readCommandLine(['iac', '-h'])).toEqual({ generator: 'iac', options: {}, help: true, version: false });
    expect(readCommandLine(['--version'])).toMatchObject({ version: true });
  });

  test('tools stand beside the generators', () => {
    expect(readCommandLine(['doctor'])).toMatchObject({ generator: 'doctor', help: false });
    expect(readCommandLine(['completion', 'zsh'])).toMatchObject({ generator: 'completion', shell: 'zsh', help: false });
    for (const tool of Object.keys(tools) as ToolName[]) {
      expect(readCommandLine([tool, '--help'])).toMatchObject({ generator: tool, help: true });
      expect(readCommandLine(['--name', tool])).toMatchObject({ generator: 'app', options: { name: tool } });
      expect(helpText('app')).toContain(`fastapi-lambda ${tool}`);
      expect(
        helpText(tool)
          .split('\n')
          .filter((line) => line.length > 80),
      ).toEqual([]);
    }
  });

  test('what follows -- is the name, even where it looks like a flag', () => {
    expect(readCommandLine(['--yes', '--', '-my-api'])).toMatchObject({ options: { name: '-my-api', yes: true } });
  });

  test.each(Object.keys(generators) as GeneratorName[])('the help of %s fits into 80 columns, in whole words', (generator) => {
    const lines = helpText(generator).split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    for (const [name, { description, choices = [] }] of Object.entries<OptionSpec>(generators[generator].options)) {
      const words = helpText(generator).replace(/\s+/g, ' ');
      expect(words).toContain(flagOf(name));
      expect(words).toContain(description);
      for (const choice of choices) expect(words).toContain(choice);
    }
  });

  test('each choice of a question is explained', () => {
    for (const { options } of Object.values(generators)) {
      for (const [name, { prompt, choices, meanings }] of Object.entries<OptionSpec>(options)) {
        if (prompt) expect([name, Object.keys(meanings ?? {})]).toEqual([name, [...(choices ?? [])]]);
      }
    }
    expect(helpText('app').replace(/\s+/g, ' ')).toContain('Cognito: users of a Cognito user pool, by their token');
  });

  test('help lists every option of the generator and nothing of another', () => {
    expect(helpText('app')).toContain('--integration-pattern <choice>');
    expect(helpText('iac')).toContain('--api <text>');
    expect(helpText('iac')).not.toContain('--auth');
  });
});
