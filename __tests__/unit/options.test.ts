import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkedOptions, flagOf, type GeneratorName, generators } from '../../lib/options/options.ts';
import { packageRoot } from '../../lib/templates/package-root.ts';
import { optionsTable } from '../support/options-table.ts';

describe('options', () => {
  test('a value of an enum is matched without regard to case and comes out in its own spelling', () => {
    expect(checkedOptions(generators.app.options, { auth: 'cognito', computeType: 'serverlessapigatewayhttpapi' })).toEqual({
      auth: 'Cognito',
      computeType: 'ServerlessApiGatewayHttpApi',
    });
  });

  test.each([
    ['a value that is none of the choices', { auth: 'Basic' }, '--auth is "Basic": it has to be one of IAM, Cognito, Custom, None.'],
    ['a value of another type', { auth: 7 }, '--auth is 7: it has to be one of IAM, Cognito, Custom, None.'],
    ['the text that yo makes of a flag without a value', { moduleName: 'true' }, '--module-name has no value: it has to be a text.'],
    ['a blank text', { scope: '  ' }, '--scope has no value: it has to be a text.'],
    ['a name that a flag has swallowed', { yes: 'my-api' }, '--yes takes no value, but has "my-api": give the flag alone, after the name.'],
  ])('%s is refused in one line', (_, given, message) => {
    expect(() => checkedOptions(generators.app.options, given)).toThrow(message);
  });

  test('the README has the table of every option as it is declared', () => {
    const readme = readFileSync(join(packageRoot(), 'README.md'), 'utf8');
    expect(readme).toContain(optionsTable('app'));
    expect(readme).toContain(optionsTable('connection').split('\n').slice(0, 4).join('\n'));
  });

  test('every flag is one of a kind in its generator, short forms included', () => {
    for (const name of Object.keys(generators) as GeneratorName[]) {
      const specs = Object.entries(generators[name].options as Record<string, { alias?: string }>);
      const flags = specs.flatMap(([option, { alias }]) => [flagOf(option), ...(alias ? [`-${alias}`] : [])]);
      expect(new Set(flags).size).toBe(flags.length);
    }
  });
});
