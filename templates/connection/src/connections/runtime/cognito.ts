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
  /** Ids that the pool gave to nobody and to who was signed in: a guest who gets another one loses what the API keeps of the first. */
  const ids: Record<string, string> = {};
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
        `The identity pool ${identityPoolId} refused ${action}: ${answer.message ?? answer.__type}`,
      );
    return answer;
  };
  const credentials = async (): Promise<Credentials> => {
    if (!identityPoolId) throw new Error('runtime-config.json has no cognito.identityPoolId');
    const tokens = await logins();
    const who = JSON.stringify(tokens ?? 0);
    ids[who] ??= (
      await ask('GetId', { IdentityPoolId: identityPoolId, Logins: tokens })
    ).IdentityId;
    const { Credentials: keys } = await ask('GetCredentialsForIdentity', {
      IdentityId: ids[who],
      Logins: tokens,
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
