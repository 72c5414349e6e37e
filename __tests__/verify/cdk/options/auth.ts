// Who may call, as the template says it.
import { bodyOf, functionOf, resourcesOf, text } from '../../../support/cdk-scenarios.ts';
import { errorOf, of } from './scenarios.ts';

describe('auth', () => {
  const resources = (name: string) =>
    Object.values(resourcesOf(of(name), 'AWS::IAM::Policy')).map(({ Properties }) =>
      text(Properties.PolicyDocument.Statement[0].Resource).replace(/^.*?\}(?=\/(Test|\*)\/)/, ''),
    );

  test('a grant of one operation names its method and path', () => {
    expect(resources('grant').sort()).toEqual(['/Test/GET/', '/Test/GET/items/*']);
    expect(resources('grant http')).toEqual(['/*/GET/items/*']);
  });

  test('a grant without IAM is refused', () => {
    expect(errorOf('grant without IAM')).toMatch(/^grantInvokeAccess needs IAM/);
  });

  test.each(['scopes', 'scopes http'])('with scopes only access tokens are accepted: %s', (name) => {
    const body = bodyOf(of(name));
    for (const [path, method] of [
      ['/echo', 'get'],
      ['/items', 'post'],
    ] as const)
      expect(body.paths[path][method].security).toEqual([{ cognito: ['items/read'] }]);
    if (name === 'scopes http')
      expect(text(body.components.securitySchemes.cognito['x-amazon-apigateway-authorizer'].jwtConfiguration.audience[0])).toMatch(/Own/);
  });

  test('a pool that exists is taken, with a client for the API', () => {
    const result = of('imported pool');
    const { issuer, audience } = bodyOf(result).components.securitySchemes.cognito['x-amazon-apigateway-authorizer'].jwtConfiguration;
    expect(text(issuer)).toMatch(/^https:\/\/cognito-idp\.\$\{AWS::Region\}\.amazonaws\.com\/eu-central-1_abc$/);
    expect(audience).toEqual([{ Ref: Object.keys(resourcesOf(result, 'AWS::Cognito::UserPoolClient'))[0] }]);
  });

  test.each(['custom', 'custom http'])('the authorizer is a plain handler in the same bundle, without the adapter: %s', (name) => {
    const result = of(name);
    const authorizer = Object.entries(resourcesOf(result, 'AWS::Lambda::Function')).find(([id]) => id.includes('AuthorizerFunction'))?.[1];
    expect(authorizer?.Properties).toMatchObject({
      Handler: name === 'custom' ? 'custom_api.authorizer.handler' : 'custom_http_api.authorizer.handler',
      Timeout: 10,
      MemorySize: 256,
    });
    expect(authorizer?.Properties.Layers).toBeUndefined();
    expect(authorizer?.Properties.Environment.Variables).not.toHaveProperty('AWS_LAMBDA_EXEC_WRAPPER');
    expect(authorizer?.Properties.Code).toEqual(functionOf(result, 'echo').Properties.Code);
    expect(bodyOf(result).components.securitySchemes.custom['x-amazon-apigateway-authorizer'].authorizerResultTtlInSeconds).toBe(
      name === 'custom' ? 0 : 300,
    );
  });

  test('an authorizer of your own is taken instead', () => {
    const result = of('own authorizer');
    expect(Object.keys(resourcesOf(result, 'AWS::Lambda::Function')).filter((id) => id.includes('Authorizer'))).toEqual([]);
    expect(text(bodyOf(result).components.securitySchemes.custom['x-amazon-apigateway-authorizer'].authorizerUri)).toMatch(
      /functions\/\$\{Check\w+\.Arn\}\/invocations$/,
    );
  });

  test('a missing authorizer.py is said, with how to get it', () => {
    expect(errorOf('no authorizer.py')).toMatch(
      /^customAuth needs lacking_api\/authorizer\.py, which the bundle of My API lacks: write one/,
    );
  });
});
