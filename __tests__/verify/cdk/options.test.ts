// What each choice does to the template, by subject, and that checkers find nothing in it.
import { testFindings } from '../../support/cdk-checkers.ts';
import './options/api.ts';
import './options/auth.ts';
import './options/cors.ts';
import './options/functions.ts';
import './options/overrides.ts';
import { of } from './options/scenarios.ts';

describe('checkers', () => {
  const names = ['webAcl', 'domain', 'http', 'guarded', 'guarded-http', 'shared', 'vpc'].map((name) => `nag-${name}`);

  test.each(names)('cdk-nag and CDK itself find nothing: %s', (name) => {
    expect(of(name).violations).toEqual([]);
  });

  testFindings(() => Object.fromEntries(names.map((name) => [name, of(name).template])));
});
