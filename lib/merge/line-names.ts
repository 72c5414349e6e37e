import { splitMark } from './layout.ts';
import type { ThreeTexts } from './three-way.ts';

/**
 * Whether a merge by lines has what both sides have, each once: a line that nobody has taken out is not lost, and none is there twice
 * that was only moved; nor is a name declared or imported twice that each side has once. Such a merge is none, however cleanly lines went
 * together: a move is a removal and an insertion, of which one may meet ours and the other not.
 *
 * @param format The file's extension.
 */
export function namesKeptBy(format: string, { base, theirs, ours }: ThreeTexts): (merged: string) => boolean {
  const [before, there, wanted] = [base, theirs, ours].map((text) => namesIn(format, text)) as [Names, Names, Names];
  const all = [...new Set([...there.keys(), ...wanted.keys()])];
  return (merged) => {
    const after = namesIn(format, merged);
    return all.every((name) => {
      const [was, mine, our, now] = [before, there, wanted, after].map((names) => names.get(name) ?? nowhere) as [
        Count,
        Count,
        Count,
        Count,
      ];
      if (was.times === 1 && mine.times === 1 && our.times === 1) return now.times === 1;
      // Of blocks that look the same, each may have what is declared in it.
      return now.declared <= Math.max(1, mine.declared, our.declared) || isRepeated(name, after);
    });
  };
}

interface Count {
  times: number;
  /** As what its block can have once. */
  declared: number;
}

const nowhere: Count = { times: 0, declared: 0 };

/** What a text has, by what a line declares, in the blocks that it stands in, or else by the line itself: other lines may come twice. */
type Names = ReadonlyMap<string, Count>;

/** Whether a block that a name stands in is there more than once. */
function isRepeated(name: string, names: Names): boolean {
  const parts = name.split('\n');
  return parts.slice(1).some((_, at) => (names.get(parts.slice(0, at + 1).join('\n'))?.times ?? 0) > 1);
}

function namesIn(format: string, text: string): Names {
  const names = new Map<string, Count>();
  // The lines that are less indented than the one at hand: what it is part of.
  const around: { indent: number; name: string }[] = [];
  const add = (own: string, isDeclared: boolean): void => {
    const full = [...around.map(({ name }) => name), own].join('\n');
    const { times, declared } = names.get(full) ?? nowhere;
    names.set(full, { times: times + 1, declared: declared + (isDeclared ? 1 : 0) });
  };
  for (const line of splitMark(text).body.replace(importOfLines, onOneLine).split(/\r?\n/)) {
    const code = line.trim();
    if (code === '') continue;
    const indent = line.length - line.trimStart().length;
    while ((around.at(-1)?.indent ?? -1) >= indent) around.pop();
    const isComment = /^(?:#(?:\W|$)|\/\/|\/?\*)/.test(code);
    const imported = importedIn(code);
    for (const name of imported) add(name, true);
    if (imported.length > 0) continue;
    const name = isComment ? undefined : nameIn(code);
    const own = name ?? code.replace(/[,;]$/, '');
    add(own, name !== undefined && !isAssignment(format, code));
    if (!isComment) around.push({ indent, name: own });
  }
  return names;
}

/** `import { … } from 'x'` and `from x import (…)` over several lines. */
const importOfLines = /^[ \t]*(?:(?:import|export)(?: type)?(?: \w+,)? \{[^}]*\}|from [\w.]+ import \([^)]*\))/gm;

const onOneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ');

/** What a line imports, by the names that it binds, or exports from elsewhere. */
function importedIn(line: string): string[] {
  const [, keyword = '', clause = ''] =
    /^(import|export) (?:type )?([^'"]+?) from ['"]/.exec(line) ?? /^from [\w.]+ (import) \(?([^)#]+)/.exec(line) ?? [];
  const start = keyword === 'export' ? 'export ' : '';
  const names = clause.split(/[{},]/).map((one) =>
    one
      .trim()
      .replace(/^type /, '')
      .replace(/^.* as /, ''),
  );
  if (clause !== '' && clause !== '*') return names.filter((name) => name !== '').map((name) => start + name);
  return /^(?:import|export \*) ?\b/.test(line) ? [line] : [];
}

/** Whether a line gives a name another value, as often as one likes; arguments have no blanks around the sign in Python. */
const isAssignment = (format: string, line: string): boolean =>
  (format === '.py' && /^[\w.]+ = /.test(line)) || (format === '.sh' && /^\w+=/.test(line));

const modifiers = /^(?:(?:public|private|protected|override|static|readonly|abstract|async|declare) )+/;

/** What a line declares, which its block has once; `undefined` where it declares nothing. */
function nameIn(line: string): string | undefined {
  const [, declaration] =
    /^(?:(?:export|default|declare|async|abstract) )*(?:const|let|function\*?|class|interface|type|enum|def) ([\w$]+)/.exec(line) ?? [];
  if (declaration !== undefined) return declaration;
  // `variable "name" {`, `resource "aws_lambda_function" "this" {`
  const [, block] = /^(\w+(?: "[^"]+")+) \{/.exec(line) ?? [];
  if (block !== undefined) return block;
  const member = line.replace(modifiers, '');
  // `private mine(): void {`, `mine() {`: without a word in front, what opens no block is a call.
  const [, method] = (member === line ? /^((?:[gs]et )?[\w$#]+)\(.*\)(?:: .*)? \{$/ : /^((?:[gs]et )?[\w$#]+)\(/).exec(member) ?? [];
  if (method !== undefined && !/=> \{$|^(?:if|for|while|switch|catch|with)\b/.test(member)) return method;
  const [, key] = /^["']?([\w.$-]+)["']?\??\s*(?::(?!:)|=(?![=>]))/.exec(member) ?? [];
  if (key !== undefined) return /^(?:else|try|except|finally|default)$/.test(key) ? undefined : key;
  return /^(["'])(.+)\1,?$/.exec(line)?.slice(2).map(requirementName)[0];
}

/** The package that a requirement in Python is for, `httpx` of `httpx[http2]>=0.28`; any other text as it is. */
export function requirementName(text: string): string {
  const [, name] = /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:[<>=!~;[@(].*)?$/.exec(text) ?? [];
  return name === undefined ? text : name.toLowerCase().replace(/[-_.]+/g, '-');
}
