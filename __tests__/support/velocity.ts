type Params = (name: string) => string;

/**
 * The headers that a mapping template sets on `$context.responseOverride`. Of the Velocity Template Language it reads what templates of
 * preflights are made of (`#set`, `#if`, `#end`, `==`, `!=`, `||`, `.matches()`); anything else is an error.
 *
 * @param params What `$input.params` gives; an empty text for a header that is not there.
 */
export function overriddenHeaders(template: string, params: Params): Record<string, string> {
  const variables = new Map<string, string>();
  const headers: Record<string, string> = {};
  const active = [true];
  let at = 0;
  while (template.slice(at).trim() !== '') {
    const directive = /^\s*#(set\(|if\(|end)/.exec(template.slice(at));
    if (!directive) throw new Error(`What is ${template.slice(at, at + 60)}?`);
    at += directive[0].length;
    if (directive[1] === 'end') {
      active.pop();
      continue;
    }
    const inner = parenthesized(template, at);
    at += inner.length + 1;
    const holds = active.at(-1) as boolean;
    if (directive[1] === 'if(') {
      active.push(holds && outsideOfTexts(inner, ' || ').some((part) => condition(part, variables)));
    } else if (holds) {
      const [, name, value] = /^(\$[\w.-]+) = (.*)$/s.exec(inner) as unknown as [string, string, string];
      const header = /^\$context\.responseOverride\.header\.(.+)$/.exec(name)?.[1];
      if (header) headers[header] = textOf(value, variables, params);
      else variables.set(name, textOf(value, variables, params));
    }
  }
  if (active.length !== 1) throw new Error('An #if has no #end.');
  return headers;
}

/** What stands before the parenthesis that closes. */
function parenthesized(template: string, start: number): string {
  let depth = 1;
  let mark = '';
  for (let at = start; at < template.length; at++) {
    const letter = template[at] as string;
    if (mark) mark = letter === mark ? '' : mark;
    else if (letter === "'" || letter === '"') mark = letter;
    else if (letter === '(') depth++;
    else if (letter === ')' && --depth === 0) return template.slice(start, at);
  }
  throw new Error('A parenthesis is open at the end.');
}

const outsideOfTexts = (text: string, separator: string): string[] =>
  (text.match(/"[^"]*"|'(?:[^']|'')*'|[^"']+/g) ?? [])
    .flatMap((part) =>
      /^["']/.test(part) ? [part] : part.split(separator).flatMap((piece, index) => (index > 0 ? ['\0', piece] : [piece])),
    )
    .join('')
    .split('\0');

/** A text in either mark, a variable or a parameter of the request. */
function textOf(value: string, variables: ReadonlyMap<string, string>, params: Params): string {
  const parameter = /^\$input\.params\("([^"]+)"\)$/.exec(value)?.[1];
  if (parameter) return params(parameter);
  if (/^"[^"$#]*"$/.test(value)) return value.slice(1, -1);
  if (/^'(?:[^']|'')*'$/.test(value)) return value.slice(1, -1).replaceAll("''", "'");
  const known = variables.get(value);
  if (known === undefined) throw new Error(`What is ${value}?`);
  return known;
}

function condition(text: string, variables: ReadonlyMap<string, string>): boolean {
  const none: Params = () => '';
  const matches = /^(\$\w+)\.matches\((.*)\)$/s.exec(text);
  if (matches) {
    const [, subject, pattern] = matches as unknown as [string, string, string];
    // Java's `matches` is about the whole text.
    return new RegExp(`^(?:${textOf(pattern, variables, none)})$`).test(textOf(subject, variables, none));
  }
  const compared = /^(\S+) (==|!=) (.+)$/s.exec(text);
  if (!compared) throw new Error(`What is ${text}?`);
  const [, left, operator, right] = compared as unknown as [string, string, string, string];
  return (textOf(left, variables, none) === textOf(right, variables, none)) === (operator === '==');
}
