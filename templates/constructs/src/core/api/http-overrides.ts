import { Names } from 'aws-cdk-lib';
import {
  CfnAuthorizer,
  CfnIntegration,
  type CfnRoute,
  type HttpMethod,
  HttpRoute,
  type HttpRouteIntegration,
  HttpRouteKey,
  type IHttpApi,
  type IHttpRouteAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { CfnPermission, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { iamSecurity, type Security } from './auth.js';
import type { HttpIntegration } from './integration-types.js';
import { type OperationMetadata, operationId, pathsOf } from './utils.js';

/** An override as the body holds it. */
export interface HttpOverride {
  readonly integration: object;
  /** `inherit` where the override says nothing of auth. */
  readonly security: Security | 'inherit' | undefined;
}

export interface HttpOverrideTarget {
  readonly scope: Construct;
  readonly httpApi: IHttpApi;
  readonly authorizersArn: string;
}

const heldOptions = new Set(['authorizer', 'authorizationScopes']);

/** Integrations and authorizers that several operations share are made with the first. */
const integrations = new WeakMap<HttpRouteIntegration, object>();
const authorizers = new WeakMap<IHttpRouteAuthorizer, Omit<Security, 'scopes'>>();

/**
 * Translates an L2 integration and its authorizer. Both are bound to an L2 route of each path, for their permissions and roles;
 * the routes themselves stand in the body, so their resources are removed.
 */
export function bindHttpOverride(
  target: HttpOverrideTarget,
  name: string,
  operation: OperationMetadata,
  { integration, options = {} }: HttpIntegration,
): HttpOverride {
  const unknown = Object.keys(options).find((option) => !heldOptions.has(option));
  if (unknown) throw new Error(`The option ${unknown} of '${name}' is none of an HTTP API.`);
  const [override] = pathsOf(operation).map((path, index) => {
    const home = new Construct(
      target.scope,
      index === 0 ? operationId(name) : `${name}${index + 1}`,
    );
    const route = new HttpRoute(home, 'Route', {
      httpApi: target.httpApi,
      routeKey: HttpRouteKey.with(path, operation.method as HttpMethod),
      integration,
      ...(options.authorizer && { authorizer: options.authorizer }),
      ...(options.authorizationScopes && { authorizationScopes: options.authorizationScopes }),
    });
    const resource = route.node.defaultChild as CfnRoute;
    const security = securityOf(target, resource, options);
    route.node.tryRemoveChild(resource.node.id);
    return { integration: bodyIntegration(route, integration), security };
  });
  if (!override) throw new Error(`'${name}' has no route.`);
  return override;
}

const withoutUndefined = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html */
function bodyIntegration(route: HttpRoute, integration: HttpRouteIntegration): object {
  const known = integrations.get(integration);
  if (known) return known;
  const resource = route.node.findAll().find((child) => child instanceof CfnIntegration);
  if (!resource) throw new Error(`The integration of ${route.path} can't be held by the body.`);
  resource.node.scope?.node.tryRemoveChild(resource.node.id);
  const body = withoutUndefined({
    type: resource.integrationType.toLowerCase(),
    integrationSubtype: resource.integrationSubtype,
    httpMethod: resource.integrationMethod,
    uri: resource.integrationUri,
    connectionId: resource.connectionId,
    connectionType: resource.connectionType,
    credentials: resource.credentialsArn,
    payloadFormatVersion: resource.payloadFormatVersion,
    requestParameters: resource.requestParameters,
    responseParameters: resource.responseParameters,
    timeoutInMillis: resource.timeoutInMillis,
    tlsConfig: resource.tlsConfig,
  });
  integrations.set(integration, body);
  return body;
}

function securityOf(
  target: HttpOverrideTarget,
  route: CfnRoute,
  { authorizer, authorizationScopes = [] }: NonNullable<HttpIntegration['options']>,
): HttpOverride['security'] {
  if (!authorizer) return 'inherit';
  if (route.authorizationType === 'AWS_IAM') return iamSecurity;
  if (route.authorizationType === 'NONE') return undefined;
  const known = authorizers.get(authorizer) ?? authorizerScheme(target, authorizer);
  authorizers.set(authorizer, known);
  return { ...known, scopes: authorizationScopes };
}

/** An authorizer's resource would refer to the API, whose body refers to it: it becomes a scheme of the body. */
function authorizerScheme(
  target: HttpOverrideTarget,
  authorizer: IHttpRouteAuthorizer,
): Omit<Security, 'scopes'> {
  const { authorizer: construct, handler } = authorizer as unknown as {
    authorizer?: Construct & { authorizerId: string };
    handler?: IFunction;
  };
  const resource = construct?.node.findAll().find((child) => child instanceof CfnAuthorizer);
  if (!construct || !resource) {
    throw new Error(
      "The API's body holds only authorizers that are made in this app: HttpUserPoolAuthorizer, HttpJwtAuthorizer, HttpLambdaAuthorizer, HttpIamAuthorizer or HttpNoneAuthorizer.",
    );
  }
  const name = Names.uniqueResourceName(construct, { maxLength: 64 });
  for (const child of handler?.node.root.node.findAll() ?? []) {
    if (child instanceof CfnPermission && child.sourceArn?.includes(construct.authorizerId)) {
      child.sourceArn = target.authorizersArn;
    }
  }
  resource.node.scope?.node.tryRemoveChild(resource.node.id);
  const { identitySource, jwtConfiguration } = resource;
  const scheme =
    resource.authorizerType === 'JWT'
      ? {
          type: 'oauth2',
          'x-amazon-apigateway-authorizer': {
            type: 'jwt',
            identitySource: identitySource?.join(','),
            jwtConfiguration,
          },
        }
      : {
          type: 'apiKey',
          name: 'Authorization',
          in: 'header',
          'x-amazon-apigateway-authorizer': withoutUndefined({
            type: 'request',
            identitySource: identitySource?.join(','),
            authorizerUri: resource.authorizerUri,
            authorizerCredentials: resource.authorizerCredentialsArn,
            authorizerPayloadFormatVersion: resource.authorizerPayloadFormatVersion,
            authorizerResultTtlInSeconds: resource.authorizerResultTtlInSeconds,
            enableSimpleResponses: resource.enableSimpleResponses,
          }),
        };
  return { name, scheme };
}
