import { readAnswers } from '../../lib/read/answers.ts';
import { Reader } from '../../lib/read/reader.ts';
import { tree } from '../support/trust-tree.ts';

const stored = (apis: object): string => JSON.stringify({ 'generator-fastapi-lambda': { scope: 'shop', iacProvider: 'CDK', apis } });
const orders = {
  name: 'Orders',
  directory: 'packages',
  computeType: 'ServerlessApiGatewayRestApi',
  integrationPattern: 'isolated',
  auth: 'IAM',
  className: 'Orders',
  moduleName: 'orders',
  port: 8000,
  iacProviders: ['CDK'],
};

const answersOf = (text: string): unknown => readAnswers(new Reader(tree({ '.yo-rc.json': text })));

describe('the answers of a workspace', () => {
  test('a .yo-rc.json of other generators alone is no answer of ours', () => {
    expect(answersOf('{ "generator-node": {} }')).toBeUndefined();
  });

  test.each([
    ['text that is no JSON', '{', "can't be read"],
    ['a control character', '\u0001', "can't be read (Unexpected token '?', \"?\" is not valid JSON)"],
    ['a list', '[]', 'holds no object'],
    ['answers that are no object', '{ "generator-fastapi-lambda": 1 }', 'it has to be an object'],
    ['another auth', stored({ orders: { ...orders, auth: 'Basic' } }), 'auth of orders in .yo-rc.json is "Basic": it has to be one of'],
    ['a directory outside', stored({ orders: { ...orders, directory: '../x' } }), "it has to be a folder below the workspace's root"],
    ['a port that is none', stored({ orders: { ...orders, port: '8000' } }), 'it has to be a whole number'],
    ['a provider that is none', stored({ orders: { ...orders, iacProviders: ['Pulumi'] } }), 'it has to be one of CDK, Terraform'],
    ['a name with a path', stored({ '../x': orders }), 'it has to be kebab-case'],
  ])('stored answers are validated as flags are: %s', (_, text, message) => {
    expect(() => answersOf(text)).toThrow(message);
    expect(() => answersOf(text)).toThrow(/^[^\n]+$/);
  });
});
