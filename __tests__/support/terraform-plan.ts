import { join } from 'node:path';
import { type Moto, terraform, terraformOk } from './terraform-tools.ts';
import { developmentVariables, type TerraformWorkspace } from './terraform-workspace.ts';

export interface Resource {
  address: string;
  type: string;
  values: Record<string, unknown>;
}

interface Module {
  resources?: Resource[];
  child_modules?: Module[];
}

const resourcesOf = ({ resources = [], child_modules: children = [] }: Module): Resource[] => [
  ...resources,
  ...children.flatMap(resourcesOf),
];

export interface Change {
  address: string;
  type: string;
  actions: string[];
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

export interface Planned {
  /** Everything that there will be. */
  resources: Resource[];
  /** What will be done. */
  changes: Change[];
  /** What checks tell of it. */
  told: string[];
}

interface Check {
  instances?: { problems?: { message: string }[] }[];
}

/** Plans the development environment, and reads what was planned. */
export function plan({ infra }: TerraformWorkspace, moto: Moto, args: string[] = []): Planned {
  terraformOk(infra, ['plan', ...developmentVariables, '-out=test.tfplan', ...args], moto.env);
  const { stdout } = terraformOk(infra, ['show', '-json', 'test.tfplan'], moto.env);
  const shown = JSON.parse(stdout) as {
    planned_values: { root_module: Module };
    resource_changes?: { address: string; type: string; change: Omit<Change, 'address' | 'type'> }[];
    checks?: Check[];
  };
  return {
    told: (shown.checks ?? []).flatMap(({ instances = [] }) =>
      instances.flatMap(({ problems = [] }) => problems.map(({ message }) => message)),
    ),
    resources: resourcesOf(shown.planned_values.root_module),
    changes: (shown.resource_changes ?? [])
      .map(({ address, type, change }) => ({ address, type, actions: change.actions, before: change.before, after: change.after }))
      .filter(({ actions }) => !['no-op', 'read'].includes(actions.join())),
  };
}

/** Applies the development environment without asking. */
export const apply = ({ infra }: TerraformWorkspace, moto: Moto): string =>
  terraformOk(infra, ['apply', ...developmentVariables, '-auto-approve'], moto.env).output;

export const destroy = ({ infra }: TerraformWorkspace, moto: Moto): string =>
  terraformOk(infra, ['destroy', ...developmentVariables, '-auto-approve'], moto.env).output;

/** What is there after an apply. */
export function state({ infra }: TerraformWorkspace): Resource[] {
  const { stdout } = terraformOk(infra, ['show', '-json']);
  const { values } = JSON.parse(stdout) as { values?: { root_module: Module } };
  return values ? resourcesOf(values.root_module) : [];
}

/** What Terraform says, in one line, since it wraps messages to the terminal's width. */
export function complaint(folder: string, args: string[], env: NodeJS.ProcessEnv = {}): string {
  const { status, output } = terraform(folder, args, env);
  if (status === 0) throw new Error(`terraform ${args.join(' ')} in ${join(folder)} found nothing to complain of.`);
  return output.replace(/[│╷╵]/g, ' ').replace(/\s+/g, ' ');
}

/** Those of one module of the root. */
export const ofModule = (resources: Resource[], name: string): Resource[] =>
  resources.filter(({ address }) => address.startsWith(`module.${name}.`));

export const byType = (resources: Resource[], type: string): Resource[] => resources.filter((resource) => resource.type === type);

/** An operation of a REST API's body, as far as tests look at it. */
export interface BodyOperation {
  operationId?: string;
  parameters: { name: string; in: string; required: boolean }[];
  responses: Record<string, unknown>;
  security?: Record<string, string[]>[];
  'x-amazon-apigateway-integration': {
    type: string;
    uri?: string;
    responseTransferMode?: string;
    timeoutInMillis?: number;
    [more: string]: unknown;
  };
}

export interface Body {
  paths: Record<string, Record<string, BodyOperation>>;
  components: { securitySchemes: Record<string, Record<string, unknown>> };
  [more: string]: unknown;
}

/** The body of the REST API among these; fails where it is not known. */
export function bodyOf(resources: Resource[]): Body {
  const api = byType(resources, 'aws_api_gateway_rest_api')[0];
  if (typeof api?.values.body !== 'string') throw new Error('The body of the REST API is not known.');
  return JSON.parse(api.values.body) as Body;
}
