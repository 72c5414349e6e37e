import { helpText, readCommandLine } from '../../lib/command-line.ts';

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
    [['A', '--yes=no'], '--yes takes no value'],
    [['A', '--auth', 'Basic'], 'it has to be one of IAM, Cognito, Custom, None'],
  ])('%j is refused', (args, message) => {
    expect(() => readCommandLine(args)).toThrow(message);
    expect(() => readCommandLine(args)).toThrow(/^[^\n]+$/);
  });

  test('help lists every option of the generator and nothing of another', () => {
    expect(helpText('app')).toContain('--integration-pattern <choice>');
    expect(helpText('iac')).toContain('--api <text>');
    expect(helpText('iac')).not.toContain('--auth');
  });
});
