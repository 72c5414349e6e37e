import { relative, sep } from 'node:path';
import { BadInput } from '../../lib/bad-input.ts';
import { type ConnectionOptions, connectionOptions } from '../../lib/options/options.ts';
import { findWebsites, websiteToMake } from '../../lib/read/website.ts';
import { type AllOptions, BaseGenerator } from '../base.ts';
import { composeInto, type OuterGenerator } from '../compose.ts';

export type { ConnectionOptions } from '../../lib/options/options.ts';

/** Connects a React website to an API: a typed client, hooks, and what makes them anew. */
export default class ConnectionGenerator extends BaseGenerator<ConnectionOptions> {
  #api!: string;
  #website!: string;
  /** Where the user stands, before the workspace's root becomes the folder of the run. */
  readonly #from: string;

  constructor(args: string[], options: AllOptions<ConnectionOptions>) {
    super('connection', args, options);
    this.#from = this.destinationRoot();
  }

  /** Composes this generator into another one, for an API and a website that the workspace has, or that the same run makes. */
  static compose(outer: OuterGenerator, options: ConnectionOptions): Promise<void> {
    return composeInto(outer, ConnectionGenerator, 'connection', options);
  }

  async prompting(): Promise<void> {
    this.#api = this.given.api ?? (await this.whichApi(connectionOptions.api));
    this.#website = this.given.project ?? (await this.#whichWebsite());
  }

  configuring(): void {
    const { reader, requests } = this.session;
    const from = relative(reader.root, this.#from).split(sep).join('/') || '.';
    requests.push({ kind: 'connection', api: this.#api, website: this.#website, from });
  }

  async #whichWebsite(): Promise<string> {
    const known = findWebsites(this.session.reader);
    if (known.length === 0) throw new BadInput(`This workspace has no React website yet: make one with "${websiteToMake}".`);
    if (known.length === 1) return known[0] as string;
    if (!this.isInteractive())
      throw new BadInput(`This workspace has several websites: say which with --project, one of ${known.join(', ')}.`);
    return this.ask('project', { ...connectionOptions.project, choices: known });
  }
}
