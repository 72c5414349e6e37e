import { readdirSync, readFileSync } from 'node:fs';
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
  | 'connection'
  | 'infra'
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
 * `_key_`, a segment or a part of one between hyphens and dots, is replaced by that key of `data`; `_gitignore` and its like become dot files,
 * which npm would not publish under their own names. A file that renders to white space alone is left out, which is how a
 * template says that it does not apply.
 *
 * @param set The tree below `templates/`.
 * @param data Values for the templates and the placeholders in paths.
 * @param options Which of the templates; all of them by default.
 * @throws When a template or a path names a key that `data` lacks; the message has the template's path.
 */
export function renderTemplates(set: TemplateSet, data: object, { part = 'all', only }: RenderOptions = {}): RenderedFile[] {
  return templatesOf(set)
    .filter(({ source, path }) => (part === 'all' || isAboutOneApi(source) === (part === 'api')) && (only === undefined || only === path))
    .map(({ source, path, text, mode, render }) => ({ path: targetPath(path, source, data), contents: render ? render(data) : text, mode }))
    .filter(({ contents, path }) => contents.trim() !== '' || /(__init__\.py|py\.typed|\.gitkeep)$/.test(path));
}

export interface RenderOptions {
  /** `api`: the templates whose path names an API; `shared`: the others. Default: all. */
  part?: 'all' | 'api' | 'shared';
  /** The one template that is written to this path. */
  only?: string;
}

/** A template whose path names an API is about that one; the others are about all. */
const isAboutOneApi = (source: string): boolean => source.includes('_apiName_');

interface Template {
  source: string;
  /** The path with its placeholders, without the ending of a template. */
  path: string;
  text: string;
  mode: number;
  /** Compiled, for a file that is rendered. */
  render: ((data: object) => string) | undefined;
}

const known = new Map<TemplateSet, Template[]>();

/** The templates of a set: read and compiled once per process. */
function templatesOf(set: TemplateSet): Template[] {
  const root = join(packageRoot(), 'templates', set);
  const templates =
    known.get(set) ??
    walk(root).map((source): Template => {
      const text = readFileSync(join(root, source), 'utf8');
      const isTemplate = source.endsWith('.ejs');
      let compiled: ((data: object) => string) | undefined;
      return {
        source,
        path: isTemplate ? source.slice(0, -'.ejs'.length) : source,
        text,
        mode: text.startsWith('#!') ? 0o755 : 0o644,
        render: isTemplate
          ? (data) => {
              // No target is HTML: a name is written as it is.
              compiled ??= ejs.compile(text, { filename: join(root, source), escape: String });
              return compiled(data);
            }
          : undefined,
      };
    });
  known.set(set, templates);
  return templates;
}

function walk(root: string, below = ''): string[] {
  return readdirSync(join(root, below), { withFileTypes: true })
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = below ? `${below}/${entry.name}` : entry.name;
      return entry.isDirectory() ? walk(root, path) : [path];
    });
}

function targetPath(path: string, source: string, data: object): string {
  return path
    .split('/')
    .map((segment) =>
      segment
        .replace(/(?<=^|-)_([a-z][A-Za-z]*)_(?=$|[.-])/, (_, key: string) => {
          const value = (data as Record<string, unknown>)[key];
          if (typeof value !== 'string') throw new Error(`template path ${source} names ${key}, which has no value`);
          return value;
        })
        .replace(/^_(?=[a-z])/, '.'),
    )
    .join('/');
}
