import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { managerEnv, type NodeManager } from '../../support/node-managers.ts';
import { command, emptyFolder, gitStatus, nxOk, run, runOk } from '../../support/workspace.ts';

const minutes = 60_000;

interface Case {
  name: NodeManager;
  /** A file that tells the manager of a repository. pnpm is found on the PATH. */
  mark?: [file: string, text: string];
  /** The flavour: the registry at hand may lack the bundled dependencies of aws-cdk-lib, which yarn and bun resolve all the same. */
  provider: 'CDK' | 'Terraform';
}

const cases: Case[] = [
  { name: 'pnpm 12', provider: 'CDK' },
  { name: 'yarn 4', mark: ['yarn.lock', ''], provider: 'Terraform' },
  { name: 'pnpm 10', provider: 'CDK' },
  { name: 'yarn 1', mark: ['yarn.lock', ''], provider: 'Terraform' },
  { name: 'bun', mark: ['package.json', '{ "name": "shop", "packageManager": "bun@1.4.5" }\n'], provider: 'Terraform' },
];

const chosen = process.env.VERIFY_FULL === '1' ? cases : cases.slice(0, 2);

test.each(chosen)(
  '$name installs a new workspace without a warning that asks for something, and Nx runs',
  ({ name, mark, provider }) => {
    const env = managerEnv(name);
    const folder = emptyFolder();
    runOk('git', ['init', '--quiet'], folder);
    if (mark) writeFileSync(join(folder, mark[0]), mark[1]);
    const { status, stdout, stderr } = run(process.execPath, [command(), 'My API', '--iac-provider', provider, '--yes'], folder, env);
    expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' });
    const warnings = (stdout + stderr)
      .split('\n')
      .filter((line) => /\bwarn|approve-builds|allow-scripts|ignored build|blocked/i.test(line));
    // Yarn 4 tells on a first install that its lock file is new; yarn 1 that it found no license field of the private root.
    expect(warnings.filter((line) => !/lockfile|No license field|ssl|telemetry/i.test(line))).toEqual([]);
    expect(nxOk(['show', 'projects'], folder, env)).toContain('my-api');
    expect(gitStatus(folder)).not.toMatch(/node_modules|\.yarn\//);
  },
  10 * minutes,
);
