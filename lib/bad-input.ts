/** Input that can't be used. The message is the one line a user sees: what is wrong, and what would be right. */
export class BadInput extends Error {
  override name = 'BadInput';
}
