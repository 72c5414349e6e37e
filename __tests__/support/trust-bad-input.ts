import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** One thing that a user or a file can get wrong. */
export interface BadInputCase {
  title: string;
  /** Files of the folder, before anything else is made in it. */
  files?: Record<string, string | Buffer>;
  /** Makes what files can't tell: links, permissions. Gets the folder and another one outside of it. */
  prepare?: (root: string, outside: string) => void;
  args: string[];
  /** Start from a workspace of ours with the API `My API`. */
  inWorkspace?: boolean;
  /** Run as an ordinary user, to whom the folder does not belong. */
  asOther?: boolean;
}

type Choose = (below: number) => number;

/** A git repository without a commit, as files. */
const emptyGit = { '.git/HEAD': 'ref: refs/heads/main\n', '.git/objects/.keep': '', '.git/refs/.keep': '' };

const pick = <T>(choose: Choose, from: readonly T[]): T => from[choose(from.length)] as T;

const yes = ['--skip-install', '--yes'];

/** Text that nothing accepts: control characters, path separators, template syntax. */
const harmful = [
  '<%= 1 %>',
  '<%- name %>',
  'a/b',
  'a\\b',
  '../x',
  '/etc',
  'a\tb',
  'a\nb',
  'a\u0007b',
  'a\u2028b',
  '\u0000'.replace('\u0000', '\u0001'),
];
const letterless = ['', ' ', '!!!', '---', '...', '🚀', '🚀🚀', '123', '7 days', "'", '"', '%', '$(id)'.replace('id', '1'), '\u200B'];
const foreign = ['注文', 'заказ', 'παραγγελία', 'طلب', '注文 サービス', 'สั่ง'];
const reserved = ['common', 'infra', 'infra-cdk', 'Infra Terraform', 'common constructs'];

const names: ((choose: Choose) => BadInputCase)[] = [
  (choose) => {
    const name = `${pick(choose, ['My', 'x', 'Đơn'])}${pick(choose, harmful)}${pick(choose, ['', ' API'])}`;
    return { title: `the name ${JSON.stringify(name)}`, args: ['--name', name, ...yes] };
  },
  (choose) => {
    const name = pick(choose, letterless);
    return { title: `the name ${JSON.stringify(name)}`, args: [`--name=${name}`, ...yes] };
  },
  (choose) => {
    const name = pick(choose, foreign);
    return { title: `the name ${name}`, args: [name, ...yes] };
  },
  (choose) => ({ title: 'a reserved name', args: [pick(choose, reserved), ...yes] }),
  (choose) => ({
    title: 'a name of hundreds of characters',
    args: [
      pick(choose, ['x', 'Ab', 'đ', 'x '])
        .repeat(65 + choose(400))
        .trim(),
      ...yes,
    ],
  }),
  (choose) => ({ title: 'a name in two words without quotes', args: ['My', pick(choose, ['API', 'Api Service', 'x']), ...yes] }),
  () => ({ title: 'a name given twice', args: ['My API', '--name', 'Other', ...yes] }),
  () => ({ title: 'no name and no terminal', args: [...yes] }),
  (choose) => {
    const module = pick(choose, [
      'My-Api',
      '1api',
      'api-x',
      'class',
      'import',
      'fastapi',
      'json',
      'tests',
      'đơn',
      'a b',
      'a.b',
      '',
      '../x',
      'A',
      '_x',
      `m${'x'.repeat(80)}`,
      '<%= x %>',
      'none',
      'match',
    ]);
    return { title: `the module name ${JSON.stringify(module)}`, args: ['My API', `--module-name=${module}`, ...yes] };
  },
];

const flags: ((choose: Choose) => BadInputCase)[] = [
  (choose) => {
    const flag = pick(choose, [
      '--bogus',
      '--computetype',
      '--compute',
      '--auht',
      '-x',
      '--no-yes',
      '--iac',
      '--Force',
      '--skip-instal',
      '--__proto__',
      '--constructor',
      '--directoryy',
    ]);
    return { title: `the flag ${flag}`, args: ['My API', flag, ...yes] };
  },
  (choose) => {
    const flag = pick(choose, [
      '--compute-type',
      '--integration-pattern',
      '--auth',
      '--directory',
      '--iac-provider',
      '--module-name',
      '--scope',
      '--name',
    ]);
    return { title: `${flag} without a value`, args: [...yes, ...(flag === '--name' ? [] : ['My API']), flag] };
  },
  (choose) => {
    const flag = pick(choose, ['--compute-type', '--integration-pattern', '--auth', '--iac-provider']);
    const value = pick(choose, ['', 'x', 'true', 'IAM,None', 'toString', 'undefined', 'ServerlessApiGateway', ' ', 'ＩＡＭ', 'null']);
    return { title: `${flag} ${JSON.stringify(value)}`, args: ['My API', `${flag}=${value}`, ...yes] };
  },
  (choose) => {
    const flag = pick(choose, ['--yes', '--force', '--merge', '--dry-run', '--skip-install', '--help', '--version']);
    return { title: `${flag} with a value`, args: ['My API', `${flag}=${pick(choose, ['no', 'false', '1', ''])}`, ...yes] };
  },
  (choose) => {
    const directory = pick(choose, [
      '/tmp',
      '/',
      '..',
      '../x',
      'a/../../b',
      '',
      ' ',
      'C:\\x',
      '.git',
      '.git/hooks',
      'node_modules',
      'a/node_modules',
      'x'.repeat(300),
      `${'y'.repeat(200)}/`.repeat(25),
      'a\nb',
      '<%= x %>',
      '~',
      '$HOME',
      '.fastapi-lambda',
      'Packages',
      'packages/my\u0000api'.replace('\u0000', '\u0001'),
      '//server/share',
    ]);
    return { title: `--directory ${JSON.stringify(directory.slice(0, 40))}`, args: ['My API', `--directory=${directory}`, ...yes] };
  },
  (choose) => {
    const generator = pick(choose, ['iac', 'constructs', 'update', 'connection']);
    const [more, title] = pick(choose, [
      [['My API'], 'an argument'],
      [['--bogus'], 'an unknown flag'],
      [['--auth', 'IAM'], "another generator's flag"],
    ] as const);
    return { title: `${generator} with ${title}`, args: [generator, ...more, ...yes], inWorkspace: true };
  },
  (choose) => ({
    title: 'iac for an API that is not there',
    args: ['iac', '--api', pick(choose, ['nope', '', 'toString', 'My Api 2']), ...yes],
    inWorkspace: true,
  }),
  () => ({ title: 'iac in a folder without an API', args: ['iac', ...yes] }),
  () => ({ title: 'update in a folder without an API', args: ['update', ...yes] }),
  () => ({ title: 'connection in a folder without an API', args: ['connection', ...yes] }),
  (choose) => ({
    title: 'connection with what is no website',
    args: ['connection', '--project', pick(choose, ['nope', '', '..', '/', 'packages/my-api', 'my-api', 'a\nb', 'toString', '.']), ...yes],
    inWorkspace: true,
  }),
  () => ({ title: 'connection without a website', args: ['connection', ...yes], inWorkspace: true }),
  () => ({ title: 'a second API with the module of the first', args: ['Other', '--module-name', 'my_api', ...yes], inWorkspace: true }),
  () => ({ title: 'an API that moves', args: ['My API', '--directory', 'services', ...yes], inWorkspace: true }),
];

/** Texts that are no JSON object. */
const noObject = [
  '',
  '{',
  '[]',
  'null',
  '7',
  '"x"',
  '{"a":}',
  '<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> x\n',
  '\u0000',
  '{"a": 1,, }',
  'undefined',
  '{'.repeat(3000),
];

const stored = (value: unknown): Record<string, string> => ({ '.yo-rc.json': JSON.stringify({ 'generator-fastapi-lambda': value }) });
const api = {
  name: 'My API',
  directory: 'packages',
  computeType: 'ServerlessApiGatewayRestApi',
  integrationPattern: 'isolated',
  auth: 'IAM',
  moduleName: 'my_api',
  port: 8000,
  iacProviders: ['CDK'],
};
const workspace = { scope: 'shop', iacProvider: 'CDK', apis: { 'my-api': api } };

/** A command line of each generator. */
const ofEach = [['My API'], ['iac', '--api', 'my-api'], ['constructs'], ['update'], ['connection', '--project', 'x']].map((args) => [
  ...args,
  ...yes,
]);

const editedFiles: ((choose: Choose) => BadInputCase)[] = [
  (choose) => ({
    title: 'a .yo-rc.json that is no JSON object',
    files: {
      '.yo-rc.json': pick(
        choose,
        noObject.filter((text) => text !== ''),
      ),
    },
    args: pick(choose, ofEach),
  }),
  (choose) => ({
    title: 'stored answers of another kind',
    files: stored(pick(choose, [1, 'x', [], null, true, [1]])),
    args: pick(choose, ofEach),
  }),
  (choose) => {
    const [key, value] = pick(choose, [
      ['scope', 'No Scope'],
      ['scope', 7],
      ['scope', '../x'],
      ['scope', ''],
      ['scope', null],
      ['iacProvider', 'Pulumi'],
      ['iacProvider', ''],
      ['iacProvider', 1],
      ['apis', []],
      ['apis', 'x'],
      ['apis', { 'My API': api }],
      ['apis', { '../x': api }],
      ['apis', { 'my-api': null }],
      ['apis', { 'my-api': 'x' }],
      ['apis', { 'my-api': {} }],
    ] as const);
    return {
      title: `a stored ${key} of ${JSON.stringify(value).slice(0, 40)}`,
      files: stored({ ...workspace, [key]: value }),
      args: ['My API', ...yes],
    };
  },
  (choose) => {
    const [key, value] = pick(choose, [
      ['name', ''],
      ['name', 7],
      ['directory', '../..'],
      ['directory', '/etc'],
      ['directory', 7],
      ['directory', '.git'],
      ['computeType', 'x'],
      ['computeType', null],
      ['integrationPattern', 'both'],
      ['auth', 'Password'],
      ['auth', ['IAM']],
      ['moduleName', 7],
      ['moduleName', 'class'],
      ['moduleName', '../x'],
      ['moduleName', ''],
      ['port', '8000'],
      ['port', 80],
      ['port', 1e9],
      ['port', null],
      ['iacProviders', 'CDK'],
      ['iacProviders', ['x']],
      ['iacProviders', {}],
    ] as const);
    const other = choose(2) === 0 ? ['My API', ...yes] : ['update', ...yes];
    return {
      title: `a stored ${key} of an API: ${JSON.stringify(value)}`,
      files: stored({ ...workspace, apis: { 'my-api': { ...api, [key]: value } } }),
      args: other,
    };
  },
  (choose) => {
    const record = pick(choose, ['my-api', 'shared']);
    const text = pick(choose, [
      ...noObject,
      '{"format":1}',
      '{"format":1,"files":{"a":"644 x y"},"additions":{}}',
      '{"format":9,"files":{},"additions":{}}',
      '{"format":1,"files":{"a":7},"additions":{}}',
      '{"format":1,"files":{},"additions":{"a":1}}',
      '{"format":1,"files":{},"additions":[]}',
    ]);
    return {
      title: `a record that was edited: ${JSON.stringify(text).slice(0, 30)}`,
      files: { [`.fastapi-lambda/${record}.json`]: text },
      args: ['My API', ...yes],
      inWorkspace: true,
    };
  },
  (choose) => {
    const file = pick(choose, ['package.json', 'nx.json', 'tsconfig.base.json']);
    return {
      title: `a ${file} that is no JSON object`,
      files: {
        'package.json': '{}',
        [file]: pick(
          choose,
          noObject.filter((text) => text !== ''),
        ),
      },
      args: ['My API', ...yes],
    };
  },
  (choose) => ({
    title: 'a pnpm-workspace.yaml that is no map',
    files: {
      'package.json': '{}',
      'pnpm-workspace.yaml': pick(choose, ['- a\n', 'a: [\n', 'a: 1\na: 2\n', 'x\n', '\ta: 1\n', '<<<<<<< HEAD\na: 1\n']),
    },
    args: ['My API', ...yes],
  }),
  (choose) => ({
    title: 'a pyproject.toml that is no TOML',
    files: { 'pyproject.toml': pick(choose, ['[tool.uv', 'a = \n', '[a]\n[a]\n', 'x\n', '<<<<<<< HEAD\n[tool.uv]\n', 'a = "\n']) },
    args: ['My API', ...yes],
  }),
  (choose) => {
    const file = pick(choose, ['package.json', '.gitignore', 'nx.json']);
    return {
      title: `a ${file} that is no UTF-8`,
      files: { 'package.json': '{}', [file]: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) },
      args: ['My API', ...yes],
    };
  },
  (choose) => ({
    title: 'a .gitignore that hides what is written',
    files: {
      ...emptyGit,
      '.gitignore': pick(choose, [
        'packages\n',
        '/packages/\n',
        'packages/*\n',
        '*.py\n',
        '*\n',
        'my_api\n',
        'main.py\r\n',
        '.fastapi-lambda\n',
        '*.json\n',
      ]),
    },
    args: ['My API', ...yes],
  }),
  () => ({ title: 'a conflict without a terminal', files: { 'packages/my-api/run.sh': 'theirs' }, args: ['My API', ...yes] }),
  (choose) => ({
    title: 'a project of that name',
    files: { [`packages/my-api/${pick(choose, ['package.json', 'pyproject.toml', 'project.json'])}`]: '{ "name": "x" }' },
    args: ['My API', ...yes],
  }),
];

const placesOfFolders = [
  'packages',
  'packages/my-api',
  'packages/my-api/tests',
  'packages/common',
  '.fastapi-lambda',
  'packages/my-api/my_api',
];
const placesOfFiles = [
  'packages/my-api/run.sh',
  'packages/my-api/my_api/main.py',
  '.fastapi-lambda/shared.json',
  'package.json',
  '.gitignore',
  'nx.json',
  '.yo-rc.json',
  'pyproject.toml',
];

const trees: ((choose: Choose) => BadInputCase)[] = [
  (choose) => {
    const place = pick(choose, placesOfFolders);
    return { title: `a file where the folder ${place} should be`, files: { [place]: 'a file' }, args: ['My API', ...yes] };
  },
  (choose) => {
    const place = pick(choose, placesOfFiles);
    return {
      title: `a folder where the file ${place} should be`,
      prepare: (root) => mkdirSync(join(root, place), { recursive: true }),
      args: ['My API', ...yes],
    };
  },
  (choose) => {
    const place = pick(choose, placesOfFolders);
    return { title: `${place} as a link that leads out`, prepare: (root, outside) => link(root, place, outside), args: ['My API', ...yes] };
  },
  (choose) => {
    const place = pick(choose, [...placesOfFiles, 'packages']);
    return { title: `${place} as a link to nothing`, prepare: (root) => link(root, place, 'nowhere'), args: ['My API', ...yes] };
  },
  (choose) => {
    const place = pick(choose, placesOfFiles);
    return {
      title: `${place} as a link to a file outside`,
      prepare: (root, outside) => link(root, place, join(outside, 'secret.txt')),
      args: ['My API', ...yes],
    };
  },
  () => ({ title: "a folder of another user's", asOther: true, args: ['My API', ...yes] }),
  (choose) => {
    const place = pick(choose, ['packages', '.fastapi-lambda', 'packages/my-api']);
    return {
      title: `a folder ${place} of another user's`,
      asOther: true,
      prepare: (root) => {
        mkdirSync(join(root, place), { recursive: true });
        chmodSync(root, 0o777);
      },
      args: ['My API', ...yes],
    };
  },
  () => ({
    title: 'a folder that may not be read',
    asOther: true,
    prepare: (root) => {
      mkdirSync(join(root, 'packages'));
      chmodSync(join(root, 'packages'), 0o700);
      chmodSync(root, 0o777);
    },
    args: ['My API', ...yes],
  }),
  (choose) => {
    const file = pick(choose, ['package.json', '.yo-rc.json', '.gitignore']);
    return {
      title: `a ${file} that may not be read`,
      asOther: true,
      files: { [file]: '{}' },
      prepare: (root) => {
        chmodSync(join(root, file), 0o600);
        chmodSync(root, 0o777);
      },
      args: ['My API', ...yes],
    };
  },
];

function link(root: string, place: string, target: string): void {
  mkdirSync(join(root, place, '..'), { recursive: true });
  symlinkSync(target, join(root, place));
}

const kinds = [names, flags, editedFiles, trees];

/** Bad inputs of all kinds, by chance: the same choices give the same ones. Kinds come in turn, and so do the cases of a kind. */
export function badInputs(count: number, choose: Choose): BadInputCase[] {
  return Array.from({ length: count }, (_, index) => {
    const cases = kinds[index % kinds.length] as (typeof kinds)[number];
    const one = cases[Math.floor(index / kinds.length) % cases.length] as (choose: Choose) => BadInputCase;
    return one(choose);
  });
}
