import { RemovalPolicy } from 'aws-cdk-lib';
import { Mfa, UserPool } from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import { acknowledge } from './api/findings.js';

/**
 * Users who sign in with their address, a long password and an authenticator app. The pool outlives its stack: accounts can't be
 * made again.
 */
export class ApplicationUserPool extends UserPool {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      signInAliases: { email: true },
      passwordPolicy: {
        minLength: 12,
        requireDigits: true,
        requireLowercase: true,
        requireSymbols: true,
        requireUppercase: true,
      },
      mfa: Mfa.REQUIRED,
      mfaSecondFactor: { otp: true, sms: false },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(
      this,
      'AwsSolutions-COG8',
      'The plus plan, with its threat protection, is billed by user: it is a choice.',
    );
  }
}
