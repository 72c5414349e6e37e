import { Moto, missing } from './terraform-tools.ts';

/** `describe` where Terraform and the provider are at hand; says that it skipped, and why, where they are not. */
export const describeTerraform: jest.Describe = (() => {
  const reason = missing();
  if (!reason) return describe;
  console.warn(`Skipped: ${reason}.`);
  return describe.skip;
})();

/** A server for the tests of one `describe`, and for as long as they last. */
export function useMoto(): () => Moto {
  let moto: Moto | undefined;
  beforeAll(async () => {
    moto = await Moto.start();
  }, 120_000);
  afterAll(() => moto?.stop());
  return () => {
    if (!moto) throw new Error('The server did not start.');
    return moto;
  };
}
