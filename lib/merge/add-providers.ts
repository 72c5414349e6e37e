import type { File, ImportDeclaration, JSXElement } from '@babel/types';
import { asText, mergeEntries } from './add-lines.ts';
import type { AdditionInput, AdditionResult } from './addition.ts';
import {
  elementName,
  importedNames,
  literalLines,
  nodesOf,
  parseModule,
  providerPlace,
  type Rendered,
  rangeOf,
  renderedElement,
} from './jsx.ts';
import { applyEdits, type Edit, indentAt, indentUnit, lineEnd, lineEnding, splitMark } from './layout.ts';
import { noPlace } from './no-place.ts';

/**
 * Adds providers to the module that renders a React website: an overlay has a line for each, its import
 * (`import { MyApiProvider } from './connections/my-api-provider';`). What is rendered is put into the provider's element, inside of
 * StrictMode and QueryClientProvider; every other byte stays, but for the indentation of what is now further in.
 */
export function addProviders(input: AdditionInput): AdditionResult {
  const { theirs, base, ours, adopt } = input;
  const { mark, body } = splitMark(theirs);
  const file = parseModule(body);
  if (file === undefined) return byHand(input);
  const there = new Set(importedNames(file));
  // By their names: where the module has moved, the paths differ.
  const wanted = new Map(lines(ours).map((line) => [nameIn(line), line]));
  const lineOf = (name: string): string => wanted.get(name) ?? '';
  const merged = mergeEntries(lines(base).map(nameIn), (name) => there.has(name), [...wanted.keys()], adopt);
  const notes: string[] = [];
  let text = body;
  for (const name of merged.removed) {
    if (!there.has(name)) continue;
    const without = withoutProvider(text, name);
    if (without === undefined) notes.push(`keeps ${name}, which was changed here: take it out, nothing that is generated needs it`);
    else text = without;
  }
  // The first one is the outermost.
  for (const line of merged.added.map(lineOf).reverse()) {
    const wrapped = withProvider(text, line);
    if (wrapped === undefined) return byHand(input);
    text = wrapped;
  }
  return { text: mark + text, notes, ...(merged.recorded.length > 0 ? { recorded: asText(merged.recorded.map(lineOf)) } : {}) };
}

function byHand(input: AdditionInput): AdditionResult {
  const names = lines(input.ours).map(nameIn);
  const result = noPlace(input, { recorded: input.ours });
  if (result.manual === undefined) return result;
  const around = `${names.map((name) => `<${name}>`).join('')}<App />${[...names]
    .reverse()
    .map((name) => `</${name}>`)
    .join('')}`;
  return { ...result, manual: `${result.manual}\n// around what is rendered: ${around}` };
}

const lines = (overlay: string | undefined): string[] => (overlay ?? '').split('\n').filter((line) => line !== '');

/** The provider that a line imports. */
const nameIn = (line: string): string => /\{ (\w+) \}/.exec(line)?.[1] ?? '';

/** A module with one more provider; `undefined` where there is no one place for it. */
function withProvider(text: string, line: string): string | undefined {
  const file = parseModule(text);
  const rendered = file && renderedElement(file);
  if (file === undefined || rendered === undefined) return undefined;
  const result = applyEdits(text, [importEdit(text, file, line), ...wrapEdits(text, file, rendered, nameIn(line))]);
  return parseModule(result) === undefined ? undefined : result;
}

/** The import, behind the last one of a module of the website's, else behind the last one, in its quotes and with its end of a statement. */
function importEdit(text: string, file: File, line: string): Edit {
  const all = importsOf(file);
  const last = all.findLast(({ source, specifiers }) => source.value.startsWith('.') && specifiers.length > 0) ?? all.at(-1);
  const eol = lineEnding(text);
  if (last === undefined) return { at: 0, text: line + eol + eol };
  const there = text.slice(...rangeOf(last));
  const quoted = there.includes('"') ? line.replaceAll("'", '"') : line;
  const written = there.endsWith(';') ? quoted : quoted.replace(/;$/, '');
  return { at: lineEnd(text, rangeOf(last)[1]), text: eol + written };
}

const importsOf = ({ program }: File): ImportDeclaration[] =>
  program.body.filter((statement): statement is ImportDeclaration => statement.type === 'ImportDeclaration');

function wrapEdits(text: string, file: File, { element, others }: Rendered, name: string): Edit[] {
  const {
    around,
    range: [from, to],
  } = providerPlace(element);
  const eol = lineEnding(text);
  const unit = indentUnit(text);
  const indent = indentAt(text, from);
  const isOnOwnLine = text.slice(text.lastIndexOf('\n', from - 1) + 1, from).trim() === '';
  const deeper = indented(text, file, from, to, isOnOwnLine ? unit : unit + unit);
  if (isOnOwnLine) {
    return [{ at: from, text: `<${name}>${eol}${indent}${unit}` }, ...deeper, { at: to, text: `${eol}${indent}</${name}>` }];
  }
  const [start, end] = rangeOf(element);
  const isRenderOnOwnLine = text.slice(text.lastIndexOf('\n', start - 1) + 1, start).trim() === '';
  if (around.length > 0 && (around.some(isBroken) || text.slice(from, to).includes('\n')))
    return [
      { at: from, text: `<${name}>` },
      { at: to, text: `</${name}>` },
    ];
  const tags = around.map(({ openingElement, closingElement }) =>
    [openingElement, closingElement].map((tag) => (tag == null ? '' : text.slice(...rangeOf(tag)))),
  );
  const pairs = [...tags, [`<${name}>`, `</${name}>`]] as [string, string][];
  const base = isRenderOnOwnLine ? indent : indent + unit;
  const at = (depth: number): string => base + unit.repeat(depth);
  const opening = pairs.map(([tag], depth) => (depth === 0 ? tag : at(depth) + tag)).join(eol);
  const closing = pairs
    .map(([, tag], depth) => at(depth) + tag)
    .reverse()
    .join(eol);
  const before = isRenderOnOwnLine ? '' : eol + base;
  // The call's other arguments get lines of their own, as the first has one now.
  const last = others.at(-1)?.[1] ?? end;
  const more = others.map((range) => `${eol}${base}${text.slice(...range)},`).join('');
  const comma = others.length > 0 || !/^\s*,/.test(text.slice(last)) ? ',' : '';
  const after = isRenderOnOwnLine ? '' : `${comma}${more}${eol}${indent}`;
  return [
    { at: start, end: from, text: `${before}${opening}${eol}${at(pairs.length)}` },
    ...deeper,
    { at: to, end: isRenderOnOwnLine ? end : last, text: `${eol}${closing}${after}` },
  ];

  function isBroken(one: JSXElement): boolean {
    const [first, until] = rangeOf(one);
    return text.slice(first, until).includes('\n');
  }
}

/** The lines of a part of the text one step further in; those of a text in the program stay. */
function indented(text: string, file: File, from: number, to: number, unit: string): Edit[] {
  const literals = literalLines(file);
  const edits: Edit[] = [];
  for (let at = text.indexOf('\n', from) + 1; at > 0 && at < to; at = text.indexOf('\n', at) + 1) {
    const isBlank = text.slice(at, lineEnd(text, at)).trim() === '';
    if (!isBlank && !literals.has(at)) edits.push({ at, text: unit });
  }
  return edits;
}

/** A module without a provider that stands as it was written; `undefined` where it does not. */
function withoutProvider(text: string, name: string): string | undefined {
  const file = parseModule(text);
  if (file === undefined) return undefined;
  const elements = [...nodesOf(file.program)].filter(
    (node): node is JSXElement => node.type === 'JSXElement' && elementName(node) === name,
  );
  const declaration = importsOf(file).find(({ specifiers }) => specifiers.length === 1 && specifiers[0]?.local.name === name);
  const [element] = elements;
  if (declaration === undefined || elements.length > 1) return undefined;
  const edits = [importRemoval(text, declaration)];
  if (element !== undefined) {
    if (element.openingElement.attributes.length > 0 || element.closingElement == null) return undefined;
    edits.push(...unwrapEdits(text, file, element));
  }
  const result = applyEdits(text, edits);
  return parseModule(result) === undefined ? undefined : result;
}

/** The import with its line. */
function importRemoval(text: string, declaration: ImportDeclaration): Edit {
  const [at, end] = rangeOf(declaration);
  const next = text.indexOf('\n', end);
  const isWholeLine = next >= 0 && text.slice(end, next).trim() === '' && (at === 0 || text[at - 1] === '\n');
  return { at, end: isWholeLine ? next + 1 : end, text: '' };
}

function unwrapEdits(text: string, file: File, { openingElement, closingElement, children }: JSXElement): Edit[] {
  const solid = children.filter((child) => child.type !== 'JSXText' || child.value.trim() !== '');
  const [first, last] = [solid[0], solid.at(-1)];
  const opening = rangeOf(openingElement);
  const closing = rangeOf(closingElement as NonNullable<typeof closingElement>);
  if (first === undefined || last === undefined) return [{ at: opening[0], end: closing[1], text: '<></>' }];
  const [from, to] = [rangeOf(first)[0], rangeOf(last)[1]];
  const step = indentAt(text, from).slice(indentAt(text, opening[0]).length);
  const literals = literalLines(file);
  const dedents: Edit[] = [];
  for (let at = text.indexOf('\n', from) + 1; step !== '' && at > 0 && at < to; at = text.indexOf('\n', at) + 1) {
    if (!literals.has(at) && text.startsWith(step, at)) dedents.push({ at, end: at + step.length, text: '' });
  }
  return [{ at: opening[0], end: from, text: '' }, ...dedents, { at: to, end: closing[1], text: '' }];
}
