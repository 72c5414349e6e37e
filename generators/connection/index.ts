import { BadInput } from '../../lib/bad-input.ts';
import type { ConnectionOptions } from '../../lib/options/options.ts';
import { type AllOptions, BaseGenerator } from '../base.ts';

export type { ConnectionOptions } from '../../lib/options/options.ts';

/** Will connect a React website to an API; for now it says that it does not yet. */
export default class ConnectionGenerator extends BaseGenerator<ConnectionOptions> {
  constructor(args: string[], options: AllOptions<ConnectionOptions>) {
    super('connection', args, options);
  }

  prompting(): never {
    throw new BadInput(
      'The connection generator is not available in this version: make a client from the OpenAPI document of "nx run <api>:openapi".',
    );
  }
}
