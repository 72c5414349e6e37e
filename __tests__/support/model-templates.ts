import zlib from 'node:zlib';
import { expect, jest } from '@jest/globals';
import lodash from 'lodash';
import type { RenderedFile, RenderOptions, TemplateSet } from '../../lib/templates/render.ts';

/** Which templates and versions the generator has: an older or a newer release of it. */
export type Release = 0 | 1 | 2 | 3;

export const releases: readonly Release[] = [0, 1, 2, 3];

/** A line that every release has in a wording of its own. */
export const slotOf = (path: string, release: Release): string => comment(path, `slot ${release}`);
/** A line that comes and goes with the releases. */
const guestOf = (path: string): string => comment(path, 'guest');

export const comment = (path: string, text: string): string => (/\.[mc]?[jt]sx?$/.test(path) ? `// ${text}` : `# ${text}`);

export const isJson = (path: string): boolean => path.endsWith('.json');

/** A rendered file as a release has it: lines that change, that come and that go, and in JSON a value. */
function inRelease(file: RenderedFile, release: Release): RenderedFile {
  const { path, contents } = file;
  const lines = contents.split('\n');
  if (lines.length < 5) return file;
  if (isJson(path)) {
    if (lines[0] !== '{') return file;
    lines.splice(1, 0, `  "x-slot": "${release}",`);
  } else {
    const third = Math.floor(lines.length / 3);
    const hasGuest = release === 1 || release === 3;
    lines.splice(2 * third, 0, slotOf(path, release), ...(hasGuest ? [guestOf(path)] : []));
    if (release === 2) lines.splice(third, 0, comment(path, 'of release 2'));
  }
  return { ...file, contents: lines.join('\n') };
}

/** Files that some releases have and others do not. */
function extra(set: TemplateSet, data: object, { part, only }: RenderOptions, release: Release): RenderedFile[] {
  const file = (path: string): RenderedFile => ({
    path,
    contents: ['first', 'second', 'third', 'fourth', `of release ${release}`].map((text) => `${comment(path, text)}\n`).join(''),
    mode: 0o644,
  });
  if (only !== undefined) return [];
  if (set === 'api' && release >= 2) return [file(`${(data as { moduleName: string }).moduleName}/extra.py`)];
  return set === 'infra-cdk' && part !== 'api' && release === 2 ? [file('src/extra.ts')] : [];
}

let current: Release = 0;

/** Makes a release the one that runs from now on. */
export function install(release: Release): void {
  current = release;
}

/** Releases 0 and 1 have one version, as a checkout has between two releases. */
const versionOf = (release: Release): string => ['1.0.0', '1.0.0', '1.1.0', '2.0.0'][release] as string;

/**
 * Puts the releases in the place of the templates and versions on the disk, and leaves out git and the check of paths, which know no disk in memory. What is
 * imported afterwards, in the same test file, has them.
 */
export async function mockReleases(): Promise<void> {
  const render = await import('../../lib/templates/render.ts');
  const versions = await import('../../lib/templates/versions.ts');
  jest.unstable_mockModule('../../lib/templates/render.ts', () => ({
    ...render,
    renderTemplates: (set: TemplateSet, data: object, options: RenderOptions = {}): RenderedFile[] => [
      ...render.renderTemplates(set, data, options).map((file) => inRelease(file, current)),
      ...extra(set, data, options, current),
    ],
  }));
  jest.unstable_mockModule('../../lib/templates/versions.ts', () => ({
    ...versions,
    generatorVersion: () => versionOf(current),
    npmVersion: (name: string) => (name === 'nx' && current >= 2 ? '^25.0.0' : versions.npmVersion(name)),
  }));
  jest.unstable_mockModule('../../lib/read/git-ignored.ts', () => ({ checkNotIgnored: () => new Set() }));
  const paths = await import('../../lib/commit/safe-path.ts');
  jest.unstable_mockModule('../../lib/commit/safe-path.ts', () => ({
    ...paths,
    checkPaths: (_: string, planned: readonly string[]) => expect(new Set(planned).size).toBe(planned.length),
  }));
  // The same few texts are packed and unpacked in every run.
  jest.unstable_mockModule('node:zlib', () => ({
    constants: zlib.constants,
    deflateRawSync: lodash.memoize((text: string, options: object) => zlib.deflateRawSync(text, options)),
    inflateRawSync: lodash.memoize(
      (packed: Buffer, options: object) => zlib.inflateRawSync(packed, options),
      (packed: Buffer) => packed.toString('latin1'),
    ),
  }));
}
