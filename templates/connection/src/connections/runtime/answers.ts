/** Reads what an operation answers. */
export type AnswerReader = (response: Response) => Promise<unknown>;

/** JSON; null where there is nothing, as of status 204. */
export const jsonAnswer: AnswerReader = async (response) => {
  const text = await response.text();
  return text ? JSON.parse(text) : null;
};

/** Text of any kind. */
export const textAnswer: AnswerReader = (response) => response.text();

/** A file, an image, or any other bytes. */
export const blobAnswer: AnswerReader = (response) => response.blob();

/** What the document doesn't describe: JSON, text or bytes by what the answer says of itself. */
export const anyAnswer: AnswerReader = (response) => {
  const type = response.headers.get('content-type') ?? '';
  if (/json/.test(type) || !type) return jsonAnswer(response);
  return type.startsWith('text/') ? response.text() : response.blob();
};
