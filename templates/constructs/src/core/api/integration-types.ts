import type { Integration, MethodOptions } from 'aws-cdk-lib/aws-apigateway';
import type { HttpRouteIntegration, IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ApiFunctionOptions, ApiHandler } from './functions.js';

/** `isolated`: a function for each operation. `shared`: one function, the router, for all. */
export type IntegrationPattern = 'isolated' | 'shared';

/** Options of one route of an HTTP API. */
export interface RouteOptions {
  /** @default the API's authorizer */
  readonly authorizer?: IHttpRouteAuthorizer;
  /** OAuth scopes, one of which a token must have. @default none */
  readonly authorizationScopes?: string[];
}

/** What answers one operation of a REST API. */
export interface RestIntegration {
  readonly integration: Integration;
  readonly options?: MethodOptions;
}

/** What answers one operation of an HTTP API. */
export interface HttpIntegration {
  readonly integration: HttpRouteIntegration;
  readonly options?: RouteOptions;
}

export type AnyIntegration = RestIntegration | HttpIntegration;

/** A REST API's integrations by operation. */
export type RestIntegrations<Operation extends string> = Readonly<
  Record<Operation, RestIntegration>
>;

/** An HTTP API's integrations by operation. */
export type HttpIntegrations<Operation extends string> = Readonly<
  Record<Operation, HttpIntegration>
>;

/** A default integration: a Lambda function that runs the FastAPI app. */
export interface FunctionIntegration<Kind extends AnyIntegration> {
  readonly integration: Kind['integration'];
  readonly handler: ApiHandler;
  /** What callers invoke: the function's alias where it publishes versions, else the function. */
  readonly target: IFunction;
}

/** All integrations of an API: overrides as they were given, the others with the `handler` of their default function. */
export type BuiltIntegrations<
  Operation extends string,
  Pattern extends IntegrationPattern,
  Kind extends AnyIntegration,
  Overrides,
> = {
  readonly [K in Operation]: K extends keyof Overrides ? Overrides[K] : FunctionIntegration<Kind>;
} & ([Exclude<Operation, keyof Overrides>] extends [never]
  ? unknown
  : Pattern extends 'shared'
    ? { readonly $router: FunctionIntegration<Kind> }
    : unknown);

type Unknown<K> = `'${K & string}' is not an operation of this API`;

/** A sentence that the compiler shows. Values that are no objects have no intersection with a bare one. */
interface Refusal<Sentence extends string> {
  readonly refused: Sentence;
}

/** Keys of `T` that are not allowed, each with a sentence. */
type Refused<T, Allowed, Sentence extends string> = {
  readonly [K in Exclude<keyof T, Allowed>]: Refusal<`'${K & string}' ${Sentence}`>;
};

/** Options of functions alone. */
export type CheckedOptions<T> = Refused<
  T,
  keyof ApiFunctionOptions,
  'is not an option of a function'
>;

/** Options of functions by operation: of isolated functions, and not of operations that have an override. */
export type CheckedOperationOptions<
  T,
  Operation extends string,
  Pattern extends IntegrationPattern,
  Overridden,
> = {
  readonly [K in keyof T]: K extends Overridden
    ? `'${K & string}' has an override, which these options would not reach`
    : K extends Operation
      ? Pattern extends 'shared'
        ? `'${K & string}' shares its function: use withDefaultOptions, or the pattern isolated`
        : CheckedOptions<T[K]>
      : Unknown<K>;
};

type KindName<Kind> = Kind extends RestIntegration ? 'REST' : 'HTTP';

type CheckedIntegration<K, T, Kind extends AnyIntegration> = T extends {
  readonly integration: Kind['integration'];
}
  ? T extends { readonly options: infer Options }
    ? {
        readonly options: Refused<
          Options,
          keyof NonNullable<Kind['options']>,
          `is not an option of an operation of ${KindName<Kind>} APIs`
        >;
      }
    : unknown
  : T extends { readonly integration: unknown }
    ? `the integration of '${K & string}' is not one of ${KindName<Kind>} APIs`
    : `the override of '${K & string}' lacks its integration`;

/** Overrides by operation: not of operations that have options of their own. */
export type CheckedOverrides<T, Operation extends string, Kind extends AnyIntegration, Tuned> = {
  readonly [K in keyof T]: K extends Tuned
    ? `'${K & string}' has options of its function, which an override would drop`
    : K extends Operation
      ? CheckedIntegration<K, T[K], Kind>
      : Unknown<K>;
};

/** Integrations of a whole API, given by hand or built. */
export type CheckedIntegrations<T, Operation extends string, Kind extends AnyIntegration> = {
  readonly [K in keyof T]: K extends '$router'
    ? unknown
    : K extends Operation
      ? CheckedIntegration<K, T[K], Kind>
      : Unknown<K>;
};
