import { type ParserPlugin, parse } from '@babel/parser';
import MagicString from 'magic-string';
import { indentAt, indentUnit, lineEnding, splitMark } from './layout.ts';
import type { MergeResult } from './result.ts';

export interface ConstructorInsertion {
  /** The import that the statement needs, as our own formatter writes it: single quotes and a semicolon. */
  importLine: string;
  /** Statement for the end of the constructor, without indentation; it may have several lines. */
  statement: string;
  /** The class whose constructor it is. */
  className: string;
}

/** The parts of a syntax tree that are looked at. */
interface Syntax {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

/**
 * Adds an import and a statement at the end of a class's constructor to a TypeScript text, and keeps every other byte. Nothing is
 * added where what the import names is used in the text already, however the user has written it since.
 *
 * @returns `ok: false` with the lines to add by hand where the text has no such class, no constructor, or can't be parsed.
 */
export function insertIntoConstructor(text: string, insertion: ConstructorInsertion): MergeResult {
  const { importLine, statement, className } = insertion;
  const manual: MergeResult = { text, notes: [], ok: false, manual: `${importLine}\n\n${statement}` };
  const { mark, body } = splitMark(text);
  const program = programOf(body);
  if (program === undefined) return manual;
  const wanted = imports(programOf(importLine))[0];
  if (wanted === undefined) throw new TypeError(`not an import: ${importLine}`);
  const names = wanted.names;
  const there = imports(program);
  if (names.some((name) => usesName(program, name))) return { text, notes: [], ok: true };
  const method = constructorOf(program, className);
  if (method === undefined) return manual;
  const eol = lineEnding(body);
  const quote = quoteOf(
    body,
    there.map((one) => one.node),
  );
  const edit = new MagicString(body);
  const imported = there.some((one) => one.source === wanted.source && names.every((name) => one.names.includes(name)));
  if (!imported) {
    const line = inStyle(
      importLine,
      quote,
      semicolons(
        body,
        there.map((one) => one.node),
      ),
    );
    addImport(edit, body, program, there, wanted, line, eol);
  }
  const close = method.end - 1;
  const statements = method.body as Syntax[];
  const last = statements.at(-1);
  const outer = indentAt(body, method.start);
  const oneLine = !body.slice(method.start, close).includes('\n');
  const indent = last === undefined || oneLine ? outer + indentUnit(body) : indentAt(body, last.start);
  const lines = inStyle(statement, quote, true)
    .split('\n')
    .map((line) => (line === '' ? '' : indent + withUnit(line, indentUnit(body))));
  if (oneLine) edit.appendLeft(body.slice(0, close).trimEnd().length, eol + lines.join(eol) + eol + outer);
  else {
    // Below a comment at the end of the body, at the start of the brace's line.
    const at = body.lastIndexOf('\n', close) + 1;
    if (body.slice(at, close).trim() === '') edit.appendLeft(at, lines.join(eol) + eol);
    else edit.appendLeft(close, eol + lines.join(eol) + eol + outer);
  }
  const merged = edit.toString();
  const after = programOf(merged);
  const result = after === undefined ? undefined : constructorOf(after, className);
  if (after === undefined || result === undefined || (result.body as Syntax[]).length <= statements.length) return manual;
  if (!names.every((name) => usesName(after, name))) return manual;
  return { text: mark + merged, notes: [], ok: true };
}

/**
 * Adds one import to a TypeScript text: its names to an import of the same module where there is one, else a line below the last
 * import. Every other byte stays.
 */
export function mergeImport(text: string, importLine: string): MergeResult {
  const { mark, body } = splitMark(text);
  const program = programOf(body);
  const wanted = imports(programOf(importLine))[0];
  if (program === undefined || wanted === undefined) return { text, notes: [], ok: false, manual: importLine };
  const there = imports(program);
  if (there.some((one) => one.source === wanted.source && wanted.names.every((name) => one.names.includes(name))))
    return { text, notes: [], ok: true };
  const edit = new MagicString(body);
  const nodes = there.map((one) => one.node);
  addImport(edit, body, program, there, wanted, inStyle(importLine, quoteOf(body, nodes), semicolons(body, nodes)), lineEnding(body));
  return { text: mark + edit.toString(), notes: [], ok: true };
}

function addImport(
  edit: MagicString,
  body: string,
  program: Syntax,
  there: readonly ImportLine[],
  wanted: ImportLine,
  line: string,
  eol: string,
): void {
  const sameModule = there.find((one) => one.source === wanted.source && one.names.length > 0 && specifiersOf(one.node).length > 0);
  // Beside the imports of the same package where there are some, as formatters sort them.
  const packageOf = (source: string): string => source.split('/')[0] ?? source;
  const last = there.findLast((one) => packageOf(one.source) === packageOf(wanted.source)) ?? there.at(-1);
  if (sameModule) {
    const specifiers = specifiersOf(sameModule.node);
    for (const name of wanted.names.filter((one) => !sameModule.names.includes(one))) {
      // In the order that formatters sort them into: without regard to case.
      const next = specifiers.find((one) => localName(one).toLowerCase() > name.toLowerCase());
      const separator = separatorOf(body, specifiers);
      if (next) edit.appendLeft(next.start, `${name}${separator}`);
      else edit.appendLeft((specifiers.at(-1) as Syntax).end, `${separator}${name}`);
    }
  } else if (last !== undefined) {
    edit.appendLeft(last.node.end, eol + line);
  } else {
    edit.appendLeft(firstPlace(body, program), line + eol);
  }
}

/** Names in braces of an import. */
const specifiersOf = (node: Syntax): Syntax[] => (node.specifiers as Syntax[]).filter((one) => one.type === 'ImportSpecifier');
const localName = (specifier: Syntax): string => String((specifier.local as Syntax).name);

/** What stands between two names of an import: a blank, or a line break and its indentation. */
function separatorOf(body: string, specifiers: readonly Syntax[]): string {
  const [first, second] = specifiers;
  if (first === undefined) return ', ';
  const before = body.slice(body.lastIndexOf('{', first.start) + 1, first.start);
  const between = second === undefined ? before : body.slice(first.end, second.start).replace(/^,/, '');
  return /^\s*$/.test(between) ? `,${between === '' ? ' ' : between}` : ', ';
}

function programOf(text: string): Syntax | undefined {
  const plugins: ParserPlugin[] = ['typescript', 'decorators', 'explicitResourceManagement'];
  try {
    return parse(text, { sourceType: 'module', plugins, errorRecovery: false }).program as unknown as Syntax;
  } catch {
    return undefined;
  }
}

interface ImportLine {
  node: Syntax;
  source: string;
  /** Names that the import gives to values. */
  names: string[];
}

function imports(program: Syntax | undefined): ImportLine[] {
  const nodes = ((program?.body ?? []) as Syntax[]).filter((node) => node.type === 'ImportDeclaration');
  return nodes.map((node) => ({
    node,
    source: String((node.source as Syntax).value),
    names: (node.importKind === 'type' ? [] : (node.specifiers as Syntax[])).map((one) => String((one.local as Syntax).name)),
  }));
}

/** Whether a name occurs as an identifier of code outside of the imports. */
function usesName(node: unknown, name: string): boolean {
  if (Array.isArray(node)) return node.some((one) => usesName(one, name));
  if (typeof node !== 'object' || node === null) return false;
  const syntax = node as Syntax;
  if (syntax.type === 'ImportDeclaration') return false;
  if (syntax.type === 'Identifier' && syntax.name === name) return true;
  return Object.entries(syntax).some(([field, value]) => !/^(?:loc|extra|\w*Comments)$/.test(field) && usesName(value, name));
}

/** The body of the constructor of a class, which may be exported. */
function constructorOf(program: Syntax, className: string): Syntax | undefined {
  for (const statement of program.body as Syntax[]) {
    const declared = (statement.declaration ?? statement) as Syntax;
    if (declared.type !== 'ClassDeclaration' || (declared.id as Syntax | null)?.name !== className) continue;
    const members = (declared.body as Syntax).body as Syntax[];
    // Overloads of a constructor have no body, and another type.
    const found = members.find((member) => member.type === 'ClassMethod' && member.kind === 'constructor');
    return found?.body as Syntax | undefined;
  }
  return undefined;
}

/** The quotes of the last import. */
function quoteOf(text: string, nodes: readonly Syntax[]): string {
  const source = nodes.at(-1)?.source as Syntax | undefined;
  return source === undefined ? "'" : (text[source.start] as string);
}

/** Whether the last import ends in a semicolon. */
function semicolons(text: string, nodes: readonly Syntax[]): boolean {
  const last = nodes.at(-1);
  return last === undefined || text[last.end - 1] === ';';
}

/** Our own text in the quotes of a file. Strings that hold quotes or escapes stay as they are. */
const inStyle = (text: string, quote: string, semicolon: boolean): string => {
  const quoted = quote === "'" ? text : text.replace(/'([^'"\\\n]*)'/g, `${quote}$1${quote}`);
  return semicolon ? quoted : quoted.replace(/;$/, '');
};

/** A line of ours, indented by steps of two blanks, with another step. */
const withUnit = (line: string, unit: string): string => line.replace(/^(?: {2})+/, (blanks) => unit.repeat(blanks.length / 2));

/** Where a first import goes: behind a hash bang and directives, and the comments in front of them. */
function firstPlace(text: string, program: Syntax): number {
  const directive = (program.directives as Syntax[]).at(-1);
  const interpreter = program.interpreter as Syntax | null;
  const end = directive?.end ?? interpreter?.end;
  if (end === undefined) return 0;
  const newline = text.indexOf('\n', end);
  return newline < 0 ? text.length : newline + 1;
}
