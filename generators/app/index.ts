import type { Auth, ComputeType, IntegrationPattern } from '../../lib/choices.ts';
import { closingNotes } from '../../lib/closing-notes.ts';
import { apiNames, scopeFrom } from '../../lib/names.ts';
import { type ApiAnswers, type AppOptions, apiOptions } from '../../lib/options.ts';
import { planApi } from '../../lib/plan-api.ts';
import { planWorkspace } from '../../lib/plan-workspace.ts';
import { addApi } from '../../lib/run.ts';
import { checkedDirectory, type StoredApi, workspaceScope } from '../../lib/workspace.ts';
import { type AllOptions, BaseGenerator } from '../base.ts';
import IacGenerator from '../iac/index.ts';

export type { AppOptions } from '../../lib/options.ts';

/** Writes a FastAPI service for AWS Lambda with its workspace, and composes the generators of its infrastructure. */
export default class AppGenerator extends BaseGenerator<AppOptions> {
  #answers!: ApiAnswers;
  #apiName!: string;

  constructor(args: string[], options: AllOptions<AppOptions>) {
    super('app', args, options);
  }

  async prompting(): Promise<void> {
    const { given } = this;
    const name =
      given.name ?? (await this.ask('name', apiOptions.name, undefined, (value) => apiNames(value, given.moduleName ?? 'checked_later')));
    const known: Partial<StoredApi> = this.knownApi(name) ?? {};
    const ask = (option: 'computeType' | 'integrationPattern' | 'auth'): Promise<string> =>
      this.answer(option, apiOptions[option], given[option] ?? known[option]);
    this.#answers = {
      name,
      computeType: (await ask('computeType')) as ComputeType,
      integrationPattern: (await ask('integrationPattern')) as IntegrationPattern,
      auth: (await ask('auth')) as Auth,
      directory: await this.answer('directory', apiOptions.directory, given.directory ?? known.directory, (value) =>
        checkedDirectory(value, 'The folder'),
      ),
      iacProvider: (await this.#askProvider()) as ApiAnswers['iacProvider'],
      moduleName: given.moduleName ?? known.moduleName ?? (await this.#askModule(name)),
    };
  }

  async configuring(): Promise<void> {
    const scope = this.given.scope === undefined ? workspaceScope(this.current.workspace.root) : scopeFrom(this.given.scope);
    this.#apiName = addApi(this.current, this.#answers, scope);
    // The flavour's generator composes `constructs` where the flavour needs it.
    await this.compose('iac', IacGenerator, { api: this.#apiName });
  }

  writing(): void {
    planWorkspace(this.current);
    planApi(this.current, this.#apiName);
    this.current.notes.push(...closingNotes(this.current, this.#apiName));
  }

  /** A new workspace has no choice to inherit: there the question is which of the two. */
  async #askProvider(): Promise<string> {
    const { given, current } = this;
    if (given.iacProvider !== undefined || current.stored) return given.iacProvider ?? 'Inherit';
    return this.answer('iacProvider', { ...apiOptions.iacProvider, choices: ['CDK', 'Terraform'], default: 'CDK' }, undefined);
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
