import type { ConstructsOptions } from '../../lib/options/options.ts';
import { type AllOptions, BaseGenerator } from '../base.ts';
import { composeInto, type OuterGenerator } from '../compose.ts';
import { takeScope } from '../session.ts';

export type { ConstructsOptions } from '../../lib/options/options.ts';

/** Writes or refreshes the shared constructs package, without any one API. */
export default class ConstructsGenerator extends BaseGenerator<ConstructsOptions> {
  constructor(args: string[], options: AllOptions<ConstructsOptions>) {
    super('constructs', args, options);
  }

  /** Composes this generator into another one. */
  static compose(outer: OuterGenerator, options: ConstructsOptions = {}): Promise<void> {
    return composeInto(outer, ConstructsGenerator, 'constructs', options);
  }

  configuring(): void {
    takeScope(this.session, this.given.scope);
    this.session.requests.push({ kind: 'constructs' });
  }
}
