import gte from 'semver/functions/gte.js';
import satisfies from 'semver/functions/satisfies.js';
import { installCommands } from '../finish/install.ts';
import type { Facts, WorkspaceFacts } from './facts.ts';

/** One thing that was looked at. */
export interface Finding {
  /** `missing` stops the work on this machine; `later` is needed for one thing only, which `what` names. */
  state: 'ok' | 'missing' | 'later';
  what: string;
  /** The command that mends it. */
  mend?: string;
}

/** Oldest Terraform that the generated modules and their backend take: `use_lockfile` came with 1.10. */
const oldestTerraform = '1.10.0';

const ok = (what: string): Finding => ({ state: 'ok', what });
const missing = (what: string, mend: string): Finding => ({ state: 'missing', what, mend });
const later = (what: string, mend: string): Finding => ({ state: 'later', what, mend });

/** What is in order on this machine and what is not, with the command that mends it. */
export function machineFindings(facts: Facts): Finding[] {
  const { node, git, uv, python, credentials, region, workspace } = facts;
  return [
    satisfies(node.version, node.engines)
      ? ok(`Node.js ${node.version}`)
      : missing(
          `Node.js ${node.version} is none of ${node.engines}`,
          'install it from nodejs.org, or with your version manager: nvm install 24',
        ),
    uv === undefined ? missing('uv can not be run', 'pip install uv') : ok(`uv ${uv}`),
    python.found === undefined
      ? missing(
          `Python ${python.wanted} is not here`,
          uv === undefined ? 'install uv, which can fetch it' : `uv python install ${python.wanted}`,
        )
      : ok(`Python ${python.wanted}`),
    git === undefined ? later('git can not be run: it is what tells your edits apart in a review', 'install git') : ok(`git ${git}`),
    ...terraformFindings(facts, workspace),
    credentials === undefined
      ? later('AWS credentials, to deploy: none are set up', 'aws configure sso')
      : ok(`AWS credentials from ${credentials}; whether they are valid was not tried`),
    region === undefined ? later('AWS region, to deploy: none is set', 'aws configure set region <region>') : ok(`AWS region ${region}`),
  ];
}

function terraformFindings({ terraform }: Facts, workspace: WorkspaceFacts | undefined): Finding[] {
  const isUsed = Object.values(workspace?.stored.apis ?? {}).some(({ iacProviders }) => iacProviders.includes('Terraform'));
  if (!isUsed) return [];
  if (terraform === undefined) return [missing('Terraform can not be run', 'install it: developer.hashicorp.com/terraform/install')];
  const isEnough = gte(terraform, oldestTerraform);
  return [
    isEnough ? ok(`Terraform ${terraform}`) : missing(`Terraform ${terraform} is older than ${oldestTerraform}`, 'install a newer one'),
  ];
}

/** What is in order in the workspace and what is not. */
export function workspaceFindings({ workspace, uv, version }: Facts): Finding[] {
  if (workspace === undefined) return [];
  const { stored, packageManager, installations, gone, hasLock } = workspace;
  const count = Object.keys(stored.apis).length;
  const due = installations.filter(({ isThere, isPending }) => !isThere || isPending);
  const { commands } = installCommands(packageManager, due, true);
  return [
    stored.unfinished
      ? missing('an interrupted run has not been finished', 'fastapi-lambda update')
      : ok(`${count} ${count === 1 ? 'API' : 'APIs'} in .yo-rc.json`),
    stored.version === version
      ? ok(`written by this version, ${version}`)
      : missing(`written by version ${stored.version || '(unknown)'}, and this is ${version}`, 'fastapi-lambda update'),
    ...gone.map((dir) =>
      missing(`${dir} is gone`, `git checkout -- ${dir}, or take its entry out of .yo-rc.json and run fastapi-lambda update`),
    ),
    ...commands.map(({ line, cwd, fills }) =>
      missing(`${fills} is not installed, or not whole`, cwd === '.' ? line : `${line} (in ${cwd})`),
    ),
    ...(commands.length === 0 ? [ok('installed')] : []),
    ...(hasLock || due.some(({ kind }) => kind === 'python') || uv === undefined ? [] : [missing('uv.lock is not there', 'uv lock')]),
  ];
}
