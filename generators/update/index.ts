import type { UpdateOptions } from '../../lib/options/options.ts';
import { type AllOptions, BaseGenerator } from '../base.ts';
import { composeInto, type OuterGenerator } from '../compose.ts';

export type { UpdateOptions } from '../../lib/options/options.ts';

/** Regenerates every API of the workspace with this version of the generator; the user's changes are merged. */
export default class UpdateGenerator extends BaseGenerator<UpdateOptions> {
  constructor(args: string[], options: AllOptions<UpdateOptions>) {
    super('update', args, options);
  }

  /** Composes this generator into another one. */
  static compose(outer: OuterGenerator, options: UpdateOptions = {}): Promise<void> {
    return composeInto(outer, UpdateGenerator, 'update', options);
  }

  configuring(): void {
    this.session.requests.push({ kind: 'update' });
  }
}
