import { BadInput } from '../bad-input.ts';
import { nameFault } from '../names/file-names.ts';
import { isHiddenName, quoted } from '../names/names.ts';

/**
 * A folder below the root, with `/` and without a leading `./`.
 *
 * @throws BadInput When it is absolute, leaves the workspace, or has a part that no project's path should have.
 */
export function checkedDirectory(value: string, source: string): string {
  const parts = value
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  if (/^([/\\]|[A-Za-z]:)/.test(value) || parts.includes('..')) {
    throw new BadInput(`${source} is ${quoted(value)}: it has to be a folder below the workspace's root, for instance packages.`);
  }
  const odd = parts.find(
    (part) => !/^[A-Za-z0-9_.@-]+$/.test(part) || nameFault(part) !== undefined || isHiddenName(part) || /^\.fastapi-lambda$/i.test(part),
  );
  if (odd !== undefined || value.length > 200) {
    throw new BadInput(`${source} is ${quoted(value)}: use folder names of letters, digits, - and _, for instance packages.`);
  }
  return parts.join('/') || '.';
}
