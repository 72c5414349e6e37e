import { BadInput } from '../bad-input.ts';
import { quoted } from '../names/names.ts';
import {
  type Auth,
  authMethods,
  type ComputeType,
  ciServices,
  computeTypes,
  type IacProvider,
  type IntegrationPattern,
  integrationPatterns,
} from './choices.ts';

/**
 * One option, declared once: the flag, the prompt, the stored answer, the line in `--help` and in the README, and the type that
 * composing generators see all come from here.
 */
export interface OptionSpec {
  type: 'string' | 'boolean';
  description: string;
  /** What holds where nothing is given; a text in parentheses describes a default that is worked out. */
  default?: string | boolean;
  /** The only values, matched without regard to case. */
  choices?: readonly string[];
  /** What each choice means, in a few words. */
  meanings?: Readonly<Record<string, string>>;
  /** Question at a terminal; an option without one is a flag only. */
  prompt?: string;
  /** Single letter of the flag's short form. */
  alias?: string;
  /** The value is a folder, or may be one. */
  isFolder?: boolean;
}

/** What an API is made from. */
export const apiOptions = {
  name: { type: 'string', description: 'Name of the API, any human text', prompt: 'Name of the API' },
  computeType: {
    type: 'string',
    choices: computeTypes,
    default: 'ServerlessApiGatewayRestApi',
    meanings: {
      ServerlessApiGatewayRestApi: 'a REST API: streams, takes a web ACL and validates requests',
      ServerlessApiGatewayHttpApi: 'an HTTP API: cheaper, answers whole',
    },
    description: 'What runs the API',
    prompt: 'What runs the API',
  },
  integrationPattern: {
    type: 'string',
    choices: integrationPatterns,
    default: 'isolated',
    meanings: {
      isolated: 'a Lambda function for each operation, with its own permissions and settings',
      shared: 'one Lambda function for all: fewer resources, fewer cold starts',
    },
    description: 'How operations map to Lambda functions',
    prompt: 'How operations map to Lambda functions',
  },
  auth: {
    type: 'string',
    choices: authMethods,
    default: 'IAM',
    meanings: {
      IAM: 'requests signed with AWS credentials (SigV4)',
      Cognito: 'users of a Cognito user pool, by their token',
      Custom: 'whom your own Lambda authorizer lets in: nobody, until you write it',
      None: 'everyone',
    },
    description: 'Who may call the API',
    prompt: 'Who may call the API',
  },
  directory: {
    type: 'string',
    default: 'packages',
    isFolder: true,
    description: "Folder below the workspace's root that the API project goes into",
    prompt: "Folder for the API's project",
  },
  iacProvider: {
    type: 'string',
    choices: ['Inherit', 'CDK', 'Terraform'] as const,
    default: 'Inherit',
    meanings: {
      Inherit: "the workspace's recorded choice, CDK in a new one",
      CDK: 'AWS CDK in TypeScript',
      Terraform: 'Terraform modules',
    },
    description: 'Infrastructure as code',
    prompt: 'Infrastructure as code',
  },
  moduleName: {
    type: 'string',
    default: '(derived from name)',
    description: 'Name of the Python module',
    prompt: 'Name of the Python module',
  },
  scope: {
    type: 'string',
    default: "(the package.json's scope, or the folder's name)",
    description: 'Scope of the workspace: `my-scope` in `:my-scope/common-constructs`',
  },
  ci: {
    type: 'string',
    choices: ciServices,
    default: 'None',
    meanings: {
      None: 'none of ours',
      GitHub: 'a workflow that checks pull requests, deploys main to development and, once approved, to production',
    },
    description: 'Continuous integration of the workspace',
    prompt: 'Continuous integration',
  },
} as const satisfies Record<string, OptionSpec>;

/** How a run goes, for every generator. */
export const runOptions = {
  yes: { type: 'boolean', alias: 'y', default: false, description: 'Ask nothing: take the default of whatever is not given' },
  force: { type: 'boolean', alias: 'f', default: false, description: 'Overwrite files that conflict' },
  merge: { type: 'boolean', default: false, description: 'Write conflict markers into text files that conflict, instead of stopping' },
  dryRun: { type: 'boolean', default: false, description: 'Print what would change as a patch and write nothing' },
  skipInstall: { type: 'boolean', default: false, description: 'Print the install commands instead of running them' },
  verbose: { type: 'boolean', default: false, description: 'Name every file that is written, not only how many of a folder' },
} as const satisfies Record<string, OptionSpec>;

/** Which API `iac` works on. */
export const iacOptions = {
  api: {
    type: 'string',
    description: 'Name of the API that gets the infrastructure; asked for when there are several',
    prompt: 'Which API',
  },
  iacProvider: { ...apiOptions.iacProvider, default: 'Inherit' },
} as const satisfies Record<string, OptionSpec>;

/** What `connection` joins. */
export const connectionOptions = {
  api: { type: 'string', description: 'Name of the API that the website calls; asked for when there are several', prompt: 'Which API' },
  project: {
    type: 'string',
    isFolder: true,
    description: 'Name or folder of the React website, `.` for the current one; asked for when there are several',
    prompt: 'Which website',
  },
} as const satisfies Record<string, OptionSpec>;

type ValueOf<S extends OptionSpec> = S['type'] extends 'boolean' ? boolean : S extends { choices: readonly (infer C)[] } ? C : string;
type ValuesOf<T extends Record<string, OptionSpec>> = { -readonly [K in keyof T]?: ValueOf<T[K]> };

export type RunOptions = ValuesOf<typeof runOptions>;
/** Options of the `app` generator, as flags give them and as a composing generator passes them. */
export type AppOptions = ValuesOf<typeof apiOptions> & RunOptions;
/** Options of the `iac` generator. */
export type IacOptions = ValuesOf<typeof iacOptions> & RunOptions;
/** Options of the `constructs` generator. */
export type ConstructsOptions = ValuesOf<Pick<typeof apiOptions, 'scope'>> & RunOptions;
/** Options of the `connection` generator. */
export type ConnectionOptions = ValuesOf<typeof connectionOptions> & RunOptions;
/** Options of the `update` generator. */
export type UpdateOptions = RunOptions;

/** The generators and their options, in the order in which help lists them. */
export const generators = {
  app: { summary: 'A FastAPI service on AWS Lambda, and its infrastructure', options: { ...apiOptions, ...runOptions } },
  iac: { summary: 'Adds an infrastructure flavour to an API, removes nothing', options: { ...iacOptions, ...runOptions } },
  constructs: { summary: 'Writes or refreshes the shared constructs package', options: { scope: apiOptions.scope, ...runOptions } },
  update: { summary: 'Regenerates all APIs of the workspace with this version', options: { ...runOptions } },
  connection: { summary: 'Connects a React website to an API: a typed client and hooks', options: { ...connectionOptions, ...runOptions } },
} as const satisfies Record<string, { summary: string; options: Record<string, OptionSpec> }>;

export type GeneratorName = keyof typeof generators;

/** What the own command does beside generating, in the order in which help lists it; `words` are what it has to be given one of. */
export const tools = {
  doctor: { summary: 'Tells what is missing, and the command that mends it', words: [] },
  completion: { summary: 'Completes commands, flags and choices in your shell', words: ['bash', 'zsh', 'fish'] },
} as const satisfies Record<string, { summary: string; words: readonly string[] }>;

export type ToolName = keyof typeof tools;
export type Shell = (typeof tools.completion.words)[number];

/** `computeType` as a flag: `--compute-type`. */
export const flagOf = (option: string): string => `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/**
 * The value of one option, from wherever it came: enum values in their own spelling, texts trimmed.
 *
 * @param source How an error names the value: `--auth`, `auth in .yo-rc.json`.
 * @throws BadInput When the value is of another type, empty, or none of the choices.
 */
export function checkedValue(spec: OptionSpec, value: unknown, source: string): string | boolean {
  if (spec.type === 'boolean') {
    if (typeof value === 'boolean') return value;
    throw new BadInput(`${source} takes no value, but has ${quoted(value)}: give the flag alone, after the name.`);
  }
  const expected = spec.choices ? `one of ${spec.choices.join(', ')}` : 'a text';
  if (typeof value !== 'string') throw new BadInput(`${source} is ${quoted(value)}: it has to be ${expected}.`);
  const text = value.trim();
  if (spec.choices) {
    const choice = spec.choices.find((each) => each.toLowerCase() === text.toLowerCase());
    if (choice === undefined) throw new BadInput(`${source} is ${quoted(value)}: it has to be ${expected}.`);
    return choice;
  }
  // yo turns a flag without a value into the text "true".
  if (text === '' || text === 'true') throw new BadInput(`${source} has no value: it has to be ${expected}.`);
  return text;
}

/**
 * Checks every option that is given, whether it came as a flag or from a composing generator.
 *
 * @returns The given options alone, in their canonical form.
 * @throws BadInput For the first value that can't be used, and for flags of which one can't take effect.
 */
export function checkedOptions<T extends Record<string, OptionSpec>>(specs: T, given: Record<string, unknown>): ValuesOf<T> {
  const found: Record<string, string | boolean> = {};
  for (const [name, spec] of Object.entries(specs)) {
    if (given[name] !== undefined && given[name] !== null) found[name] = checkedValue(spec, given[name], flagOf(name));
  }
  if (found.merge === true && found.force === true) {
    throw new BadInput(
      '--merge and --force exclude each other: --merge keeps both sides of a conflict in the file, --force overwrites yours. Give one of them.',
    );
  }
  return found as ValuesOf<T>;
}

/** What is known of an API once every question is answered. */
export interface ApiAnswers {
  name: string;
  computeType: ComputeType;
  integrationPattern: IntegrationPattern;
  auth: Auth;
  directory: string;
  iacProvider: IacProvider | 'Inherit';
  moduleName?: string;
}
