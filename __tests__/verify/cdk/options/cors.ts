// Origins and headers of browsers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bodyOf, functionOf, type Json, resourcesOf, type Synthesized, text } from '../../../support/cdk-scenarios.ts';
import { errorOf, of } from './scenarios.ts';

describe('CORS', () => {
  const preflights = (result: Synthesized) =>
    Object.entries<Json>(bodyOf(result).paths)
      .filter(([path]) => path !== '/own')
      .map(([, item]) => item.options['x-amazon-apigateway-integration'].responses.default);

  test.each([
    ['flagged', '*'],
    ['cors', 'https://example.com'],
    ['cors shared', 'https://example.com'],
  ])('one origin is in every preflight, `/` included, in gateway responses and in functions: %s', (name, origin) => {
    const result = of(name);
    expect(preflights(result).length).toBeGreaterThan(3);
    for (const response of preflights(result)) {
      expect(response.responseParameters['method.response.header.Access-Control-Allow-Origin']).toBe(`'${origin}'`);
      expect(response.responseParameters['method.response.header.Access-Control-Allow-Headers']).toContain('Authorization');
      expect(response.responseTemplates).toBeUndefined();
    }
    for (const { responseParameters } of Object.values<Json>(bodyOf(result)['x-amazon-apigateway-gateway-responses'])) {
      expect(responseParameters['gatewayresponse.header.Access-Control-Allow-Origin']).toBe(`'${origin}'`);
    }
    for (const { Properties } of Object.values(resourcesOf(result, 'AWS::Lambda::Function')))
      expect(Properties.Environment.Variables.ALLOWED_ORIGINS).toBe(origin);
  });

  test("with several origins, a preflight answers with the request's among them, and a gateway response echoes it", () => {
    const result = of('cors of several');
    for (const response of preflights(result)) {
      expect(response.responseTemplates['application/json']).toContain(
        '$origin == "https://example.com" || $origin == "https://www.example.com"',
      );
      expect(response.responseParameters['method.response.header.Access-Control-Allow-Origin']).toBe("'https://example.com'");
    }
    const { DEFAULT_4XX, DEFAULT_5XX } = bodyOf(result)['x-amazon-apigateway-gateway-responses'];
    expect(DEFAULT_4XX.responseParameters).toMatchObject({
      'gatewayresponse.header.Access-Control-Allow-Origin': 'method.request.header.Origin',
      'gatewayresponse.header.Vary': "'Origin'",
    });
    expect(DEFAULT_5XX).toEqual(DEFAULT_4XX);
    expect(functionOf(result, 'root').Properties.Environment.Variables.ALLOWED_ORIGINS).toBe('https://example.com,https://www.example.com');
  });

  test('an HTTP API answers preflights itself, for the origins', () => {
    const result = of('cors http');
    expect(bodyOf(result)['x-amazon-apigateway-cors']).toMatchObject({
      allowOrigins: ['https://example.com', 'https://www.example.com'],
      allowHeaders: expect.arrayContaining(['authorization']),
    });
    expect(functionOf(result, 'root').Properties.Environment.Variables.ALLOWED_ORIGINS).toBe('https://example.com,https://www.example.com');
    expect(bodyOf(of('flagged http'))['x-amazon-apigateway-cors'].allowOrigins).toEqual(['*']);
  });

  test('other origins deploy the API anew', () => {
    const deployment = (name: string) => Object.keys(resourcesOf(of(name), 'AWS::ApiGateway::Deployment'));
    expect(deployment('cors')).not.toEqual(deployment('flagged'));
  });

  test("a distribution stands for its address, in a stack that takes nothing from the API's", () => {
    const isOutput = (value: string) => expect(value).toMatch(/Fn::GetStackOutput.*"StackName":"Website".*DomainName/);
    const [rest, http] = [of('cors of a distribution'), of('cors of a distribution http')];
    for (const result of [rest, http]) isOutput(text(functionOf(result, 'root').Properties.Environment.Variables.ALLOWED_ORIGINS));
    for (const { responseParameters, responseTemplates } of preflights(rest)) {
      isOutput(text(responseParameters['method.response.header.Access-Control-Allow-Origin']));
      expect(responseTemplates).toBeUndefined();
    }
    isOutput(text(bodyOf(http)['x-amazon-apigateway-cors'].allowOrigins[0]));
    for (const response of preflights(of('cors of distributions'))) {
      const template = text(response.responseTemplates['application/json']);
      isOutput(template);
      expect(template).toContain('" || $origin == "https://www.example.com")');
    }
    const stack = JSON.parse(readFileSync(join(rest.folder, 'Website.template.json'), 'utf8'));
    expect(JSON.stringify(stack.Resources)).not.toContain('Fn::GetStackOutput');
  });

  test('restricting to nothing is refused', () => {
    expect(errorOf('cors of none')).toBe('restrictCorsTo needs an origin at least.');
  });
});
