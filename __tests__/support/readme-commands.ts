import { renderTemplates, type TemplateSet } from '../../lib/templates/render.ts';
import type { InfraData } from '../../lib/templates/template-data.ts';
import { npmVersion } from '../../lib/templates/versions.ts';
import { listsOf, templateData } from './template-data.ts';

export type Flavour = InfraData['iacProvider'];

const setsOf: Record<Flavour, TemplateSet[]> = {
  CDK: ['workspace', 'api', 'runtime', 'constructs', 'constructs-api', 'infra-cdk'],
  Terraform: ['workspace', 'api', 'runtime', 'terraform', 'terraform-api', 'infra-terraform'],
};

interface NxTarget {
  configurations?: Record<string, unknown>;
}

/** What a workspace of one API documents, and what its projects can do. */
export interface Documented {
  /** READMEs by the template set that they are of. */
  readmes: Record<string, string>;
  /** Targets of each project, by their names. */
  projects: Record<string, Record<string, NxTarget>>;
}

export function documented(iacProvider: Flavour): Documented {
  const one = templateData({ iacProvider, ci: 'GitHub' });
  const lists = listsOf([one]);
  const workspace = {
    pythonProjects: [one.runtimeDir, ...lists.pythonProjects],
    packageManager: 'npm',
    nx: 'npx nx',
    devDependencies: { nx: npmVersion('nx') },
    entries: [],
    websites: [],
    ignoringWebsites: [],
  };
  const data = { ...one, ...lists, ...workspace };
  const found: Documented = { readmes: {}, projects: {} };
  for (const set of setsOf[iacProvider]) {
    for (const { path, contents } of renderTemplates(set, data)) {
      if (path.endsWith('README.md')) found.readmes[set] = contents;
      if (path !== 'project.json') continue;
      const { name, targets } = JSON.parse(contents) as { name: string; targets: Record<string, NxTarget> };
      found.projects[name] = targets;
    }
  }
  return found;
}

/** The shell blocks of a README, in its order, without the indentation of a list that they are in. */
export const blocksOf = (readme: string): string[] =>
  [...readme.matchAll(/^( *)```sh\n([\s\S]*?)^ *```/gm)].map(([, indentation = '', block = '']) =>
    block.replace(new RegExp(`^${indentation}`, 'gm'), ''),
  );

/** Commands of Nx that stand in sentences and tables. */
export const inlineCommands = (readme: string): string[] =>
  [...readme.matchAll(/`(?:npx )?(nx run [\w-]+:[\w-]+[^`]*)`/g)].map(([, command = '']) => command);

/** Who runs a command: a test, or nobody, for a reason. */
type Runner = { by: string } | { never: string };

const stacks =
  'it needs an account: moto has no HTTP API in CloudFormation and ignores the body of a REST API, so that a deployment there proves nothing';

/** What runs the targets that READMEs name, by flavour. Those that no test runs are told with the reason. */
export const runners: Record<Flavour, Record<string, Runner>> = {
  CDK: {
    bootstrap: { by: 'cdk/entry.test.ts' },
    deploy: { never: `${stacks}; cdk/deploy.test.ts has it choose its stacks` },
    destroy: { never: `${stacks}; cdk/deploy.test.ts has it choose its stacks` },
    diff: { never: `${stacks}; cdk/entry.test.ts reads its command` },
    'github-provider': { by: 'cdk/github-role.test.ts' },
    'github-role': { by: 'cdk/github-role.test.ts' },
    'logging-role': { never: `${stacks}; cdk/combinations.test.ts synthesizes it, cdk/logging-role.test.ts runs its function` },
    'prune-versions': { by: 'cdk/rollout.test.ts' },
    rollback: { by: 'cdk/rollout.test.ts' },
    'runtime-config': { by: 'connection/upload.test.ts' },
    synth: { by: 'workspace/local.test.ts' },
  },
  Terraform: {
    apply: { by: 'terraform/readme.test.ts' },
    bootstrap: { by: 'terraform/readme.test.ts' },
    'check-fresh': { by: 'terraform/readme.test.ts' },
    deploy: { by: 'terraform/readme.test.ts' },
    'logging-role': { by: 'terraform/readme.test.ts' },
    metadata: { never: 'it is Nx alone: cdk/deploy.test.ts looks at its tasks, and each test of Terraform runs their script' },
    plan: { by: 'terraform/readme.test.ts' },
    'prune-versions': { by: 'terraform/rollout.test.ts' },
    rollback: { by: 'terraform/rollout.test.ts' },
    rollout: { by: 'terraform/rollout.test.ts' },
    'runtime-config': { by: 'terraform/changes.test.ts' },
    test: { by: 'terraform/module-tests.test.ts' },
  },
};

/** Those of both flavours. */
export const sharedRunners: Record<string, Runner> = {
  build: { by: 'workspace/local.test.ts' },
  bundle: { by: 'workspace/local.test.ts' },
  format: { by: 'workspace/local.test.ts' },
  lint: { by: 'workspace/local.test.ts' },
  openapi: { by: 'runtime/nx.test.ts' },
  serve: { by: 'workspace/local.test.ts' },
  smoke: { by: 'connection/smoke.test.ts' },
  test: { by: 'workspace/local.test.ts' },
  typecheck: { by: 'workspace/local.test.ts' },
};

/** Other commands that no test runs. */
export const neverRun: Record<string, string> = {
  'aws configure export-credentials': "version 2 of the AWS CLI is in no package registry: the test's own credentials stand for its answer",
  'aws logs tail': 'version 2 of the AWS CLI is in no package registry',
  'gh api': 'it asks GitHub',
  'gh secret set': 'it asks GitHub',
  'gh variable set': 'it asks GitHub',
  'npx cdk deploy': stacks,
};
