import lodash from 'lodash';
import type { Request } from '../../lib/model/model.ts';
import type { Auth, ComputeType, IacProvider, IntegrationPattern } from '../../lib/options/choices.ts';
import type { Decision } from '../../lib/resolve/resolve.ts';
import { MemoryDisk } from './model-disk.ts';
import { dropped, type Edit, eolOf, inserted, replaced, resolved } from './model-edits.ts';
import { type Answer, type Ran, runOn } from './model-run.ts';
import { install, isJson, type Release } from './model-templates.ts';

const { readRecord, recordNames } = await import('../../lib/read/record.ts');
const { Reader } = await import('../../lib/read/reader.ts');

export interface Choices {
  computeType: ComputeType;
  integrationPattern: IntegrationPattern;
  auth: Auth;
  iacProvider: IacProvider | 'Inherit';
}

/** How a run goes. */
export interface Way {
  answers: readonly Answer[];
  flag: 'force' | 'merge' | 'none';
  kill?: number | undefined;
}

export type Act =
  | { act: 'api'; api: number; choices: Choices; way: Way }
  | { act: 'iac'; api: number; provider: IacProvider | 'Inherit'; way: Way }
  | { act: 'constructs'; way: Way }
  | { act: 'update'; way: Way }
  | { act: 'release'; release: Release }
  | { act: 'insert' | 'replace' | 'drop'; file: number; at: number }
  | { act: 'delete' | 'crlf'; file: number }
  | { act: 'create'; file: number }
  | { act: 'lose records' }
  | { act: 'lose record'; api: number }
  | { act: 'lose folder'; api: number }
  | { act: 'port'; api: number }
  | { act: 'forget'; api: number };

/** The APIs that sequences make. */
export const titles = ['Orders', 'Map tiles', 'Billing 2'] as const;
const projects = ['orders', 'map-tiles', 'billing-2'] as const;
const modules = ['orders', 'map_tiles', 'billing_2'] as const;

/** What the workspace's answers have to be, worked out without the generator. */
export interface Expected {
  version: string;
  iacProvider: IacProvider;
  constructs: boolean;
  apis: Record<string, Record<string, unknown> & { port: number; iacProviders: IacProvider[] }>;
}

const answersKey = 'generator-fastapi-lambda';

/** A workspace on a disk in memory, and all that a user knows of it: what was chosen, what was edited, which files are whose. */
export class Workspace {
  readonly root: string;
  readonly disk: MemoryDisk;
  release: Release = 0;
  expected: Expected | undefined;
  /** The user's edits of files of ours. */
  edits: Edit[] = [];
  /** Files that are written once, as they have to be now. */
  readonly once = new Map<string, string>();
  /** Of these the ones that the user has deleted. */
  readonly onceDeleted = new Set<string>();
  /** Files that the user has made beside ours. */
  readonly users = new Map<string, string>();
  /** Files that were there first: what is the user's of them. */
  readonly foreign: Map<string, string>;
  /** Files with Windows line endings. */
  readonly crlf = new Set<string>();
  /** JSON that the user has edited: its members may stand in another order. */
  readonly edited = new Set<string>();
  /** APIs whose folder was removed, and not made anew since. */
  readonly gone = new Set<string>();
  /** APIs that were taken out of the answers. */
  readonly forgotten = new Set<string>();
  /** What was written last was not known at some time. */
  hasLostRecords = false;
  #marks = 0;

  constructor(root: string, start: Readonly<Record<string, string>>) {
    this.root = root;
    this.disk = new MemoryDisk();
    this.foreign = new Map(Object.entries(start));
    this.disk.put(`${root}/.keep`, '');
    this.disk.rmSync(`${root}/.keep`);
    for (const [path, text] of this.foreign) this.disk.put(`${root}/${path}`, text);
    install(0);
  }

  text(path: string): string | undefined {
    return this.disk.text(`${this.root}/${path}`);
  }

  files(): Map<string, string> {
    return this.disk.files(this.root);
  }

  /** Does one act; one that the workspace has no place for does nothing. */
  async do(act: Act): Promise<void> {
    switch (act.act) {
      case 'api':
        return this.#makeApi(act.api, act.choices, act.way);
      case 'iac': {
        const project = this.#known(act.api);
        if (project === undefined) return;
        const provider = act.provider === 'Inherit' ? this.expected?.iacProvider : act.provider;
        const flavours = act.provider === 'Inherit' ? this.expected?.apis[project]?.iacProviders : [provider];
        const requests: Request[] = [{ kind: 'flavour', api: project, iacProvider: act.provider }];
        if (flavours?.includes('CDK')) requests.push({ kind: 'constructs' });
        const after = structuredClone(this.expected as Expected);
        const api = after.apis[project] as Expected['apis'][string];
        api.iacProviders = lodash.union(api.iacProviders, [provider as IacProvider]);
        after.constructs ||= flavours?.includes('CDK') === true;
        await this.run(requests, act.way, after, [project]);
        return;
      }
      case 'constructs': {
        const after = structuredClone(this.expected ?? { version: '', iacProvider: 'CDK' as const, constructs: true, apis: {} });
        after.constructs = true;
        await this.run([{ kind: 'constructs' }], act.way, after);
        return;
      }
      case 'update':
        if (this.expected) await this.run([{ kind: 'update' }], act.way, structuredClone(this.expected));
        return;
      case 'release':
        // An older version than the one that wrote the workspace is refused; those of one version come and go.
        if (act.release < this.release && this.release > 1) return;
        this.release = act.release;
        install(act.release);
        return;
      default:
        this.#edit(act);
    }
  }

  /** Runs the generator, and takes in what came of it. */
  async run(requests: Request[], { answers, flag, kill }: Way, after: Expected, asked: string[] = []): Promise<Ran> {
    install(this.release);
    this.#takeBegun();
    const before = this.files();
    const last = this.#lastWritten();
    const ran = await runOn(this.disk, this.root, { requests, answers, force: flag === 'force', merge: flag === 'merge', kill });
    const now = this.files();
    if (ran.outcome === 'left') {
      expect(now).toEqual(before);
      return ran;
    }
    this.#takeExpected(ran, after, asked, before);
    checkWritten(ran, before, now);
    this.#takeMarkers(ran, before, last);
    this.#takeOnce(ran, before, last);
    this.#takeEdits(ran, before, last);
    return ran;
  }

  async #makeApi(index: number, choices: Choices, way: Way): Promise<void> {
    const [name, project, moduleName] = [titles[index] as string, projects[index] as string, modules[index] as string];
    if (this.forgotten.has(project)) return;
    const known = this.expected?.apis[project];
    const { iacProvider, ...others } = choices;
    // The generator's own prompting: a workspace without answers has no flavour to inherit.
    const asked = iacProvider === 'Inherit' && this.expected === undefined ? 'CDK' : iacProvider;
    const own = known?.iacProviders[0] ?? this.expected?.iacProvider ?? 'CDK';
    const flavour = asked === 'Inherit' ? own : asked;
    const requests: Request[] = [
      { kind: 'api', answers: { name, ...others, directory: 'packages', iacProvider: asked, ...(known ? { moduleName } : {}) } },
      { kind: 'flavour', api: name, iacProvider: flavour },
      ...(flavour === 'CDK' ? [{ kind: 'constructs' } as const] : []),
    ];
    const after = structuredClone(this.expected ?? { version: '', iacProvider: flavour, constructs: false, apis: {} });
    const ports = new Set(Object.values(after.apis).map(({ port }) => port));
    let port = 8000;
    while (ports.has(port)) port += 1;
    after.constructs ||= flavour === 'CDK';
    after.apis[project] = {
      name,
      directory: 'packages',
      ...others,
      moduleName,
      port: known?.port ?? port,
      iacProviders: lodash.union(known?.iacProviders ?? [], [flavour]),
    };
    await this.run(requests, way, after, [project]);
  }

  #known(index: number): string | undefined {
    const known = Object.keys(this.expected?.apis ?? {}).sort();
    return known[index % Math.max(1, known.length)];
  }

  /** A run that was killed before its first file was in place has not happened. */
  #takeExpected(ran: Ran, after: Expected, asked: readonly string[], before: Map<string, string>): void {
    for (const project of asked) if (this.disk.existsSync(`${this.root}/packages/${project}`)) this.#takeAnew(project);
    // After another that was killed it may write the same answers.
    const isBegun = this.text('.yo-rc.json') !== before.get('.yo-rc.json') || ran.outcome === 'done';
    if (isBegun) this.expected = after;
  }

  /** An API that a killed run has begun to make anew is made by the next one, whichever that is for: its record has no files of it yet. */
  #takeBegun(): void {
    if (!this.text('.yo-rc.json')?.includes('"unfinished": true')) return;
    const reader = new Reader(this.root, this.disk as never);
    for (const project of this.gone) {
      const files = [...readRecord(reader, project).files].filter(([path]) => path.startsWith(`packages/${project}/`));
      if (!files.some(([, { text, also }]) => text === undefined && also === undefined)) this.#takeAnew(project);
    }
  }

  /** A project that was gone is made anew, with all that it had at first. */
  #takeAnew(project: string): void {
    if (!this.gone.delete(project)) return;
    for (const path of this.onceDeleted) if (path.startsWith(`packages/${project}/`)) this.onceDeleted.delete(path);
  }

  /** A file of others became ours at a question: whose it is may be unknown only where a run was killed and there is no record of it. */
  #giveUp(path: string, before: Map<string, string>, last: ReadonlyMap<string, string>): void {
    if (!this.foreign.delete(path)) return;
    const isUnknown = before.get('.fastapi-lambda/shared.json') === undefined || last.get(path) === '';
    expect({ path, isUnknown }).toEqual({ path, isUnknown: true });
  }

  #takeMarkers({ decisions }: Ran, before: Map<string, string>, last: ReadonlyMap<string, string>): void {
    for (const { path } of decisions) {
      const text = this.text(path);
      if (text === undefined || !text.includes('<<<<<<< yours')) continue;
      this.disk.put(`${this.root}/${path}`, resolved(path, text));
      if (this.users.delete(path)) this.once.delete(path);
      this.#giveUp(path, before, last);
      for (const edit of this.edits) if (edit.path === path) edit.mayBeGone = true;
      if (this.once.has(path)) this.once.set(path, this.text(path) as string);
    }
  }

  #takeOnce({ decisions, accepted, outcome }: Ran, before: Map<string, string>, last: ReadonlyMap<string, string>): void {
    for (const decision of decisions) {
      const { path, contents } = decision;
      const text = this.text(path);
      if (!isOnce(decision)) {
        if (!accepted.has(path) || text === before.get(path)) continue;
        this.users.delete(path);
        this.#giveUp(path, before, last);
        continue;
      }
      if (text === undefined) continue;
      const user = this.users.get(path);
      if (user !== undefined) {
        // The user's own from before: it stays, or what was accepted takes its place.
        if (text === user && !(decision.outcome === 'leave' && outcome === 'done')) continue;
        this.users.delete(path);
        this.once.set(path, text);
      } else if (this.once.get(path) === undefined || (decision.outcome === 'create' && !before.has(path))) {
        if (decision.outcome === 'create') expect(text).toBe(contents);
        expect({ path, isDeleted: this.onceDeleted.has(path) }).toEqual({ path, isDeleted: false });
        this.once.set(path, text);
      }
    }
  }

  /** An edit may only go by a conflict that was answered with yes, and then only where it meets what changed. */
  #takeEdits({ decisions, accepted }: Ran, before: Map<string, string>, last: ReadonlyMap<string, string>): void {
    const byPath = new Map(decisions.map((decision) => [decision.path, decision]));
    this.edits = this.edits.filter((edit) => {
      const { mark, path, kind } = edit;
      const text = this.text(path);
      if (accepted.has(path) || byPath.get(path)?.notes.some((note) => note.startsWith('Holds conflict'))) edit.mayBeGone = true;
      if (kind === 'drop' || text?.includes(mark)) return true;
      expect({
        path,
        mark,
        mayGo: accepted.has(path) && !isFarFromChanges(path, mark, before.get(path), last.get(path), byPath.get(path)),
      }).toEqual({
        path,
        mark,
        mayGo: true,
      });
      return false;
    });
  }

  #lastWritten(): Map<string, string> {
    const reader = new Reader(this.root, this.disk as never);
    return new Map(
      recordNames(reader).flatMap((name) => [...readRecord(reader, name).files].map(([path, { text }]) => [path, text ?? ''] as const)),
    );
  }

  #edit(act: Exclude<Act, { way: Way } | { act: 'release' }>): void {
    switch (act.act) {
      case 'insert':
      case 'replace':
      case 'drop':
        this.#editLine(act.act, this.#pick(act.file), act.at);
        return;
      case 'delete':
        this.#delete(this.#pick(act.file));
        return;
      case 'crlf': {
        const path = this.#pick(act.file);
        const text = path && this.text(path);
        if (!path || !text || this.foreign.has(path) || this.users.has(path) || text.includes('\r')) return;
        this.#put(path, text.replaceAll('\n', '\r\n'));
        this.crlf.add(path);
        return;
      }
      case 'create': {
        const path = places[act.file % places.length] as string;
        if (this.disk.existsSync(`${this.root}/${path}`) || this.once.has(path) || this.#lastWritten().has(path)) return;
        // A folder that was removed would no longer be gone.
        if ([...this.gone].some((project) => path.startsWith(`packages/${project}/`))) return;
        this.#marks += 1;
        const text = `# mark-${this.#marks}, made by the user\n`;
        this.disk.put(`${this.root}/${path}`, text);
        this.users.set(path, text);
        return;
      }
      case 'lose records':
        if (!this.disk.existsSync(`${this.root}/.fastapi-lambda`)) return;
        this.disk.rmSync(`${this.root}/.fastapi-lambda`, { recursive: true });
        this.hasLostRecords = true;
        this.onceDeleted.clear();
        for (const path of [...this.once.keys()]) if (this.text(path) === undefined) this.once.delete(path);
        return;
      case 'lose record':
      case 'lose folder':
      case 'port':
      case 'forget': {
        const project = this.#known(act.api);
        if (project !== undefined) this.#actOnApi(act.act, project);
      }
    }
  }

  #actOnApi(act: 'lose record' | 'lose folder' | 'port' | 'forget', project: string): void {
    const full = `${this.root}/packages/${project}`;
    if (act === 'lose record') {
      const record = `${this.root}/.fastapi-lambda/${project}.json`;
      if (!this.disk.existsSync(record)) return;
      for (const path of this.#lastWritten().keys()) if (this.onceDeleted.has(path) && this.#isOf(project, path)) this.#restorable(path);
      this.disk.rmSync(record);
      return;
    }
    if (act === 'lose folder') {
      // An API that a killed run has begun is made by the next one, whatever has become of its folder.
      if (!this.disk.existsSync(full) || this.text('.yo-rc.json')?.includes('"unfinished": true')) return;
      for (const path of [...this.files().keys()].filter((one) => one.startsWith(`packages/${project}/`))) this.#delete(path);
      if (this.disk.existsSync(full)) this.disk.rmSync(full, { recursive: true });
      this.gone.add(project);
      return;
    }
    const answers = JSON.parse(this.text('.yo-rc.json') as string) as Record<string, { apis: Record<string, { port: number }> }>;
    const { apis } = answers[answersKey] as { apis: Record<string, { port: number }> };
    const expected = this.expected as Expected;
    if (act === 'port') {
      const port = 9000 + projects.indexOf(project as 'orders');
      (apis[project] as { port: number }).port = port;
      (expected.apis[project] as { port: number }).port = port;
    } else {
      const own = new Set([...this.#lastWritten().keys()].filter((path) => this.#isOf(project, path)));
      for (const [path, text] of this.files()) if (own.has(path) || path.startsWith(`packages/${project}/`)) this.users.set(path, text);
      for (const path of this.users.keys()) this.once.delete(path);
      this.edits = this.edits.filter(({ path }) => !this.users.has(path));
      delete apis[project];
      delete expected.apis[project];
      this.forgotten.add(project);
      this.gone.delete(project);
    }
    this.disk.put(`${this.root}/.yo-rc.json`, `${JSON.stringify(answers, null, 2)}\n`);
  }

  /** Whether a file is about one API alone. */
  #isOf(project: string, path: string): boolean {
    return (
      path.startsWith(`packages/${project}/`) ||
      path.includes(`/apis/${project}`) ||
      path.includes(`/stacks/${project}.`) ||
      path.endsWith(`/${project}.tf`)
    );
  }

  #restorable(path: string): void {
    this.onceDeleted.delete(path);
    this.once.delete(path);
  }

  #editLine(kind: Edit['kind'], path: string | undefined, at: number): void {
    const text = path && this.text(path);
    if (!path || !text) return;
    const isForeign = this.foreign.has(path);
    this.#marks += 1;
    const mark = `mark-${this.#marks}`;
    // In a file of others the place of a line has to be one that both the file and the user's part of it have: the top.
    if (isForeign) {
      const [there, own] = [text, this.foreign.get(path) as string].map((one) => inserted(path, one, 0, mark));
      if (there === undefined || own === undefined) return;
      this.disk.put(`${this.root}/${path}`, there);
      this.foreign.set(path, own);
      return;
    }
    if (kind === 'drop') {
      const cut = dropped(path, text, at);
      if (cut === undefined || this.edits.some((edit) => edit.path === path && edit.kind === 'drop')) return;
      this.#put(path, cut.text);
      if (this.#isOurs(path)) this.edits.push({ mark, path, kind, dropped: cut.line, mayBeGone: false });
      return;
    }
    const changed = kind === 'insert' ? inserted(path, text, at, mark) : replaced(path, text, at, mark);
    if (changed === undefined) return;
    this.#put(path, changed);
    if (!this.#isOurs(path)) return;
    this.edits.push({ mark, path, kind, mayBeGone: false });
    if (isJson(path)) this.edited.add(path);
  }

  #isOurs(path: string): boolean {
    return !this.once.has(path) && !this.users.has(path) && !this.foreign.has(path);
  }

  #put(path: string, text: string): void {
    this.disk.put(`${this.root}/${path}`, text);
    if (this.once.has(path)) this.once.set(path, text);
    if (this.users.has(path)) this.users.set(path, text);
  }

  #delete(path: string | undefined): void {
    if (path === undefined || this.text(path) === undefined) return;
    this.disk.rmSync(`${this.root}/${path}`);
    this.foreign.delete(path);
    this.users.delete(path);
    this.crlf.delete(path);
    this.edited.delete(path);
    this.edits = this.edits.filter((edit) => edit.path !== path);
    // What no record knows yet, after a kill, is made by the next run.
    if (this.once.delete(path) && this.#lastWritten().has(path)) this.onceDeleted.add(path);
  }

  /** A file of the workspace: the first half of the numbers go to those that runs change most. */
  #pick(file: number): string | undefined {
    const all = [...this.files().keys()].filter((path) => path !== '.yo-rc.json' && !path.startsWith('.fastapi-lambda/')).sort();
    const busy = all.filter((path) => interesting.test(path) || this.foreign.has(path));
    const list = file % 2 === 0 && busy.length > 0 ? busy : all;
    return list[Math.floor(file / 2) % Math.max(1, list.length)];
  }
}

const interesting =
  /^(package\.json|pyproject\.toml|\.gitignore)$|(project\.json|apis\/index\.ts|stacks\/[\w-]+\.ts|init\.py|main\.py|extra\.py|infra[\w-]*\/[\w-]+\.tf|rest-api\.ts)$/;

/** Where users make files of their own; some are where a later run has one of ours. */
const places = [
  'docs/notes.md',
  'packages/orders/orders/models.py',
  'packages/orders/README.md',
  'packages/map-tiles/map_tiles/init.py',
  'packages/billing-2/billing_2/main.py',
  'packages/common/constructs/src/app/extra.ts',
  'packages/infra/src/stacks/shared.ts',
  'packages/infra-terraform/network.tf',
];

const isOnce = ({ written }: Decision): boolean => !('addition' in written) && written.text === undefined;

/** Each file is as it was, or as the run would have it; what was answered with no is as it was. */
function checkWritten({ files, kept, outcome }: Ran, before: Map<string, string>, now: Map<string, string>): void {
  const wanted = new Map<string, string[]>();
  for (const { path, contents } of files) wanted.set(path, [...(wanted.get(path) ?? []), contents]);
  const isInternal = (path: string): boolean => path.startsWith('.fastapi-lambda/.commit');
  const wrong = [...new Set([...before.keys(), ...now.keys()])].filter((path) => {
    if (isInternal(path)) return outcome === 'done' && files.length > 0 && now.has(path);
    const text = now.get(path);
    const planned = wanted.get(path);
    if (outcome === 'done') return text !== (planned?.at(-1) ?? before.get(path));
    return text !== before.get(path) && (text === undefined || planned?.includes(text) !== true);
  });
  expect(wrong).toEqual([]);
  expect([...kept].filter((path) => now.get(path) !== before.get(path))).toEqual([]);
}

/** Whether an edit stands in a part of a file that ours and what we wrote last have in common, from its start or up to its end. */
function isFarFromChanges(
  path: string,
  mark: string,
  theirs: string | undefined,
  last: string | undefined,
  decision: Decision | undefined,
): boolean {
  const ours = decision && 'text' in decision.written ? decision.written.text : undefined;
  if (theirs === undefined || last === undefined || last === '' || ours === undefined || isJson(path)) return false;
  const [base, wanted, there] = [last, ours, theirs].map((text) => text.split(eolOf(text))) as [string[], string[], string[]];
  const isSame = (index: number): boolean => base.at(index) === wanted.at(index);
  let start = 0;
  while (start < base.length && isSame(start)) start += 1;
  let end = 0;
  while (end < base.length && isSame(-1 - end)) end += 1;
  const at = there.findIndex((line) => line.includes(mark));
  // Lines of the user's own and lines taken out shift the place by a few.
  const slack = 3 + there.filter((line) => line.includes('mark-')).length + Math.abs(there.length - base.length);
  return at + slack < start || there.length - at + slack < end;
}
