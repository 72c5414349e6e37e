import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../lib/templates/package-root.ts';
import { temporaryFolder } from './temporary.ts';
import { pythonTools } from './tools.ts';

/** A program of Python by its interpreter: its first line names the folder that it was installed into, and a cache may have moved. */
const pythonProgram = (name: string, requirement: string): [string, string] => {
  const folder = pythonTools(name, [requirement]);
  return [join(folder, 'python'), join(folder, name)];
};

/**
 * Tests that the checkers find nothing in templates.
 *
 * @param templates Those that have been synthesized, by a name for each.
 */
export function testFindings(templates: () => Record<string, object>): void {
  const written = (): string => {
    const folder = temporaryFolder('templates');
    for (const [name, template] of Object.entries(templates()))
      writeFileSync(join(folder, `${name}.template.json`), JSON.stringify(template));
    return folder;
  };

  test('leaves no finding of cfn-lint, apart from those that its configuration gives a reason for', () => {
    expect(cfnLint(written())).toEqual({ status: 0, output: '' });
  }, 600_000);

  test('leaves no finding of Checkov, apart from those that a resource gives a reason for', () => {
    expect(checkov(written())).toEqual([]);
  }, 600_000);
}

/** What cfn-lint says of the templates of a folder, under the configuration of a generated workspace. */
export function cfnLint(folder: string): { status: number | null; output: string } {
  const [python, program] = pythonProgram('cfn-lint', 'cfn-lint==1.51.0');
  const { status, stdout, stderr } = spawnSync(
    python,
    [
      program,
      '--config-file',
      join(packageRoot(), 'templates/infra-cdk/_cfnlintrc'),
      '--',
      ...readdirSync(folder).map((file) => join(folder, file)),
    ],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  return { status, output: `${stdout}${stderr}`.slice(0, 4000) };
}

/** Findings of Checkov in the templates of a folder that no resource skips with a reason. */
export function checkov(folder: string): string[] {
  const [python, program] = pythonProgram('checkov', 'checkov');
  const { stdout } = spawnSync(
    python,
    [program, '--directory', folder, '--framework', 'cloudformation', '--output', 'json', '--quiet', '--compact', '--skip-download'],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, env: { ...process.env, BC_API_KEY: '', LOG_LEVEL: 'ERROR' } },
  );
  const { summary, results } = JSON.parse(stdout) as {
    summary: { passed: number; parsing_errors: number };
    results: { failed_checks: { check_id: string; check_name: string; resource: string }[] };
  };
  if (summary.parsing_errors > 0 || summary.passed < 10) throw new Error(`Checkov read nothing: ${JSON.stringify(summary)}`);
  return [...new Set(results.failed_checks.map(({ check_id, check_name, resource }) => `${check_id} ${check_name}: ${resource}`))];
}
