import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import lodash from 'lodash';
import ts from 'typescript';
import { apiNames, scopeFrom } from '../../lib/names/names.ts';
import { packageRoot } from '../../lib/templates/package-root.ts';
import { renderTemplates, type TemplateSet } from '../../lib/templates/render.ts';
import { templateData } from '../support/template-data.ts';
import { identifiersOf, renderedTypeScript } from '../support/template-identifiers.ts';
import { tree } from '../support/trust-tree.ts';

describe('names of an API', () => {
  test.each([
    ['My API', 'my-api', 'MyApi', 'my_api'],
    ['Đơn hàng API', 'don-hang-api', 'DonHangApi', 'don_hang_api'],
    ['ordersV2', 'orders-v2', 'OrdersV2', 'orders_v2'],
    ["Bob's HTTPServer", 'bobs-http-server', 'BobsHttpServer', 'bobs_http_server'],
    ['  Straße  ', 'strasse', 'Strasse', 'strasse'],
  ])('%s', (title, apiName, apiClass, moduleName) => {
    expect(apiNames(title)).toMatchObject({ apiName, apiClass, apiSnake: moduleName, moduleName });
  });

  test('a derived module that would hide another is given an ending', () => {
    expect(apiNames('json').moduleName).toBe('json_api');
    expect(apiNames('class').moduleName).toBe('class_api');
    expect(apiNames('FastAPI').moduleName).toBe('fast_api');
    expect(() => apiNames('fastapi')).toThrow('is a Python package that the app installs');
    expect(apiNames('Websockets').moduleName).toBe('websockets_api');
    expect(apiNames('Map').apiClass).toBe('MapApi');
    expect(apiNames('Operation').apiClass).toBe('OperationApi');
    expect(apiNames('Stack Props').apiClass).toBe('StackPropsApi');
    expect(apiNames('Api').apiClass).toBe('ApiApi');
    expect(apiNames('REST API').apiClass).toBe('RestApiApi');
    expect(apiNames('Default').apiVariable).toBe('defaultApi');
  });

  test('a name without a letter of ASCII asks for a module, and takes its names from it', () => {
    expect(() => apiNames('注文')).toThrow('add --module-name');
    expect(apiNames('注文', 'orders')).toEqual({
      apiTitle: '注文',
      apiName: 'orders',
      apiClass: 'Orders',
      apiVariable: 'orders',
      apiSnake: 'orders',
      moduleName: 'orders',
    });
  });

  test.each([
    ['', 'is empty'],
    ['   ', 'is empty'],
    ['!!!', 'has no letter'],
    ['1st API', 'starts with a digit'],
    ['common', 'keeps for itself'],
    ['infra', 'keeps for itself'],
    ['Shared', 'keeps for itself'],
    ['a/b', 'path separator'],
    ['<%= x %>', 'template syntax'],
    ['a\nb', 'line break'],
    ['x'.repeat(300), 'use at most 64'],
    ['a $' + '{b}', 'ends or opens a text in code'],
    ['a `b`', 'ends or opens a text in code'],
    ['a """ b', 'ends or opens a text in code'],
    ["a ''' b", 'ends or opens a text in code'],
    ['a {{ b }}', 'ends or opens a text in code'],
    ['a */ b', 'path separator'],
    ['a \u202e b', 'turns the direction'],
    ['a \ud83d b', 'half a character'],
    ['Dist', 'which git and other tools pass over: choose another, for instance "Dist API"'],
    ['Build', 'git and other tools pass over'],
    ['Main', 'is a file of the workspace'],
    ['Index', 'is a file of the workspace'],
    ['Override', 'is a file of the workspace, or of a tool'],
    ['Click', 'is a Python package that the app installs'],
    ['Aux', 'is the name of a device on Windows'],
    ['Com1', 'is the name of a device on Windows'],
  ])('%j is refused', (title, message) => {
    expect(() => apiNames(title)).toThrow(message);
  });

  test.each([
    ['class', 'a reserved word of Python'],
    ['json', 'would hide the module json'],
    ['test', 'would hide the module test'],
    ['fastapi', 'would hide the module fastapi'],
    ['websockets', 'would hide the module websockets'],
    ['wsproto', 'would hide the module wsproto'],
    ['compression', 'would hide the module compression'],
    ['fastapi_runtime', 'is a module of the project'],
    ['dist', 'git and other tools pass over dist'],
    ['build', 'git and other tools pass over build'],
    ['nul', 'is the name of a device on Windows'],
    ['My-Module', "is not a Python module's name"],
    ['2go', "is not a Python module's name"],
  ])('the module %s is refused', (module, message) => {
    expect(() => apiNames('Orders', module)).toThrow(message);
  });

  test('every message is one line', () => {
    for (const title of ['', '1', '注文', 'common', 'a\u2028b', 'x'.repeat(999)]) {
      expect(() => apiNames(title)).toThrow(/^[^\n]+$/);
    }
  });
});

describe('against the templates', () => {
  const files = renderedTypeScript();

  test('no class of an API, its stack among them, has a name that a template imports, declares or takes from its surroundings', () => {
    const all = [...new Set(files.flatMap(({ text }) => [...identifiersOf(text)]))].filter((name) => /^[A-Z].*[a-z]/.test(name));
    const endings = all.flatMap((name) => /^ZyxApi(.*)/.exec(name)?.[1] ?? []);
    expect(endings.sort()).toEqual(['', 'Stack']);
    const names = all.filter((name) => !name.startsWith('ZyxApi'));
    expect(names.length).toBeGreaterThan(100);
    // A message here is to be answered by adding the names to lib/names/class-names.ts.
    const taken = names.flatMap((name) =>
      endings
        .filter((ending) => name.endsWith(ending) && name !== ending)
        .map((ending) => name.slice(0, name.length - ending.length))
        .filter((title) => [title, lodash.startCase(title)].some((one) => classOf(one) === title))
        .map((title) => `${title}: ${name}`),
    );
    expect(taken).toEqual([]);
  });

  test('no variable of an API has a name that the templates around it have', () => {
    const around = files.filter(({ path }) => !path.startsWith('constructs/'));
    const names = new Set(around.flatMap(({ text }) => [...identifiersOf(text)]).filter((name) => /^[a-z]/.test(name)));
    expect(names.size).toBeGreaterThan(5);
    expect([...names].filter((name) => formOf(name, 'apiVariable') === name)).toEqual([]);
  });

  test('no API has a file that stands in the place of one of ours', () => {
    const taken = filesBesideApis();
    expect(taken).toContain('main');
    expect(taken.filter((name) => formOf(name, 'apiName') === name)).toEqual([]);
  });

  test("no module has a name that the project's own modules, folders and the shared package have", () => {
    const path = (set: string): string => join(packageRoot(), 'templates', set);
    const api = (readdirSync(path('api'), { recursive: true }) as string[]).filter((file) => !file.startsWith('_moduleName_'));
    const modules = api.flatMap((file) => /(?:^|\/)([a-z_]+)\.py(?:\.ejs)?$/.exec(file)?.[1] ?? []);
    const folders = readdirSync(path('api'), { withFileTypes: true }).filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'));
    const names = [...modules, ...folders.map(({ name }) => name), ...readdirSync(path('runtime/src'))];
    expect(names).toEqual(expect.arrayContaining(['conftest', 'scripts', 'fastapi_runtime']));
    expect(names.filter((name) => moduleOf(name) === name)).toEqual([]);
  });

  test('no API and no module lies in a folder that the .gitignore of a new workspace hides', () => {
    const rules = readFileSync(join(packageRoot(), 'templates/workspace/_gitignore.ejs'), 'utf8').replace(/^<.*\n[\s\S]*?^<.*\n/gm, '');
    const root = tree({ '.gitignore': rules });
    execFileSync('git', ['init', '--quiet'], { cwd: root });
    const words = rules
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .map((line) => line.replace(/[/*]/g, ''))
      .filter(Boolean);
    const candidates = [...words, ...words.map((word) => word.toUpperCase()), 'orders', 'build', 'coverage'];
    const { stdout } = spawnSync(
      'git',
      ['-c', 'core.ignorecase=true', 'check-ignore', ...candidates.map((name) => `packages/${name}/main.py`)],
      {
        cwd: root,
        encoding: 'utf8',
      },
    );
    const hidden = stdout
      .split('\n')
      .filter(Boolean)
      .map((path) => (path.split('/')[1] as string).toLowerCase());
    expect(hidden).toContain('dist');
    expect(hidden).not.toContain('orders');
    expect(hidden.filter((name) => formOf(name, 'apiName') === name || moduleOf(name) === name)).toEqual([]);
  });
});

describe('a name with marks that code and markup know', () => {
  const title = `Tom & "Jerry's" <b> # of 100%`;

  test('stands as it is in every language, and the text around it holds', () => {
    const data = templateData(apiNames(title));
    const api = renderTemplates('api', data);
    const python = api.filter(({ path, contents }) => path.endsWith('.py') && contents.includes('Jerry')).map(({ contents }) => contents);
    const script =
      'import ast, json, sys; print(json.dumps([[n.value for n in ast.walk(ast.parse(t)) if isinstance(n, ast.Constant)] for t in json.load(sys.stdin)], default=repr))';
    const constants = JSON.parse(
      execFileSync('python3', ['-c', script], { input: JSON.stringify(python), encoding: 'utf8' }),
    ) as unknown[][];
    expect(constants.flat()).toContain(title);

    const [construct] = renderTemplates('constructs-api', data);
    const source = ts.createSourceFile('x.ts', construct?.contents ?? '', ts.ScriptTarget.Latest, true) as ts.SourceFile & {
      parseDiagnostics: unknown[];
    };
    expect(source.parseDiagnostics).toEqual([]);
    expect(construct?.contents).toContain(`/** ${title} on Amazon API Gateway`);

    const terraform = renderTemplates('terraform-api', data);
    expect(terraform.find(({ path }) => path.endsWith('main.tf'))?.contents).toMatch(/^# Tom & "Jerry's" <b> # of 100%:/);
    expect(terraform.find(({ path }) => path.endsWith('README.md'))?.contents.startsWith(`# ${title}\n`)).toBe(true);
    expect(api.find(({ path }) => path === 'README.md')?.contents.startsWith(`# ${title}\n`)).toBe(true);
  });

  test.each(['api', 'constructs-api', 'infra-cdk', 'terraform-api', 'infra-terraform'] as TemplateSet[])(
    'no template of %s writes it as HTML',
    (set) => {
      const data = templateData(apiNames(title));
      for (const { path, contents } of renderTemplates(set, data))
        expect([path, /&(amp|lt|gt|#\d+);/.test(contents)]).toEqual([path, false]);
    },
  );
});

/** One form of a name, or nothing where the name is refused. */
function formOf(name: string, form: 'apiName' | 'apiVariable' | 'apiClass'): string | undefined {
  try {
    return apiNames(name)[form];
  } catch {
    return undefined;
  }
}

const classOf = (name: string): string | undefined => formOf(name, 'apiClass');

function moduleOf(name: string): string | undefined {
  try {
    return apiNames('Orders', name).moduleName;
  } catch {
    return undefined;
  }
}

/** Names, without their endings, of the files that the templates put beside the files that are called after an API. */
function filesBesideApis(): string[] {
  const templates = join(packageRoot(), 'templates');
  const all = (readdirSync(templates, { recursive: true }) as string[]).map((path) => path.replace(/\.ejs$/, ''));
  const target = (path: string): string => path.replace(/^(constructs|terraform)-api\//, '$1/');
  const apis = all.filter((path) => /(^|\/)_apiName_(\.[a-z]+)?$/.test(path)).map(target);
  expect(apis.length).toBeGreaterThan(2);
  return apis.flatMap((api) => {
    const folder = api.slice(0, api.lastIndexOf('/') + 1);
    const ending = /\.[a-z]+$/.exec(api)?.[0] ?? '';
    return all
      .map(target)
      .filter(
        (path) =>
          path.startsWith(folder) && !path.slice(folder.length).includes('/') && path.endsWith(ending) && !path.includes('_apiName_'),
      )
      .map((path) => path.slice(folder.length, path.length - ending.length));
  });
}

test.each([
  ['@acme/shop', 'acme'],
  ['My Shop', 'my-shop'],
  ['...', 'workspace'],
])('the scope of %s is %s', (text, scope) => {
  expect(scopeFrom(text)).toBe(scope);
});
