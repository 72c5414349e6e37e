import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccountRecovery,
  type IUserPool,
  Mfa,
  OAuthScope,
  UserPool,
  UserPoolClient,
} from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import { acknowledge } from './api/findings.js';
import { namedOutput } from './api/outputs.js';

export interface ApplicationUserPoolProps {
  /** Whether users sign in with an authenticator app as well: `REQUIRED`, `OPTIONAL` or `OFF`. @default 'REQUIRED' */
  readonly mfa?: keyof typeof Mfa;
  /** Whether anybody may sign up, and not administrators alone. @default false */
  readonly selfSignUp?: boolean;
}

/**
 * Users who sign in with their address, a long password and an authenticator app. The pool outlives its stack: accounts can't be
 * made again.
 */
export class ApplicationUserPool extends UserPool {
  constructor(scope: Construct, id: string, props: ApplicationUserPoolProps = {}) {
    const { mfa = 'REQUIRED', selfSignUp = false } = props;
    super(scope, id, {
      signInAliases: { email: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      selfSignUpEnabled: selfSignUp,
      passwordPolicy: {
        minLength: 12,
        requireDigits: true,
        requireLowercase: true,
        requireSymbols: true,
        requireUppercase: true,
        tempPasswordValidity: Duration.days(7),
      },
      mfa: Mfa[mfa],
      ...(mfa !== 'OFF' && { mfaSecondFactor: { otp: true, sms: false } }),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    namedOutput(this, 'Id', this.userPoolId, 'User pool');
    acknowledge(
      this,
      'AwsSolutions-COG8',
      'The plus plan, with its threat protection, is billed by user: it is a choice.',
    );
    if (mfa !== 'REQUIRED') {
      acknowledge(
        this,
        'AwsSolutions-COG2',
        'Whether users need a second factor is a choice: mfa.',
      );
    }
  }
}

export interface ApplicationUserPoolClientProps {
  readonly userPool: IUserPool;
  /**
   * Addresses that the pool's own pages lead back to after a sign-in, for the authorization code flow. The pool needs a domain
   * for them: `userPool.addDomain`.
   *
   * @default none: users sign in by the Secure Remote Password protocol alone
   */
  readonly callbackUrls?: readonly string[];
  /** Addresses that the pool's own pages lead back to after a sign-out. @default none */
  readonly logoutUrls?: readonly string[];
}

/**
 * A client for browsers and scripts, which can keep no secret. Users sign in by the Secure Remote Password protocol, or by the
 * authorization code flow, which takes PKCE of a client without a secret. Answers do not tell whether an account exists.
 */
export class ApplicationUserPoolClient extends UserPoolClient {
  constructor(scope: Construct, id: string, props: ApplicationUserPoolClientProps) {
    const { userPool, callbackUrls = [], logoutUrls = [] } = props;
    super(scope, id, {
      userPool,
      generateSecret: false,
      preventUserExistenceErrors: true,
      authFlows: { userSrp: true },
      ...(callbackUrls.length === 0
        ? { disableOAuth: true }
        : {
            oAuth: {
              flows: { authorizationCodeGrant: true },
              scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.PROFILE],
              callbackUrls: [...callbackUrls],
              logoutUrls: [...logoutUrls],
            },
          }),
    });
    namedOutput(this, 'Id', this.userPoolClientId, 'Client that users of the pool sign in by');
  }
}
