// A website's own unit tests, without a server: the stand-in of the API with answers, errors and streams.
import { useMutation, useQuery } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, expect, test, vi } from 'vitest';
import { mockShapes } from './connections/shapes';
import { ShapesProvider } from './connections/shapes-provider';
import { useShapes } from './connections/use-shapes';
import { useStream } from './connections/use-stream';

afterEach(cleanup);

function Pet() {
  const api = useShapes();
  const pet = useQuery(api.fail.queryOptions({ status: 7 }));
  const save = useMutation(api.echoPet.mutationOptions());
  if (pet.error?.status === 404) return <p>{`no pet: ${pet.error.body.message}`}</p>;
  if (pet.error) return <p>{`${pet.error.reason}: ${pet.error.message}`}</p>;
  return (
    <button type="button" onClick={() => save.mutate({ body: { kind: 'dog', name: 'Rex' } })}>
      {save.data?.name ?? pet.data?.name ?? pet.status}
    </button>
  );
}

function Ticks() {
  const ticks = useStream(useShapes().ticks);
  return (
    <>
      <button type="button" onClick={() => ticks.start({ count: 3 })}>
        start
      </button>
      <button type="button" onClick={ticks.stop}>
        stop
      </button>
      <p>{`${ticks.status} ${ticks.chunks.map(({ number }) => number).join()} ${ticks.error?.reason ?? ''}`}</p>
    </>
  );
}

const cat = (name: string) => ({ kind: 'cat' as const, name, lives: 9 });

test('answers, and what was sent', async () => {
  const api = mockShapes({
    fail: async ({ status }) => cat(`Tom ${status}`),
    echoPet: ({ body }) => (body.kind === 'cat' ? cat(body.name) : { kind: body.kind, name: `${body.name}!`, friend: null }),
  });
  render(<Pet />, { wrapper: ({ children }) => <ShapesProvider api={api}>{children}</ShapesProvider> });
  fireEvent.click(await screen.findByText('Tom 7'));
  await screen.findByText('Rex!');
});

test('an error that the operation declares', async () => {
  const api = mockShapes({ fail: (_, { fail }) => fail(404, { message: 'gone' }) });
  render(<Pet />, { wrapper: ({ children }) => <ShapesProvider api={api}>{children}</ShapesProvider> });
  await screen.findByText('no pet: gone');
  await expect(api.fail({ status: 1 })).rejects.toMatchObject({ status: 404, body: { message: 'gone' }, operation: 'fail' });
  expect(api.fail.isError(await api.fail({ status: 1 }).catch((error: unknown) => error))).toBe(true);
});

test('no answer, and an operation that the test forgot', async () => {
  const api = mockShapes({ nothing: (_, { fail }) => fail() });
  await expect(api.nothing()).rejects.toMatchObject({ reason: 'unreachable' });
  await expect(api.sparse()).rejects.toThrow('The mock of shapes has no sparse.');
});

test('an abort ends a call that nobody answers', async () => {
  const api = mockShapes({ nothing: () => new Promise(() => {}) });
  const controller = new AbortController();
  const call = api.nothing({}, { signal: controller.signal });
  controller.abort();
  await expect(call).rejects.toMatchObject({ name: 'AbortError' });
});

test('a stream of a list', async () => {
  const api = mockShapes({ ticks: ({ count = 0 }) => Array.from({ length: count }, (_, number) => ({ number, text: '' })) });
  render(<Ticks />, { wrapper: ({ children }) => <ShapesProvider api={api}>{children}</ShapesProvider> });
  fireEvent.click(screen.getByText('start'));
  await screen.findByText('done 0,1,2');
});

test('a stream that comes piece by piece, and stops where nobody wants it any more', async () => {
  let ended = 0;
  const next: (() => void)[] = [];
  const api = mockShapes({
    async *ticks() {
      try {
        for (let number = 0; ; number += 1) {
          yield { number, text: '' };
          await new Promise<void>((resolve) => next.push(resolve));
        }
      } finally {
        ended += 1;
      }
    },
  });
  const view = render(<Ticks />, { wrapper: ({ children }) => <ShapesProvider api={api}>{children}</ShapesProvider> });
  fireEvent.click(screen.getByText('start'));
  await screen.findByText('streaming 0');
  next.pop()?.();
  await screen.findByText('streaming 0,1');
  fireEvent.click(screen.getByText('stop'));
  await screen.findByText('stopped 0,1');
  next.pop()?.();
  await expect.poll(() => ended).toBe(1);

  fireEvent.click(screen.getByText('start'));
  await screen.findByText('streaming 0');
  view.unmount();
  next.pop()?.();
  await expect.poll(() => ended).toBe(2);
});

test('a stream that fails keeps what came', async () => {
  const broken = mockShapes({
    *ticks(_, { fail }) {
      yield { number: 0, text: '' };
      fail();
    },
  });
  render(<Ticks />, { wrapper: ({ children }) => <ShapesProvider api={broken}>{children}</ShapesProvider> });
  fireEvent.click(screen.getByText('start'));
  await screen.findByText('failed 0 broken');

  const refused = mockShapes({ chat: (_, { fail }) => fail(429, { message: 'Slow down' }) });
  const read = async () => {
    for await (const _ of refused.chat({ body: { prompt: '' } })) throw new Error('nothing should come');
  };
  await expect(read()).rejects.toMatchObject({ status: 429, body: { message: 'Slow down' } });
  const silent = mockShapes({
    // biome-ignore lint/correctness/useYield: it fails before.
    async *ticks(_, { fail }) {
      fail();
    },
  });
  await expect(silent.ticks().next()).rejects.toMatchObject({ reason: 'unreachable' });
});

test('a session that began after the first render is the one that is asked for its token', async () => {
  const sent: (string | null)[] = [];
  vi.stubGlobal('fetch', async ({ headers }: Request) => {
    sent.push(headers.get('authorization'));
    return Response.json(cat('Tom'));
  });
  function App() {
    const [session, setSession] = useState<{ idToken?: string }>({});
    return (
      <ShapesProvider token={() => session.idToken}>
        <button type="button" onClick={() => setSession({ idToken: 'signed-in' })}>
          sign in
        </button>
        {session.idToken && <Pet />}
      </ShapesProvider>
    );
  }
  render(<App />);
  fireEvent.click(screen.getByText('sign in'));
  await screen.findByText('Tom');
  expect(sent).toEqual(['Bearer signed-in']);
  vi.unstubAllGlobals();
});
