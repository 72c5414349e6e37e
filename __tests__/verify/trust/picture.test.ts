import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { jest } from '@jest/globals';
import { packageRoot } from '../../../lib/templates/package-root.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { screenOf, svgOf } from '../../support/terminal-picture.ts';
import { command, plainEnv } from '../../support/trust-run.ts';
import { atTerminal } from '../../support/trust-terminal.ts';

jest.setTimeout(10 * 60_000);

const typed = 'fastapi-lambda "My API" --skip-install';
const questions = [
  'What runs',
  'How operations map',
  'Who may call',
  'Folder',
  'Infrastructure',
  'Python module',
  'Continuous integration',
];

/** What is on the screen of a shell after the command has run and every question was answered by Enter. */
function screen(): ReturnType<typeof screenOf> {
  const folder = temporaryFolder();
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  mkdirSync(join(folder, 'shop'));
  symlinkSync(process.execPath, join(bin, 'node'));
  symlinkSync(command(), join(bin, 'fastapi-lambda'));
  // It is looked for, and not run where nothing is installed.
  writeFileSync(join(bin, 'uv'), '#!/bin/sh\nexit 1\n');
  chmodSync(join(bin, 'uv'), 0o755);
  const env = { ...plainEnv(), PATH: `${bin}:/usr/bin:/bin`, PS1: '$ ', NO_COLOR: undefined, FORCE_COLOR: undefined, CI: undefined };
  const steps = [
    { wait: '\\$ ', send: `${typed}\r` },
    ...questions.map((question) => ({ wait: `\\?.*${question}`, send: '\r' })),
    { wait: 'run-many -t build test lint typecheck\\s+.*\\$ ', send: 'exit\r' },
  ];
  const { output, status, missed } = atTerminal(['bash', '--norc', '--noprofile', '-i'], steps, { cwd: join(folder, 'shop'), env });
  expect({ status, missed }).toEqual({ status: 0, missed: null });
  const lines = screenOf(output);
  return lines.slice(
    0,
    lines.findLastIndex((line) =>
      line
        .map(({ text }) => text)
        .join('')
        .startsWith('$ exit'),
    ),
  );
}

test('docs/terminal.svg is what the command shows now, or "npm run docs" makes it so', () => {
  const path = join(packageRoot(), 'docs', 'terminal.svg');
  const picture = svgOf(screen(), `A terminal: ${typed}, its questions, what it has written and what to run next`);
  if (process.env.UPDATE === '1') writeFileSync(path, picture);
  expect(readFileSync(path, 'utf8')).toBe(picture);
  // Nothing of this machine or this hour is in it.
  for (const own of [packageRoot(), tmpdir(), String(new Date().getFullYear())]) expect(picture).not.toContain(own);
});

test('a picture has the lines as they are after moves, in their styles', () => {
  const [first, second] = screenOf(
    '\x1b[34m?\x1b[39m What\r\n> a\r\n  b\x1b[2K\x1b[1A\x1b[2K\x1b[1A\x1b[2K\x1b[G\x1b[1mDone\x1b[22m <x>\x1b[6G!\r\nnext',
  );
  expect(first).toEqual([
    { text: 'Done', style: 'bold' },
    { text: ' !x>', style: '' },
  ]);
  expect(second).toEqual([{ text: 'next', style: '' }]);
  expect(svgOf([first as never], 'A & B')).toContain('<tspan class="bold">Done</tspan> !x&gt;</text>');
  expect(() => screenOf('\x1b[5m')).toThrow('The picture knows no style 5.');
  expect(() => screenOf('\x1b[3B')).toThrow('The picture knows no');
});
