import type { Auth, CiService, ComputeType, IacProvider, IntegrationPattern } from '../options/choices.ts';
import type { PackageManager } from '../read/package-manager.ts';

/** What templates of the whole workspace know. */
export interface WorkspaceData {
  /** Scope of the workspace's packages without `@` or `:`, kebab-case: `my-scope`. */
  scope: string;
  /** The workspace's recorded flavour, which `packages/infra` has. */
  iacProvider: IacProvider;
  /** Service whose workflow checks and deploys the workspace. */
  ci: CiService;
  /** Version range of an npm package: `npmVersion('tsx')` gives `^4.23.15`. */
  npmVersion: (name: string) => string;
  /** Requirement of a Python package: `pythonRequirement('fastapi')` gives `fastapi>=0.165.0,<1`. */
  pythonRequirement: (name: string) => string;
  /** An action of GitHub's by its commit: `pinnedAction('actions/checkout')` gives `actions/checkout@<commit> # v7.0.1`. */
  pinnedAction: (name: string) => string;
  /** The root's Python is not uv's: each API stands alone, with a lock file of its own. */
  isAlone: boolean;
  /** Folder of the Python package that all APIs share, below the root. */
  runtimeDir: string;
  /** Name of its project. */
  runtimeName: string;
}

/** What templates of files about all APIs know besides. */
export interface SharedData extends WorkspaceData, ApiLists {
  packageManager: PackageManager;
  /** How a target is run: `npx nx`. */
  nx: string;
  /** Development dependencies of the root, with their versions. */
  devDependencies: Record<string, string>;
  /** The infrastructure entries that the workspace has, CDK's first. */
  entries: Deployment[];
  /** The websites that call APIs. */
  websites: WebsiteData[];
  /** Folders of the websites whose clients git ignores: those, and the ones in which a client still lies. */
  ignoringWebsites: string[];
}

/** What templates of a website know. */
export interface WebsiteData {
  /** Its folder below the root; `.` for the root itself. */
  websiteDir: string;
  /** The root's package manager installs its packages. */
  isMember: boolean;
  /** Way from the website up to the root: `../..`, or `.`. */
  websiteToRoot: string;
  /** The APIs that it calls. */
  apis: ApiData[];
  /** Targets that need the clients first, each with its settings as JSON text: `{ "dependsOn": ["^build", "clients"] }`. */
  targets: { name: string; settings: string }[];
  /** What Nx hashes of a project by default, as JSON text. */
  defaultInputs: string;
}

/** What templates of TypeScript packages know besides. */
export interface TypeScriptData {
  /** The root has a tsconfig.base.json to extend. */
  hasBaseTsconfig: boolean;
  /** Compiler options of the package's own, as JSON text: none where the base is ours and has them. */
  compilerOptions: string | undefined;
}

/** What templates of one API know besides. */
export interface ApiData extends WorkspaceData {
  /** The name as it was given: `My API`. */
  apiTitle: string;
  /** kebab-case, the project's name and folder: `my-api`. */
  apiName: string;
  /** PascalCase, the construct's name: `MyApi`. */
  apiClass: string;
  /** camelCase, variables in TypeScript: `myApi`. */
  apiVariable: string;
  /** snake_case, names in Terraform: `my_api`. */
  apiSnake: string;
  /** Python module: `my_api`, or what the user chose. */
  moduleName: string;
  /** Folder of the API project below the workspace's root, with `/`: `packages/my-api`. */
  apiDir: string;
  /** Way from the API project up to the root: `../..`. */
  apiToRoot: string;
  computeType: ComputeType;
  /** computeType is ServerlessApiGatewayRestApi. */
  isRest: boolean;
  integrationPattern: IntegrationPattern;
  auth: Auth;
  /** Port of the local server, from 8000 on, one per API of the workspace. */
  port: number;
  /** Where the API is deployed from: an entry for each of its flavours, in the order in which it got them. */
  deployments: Deployment[];
}

/** One flavour of an API, by the entry that deploys it. */
export interface Deployment extends InfraEntry {
  provider: IacProvider;
}

/** What templates of files about several APIs know besides: all of them, in the order of names that formatters keep imports in. */
export interface ApiLists {
  apis: ApiData[];
  /** Those with the flavour CDK. */
  cdkApis: ApiData[];
  /** Those with the flavour Terraform. */
  terraformApis: ApiData[];
  /** Folders of the workspace's Python projects, sorted. */
  pythonProjects: string[];
}

/** Where an infrastructure entry lies. */
export interface InfraEntry {
  /** `packages/infra`, `packages/infra-cdk` or `packages/infra-terraform`. */
  infraDir: string;
  /** Name of the entry's project: `infra`, `infra-cdk` or `infra-terraform`. */
  infraName: string;
  /** Way from it up to the root: `../..`. */
  infraToRoot: string;
}

/** What templates of an infrastructure entry know besides. */
export interface InfraData extends ApiData, ApiLists, InfraEntry, TypeScriptData {
  /** Name of the project with the flavour's shared constructs or modules: `common-constructs` or `common-terraform`. */
  commonName: string;
}
