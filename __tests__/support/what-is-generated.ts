import { posix } from 'node:path';
import type { Request } from '../../lib/model/model.ts';
import type { IacProvider } from '../../lib/options/choices.ts';
import { Reader } from '../../lib/read/reader.ts';
import { prepareRun } from '../../lib/run.ts';
import { tree } from './trust-tree.ts';

/**
 * Texts of all files of a new workspace with one API with every default, by path, as a run would write them.
 *
 * @param root A folder with files that are there before.
 * @param more What the run is for besides the API.
 */
export function plannedFiles(iacProvider: IacProvider, root = tree(), more: readonly Request[] = []): Map<string, string> {
  const api: Request = {
    kind: 'api',
    answers: {
      name: 'My API',
      computeType: 'ServerlessApiGatewayRestApi',
      integrationPattern: 'isolated',
      auth: 'IAM',
      directory: 'packages',
      iacProvider,
    },
  };
  const { files } = prepareRun(new Reader(root), { requests: [api, ...more], scope: 'shop' });
  return new Map(files(new Set()).map(({ path, contents }) => [path, String(contents)]));
}

/** Folders that are told without their files, which a reader seldom opens and which come and go. */
const closed = /^packages\/common\/[^/]+\/[^/]+$/;

/** Paths as a tree of folders and files. */
export function treeOf(paths: readonly string[]): string {
  const lines: string[] = [];
  const visit = (folder: string, depth: number): void => {
    const below = paths.filter((path) => path.startsWith(folder)).map((path) => path.slice(folder.length));
    for (const name of [...new Set(below.map((path) => path.split('/')[0] as string))].sort()) {
      const inside = below.filter((path) => path.startsWith(`${name}/`)).length;
      const indent = '  '.repeat(depth);
      if (inside === 0) lines.push(`${indent}${name}`);
      else if (inside > 1 && closed.test(folder + name)) lines.push(`${indent}${name}/ ...`);
      else {
        lines.push(`${indent}${name}/`);
        visit(`${folder}${name}/`, depth + 1);
      }
    }
  };
  visit('', 0);
  return lines.join('\n');
}

const block = (language: string, text: string): string => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;

/** The page \`docs/what-is-generated.md\`. */
export function whatIsGenerated(): string {
  const cdk = plannedFiles('CDK');
  const terraform = plannedFiles('Terraform');
  const file = (files: Map<string, string>, path: string): string => {
    const text = files.get(path);
    if (text === undefined) throw new Error(`There is no ${path} any more.`);
    return block(languages[posix.extname(path)] as string, text);
  };
  const others = [...terraform.keys()].filter((path) => !cdk.has(path));
  return `# What is generated

By \`fastapi-lambda "My API" --yes\` in an empty folder \`shop\`, before anything is installed or built. Made from the templates by \`npm run docs\`.

${block('', treeOf([...cdk.keys()]))}

Terraform instead of CDK has these in the place of the constructs and the CDK app:

${block('', treeOf(others))}

Whose file each one is stands in the workspace's own README: [updating](updating.md) says what that means.

## The operations

\`packages/my-api/my_api/main.py\`, which is yours:

${file(cdk, 'packages/my-api/my_api/main.py')}

## The stack in CDK

\`packages/infra/src/stacks/my-api.ts\`, which you edit; later runs merge:

${file(cdk, 'packages/infra/src/stacks/my-api.ts')}

## The entry in Terraform

\`packages/infra/my-api.tf\`, likewise:

${file(terraform, 'packages/infra/my-api.tf')}
`;
}

const languages: Readonly<Record<string, string>> = { '.py': 'python', '.ts': 'ts', '.tf': 'hcl' };
