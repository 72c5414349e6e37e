// Bundles a command so that each run loads what it needs: what few runs need is in files of its own, loaded when it is first used.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** How the name of a package's file ends. */
const rare = '-lazy';

/** What the plugin has asked esbuild itself. */
const asked = Symbol('asked');

/**
 * Bundles a module and all that it imports into CommonJS, which Node loads faster than ES modules. What is imported dynamically becomes
 * a file beside it, and so does each of the packages that are named.
 *
 * @param entry The module, by its whole path.
 * @param folder Where the files go.
 * @param packages Packages whose modules stay out of what every run loads. Their exports are functions, classes and objects; a module that
 *   imports them must not touch them while it is loaded itself: that would load the package.
 * @param options What esbuild is told besides.
 */
export async function bundleCommand(entry, folder, packages, options) {
  const builds = new Map();
  const plugin = separateFiles(packages, bundle);
  bundle(fileName(basename(entry)), entry, { entryPoints: [entry] });
  // Each may add others.
  for (const { made } of builds.values()) await made;

  function bundle(name, from, input) {
    const known = builds.get(name);
    if (known !== undefined && known.from !== from)
      throw new Error(`${name}.cjs would be two files of the bundle: ${known.from} and ${from}.`);
    if (known !== undefined) return;
    const outfile = join(folder, `${name}.cjs`);
    // Short names make a small file; in what every run loads, telling each function its real name would take longer than to read it.
    const isRare = name.endsWith(rare);
    const shape = { minifyWhitespace: true, minifySyntax: true, minifyIdentifiers: isRare, keepNames: isRare };
    const settings = { ...options, ...shape, ...input, outfile, bundle: true, platform: 'node', format: 'cjs' };
    builds.set(name, { from, made: build({ ...settings, plugins: [plugin, ...(options.plugins ?? [])] }) });
  }
}

const fileName = (imported) => imported.replace(/^(\.*\/|@)+|\.ts$/g, '').replaceAll('/', '-');

/** Version of the package that a file is of: one that is installed several times over is one file for each version. */
function versionOf(path) {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    const version = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined;
    if (version !== undefined) return version;
  }
  throw new Error(`No package.json above ${path} has a version.`);
}

function separateFiles(packages, bundle) {
  return {
    name: 'separate-files',
    setup({ onResolve, onLoad, resolve }) {
      onResolve({ filter: /./ }, async ({ path, resolveDir, importer, kind, pluginData }) => {
        const isSeparate = kind === 'dynamic-import' || (kind === 'import-statement' && packages.includes(path));
        if (pluginData === asked || !isSeparate) return undefined;
        const found = await resolve(path, { resolveDir, importer, kind, pluginData: asked });
        if (found.external || found.errors.length > 0) return found;
        return { path: found.path, namespace: kind, pluginData: path, sideEffects: false };
      });
      onLoad({ filter: /./, namespace: 'dynamic-import' }, ({ path, pluginData }) => {
        const name = fileName(pluginData);
        bundle(name, path, { entryPoints: [path] });
        return { contents: `module.exports = require('./${name}.cjs');` };
      });
      onLoad({ filter: /./, namespace: 'import-statement' }, async ({ path, pluginData }) => {
        const version = versionOf(path);
        const name = `${fileName(pluginData)}-${version}${rare}`;
        const exports = await import(pathToFileURL(path));
        const again = 'default' in exports ? `export { default } from ${JSON.stringify(path)};\n` : '';
        const contents = `export * from ${JSON.stringify(path)};\n${again}`;
        bundle(name, `${pluginData} ${version}`, { stdin: { contents, resolveDir: dirname(path), sourcefile: 'package.mjs' } });
        return { contents: lazyExports(`./${name}.cjs`, exports) };
      });
      onResolve({ filter: /^\.\/.+\.cjs$/ }, ({ path, namespace }) =>
        ['dynamic-import', 'import-statement'].includes(namespace) ? { path, external: true } : undefined,
      );
    },
  };
}

/** A module with the exports of a package, each of which loads it when it is used. */
function lazyExports(file, exports) {
  const lines = Object.keys(exports)
    .filter((name) => ['function', 'object'].includes(typeof exports[name]))
    .map((name) => {
      const made = `/* @__PURE__ */ lazily(() => require('${file}').${name})`;
      return name === 'default' ? `export default ${made};` : `export const ${name} = ${made};`;
    });
  return `const lazily = (value) => new Proxy(function () {}, {
  apply: (_, self, args) => Reflect.apply(value(), self, args),
  construct: (_, args) => Reflect.construct(value(), args),
  get: (_, key) => Reflect.get(value(), key),
  set: (_, key, to) => Reflect.set(value(), key, to),
  has: (_, key) => Reflect.has(value(), key),
});
${lines.join('\n')}
`;
}
