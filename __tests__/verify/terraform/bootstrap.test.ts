// The bootstrap by the commands of its targets, as nx runs them: environment after environment, and again, from one clone.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeTerraform, useMoto } from '../../support/terraform-suite.ts';
import { type Ran, terraform } from '../../support/terraform-tools.ts';
import { terraformWorkspace } from '../../support/terraform-workspace.ts';

describeTerraform('the bootstrap', () => {
  const moto = useMoto();
  let infra: string;
  beforeAll(() => {
    infra = terraformWorkspace('bootstrap').infra;
  });

  /** Runs a target, and what it depends on, as nx would. An apply asks nobody here, or is a plan. */
  const run = (target: string, configuration?: 'production', verb: 'apply' | 'plan' = 'apply'): Ran => {
    const { targets } = JSON.parse(readFileSync(join(infra, 'project.json'), 'utf8'));
    const { dependsOn = [], options, configurations = {} } = targets[target];
    for (const needed of dependsOn) expect(run(needed, configuration)).toMatchObject({ status: 0 });
    const { command, cwd } = { ...options, ...(configuration && configurations[configuration]) };
    const [first, ...args]: string[] = command.split(' ').slice(1);
    const words = first === 'apply' ? [verb, ...(verb === 'apply' ? ['-auto-approve'] : [])] : [first as string];
    return terraform(cwd.replace('{projectRoot}', infra), [...words, ...args], moto().env);
  };
  const changes = ({ status, output }: Ran) => {
    if (status !== 0) throw new Error(output);
    return (/Resources: .*destroyed/.exec(output) ?? /Plan: .*destroy|No changes/.exec(output))?.[0];
  };

  test("makes a bucket for each environment and the account's role for logs, and forgets nothing when it is repeated", async () => {
    expect(changes(run('bootstrap'))).toMatch(/[1-9] added, 0 changed, 0 destroyed/);
    expect(changes(run('logging-role'))).toMatch(/[1-9] added, 0 changed, 0 destroyed/);
    const production = run('bootstrap', 'production', 'plan');
    expect(changes(production)).toMatch(/[1-9] to add, 0 to change, 0 to destroy/);
    expect(changes(run('bootstrap', undefined, 'plan'))).toBe('No changes');
    expect(changes(run('logging-role', undefined, 'plan'))).toBe('No changes');

    const buckets = await moto().query('s3', 'ListBuckets');
    expect(buckets).toContain('<Name>my-scope-development-tfstate-123456789012</Name>');
    expect(production.output).toContain('"my-scope-production-tfstate-123456789012"');
    for (const environment of ['development', 'production'])
      expect(readFileSync(join(infra, `environments/${environment}.tfbackend`), 'utf8')).toContain(
        `"my-scope-${environment}-tfstate-ACCOUNT"`,
      );
    expect(await moto().query('iam', 'ListRoles')).toContain('<RoleName>api-gateway-logs-us-east-1</RoleName>');
  }, 400_000);

  test('keeps its states where git keeps them', () => {
    const ignored = readFileSync(join(infra, '.gitignore'), 'utf8');
    for (const folder of ['bootstrap', 'logging-role']) expect(ignored).toContain(`!${folder}/*.tfstate\n`);
    expect(() => readFileSync(join(infra, 'bootstrap/development.tfstate'))).not.toThrow();
  });
});
