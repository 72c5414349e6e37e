import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { mergeExports } from './merge/exports.ts';
import { mergeJson, parseJsonText } from './merge/json.ts';
import { isObject, type JsonObject, type MergeResult } from './merge/result.ts';
import type { PlannedFile } from './plan.ts';
import { recordedPaths } from './record.ts';
import { isRecordLost, type Run } from './run.ts';
import { readText } from './safe-path.ts';
import { stageAddition, stageFiles } from './staging.ts';

/**
 * Stages a shared package of ours in a folder where the repository may have a package of its own. That one keeps its name, its
 * manifest, its compiler options, its formatter and the targets that it has; its barrels get our exports.
 *
 * @param dir Folder below the root.
 * @param files The package as it is in a new workspace, with their paths below the root.
 */
export function planPackage(run: Run, dir: string, files: readonly PlannedFile[]): void {
  const { root } = run.workspace;
  const recorded = recordedPaths(root, 'shared');
  const isLost = isRecordLost(run);
  const own = ownTargets(run, dir);
  for (const file of files) {
    const local = file.path.slice(dir.length + 1);
    const isTheirs = existsSync(join(root, file.path)) && !recorded.has(file.path) && !isLost;
    if (own !== undefined && local === 'biome.json') continue;
    if (own !== undefined && local === 'project.json') planProjectJson(run, file, own);
    else if (!isTheirs) stageFiles(run.staging, [file]);
    else if (local.endsWith('index.ts')) planBarrel(run, file);
    else if (local === 'package.json') noteModuleType(run, file);
    else if (!/^(tsconfig\.json|README\.md)$/.test(local)) stageFiles(run.staging, [file]);
  }
}

/** Name of the project in a folder, as Nx knows it: that of the repository's own package, where it has one there. */
export function packageName(run: Run, dir: string, ours: string): string {
  if (ownTargets(run, dir) === undefined) return ours;
  for (const file of ['project.json', 'package.json']) {
    const { name } = objectIn(run.workspace.root, `${dir}/${file}`);
    if (typeof name === 'string' && name !== '') return name;
  }
  return ours;
}

/** Targets that a package of the repository has, its npm scripts among them; `undefined` where the package is ours or not there. */
function ownTargets(run: Run, dir: string): Set<string> | undefined {
  const { root } = run.workspace;
  const recorded = recordedPaths(root, 'shared');
  if (recorded.has(`${dir}/project.json`) || isRecordLost(run)) return undefined;
  const own = ['package.json', 'project.json'].filter((file) => existsSync(join(root, dir, file)));
  if (own.length === 0) return undefined;
  const lists = own.map((file) => objectIn(root, `${dir}/${file}`)[file === 'package.json' ? 'scripts' : 'targets']);
  return new Set(lists.flatMap((list) => (isObject(list) ? Object.keys(list) : [])));
}

function objectIn(root: string, path: string): Record<string, unknown> {
  const text = readText(root, path);
  const value = text === undefined ? undefined : parseJsonText(text, path);
  return isObject(value) ? value : {};
}

/** A target that the repository has stays as it is; the others are added whole, never into one of the same name. */
function planProjectJson(run: Run, file: PlannedFile, own: ReadonlySet<string>): void {
  const { targets, ...rest } = JSON.parse(file.contents) as { targets: JsonObject } & JsonObject;
  // A formatter of ours has no business in a package of the repository's.
  const added = Object.fromEntries(Object.entries(targets).filter(([name]) => !own.has(name) && !/^(lint|format)$/.test(name)));
  const addition = existsSync(join(run.workspace.root, file.path)) ? { targets: added } : { ...rest, targets: added };
  stageAddition(run.staging, {
    path: file.path,
    record: file.record,
    addition: file.contents,
    apply: (text) => {
      const merged = mergeJson(text, addition, { path: file.path });
      const kept = Object.keys(targets).filter((name) => own.has(name) && !/^(lint|format|metadata)$/.test(name));
      return kept.length === 0 ? merged : { ...merged, notes: [...merged.notes, keptTargets(kept)] };
    },
  });
}

const keptTargets = (names: string[]): string =>
  `keeps its own ${names.join(', ')}: let ${names.length === 1 ? 'it' : 'them'} depend on the target metadata, which writes code that they compile`;

/** Our sources are ES modules, and a manifest of the repository's is not ours to change. */
function noteModuleType(run: Run, file: PlannedFile): void {
  if (!file.contents.includes('"type": "module"') || objectIn(run.workspace.root, file.path).type === 'module') return;
  run.notes.push(`${file.path} has no "type": "module", which the constructs need: add it, or move your package out of this folder.`);
}

function planBarrel(run: Run, file: PlannedFile): void {
  const lines = file.contents.split('\n').filter((line) => /^export \* from /.test(line));
  if (lines.length === 0) return;
  stageAddition(run.staging, {
    path: file.path,
    record: file.record,
    addition: lines.join('\n'),
    apply: (text) =>
      lines.reduce<MergeResult>((result, line) => mergeExports(result.text, line), { text: text ?? '', notes: [], ok: true }),
  });
}
