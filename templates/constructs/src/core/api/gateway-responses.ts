import { allowedHeaders, constantOrigin, isConstant, quoted, quotedAll } from './cors.js';
import type { CorsRule } from './utils.js';

/**
 * What a REST API answers by itself, without a function: refusals of an authorizer, throttling, failures, unknown paths. Without these
 * headers a browser hides the status from the page. A gateway response has no conditions: with several origins it echoes the
 * request's, and shows it nothing but the refusal.
 *
 * @param asksForSignatures Whether an operation has auth IAM.
 */
export function gatewayResponses(rule: CorsRule, asksForSignatures: boolean): object {
  const prefix = 'gatewayresponse.header.';
  const responseParameters = {
    [`${prefix}Access-Control-Allow-Origin`]: isConstant(rule)
      ? quoted(constantOrigin(rule))
      : 'method.request.header.Origin',
    ...quotedAll(
      {
        'Access-Control-Allow-Headers': (rule.headers.includes('*')
          ? allowedHeaders
          : rule.headers
        ).join(','),
        ...(rule.exposedHeaders.length > 0 && {
          'Access-Control-Expose-Headers': rule.exposedHeaders.join(','),
        }),
        ...(rule.credentials && { 'Access-Control-Allow-Credentials': 'true' }),
        Vary: 'Origin',
      },
      prefix,
    ),
  };
  return {
    DEFAULT_4XX: { responseParameters },
    DEFAULT_5XX: { responseParameters },
    ...unknownPaths(responseParameters, asksForSignatures),
  };
}

/**
 * API Gateway calls a path or method that it does not know a missing authentication token, as it does a request without a signature
 * where IAM asks for one: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html.
 * Where nothing asks for one, an unknown path is the only cause, and the answer is FastAPI's own. A token in `Authorization` is read
 * as a signature there, and a wrong one: https://github.com/aws/chalice/issues/828. AWS does not say which of the types that
 * answer has; where it is none of its own, it stays 403, since another status of DEFAULT_4XX would be that of every refusal.
 */
function unknownPaths(responseParameters: object, asksForSignatures: boolean): object {
  const answer = (statusCode: string, detail: string) => ({
    statusCode,
    responseParameters,
    responseTemplates: { 'application/json': JSON.stringify({ detail }) },
  });
  if (asksForSignatures) {
    return {
      MISSING_AUTHENTICATION_TOKEN: answer(
        '403',
        'There is no such path and method, or the request is not signed (AWS Signature Version 4).',
      ),
    };
  }
  const notFound = answer('404', 'Not Found');
  return { MISSING_AUTHENTICATION_TOKEN: notFound, INVALID_SIGNATURE: notFound };
}
