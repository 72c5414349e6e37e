// From saving a renamed operation in Python to the compile error in a website's watch: seconds, and where they go.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { register } from 'tsx/esm/api';

register();
// The tests' helpers clean up after all tests, and here at the end.
globalThis.afterAll = (cleanUp) => process.on('exit', cleanUp);
const { starters, starterWorkspace } = await import('../../__tests__/support/connection-starters.ts');
const { generate } = await import('../../__tests__/support/generate.ts');
const { compared, rounds } = await import('../measure.mjs');
const { toolEnv, uv } = await import('../../__tests__/support/tools.ts');

const started = [];

/** Starts a target's command, as Nx does. */
function start(folder, command) {
  const [program, ...args] = command.split(' ');
  const env = toolEnv({ FORCE_COLOR: '0' });
  const running = spawn(program === 'uv' ? uv() : program, args, { cwd: folder, env, detached: true });
  started.push(running);
  running.text = '';
  for (const stream of [running.stdout, running.stderr])
    stream.on('data', (text) => {
      running.text += text;
    });
  return running;
}

/** Waits for a condition; the time at which it held. */
async function until(what, condition) {
  const end = Date.now() + 120_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`${what} did not come: ${started.map(({ text }) => text.slice(-2000)).join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return Date.now();
}

/** The steps' seconds of every round, in a website of a starter. */
async function measure(starter) {
  const { root, website } = starterWorkspace(starter, 'bench');
  generate(['connection', '--yes', '--skip-install'], root);
  const api = join(root, 'packages', 'shapes');
  execFileSync(uv(), ['sync', '--all-packages', '--quiet'], { cwd: root, env: toolEnv() });
  const app = `import { useQuery } from '@tanstack/react-query'
import { useShapes } from './connections/use-shapes'

export default function App() {
  return <p>{useQuery(useShapes().getItem.queryOptions({ itemId: 7 })).data?.name}</p>
}
`;
  writeFileSync(join(website, 'src', 'App.tsx'), app);
  const targetsOf = (folder) => JSON.parse(readFileSync(join(folder, 'project.json'), 'utf8')).targets;
  const commandOf = (folder, target) => targetsOf(folder)[target].options.command;

  const main = join(api, 'shapes', 'main.py');
  const document = join(api, 'dist', 'openapi.json');
  const client = join(website, 'src', 'connections', 'shapes.gen.ts');
  const has = (file, text) => {
    try {
      return readFileSync(file, 'utf8').includes(text);
    } catch {
      return false;
    }
  };
  start(api, commandOf(api, 'serve'));
  await until('the document', () => has(document, 'get_item'));
  start(website, commandOf(website, 'watch:Shapes-client'));
  await until('the client', () => has(client, 'getItem'));
  const compiler = start(website, 'node node_modules/typescript/bin/tsc -p tsconfig.app.json --noEmit --watch --preserveWatchOutput');
  await until('the first check', () => compiler.text.includes('Found 0 errors'));

  const before = readFileSync(main, 'utf8');
  const steps = {
    'the server has imported it and written the document': [],
    'the client is made': [],
    'the compiler says so': [],
    whole: [],
  };
  for (let round = 0; round < rounds; round += 1) {
    compiler.text = '';
    const saved = Date.now();
    writeFileSync(main, before.replace('def get_item', 'def read_item'));
    const told = await until('the error', () => compiler.text.includes("'getItem' does not exist"));
    // Both are renamed into place, with the time at which they were written.
    const [written, made] = [document, client].map((file) => statSync(file).mtimeMs);
    for (const [index, seconds] of [written - saved, made - written, told - made, told - saved].entries())
      Object.values(steps)[index].push(seconds / 1000);
    compiler.text = '';
    writeFileSync(main, before);
    await until('the name of before', () => compiler.text.includes('Found 0 errors'));
  }
  return steps;
}

/** Ends what was started, and what that started. */
function stop() {
  for (const { pid } of started.splice(0)) {
    try {
      process.kill(-pid, 'SIGTERM');
    } catch {
      // It has ended by itself.
    }
  }
}

export async function rows() {
  const found = [];
  try {
    for (const starter of starters.slice(0, 2)) {
      const { whole, ...steps } = await measure(starter);
      stop();
      for (const [name, seconds] of Object.entries(steps)) {
        const what = `${starter.title}, from saving a renamed operation: ${name}`;
        found.push(compared({ what, unit: 's', against: 'all until the compile error' }, seconds, whole));
      }
    }
  } finally {
    stop();
  }
  return found;
}
