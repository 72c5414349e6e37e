import { LambdaIntegration, ResponseTransferMode } from 'aws-cdk-lib/aws-apigateway';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import {
  type ApiFunction,
  type ApiFunctionOptions,
  ApiFunctions,
  type ApiHandler,
  type Streams,
} from './functions.js';
import type {
  AnyIntegration,
  BuiltIntegrations,
  CheckedOperationOptions,
  CheckedOptions,
  CheckedOverrides,
  FunctionIntegration,
  HttpIntegration,
  IntegrationPattern,
  RestIntegration,
} from './integration-types.js';
import { type ApiMetadata, type ApiType, operationNames } from './utils.js';

export interface IntegrationBuilderProps<
  Operation extends string,
  Pattern extends IntegrationPattern,
> {
  /** Where the functions are made. */
  readonly scope: Construct;
  readonly metadata: ApiMetadata<Operation>;
  readonly pattern: Pattern;
}

/** A default integration, which the API writes into its body without binding it. */
export class DefaultIntegration<Kind extends AnyIntegration> implements FunctionIntegration<Kind> {
  readonly handler: ApiHandler;
  readonly target: IFunction;

  /** @param defaults Options of every function, before those of its own. */
  constructor(
    readonly lambda: ApiFunction,
    readonly integration: Kind['integration'],
    readonly defaults: ApiFunctionOptions,
  ) {
    this.handler = lambda.handler;
    this.target = lambda.target;
  }
}

interface State {
  readonly defaults: ApiFunctionOptions;
  readonly tuned: Readonly<Record<string, ApiFunctionOptions>>;
  readonly overrides: Readonly<Record<string, unknown>>;
}

/**
 * Decides what answers each operation of an API. Every method gives a new builder; `build` makes the functions.
 *
 * Options of a function come from three places, of which the later wins: the defaults, `withDefaultOptions`,
 * `withOperationOptions`. Environment variables are merged.
 */
export class IntegrationBuilder<
  Operation extends string,
  Pattern extends IntegrationPattern,
  Kind extends AnyIntegration,
  // biome-ignore lint/complexity/noBannedTypes: no override yet, so that no operation is a key of it
  Overrides = {},
  Tuned = never,
> {
  /** Default integrations of a REST API, whose responses stream. */
  static rest<Operation extends string, Pattern extends IntegrationPattern>(
    props: IntegrationBuilderProps<Operation, Pattern>,
  ): IntegrationBuilder<Operation, Pattern, RestIntegration> {
    return new IntegrationBuilder('REST', props);
  }

  /** Default integrations of an HTTP API. */
  static http<Operation extends string, Pattern extends IntegrationPattern>(
    props: IntegrationBuilderProps<Operation, Pattern>,
  ): IntegrationBuilder<Operation, Pattern, HttpIntegration> {
    return new IntegrationBuilder('HTTP', props);
  }

  private constructor(
    private readonly apiType: ApiType,
    private readonly props: IntegrationBuilderProps<Operation, Pattern>,
    private readonly state: State = { defaults: {}, tuned: {}, overrides: {} },
  ) {}

  /** Options of every default function: `withDefaultOptions({ vpc })`. */
  withDefaultOptions<T extends ApiFunctionOptions>(
    options: T & CheckedOptions<T>,
  ): IntegrationBuilder<Operation, Pattern, Kind, Overrides, Tuned> {
    return this.next({ defaults: merged(this.state.defaults, options) });
  }

  /** Options of single operations' functions: `withOperationOptions({ getItem: { memorySize: 1024 } })`. */
  withOperationOptions<T extends { readonly [K in keyof T]: ApiFunctionOptions }>(
    options: T & CheckedOperationOptions<T, Operation, Pattern, keyof Overrides>,
  ): IntegrationBuilder<Operation, Pattern, Kind, Overrides, Tuned | keyof T> {
    const tuned = { ...this.state.tuned };
    for (const [name, more] of Object.entries<ApiFunctionOptions>(options)) {
      tuned[name] = merged(own(tuned, name) ?? {}, more);
    }
    return this.next({ tuned });
  }

  /**
   * Other integrations for single operations, in place of the default ones. More properties are kept, with their types:
   * `withOverrides({ getFile: { bucket, integration } })`.
   */
  withOverrides<T extends object>(
    overrides: T & CheckedOverrides<T, Operation, Kind, Tuned>,
  ): IntegrationBuilder<Operation, Pattern, Kind, Omit<Overrides, keyof T> & T, Tuned> {
    return this.next({ overrides: { ...this.state.overrides, ...overrides } });
  }

  /** Makes the functions of all operations that have no override. */
  build(): BuiltIntegrations<Operation, Pattern, Kind, Overrides> {
    const { scope, metadata, pattern } = this.props;
    this.check();
    const defaults = operationNames(metadata).filter(
      (name) => !Object.hasOwn(this.state.overrides, name),
    );
    if (defaults.length === 0) return this.state.overrides as never;

    const streaming = (name: Operation) => metadata.operations[name].streaming;
    const options = (name: string) =>
      merged(this.state.defaults, own(this.state.tuned, name) ?? {});
    const functions =
      pattern === 'shared'
        ? { $router: { options: this.state.defaults, streams: streamsOf(defaults.map(streaming)) } }
        : Object.fromEntries(
            defaults.map((name) => [
              name,
              { options: options(name), streams: streamsOf([streaming(name)]) },
            ]),
          );
    const made = new ApiFunctions(scope, { apiType: this.apiType, metadata, functions }).functions;
    const integrations = Object.fromEntries(
      Object.entries(made).map(([name, lambda]) => [name, this.integrationOf(name, lambda)]),
    );
    const ofOperations = Object.fromEntries(
      defaults.map((name) => [name, integrations[pattern === 'shared' ? '$router' : name]]),
    );
    return { ...integrations, ...ofOperations, ...this.state.overrides } as never;
  }

  private next(
    state: Partial<State>,
    // biome-ignore lint/suspicious/noExplicitAny: each method states the type of what it gives
  ): IntegrationBuilder<Operation, Pattern, Kind, any, any> {
    return new IntegrationBuilder(this.apiType, this.props, { ...this.state, ...state });
  }

  /** What the types refuse already, for values that come from `any`. */
  private check(): void {
    const { metadata, pattern } = this.props;
    const { tuned, overrides } = this.state;
    for (const name of [...Object.keys(tuned), ...Object.keys(overrides)]) {
      if (!Object.hasOwn(metadata.operations, name)) {
        throw new Error(
          `'${name}' is not an operation of ${metadata.api.title}: ${operationNames(metadata).join(', ')}.`,
        );
      }
      if (Object.hasOwn(tuned, name) && Object.hasOwn(overrides, name)) {
        throw new Error(
          `'${name}' has an override, which the options of its function would not reach.`,
        );
      }
    }
    if (pattern === 'shared' && Object.keys(tuned).length > 0) {
      throw new Error(
        'A shared function has one set of options: use withDefaultOptions, or the pattern isolated.',
      );
    }
  }

  private integrationOf(name: string, lambda: ApiFunction): DefaultIntegration<Kind> {
    const integration =
      this.apiType === 'REST'
        ? new LambdaIntegration(lambda.target, {
            responseTransferMode: ResponseTransferMode.STREAM,
            timeout: lambda.timeout,
            scopePermissionToMethod: false,
          })
        : new HttpLambdaIntegration(name, lambda.target, { scopePermissionToRoute: false });
    return new DefaultIntegration<Kind>(lambda, integration, this.state.defaults);
  }
}

const streamsOf = (streaming: readonly boolean[]): Streams =>
  streaming.every(Boolean) ? 'all' : streaming.some(Boolean) ? 'some' : 'none';

/** What a record holds itself: an operation may be named like a property of every object, such as `constructor`. */
const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/** The later options win; environment variables of both are kept. */
function merged(first: ApiFunctionOptions, second: ApiFunctionOptions): ApiFunctionOptions {
  const environment = { ...first.environment, ...second.environment };
  return {
    ...first,
    ...second,
    ...(Object.keys(environment).length > 0 && { environment }),
  };
}
