// How the measurements measure: CPU time of whole processes, in turns, so that another load on the machine meets all of them alike.
import { spawnSync } from 'node:child_process';

/** How often each side is measured. */
export const rounds = Number(process.env.BENCH_ROUNDS ?? 5);

/** User and system seconds of a program and all that it starts. */
export function cpuSeconds(program, args, options = {}) {
  const { stderr, status } = spawnSync(
    'bash',
    ['-c', 'TIMEFORMAT="%U %S"; time "$@" > /dev/null 2> "$BENCH_ERRORS"', 'bash', program, ...args],
    {
      ...options,
      encoding: 'utf8',
      env: { ...(options.env ?? process.env), BENCH_ERRORS: options.errors ?? '/dev/null', LC_ALL: 'C' },
    },
  );
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} exited with ${status}`);
  const [user, system] = stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return user + system;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Measures each side in turn, several times over.
 *
 * @param sides What measures a side once, by name.
 * @returns The figures of each side, a round at each place.
 */
export async function inTurns(sides, times = rounds) {
  const figures = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let round = 0; round < times; round += 1) for (const [name, side] of Object.entries(sides)) figures[name].push(await side());
  return figures;
}

/**
 * One row of the table: the medians of two sides that were measured in turns, and the median of their ratios, pair by pair.
 *
 * @param row Words: `what` is measured, `against` what, in which `unit`; where there are such, the `goal`, the ratio that is wanted at
 *   most, and the `most` that ours should be.
 */
export const compared = (row, ours, theirs) => ({
  ...row,
  ours: median(ours),
  theirs: median(theirs),
  ratio: median(ours.map((value, round) => value / theirs[round])),
});
