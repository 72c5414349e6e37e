import { closeSync } from 'node:fs';
import process from 'node:process';
import { isatty } from 'node:tty';

let isWatching = false;

/**
 * Ends the process with exit code 1 when its terminal goes away (SIGHUP, as at the end of a remote session), instead of by the
 * signal: an answer that never came is an abort like any other. Called more than once it does nothing more.
 */
export function exitOnHangUp(): void {
  if (isWatching) return;
  isWatching = true;
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  process.on('SIGHUP', () => process.exit(1));
  // Node restores the terminal's mode as it exits, and aborts with a core dump where that terminal is gone. Of a closed descriptor
  // it knows that there is nothing to restore.
  process.on('exit', () => {
    for (const descriptor of terminals) {
      if (isatty(descriptor)) continue;
      try {
        closeSync(descriptor);
      } catch {
        // It was closed before.
      }
    }
  });
}
