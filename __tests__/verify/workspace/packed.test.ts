import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { packageRoot } from '../../../lib/templates/package-root.ts';
import { snippetsOfKind } from '../../support/documentation.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { toolEnv } from '../../support/tools.ts';
import { atTerminal } from '../../support/trust-terminal.ts';
import { type Outcome, run, runOk } from '../../support/workspace.ts';

const minutes = 60_000;

/** Folder with the packed tarball; and one in which it is installed beside yo. */
let tarball: string;
let prefix: string;

beforeAll(() => {
  const packed = temporaryFolder();
  runOk('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', packed], packageRoot());
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  tarball = join(packed, `generator-fastapi-lambda-${version}.tgz`);
  prefix = installed(['yo@7.0.1']);
}, 5 * minutes);

/** A new folder in which the tarball and other packages are installed. */
function installed(packages: string[]): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  runOk('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', tarball, ...packages], folder);
  chmodSync(folder, 0o755);
  return folder;
}

/** Where an ordinary user works: yo changes to user 1000 when root runs it, which then must own the folder. */
function ordinaryUser(): { folder: string; as: (args: string[]) => [string, string[]]; env: NodeJS.ProcessEnv } {
  const home = temporaryFolder();
  const folder = join(home, 'my-scope');
  mkdirSync(folder);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) runOk('chown', ['-R', '1000:1000', home], home);
  const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: join(home, '.config'), NODE_OPTIONS: '' };
  const as = (args: string[]): [string, string[]] =>
    isRoot ? ['setpriv', ['--reuid', '1000', '--regid', '1000', '--clear-groups', ...args]] : [args[0] as string, args.slice(1)];
  return { folder, as, env };
}

const yo = (): string => join(prefix, 'node_modules', '.bin', 'yo');

function runYo(args: string[]): Outcome & { folder: string } {
  const { folder, as, env } = ordinaryUser();
  const [program, rest] = as([yo(), ...args]);
  return { ...run(program, rest, folder, env), folder };
}

const answers = (folder: string): Record<string, unknown> =>
  (
    JSON.parse(readFileSync(join(folder, '.yo-rc.json'), 'utf8')) as {
      'generator-fastapi-lambda': { apis: Record<string, Record<string, unknown>> };
    }
  )['generator-fastapi-lambda'].apis['my-api'] ?? {};

test(
  'yo runs it with flags alone, as an ordinary user',
  () => {
    const { status, stderr, folder } = runYo(['fastapi-lambda', 'My API', '--auth', 'none', '--yes', '--skip-install']);
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    expect(answers(folder)).toMatchObject({
      name: 'My API',
      auth: 'None',
      computeType: 'ServerlessApiGatewayRestApi',
      iacProviders: ['CDK'],
    });
    expect(existsSync(join(folder, 'packages', 'my-api', 'my_api', 'main.py'))).toBe(true);
    expect(existsSync(join(folder, '.gitignore'))).toBe(true);
  },
  minutes,
);

test(
  'yo asks at a terminal for what is missing, and for nothing else',
  () => {
    const steps = [
      { wait: 'What runs the API', send: '\r' },
      { wait: 'How operations map', send: '\u001B[B\r' },
      { wait: 'Folder for', send: '\r' },
      { wait: 'Infrastructure as code', send: '\r' },
      { wait: 'Name of the Python module', send: 'orders\r' },
      { wait: 'Continuous integration', send: '\u001B[B\r' },
    ];
    const { folder, as, env } = ordinaryUser();
    const [program, rest] = as([yo(), 'fastapi-lambda', 'My API', '--auth', 'Cognito', '--skip-install']);
    const { status, output, missed } = atTerminal([program, ...rest], steps, { cwd: folder, env, seconds: 90 });
    expect({ status, missed, output: status === 0 ? '' : output }).toEqual({ status: 0, missed: null, output: '' });
    expect(output).toContain('one Lambda function for all');
    expect(output).not.toContain('Who may call');
    expect(existsSync(join(folder, '.github/workflows/fastapi-lambda.yml'))).toBe(true);
    expect(answers(folder)).toMatchObject({ auth: 'Cognito', integrationPattern: 'shared', moduleName: 'orders', iacProviders: ['CDK'] });
  },
  2 * minutes,
);

test(
  'under yo, bad input is one line of ours, exit code 1 and nothing written',
  () => {
    const { status, stdout, stderr, folder } = runYo(['fastapi-lambda', 'My API', '--auth', 'Basic', '--yes']);
    expect(status).toBe(1);
    expect(stderr).toContain('\n--auth is "Basic": it has to be one of IAM, Cognito, Custom, None.\n');
    expect(stdout + stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(join(folder, '.yo-rc.json'))).toBe(false);
  },
  minutes,
);

test(
  'the own command needs no yo and works as the user that it is run by',
  () => {
    const folder = temporaryFolder();
    runOk(join(prefix, 'node_modules', '.bin', 'fastapi-lambda'), ['My API', '--yes', '--skip-install'], folder, process.env);
    expect(answers(folder)).toMatchObject({ name: 'My API', auth: 'IAM' });
  },
  minutes,
);

test(
  'environment 7 runs it on Node 24',
  () => {
    const folder = installed(['node@24', 'yeoman-environment@7', '@yeoman/adapter@5', 'mem-fs@6']);
    const work = join(folder, 'work');
    mkdirSync(work);
    writeFileSync(
      join(folder, 'run.mjs'),
      `import { createEnv } from 'yeoman-environment';
const env = createEnv();
await env.lookup({ npmPaths: [${JSON.stringify(join(folder, 'node_modules'))}] });
await env.run(['fastapi-lambda', 'My API'], { yes: true, skipInstall: true, auth: 'custom' });
console.log(process.version);
`,
    );
    const stdout = runOk(join(folder, 'node_modules', '.bin', 'node'), [join(folder, 'run.mjs')], work, {
      ...process.env,
      NODE_OPTIONS: '',
    });
    expect(stdout).toMatch(/^v24\./m);
    expect(answers(work)).toMatchObject({ auth: 'Custom' });
  },
  5 * minutes,
);

describe('composed by another generator', () => {
  /** A generator of somebody else's that has ours nested in its own dependencies; what the documentation composes is compiled with it. */
  function otherGenerator(options: string): { folder: string; compile: Outcome } {
    const folder = installed([
      'yeoman-environment@6',
      'yeoman-generator@8',
      'typescript@5.9',
      '@yeoman/types',
      'mem-fs@4',
      '@types/node@20',
    ]);
    const other = join(folder, 'node_modules', 'generator-other');
    mkdirSync(join(other, 'node_modules'), { recursive: true });
    cpSync(join(folder, 'node_modules', 'generator-fastapi-lambda'), join(other, 'node_modules', 'generator-fastapi-lambda'), {
      recursive: true,
    });
    runOk('rm', ['-rf', join(folder, 'node_modules', 'generator-fastapi-lambda')], folder);
    writeFileSync(
      join(other, 'package.json'),
      '{ "name": "generator-other", "version": "1.0.0", "type": "module", "keywords": ["yeoman-generator"] }',
    );
    mkdirSync(join(other, 'generators', 'app'), { recursive: true });
    const source = join(other, 'generators', 'app', 'index.mts');
    writeFileSync(
      source,
      `import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import AppGenerator, { type AppOptions } from 'generator-fastapi-lambda/app';
import Generator from 'yeoman-generator';

export default class extends Generator {
  async initializing() {
    const options: AppOptions = ${options};
    const path = fileURLToPath(import.meta.resolve('generator-fastapi-lambda/app'));
    await this.composeWith<InstanceType<typeof AppGenerator>>({ Generator: AppGenerator, path }, options);
  }
  writing() {
    this.fs.write(this.destinationPath('other.txt'), 'of the other generator\\n');
  }
}
void createRequire;
`,
    );
    const shown = snippetsOfKind('composing').map(({ code }, index) => {
      const path = join(other, 'generators', `shown-${index}.mts`);
      writeFileSync(path, code);
      return path;
    });
    expect(shown.length).toBeGreaterThan(1);
    const compile = run(
      join(folder, 'node_modules', '.bin', 'tsc'),
      ['--target', 'es2022', '--module', 'nodenext', '--strict', '--skipLibCheck', '--types', 'node', source, ...shown],
      other,
    );
    if (compile.status === 0) cpSync(join(other, 'generators', 'app', 'index.mjs'), join(other, 'generators', 'app', 'index.js'));
    return { folder, compile };
  }

  function runOther(folder: string): Outcome & { work: string } {
    const work = temporaryFolder();
    const script = join(folder, 'run.mjs');
    writeFileSync(
      script,
      `import { createEnv } from 'yeoman-environment';
const env = createEnv();
await env.lookup({ npmPaths: [${JSON.stringify(join(folder, 'node_modules'))}] });
try {
  await env.run(['other'], { skipInstall: true });
} catch (error) {
  console.log('REJECTED ' + error.message);
  process.exitCode = 3;
}
`,
    );
    return { ...run(process.execPath, [script], work, toolEnv()), work };
  }

  test(
    'typed options run without a prompt, and both generators are written in one commit',
    () => {
      const { folder, compile } = otherGenerator(`{ name: 'My API', computeType: 'ServerlessApiGatewayHttpApi', auth: 'None', yes: true }`);
      expect(compile).toMatchObject({ status: 0, stdout: '' });
      const { status, stdout, stderr, work } = runOther(folder);
      expect({ status, stderr: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, stderr: '' });
      expect(answers(work)).toMatchObject({ computeType: 'ServerlessApiGatewayHttpApi', auth: 'None', iacProviders: ['CDK'] });
      expect(readFileSync(join(work, 'other.txt'), 'utf8')).toBe('of the other generator\n');
    },
    5 * minutes,
  );

  test(
    'an error of ours is an error of theirs, and neither writes',
    () => {
      const { folder } = otherGenerator(`{ name: '1 API', yes: true }`);
      const { status, stdout, work } = runOther(folder);
      expect(status).toBe(3);
      expect(stdout).toContain('REJECTED The name "1 API" starts with a digit');
      expect(existsSync(join(work, 'other.txt'))).toBe(false);
      expect(existsSync(join(work, 'package.json'))).toBe(false);
    },
    5 * minutes,
  );

  test(
    'a wrong option does not compile',
    () => {
      expect(otherGenerator(`{ name: 'My API', auth: 'Basic' }`).compile.stdout).toMatch(/Type '"Basic"' is not assignable to type/);
      expect(otherGenerator(`{ name: 'My API', autth: 'IAM' }`).compile.stdout).toMatch(
        /'autth' does not exist in type|did you mean to write 'auth'/i,
      );
    },
    5 * minutes,
  );
});
