// The website of the browser test: a page for each thing that the client does, chosen by the address.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { createShapes } from './connections/shapes';
import { ShapesProvider } from './connections/shapes-provider';
import { useShapes } from './connections/use-shapes';
import { useStream } from './connections/use-stream';
import { provider } from './provider';

const Out = ({ children }: { children: ReactNode }) => <pre id="out">{children}</pre>;

function Query() {
  const api = useShapes();
  const item = useQuery(api.getItem.queryOptions({ itemId: 7, color: 'deep blue', text: 'a+b é' }));
  return <Out>{item.data ? JSON.stringify(item.data) : item.status}</Out>;
}

function Header() {
  const item = useQuery(useShapes().getItem.queryOptions({ itemId: 7, color: 'red', xTraceId: 't' }));
  return <Out>{item.data ? `trace ${item.data.trace}` : item.status}</Out>;
}

function Mutation() {
  const api = useShapes();
  const client = useQueryClient();
  const stored = useQuery(api.listPets.queryOptions({ limit: 1 }));
  const save = useMutation({
    ...api.echoPet.mutationOptions(),
    onSuccess: (pet) => client.setQueryData(api.listPets.queryKey({ limit: 1 }), { items: [pet] }),
  });
  return (
    <>
      <button type="button" onClick={() => save.mutate({ body: { kind: 'dog', name: 'Rex' } })}>
        save
      </button>
      <Out>{stored.data?.items.map((pet) => `${pet.kind} ${pet.name}`).join()}</Out>
    </>
  );
}

function Failing() {
  const api = useShapes();
  const pet = useQuery(api.fail.queryOptions({ status: 404 }));
  if (pet.error?.status === 404) return <Out>{`404: ${pet.error.body.message} (${pet.error.correlationId})`}</Out>;
  return <Out>{pet.error ? `${pet.error.reason}: ${pet.error.message} (${pet.error.correlationId})` : pet.status}</Out>;
}

function Upload() {
  const api = useShapes();
  const upload = useMutation(api.upload.mutationOptions());
  return (
    <>
      <input
        type="file"
        onChange={({ target }) => {
          const file = target.files?.[0];
          if (file) upload.mutate({ body: { file, files: [file, file], plain: file, tags: ['a', 'b'] } });
        }}
      />
      <Out>{upload.data ? JSON.stringify(upload.data) : upload.status}</Out>
    </>
  );
}

function Infinite() {
  const api = useShapes();
  const pets = useInfiniteQuery(
    api.listPets.infiniteQueryOptions(
      { limit: 2 },
      { cursor: 'cursor', next: (page) => (page.next_cursor ? Number(page.next_cursor) : null) },
    ),
  );
  const names = pets.data?.pages.flatMap((page) => page.items.map((pet) => pet.name)) ?? [];
  return (
    <>
      <button type="button" disabled={!pets.hasNextPage} onClick={() => pets.fetchNextPage()}>
        more
      </button>
      <Out>{names.join()}</Out>
    </>
  );
}

function Lines() {
  const ticks = useQuery(useShapes().ticks.streamOptions({ count: 5, pause: 0.3 }));
  return <Out>{`${ticks.fetchStatus} ${(ticks.data ?? []).map((tick) => tick.number).join()} ${ticks.data?.[0]?.text ?? ''}`}</Out>;
}

function Events() {
  const events = useStream(useShapes().events);
  return (
    <>
      <button type="button" onClick={() => events.start({ count: 5, pause: 0.3 })}>
        start
      </button>
      <Out>{`${events.status} ${events.chunks.map((tick) => tick.number).join()}`}</Out>
    </>
  );
}

function Endless({ name }: { name: string }) {
  const ticks = useStream(useShapes().ticks);
  return (
    <>
      <button type="button" onClick={() => ticks.start({ count: 1e6, pause: 0.05, name })}>
        start
      </button>
      <button type="button" onClick={ticks.stop}>
        stop
      </button>
      <Out>{`${ticks.status} ${ticks.chunks.length}`}</Out>
    </>
  );
}

function Leaving() {
  const [there, setThere] = useState(true);
  return (
    <>
      <button type="button" onClick={() => setThere(false)}>
        leave
      </button>
      {there ? <Endless name="unmounted" /> : <Out>gone</Out>}
    </>
  );
}

function Broken() {
  const broken = useQuery(useShapes().broken.streamOptions({ way: 'raise' }));
  return <Out>{`${broken.status} ${(broken.data ?? []).map((tick) => tick.text).join()} ${broken.error?.reason}`}</Out>;
}

function Many() {
  const ticks = useStream(useShapes().ticks);
  return (
    <>
      <button type="button" onClick={() => ticks.start({ count: 5000 })}>
        start
      </button>
      <Out>{`${ticks.status} ${ticks.chunks.length}`}</Out>
    </>
  );
}

const nowhere = createShapes({ url: 'http://127.0.0.1:1' });

const pages: Record<string, ReactNode> = {
  query: <Query />,
  header: <Header />,
  mutation: <Mutation />,
  failing: <Failing />,
  upload: <Upload />,
  infinite: <Infinite />,
  lines: <Lines />,
  events: <Events />,
  stopping: <Endless name="stopped" />,
  leaving: <Leaving />,
  broken: <Broken />,
  many: <Many />,
};

const page = location.hash.slice(1);
createRoot(document.body.appendChild(document.createElement('div'))).render(
  <StrictMode>
    {page === 'down' ? (
      <ShapesProvider api={nowhere}>
        <Failing />
      </ShapesProvider>
    ) : (
      <ShapesProvider {...provider}>{pages[page]}</ShapesProvider>
    )}
  </StrictMode>,
);
