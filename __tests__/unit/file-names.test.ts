import { nameFault } from '../../lib/names/file-names.ts';

test.each([
  '.git',
  '.GIT',
  '.Git',
  'git~1',
  'GIT~1',
  '.git.',
  '.git ',
  '.git . .',
  'git~1.',
  '.git::$INDEX_ALLOCATION',
  '.git:stream',
  '.g\u200cit',
  '\ufeff.git',
  '.gi\u206ft\u202a',
])('%j is .git on some disk', (name) => {
  expect(nameFault(name)).toBe('is .git on some disks, which belongs to git alone');
});

test.each(['con', 'CON', 'prn.txt', 'aux.tar.gz', 'nul', 'com1', 'COM9.log', 'lpt1.py', 'con .txt', 'lpt²', 'conin$'])(
  '%j is a device on Windows',
  (name) => {
    expect(nameFault(name)).toBe('is the name of a device on Windows');
  },
);

test.each([
  ['a.', 'ends with a dot or a blank'],
  ['a ', 'ends with a dot or a blank'],
  ...[...'<>:"|?*'].map((character) => [`a${character}b`, 'no name on Windows has']),
  ['a\u0001b', 'no name on Windows has'],
])('%j is no name on Windows', (name, fault) => {
  expect(nameFault(name as string)).toContain(fault);
});

test.each([
  '.gitignore',
  '.github',
  'git',
  'git~2',
  'digit',
  'constructs',
  'console',
  'com',
  'com10',
  'auxiliary',
  'null',
  '.venv',
  'đơn hàng',
  "it's",
  'a.b',
])('%j is a name like any other', (name) => {
  expect(nameFault(name)).toBeUndefined();
});
