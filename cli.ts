#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { type CommandLine, helpText, readCommandLine } from './lib/options/command-line.ts';
import type { GeneratorName, Shell } from './lib/options/options.ts';
import { packageRoot } from './lib/templates/package-root.ts';

// Yeoman's environment is loaded only when there is something to generate: help and wrong flags answer at once.
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});

async function main(args: string[]): Promise<number> {
  try {
    const line = readCommandLine(args);
    if (line.version) {
      const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
      process.stdout.write(`${version}\n`);
    } else if (line.help) {
      process.stdout.write(helpText(line.generator));
    } else if (line.generator === 'doctor') {
      const { doctorReport } = await import('./lib/doctor/report.ts');
      const { text, isSound } = doctorReport(process.cwd());
      process.stdout.write(text);
      return isSound ? 0 : 1;
    } else if (line.generator === 'completion') {
      const { completionScript } = await import('./lib/options/completion.ts');
      process.stdout.write(completionScript(line.shell as Shell));
    } else {
      return (await generate(line.generator, line.options)) ? 0 : 1;
    }
    return 0;
  } catch (error) {
    process.stderr.write(`${oneLine(error)}\n`);
    if (process.env.DEBUG) process.stderr.write(`${(error as Error).stack}\n`);
    return 1;
  }
}

async function generate(generator: GeneratorName, options: CommandLine['options']): Promise<boolean> {
  // From Node 22 on a run can take over what an earlier one has compiled.
  (module as { enableCompileCache?: () => void }).enableCompileCache?.();
  const { runGenerator } = await import('./generators/run-generator.ts');
  return runGenerator(generator, options);
}

function oneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'BadInput') return error.message;
  if (error.name === 'ExitPromptError' || /force closed the prompt|aborted by user/i.test(error.message))
    return 'Stopped: nothing was written.';
  return `Unexpected error: ${error.message.split('\n')[0]} (set DEBUG=1 for the details)`;
}
