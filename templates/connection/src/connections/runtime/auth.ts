import type { Auth } from './request';
import { sign } from './sign';

/** Keys of an AWS role that sign requests. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
  /** When they end. Default: never. */
  expiration?: Date | undefined;
}

/** Gets credentials; it is asked again before they end, or once another is signed in. */
export interface CredentialsSource {
  (): Credentials | Promise<Credentials>;
  /** Who is signed in. Default: always the same. */
  identity?: (() => unknown) | undefined;
}

/**
 * Auth IAM: signs each request with SigV4. What is uploaded is held in memory for it.
 *
 * @param options.credentials Gets the credentials, such as `cognitoIdentity(...)`; asked once for calls at the same time.
 * @param options.region Of the API. Default: as in the address that API Gateway gave it; needed for a domain of your own.
 */
export function iamAuth(options: {
  credentials: CredentialsSource;
  region?: string | undefined;
}): Auth {
  const credentials = renewed(options.credentials);
  return {
    async authorize(request) {
      const { hostname } = new URL(request.url);
      const region = options.region ?? /\.execute-api\.([^.]+)/.exec(hostname)?.[1];
      if (!region) throw new RangeError(`iamAuth needs the region of ${hostname}`);
      return sign(request, region, await credentials());
    },
    hint: (_, message) =>
      /expired|not yet current/i.test(message)
        ? 'Is the clock right?'
        : /missing auth|no such/i.test(message)
          ? 'Is it deployed?'
          : /security token|signature/i.test(message)
            ? "Are account, region and address the API's?"
            : 'May their role invoke it (grantInvokeAccess)?',
  };
}

/**
 * Auth Cognito and Custom: sends a token with each request.
 *
 * @param token The token, or a function that gets it before each request; without one the request goes without.
 */
export function tokenAuth(token: () => string | undefined | Promise<string | undefined>): Auth {
  return {
    async authorize(request) {
      const value = await token();
      if (value) request.headers.set('authorization', `Bearer ${value}`);
      return request;
    },
    hint: (status) =>
      status === 401
        ? 'Was a token sent, is it one that the API takes, and is it still valid?'
        : 'The token was read, and its owner may not call this operation.',
  };
}

/** The credentials of who is signed in, renewed before they end. */
function renewed(source: CredentialsSource): () => Promise<Credentials> {
  // Not undefined, which is what a source without identities has.
  let owner: string | undefined | null = null;
  let session: () => Promise<Credentials>;
  return async () => {
    const who = JSON.stringify(await source.identity?.());
    if (who !== owner) session = renewing(source);
    owner = who;
    return session();
  };
}

/** Keeps credentials until they are about to end, and gets new ones once for all that ask at the same time. */
function renewing(source: CredentialsSource): () => Promise<Credentials> {
  let kept: Credentials | undefined;
  let pending: Promise<Credentials> | undefined;

  async function renew(): Promise<Credentials> {
    try {
      kept = await source();
    } catch (error) {
      // The old ones still serve for a while.
      if (!kept || left(kept) < 0) throw error;
    } finally {
      pending = undefined;
    }
    return kept;
  }

  return async () => {
    // Five minutes before their end.
    if (kept && left(kept) > 300_000) return kept;
    pending ??= renew();
    return pending;
  };
}

/** Milliseconds until credentials end. */
const left = ({ expiration = Infinity }: { expiration?: Date | number | undefined }): number =>
  (expiration as number) - Date.now();
