import type { Stack, StackProps } from 'aws-cdk-lib';
import type { IUserPool } from 'aws-cdk-lib/aws-cognito';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';

/** What the stage hands to the stack of every API. An API takes what it needs, and leaves the rest. */
export interface ApiStackProps extends StackProps {
  /** Pool whose users may call the APIs with Cognito. @default a pool for each of them, in its stack */
  readonly userPool?: IUserPool;
  /** Network for the functions. @default none */
  readonly vpc?: IVpc;
}

/** The stack of an API, as the stage makes it. */
export type ApiStackClass = new (scope: Construct, id: string, props: ApiStackProps) => Stack;
