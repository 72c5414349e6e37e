import type { Credentials, CredentialsSource } from './auth';

/** The identity pool that gives a website's visitors the credentials of a role. */
export interface IdentityPool {
  /** `eu-west-1:01234567-89ab-cdef-0123-456789abcdef`; without it there are no credentials to be had. */
  identityPoolId?: string | undefined;
  /** Default: the one that the id begins with. */
  region?: string | undefined;
}

/** Id tokens by their issuer without `https://`: `cognito-idp.eu-west-1.amazonaws.com/<user pool id>`. */
export type Logins = Record<string, string>;

/**
 * Credentials from a Cognito identity pool, for `iamAuth`.
 *
 * @param logins Who is signed in. Default: nobody, which the pool has to allow.
 */
export function cognitoIdentity(
  { identityPoolId, region = identityPoolId?.split(':')[0] }: IdentityPool = {},
  logins: () => Logins | undefined | Promise<Logins | undefined> = () => undefined,
): CredentialsSource {
  const key = `cognito.${identityPoolId}.guest`;
  let guest: string | undefined;
  /** Nothing but the id tells a guest from others: it is kept for longer than the page, where the browser lets a page keep things. */
  const keep = (id?: string) => {
    guest = id;
    try {
      if (id) localStorage[key] = id;
      guest = localStorage[key];
    } catch {
      // For this page alone, then.
    }
  };
  keep();

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
        `The identity pool ${identityPoolId} refused ${action}: ${answer.__type}: ${answer.message}`,
      );
    return answer;
  };

  const credentials = async (): Promise<Credentials> => {
    if (!identityPoolId) throw new RangeError('runtime-config.json has no cognito.identityPoolId');
    const Logins = await logins();
    const keysOf = async (known?: string): ReturnType<typeof ask> => {
      const IdentityId =
        known ?? (await ask('GetId', { IdentityPoolId: identityPoolId, Logins })).IdentityId;
      try {
        const answer = await ask('GetCredentialsForIdentity', { IdentityId, Logins });
        if (!Logins) keep(IdentityId);
        return answer.Credentials;
      } catch (error) {
        // It was deleted, or has become that of somebody who signed in.
        if (known && /NotFound|NotAuthorized/.test(`${error}`)) return keysOf();
        throw error;
      }
    };
    const keys = await keysOf(Logins ? undefined : guest);
    return {
      accessKeyId: keys.AccessKeyId,
      secretAccessKey: keys.SecretKey,
      sessionToken: keys.SessionToken,
      expiration: new Date(keys.Expiration * 1000),
    };
  };
  return Object.assign(credentials, { identity: logins });
}
