import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import { mockReleases } from '../../support/model-templates.ts';
import { isFull } from '../../support/trust-run.ts';
import { tree } from '../../support/trust-tree.ts';

jest.setTimeout(60 * 60_000);

await mockReleases();
const { sequence, starts } = await import('../../support/model-arbitraries.ts');
const { Workspace } = await import('../../support/model-workspace.ts');
const { tally } = await import('../../support/model-run.ts');
const { checkAtEnd } = await import('../../support/model-oracle.ts');

/**
 * Whoever changes something has the same sequences each time, so that what fails is of the change; new ones are looked for in full size.
 * `MODEL_SEED` plays a run of this test again, `MODEL_PATH` the one sequence of it that failed; `MODEL_SHRINK=0` makes a failing one no shorter.
 */
const seed = Number(process.env.MODEL_SEED ?? (isFull ? Date.now() % 2 ** 31 : 11));
const path = process.env.MODEL_PATH;
const sequences = Number(process.env.MODEL_SEQUENCES ?? (isFull ? 5000 : 300));

test(`${sequences} sequences of runs, edits, answers and kills lose nothing`, async () => {
  // Nothing is written here: it is where the disk in memory seems to be for what asks the machine.
  const root = join(tree(), 'workspace');
  mkdirSync(root);
  const programs = process.env.PATH;
  // Without git and package managers: no process is started for a run.
  process.env.PATH = '';
  const began = process.cpuUsage();
  try {
    await fc.assert(
      fc.asyncProperty(sequence, async ({ start, acts }) => {
        const workspace = new Workspace(root, starts[start] as Record<string, string>);
        for (const act of acts) await workspace.do(act);
        await checkAtEnd(workspace);
      }),
      {
        numRuns: sequences,
        seed,
        ...(path === undefined ? {} : { path }),
        endOnFailure: path !== undefined || process.env.MODEL_SHRINK === '0',
      },
    );
  } finally {
    process.env.PATH = programs;
    const { user, system } = process.cpuUsage(began);
    const seen = Object.entries(tally).map(([what, times]) => `${what} ${times}`);
    process.stdout.write(
      `${sequences} sequences, MODEL_SEED=${seed}: ${((user + system) / 1e6).toFixed(1)} s of CPU; ${seen.sort().join(', ')}\n`,
    );
  }
});
