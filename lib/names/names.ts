import deburr from 'lodash/deburr.js';
import lowerFirst from 'lodash/lowerFirst.js';
import upperFirst from 'lodash/upperFirst.js';
import { BadInput } from '../bad-input.ts';
import { globalClasses, templateClasses, templateVariables, typescriptWords } from './class-names.ts';
import { nameFault } from './file-names.ts';
import { libraryModules, ownModules, pythonKeywords, pythonPackages, standardModules } from './python-modules.ts';

/** One API's name in each of the forms that its files need. */
export interface ApiNames {
  /** As given: `My API`. */
  apiTitle: string;
  /** Project and folder, kebab-case: `my-api`. */
  apiName: string;
  /** Construct, PascalCase: `MyApi`. */
  apiClass: string;
  /** Variables in TypeScript, camelCase: `myApi`. */
  apiVariable: string;
  /** Terraform module, snake_case: `my_api`. */
  apiSnake: string;
  /** Python module. */
  moduleName: string;
}

/** Longest API name. Function names on AWS end at 64 characters, which Terraform keeps by a hash; project folders should stay readable. */
const longestName = 64;

/** Names that the workspace's own projects, folders and records have. */
const workspaceProjects = new Set(
  'common shared infra infra-cdk infra-terraform common-constructs common-terraform common-runtime fastapi-runtime'.split(' '),
);

/** Names of files and folders of ours that stand beside those of an API, and those that their tools keep for themselves. */
const siblingFiles = new Set('index main variables outputs providers versions backend override runtime use-stream'.split(' '));

/** Folders that our own .gitignore hides, or that the tools of the workspace pass over: what is in them is never linted, tested or committed. */
const hiddenFolders = new Set(
  'node_modules dist build cdk.out .nx .venv venv __pycache__ .pytest_cache .ruff_cache .terraform .env .ds_store _build buck-out site-packages'.split(
    ' ',
  ),
);

/** Whether git or a tool of the workspace passes over a folder of this name, on a disk that ignores case too. */
export const isHiddenName = (name: string): boolean => hiddenFolders.has(name.toLowerCase());

/**
 * What a name can't hold, because it stands as it is in comments, texts and headings of several languages: nothing in it ends or opens
 * one of these. Other marks, such as `&`, `'`, `"` and `<`, are fine.
 */
const unusableInTitle: readonly [pattern: RegExp, what: string][] = [
  [/[\p{Cc}\p{Zl}\p{Zp}]/u, 'a control character or a line break'],
  [/\p{Cs}|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/u, 'half a character, or one that turns the direction of the text'],
  [/[/\\]|<%|%>/, 'a path separator or template syntax'],
  [/`|\$\{|%\{|\{\{|"""|'''/, 'a mark that ends or opens a text in code'],
];

/** Letters and digits of ASCII in lower case, split into words: `Đơn hàng API` gives `don`, `hang`, `api`. */
function words(text: string): string[] {
  // NFKD first: deburr alone leaves letters with two marks, such as `ặ`, as they are.
  const plain = deburr(text.normalize('NFKD'))
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/['’]/g, '');
  // lodash.words would part digits from their letters (`orders-v-2`).
  return (plain.match(/[A-Z]+[0-9]*(?![a-z])|[A-Z]?[a-z]+[0-9]*|[0-9]+/g) ?? []).map((word) => word.toLowerCase());
}

/**
 * The forms of an API's name.
 *
 * @param title Any human text, at most 64 characters.
 * @param moduleName Python module, where it is not to be derived from the title.
 * @throws BadInput When no name can be made of the title, or one that a tool of the workspace would stumble over.
 */
export function apiNames(title: string, moduleName?: string): ApiNames {
  const trimmed = title.trim();
  if (trimmed === '') throw new BadInput('The name of the API is empty: give one such as "My API".');
  if ([...trimmed].length > longestName) {
    throw new BadInput(`The name of the API has ${[...trimmed].length} characters: use at most ${longestName}.`);
  }
  const odd = unusableInTitle.find(([pattern]) => pattern.test(trimmed));
  if (odd !== undefined) throw new BadInput(`The name ${quoted(trimmed)} holds ${odd[1]}: use letters, digits and spaces.`);
  const module = moduleName === undefined ? undefined : checkedModule(moduleName.trim());
  let parts = words(trimmed);
  if (parts.length === 0 && /[\p{L}]/u.test(trimmed)) {
    if (module === undefined) {
      throw new BadInput(
        `The name ${quoted(trimmed)} has no letter that ASCII can spell: add --module-name, for instance --module-name orders_api.`,
      );
    }
    parts = words(module);
  }
  if (parts.length === 0) throw new BadInput(`The name ${quoted(trimmed)} has no letter: give one such as "My API".`);
  if (/^[0-9]/.test(parts[0] as string)) {
    throw new BadInput(
      `The name ${quoted(trimmed)} starts with a digit, which no class or module can: start with a letter, for instance "Api ${trimmed}".`,
    );
  }
  const apiName = parts.join('-');
  const taken = projectFault(apiName);
  if (taken !== undefined) {
    throw new BadInput(
      `The name ${quoted(trimmed)} gives the project ${apiName}, which ${taken}: choose another, for instance "${trimmed} API".`,
    );
  }
  const apiClass = safeClass(parts.map(upperFirst).join(''));
  return {
    apiTitle: trimmed,
    apiName,
    apiClass,
    apiVariable: safeVariable(lowerFirst(apiClass)),
    apiSnake: parts.join('_'),
    moduleName: module ?? safeModule(parts.join('_')),
  };
}

/** Why a project can't have a name; `undefined` where it can. */
function projectFault(name: string): string | undefined {
  if (workspaceProjects.has(name)) return 'the workspace keeps for itself';
  if (siblingFiles.has(name)) return 'is a file of the workspace, or of a tool, beside those of the APIs';
  if (isHiddenName(name)) return 'git and other tools pass over';
  if (pythonPackages.has(name)) return 'is a Python package that the app installs';
  return nameFault(name);
}

/** A class's name that hides nothing, nor does its stack's: `MapApi` for an API that is called Map. */
const safeClass = (name: string): string =>
  [name, `${name}Stack`].some((one) => templateClasses.has(one) || globalClasses.has(one)) ? safeClass(`${name}Api`) : name;

/** A variable's name that is no word of TypeScript and hides nothing: `defaultApi` for an API that is called Default. */
export const safeVariable = (name: string): string => (typescriptWords.has(name) || templateVariables.has(name) ? `${name}Api` : name);

/** A derived module's name that hides nothing: `json_api` for an API that is called JSON. */
const safeModule = (name: string): string => (pythonKeywords.has(name) || moduleFault(name) !== undefined ? `${name}_api` : name);

/** Why a module can't have a name; `undefined` where it can. */
function moduleFault(name: string): string | undefined {
  if (standardModules.has(name) || libraryModules.has(name)) return `would hide the module ${name} that the app needs`;
  if (ownModules.has(name)) return `is a module of the project or of AWS Lambda already`;
  if (isHiddenName(name)) return `would be hidden: git and other tools pass over ${name}`;
  return nameFault(name);
}

function checkedModule(name: string): string {
  const likely =
    words(name)
      .join('_')
      .replace(/^[0-9_]+/, '') || 'my_api';
  if (!/^[a-z][a-z0-9_]*$/.test(name) || name.length > longestName) {
    throw new BadInput(
      `The module name ${quoted(name)} is not a Python module's name: use lower-case letters, digits and _, starting with a letter, at most ${longestName}, for instance ${likely.slice(0, 40)}.`,
    );
  }
  if (pythonKeywords.has(name)) {
    throw new BadInput(`The module name ${quoted(name)} is a reserved word of Python: choose another, for instance ${name}_api.`);
  }
  const fault = moduleFault(name);
  if (fault !== undefined) throw new BadInput(`The module name ${quoted(name)} ${fault}: choose another, for instance ${name}_api.`);
  return name;
}

/**
 * A scope for a workspace's packages, kebab-case, from an npm scope, a package's name or a folder's name.
 * Falls back to `workspace` where nothing of the text is left.
 */
export function scopeFrom(text: string): string {
  const scope = /^@([^/]+)\//.exec(text)?.[1] ?? text;
  return words(scope).join('-') || 'workspace';
}

/** A value as an error message shows it: quoted, on one line, at most 60 characters. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}..."` : text;
}

/** The project that a title stands for, or the module of a title that ASCII can't spell; whether it may be taken is not asked. */
export function projectOf(title: string, moduleName: string): string {
  const parts = words(title.trim());
  return (parts.length > 0 ? parts : words(moduleName)).join('-');
}
