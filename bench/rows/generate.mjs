// What it costs to generate one API: CPU of the whole process without an install, against Node.js alone and against peers.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { compared, cpuSeconds, inTurns } from '../measure.mjs';
import { nodePeer, peerFolder, sam } from '../peers.mjs';

const command = join(import.meta.dirname, '../../dist/cli/bin/cli.cjs');
const modules = nodePeer('.');
const work = mkdtempSync(join(tmpdir(), 'fastapi-lambda-bench-'));

/** Runs a program in a new folder, with what `from` holds. */
function inNew(program, args, { from, env } = {}) {
  const cwd = join(work, 'run');
  rmSync(cwd, { recursive: true, force: true });
  if (from === undefined) execFileSync('git', ['init', '--quiet', cwd]);
  else cpSync(from, cwd, { recursive: true, verbatimSymlinks: true });
  chmodSync(cwd, 0o777);
  return cpuSeconds(program, args, { cwd, env: { ...process.env, NX_DAEMON: 'false', CI: 'true', ...env } });
}

/** A workspace of Nx as `create-nx-workspace` leaves it with the plugin's preset, its packages linked. */
function nxWorkspace() {
  const folder = peerFolder('nx-workspace');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const write = (path, value) => writeFileSync(join(folder, path), `${JSON.stringify(value, null, 2)}\n`);
  write('package.json', { name: '@bench/source', version: '0.0.0', private: true, workspaces: ['packages/*'] });
  write('nx.json', { namedInputs: { default: ['{projectRoot}/**/*'] }, targetDefaults: {} });
  write('tsconfig.base.json', { compilerOptions: {} });
  execFileSync('git', ['init', '--quiet', folder]);
  symlinkSync(modules, join(folder, 'node_modules'));
  return folder;
}

/** A generator of Yeoman's that writes one file, where `yo` finds it. */
function minimalGenerator() {
  const folder = join(modules, 'generator-minimal');
  mkdirSync(join(folder, 'generators/app'), { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    '{ "name": "generator-minimal", "version": "1.0.0", "type": "module", "files": ["generators"] }\n',
  );
  writeFileSync(
    join(folder, 'generators/app/index.js'),
    `import Generator from 'yeoman-generator';
export default class extends Generator {
  writing() {
    this.fs.write(this.destinationPath('README.md'), 'Hello\\n');
  }
}
`,
  );
  const link = join(folder, 'node_modules');
  if (!existsSync(link)) symlinkSync(join(import.meta.dirname, '../../node_modules'), link);
}

/** A folder for PATH in which what would install does nothing: no side's figures are to have an install. */
function withoutInstall() {
  const folder = join(work, 'without-install');
  mkdirSync(folder, { recursive: true });
  for (const name of ['npm', 'uv']) writeFileSync(join(folder, name), '#!/bin/sh\n', { mode: 0o755 });
  return `${folder}:${process.env.PATH}`;
}

/** SAM's program, and the template of Python that comes with it. */
function samTemplate() {
  const program = sam();
  const where = ['-c', 'import samcli.lib.init as init; print(init.__path__[0])'];
  const folder = execFileSync(join(dirname(program), 'python'), where, { encoding: 'utf8' }).trim();
  return { program, template: join(folder, 'templates/cookiecutter-aws-sam-hello-python') };
}

export async function rows() {
  try {
    const from = nxWorkspace();
    minimalGenerator();
    const { template, program } = samTemplate();
    const PATH = withoutInstall();
    // yo gives up root's rights, and then needs a home that it may write into.
    const HOME = join(work, 'home');
    mkdirSync(HOME);
    for (const path of [work, HOME]) chmodSync(path, 0o777);
    const plugin = [nodePeer('.bin/nx'), 'g', '@aws/nx-plugin:py#fast-api', '--name=my-api', '--iacProvider=CDK', '--no-interactive'];
    const preset = ['shop', '--preset=apps', '--nxCloud=skip', '--skipGit', '--interactive=false'];
    const figures = await inTurns({
      ours: () => inNew(process.execPath, [command, 'My API', '--yes', '--skip-install']),
      node: () => inNew(process.execPath, ['-e', '0']),
      plugin: () => inNew(process.execPath, plugin, { from, env: { PATH } }),
      yo: () => inNew(process.execPath, [nodePeer('.bin/yo'), 'minimal', '--skip-install'], { env: { HOME, NODE_PATH: modules } }),
      nx: () => inNew(process.execPath, [nodePeer('.bin/create-nx-workspace'), ...preset]),
      sam: () => inNew(program, ['init', '--name', 'my-api', '--location', template, '--no-input'], { env: { SAM_CLI_TELEMETRY: '0' } }),
    });
    const against = (side, name, goal) =>
      compared({ what: 'generate one API, no install, CPU', unit: 's', against: name, goal }, figures.ours, figures[side]);
    return [
      against('node', '`node -e 0`', 4),
      against('plugin', '`nx g @aws/nx-plugin:py#fast-api`', 0.1),
      against('yo', '`yo` with a generator that writes one file'),
      against('nx', '`create-nx-workspace`, with its install'),
      against('sam', '`sam init` from a template of its package'),
    ];
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
