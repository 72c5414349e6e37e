import type { PlannedFile } from './plan.ts';
import { type RenderedFile, renderTemplates, type TemplateSet } from './render.ts';

/**
 * Files that are written once and are the user's from then on, as patterns of their paths below the tree's folder. Everything
 * else is ours: written again by later runs, and merged with what the user changed in it.
 */
const usersFiles: Record<TemplateSet, RegExp[]> = {
  workspace: [/^README\.md$/, /^\.editorconfig$/, /^\.python-version$/, /^biome\.json$/],
  api: [/^\.python-version$/, /^[a-z0-9_]+\/main\.py$/, /^[a-z0-9_]+\/authorizer\.py$/, /^tests\//, /^README\.md$/],
  constructs: [/^README\.md$/],
  'constructs-api': [],
  metadata: [],
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
 * @param record The record that keeps what was last written: an API's name, or `shared`.
 * @param wanted Leaves out files for which it is false.
 */
export function planTree(
  set: TemplateSet,
  target: string,
  data: object,
  record: string,
  wanted: (file: RenderedFile) => boolean = () => true,
): PlannedFile[] {
  return renderTemplates(set, data)
    .filter(wanted)
    .map(({ path, contents, mode }) => ({
      path: target === '' || target === '.' ? path : `${target}/${path}`,
      contents,
      mode,
      ownership: usersFiles[set].some((pattern) => pattern.test(path)) ? 'once' : 'ours',
      record,
    }));
}
