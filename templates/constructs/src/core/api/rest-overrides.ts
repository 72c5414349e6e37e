import { Names } from 'aws-cdk-lib';
import {
  AuthorizationType,
  CfnAuthorizer,
  type CfnMethod,
  type IAuthorizer,
  type IRestApi,
  Method,
  type MethodOptions,
  type MethodResponse,
  Resource,
} from 'aws-cdk-lib/aws-apigateway';
import { CfnPermission, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { iamSecurity, type Security } from './auth.js';
import type { RestIntegration } from './integration-types.js';
import { type OperationMetadata, operationId, pathsOf } from './utils.js';

/** An override as the body holds it. */
export interface RestOverride {
  readonly integration: object;
  readonly method: object;
  readonly parameters: readonly object[];
  /** `inherit` where the override says nothing of auth. */
  readonly security: Security | 'inherit' | undefined;
}

/** Where overrides are bound: the L2 constructs want an API, a stage, and permissions that name neither. */
export interface RestOverrideTarget {
  readonly scope: Construct;
  readonly restApi: IRestApi;
  readonly authorizersArn: string;
}

type Integration = CfnMethod.IntegrationProperty;

/** What a method of the body can hold; `Method` has more. */
const heldOptions = new Set<string>([
  'apiKeyRequired',
  'authorizationScopes',
  'authorizationType',
  'authorizer',
  'methodResponses',
  'operationName',
  'requestParameters',
  'requestValidatorOptions',
]);

/**
 * Translates an L2 integration and its method options. The integration is bound to an L2 method of each path in the API's own
 * stack, for its permissions and roles; the methods themselves stand in the body, so their resources are removed.
 */
export function bindRestOverride(
  target: RestOverrideTarget,
  name: string,
  operation: OperationMetadata,
  { integration, options = {} }: RestIntegration,
): RestOverride {
  const dropped = Object.entries(options).find(
    ([option, value]) => value !== undefined && !heldOptions.has(option),
  );
  if (dropped) {
    throw new Error(
      `The option ${dropped[0]} of '${name}' can't be held by the API's body, which has no models${dropped[0] === 'requestValidator' ? ': use requestValidatorOptions' : ''}.`,
    );
  }
  const { authorizer, authorizationScopes, requestValidatorOptions, ...methodOptions } = options;
  const [resource] = pathsOf(operation).map((path, index) => {
    const home = new Construct(
      target.scope,
      index === 0 ? operationId(name) : `${name}${index + 1}`,
    );
    const method = new Method(home, 'Method', {
      httpMethod: operation.method,
      resource: Resource.fromResourceAttributes(home, 'Resource', {
        restApi: target.restApi,
        resourceId: 'in-the-body',
        path,
      }),
      integration,
      options: authorizer ? { ...methodOptions, authorizationType: undefined } : methodOptions,
    });
    const made = method.node.defaultChild as CfnMethod;
    method.node.tryRemoveChild(made.node.id);
    return made;
  });
  if (!resource) throw new Error(`'${name}' has no route.`);
  return {
    integration: bodyIntegration(resource.integration as Integration),
    method: {
      ...(options.operationName !== undefined && { operationId: options.operationName }),
      ...(options.methodResponses && { responses: bodyResponses(options.methodResponses, name) }),
      ...(requestValidatorOptions && {
        'x-amazon-apigateway-request-validator': validatorName(requestValidatorOptions),
      }),
    },
    parameters: Object.entries(options.requestParameters ?? {}).map(bodyParameter),
    security: securityOf(target, options, authorizer),
  };
}

const withoutUndefined = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html */
function bodyIntegration(integration: Integration): object {
  const { integrationHttpMethod, integrationResponses, type, passthroughBehavior, ...same } =
    integration;
  const responses = (integrationResponses ??
    []) as readonly CfnMethod.IntegrationResponseProperty[];
  return withoutUndefined({
    ...same,
    type: type?.toLowerCase(),
    httpMethod: integrationHttpMethod,
    passthroughBehavior: passthroughBehavior?.toLowerCase(),
    responses:
      responses.length === 0
        ? undefined
        : Object.fromEntries(
            responses.map(({ selectionPattern, ...response }) => [
              selectionPattern ?? 'default',
              withoutUndefined(response),
            ]),
          ),
  });
}

function bodyResponses(responses: readonly MethodResponse[], name: string): object {
  return Object.fromEntries(
    responses.map(({ statusCode, responseParameters, responseModels }) => {
      if (responseModels) {
        throw new Error(
          `The responseModels of '${name}' can't be held by the API's body, which has no models.`,
        );
      }
      const headers = Object.keys(responseParameters ?? {}).map((parameter) => [
        parameter.replace('method.response.header.', ''),
        { schema: { type: 'string' } },
      ]);
      return [
        statusCode,
        {
          description: 'Response',
          ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
        },
      ];
    }),
  );
}

/** `method.request.querystring.fileName` */
function bodyParameter([parameter, required]: [string, boolean]): object {
  const [, , place = '', ...name] = parameter.split('.');
  return {
    name: name.join('.'),
    in: place === 'querystring' ? 'query' : place,
    required: place === 'path' || required,
    schema: { type: 'string' },
  };
}

type ValidatorOptions = NonNullable<MethodOptions['requestValidatorOptions']>;

/** Validators that a method may name; see `requestValidators`. */
const validatorName = (options: ValidatorOptions): string =>
  options.validateRequestParameters ? 'parameters' : 'none';

export const requestValidators = {
  parameters: { validateRequestBody: false, validateRequestParameters: true },
  none: { validateRequestBody: false, validateRequestParameters: false },
};

function securityOf(
  target: RestOverrideTarget,
  options: MethodOptions,
  authorizer: IAuthorizer | undefined,
): RestOverride['security'] {
  if (authorizer) return authorizerSecurity(target, authorizer, options.authorizationScopes ?? []);
  if (options.authorizationType === AuthorizationType.IAM) return iamSecurity;
  if (options.authorizationType === AuthorizationType.NONE) return undefined;
  return 'inherit';
}

/** Schemes of authorizers that several operations, or APIs, share. */
const schemes = new WeakMap<IAuthorizer, object>();

/** An authorizer's resource would refer to the API, whose body refers to it: it becomes a scheme of the body. */
function authorizerSecurity(
  target: RestOverrideTarget,
  authorizer: IAuthorizer,
  scopes: readonly string[],
): Security {
  const construct = authorizer as unknown as Construct & { handler?: IFunction };
  const scheme = schemes.get(authorizer) ?? authorizerScheme(target, construct);
  schemes.set(authorizer, scheme);
  return { name: Names.uniqueResourceName(construct, { maxLength: 64 }), scheme, scopes };
}

function authorizerScheme(
  target: RestOverrideTarget,
  authorizer: Construct & { handler?: IFunction; authorizerArn?: string },
): object {
  const resource = authorizer.node?.findAll().find((child) => child instanceof CfnAuthorizer);
  if (!resource) {
    throw new Error(
      "The API's body holds only authorizers that are made in this app: CognitoUserPoolsAuthorizer, TokenAuthorizer or RequestAuthorizer.",
    );
  }
  for (const child of authorizer.handler?.node.findAll() ?? []) {
    if (child instanceof CfnPermission && child.sourceArn === authorizer.authorizerArn) {
      child.sourceArn = target.authorizersArn;
    }
  }
  resource.node.scope?.node.tryRemoveChild(resource.node.id);
  const type = resource.type.toLowerCase();
  const identitySource = resource.identitySource ?? 'method.request.header.Authorization';
  return {
    type: 'apiKey',
    name: /^method\.request\.header\.([^,]+)$/.exec(identitySource)?.[1] ?? 'Unused',
    in: 'header',
    'x-amazon-apigateway-authtype': type === 'cognito_user_pools' ? type : 'custom',
    'x-amazon-apigateway-authorizer': withoutUndefined({
      type,
      identitySource: type === 'request' ? identitySource : undefined,
      providerARNs: resource.providerArns,
      authorizerUri: resource.authorizerUri,
      authorizerCredentials: resource.authorizerCredentials,
      authorizerResultTtlInSeconds: resource.authorizerResultTtlInSeconds,
      identityValidationExpression: resource.identityValidationExpression,
    }),
  };
}
