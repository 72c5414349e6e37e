/** Statuses from 400 that HTTP knows (https://www.iana.org/assignments/http-status-codes), and that gateways and CDNs answer. */
export type ClientErrorStatus =
  | 400
  | 401
  | 402
  | 403
  | 404
  | 405
  | 406
  | 407
  | 408
  | 409
  | 410
  | 411
  | 412
  | 413
  | 414
  | 415
  | 416
  | 417
  | 418
  | 419
  | 420
  | 421
  | 422
  | 423
  | 424
  | 425
  | 426
  | 428
  | 429
  | 431
  | 440
  | 444
  | 449
  | 451
  | 460
  | 463
  | 494
  | 495
  | 496
  | 497
  | 498
  | 499;
/** Statuses from 500 that HTTP knows, and that gateways and CDNs answer. */
export type ServerErrorStatus =
  | 500
  | 501
  | 502
  | 503
  | 504
  | 505
  | 506
  | 507
  | 508
  | 509
  | 510
  | 511
  | 520
  | 521
  | 522
  | 523
  | 524
  | 525
  | 526
  | 527
  | 530
  | 561
  | 598
  | 599;
/** What an error's status may be. One that neither lists or declares can come all the same: keep a `default`. */
export type ErrorStatus = ClientErrorStatus | ServerErrorStatus;

/**
 * Why a call failed:
 *
 * - `status`: the API, or the gateway before it, answered with an error status;
 * - `unreachable`: there was no answer at all (no network, no server, or one that CORS keeps from the page);
 * - `broken`: an answer or a stream ended before its end, or is not what the API promises;
 * - `setup`: the request could not be made, since its address or its credentials were not to be had, or a parameter has no place in a
 *   path (see `cause`).
 */
export type ErrorReason = 'status' | 'unreachable' | 'broken' | 'setup';

/** What an error knows besides. */
export interface ErrorDetails<TStatus = number, TBody = unknown> {
  status?: TStatus;
  body?: TBody;
  correlationId?: string | undefined;
  cause?: unknown;
}

/**
 * What a call throws when it fails, except for an abort, which stays the `AbortError` that it is.
 *
 * `status` tells errors apart, and what `body` is: `if (error.status === 404) show(error.body)`.
 */
export class ApiError<
  TStatus extends number | undefined = number | undefined,
  TBody = unknown,
> extends Error {
  /** Status of the answer; undefined where there was no whole one. */
  declare readonly status: TStatus;
  /** Body of the answer: parsed JSON, else text. */
  declare readonly body: TBody;
  /** The API that was called: `my-api`. */
  declare readonly api: string;
  /** The operation that was called: `getItem`. */
  declare readonly operation: string;
  /** What the API's logs and traces know the request by, if an answer told it. */
  declare readonly correlationId: string | undefined;
  declare readonly reason: ErrorReason;

  constructor(
    api: string,
    operation: string,
    reason: ErrorReason,
    message: string,
    about: ErrorDetails<TStatus, TBody>,
  ) {
    super(`${operation}: ${message}`);
    Object.assign(this, about, { name: 'ApiError', api, operation, reason });
  }
}

/** The errors of an operation: one for each status that it declares, the other statuses, and no status. */
export type ApiErrorOf<TErrors> =
  | { [Status in keyof TErrors & number]: ApiError<Status, TErrors[Status]> }[keyof TErrors &
      number]
  | ApiError<Exclude<ErrorStatus, keyof TErrors>, unknown>
  | ApiError<undefined, undefined>;

/**
 * For `retry` of a QueryClient: three times where a repetition may help, and never what the API refused for good, or what a
 * `RangeError` says is missing or has no place in an address.
 *
 * @param failures How often the query has failed.
 */
export const retryUnlessRefused = (failures: number, error: unknown): boolean => {
  const { status, cause } = Object(error);
  // What was slow to come or asked too often may do a moment later.
  const mayHelp = /^(5|408|42[59]|un)/.test(`${status}`) && !(cause instanceof RangeError);
  return failures < 3 && mayHelp;
};
