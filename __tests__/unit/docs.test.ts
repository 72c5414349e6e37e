// The documentation against what it is about: links, messages, flags, targets and the code in it. What a code block does is seen where
// its kind is run, see `kindOf`.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import ts from 'typescript';
import type { IacProvider } from '../../lib/options/choices.ts';
import { readCommandLine } from '../../lib/options/command-line.ts';
import { flagOf, generators } from '../../lib/options/options.ts';
import { packageRoot } from '../../lib/templates/package-root.ts';
import { anchorsOf, kindOf, type Page, pages, prose, snippets, snippetsOfKind } from '../support/documentation.ts';
import { tree } from '../support/trust-tree.ts';
import { plannedFiles } from '../support/what-is-generated.ts';

const all = pages();
const pageAt = (path: string): Page => all.find((page) => page.path === path) as Page;

describe('links', () => {
  test.each(all.map((page) => [page.path, page] as const))('of %s lead somewhere', (path, page) => {
    const links = [...prose(page.text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target as string);
    const broken = links.filter((link) => {
      if (/^https:\/\//.test(link)) return false;
      const [file, anchor] = link.split('#') as [string, string?];
      const target = file === '' ? path : posix.join(dirname(path), file);
      if (!existsSync(join(packageRoot(), target))) return true;
      return anchor !== undefined && !anchorsOf(pageAt(target) ?? { path: target, text: '' }).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  test('the index has every page, and the README the index', () => {
    const index = pageAt('docs/README.md').text;
    for (const name of readdirSync(join(packageRoot(), 'docs')).filter((name) => name.endsWith('.md') && name !== 'README.md'))
      expect(index).toContain(`](${name})`);
    expect(pageAt('README.md').text).toContain('](docs/README.md)');
  });

  test('sections of generated READMEs that are named are there', () => {
    const readmes = readdirSync(join(packageRoot(), 'templates'), { recursive: true, encoding: 'utf8' }).filter((path) =>
      /README/.test(path),
    );
    const text = readmes.map((path) => readFileSync(join(packageRoot(), 'templates', path), 'utf8')).join('\n');
    const named = all.flatMap((page) => [...page.text.matchAll(/"([^"`]+)" in\s+the\s+README/g)].map(([, section]) => section as string));
    expect(named.length).toBeGreaterThan(3);
    for (const section of named) expect(text).toContain(`\n## ${section}\n`);
  });

  test('pages of the repository that are named without a link are there', () => {
    const named = all.flatMap(({ text }) => text.match(/\b[A-Z]{2,}(?:\.vi)?\.md\b/g) ?? []);
    for (const name of new Set(named)) expect(existsSync(join(packageRoot(), name))).toBe(true);
  });
});

/** All texts of a folder, one string each, with those put together that a program puts together. */
function sources(folder: string): string[] {
  return readdirSync(join(packageRoot(), folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs|py|tf|ejs)$/.test(entry.name) && !/README/.test(entry.name))
    .map((entry) =>
      readFileSync(join(entry.parentPath, entry.name), 'utf8')
        .replace(/(['"`])\s*\+?\n\s*f?\1/g, '')
        .replace(/\\(['"`])/g, '$1'),
    );
}

describe('messages in troubleshooting', () => {
  const code = ['lib', 'generators', 'templates'].flatMap(sources);
  const [own = '', others = ''] = pageAt('docs/troubleshooting.md').text.split('## Messages of other tools');
  const messages = (text: string): string[] =>
    [...(text.split('\n## Without a message')[0]?.matchAll(/^\| (`.+?) \| /gm) ?? [])].flatMap(([, cell]) =>
      [...(cell as string).matchAll(/`([^`]+)`/g)].map(([, message]) => message as string),
    );

  // A name of an operation or an API's type is worked into each.
  const ofCompiler = [...pageAt('docs/overrides.md').text.matchAll(/\| `([^`]+)` \|$/gm)].map(([, message = '']) =>
    message
      .replace(/^'\w+' /, '')
      .replace(/'\w+'/, "'…'")
      .replace('of REST', 'of …'),
  );

  test('and what the compiler says, five of them', () => {
    expect(ofCompiler).toHaveLength(5);
  });

  test.each([...messages(own), ...ofCompiler])('%s', (message) => {
    const parts = message.split('…').filter((part) => part.trim() !== '');
    expect(Math.max(...parts.map(({ length }) => length))).toBeGreaterThan(7);
    const pattern = new RegExp(parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[\\s\\S]{0,200}?'));
    expect(code.some((text) => pattern.test(text))).toBe(true);
  });

  test('those of other tools are these', () => {
    expect(messages(others)).toEqual([
      'No interpreter found for Python 3.13',
      'CloudWatch Logs role ARN must be set in account settings',
      'Missing Authentication Token',
      'Cannot find module … metadata.gen.js',
    ]);
  });
});

/** Flags of other programs that the pages name. */
const flagsOfOthers: Record<string, readonly string[]> = {
  npm: ['--global', '--template'],
  nx: ['--configuration', '--exclude-task-dependencies', '--require-approval', '--user', '--port'],
  uv: ['--all-packages', '--locked'],
  curl: ['--no-buffer'],
  aws: ['--name', '--type', '--value', '--secret-string', '--log-group-name', '--filter-pattern'],
  node: ['--watch', '--experimental-vm-modules', '--selectProjects', '--testPathPatterns'],
};

/** Words of a shell's line, without quotes. */
const words = (line: string): string[] => (line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((word) => word.replace(/["']/g, ''));

/** Commands of all blocks for the shell, continued lines joined, comments left out. */
const commands = snippetsOfKind('shell').flatMap(({ code }) =>
  code
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .flatMap((line) => line.replace(/\s+#.*$/, '').split(' && '))
    .filter(Boolean)
    .map(words),
);
const inline = all.flatMap((page) => [...prose(page.text).matchAll(/`([^`\n]+)`/g)].map(([, text]) => text as string));

describe('commands', () => {
  test('are of programs that a reader has, those of the generator with flags and values that it takes', () => {
    const programs = new Set(commands.map(([program]) => program));
    expect([...programs].sort()).toEqual(
      ['aws', 'cd', 'curl', 'fastapi-lambda', 'git', 'mkdir', 'npm', 'npx', 'printf', 'read', 'uv'].filter((program) =>
        programs.has(program),
      ),
    );
    const named = inline.filter((text) => /^fastapi-lambda\b(?!.*[<…])/.test(text) && text !== 'fastapi-lambda').map(words);
    const lines = [...commands, ...named].filter(([program]) => program === 'fastapi-lambda');
    expect(lines.length).toBeGreaterThan(10);
    for (const [, ...args] of lines) expect(() => readCommandLine(args)).not.toThrow();
  });

  test('of npm are scripts of the package, and of npx the workspace’s Nx', () => {
    const { scripts } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    for (const text of [...inline, ...commands.map((command) => command.join(' '))])
      for (const [, script] of text.matchAll(/npm run ([\w-]+)/g)) expect(Object.keys(scripts)).toContain(script);
    for (const [program, first] of commands) if (program === 'npx') expect(first).toBe('nx');
  });

  test('have no flag that nobody declares', () => {
    const own = Object.values(generators).flatMap(({ options }) => Object.keys(options).map(flagOf));
    const known = new Set([...own, '--help', '--version', ...Object.values(flagsOfOthers).flat()]);
    const given = [...inline, ...commands.flat()].flatMap((text) => [...text.matchAll(/(?<![\w-])--[a-z][\w-]*/g)].map(([flag]) => flag));
    expect([...new Set(given)].filter((flag) => !known.has(flag))).toEqual([]);
    // Those of our server are given to Nx.
    const serve = readFileSync(join(packageRoot(), 'templates/runtime/src/fastapi_runtime/tools/serve.py'), 'utf8');
    for (const flag of ['--user', '--port']) expect(serve).toContain(`"${flag}"`);
  });
});

describe('targets of Nx', () => {
  /** Targets by project of a workspace with one API and a website, as it is generated. */
  function targetsOf(iacProvider: IacProvider): Map<string, Record<string, { configurations?: object }>> {
    const root = tree({
      'packages/website/package.json': '{ "name": "website", "scripts": { "dev": "vite" }, "dependencies": { "react": "^19.0.0" } }\n',
      'packages/website/vite.config.ts': 'export default {};\n',
      'packages/website/tsconfig.json': '{}\n',
      'packages/website/index.html': '<script type="module" src="/src/main.tsx"></script>\n',
      'packages/website/src/main.tsx': 'export {};\n',
    });
    const files = plannedFiles(iacProvider, root, [{ kind: 'connection', api: 'my-api', website: 'packages/website' }]);
    const projects = [...files]
      .filter(([path]) => path.endsWith('project.json'))
      .map(([path, text]) => ({ name: posix.basename(dirname(path)), ...JSON.parse(text) }));
    return new Map(projects.map(({ name, targets }) => [name, { ...targets, ...(name === 'website' && { dev: {} }) }]));
  }
  const flavours = [targetsOf('CDK'), targetsOf('Terraform')];
  const texts = [...inline, ...commands.map((command) => command.join(' '))].filter((text) => /\bnx (run|affected)/.test(text));

  test('that are run are there, with the configuration that is named', () => {
    const runs = texts.flatMap((text) => [...text.matchAll(/nx run ([\w-]+):([\w:-]+)(?:.*--configuration=(\w+))?/g)]);
    expect(runs.length).toBeGreaterThan(30);
    for (const [text, project = '', target = '', configuration] of runs) {
      const found = flavours.map((projects) => projects.get(project)?.[target]).filter((one) => one !== undefined);
      expect({ text, isThere: found.length > 0 }).toEqual({ text, isThere: true });
      if (configuration === undefined) continue;
      const has = found.some(({ configurations }) => Object.keys(configurations ?? {}).includes(configuration));
      expect({ text, has }).toEqual({ text, has: true });
    }
  });

  test('that are run of many projects are there in one', () => {
    const known = new Set(flavours.flatMap((projects) => [...projects.values()].flatMap((targets) => Object.keys(targets))));
    const many = texts.flatMap((text) => [...text.matchAll(/nx (?:run-many|affected) -t ([\w ]+?)(?= -|$)/g)]);
    expect(many.length).toBeGreaterThan(3);
    for (const [, targets = ''] of many) for (const target of targets.split(' ')) expect([...known]).toContain(target);
  });
});

/** Blocks for the shell by page and heading. Their programs, flags and targets are checked above. */
const notRun = {
  'it needs an AWS account': [
    'docs/deploying.md: Deploying',
    'docs/deploying.md: In CI',
    'docs/first-api.md: Deploy it',
    'docs/observing.md: A request, from its id',
    'docs/settings.md: Settings and secrets',
    'docs/terraform.md: With one',
    'docs/website.md: After a deployment',
  ],
  'it needs a published package': ['README.md: Use it', 'docs/updating.md: Updating'],
  'tests of every area run these commands one by one, with what they wait for': [
    'CONTRIBUTING.md: Set up',
    'README.md: A website',
    'README.md: Try it',
    'README.md: What you get',
    'docs/auth.md: Who may call',
    'docs/existing-repository.md: An existing repository',
    'docs/first-api.md: Check it',
    'docs/first-api.md: Serve it',
    'docs/first-api.md: The first API',
    'docs/operations.md: What the infrastructure learns',
    'docs/overrides.md: What the compiler says',
    'docs/streams.md: A stream',
    'docs/terraform.md: Terraform',
    'docs/terraform.md: Without an account',
    'docs/testing.md: Testing',
    'docs/website.md: A website',
  ],
};

describe('code', () => {
  test('of every block is run by a test, or is a diagram', () => {
    for (const snippet of snippets()) expect(() => kindOf(snippet)).not.toThrow();
  });

  test('in TypeScript parses', () => {
    for (const { page, heading, code } of snippets().filter(({ language }) => language === 'ts')) {
      const { diagnostics = [] } = ts.transpileModule(code, { reportDiagnostics: true });
      expect({ page, heading, errors: diagnostics.map(({ messageText }) => messageText) }).toEqual({ page, heading, errors: [] });
    }
  });

  test('in Python compiles', () => {
    const codes = snippets().filter(({ language }) => language === 'python');
    const program =
      'import json, sys\nfor one in json.load(sys.stdin): compile(one["code"], f"{one[\'page\']}: {one[\'heading\']}", "exec")';
    execFileSync('python3', ['-c', program], { input: JSON.stringify(codes), stdio: ['pipe', 'pipe', 'pipe'] });
  });

  test('for the shell is run by no test as it stands, each block for its reason', () => {
    const named = snippetsOfKind('shell').map(({ page, heading }) => `${page}: ${heading}`);
    expect([...new Set(named)].sort()).toEqual(Object.values(notRun).flat().sort());
  });
});
