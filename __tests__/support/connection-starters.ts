import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npmVersion } from '../../lib/templates/versions.ts';
import { npmFolder } from './connection-website.ts';
import { generate } from './generate.ts';
import { cacheFolder, installOnce } from './tools.ts';

/** A website as a starter from npm makes it. */
export interface Starter {
  title: string;
  /** Writes it into a folder that is not there yet. */
  make(folder: string): void;
  /** Name of the cache's folder with its packages; a new one is needed when they change. */
  packages: string;
  /** Packages in other versions than the starter's, and more of them. */
  versions?: Record<string, string>;
  /** Its own checks: programs below node_modules with their arguments. */
  checks: [program: string, ...args: string[]][];
  /** The module that renders it. */
  entry: string;
}

const viteTemplate = (): string =>
  join(npmFolder('create-vite-9.3.0', { 'create-vite': '9.3.0' }), 'node_modules', 'create-vite', 'template-react-ts');

/** create-vite's React TypeScript template, as create-vite copies it. */
export function makeVite(folder: string): void {
  cpSync(viteTemplate(), folder, { recursive: true });
  for (const file of readdirSync(folder).filter((name) => name.startsWith('_')))
    renameSync(join(folder, file), join(folder, file.replace('_', '.')));
}

const viteChecks: Starter['checks'] = [
  ['typescript/bin/tsc', '-b', '--force'],
  ['vite/bin/vite.js', 'build'],
  ['oxlint/bin/oxlint', '--deny-warnings'],
];

const vite: Starter = {
  title: "create-vite's React template",
  make: makeVite,
  packages: 'starter-vite-9.3.0',
  checks: viteChecks,
  entry: 'src/main.tsx',
};

/** React Router as a library, on create-vite's template: its own starter is for framework mode, which renders on a server. */
const reactRouter: Starter = {
  ...vite,
  title: 'React Router',
  make(folder) {
    makeVite(folder);
    writeFileSync(
      join(folder, 'src', 'main.tsx'),
      `import ReactDOM from "react-dom/client";
import { createBrowserRouter } from "react-router";
import { RouterProvider } from "react-router/dom";
import App from "./App";

const router = createBrowserRouter([{ path: "/", element: <App /> }]);
const root = document.getElementById("root");

ReactDOM.createRoot(root!).render(<RouterProvider router={router} />);
`,
    );
  },
  packages: 'starter-react-router-7.18.6',
  versions: { 'react-router': '7.18.6' },
};

const tanstackRouter: Starter = {
  title: "TanStack Router's starter",
  make(folder) {
    const made = installOnce('tools/create-tsrouter-app-0.54.43', (target) => {
      const flags = ['--router-only', '--yes', '--no-git', '--no-intent', '--no-install', '--package-manager', 'npm'];
      execFileSync('npx', ['--yes', 'create-tsrouter-app@0.54.43', 'site', ...flags, '--toolchain', 'eslint'], {
        cwd: target,
        stdio: 'pipe',
      });
    });
    cpSync(join(made, 'site'), folder, { recursive: true });
  },
  packages: 'starter-tsrouter-0.54.43',
  checks: [
    ['vite/bin/vite.js', 'build'],
    ['typescript/bin/tsc', '--noEmit'],
    ['eslint/bin/eslint.js', '--max-warnings=0', '.'],
    // Files of the starter's itself are not in Prettier's form.
    ['prettier/bin/prettier.cjs', '--check', 'src/main.tsx', 'src/connections', 'scripts', 'package.json', 'project.json'],
  ],
  entry: 'src/main.tsx',
};

const older: Starter[] = [
  { ...vite, title: `${vite.title} with TypeScript 5.9`, packages: 'starter-vite-typescript-5.9', versions: { typescript: '~5.9.3' } },
  {
    ...vite,
    title: `${vite.title} with React 18`,
    packages: 'starter-vite-react-18',
    versions: { react: '^18.3.1', 'react-dom': '^18.3.1', '@types/react': '^18.3.0', '@types/react-dom': '^18.3.0' },
  },
];

export const starters: Starter[] = [vite, ...older, reactRouter, tanstackRouter];

/**
 * A workspace of the cache, made anew, with the API `Shapes` and the website of a starter in `packages/website`. Nothing is installed but
 * the website's packages, those of its connection among them.
 */
export function starterWorkspace(starter: Starter, name: string, args: readonly string[] = []): { root: string; website: string } {
  const root = cacheFolder('connection', name);
  for (const entry of readdirSync(root)) rmSync(join(root, entry), { recursive: true, force: true });
  // A repository of its own, since the one around ignores the folder.
  execFileSync('git', ['init', '--quiet'], { cwd: root });
  generate(['Shapes', '--yes', '--skip-install', '--scope', 'shop', ...args], root);
  const website = join(root, 'packages', 'website');
  starter.make(website);
  const manifest = { ...JSON.parse(readFileSync(join(website, 'package.json'), 'utf8')), name: 'website' };
  writeFileSync(join(website, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const packages = npmFolder(starter.packages, {
    ...manifest.dependencies,
    ...manifest.devDependencies,
    '@tanstack/react-query': npmVersion('@tanstack/react-query'),
    aws4fetch: npmVersion('aws4fetch'),
    ...starter.versions,
  });
  symlinkSync(join(packages, 'node_modules'), join(website, 'node_modules'));
  return { root, website };
}

/** Does what the target that makes a website's client does, without Nx. */
export function runClientTarget(website: string, api = 'Shapes'): void {
  const { targets } = JSON.parse(readFileSync(join(website, 'project.json'), 'utf8'));
  const [program, ...args] = targets[`generate:${api}-client`].options.command.split(' ');
  execFileSync(program, args, { cwd: website, stdio: 'pipe' });
}

/** Runs one of a website's checks; what it said of a failure becomes the error. */
export function check(website: string, [program, ...args]: Starter['checks'][number]): void {
  if (!existsSync(join(website, 'node_modules', program))) throw new Error(`There is no ${program}`);
  try {
    const env = { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '', NO_COLOR: '1', FORCE_COLOR: undefined };
    execFileSync(process.execPath, [join('node_modules', program), ...args], { cwd: website, env, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')}\n${stdout ?? ''}${stderr ?? ''}`);
  }
}
