import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import process from 'node:process';
import { BadInput } from '../bad-input.ts';

/** What git says of a path that it hides. */
interface Hidden {
  /** File that holds the rule, by the way to it from the top of the repository, or its whole path. */
  source: string;
  pattern: string;
}

/** One repository's part of what is to be checked. */
interface Group {
  /** Folder that git runs in: the nearest one of the repository that is there. */
  cwd: string;
  /** What is asked about, by the way to it from `cwd`. */
  paths: Map<string, string>;
}

/**
 * Asks git whether it would see what is about to be written: what a rule hides would be missing from the next commit without a word.
 * git's own answer counts the rules of all its files and of repositories around, case as the disk has it, and files that are tracked
 * although a rule would hide them.
 *
 * Without git, or outside of a repository, nothing is hidden.
 *
 * @param root The workspace. It need not exist yet.
 * @param paths Files below the root, with `/`; they need not exist yet.
 * @param optional Those of them that the workspace can do without.
 * @returns The optional files that git would not see.
 * @throws BadInput for the first other one, with the line that lets git see it.
 */
export function checkNotIgnored(root: string, paths: readonly string[], optional: ReadonlySet<string> = new Set()): Set<string> {
  const hidden = new Set<string>();
  for (const { cwd, paths: asked } of groups(root, paths)) {
    for (const path of ignored(cwd, [...asked.keys()]).keys()) {
      const name = asked.get(path) as string;
      if (optional.has(name)) hidden.add(name);
      else throw new BadInput(explained(root, cwd, path, name));
    }
  }
  return hidden;
}

/** Puts each path to the repository that its folder belongs to, without symbolic links on the way: git takes no other. */
function groups(root: string, paths: readonly string[]): Group[] {
  const byFolder = new Map<string, Group>();
  const real = new Map<string, { folder: string; group: Group }>();
  const locate = (folder: string): { folder: string; group: Group } => {
    const known = real.get(folder);
    if (known) return known;
    const found = located(folder);
    real.set(folder, found);
    return found;
  };
  const located = (folder: string): { folder: string; group: Group } => {
    if (!existsSync(folder)) {
      const above = locate(dirname(folder));
      return { folder: join(above.folder, basename(folder)), group: above.group };
    }
    const there = realpathSync(folder);
    // A repository in this one has rules of its own. The root's own is found by git.
    const isTop = folder === resolve(root) || existsSync(join(there, '.git')) || relative(resolve(root), folder).startsWith('..');
    const cwd = isTop ? there : locate(dirname(folder)).group.cwd;
    const group = byFolder.get(cwd) ?? { cwd, paths: new Map() };
    byFolder.set(cwd, group);
    return { folder: there, group };
  };
  for (const path of paths) {
    const { folder, group } = locate(dirname(resolve(root, path)));
    group.paths.set(posix(relative(group.cwd, join(folder, basename(path)))), path);
  }
  return [...byFolder.values()].filter(({ paths: asked }) => asked.size > 0);
}

/** The paths that a rule hides, with the rule, in the order in which they are given. */
function ignored(cwd: string, paths: readonly string[], flags: readonly string[] = []): Map<string, Hidden> {
  const { status, stdout } = git(['check-ignore', ...flags, '--stdin', '-z', '--verbose', '--non-matching'], cwd, paths);
  const found = new Map<string, Hidden>();
  // 1 is for no match. Anything else is no git, or no repository that it would work in.
  if (status !== 0 && status !== 1) return found;
  const fields = stdout.split('\0');
  for (let at = 0; at + 3 < fields.length; at += 4) {
    const [source = '', , pattern = '', path = ''] = fields.slice(at, at + 4);
    if (pattern !== '' && !pattern.startsWith('!')) found.set(path, { source, pattern });
  }
  return found;
}

function git(args: string[], cwd: string, paths: readonly string[] = []): { status: number | null; stdout: string } {
  // As a hook of git runs: these would lead to that repository wherever we are.
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, ...env } = process.env;
  return spawnSync('git', args, {
    cwd,
    env,
    input: paths.map((path) => `${path}\0`).join(''),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** Which rule hides a file, and the line that lets git see it. */
function explained(root: string, cwd: string, path: string, name: string): string {
  const top = git(['rev-parse', '--show-toplevel'], cwd).stdout.trim();
  const below = relative(top, realpathSync(cwd));
  const { part, source, pattern } = hiddenPart(top, posix(join(below, path)));
  const from = existsSync(root) ? realpathSync(root) : root;
  if (posix(relative(resolve(top, part), from)).split('/')[0] !== '..') {
    return `${resolve(top, source)} hides this folder, so git would not see what is written here: run "git init" here, or choose another folder.`;
  }
  // A user's or a clone's own rules are not for all who get the repository, but a .gitignore overrules them.
  const file = basename(source) === '.gitignore' ? source : '.gitignore';
  const line = `!/${posix(relative(dirname(resolve(top, file)), resolve(top, part)))}${part.endsWith('/') ? '/' : ''}`;
  const lines = pattern.endsWith('**') ? `the lines ${line} and ${line}**` : `the line ${line}`;
  const shown = part.endsWith('/') ? `${posix(relative(from, resolve(top, part)))}/` : name;
  const seen = (rules: string): string => (isAbsolute(rules) ? rules : posix(relative(from, resolve(top, rules))));
  const there = file === source ? 'it' : seen(file);
  return `${seen(source)} hides ${shown}, so git would not see what is written there: add ${lines} to ${there}, then run again.`;
}

/** The topmost folder on the way to a hidden path, with `/` at its end, that a rule hides, or the path itself. */
function hiddenPart(top: string, path: string): Hidden & { part: string } {
  const segments = path.split('/');
  const folders = segments.slice(0, -1).map((_, index) => segments.slice(0, index + 1).join('/'));
  // A rule such as `packages/*` takes a folder's name with a slash for one below it; one such as `packages/` needs the slash.
  const asked = folders.flatMap((folder) => [folder, `${folder}/`]);
  const found = ignored(top, [...asked, path], ['--no-index']);
  for (const folder of folders) {
    const slashed = found.get(`${folder}/`);
    const hidden = found.get(folder) ?? (slashed?.pattern.endsWith('/') ? slashed : undefined);
    if (hidden) return { part: `${folder}/`, ...hidden };
  }
  return { part: path, ...(found.get(path) as Hidden) };
}

const posix = (path: string): string => path.split(sep).join('/');
