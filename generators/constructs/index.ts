import { scopeFrom } from '../../lib/names.ts';
import type { ConstructsOptions } from '../../lib/options.ts';
import { planConstructs } from '../../lib/plan-constructs.ts';
import { planWorkspace } from '../../lib/plan-workspace.ts';
import { workspaceScope } from '../../lib/workspace.ts';
import { type AllOptions, BaseGenerator } from '../base.ts';

export type { ConstructsOptions } from '../../lib/options.ts';

/** Writes or refreshes the shared constructs package, without any one API. */
export default class ConstructsGenerator extends BaseGenerator<ConstructsOptions> {
  constructor(args: string[], options: AllOptions<ConstructsOptions>) {
    super('constructs', args, options);
  }

  configuring(): void {
    const { current, given } = this;
    const scope = given.scope === undefined ? workspaceScope(current.workspace.root) : scopeFrom(given.scope);
    current.stored ??= { scope, iacProvider: 'CDK', apis: {} };
  }

  writing(): void {
    if (!this.options.composedBy) planWorkspace(this.current);
    planConstructs(this.current);
  }
}
