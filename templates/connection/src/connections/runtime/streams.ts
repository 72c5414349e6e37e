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
 * Ends the connection when the reader ends early, which is what stops the server.
 *
 * @throws After all that came whole, when the end is missing.
 */
export type StreamReader = (body: ReadableStream<Uint8Array>) => AsyncGenerator<unknown[]>;

/** Takes what came of a stream; pushes what is whole, and tells whether the rest is still good. */
type Parser = (text: string, end: boolean, push: (chunk: unknown) => void) => boolean;

const reader = (start: () => Parser): StreamReader =>
  async function* (body) {
    // A reader, since browsers and libraries that are in use lack iteration of streams.
    const source = body.getReader();
    const decoder = new TextDecoder();
    const parse = start();
    try {
      for (;;) {
        const { done, value } = await source.read();
        const batch: unknown[] = [];
        let good = false;
        try {
          good = parse(decoder.decode(value, { stream: !done }), done, (chunk) =>
            batch.push(chunk),
          );
        } catch {
          // What is no JSON are words of a gateway, or half of a chunk.
        }
        if (batch.length > 0) yield batch;
        if (!good) throw new Error('A chunk is not whole');
        if (done) return;
      }
    } finally {
      // Not awaited: it only tells the other side, and rejects where the stream has failed already.
      source.cancel().catch(() => null);
    }
  };

/** Reads JSON Lines. */
export const jsonLines: StreamReader = /* @__PURE__ */ reader(() => {
  let rest = '';
  return (text, end, push) => {
    const lines = text.split('\n');
    lines[0] = rest + lines[0];
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim()) push(JSON.parse(line));
    if (!end || !rest.trim()) return true;
    // Half of a number is a number too, so that a last line without its end counts only if it closes itself.
    push(JSON.parse(/^\s*[[{"]/.test(rest) ? rest : ''));
    return true;
  };
});

/** https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
const events = (chunkOf: (event: ServerSentEvent) => unknown): StreamReader =>
  reader(() => {
    let rest = '';
    let data: string[] = [];
    let id = '';
    let event: string | undefined;
    let retry: number | undefined;
    return (text, end, push) => {
      // A CR at the end waits for the next text, which may begin with its LF.
      const lines = (rest + text).split(end ? /\r\n|\n|\r/ : /\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
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
      return !end || (data.length === 0 && !rest.trim());
    };
  });

/** Reads server-sent events. */
export const serverSentEvents: StreamReader = /* @__PURE__ */ events((event) => event);

/** Reads the JSON that server-sent events carry. */
export const eventData: StreamReader = /* @__PURE__ */ events(({ data }) => JSON.parse(data));

/** Shortest time between two hand-overs of chunks in milliseconds: about one frame. */
const frame = 16;

/**
 * Collects a stream for something that draws it: the first chunks at once, later ones a frame at most after they came, so that
 * many small chunks don't cost a rendering each.
 *
 * @param show Gets all chunks so far, as a new array.
 * @returns All chunks.
 */
export async function collect<Chunk>(
  batches: AsyncIterable<Chunk[]>,
  show: (chunks: Chunk[]) => void,
  signal: AbortSignal,
): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  let shown = 0;
  let last = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (signal.aborted || shown === chunks.length) return;
    shown = chunks.length;
    last = Date.now();
    show(chunks.slice());
  };
  try {
    for await (const batch of batches) {
      chunks.push(...batch);
      const wait = last + frame - Date.now();
      if (wait <= 0) flush();
      else timer ??= setTimeout(flush, wait);
    }
  } finally {
    flush();
  }
  return chunks;
}
