import { join } from 'node:path';
import { createLogger, QueuedAdapter, TerminalAdapter } from '@yeoman/adapter';
import once from 'lodash/once.js';
import { createEnv } from 'yeoman-environment';
import type { GeneratorName } from '../lib/options/options.ts';
import { packageRoot } from '../lib/templates/package-root.ts';
import AppGenerator from './app/index.ts';
import ConnectionGenerator from './connection/index.ts';
import ConstructsGenerator from './constructs/index.ts';
import IacGenerator from './iac/index.ts';
import { isComplete } from './session.ts';
import UpdateGenerator from './update/index.ts';

const classes = {
  app: AppGenerator,
  iac: IacGenerator,
  constructs: ConstructsGenerator,
  update: UpdateGenerator,
  connection: ConnectionGenerator,
};

/**
 * Runs one generator in an environment of its own, without looking anything up on the disk.
 *
 * @returns Whether all is done that it was asked for, and no file waits for its conflict markers to be resolved.
 */
export async function runGenerator(name: GeneratorName, options: Record<string, string | boolean>): Promise<boolean> {
  const environment = createEnv({ adapter: adapter(), sharedOptions: { ignoreVersionCheck: true } } as object);
  const namespace = name === 'app' ? 'fastapi-lambda' : `fastapi-lambda:${name}`;
  environment.register(
    classes[name] as never,
    { namespace, resolved: join(packageRoot(), 'dist', 'generators', name, 'index.js') } as never,
  );
  await environment.run([namespace], options);
  return isComplete(environment as never);
}

/**
 * A terminal whose log leaves out which of Yeoman's tasks was running when an error came: the command prints the error's one line. What
 * asks questions is made when the first one is asked: few runs ask one.
 */
function adapter(): QueuedAdapter {
  const log = createLogger();
  const { error } = log;
  log.error = (...args: unknown[]) =>
    String(args[0]).startsWith('An error occured while running') ? log : error.apply(log, args as never);
  const promptModule: QueuedAdapter['prompt'] = async (questions, initial) => {
    // A question that was waiting when the run stopped would hold the terminal.
    terminal.signal.throwIfAborted();
    return asking().prompt(questions, initial);
  };
  const terminal = new TerminalAdapter({ log, promptModule } as object);
  const asking = once(() => {
    const made = new TerminalAdapter({ log } as object);
    // A run that stops takes back the question that is asked then.
    terminal.signal.addEventListener('abort', () => made.abort(terminal.signal.reason));
    return made;
  });
  return new QueuedAdapter({ adapter: terminal });
}
