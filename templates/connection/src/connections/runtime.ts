/** What the clients of this website's APIs share. */
export { anyAnswer, blobAnswer, textAnswer } from './runtime/answers';
export { type Credentials, type CredentialsSource, iamAuth, tokenAuth } from './runtime/auth';
export { jsonBody, multipartBody, rawBody, urlencodedBody } from './runtime/bodies';
export { createClient, type OperationTable } from './runtime/client';
export { cognitoIdentity, type IdentityPool, type Logins } from './runtime/cognito';
export { type ApiConfig, type RuntimeConfig, runtimeConfig } from './runtime/config';
export {
  ApiError,
  type ApiErrorOf,
  type ClientErrorStatus,
  type ErrorReason,
  type ErrorStatus,
  retryUnlessRefused,
  type ServerErrorStatus,
} from './runtime/errors';
export { createMock, type MockHandlers } from './runtime/mock';
export type {
  Auth,
  CallOptions,
  Connection,
  ConnectionSource,
  OperationCall,
} from './runtime/request';
export { eventData, jsonLines, type ServerSentEvent, serverSentEvents } from './runtime/streams';
export type {
  Arguments,
  Client,
  InfiniteQueryOptions,
  Key,
  MutationOperation,
  OperationTypes,
  QueryOperation,
  QueryOptions,
  StreamOperation,
} from './runtime/types';
