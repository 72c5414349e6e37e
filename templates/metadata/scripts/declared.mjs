/** What the operations of an OpenAPI document declare of their requests and answers, as far as API Gateway has to know it. */

/** OpenAPI ignores parameters of these names, so that API Gateway would warn about them. */
const ignoredHeaders = new Set(['accept', 'authorization', 'content-type']);

/**
 * Names that API Gateway takes for a parameter: `filter[a]` fails the import of a REST API's body. Measured, since no page of AWS
 * says so: https://github.com/api-platform/api-platform/issues/2150, https://github.com/floci-io/floci/pull/3549
 */
const parameterName = /^[a-zA-Z0-9:._$-]+$/;

/** Names of headers by RFC 9110, but for the mark that ends a constant in API Gateway's mappings. */
const headerName = /^[A-Za-z0-9!#$%&*+.^_`|~-]+$/;

/** Media types that are text, whose bodies survive as such. */
const textTypes =
  /^(text\/.+|application\/(json|jsonl|x-ndjson|xml|yaml|x-yaml|javascript|graphql|x-www-form-urlencoded)|.+\+(json|xml|yaml))$/;

/**
 * Query parameters and headers that a request must have; the others make no difference to API Gateway.
 *
 * @param {any} operation
 * @returns {object[]} As the body of a REST API holds them.
 */
export const requiredParameters = (operation) =>
  (operation.parameters ?? [])
    .filter(
      (parameter) =>
        parameter.required &&
        parameterName.test(parameter.name) &&
        (parameter.in === 'query' ||
          (parameter.in === 'header' && !ignoredHeaders.has(parameter.name.toLowerCase()))),
    )
    .map((parameter) => bodyParameter(parameter.name, parameter.in));

export const bodyParameter = (name, place) => ({
  name,
  in: place,
  required: true,
  schema: { type: 'string' },
});

/**
 * What the operations declare together; a list that would be empty is missing.
 *
 * @param {any} document For its security schemes.
 * @param {any[]} operations
 * @returns {{requestHeaders?: string[], responseHeaders?: string[], binaryMediaTypes?: string[]}}
 *   Headers that clients send, keys of security schemes included, and headers of answers, both for browsers' sake; media types of
 *   request bodies that are no text.
 */
export function declaredBy(document, operations) {
  const schemes = document.components?.securitySchemes ?? {};
  const sent = operations.flatMap((operation) => [
    ...(operation.parameters ?? []),
    ...(operation.security ?? document.security ?? []).flatMap((requirement) =>
      Object.keys(requirement).map((name) => schemes[name] ?? {}),
    ),
  ]);
  const answers = operations.flatMap((operation) => Object.values(operation.responses ?? {}));
  const bodies = operations.flatMap((operation) =>
    Object.keys(operation.requestBody?.content ?? {}),
  );
  const lists = {
    requestHeaders: headers(
      sent
        .filter((each) => each.in === 'header')
        .map(({ name }) => name)
        .filter((name) => !ignoredHeaders.has(name.toLowerCase())),
    ),
    responseHeaders: headers(answers.flatMap((answer) => Object.keys(answer.headers ?? {}))),
    binaryMediaTypes: sorted(
      bodies
        .map((type) => type.split(';')[0].trim().toLowerCase())
        .filter((type) => type.includes('/') && !textTypes.test(type)),
    ),
  };
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}

const headers = (names) => sorted(names.filter((name) => headerName.test(name)));

/** Each once, whatever its case. */
const sorted = (names) =>
  [...new Map(names.map((name) => [name.toLowerCase(), name])).entries()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, name]) => name);
