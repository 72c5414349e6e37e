// Runs the measurements: `npm run bench`, or `npm run bench -- generate runtime` for some of them. One table, kept in results/ by its date.
// Each measurement is a module in rows/ whose `rows()` returns rows as `compared` in measure.mjs makes them.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

const folder = join(import.meta.dirname, 'rows');
const subjects = readdirSync(folder).flatMap((name) => /^(.+)\.mjs$/.exec(name)?.[1] ?? []);
const chosen = process.argv.slice(2);
const unknown = chosen.find((subject) => !subjects.includes(subject));
if (unknown) {
  console.error(`There is no measurement ${unknown}: choose among ${subjects.join(', ')}.`);
  process.exit(1);
}

const header = [
  '| what | this | against | that | ratio | goal | again: `npm run bench --` |',
  '| --- | ---: | --- | ---: | ---: | ---: | --- |',
];
const figure = (value, unit) => `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${unit}`;

function lineOf({ what, unit, ours, against, theirs, ratio, goal, most }, subject) {
  const isMissed = (goal !== undefined && ratio > goal) || (most !== undefined && ours > most);
  const goals = [...(goal === undefined ? [] : [`${goal} x`]), ...(most === undefined ? [] : [figure(most, unit)])];
  const cells = [what, figure(ours, unit), against, figure(theirs, unit), ratio.toFixed(ratio < 0.1 ? 3 : 2)];
  return { isMissed, line: `| ${[...cells, `${goals.join(', ')}${isMissed ? ', missed' : ''}`, subject].join(' | ')} |` };
}

const lines = new Map();
let isMissed = false;
for (const subject of chosen.length > 0 ? chosen : subjects) {
  console.error(`measuring: ${subject}`);
  try {
    const { rows } = await import(join(folder, `${subject}.mjs`));
    const written = (await rows()).map((row) => lineOf(row, subject));
    isMissed ||= written.some((one) => one.isMissed);
    lines.set(
      subject,
      written.map(({ line }) => line),
    );
  } catch (error) {
    isMissed = true;
    lines.set(subject, [`| not measured: ${error.message.split('\n')[0].replaceAll('|', '/')} | | | | | | ${subject} |`]);
    console.error(error);
  }
}
console.log([...header, ...[...lines.values()].flat()].join('\n'));
keep();
process.exit(isMissed ? 1 : 0);

/** Keeps the rows of today: those of a measurement that was not chosen this time stay. */
function keep() {
  const results = join(import.meta.dirname, 'results');
  const file = join(results, `${new Date().toISOString().slice(0, 10)}.md`);
  mkdirSync(results, { recursive: true });
  const before = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const kept = subjects.flatMap((subject) => lines.get(subject) ?? before.filter((line) => line.endsWith(`| ${subject} |`)));
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  const machine = `Node.js ${process.version}, ${availableParallelism()} CPUs, ${process.platform} ${process.arch}`;
  const load = loadavg()[0].toFixed(1);
  const about = `Last measured at ${commit} on ${machine}, load ${load} at the end. Medians of pairs that are measured in turns.`;
  writeFileSync(file, `# Measurements\n\n${about}\n\n${[...header, ...kept].join('\n')}\n`);
}
