import { type RenderedFile, renderTemplates, type TemplateSet } from '../templates/render.ts';
import type { PlannedFile } from './file.ts';

/**
 * Files that are written once and are the user's from then on, as patterns of their paths below the tree's folder. Everything
 * else is ours: written again by later runs, and merged with what the user changed in it.
 */
const usersFiles: Record<TemplateSet, RegExp[]> = {
  workspace: [/^README\.md$/, /^\.editorconfig$/, /^\.python-version$/, /^biome\.json$/],
  api: [/^\.python-version$/, /^[a-z0-9_]+\/main\.py$/, /^[a-z0-9_]+\/authorizer\.py$/, /^tests\//, /^README\.md$/],
  runtime: [/^README\.md$/],
  constructs: [/^README\.md$/],
  'constructs-api': [],
  metadata: [],
  connection: [],
  infra: [],
  'infra-cdk': [/^src\/stages\/application-stage\.ts$/, /^README\.md$/],
  terraform: [/^README\.md$/],
  'terraform-api': [],
  'infra-terraform': [/\.tfvars$/, /\.tfbackend$/, /^README\.md$/],
};

/** The sets and patterns of the files that are the user's after the first run, for documentation and tests. */
export const writtenOnce = usersFiles;

/**
 * One tree of templates as planned files.
 *
 * @param set The tree below `templates/`.
 * @param target Folder that it is written into, below the workspace's root; empty for the root itself.
 * @param data Values for the templates.
 * @param part Which of the tree's files, and the record that keeps what was last written of them.
 */
export function planTree(set: TemplateSet, target: string, data: object, { part, record, wanted = () => true }: Part): PlannedFile[] {
  return renderTemplates(set, data, { part })
    .filter(wanted)
    .map(({ path, contents, mode }) => ({
      path: target === '' || target === '.' ? path : `${target}/${path}`,
      contents,
      mode,
      owner: usersFiles[set].some((pattern) => pattern.test(path)) ? 'once' : 'ours',
      record,
    }));
}

export interface Part {
  part: 'all' | 'api' | 'shared';
  /** An API's name, or `shared`. */
  record: string;
  /** Leaves out files for which it is false. */
  wanted?: ((file: RenderedFile) => boolean) | undefined;
}
