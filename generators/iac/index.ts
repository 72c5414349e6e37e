import { inheritedProvider, knownApi } from '../../lib/model/model.ts';
import { type IacProvider, iacProviders } from '../../lib/options/choices.ts';
import { type IacOptions, iacOptions } from '../../lib/options/options.ts';
import { type AllOptions, BaseGenerator } from '../base.ts';
import { composeInto, type OuterGenerator } from '../compose.ts';
import ConstructsGenerator from '../constructs/index.ts';

export type { IacOptions } from '../../lib/options/options.ts';

/** Writes what one API needs in one flavour of infrastructure, and that flavour's entry. Adds to what is there, removes nothing. */
export default class IacGenerator extends BaseGenerator<IacOptions> {
  #api!: string;
  #provider!: IacProvider | 'Inherit';

  constructor(args: string[], options: AllOptions<IacOptions>) {
    super('iac', args, options);
  }

  /** Composes this generator into another one, for an API that the workspace has, or that `AppGenerator` makes in the same run. */
  static compose(outer: OuterGenerator, options: IacOptions): Promise<void> {
    return composeInto(outer, IacGenerator, 'iac', options);
  }

  async prompting(): Promise<void> {
    this.#api = this.given.api ?? (await this.whichApi(iacOptions.api));
    const provider = await this.answer('iacProvider', iacOptions.iacProvider, this.given.iacProvider);
    this.#provider = provider as IacProvider | 'Inherit';
  }

  async configuring(): Promise<void> {
    const { session } = this;
    this.#tellIfItIsThere();
    session.requests.push({ kind: 'flavour', api: this.#api, iacProvider: this.#provider });
    const provider = this.#provider === 'Inherit' ? inheritedProvider(session.stored, session.requests) : this.#provider;
    if (provider === 'CDK') await ConstructsGenerator.compose(this);
  }

  /** Where nobody has said which flavour and the workspace's own is there, nothing is added: whoever wanted the other one learns how to get it. */
  #tellIfItIsThere(): void {
    const { stored, requests } = this.session;
    const api = stored?.apis[knownApi(stored, this.#api) ?? ''];
    if (this.given.iacProvider !== undefined || this.isInteractive() || api === undefined) return;
    // Of an API that the same run asks for, all is decided by that.
    if (requests.some((request) => request.kind === 'api' && stored?.apis[knownApi(stored, request.answers.name) ?? ''] === api)) return;
    const missing = iacProviders.filter((one) => !api.iacProviders.includes(one));
    if (missing.length === 0 || missing.includes(inheritedProvider(stored, requests))) return;
    this.log(
      `${api.name} has ${api.iacProviders.join(' and ')} already: for another flavour, give --iac-provider ${missing.join(' or ')}.`,
    );
  }
}
