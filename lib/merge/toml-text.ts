import { parse, TomlError } from 'smol-toml';
import { splitMark } from './layout.ts';
import { unreadable } from './result.ts';

/**
 * The value of a TOML text.
 *
 * @throws BadInput When it is not TOML.
 */
export function parseTomlText(text: string, path = 'The TOML file'): Record<string, unknown> {
  try {
    return parse(splitMark(text).body) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof TomlError) throw unreadable(path, `is not valid TOML (line ${error.line}, column ${error.column})`);
    if (error instanceof RangeError) throw unreadable(path, 'is nested too deeply to be read');
    throw error;
  }
}
