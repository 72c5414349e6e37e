/** A server-sent event, of an operation that yields `ServerSentEvent` in Python. */
export interface ServerSentEvent {
  /** As it was sent: JSON text, unless the operation sends `raw_data`. */
  data: string;
  /** Kind of the event; `message` where the server names none. */
  event: string;
  /** Id of this event, or else of the last one that had one. */
  id: string;
  /** Milliseconds to wait before connecting again, if the server says so. */
  retry?: number | undefined;
}

/**
 * Reads a body, and hands over what came together as one batch.
 *
 * Ends the connection when the reader ends early, which is what stops a server; Lambda goes on.
 *
 * @throws After all that came whole, when the end is missing.
 */
export type StreamReader = (body: ReadableStream<Uint8Array>) => AsyncGenerator<unknown[]>;

/** Takes the lines that came of a stream, and at its end what follows the last of them; pushes what is whole, and throws after it. */
type Parser = (lines: string[], push: (chunk: unknown) => void, last: string | false) => void;

const reader = (start: () => Parser): StreamReader =>
  async function* (body) {
    // A reader, since browsers and libraries that are in use lack iteration of streams.
    const source = body.getReader();
    const decoder = new TextDecoder();
    const parse = start();
    let rest = '';
    /** The LF of a CR that ended the text before. */
    let mark: RegExp | '' = '';
    try {
      for (;;) {
        const { done, value } = await source.read();
        const batch: unknown[] = [];
        try {
          const text: string = decoder.decode(value, { stream: !done }).replace(mark, '');
          mark = text.endsWith('\r') ? /^\n/ : '';
          rest += text;
          // Not before a line ends: one of many pieces would be read again with each.
          const lines = /[\r\n]/.test(text) ? rest.split(/\r\n?|\n/) : [rest];
          rest = lines.pop() as string;
          parse(lines, (chunk) => batch.push(chunk), done && rest.trim());
        } finally {
          // Before what is no JSON, such as words of a gateway or half of a chunk, ends the stream.
          if (batch.length > 0) yield batch;
        }
        if (done) return;
      }
    } finally {
      // Not awaited: it only tells the other side, and rejects where the stream has failed already.
      source.cancel().catch(() => null);
    }
  };

/** Reads JSON Lines. */
export const jsonLines: StreamReader = /* @__PURE__ */ reader(() => (lines, push, last) => {
  for (const line of lines) if (line.trim()) push(JSON.parse(line));
  // Half of a number is a number too, so that a last line without its end counts only if it closes itself.
  if (last) push(JSON.parse(/^[[{"]/.test(last) ? last : ''));
});

/** https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
const events = (chunkOf: (event: ServerSentEvent) => unknown): StreamReader =>
  reader(() => {
    let data: string[] = [];
    let id = '';
    let event: string | undefined;
    let retry: number | undefined;
    return (lines, push, last) => {
      for (const line of lines) {
        const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) as string[];
        if (field === 'data') data.push(value);
        if (field === 'event') event = value;
        if (field === 'id' && !value.includes('\0')) id = value;
        if (field === 'retry' && /^\d+$/.test(value)) retry = Number(value);
        if (line) continue;
        if (data.length > 0)
          push(chunkOf({ data: data.join('\n'), event: event || 'message', id, retry }));
        data = [];
        event = undefined;
        retry = undefined;
      }
      if (last || (data.length > 0 && last === '')) throw new SyntaxError();
    };
  });

/** Reads server-sent events. */
export const serverSentEvents: StreamReader = /* @__PURE__ */ events((event) => event);

/** Reads the JSON that server-sent events carry. */
export const eventData: StreamReader = /* @__PURE__ */ events(({ data }) => JSON.parse(data));

/**
 * Collects a stream for something that draws it: the first chunks at once, later ones a frame at most after they came, so that
 * many small chunks don't cost a rendering each.
 *
 * @param show Gets all chunks so far, as a new array.
 * @returns All chunks.
 */
export async function collect<TChunk>(
  batches: AsyncIterable<TChunk[]>,
  show: (chunks: TChunk[]) => void,
  signal: AbortSignal,
): Promise<TChunk[]> {
  const chunks: TChunk[] = [];
  let shown = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (signal.aborted || shown === chunks.length) return;
    shown = chunks.length;
    show(chunks.slice());
  };
  try {
    for await (const batch of batches) {
      for (const chunk of batch) chunks.push(chunk);
      // A frame is about 16 ms.
      timer ??= setTimeout(flush, shown && 16);
    }
  } finally {
    flush();
  }
  return chunks;
}
