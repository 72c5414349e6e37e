import ts from 'typescript';
import { renderTemplates } from '../../lib/templates/render.ts';
import { templateData } from './template-data.ts';

/** An API's name that no template has, so that what comes from it can be told from the templates' own words. */
const api = {
  apiTitle: 'Zyx Api',
  apiName: 'zyx-api',
  apiClass: 'ZyxApi',
  apiVariable: 'zyxApi',
  apiSnake: 'zyx_api',
  moduleName: 'zyx_api',
};

/** The rendered TypeScript files, tests aside, of the sets that hold or use a construct of an API, for every choice. */
export function renderedTypeScript(changes: object = {}): { path: string; text: string }[] {
  const files = new Map<string, { path: string; text: string }>();
  for (const set of ['constructs', 'constructs-api', 'infra-cdk'] as const) {
    for (const computeType of ['ServerlessApiGatewayRestApi', 'ServerlessApiGatewayHttpApi'] as const) {
      for (const auth of ['IAM', 'Cognito', 'Custom', 'None'] as const) {
        for (const { path, contents } of renderTemplates(set, templateData({ ...api, computeType, auth, ...changes }))) {
          if (path.endsWith('.ts') && !path.includes('.tests')) files.set(`${set} ${contents}`, { path: `${set}/${path}`, text: contents });
        }
      }
    }
  }
  return [...files.values()];
}

/** Identifiers that a text of TypeScript imports, declares, or takes from its surroundings; names of properties are none of them. */
export function identifiersOf(text: string): Set<string> {
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && !isPropertyName(node)) found.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest, true));
  return found;
}

function isPropertyName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  return (
    (ts.isPropertyAssignment(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isMethodDeclaration(parent)) &&
    parent.name === node
  );
}
