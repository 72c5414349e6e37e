/** Code points that HFS+ leaves out when it compares names, as git has them (`next_hfs_char` in its utf8.c). */
const ignoredByHfs = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** Names that Windows keeps for devices, whatever follows their first dot. */
const deviceName = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)/i;

/** Characters that no name on Windows has, control characters among them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unusableCharacter = /[\u0000-\u001f<>:"|?*\\]/;

/**
 * Whether some disk takes a name for `.git`, by git's own rules: in any case, with dots, blanks or a stream of NTFS at its end, by its
 * short name `git~1`, or with characters that HFS+ ignores.
 */
function isGitFolder(name: string): boolean {
  return /^\.git$/i.test(name.replace(ignoredByHfs, '')) || /^(\.git|git~1)[. ]*(:.*)?$/i.test(name);
}

/**
 * Why a file or folder of this name can't be checked out on every system; `undefined` where it can.
 *
 * @param name One part of a path.
 */
export function nameFault(name: string): string | undefined {
  if (isGitFolder(name)) return 'is .git on some disks, which belongs to git alone';
  if (deviceName.test(name)) return 'is the name of a device on Windows';
  if (/[. ]$/.test(name)) return 'ends with a dot or a blank, which Windows drops';
  if (unusableCharacter.test(name)) return 'holds a character that no name on Windows has';
  return undefined;
}
