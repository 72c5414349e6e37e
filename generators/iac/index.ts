import { BadInput } from '../../lib/bad-input.ts';
import type { IacProvider } from '../../lib/choices.ts';
import { apiNames } from '../../lib/names.ts';
import { type IacOptions, iacOptions } from '../../lib/options.ts';
import { planIac } from '../../lib/plan-iac.ts';
import { planWorkspace } from '../../lib/plan-workspace.ts';
import { addProvider, providersOf } from '../../lib/run.ts';
import { type AllOptions, BaseGenerator } from '../base.ts';
import ConstructsGenerator from '../constructs/index.ts';

export type { IacOptions } from '../../lib/options.ts';

/** Writes what one API needs in one flavour of infrastructure, and that flavour's entry. Adds to what is there, removes nothing. */
export default class IacGenerator extends BaseGenerator<IacOptions> {
  #apiName!: string;
  #providers!: IacProvider[];

  constructor(args: string[], options: AllOptions<IacOptions>) {
    super('iac', args, options);
  }

  async prompting(): Promise<void> {
    if (this.options.composedBy) return;
    this.#apiName = await this.#whichApi();
    const provider = await this.answer('iacProvider', iacOptions.iacProvider, this.given.iacProvider);
    this.#providers = [addProvider(this.current, this.#apiName, provider as IacProvider | 'Inherit')];
  }

  async configuring(): Promise<void> {
    if (this.options.composedBy) {
      this.#apiName = this.given.api as string;
      this.#providers = providersOf(this.current, this.#apiName);
    }
    if (this.#providers.includes('CDK')) await this.compose('constructs', ConstructsGenerator);
  }

  writing(): void {
    if (!this.options.composedBy) planWorkspace(this.current);
    for (const provider of this.#providers) planIac(this.current, this.#apiName, provider);
  }

  async #whichApi(): Promise<string> {
    const known = Object.keys(this.current.stored?.apis ?? {});
    if (this.given.api !== undefined) return known.includes(this.given.api) ? this.given.api : apiNames(this.given.api).apiName;
    if (known.length === 0) throw new BadInput('This workspace has no API yet: make one with fastapi-lambda "My API".');
    if (known.length === 1) return known[0] as string;
    if (!this.isInteractive()) throw new BadInput(`This workspace has several APIs: say which with --api, one of ${known.join(', ')}.`);
    return this.ask('api', { ...iacOptions.api, choices: known });
  }
}
