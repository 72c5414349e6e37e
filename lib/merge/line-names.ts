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
    const [was, mine, our, now] = [before, there, wanted, after].map((names) => names.get(name) ?? 0) as [number, number, number, number];
    if (was === 1 && mine === 1 && our === 1) return now === 1;
    return !name.startsWith(declared) || now <= Math.max(1, mine, our);
  });
}

/** How often a text has each name: of what a line declares, in the blocks that it stands in, or else the line itself. */
type Names = ReadonlyMap<string, number>;

/** In front of what is declared, and so is there once; other lines may come more than once. */
const declared = '\u0001';

function namesIn(text: string): Names {
  const names = new Map<string, number>();
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
    const full = (name === undefined ? '' : declared) + [...around.map((one) => one.name), own].join('\n');
    names.set(full, (names.get(full) ?? 0) + 1);
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
