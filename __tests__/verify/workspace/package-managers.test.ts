import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { toolEnv } from '../../support/tools.ts';
import { command, emptyFolder, gitStatus, nxOk, run, runOk } from '../../support/workspace.ts';

const minutes = 60_000;

interface Manager {
  /** The npm package that brings it, and the folder of its program below node_modules. */
  packageName: string;
  bin: string;
  /** A file that tells the manager of a repository. pnpm is found on the PATH. */
  mark?: [file: string, text: string];
  /** The flavour: the registry at hand may lack the bundled dependencies of aws-cdk-lib, which yarn and bun resolve all the same. */
  provider: 'CDK' | 'Terraform';
}

const managers: Record<string, Manager> = {
  'pnpm 12': { packageName: 'pnpm@12', bin: '.bin', provider: 'CDK' },
  'pnpm 10': { packageName: 'pnpm@10', bin: '.bin', provider: 'CDK' },
  'yarn 4': { packageName: '@yarnpkg/cli-dist@4', bin: '@yarnpkg/cli-dist/bin', mark: ['yarn.lock', ''], provider: 'Terraform' },
  'yarn 1': { packageName: 'yarn@1', bin: '.bin', mark: ['yarn.lock', ''], provider: 'Terraform' },
  bun: {
    packageName: 'bun@1',
    bin: '.bin',
    mark: ['package.json', '{ "name": "shop", "packageManager": "bun@1.4.5" }\n'],
    provider: 'Terraform',
  },
};

const chosen = process.env.VERIFY_FULL === '1' ? Object.keys(managers) : ['pnpm 12', 'yarn 4'];

test.each(chosen)(
  '%s installs a new workspace without a warning that asks for something, and Nx runs',
  (name) => {
    const { packageName, bin, mark, provider } = managers[name] as Manager;
    const prefix = mkdtempSync(join(tmpdir(), 'manager-'));
    writeFileSync(join(prefix, 'package.json'), '{ "private": true }');
    runOk('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', packageName], prefix);
    const program = join(prefix, 'node_modules', bin, packageName.includes('yarn') ? 'yarn' : (packageName.split('@')[0] as string));
    chmodSync(program, 0o755);

    const folder = emptyFolder();
    runOk('git', ['init', '--quiet'], folder);
    if (mark) writeFileSync(join(folder, mark[0]), mark[1]);
    const env = toolEnv({ CI: '' });
    env.PATH = [join(prefix, 'node_modules', bin), env.PATH].join(delimiter);
    const { status, stdout, stderr } = run(process.execPath, [command, 'My API', '--iac-provider', provider, '--yes'], folder, env);
    expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' });
    const warnings = (stdout + stderr)
      .split('\n')
      .filter((line) => /\bwarn|approve-builds|allow-scripts|ignored build|blocked/i.test(line));
    // Yarn 4 tells on a first install that its lock file is new; yarn 1 that it found no license field of the private root.
    expect(warnings.filter((line) => !/lockfile|No license field|ssl|telemetry/i.test(line))).toEqual([]);
    expect(nxOk(['show', 'projects'], folder, env)).toContain('my-api');
    expect(gitStatus(folder)).not.toContain('node_modules');
  },
  10 * minutes,
);
