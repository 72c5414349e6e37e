/** Writes the body of a request: its media type, unless the body itself tells it, and what is sent. */
export type BodyWriter = (body: unknown) => [type: string | undefined, body: BodyInit];

export const jsonBody: BodyWriter = (body) => ['application/json', JSON.stringify(body)];

/** Bytes or text as they are. */
export const rawBody: BodyWriter = (body) => ['application/octet-stream', body as BodyInit];

/** A form that may hold files. */
export const multipartBody: BodyWriter = (body) => {
  const data = new FormData();
  for (const [name, value] of fields(body))
    data.append(name, value instanceof Blob ? value : textOf(value));
  return [undefined, data];
};

/** A form as browsers send one without files. */
export const urlencodedBody: BodyWriter = (body) => {
  const data = new URLSearchParams();
  for (const [name, value] of fields(body)) data.append(name, textOf(value));
  return [undefined, data];
};

/** The fields of a form: each member of a list is one, and what is not there is none. */
const fields = (body: unknown): [string, unknown][] =>
  Object.entries(Object(body)).flatMap(([name, value]) =>
    [value].flat().flatMap((one): [string, unknown][] => (one == null ? [] : [[name, one]])),
  );

const textOf = (value: unknown): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value);
