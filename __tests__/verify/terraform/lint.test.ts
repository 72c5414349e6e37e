// Checkov and tflint over every combination: nothing is left without a reason beside the resource.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exampleRoutes } from '../../support/cdk-openapi.ts';
import { combinations, everything, nameOf, pairwise } from '../../support/terraform-combinations.ts';
import { describeTerraform } from '../../support/terraform-suite.ts';
import { commonDir, terraformWorkspace, writeCall, writeRoutes } from '../../support/terraform-workspace.ts';
import { cacheFolder, pythonTools } from '../../support/tools.ts';

const all = everything ? combinations : pairwise;

/** Path of tflint, built from its module once; none where Go is missing. */
function tflint(): string | undefined {
  const folder = cacheFolder('tools', 'go-bin');
  const program = join(folder, 'tflint');
  if (!existsSync(program)) {
    if (spawnSync('go', ['version']).status !== 0) return undefined;
    execFileSync('go', ['install', 'github.com/terraform-linters/tflint@v0.64.0'], {
      env: { ...process.env, GOBIN: folder },
      stdio: 'pipe',
    });
  }
  return program;
}

interface CheckovReport {
  summary: { passed: number; parsing_errors: number };
  results: { failed_checks: { check_id: string; resource: string; file_path: string }[] };
}

describeTerraform('the linters', () => {
  test.each(all.map((combination) => [nameOf(combination), combination] as const))(
    'Checkov finds nothing in %s that has no reason beside it',
    (name, combination) => {
      const workspace = terraformWorkspace(`lint-${name}`, { ...combination, ci: 'GitHub' });
      writeRoutes(workspace, exampleRoutes, { settings: { parameters: ['page-size'], secrets: ['database-url'] } });
      const key = '  settings_kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"';
      const rollout =
        '  alarms               = true\n  dashboard            = true\n  function_defaults    = { rollout = "Canary10Percent5Minutes" }';
      writeCall(workspace, `${key}\n${rollout}${combination.computeType === 'ServerlessApiGatewayRestApi' ? '\n  waf = true' : ''}`);
      rmSync(join(workspace.infra, 'tests'), { recursive: true });
      const checkov = join(pythonTools('checkov', ['checkov']), 'checkov');
      const { stdout } = spawnSync(
        checkov,
        [
          '--directory',
          join(workspace.root, 'packages'),
          '--framework',
          'terraform',
          '--output',
          'json',
          '--compact',
          '--quiet',
          '--skip-download',
        ],
        { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
      );
      const { results, summary } = JSON.parse(stdout) as CheckovReport;
      // It read them at all.
      expect(summary.parsing_errors).toBe(0);
      expect(summary.passed).toBeGreaterThan(40);
      expect(results.failed_checks.map(({ check_id: check, resource, file_path: file }) => `${check} ${resource} ${file}`)).toEqual([]);
    },
    240_000,
  );

  const program = tflint();
  if (!program) console.warn('Skipped tflint: Go is not installed.');
  (program ? test : test.skip)(
    'tflint finds nothing with all its rules for the language',
    () => {
      for (const combination of all) {
        const workspace = terraformWorkspace(`lint-${nameOf(combination)}`, { ...combination, ci: 'GitHub' });
        const { status, stdout, stderr } = spawnSync(
          program as string,
          ['--recursive', `--config=${join(workspace.root, commonDir, '.tflint.hcl')}`],
          {
            cwd: join(workspace.root, 'packages'),
            encoding: 'utf8',
          },
        );
        expect({ name: nameOf(combination), status, output: `${stdout}${stderr}` }).toEqual({
          name: nameOf(combination),
          status: 0,
          output: '',
        });
      }
    },
    240_000,
  );
});
