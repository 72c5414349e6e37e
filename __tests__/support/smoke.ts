import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderTemplates } from '../../lib/templates/render.ts';
import type { InfraData } from '../../lib/templates/template-data.ts';
import { templateData } from './template-data.ts';
import type { Moto } from './terraform-tools.ts';
import { cacheFolder, toolEnv } from './tools.ts';

export interface Smoke {
  /** Runs the target's command as Nx would, with moto for AWS; these arguments come after its own. */
  (args?: string[], configuration?: string, env?: Record<string, string>): Promise<{ status: number | null; output: string }>;
  /** Writes a file where the command runs. */
  write(name: string, text: string): void;
  /** The text of a file there. */
  read(name: string): string;
}

/**
 * The target `smoke` of a generated API with CDK, its document and the scripts that it runs, and nothing else.
 *
 * @param name Folder below the cache, made anew.
 */
export function smokeTarget(name: string, document: unknown, moto: Moto, changes: Partial<InfraData> = {}): Smoke {
  const root = cacheFolder('connection', `smoke-${name}`);
  rmSync(root, { recursive: true, force: true });
  const data = templateData(changes);
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const { path, contents } of renderTemplates('infra', data)) write(join(data.infraDir, path), contents.toString());
  write(join(data.apiDir, 'dist/openapi.json'), JSON.stringify(document));
  const project = renderTemplates('api', data).find(({ path }) => path === 'project.json');
  const { options, configurations } = JSON.parse(project?.contents.toString() ?? '').targets.smoke;
  const run: Omit<Smoke, 'write' | 'read'> = (args: string[] = [], configuration?: string, env: Record<string, string> = {}) => {
    const { command } = configuration ? configurations[configuration] : options;
    // Not at once: servers of the test answer meanwhile.
    const child = spawn([command, ...args].join(' '), {
      cwd: join(root, options.cwd),
      shell: true,
      env: toolEnv({ ...{ AWS_REGION: 'us-east-1' }, ...(moto.env as Record<string, string>), ...env }),
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    return new Promise((resolve) => child.once('close', (status) => resolve({ status, output })));
  };
  return Object.assign(run as Smoke, {
    write: (file: string, text: string) => write(join(data.infraDir, file), text),
    read: (file: string) => readFileSync(join(root, data.infraDir, file), 'utf8'),
  });
}
