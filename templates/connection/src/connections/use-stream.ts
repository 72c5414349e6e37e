import { useCallback, useEffect, useReducer, useRef } from 'react';
import type { ApiErrorOf, Arguments, OperationTypes, StreamOperation } from './runtime';
import { collect } from './runtime/streams';

/** A stream that a component draws. */
export interface StreamState<TChunk, TFailure> {
  /** What came so far; it stays after a stop and after a failure. */
  chunks: TChunk[];
  status: 'idle' | 'streaming' | 'done' | 'stopped' | 'failed';
  /** Why it failed. */
  error: TFailure | undefined;
}

/**
 * A stream that the user starts and stops; it stops as well when the component goes away.
 *
 *     const chat = useStream(api.chat);
 *     <button onClick={() => chat.start({ body: { prompt } })}>Ask</button>
 */
export function useStream<TOperation extends OperationTypes>(
  operation: StreamOperation<TOperation>,
): StreamState<TOperation['output'], ApiErrorOf<TOperation['errors']>> & {
  /** Starts it, instead of the one that runs. */
  start: (...input: Arguments<TOperation['input']>) => void;
  stop: () => void;
} {
  type State = StreamState<TOperation['output'], ApiErrorOf<TOperation['errors']>>;
  const [state, change] = useReducer(
    (before: State, part: Partial<State>): State =>
      // Only what runs can be stopped.
      part.status === 'stopped' && before.status !== 'streaming' ? before : { ...before, ...part },
    { chunks: [], status: 'idle', error: undefined },
  );
  const running = useRef<AbortController | undefined>(undefined);

  const stop = useCallback(() => {
    running.current?.abort();
    change({ status: 'stopped' });
  }, []);

  const start = useCallback(
    (...[input]: Arguments<TOperation['input']>) => {
      running.current?.abort();
      running.current = new AbortController();
      const { signal } = running.current;
      change({ chunks: [], status: 'streaming', error: undefined });
      const batches = operation.batches(
        ...([input, { signal }] as Parameters<typeof operation.batches>),
      );
      /** Shows what came of this one, unless it was stopped or another one started. */
      const show = (part: Partial<State>) => {
        if (!signal.aborted) change(part);
      };
      collect(batches, (chunks) => show({ chunks }), signal).then(
        () => show({ status: 'done' }),
        (error) => show({ status: 'failed', error }),
      );
    },
    [operation],
  );

  useEffect(() => stop, [stop]);
  return { ...state, start, stop };
}
