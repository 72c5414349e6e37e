import { mergeJson } from './merge/json.ts';
import type { JsonObject } from './merge/result.ts';
import type { Run } from './run.ts';
import { readText } from './safe-path.ts';
import { stageFiles } from './staging.ts';
import { configKey } from './workspace.ts';

const path = '.yo-rc.json';

/** Stages the run's answers into `.yo-rc.json`, beside what other generators keep there. */
export function planStoredAnswers(run: Run): void {
  if (!run.stored) return;
  const answers = { [configKey]: run.stored } as unknown as JsonObject;
  const { text } = mergeJson(readText(run.workspace.root, path), answers, { path, keepExisting: false });
  stageFiles(run.staging, [{ path, contents: text, mode: 0o644, ownership: 'merged', record: 'shared' }]);
}
