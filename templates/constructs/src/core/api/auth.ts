import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Annotations, Duration, Stack } from 'aws-cdk-lib';
import type { IUserPool, IUserPoolClient } from 'aws-cdk-lib/aws-cognito';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnPermission, type IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import {
  ApplicationUserPool,
  ApplicationUserPoolClient,
  type ApplicationUserPoolClientProps,
  type ApplicationUserPoolProps,
} from '../user-pool.js';
import type { LogOptions } from './access-logs.js';
import { type ApiFunction, bundleCode, createFunction } from './functions.js';
import { namedOutput } from './outputs.js';
import type { Rollout } from './rollout.js';
import type { ApiSettings } from './settings.js';
import { type ApiMetadata, type ApiType, invocationUri } from './utils.js';

/** The API that an authorizer is for. */
export interface AuthTarget {
  readonly scope: Construct;
  readonly apiType: ApiType;
  /** Which environment this is. */
  readonly environment: string;
  readonly metadata: ApiMetadata;
  /** ARN below the API: `authorizers/*`. */
  readonly arn: (resource: string) => string;
  /** The API's options of logs, which an authorizer's function has, too. */
  readonly logs: LogOptions;
  /** How calls get to a new version of an authorizer's function: as to those of the API's by default. */
  readonly rollout: Rollout | undefined;
  /** Told of an authorizer's function that is made. */
  readonly made: (lambda: ApiFunction) => void;
  /** What the app reads of its environment; its authorizer may, too. */
  readonly settings?: ApiSettings | undefined;
}

/** A security scheme of the body, and what an operation asks of it. */
export interface Security {
  readonly name: string;
  readonly scheme: object;
  readonly scopes: readonly string[];
}

/** Who may call an API. */
export interface ApiAuth {
  readonly method: 'IAM' | 'Cognito' | 'Custom' | 'None';
  /** The security of every operation without an authorizer of its own; none where anyone may call. */
  bind(target: AuthTarget): Security | undefined;
}

/** Callers sign their requests (Signature Version 4). */
export const iamSecurity: Security = {
  name: 'sigv4',
  scheme: {
    type: 'apiKey',
    name: 'Authorization',
    in: 'header',
    'x-amazon-apigateway-authtype': 'awsSigv4',
  },
  scopes: [],
};

/** Principals of AWS that have been granted it: `api.grantInvokeAccess(role)`. */
export const iamAuth = (_props: object = {}): ApiAuth => ({
  method: 'IAM',
  bind: () => iamSecurity,
});

/** Anyone on the internet, without a credential. */
export const noAuth = (_props: object = {}): ApiAuth => ({
  method: 'None',
  bind({ scope, metadata }) {
    Annotations.of(scope).addInfo(
      `${metadata.api.title} has no authorizer: anyone on the internet may call it.`,
    );
    return undefined;
  },
});

export interface CognitoAuthProps
  extends Pick<ApplicationUserPoolProps, 'mfa'>,
    Pick<ApplicationUserPoolClientProps, 'callbackUrls' | 'logoutUrls'> {
  /**
   * Pool whose users may call the API.
   *
   * @default a pool of the API's own, which stays when the stack goes
   */
  readonly userPool?: IUserPool;
  /**
   * Clients whose tokens an HTTP API accepts. A REST API accepts the tokens of every client of the pool.
   *
   * @default a client that is made for the API
   */
  readonly userPoolClients?: readonly IUserPoolClient[];
  /**
   * OAuth scopes, one of which a token must have. With scopes, only access tokens are accepted. Without, a REST API accepts ID
   * tokens alone, an HTTP API accepts both.
   *
   * @default none
   */
  readonly authorizationScopes?: readonly string[];
}

/** Users of an Amazon Cognito user pool, by a token in the header `Authorization`. */
export const cognitoAuth = (props: CognitoAuthProps): ApiAuth => ({
  method: 'Cognito',
  bind({ apiType, scope }) {
    const { mfa, callbackUrls, logoutUrls } = props;
    const userPool = props.userPool ?? new ApplicationUserPool(scope, 'UserPool', { mfa });
    const clients = props.userPoolClients ?? [
      new ApplicationUserPoolClient(scope, 'UserPoolClient', {
        userPool,
        callbackUrls,
        logoutUrls,
      }),
    ];
    if (props.userPool?.stack === Stack.of(scope)) {
      namedOutput(scope, 'UserPoolId', userPool.userPoolId, 'Pool whose users may call the API');
    }
    return {
      name: 'cognito',
      scheme:
        apiType === 'REST' ? cognitoRestScheme(userPool) : cognitoHttpScheme(userPool, clients),
      scopes: props.authorizationScopes ?? [],
    };
  },
});

const cognitoRestScheme = (userPool: IUserPool): object => ({
  type: 'apiKey',
  name: 'Authorization',
  in: 'header',
  'x-amazon-apigateway-authtype': 'cognito_user_pools',
  'x-amazon-apigateway-authorizer': {
    type: 'cognito_user_pools',
    providerARNs: [userPool.userPoolArn],
  },
});

function cognitoHttpScheme(userPool: IUserPool, clients: readonly IUserPoolClient[]): object {
  return {
    type: 'oauth2',
    'x-amazon-apigateway-authorizer': {
      type: 'jwt',
      identitySource: '$request.header.Authorization',
      jwtConfiguration: {
        issuer: `https://cognito-idp.${userPool.env.region}.amazonaws.com/${userPool.userPoolId}`,
        audience: clients.map((client) => client.userPoolClientId),
      },
    },
  };
}

export interface CustomAuthProps {
  /**
   * Lambda authorizer of your own.
   *
   * @default `authorizer.handler` of the API's Python module
   */
  readonly authorizerFunction?: IFunction;
  /**
   * How long API Gateway keeps an answer for the same token, up to an hour; zero asks for every request.
   *
   * @default Duration.minutes(5)
   */
  readonly authorizerCacheTtl?: Duration;
}

/** Whoever the Lambda authorizer allows, by the header `Authorization`; a request without it is refused unasked. */
export const customAuth = (props: CustomAuthProps = {}): ApiAuth => ({
  method: 'Custom',
  bind(target) {
    const lambda = props.authorizerFunction ?? authorizerFunction(target);
    new CfnPermission(target.scope, 'AuthorizerPermission', {
      action: 'lambda:InvokeFunction',
      functionName: lambda.functionArn,
      principal: new ServicePrincipal('apigateway.amazonaws.com').service,
      sourceArn: target.arn('authorizers/*'),
    });
    const ttl = (props.authorizerCacheTtl ?? Duration.minutes(5)).toSeconds();
    return {
      name: 'custom',
      scheme: {
        type: 'apiKey',
        name: 'Authorization',
        in: 'header',
        ...(target.apiType === 'REST' && { 'x-amazon-apigateway-authtype': 'custom' }),
        'x-amazon-apigateway-authorizer': {
          type: 'request',
          authorizerUri: invocationUri(target.scope, lambda),
          authorizerResultTtlInSeconds: ttl,
          ...(target.apiType === 'REST'
            ? { identitySource: 'method.request.header.Authorization' }
            : {
                identitySource: '$request.header.Authorization',
                authorizerPayloadFormatVersion: '2.0',
                enableSimpleResponses: false,
              }),
        },
      },
      scopes: [],
    };
  },
});

/** The handler of `<module>/authorizer.py`, which lies in the API's bundle and runs without the adapter. */
function authorizerFunction({
  scope,
  apiType,
  environment,
  metadata,
  logs,
  rollout,
  made,
  settings,
}: AuthTarget): IFunction {
  const { module, title } = metadata.api;
  const code = bundleCode(metadata);
  if (!existsSync(join(metadata.bundle, module, 'authorizer.py'))) {
    throw new Error(
      `customAuth needs ${module}/authorizer.py, which the bundle of ${title} lacks: write one with a handler(event, context) that answers with an IAM policy, as \`fastapi-lambda "${title}" --auth Custom\` does, and run the target bundle.`,
    );
  }
  const lambda = createFunction(scope, 'Authorizer', {
    metadata,
    apiType,
    environment,
    code,
    handler: `${module}.authorizer.handler`,
    timeout: Duration.seconds(10),
    options: { memorySize: 256, ...logs, ...(rollout && { rollout }) },
  });
  settings?.grantTo(lambda);
  made(lambda);
  return lambda.target;
}
