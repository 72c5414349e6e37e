import { spawn } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { blocksOf } from './readme-commands.ts';
import { temporaryFolder } from './temporary.ts';
import type { Moto } from './terraform-tools.ts';
import { pythonTools, toolEnv, uv } from './tools.ts';

export interface RanReadme {
  status: number | null;
  output: string;
  /** What stand-ins for programs were called with. */
  told: string[];
  requests: IncomingMessage[];
}

export interface ReadmeRun {
  /** What a reader types, a line for each `read`. */
  typed?: string[];
  /** Commands that make what the README takes as given. */
  before?: string;
  /** Commands that show what has become of it. */
  after?: string;
  /** What npx does besides telling of its call: a line of a shell. @default nothing */
  nx?: string;
  env?: NodeJS.ProcessEnv;
}

/**
 * Runs all shell blocks of a README as one script that stops at the first failure, with the AWS CLI and curl at stand-ins: `$API_ADDRESS`
 * is a server that keeps what it is asked.
 */
export async function runReadme(
  moto: Moto,
  readme: string,
  { typed = [], before = '', after = '', nx = 'true', env = {} }: ReadmeRun = {},
): Promise<RanReadme> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    response.end('{"message":"hi"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = temporaryFolder();
  const told = join(folder, 'told');
  writeFileSync(told, '');
  const program = (name: string, body: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\ntell() { printf '%s\\n' "$*" >> '${told}'; }\n${body}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  program('npx', `tell "npx $*"; ${nx}`);
  program('gh', 'tell "gh $*"');
  // The README's own `uv add` runs in runtime/project.test.ts.
  program('uv', `case $1 in add) tell "uv $*" ;; *) exec '${uv()}' "$@" ;; esac`);
  program(
    'aws',
    `case "$1 $2" in
"configure export-credentials") tell "aws $1 $2"; printf 'export AWS_SESSION_TOKEN=token\\n' ;;
"logs tail") tell "aws $1 $2" ;;
*) exec '${join(pythonTools('aws-cli', ['awscli==1.45.*']), 'aws')}' "$@" ;;
esac`,
  );
  const blocks = blocksOf(readme).join('\n').replaceAll('<api>', 'my-api').replaceAll('<one of them>', '/aws/lambda/echo');
  const script = join(folder, 'script.sh');
  writeFileSync(script, `set -euo pipefail\n${before}\n${blocks}\n${after}\n`);
  const { PATH: path, ...rest } = toolEnv();
  const child = spawn('bash', [script], {
    cwd: folder,
    env: {
      ...rest,
      ...moto.env,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_PAGER: '',
      API_ADDRESS: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ...env,
      PATH: `${folder}:${path}`,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part: Buffer) => {
      output += part;
    });
  child.stdin.end(typed.map((line) => `${line}\n`).join(''));
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  await new Promise((resolve) => server.close(resolve));
  return { status, output, told: readFileSync(told, 'utf8').split('\n').filter(Boolean), requests };
}
