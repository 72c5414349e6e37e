import process from 'node:process';
import { jest } from '@jest/globals';
import { packageManagerOf, runPrefix } from '../../../lib/read/package-manager.ts';
import { managerEnv } from '../../support/node-managers.ts';
import { cliConfiguration } from '../../support/terraform-tools.ts';
import { command, commitAll, execute, gitStatus, isFull, repository, spawn } from '../../support/trust-run.ts';
import { runOwn, type Shape, shapeArgs, shapes } from '../../support/trust-shapes.ts';
import { isKept } from '../../support/trust-texts.ts';
import { put, read } from '../../support/trust-tree.ts';

jest.setTimeout(30 * 60_000);

/** Flavour to install: the registry at hand may lack the bundled dependencies of aws-cdk-lib, which yarn and bun resolve all the same. */
const provider = ({ manager = 'npm' }: Shape): string => (/yarn|bun/.test(manager) ? 'Terraform' : 'CDK');

/** Lock files, which belong to what installs. */
const locks = /(^|\/)[\w.-]*lock[\w.-]*$/;

const chosen = isFull ? shapes : shapes.filter(({ title }) => /turbo|Poetry|whose tests are called/.test(title));

test.each(chosen.map((shape) => [shape.title, shape] as const))('%s, with everything installed: ours pass beside theirs', (_, shape) => {
  const env = { ...managerEnv(shape.manager ?? 'npm'), TF_CLI_CONFIG_FILE: cliConfiguration() };
  const root = repository(shape.files);
  const args = [...shapeArgs(shape, ['--iac-provider', provider(shape)]), '--yes'];
  const { status, stderr } = spawn(process.execPath, [command(), ...args], root, { env });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  runOwn(shape, root);
  for (const [path, before] of Object.entries(shape.files)) {
    if (locks.test(path)) continue;
    expect({ path, isKept: isKept(before, read(root, path)) }).toEqual({ path, isKept: true });
  }
  // What the run has told to do by hand is done.
  const manifest = read(root, 'package.json');
  expect(stderr.includes('byte order mark')).toBe(manifest.startsWith('\uFEFF'));
  put(root, { 'package.json': manifest.replace(/^\uFEFF/, '') });

  // What the install has locked is committed, too: whatever changes from here on is a change that nobody asked for.
  commitAll(root);
  const targets = ['build', 'test', 'lint', 'typecheck', ...(provider(shape) === 'CDK' ? ['synth'] : [])];
  const projects = 'my-api,*common-*,infra';
  const [program = '', ...nx] = runPrefix(packageManagerOf(root)).split(' ');
  execute(program, [...nx, 'run-many', '-t', ...targets, '--projects', projects, '--output-style', 'stream'], root, { env });
  runOwn(shape, root);
  // Terraform notes its provider at the first init, in a file that is to be committed.
  expect(gitStatus(root).replace('?? packages/infra/.terraform.lock.hcl\n', '')).toBe('');
});
