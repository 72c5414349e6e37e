/** Writes the body of a request: its media type, unless the body itself tells it, and what is sent. */
export type BodyWriter = (body: unknown) => [type: string | undefined, body: BodyInit];

export const jsonBody: BodyWriter = (body) => ['application/json', JSON.stringify(body)];

/** Bytes or text as they are. */
export const rawBody: BodyWriter = (body) => ['application/octet-stream', body as BodyInit];

/** A form that may hold files. */
export const multipartBody: BodyWriter = (body) => {
  const data = new FormData();
  for (const [name, value] of pairs(body as object))
    data.append(name, value instanceof Blob ? value : String(value));
  return [undefined, data];
};

/** A form as browsers send one without files. */
export const urlencodedBody: BodyWriter = (body) => {
  const data = new URLSearchParams();
  for (const [name, value] of pairs(body as object)) data.append(name, String(value));
  return [undefined, data];
};

/** Names and values as forms and queries have them: each member of a list is one, and what is not there is none. */
export const pairs = (values: object): [string, unknown][] =>
  Object.entries(values).flatMap(([name, value]) =>
    [value]
      .flat()
      .filter((one) => one != null)
      .map((one): [string, unknown] => [name, one]),
  );
