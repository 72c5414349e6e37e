// biome-ignore-all lint/suspicious/noExplicitAny: what is tested is loaded at run time.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ejs from 'ejs';
import { build } from 'esbuild';
import { packageRoot } from '../../lib/templates/package-root.ts';
import { cacheFolder, installOnce } from './tools.ts';

const templates = join(packageRoot(), 'templates', 'connection');

/** The script that is written into a website. */
export const clientScript = join(templates, 'scripts', 'generate-client.mjs');

/** What a website that is connected depends on, by version of React. */
const packages = (react: '18' | '19') => ({
  '@tanstack/react-query': '^5.108.4',
  '@types/react': `^${react}`,
  '@types/react-dom': `^${react}`,
  '@vitejs/plugin-react': 'latest',
  aws4fetch: '^1.0.20',
  oxlint: '^1.0.0',
  react: `^${react}`,
  'react-dom': `^${react}`,
  typescript: '^7.0.2',
  'typescript-5': 'npm:typescript@~5.9.3',
  // As it is, since its minifier decides the last bytes of a bundle.
  vite: '8.3.8',
});

/** Folder with a website's node_modules. */
export function websitePackages(react: '18' | '19' = '19'): string {
  return npmFolder(`connection-react-${react}`, packages(react));
}

/** Folder of the cache with these packages, installed once; a new name is needed when they change. */
export function npmFolder(name: string, dependencies: Record<string, string>): string {
  return installOnce(`tools/${name}`, (target) => {
    writeFileSync(join(target, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: target, stdio: 'pipe' });
  });
}

/** create-vite's options for its React TypeScript template. */
const compilerOptions = {
  target: 'es2023',
  lib: ['ES2023', 'DOM'],
  module: 'esnext',
  types: ['vite/client'],
  allowArbitraryExtensions: true,
  skipLibCheck: true,
  moduleResolution: 'bundler',
  verbatimModuleSyntax: true,
  moduleDetection: 'force',
  noEmit: true,
  jsx: 'react-jsx',
  // TypeScript 7 is strict by itself.
  strict: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  erasableSyntaxOnly: true,
  noFallthroughCasesInSwitch: true,
};

export interface Website {
  /** Its folder. */
  root: string;
  /** `src/connections`. */
  connections: string;
}

/**
 * An empty website with the client of the API `Shapes`.
 *
 * @param name Folder below the cache; made anew.
 * @param document The API's OpenAPI document.
 */
export function website(name: string, document: object, options: { auth?: string; react?: '18' | '19' } = {}): Website {
  const root = cacheFolder('connection', name);
  for (const entry of readdirSync(root)) rmSync(join(root, entry), { recursive: true, force: true });
  symlinkSync(join(websitePackages(options.react), 'node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
  const connections = join(root, 'src', 'connections');
  mkdirSync(connections, { recursive: true });
  cpSync(join(templates, 'src', 'connections'), connections, { recursive: true });
  const api = { apiTitle: 'Shapes', apiName: 'shapes', apiClass: 'Shapes', apiDir: 'packages/shapes', auth: options.auth ?? 'IAM' };
  const data = { ...api, apis: [api] };
  for (const file of readdirSync(connections).filter((one) => one.endsWith('.ejs'))) {
    const text = ejs.render(readFileSync(join(connections, file), 'utf8'), data);
    writeFileSync(join(connections, file.replace('_apiName_', data.apiName).slice(0, -'.ejs'.length)), text);
    rmSync(join(connections, file));
  }
  writeFileSync(join(root, 'openapi.json'), JSON.stringify(document));
  generateClient(root);
  return { root, connections };
}

/** Writes the types of the website's API anew. */
export function generateClient(root: string, more: string[] = []): void {
  const out = join(root, 'src', 'connections', 'shapes.gen.ts');
  execFileSync(process.execPath, [clientScript, '--openapi', join(root, 'openapi.json'), '--out', out, ...more]);
}

/** The compilers that a website may have. */
export const compilers = { '7': 'typescript/bin/tsc', '5.9': 'typescript-5/bin/tsc' };

/**
 * Compiles a website.
 *
 * @param flags More options of the compiler.
 * @returns Its complaints by file; empty when there are none.
 */
export function complaints(root: string, compiler: keyof typeof compilers, flags: string[] = []): Record<string, string> {
  const tsc = join(root, 'node_modules', compilers[compiler]);
  const { stdout, stderr, status } = spawnSync(process.execPath, [tsc, '-p', '.', '--pretty', 'false', ...flags], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const byFile: Record<string, string> = {};
  let file = '';
  for (const line of `${stdout}${stderr}`.split('\n').filter((one) => one !== '')) {
    file = /^([^\s(][^(]*)\(\d+,\d+\): error/.exec(line)?.[1] ?? file;
    byFile[file] = `${byFile[file] ?? ''}${line}\n`;
  }
  if (status !== 0 && Object.keys(byFile).length === 0) throw new Error(`The compiler ended with ${status} and said nothing`);
  return byFile;
}

let bundles = 0;

/**
 * Bundles modules of a website for this process, and loads them.
 *
 * @param source A module in `src/`.
 */
export async function load(root: string, source: string): Promise<any> {
  const entry = join(root, 'src', 'entry-of-the-test.ts');
  writeFileSync(entry, source);
  // A name of its own for each, since modules are loaded once.
  bundles += 1;
  const outfile = join(root, `bundle-${bundles}.mjs`);
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'error' });
  rmSync(entry);
  return import(pathToFileURL(outfile).href);
}
