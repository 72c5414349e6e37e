/** A server-sent event, of an operation that yields `ServerSentEvent` in Python. */
export interface ServerSentEvent {
  /** As it was sent: JSON text, unless the operation sends `raw_data`. */
  data: string;
  /** Kind of the event; `message` where the server names none. */
  event: string;
  /** Id of this event, or else of the last one that had one. */
  id: string;
  /** Milliseconds to wait before connecting again, if the server says so. */
  retry?: number;
}

/** How a stream is framed: JSON Lines, JSON in server-sent events, or the events themselves. */
export type StreamFormat = 'jsonl' | 'sse-data' | 'sse';

/** The stream ended before its end. */
export class BrokenStream extends Error {}

/**
 * Reads a body, and hands over what came together as one batch.
 *
 * Ends the connection when the reader ends early, which is what stops the server.
 *
 * @throws {BrokenStream} After all that came whole, when the end is missing.
 */
export async function* readStream(body: ReadableStream<Uint8Array>, format: StreamFormat): AsyncGenerator<unknown[]> {
  // A reader, since browsers and libraries that are in use lack iteration of streams.
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parse = format === 'jsonl' ? jsonLines() : events(format === 'sse-data');
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const { items, broken } = parse(done ? decoder.decode() : decoder.decode(value, { stream: true }), done);
      if (items.length > 0) yield items;
      if (broken) throw new BrokenStream();
      if (done) return;
    }
  } finally {
    // Not awaited: it only tells the other side, and rejects where the stream has failed already.
    reader.cancel().catch(() => {});
  }
}

type Parser = (text: string, end: boolean) => { items: unknown[]; broken: boolean };

function jsonLines(): Parser {
  let rest = '';
  return (text, end) => {
    const items: unknown[] = [];
    const lines = text.split('\n');
    lines[0] = rest + lines[0];
    rest = lines.pop() ?? '';
    // Half of a number is a number too, so that a last line without its end counts only if it closes itself.
    if (end && /\S/.test(rest)) {
      lines.push(/^\s*[[{"]/.test(rest) ? rest : '?');
    }
    for (const line of lines) {
      if (!/\S/.test(line)) continue;
      try {
        items.push(JSON.parse(line));
      } catch {
        return { items, broken: true };
      }
    }
    return { items, broken: false };
  };
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
function events(dataOnly: boolean): Parser {
  let rest = '';
  let data: string[] = [];
  let event = '';
  let id = '';
  let retry: number | undefined;
  return (text, end) => {
    const items: unknown[] = [];
    // A CR at the end waits for the next text, which may begin with its LF.
    const lines = (rest + text).split(end ? /\r\n|\n|\r/ : /\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) {
          const whole = data.join('\n');
          try {
            items.push(dataOnly ? JSON.parse(whole) : { data: whole, event: event || 'message', id, retry });
          } catch {
            return { items, broken: true };
          }
        }
        data = [];
        event = '';
        retry = undefined;
        continue;
      }
      const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (field === 'data') data.push(value);
      else if (field === 'event') event = value;
      else if (field === 'id' && !value.includes('\0')) id = value;
      else if (field === 'retry' && /^\d+$/.test(value)) retry = Number(value);
    }
    return { items, broken: end && (data.length > 0 || rest.trim() !== '') };
  };
}

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
