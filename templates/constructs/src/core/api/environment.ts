import { Annotations, App, Stack, Stage } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import type { ApiMetadata } from './utils.js';

/**
 * The environment that a construct is in: the enclosing stage by its id, else the stack by its name. It tells two deployments of
 * an API in one account apart.
 */
export function environmentOf(scope: Construct): string {
  const stage = Stage.of(scope);
  if (stage && !App.isApp(stage)) return usable(stage.node.id);
  // A nested stack has no name before its deployment.
  const stack = scope.node.scopes.filter(Stack.isStack).find(({ nested }) => !nested);
  return usable(stack?.stackName ?? '');
}

/** API Gateway's stages have letters, digits, hyphens and underscores in their names. */
const usable = (name: string): string => name.replace(/[^A-Za-z0-9_-]/g, '-');

/** @throws When API Gateway can't name a stage like the environment. */
export function checkedEnvironment(environment: string): string {
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(environment)) {
    throw new Error(
      `The environment '${environment}' can't be the name of a stage: use letters, digits, hyphens and underscores.`,
    );
  }
  return environment;
}

/** Namespace of the metrics of an API in an environment: `my-api-development`. */
export const metricsNamespace = (metadata: ApiMetadata, environment: string): string =>
  `${metadata.api.serviceName}-${environment}`;

/** Where each namespace goes, by app. */
const taken = new WeakMap<IConstruct, Set<string>>();

/** Says so where two APIs of one account and region would have the same metrics. */
export function warnOfSharedEnvironment(api: Construct, namespace: string): void {
  const { account, region } = Stack.of(api);
  const place = [namespace, account, region].join(' ');
  const places = taken.get(api.node.root) ?? new Set<string>();
  if (places.has(place)) {
    Annotations.of(api).addWarningV2(
      '@fastapi-lambda/shared-environment',
      `Two APIs have the metrics namespace ${namespace} in one account and region, so that their metrics can't be told apart: give one an environment of its own.`,
    );
  }
  taken.set(api.node.root, places.add(place));
}
