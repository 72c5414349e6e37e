import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../lib/templates/package-root.ts';

/** A page of the documentation, by its path below the package. */
export interface Page {
  path: string;
  text: string;
}

export interface Snippet {
  page: string;
  /** The nearest heading above it. */
  heading: string;
  language: string;
  code: string;
}

const read = (path: string): Page => ({ path, text: readFileSync(join(packageRoot(), path), 'utf8') });

/** What the project says of itself to readers of the repository. */
export function pages(): Page[] {
  const docs = readdirSync(join(packageRoot(), 'docs'))
    .filter((name) => name.endsWith('.md'))
    .sort();
  return [...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md'], ...docs.map((name) => `docs/${name}`)].map(read);
}

/** Text outside of code blocks. */
export const prose = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, '');

/** The anchors that GitHub gives a page's headings. */
export const anchorsOf = (page: Page): string[] =>
  [...prose(page.text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** Every code block, in the order in which it is read. */
export const snippets = (of: readonly Page[] = pages()): Snippet[] =>
  of.flatMap(({ path, text }) =>
    [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(({ index, 1: language = '', 2: code = '' }) => ({
      page: path,
      heading: [...prose(text.slice(0, index)).matchAll(/^#+ (.+)$/gm)].at(-1)?.[1] ?? '',
      language,
      code,
    })),
  );

/**
 * Who runs a code block, told from its language and first line. Each kind is taken whole by one test: the shell's, `docs.test.ts`; the
 * Python files of a page, as one project, `runtime/snippets.test.ts`; a stack's and `main.ts`, `cdk/readme.test.ts`; Terraform's,
 * `terraform/docs.test.ts`; what composes, `workspace/packed.test.ts`.
 */
export function kindOf({
  language,
  code,
  page,
  heading,
}: Snippet): 'shell' | 'python' | 'stack' | 'stages' | 'terraform' | 'composing' | 'text' | 'generated' {
  // Made from the templates, whose own tests use it.
  if (page === 'docs/what-is-generated.md') return 'generated';
  if (language === 'sh') return 'shell';
  if (language === 'python' && /^# packages\/my-api\/\S+\.py/.test(code)) return 'python';
  if (language === 'ts' && code.includes("from 'yeoman-generator'")) return 'composing';
  if (language === 'ts' && code.startsWith('// packages/infra/src/main.ts\n')) return 'stages';
  if (language === 'ts' && code.includes("new MyApi(this, 'MyApi'")) return 'stack';
  if (language === 'hcl') return 'terraform';
  // Diagrams and trees.
  if (['', 'mermaid'].includes(language)) return 'text';
  throw new Error(`Nothing runs the ${language} of "${heading}" in ${page}: give it a kind.`);
}

export const snippetsOfKind = (kind: ReturnType<typeof kindOf>): Snippet[] => snippets().filter((snippet) => kindOf(snippet) === kind);
