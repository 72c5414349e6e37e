import type { Credentials, CredentialsSource } from './auth';
import { once } from './request';

/** The identity pool that gives a website's visitors the credentials of a role. */
export interface IdentityPool {
  /** `eu-west-1:01234567-89ab-cdef-0123-456789abcdef`; without it there are no credentials to be had. */
  identityPoolId?: string | undefined;
  /** Default: the one that the id begins with. */
  region?: string | undefined;
}

/** Id tokens by their issuer without `https://`: `cognito-idp.eu-west-1.amazonaws.com/<user pool id>`. */
export type Logins = Record<string, string>;

type Guest = () => Promise<string>;

/** The page's guests by pool: APIs that begin at the same time know the visitor as one. */
const guests: Record<string, Guest> = {};

/**
 * Credentials from a Cognito identity pool, for `iamAuth`.
 *
 * @param logins Who is signed in. Default: nobody, which the pool has to allow.
 */
export function cognitoIdentity(
  { identityPoolId, region = identityPoolId?.split(':')[0] }: IdentityPool = {},
  logins: () => Logins | undefined | Promise<Logins | undefined> = () => undefined,
): CredentialsSource {
  const ask = async (action: string, content: object) => {
    const response = await fetch(`https://cognito-identity.${region}.amazonaws.com/`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AWSCognitoIdentityService.${action}`,
      },
      body: JSON.stringify(content),
    });
    const answer = await response.json();
    if (!response.ok)
      throw new Error(
        `Identity pool ${identityPoolId} refused ${action}: ${answer.__type}: ${answer.message}`,
      );
    return answer;
  };

  const idOf = async (Logins?: Logins): Promise<string> =>
    (await ask('GetId', { IdentityPoolId: identityPoolId, Logins })).IdentityId;

  const key = `cognito.${identityPoolId}.guest`;
  /** Nothing but the id tells a guest from others: it is kept for longer than the page, where the browser lets a page keep things. */
  const kept = (given?: string): string => {
    let id = given as string;
    try {
      if (id) localStorage[key] = id;
      id = localStorage[key];
    } catch {
      // For this page alone, then.
    }
    return id;
  };
  /** The page's guest; another one in place of the one that was refused. */
  const guestBut = (refused?: Guest): Guest => {
    if (guests[key] === refused)
      guests[key] = once(async () => (!refused && kept()) || kept(await idOf()));
    return guests[key] as Guest;
  };

  const credentials = async (): Promise<Credentials> => {
    if (!identityPoolId) throw new RangeError('runtime-config.json has no cognito.identityPoolId');
    const Logins = await logins();
    const keysOf = async (identity: Guest) =>
      ask('GetCredentialsForIdentity', { IdentityId: await identity(), Logins });
    const identity = Logins ? () => idOf(Logins) : guestBut();
    const { Credentials: keys } = await keysOf(identity).catch((error) => {
      // It was deleted, or has become that of somebody who signed in.
      if (Logins || !/Identity: \S*Not/.test(error)) throw error;
      return keysOf(guestBut(identity));
    });
    return {
      accessKeyId: keys.AccessKeyId,
      secretAccessKey: keys.SecretKey,
      sessionToken: keys.SessionToken,
      expiration: new Date(keys.Expiration * 1000),
    };
  };
  return Object.assign(credentials, { identity: logins });
}
