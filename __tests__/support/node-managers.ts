import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installOnce, toolEnv } from './tools.ts';

/** Package managers beside npm: the npm package that brings each, and the folder of its program below node_modules. */
const managers = {
  'pnpm 12': { packageName: 'pnpm@12', bin: '.bin', program: 'pnpm' },
  'pnpm 10': { packageName: 'pnpm@10', bin: '.bin', program: 'pnpm' },
  'yarn 4': { packageName: '@yarnpkg/cli-dist@4', bin: '@yarnpkg/cli-dist/bin', program: 'yarn' },
  'yarn 1': { packageName: 'yarn@1', bin: '.bin', program: 'yarn' },
  bun: { packageName: 'bun@1', bin: '.bin', program: 'bun' },
};

export type NodeManager = keyof typeof managers;

/** Environment with a package manager first on the path, in which installs may change lock files, as on a developer's machine. */
export function managerEnv(name: NodeManager | 'npm'): NodeJS.ProcessEnv {
  // Nothing of a registry's signatures, which a mirror need not have: pnpm asks for them before it fetches the version that a repository names.
  const env = toolEnv({ CI: '', npm_config_audit: 'false', npm_config_fund: 'false', npm_config_manage_package_manager_versions: 'false' });
  if (name === 'npm') return env;
  const { packageName, bin, program } = managers[name];
  const prefix = installOnce(`tools/${name.replace(' ', '-')}`, (target) => {
    writeFileSync(join(target, 'package.json'), '{ "private": true }');
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', packageName], { cwd: target, stdio: 'pipe' });
    chmodSync(join(target, 'node_modules', bin, program), 0o755);
  });
  env.PATH = [join(prefix, 'node_modules', bin), env.PATH].join(delimiter);
  return env;
}
