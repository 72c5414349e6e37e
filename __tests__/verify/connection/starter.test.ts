// Websites as starters from npm make them, connected: they build, type-check, and their linters and formatters have nothing to say.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiDocument, apiFolder } from '../../support/connection-api.ts';
import { check, runClientTarget, type Starter, starters, starterWorkspace } from '../../support/connection-starters.ts';
import { npmFolder } from '../../support/connection-website.ts';
import { commitAll, generate, gitStatus, isFull } from '../../support/generate.ts';
import { cacheFolder } from '../../support/tools.ts';

const [vite] = starters as [Starter];
const auths = isFull ? ['IAM', 'Cognito', 'Custom', 'None'] : ['IAM', 'Cognito'];
const cases: [string, string, Starter][] = [
  ...auths.map((auth): [string, string, Starter] => [vite.title, auth, vite]),
  ...(isFull ? starters.slice(1) : []).map((starter): [string, string, Starter] => [starter.title, 'IAM', starter]),
];

describe.each(cases)('%s, auth %s', (title, auth, starter) => {
  let root: string;
  let website: string;
  let before: string;
  const lines = () => readFileSync(join(website, starter.entry), 'utf8').split('\n');

  beforeAll(() => {
    ({ root, website } = starterWorkspace(starter, `starter-${title.replace(/\W+/g, '-')}-${auth}`, ['--auth', auth]));
    before = readFileSync(join(website, starter.entry), 'utf8');
    commitAll(root);
    generate(['connection', '--yes', '--skip-install'], root);
    mkdirSync(join(root, 'packages', 'shapes', 'dist'));
    writeFileSync(join(root, 'packages', 'shapes', 'dist', 'openapi.json'), JSON.stringify(apiDocument()));
    runClientTarget(website);
  }, 600_000);

  test('renders what it did, in the provider, and every line that was there is there', () => {
    const rest = lines().map((line) => line.trim());
    // What stood on one line may stand on several.
    const text = rest.join('').replace(/,\)/g, ')');
    for (const line of before.split('\n').map((one) => one.trim())) {
      const parts = /^(.*\.render\()(<.*>)(\).*)$/.exec(line)?.slice(1) ?? [line];
      for (const part of parts) expect(text).toContain(part.replace(/,$/, ''));
    }
    expect(rest.filter((line) => /^<\/?ShapesProvider>/.test(line))).toHaveLength(2);
  });

  test.each(starter.checks)('as it was connected: %s %s', (...program) => check(website, program), 300_000);

  test('so does a component with ordinary, failing, paginated, uploading and streaming operations', () => {
    const component = readFileSync(join(apiFolder, 'website', 'operations.tsx'), 'utf8');
    writeFileSync(join(website, 'src', 'operations.tsx'), component);
    const entry = join(website, starter.entry);
    const connected = readFileSync(entry, 'utf8');
    writeFileSync(entry, `import { Everything } from './operations'\n${connected}\nconsole.log(Everything)\n`);
    for (const program of starter.checks.filter(([one]) => !/prettier|eslint/.test(one))) check(website, program);
    rmSync(join(website, 'src', 'operations.tsx'));
    writeFileSync(entry, connected);
  }, 300_000);

  test('a second run changes nothing, and git sees nothing that is made', () => {
    commitAll(root);
    generate(['connection', '--yes', '--skip-install'], root);
    generate(['update', '--yes', '--skip-install'], root);
    expect(gitStatus(root)).toBe('');
    expect(readFileSync(join(website, 'src/connections/shapes.gen.ts'), 'utf8')).toContain('getItem');
  });
});

test("the client has nothing for the ESLint of create-vite's other choice to say", () => {
  const { root, website } = starterWorkspace(vite, 'starter-eslint');
  generate(['connection', '--yes', '--skip-install'], root);
  mkdirSync(join(root, 'packages', 'shapes', 'dist'));
  writeFileSync(join(root, 'packages', 'shapes', 'dist', 'openapi.json'), JSON.stringify(apiDocument()));
  runClientTarget(website);
  // typescript-eslint takes no TypeScript 7 yet.
  const packages = npmFolder('connection-eslint', {
    '@eslint/js': '^10.0.0',
    eslint: '^10.0.0',
    'eslint-plugin-react-hooks': '^7.0.0',
    'eslint-plugin-react-refresh': '^0.5.0',
    globals: '^17.0.0',
    typescript: '~5.9.3',
    'typescript-eslint': '^8.0.0',
  });
  const folder = cacheFolder('connection', 'starter-eslint-run');
  for (const entry of readdirSync(folder)) rmSync(join(folder, entry), { recursive: true, force: true });
  symlinkSync(join(packages, 'node_modules'), join(folder, 'node_modules'));
  for (const part of ['src', 'scripts']) cpSync(join(website, part), join(folder, part), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  writeFileSync(
    join(folder, 'eslint.config.js'),
    `import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import reactRefresh from 'eslint-plugin-react-refresh';
import globals from 'globals';
import tseslint from 'typescript-eslint';
export default tseslint.config(
  {
    files: ['**/*.{ts,tsx}'],
    extends: [js.configs.recommended, tseslint.configs.recommended, reactHooks.configs.flat.recommended, reactRefresh.configs.vite],
    languageOptions: { globals: globals.browser },
  },
  { files: ['scripts/*.mjs'], extends: [js.configs.recommended], languageOptions: { globals: globals.node } },
  // Of Nx's own rules.
  { rules: { 'no-empty-function': 'error' } },
);
`,
  );
  check(folder, ['eslint/bin/eslint.js', '--max-warnings=0', '.']);
}, 600_000);
