import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../lib/templates/package-root.ts';

const [english, vietnamese] = ['README.md', 'README.vi.md'].map((name) => readFileSync(join(packageRoot(), name), 'utf8')) as [
  string,
  string,
];

const code = (text: string): string[] => [...text.matchAll(/`([^`\n]+)`/g)].map(([, inside]) => inside as string).sort();
/** Sections from one heading to the next, without what is for the other language's reader alone. */
const sections = (text: string): string[] =>
  text
    .replace(/^\[(English|Tiếng Việt)\]\(.*\)\n\n/m, '')
    .replace(/^<!--.*-->\n/gm, '')
    .split(/^(?=#+ )/m)
    .filter(Boolean);
const blocks = (section: string): string[] => [...section.matchAll(/^```\w*\n[\s\S]*?^```$/gm)].map(([block]) => block);
const prose = (section: string): string => section.replace(/^```[\s\S]*?^```$/gm, '');
/** What a machine reads of a block: without comments, the words of a diagram, and what is told of a path. */
const read = (block: string): string =>
  /^```(mermaid)?\n/.test(block)
    ? block.replace(/"[^"]*"|\|[^|\n]*\|/g, '""').replace(/^(\S+\/) {2,}.*$/gm, '$1')
    : block.replace(/\s+#.*$/gm, '');
const tables = (section: string): string[][][] =>
  [...prose(section).matchAll(/(?:^\|.*\|\n)+/gm)].map(([table]) =>
    table
      .trimEnd()
      .split('\n')
      .map((row) => row.split(/(?<!\\)\|/).slice(1, -1)),
  );
const links = (section: string): string[] =>
  [...prose(section).matchAll(/\]\(([^)]+)\)|<(https?:[^>]+)>/g)].map(([, link, plain]) => link ?? (plain as string));

test('README.vi.md has the headings of README.md, and each README names the other', () => {
  const levels = (text: string) => sections(text).map((section) => /^#+/.exec(section)?.[0]);
  expect(levels(vietnamese)).toEqual(levels(english));
  expect(english).toContain('[Tiếng Việt](README.vi.md)');
  expect(vietnamese).toContain('[English](README.md)');
});

test.each(sections(english).map((section, index) => [section.split('\n')[0] as string, section, sections(vietnamese)[index] as string]))(
  '%s: commands, code, links and tables are the same in README.vi.md',
  (_, ours, theirs) => {
    expect(blocks(theirs).map(read)).toEqual(blocks(ours).map(read));
    expect(links(theirs)).toEqual(links(ours));
    expect(tables(theirs).map((rows) => rows.map((row) => row.map(code)))).toEqual(
      tables(ours).map((rows) => rows.map((row) => row.map(code))),
    );
    expect(code(prose(theirs))).toEqual(code(prose(ours)));
    // Lists and paragraphs too: nothing is left out.
    expect((prose(theirs).match(/^- /gm) ?? []).length).toBe((prose(ours).match(/^- /gm) ?? []).length);
    expect(prose(theirs).split(/\n{2,}/).length).toBe(prose(ours).split(/\n{2,}/).length);
  },
);
