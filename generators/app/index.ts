import { knownApi } from '../../lib/model/model.ts';
import { apiNames } from '../../lib/names/names.ts';
import type { Auth, CiService, ComputeType, IntegrationPattern } from '../../lib/options/choices.ts';
import { checkedDirectory } from '../../lib/options/directory.ts';
import { type ApiAnswers, type AppOptions, apiOptions } from '../../lib/options/options.ts';
import { type AllOptions, BaseGenerator } from '../base.ts';
import { composeInto, type OuterGenerator } from '../compose.ts';
import IacGenerator from '../iac/index.ts';
import { takeCi, takeScope } from '../session.ts';

export type { AppOptions } from '../../lib/options/options.ts';

/** Writes a FastAPI service for AWS Lambda with its workspace, and composes the generators of its infrastructure. */
export default class AppGenerator extends BaseGenerator<AppOptions> {
  #answers!: ApiAnswers;

  constructor(args: string[], options: AllOptions<AppOptions>) {
    super('app', args, options);
  }

  /**
   * Composes this generator into another one: an API of the workspace that the other one writes into.
   *
   * @param options What is given is not asked for.
   */
  static compose(outer: OuterGenerator, options: AppOptions): Promise<void> {
    return composeInto(outer, AppGenerator, 'app', options);
  }

  async prompting(): Promise<void> {
    const { given, session } = this;
    const name =
      given.name ?? (await this.ask('name', apiOptions.name, undefined, (value) => apiNames(value, given.moduleName ?? 'checked_later')));
    const project = knownApi(session.stored, name);
    const known = project === undefined ? undefined : session.stored?.apis[project];
    const ask = (option: 'computeType' | 'integrationPattern' | 'auth'): Promise<string> =>
      this.answer(option, apiOptions[option], given[option] ?? known?.[option]);
    this.#answers = {
      name,
      computeType: (await ask('computeType')) as ComputeType,
      integrationPattern: (await ask('integrationPattern')) as IntegrationPattern,
      auth: (await ask('auth')) as Auth,
      directory: await this.answer('directory', apiOptions.directory, given.directory ?? known?.directory, (value) =>
        checkedDirectory(value, 'The folder'),
      ),
      iacProvider: (await this.#askProvider()) as ApiAnswers['iacProvider'],
      moduleName: given.moduleName ?? known?.moduleName ?? (await this.#askModule(name)),
    };
    takeCi(session, given.ci ?? (await this.#askCi()));
  }

  async configuring(): Promise<void> {
    takeScope(this.session, this.given.scope);
    this.session.requests.push({ kind: 'api', answers: this.#answers });
    const { name } = this.#answers;
    const stored = this.session.stored;
    const known = stored?.apis[knownApi(stored, name) ?? '']?.iacProviders[0];
    const { iacProvider } = this.#answers;
    // The flavour's generator composes `constructs` where the flavour needs it.
    await IacGenerator.compose(this, { api: name, iacProvider: iacProvider === 'Inherit' ? (known ?? 'Inherit') : iacProvider });
  }

  /** A new workspace has no choice to inherit: there the question is which of the two. */
  async #askProvider(): Promise<string> {
    const { given, session } = this;
    if (given.iacProvider !== undefined || session.stored || !this.isInteractive()) return given.iacProvider ?? 'Inherit';
    return this.answer('iacProvider', { ...apiOptions.iacProvider, choices: ['CDK', 'Terraform'], default: 'CDK' }, undefined);
  }

  /** Asked once for a workspace, when it is new. */
  async #askCi(): Promise<CiService | undefined> {
    const { session } = this;
    if (session.stored || session.ci !== undefined || !this.isInteractive()) return undefined;
    return (await this.answer('ci', apiOptions.ci, undefined)) as CiService;
  }

  async #askModule(name: string): Promise<string | undefined> {
    if (!this.isInteractive()) return undefined;
    return this.ask('moduleName', apiOptions.moduleName, derivedModule(name), (value) => apiNames(name, value));
  }
}

function derivedModule(name: string): string | undefined {
  try {
    return apiNames(name).moduleName;
  } catch {
    // A name without a letter that ASCII can spell: the question has no default then.
    return undefined;
  }
}
