import lodash from 'lodash';
import { BadInput } from './bad-input.ts';

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
const reservedProjects = new Set([
  'common',
  'shared',
  'infra',
  'infra-cdk',
  'infra-terraform',
  'common-constructs',
  'common-terraform',
  'common-runtime',
]);

/** Keywords of Python 3.13, soft ones and constants included (`keyword.kwlist + keyword.softkwlist`), lower-cased. */
const pythonKeywords = new Set(
  (
    'false none true and as assert async await break class continue def del elif else except finally for from global if import in is ' +
    'lambda nonlocal not or pass raise return try while with yield case match type'
  ).split(' '),
);

/** Modules that the app imports or that its tools run, and what a module of the same name would hide from them. */
const shadowedModules = new Set(
  (
    'abc argparse array ast asyncio base64 bisect builtins calendar cgi cmd code codecs collections concurrent configparser contextlib contextvars ' +
    'copy csv ctypes dataclasses datetime decimal difflib dis email enum errno fractions functools gc getpass glob gzip hashlib heapq hmac html ' +
    'http importlib inspect io ipaddress itertools json keyword locale logging math mimetypes multiprocessing numbers operator os pathlib pickle ' +
    'pkgutil platform pprint profile queue random re resource sched secrets select selectors shelve shlex shutil signal site socket sqlite3 ssl ' +
    'stat statistics string stringprep struct subprocess symtable sys sysconfig tarfile tempfile test textwrap threading time timeit token tokenize ' +
    'tomllib trace traceback types typing unicodedata unittest urllib uuid venv warnings wave weakref xml zipfile zipimport zlib zoneinfo ' +
    'annotated_types anyio aws_lambda_powertools aws_xray_sdk botocore boto3 click fastapi fastapi_runtime h11 httptools httpx idna jmespath opentelemetry ' +
    'pydantic pydantic_core pytest ruff sniffio starlette typing_extensions uvicorn wrapt scripts tests'
  ).split(' '),
);

/** Globals of TypeScript that a construct of the same name would hide in its own file, and names that the constructs package exports. */
const reservedClasses = new Set(
  (
    'Array Boolean Date Error Function Infinity Intl JSON Map Math NaN Number Object Promise Proxy Record Reflect RegExp Set String Symbol ' +
    'WeakMap WeakSet RestApi HttpApi IntegrationBuilder Stack App Stage Construct Metadata'
  ).split(' '),
);

/** Letters and digits of ASCII in lower case, split into words: `Đơn hàng API` gives `don`, `hang`, `api`. */
function words(text: string): string[] {
  // NFKD first: deburr alone leaves letters with two marks, such as `ặ`, as they are.
  const plain = lodash
    .deburr(text.normalize('NFKD'))
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
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(trimmed)) {
    throw new BadInput(`The name ${quoted(trimmed)} holds a control character or a line break: use letters, digits and spaces.`);
  }
  if ([...trimmed].length > longestName) {
    throw new BadInput(`The name of the API has ${[...trimmed].length} characters: use at most ${longestName}.`);
  }
  if (/[/\\]|<%|%>/.test(trimmed)) {
    throw new BadInput(`The name ${quoted(trimmed)} holds a path separator or template syntax: use letters, digits and spaces.`);
  }
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
  if (reservedProjects.has(apiName)) {
    throw new BadInput(
      `The name ${quoted(trimmed)} gives the project ${apiName}, which the workspace keeps for itself: choose another, for instance "${trimmed} API".`,
    );
  }
  const apiClass = safeClass(parts.map(lodash.upperFirst).join(''));
  return {
    apiTitle: trimmed,
    apiName,
    apiClass,
    apiVariable: lodash.lowerFirst(apiClass),
    apiSnake: parts.join('_'),
    moduleName: module ?? safeModule(parts.join('_')),
  };
}

/** A class's name that hides nothing: `MapApi` for an API that is called Map. */
const safeClass = (name: string): string => (reservedClasses.has(name) ? `${name}Api` : name);

/** A derived module's name that hides nothing: `json_api` for an API that is called JSON. */
const safeModule = (name: string): string => (pythonKeywords.has(name) || shadowedModules.has(name) ? `${name}_api` : name);

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
  if (shadowedModules.has(name)) {
    throw new BadInput(
      `The module name ${quoted(name)} would hide the module ${name} that the app needs: choose another, for instance ${name}_api.`,
    );
  }
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
