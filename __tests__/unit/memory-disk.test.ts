import fs, { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { realDisk } from '../../lib/read/disk.ts';
import { MemoryDisk } from '../support/model-disk.ts';
import { tree } from '../support/trust-tree.ts';

const names = ['a', 'b', 'a/c', 'a/d', 'b/c', 'b/c/e'];
const path = fc.constantFrom(...names);
const step = fc.oneof(
  fc.tuple(fc.constantFrom('mkdirSync', 'rmdirSync', 'readFileSync', 'existsSync', 'readdirSync'), path),
  fc.tuple(fc.constantFrom('renameSync', 'linkSync', 'copyFileSync'), path, path),
  fc.tuple(fc.constant('writeFileSync'), path, fc.constantFrom('one', 'two'), fc.constantFrom({}, { flag: 'wx' })),
  fc.tuple(fc.constant('rmSync'), path, fc.constantFrom({}, { force: true }, { recursive: true, force: true })),
  fc.tuple(fc.constant('chmodSync'), path, fc.constantFrom(0o600, 0o755)),
);

/** What a step gives or how it fails, and what is there afterwards. */
function outcome(disk: typeof fs, root: string, [name, ...args]: readonly unknown[]): unknown {
  // The folder of the last argument too: of `rename`, `link` and `copyFile` that is a path.
  const full = args.map((arg, index) => (typeof arg === 'string' && names.includes(arg) && index < 2 ? join(root, arg) : arg));
  const act = (disk as unknown as Record<string, (...args: unknown[]) => unknown>)[name as string];
  try {
    const value = act?.call(disk, ...full);
    return Array.isArray(value) ? value.sort() : Buffer.isBuffer(value) ? value.toString() : value;
  } catch (error) {
    // Of two reasons each system names the one that it comes upon first; what reading finds missing a run has to know.
    const { code } = error as NodeJS.ErrnoException;
    return name === 'readFileSync' ? code : 'refused';
  }
}

const state = (disk: typeof fs, root: string): unknown[] =>
  names.map((name) => {
    if (!disk.existsSync(join(root, name))) return undefined;
    const stat = disk.statSync(join(root, name));
    return stat.isFile() ? [stat.mode & 0o777, disk.readFileSync(join(root, name), 'utf8')] : 'folder';
  });

test('the disk in memory gives and leaves what a real one does', () => {
  const real = tree();
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const root = join(real, 'root');
      rmSync(root, { recursive: true, force: true });
      mkdirSync(root);
      const memory = new MemoryDisk();
      memory.put(`${root}/.keep`, '');
      for (const one of steps) {
        const [found, expected] = [outcome(memory as unknown as typeof fs, root, one), outcome(fs, root, one)];
        expect({ one, found }).toEqual({ one, found: expected });
        expect({ one, state: state(memory as unknown as typeof fs, root) }).toEqual({ one, state: state(fs, root) });
      }
    }),
    {
      numRuns: 150,
      // Seldom drawn.
      examples: [
        [
          [
            ['mkdirSync', 'a'],
            ['writeFileSync', 'b', 'one', {}],
            ['copyFileSync', 'a', 'b'],
          ],
        ],
      ],
    },
  );
});

test('it has every operation that a run uses', () => {
  const memory = new MemoryDisk() as unknown as Record<string, unknown>;
  const used = ['chmodSync', 'chownSync', 'existsSync', 'linkSync', 'lstatSync', 'mkdirSync', 'accessSync', 'copyFileSync', 'readFileSync'];
  for (const name of [...used, 'readdirSync', 'realpathSync', 'renameSync', 'rmSync', 'rmdirSync', 'statSync', 'writeFileSync'])
    expect([name, typeof memory[name], typeof realDisk[name as keyof typeof realDisk]]).toEqual([name, 'function', 'function']);
});
