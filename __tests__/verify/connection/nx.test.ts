// Repositories of others' making with an API and a connection, all installed: an Nx React monorepo as create-nx-workspace makes it, and a
// website under Yarn 4. Takes minutes: in full size alone.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeVite } from '../../support/connection-starters.ts';
import { commitAll, execute, generate, gitStatus, isFull } from '../../support/generate.ts';
import { managerEnv } from '../../support/node-managers.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { installOnce, toolEnv } from '../../support/tools.ts';
import { command, nxOk, run, runOk } from '../../support/workspace.ts';

const minutes = 60_000;
const env = toolEnv({ CI: '1', npm_config_audit: 'false', npm_config_fund: 'false' });

/** The starter's workspace with its packages, made once. */
const starter = (): string =>
  join(
    installOnce('tools/create-nx-workspace-23.2.1-react', (target) => {
      const about = ['--preset=react-monorepo', '--appName=demo', '--bundler=vite', '--style=css', '--unitTestRunner=vitest'];
      const tools = ['--e2eTestRunner=none', '--linter=eslint', '--formatter=prettier', '--packageManager=npm'];
      const quiet = ['--nxCloud=skip', '--no-interactive', '--analytics=false', '--skipGit'];
      execute('npx', ['--yes', 'create-nx-workspace@23.2.1', 'shop', ...about, ...tools, ...quiet], target, { env });
    }),
    'shop',
  );

// Of the suites of starters the one that installs everything.
const inFull = isFull ? describe : describe.skip;

inFull('an Nx React monorepo', () => {
  let root: string;

  beforeAll(() => {
    root = join(temporaryFolder(), 'shop');
    cpSync(starter(), root, { recursive: true });
    execute('git', ['init', '--quiet'], root);
    commitAll(root);
    generate(['My API', '--yes', '--skip-install'], root);
    generate(['connection', '--project', 'demo', '--yes'], root, { env });
    commitAll(root);
  }, 20 * minutes);

  test(
    'builds, lints, type-checks and tests its app, with the client made first, and leaves nothing for git',
    () => {
      // One after the other: in the starter Vite empties the folder that the type check writes into.
      nxOk(['run-many', '-t', 'lint', 'typecheck', 'test', '-p', '@shop/demo'], root, env);
      nxOk(['run', '@shop/demo:build'], root, env);
      expect(gitStatus(root)).toBe('');
    },
    10 * minutes,
  );

  test(
    'has nothing for its formatter and for the sync of its TypeScript projects to say',
    () => {
      execute(process.execPath, ['node_modules/prettier/bin/prettier.cjs', '--check', 'apps/demo/project.json', 'package.json'], root);
      execute(process.execPath, ['node_modules/prettier/bin/prettier.cjs', '--check', 'apps/demo/src/connections'], root);
      nxOk(['sync:check'], root, env);
    },
    5 * minutes,
  );

  test(
    'a client that is gone is made anew by what needs it, from the cache as well',
    () => {
      rmSync(join(root, 'apps/demo/src/connections/my-api.gen.ts'));
      nxOk(['run', '@shop/demo:typecheck'], root, env);
      expect(gitStatus(root)).toBe('');
    },
    5 * minutes,
  );
});

inFull('a website under Yarn 4, which runs no script before another', () => {
  let root: string;
  let website: string;
  let told: string;
  const yarn = managerEnv('yarn 4');

  beforeAll(() => {
    root = temporaryFolder('shop');
    execute('git', ['init', '--quiet'], root);
    writeFileSync(join(root, 'yarn.lock'), '');
    generate(['My API', '--iac-provider', 'Terraform', '--yes', '--skip-install'], root);
    website = join(root, 'packages', 'website');
    makeVite(website);
    const manifest = join(website, 'package.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/"name": ".*"/, '"name": "website"'));
    const { status, stdout, stderr } = run(process.execPath, [command(), 'connection', '--yes'], root, yarn);
    told = stdout + stderr;
    if (status !== 0) throw new Error(told);
    commitAll(root);
  }, 20 * minutes);

  test(
    'is built and linted by Nx, with the client made first, and leaves nothing for git',
    () => {
      expect(told).toContain('"yarn run generate-clients" before them');
      nxOk(['run-many', '-t', 'build', 'lint', '-p', 'website'], root, yarn);
      expect(gitStatus(root)).toBe('');
    },
    10 * minutes,
  );

  test(
    'is built by its own script once the client is made by the one that it got',
    () => {
      rmSync(join(website, 'src/connections/my-api.gen.ts'));
      expect(run('yarn', ['run', 'build'], website, yarn).stdout).toContain("Cannot find module './my-api.gen'");
      runOk('yarn', ['run', 'generate-clients'], website, yarn);
      runOk('yarn', ['run', 'build'], website, yarn);
      expect(gitStatus(root)).toBe('');
    },
    10 * minutes,
  );
});
