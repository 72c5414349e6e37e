import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';
import type { Decision } from '../../lib/resolve/resolve.ts';
import { asDisk, MemoryDisk } from './model-disk.ts';
import { unmarked, unmarkedValue, withoutDropped } from './model-edits.ts';
import { install, isJson } from './model-templates.ts';
import type { Workspace } from './model-workspace.ts';

const { prepareRun } = await import('../../lib/run.ts');
const { Reader } = await import('../../lib/read/reader.ts');
const { generatorVersion } = await import('../../lib/templates/versions.ts');
const { parseJsonText } = await import('../../lib/merge/json.ts');

/** What a workspace with the same answers has that was never written before. */
interface Fresh {
  ours: Map<string, string>;
  once: Map<string, string>;
  /** Files of others with our additions. */
  additions: Map<string, string>;
  /** The API that a file is about, or `shared`. */
  owners: Map<string, string>;
}

/** Folders of the packages that stay when no API needs them any more. */
const packages = ['packages/common/runtime', 'packages/infra', 'packages/infra-cdk', 'packages/infra-terraform'];

/** Renders a workspace anew, from its answers and from what others have put there. */
export function freshOf(workspace: Workspace): Fresh {
  const { root } = workspace;
  const disk = new MemoryDisk();
  disk.put(`${root}/.keep`, '');
  for (const [path, text] of workspace.foreign) disk.put(`${root}/${path}`, text);
  const answers = JSON.parse(workspace.text('.yo-rc.json') as string) as Record<string, object>;
  // As a first run that was killed before it could write anything but the answers: all is still to be made.
  disk.put(
    `${root}/.yo-rc.json`,
    JSON.stringify({ 'generator-fastapi-lambda': { ...answers['generator-fastapi-lambda'], unfinished: true } }),
  );
  // A package of all APIs stays when none needs it any more, as long as its folder is there.
  for (const folder of packages) if (workspace.disk.existsSync(`${root}/${folder}`)) disk.put(`${root}/${folder}/.keep`, '');
  install(workspace.release);
  const { decisions } = prepareRun(new Reader(root, asDisk(disk)), { requests: [{ kind: 'update' }] });
  const fresh: Fresh = { ours: new Map(), once: new Map(), additions: new Map(), owners: new Map() };
  for (const decision of decisions) {
    const kind = kindOf(decision);
    fresh[kind].set(decision.path, decision.contents ?? workspace.foreign.get(decision.path) ?? '');
    fresh.owners.set(decision.path, decision.record);
  }
  return fresh;
}

const kindOf = ({ written }: Decision): 'ours' | 'once' | 'additions' =>
  'addition' in written ? 'additions' : written.text === undefined ? 'once' : 'ours';

/** Brings a workspace up to date, every question answered with yes, and checks all that it holds. */
export async function checkAtEnd(workspace: Workspace): Promise<void> {
  const { expected } = workspace;
  if (expected === undefined) {
    // No run has come so far as to write anything.
    const left = [...workspace.files()].filter(([path]) => !path.startsWith('.fastapi-lambda/.commit'));
    expect(new Map(left)).toEqual(new Map([...workspace.foreign, ...workspace.users]));
    return;
  }
  const yes = { answers: ['y'], flag: 'none' } as const;
  const before = workspace.files();
  await workspace.run([{ kind: 'update' }], yes, expected);
  const now = workspace.files();
  const fresh = freshOf(workspace);

  const answers = (JSON.parse(now.get('.yo-rc.json') as string) as Record<string, Record<string, unknown>>)['generator-fastapi-lambda'];
  expect(answers).toMatchObject({ version: generatorVersion(), iacProvider: expected.iacProvider, apis: expected.apis });
  expect(answers?.constructs === true).toBe(expected.constructs);
  expect(answers?.unfinished).toBeUndefined();
  expect(Object.keys(answers?.apis as object).sort()).toEqual(Object.keys(expected.apis).sort());

  const isGone = (path: string): boolean => workspace.gone.has(fresh.owners.get(path) as string);
  for (const [path, text] of fresh.ours) if (!isGone(path)) checkOurs(workspace, path, text);
  for (const path of fresh.once.keys()) {
    if (isGone(path)) continue;
    // Beside a kept file of the user's there is nothing of ours.
    const wanted = workspace.onceDeleted.has(path) ? undefined : workspace.once.get(path);
    expect({ path, text: now.get(path), isDeleted: workspace.onceDeleted.has(path) }).toEqual({
      path,
      text: wanted,
      isDeleted: wanted === undefined,
    });
  }
  for (const project of workspace.gone) expect([...now.keys()].filter((path) => path.startsWith(`packages/${project}/`))).toEqual([]);
  for (const [path, text] of workspace.users) expect({ path, text: now.get(path) }).toEqual({ path, text });
  for (const [path, text] of workspace.once)
    if (!workspace.onceDeleted.has(path)) expect({ path, text: now.get(path) }).toEqual({ path, text });
  for (const [path, text] of workspace.foreign)
    checkForeign(path, text, fresh.additions.get(path), now.get(path), workspace.hasLostRecords);

  // What is planned no more stays as it is.
  for (const [path, text] of before) {
    const isPlanned = fresh.ours.has(path) || fresh.additions.has(path) || workspace.foreign.has(path);
    if (path === '.yo-rc.json' || path.startsWith('.fastapi-lambda/') || (isPlanned && !isGone(path)) || fresh.once.has(path)) continue;
    expect({ path, text: now.get(path) }).toEqual({ path, text });
  }
  expect([...now.keys()].filter((path) => /\.fastapi-lambda-\d+$/.test(path))).toEqual([]);

  const again = prepareRun(new Reader(workspace.root, asDisk(workspace.disk)), { requests: [{ kind: 'update' }] });
  expect(again.files(new Set()).map(({ path }) => path)).toEqual([]);
}

function checkOurs(workspace: Workspace, path: string, ours: string): void {
  const text = workspace.text(path);
  const edits = workspace.edits.filter((edit) => edit.path === path);
  expect({ path, isThere: text !== undefined }).toEqual({ path, isThere: true });
  for (const { kind, mark } of edits)
    if (kind !== 'drop') expect({ path, mark, times: (text as string).split(`${mark}`).length > 1 }).toEqual({ path, mark, times: true });
  if (workspace.crlf.has(path)) expect({ path, bare: /(?<!\r)\n/.test(text as string) }).toEqual({ path, bare: false });
  const plain = unmarked(text as string);
  if (plain === ours) return;
  if (isJson(path) && workspace.edited.has(path)) {
    const value = JSON.parse(ours) as unknown;
    expect({ path, value: unmarkedValue(parseJsonText(text as string), value) }).toEqual({ path, value });
    return;
  }
  if (!withoutDropped(ours, edits).includes(plain)) expect({ path, edits, text: plain }).toEqual({ path, edits, text: ours });
}

/** A file of others: the user's lines are there as they were, in their order, and the whole says what a fresh addition would say. */
function checkForeign(path: string, own: string, wanted: string | undefined, text: string | undefined, isRecordLost: boolean): void {
  expect({ path, isThere: text !== undefined }).toEqual({ path, isThere: true });
  const rest = (text as string).split('\n').map(plainLine);
  for (const line of own.split('\n').map(plainLine)) {
    const at = rest.indexOf(line);
    expect({ path, line, isThere: at >= 0 }).toEqual({ path, line, isThere: true });
    rest.splice(0, at + 1);
  }
  // Of what was written while no record told so, a later run can't know that it was ours.
  if (!isRecordLost) expect({ path, value: meaningOf(path, text as string) }).toEqual({ path, value: meaningOf(path, wanted ?? own) });
}

/** A line but for the comma that JSON wants before a neighbour. */
const plainLine = (line: string): string => line.replace(/,$/, '');

function meaningOf(path: string, text: string): unknown {
  if (isJson(path)) return sorted(parseJsonText(text));
  if (path.endsWith('.toml')) return sorted(parseToml(text));
  if (/\.ya?ml$/.test(path)) return sorted(parseYaml(text));
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .sort();
}

/** Lists as sets: what came first depends on the order of the runs. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, sorted(one)]));
}
