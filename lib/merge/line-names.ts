import { splitMark } from './layout.ts';
import type { ThreeTexts } from './three-way.ts';

/**
 * Whether a merge by lines has what both sides have, each once: a line that nobody has taken out is not lost, and none is there twice
 * that was only moved; nor is a name declared twice that each side declares once. Such a merge is none, however cleanly lines went
 * together: a move is a removal and an insertion, of which one may meet ours and the other not.
 */
export function keepsNames(merged: string, { base, theirs, ours }: ThreeTexts): boolean {
  const [before, there, wanted, after] = [base, theirs, ours, merged].map(namesIn) as [Names, Names, Names, Names];
  return [...new Set([...there.keys(), ...wanted.keys()])].every((name) => {
    const [was, mine, our, now] = [before, there, wanted, after].map((names) => names.get(name)?.times ?? 0) as [
      number,
      number,
      number,
      number,
    ];
    if (was === 1 && mine === 1 && our === 1) return now === 1;
    // Of blocks that look the same, each may have what is declared in it.
    return after.get(name)?.isDeclared !== true || now <= Math.max(1, mine, our) || isRepeated(name, after);
  });
}

/** What a text has, by what a line declares, in the blocks that it stands in, or else by the line itself: other lines may come twice. */
type Names = ReadonlyMap<string, { times: number; isDeclared: boolean }>;

/** Whether a block that a name stands in is there more than once. */
function isRepeated(name: string, names: Names): boolean {
  const parts = name.split('\n');
  return parts.slice(1).some((_, at) => (names.get(parts.slice(0, at + 1).join('\n'))?.times ?? 0) > 1);
}

function namesIn(text: string): Names {
  const names = new Map<string, { times: number; isDeclared: boolean }>();
  // The lines that are less indented than the one at hand: what it is part of.
  const around: { indent: number; name: string }[] = [];
  for (const line of splitMark(text).body.split(/\r?\n/)) {
    const code = line.trim();
    if (code === '') continue;
    const indent = line.length - line.trimStart().length;
    while ((around.at(-1)?.indent ?? -1) >= indent) around.pop();
    const isComment = /^(?:#(?:\W|$)|\/\/|\/?\*)/.test(code);
    const name = isComment ? undefined : nameIn(code);
    const own = name ?? code.replace(/[,;]$/, '');
    const full = [...around.map((one) => one.name), own].join('\n');
    names.set(full, { times: (names.get(full)?.times ?? 0) + 1, isDeclared: name !== undefined });
    if (!isComment) around.push({ indent, name: own });
  }
  return names;
}

/** What a line declares, which its block has once; `undefined` where it declares nothing. */
function nameIn(line: string): string | undefined {
  if (/^(?:import|export [*{]|from) ?\b(?!.*[{(]$)/.test(line)) return line;
  const [, declaration] =
    /^(?:(?:export|default|declare|async|abstract) )*(?:const|let|function\*?|class|interface|type|enum|def) ([\w$]+)/.exec(line) ?? [];
  if (declaration !== undefined) return declaration;
  // `variable "name" {`, `resource "aws_lambda_function" "this" {`
  const [, block] = /^(\w+(?: "[^"]+")+) \{/.exec(line) ?? [];
  if (block !== undefined) return block;
  const [, key] = /^["']?([\w.$-]+)["']?\??\s*(?::(?!:)|=(?![=>]))/.exec(line) ?? [];
  if (key !== undefined) return /^(?:else|try|except|finally|default)$/.test(key) ? undefined : key;
  return /^(["'])(.+)\1,?$/.exec(line)?.slice(2).map(requirementName)[0];
}

/** The package that a requirement in Python is for, `httpx` of `httpx[http2]>=0.28`; any other text as it is. */
export function requirementName(text: string): string {
  const [, name] = /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:[<>=!~;[@(].*)?$/.exec(text) ?? [];
  return name === undefined ? text : name.toLowerCase().replace(/[-_.]+/g, '-');
}
