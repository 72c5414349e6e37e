import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder, pythonTools } from './tools.ts';

interface Outcome {
  name: string;
  outcome: 'passed' | 'failed' | 'skipped';
  text: string;
}

/** Folder of programs with pytest, outside of any generated project. */
export const harnessPython = (): string => join(pythonTools('runtime-harness', ['pytest==9.2.0']), 'python');

/**
 * Runs a folder of pytest tests, and reports each of them as a test of jest under its own name. Call it while a test file is read.
 *
 * @param python The interpreter, which has pytest.
 * @param target Folder or file with the tests.
 * @param env The whole environment of the run.
 */
export function reportPytest(python: string, target: string, env: NodeJS.ProcessEnv): void {
  const results = join(cacheFolder('runtime'), `results-${process.pid}.jsonl`);
  rmSync(results, { force: true });
  const run = spawnSync(python, ['-B', '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-p', 'runtime_results', '--tb=short', target], {
    env: { ...env, PYTHONPATH: [import.meta.dirname, env.PYTHONPATH ?? ''].join(delimiter), RESULTS: results },
    cwd: target.endsWith('.py') ? join(target, '..') : target,
    encoding: 'utf8',
  });
  const lines = existsSync(results) ? readFileSync(results, 'utf8').trimEnd().split('\n') : [];
  rmSync(results, { force: true });
  const outcomes = lines.filter(Boolean).map((line) => JSON.parse(line) as Outcome);
  test('pytest ran', () => {
    if (run.status !== 0 && !outcomes.some(({ outcome }) => outcome === 'failed'))
      throw new Error(`${run.stdout}${run.stderr}${run.error ?? ''}`);
    expect(outcomes.length).toBeGreaterThan(0);
  });
  for (const { name, outcome, text } of outcomes) {
    test(name, () => {
      if (outcome !== 'passed') throw new Error(text || outcome);
    });
  }
}
