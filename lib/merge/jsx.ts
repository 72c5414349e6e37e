import { parse } from '@babel/parser';
import type { File, JSXElement, Node } from '@babel/types';

/** A TypeScript module with JSX as its syntax tree; `undefined` where it can't be read. */
export function parseModule(text: string): File | undefined {
  try {
    return parse(text, { sourceType: 'module', plugins: ['typescript', 'jsx'] });
  } catch {
    return undefined;
  }
}

/** A node and all nodes below it, outer ones first. */
export function* nodesOf(node: Node): Generator<Node> {
  yield node;
  for (const value of Object.values(node)) {
    for (const child of [value].flat()) if (isNode(child)) yield* nodesOf(child);
  }
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string' && typeof (value as Node).start === 'number';

/** Where a node stands in the text. */
export const rangeOf = ({ start, end }: Node): [start: number, end: number] => [start as number, end as number];

/** `App`, or `React.StrictMode`. */
export function elementName({ openingElement: { name } }: JSXElement): string {
  if (name.type === 'JSXIdentifier') return name.name;
  return name.type === 'JSXMemberExpression' && name.object.type === 'JSXIdentifier' ? `${name.object.name}.${name.property.name}` : '';
}

/** Names that a module imports, as it calls them. */
export function importedNames({ program }: File): string[] {
  return program.body.flatMap((statement) =>
    statement.type === 'ImportDeclaration' ? statement.specifiers.map(({ local }) => local.name) : [],
  );
}

/** What a module renders into a root of React's: the one element, and what is given besides. */
export interface Rendered {
  element: JSXElement;
  /** Where the call's other arguments stand, in their order. */
  others: readonly (readonly [start: number, end: number])[];
}

/** What a module renders; `undefined` where that is not one element, written as JSX. */
export function renderedElement({ program }: File): Rendered | undefined {
  const nodes = [...nodesOf(program)];
  const roots = new Set(
    nodes.flatMap((node) =>
      node.type === 'VariableDeclarator' && node.id.type === 'Identifier' && isCreateRoot(node.init) ? [node.id.name] : [],
    ),
  );
  const calls = nodes.flatMap((node) => {
    if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return [];
    const { object, property } = node.callee;
    const isRender = property.type === 'Identifier' && property.name === 'render';
    const isRoot = isCreateRoot(object) || (object.type === 'Identifier' && roots.has(object.name));
    return isRender && isRoot ? [node.arguments] : [];
  });
  const [element, ...others] = calls[0] ?? [];
  return calls.length === 1 && element?.type === 'JSXElement' ? { element, others: others.map(rangeOf) } : undefined;
}

/** `createRoot(...)`, also as a member of what is imported from react-dom. */
function isCreateRoot(node: Node | null | undefined): boolean {
  if (node?.type !== 'CallExpression') return false;
  const { callee } = node;
  const name = callee.type === 'MemberExpression' ? callee.property : callee;
  return name.type === 'Identifier' && name.name === 'createRoot';
}

/** Elements that a provider of ours goes inside of: an own query client is used by it. */
const outer = /^(React\.)?StrictMode$|^QueryClientProvider$/;

/** Where a provider goes. */
export interface Place {
  /** The elements that stay outside of it, the outermost first. */
  around: readonly JSXElement[];
  /** What it goes around. */
  range: [start: number, end: number];
}

/** Where a provider goes: around all that stands within the outermost elements. */
export function providerPlace(element: JSXElement, around: readonly JSXElement[] = []): Place {
  const whole: Place = { around, range: rangeOf(element) };
  if (!outer.test(elementName(element))) return whole;
  const children = element.children.filter((child) => child.type !== 'JSXText' || child.value.trim() !== '');
  const [first, last] = [children[0], children.at(-1)];
  if (first === undefined || last === undefined) return whole;
  const within = [...around, element];
  if (children.length === 1 && first.type === 'JSXElement') return providerPlace(first, within);
  return { around: within, range: [rangeOf(first)[0], rangeOf(last)[1]] };
}

/** Starts of lines that belong to a text of the program's, whose blanks mean something. */
export function literalLines(file: File): Set<number> {
  const starts = new Set<number>();
  for (const node of nodesOf(file.program)) {
    if (node.type !== 'TemplateElement' && node.type !== 'StringLiteral') continue;
    const [from, to] = rangeOf(node);
    for (let at = from; at < to; at += 1) starts.add(at);
  }
  return starts;
}
