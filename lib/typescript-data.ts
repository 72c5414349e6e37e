import { posix } from 'node:path';
import { recordedPaths } from './record.ts';
import { renderTemplates } from './render.ts';
import { type Run, workspaceData } from './run.ts';
import { readText } from './safe-path.ts';
import type { TypeScriptData } from './template-data.ts';

const base = 'tsconfig.base.json';

/**
 * How the tsconfig.json of a package of ours gets its compiler options and the scope's path: from the root's tsconfig.base.json
 * where that is ours; beside it where it is the repository's, whose options may be for another compiler or module system; alone
 * where there is none.
 */
export function typeScriptData(run: Run, packageDir: string): TypeScriptData {
  const { root, isNew } = run.workspace;
  const rendered = renderTemplates('workspace', {
    ...workspaceData(run),
    apis: [],
    packageManager: 'npm',
    nx: '',
    devDependencies: {},
  }).find(({ path }) => path === base);
  const there = readText(root, base);
  // The text tells, too, where the record was lost.
  const isOurs = isNew || recordedPaths(root, 'shared').has(base) || there?.replaceAll('\r\n', '\n') === rendered?.contents;
  if (isOurs) return { hasBaseTsconfig: true, compilerOptions: undefined };
  const hasBaseTsconfig = there !== undefined;
  const { paths, ...options } = (JSON.parse(rendered?.contents ?? '{}') as { compilerOptions: { paths: Record<string, string[]> } })
    .compilerOptions;
  const up = posix.relative(packageDir, '');
  const own = hasBaseTsconfig
    ? { ...options, composite: false, declaration: false, declarationMap: false, emitDeclarationOnly: false }
    : {
        ...options,
        paths: Object.fromEntries(Object.entries(paths).map(([name, [path = '']]) => [name, [`${up}/${path.replace(/^\.\//, '')}`]])),
      };
  return { hasBaseTsconfig, compilerOptions: formatted(own) };
}

/** JSON as the formatter of the generated workspace writes it: lists of one item on their line, two levels in. */
const formatted = (value: object): string =>
  JSON.stringify(value, null, 2)
    .replace(/\[\n\s+("[^"]*")\n\s+\]/g, '[$1]')
    .replaceAll('\n', '\n  ');
