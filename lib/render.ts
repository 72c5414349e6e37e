import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import ejs from 'ejs';
import { packageRoot } from './package-root.ts';

/** A tree below `templates/`, named for where it is written. */
export type TemplateSet =
  | 'workspace'
  | 'api'
  | 'runtime'
  | 'constructs'
  | 'constructs-api'
  | 'metadata'
  | 'infra-cdk'
  | 'terraform'
  | 'terraform-api'
  | 'infra-terraform';

export interface RenderedFile {
  /** Path below the set's target folder, with `/`. */
  path: string;
  contents: string;
  /** Permission bits: 0o644 or, for what is run directly, 0o755. */
  mode: number;
}

/**
 * Renders a tree of templates. `name.ejs` is rendered with EJS and loses the ending; any other file is copied as it is.
 * A segment `_key_`, alone or before a dot, is replaced by that key of `data`; `_gitignore` and its like become dot files,
 * which npm would not publish under their own names. A file that renders to white space alone is left out, which is how a
 * template says that it does not apply.
 *
 * @param set The tree below `templates/`.
 * @param data Values for the templates and the placeholders in paths.
 * @throws When a template or a path names a key that `data` lacks; the message has the template's path.
 */
export function renderTemplates(set: TemplateSet, data: object): RenderedFile[] {
  const root = join(packageRoot(), 'templates', set);
  return walk(root)
    .map((source) => {
      const text = readFileSync(join(root, source), 'utf8');
      const isTemplate = source.endsWith('.ejs');
      return {
        path: targetPath(isTemplate ? source.slice(0, -'.ejs'.length) : source, data),
        contents: isTemplate ? ejs.render(text, data, { filename: join(root, source) }) : text,
        mode: text.startsWith('#!') ? 0o755 : 0o644,
      };
    })
    .filter(({ contents, path }) => contents.trim() !== '' || /(__init__\.py|py\.typed|\.gitkeep)$/.test(path));
}

function walk(root: string, below = ''): string[] {
  return readdirSync(join(root, below))
    .sort()
    .flatMap((name) => {
      const path = below ? `${below}/${name}` : name;
      return statSync(join(root, path)).isDirectory() ? walk(root, path) : [path];
    });
}

function targetPath(source: string, data: object): string {
  return source
    .split('/')
    .map((segment) =>
      segment
        .replace(/^_([a-z][A-Za-z]*)_(?=$|\.)/, (_, key: string) => {
          const value = (data as Record<string, unknown>)[key];
          if (typeof value !== 'string') throw new Error(`template path ${source} names ${key}, which has no value`);
          return value;
        })
        .replace(/^_(?=[a-z])/, '.'),
    )
    .join('/');
}
