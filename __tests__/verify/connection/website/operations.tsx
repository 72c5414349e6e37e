// What a website's component may do with an API: ordinary, failing, paginated, uploading and streaming operations.
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useShapes } from './connections/use-shapes';
import { useStream } from './connections/use-stream';

export function Everything({ file }: { file: Blob }) {
  const api = useShapes();
  const item = useQuery(api.getItem.queryOptions({ itemId: 7, color: 'deep blue', text: 'a', xTraceId: 't' }));
  const failing = useQuery(api.fail.queryOptions({ status: 404 }));
  const pets = useInfiniteQuery(
    api.listPets.infiniteQueryOptions(
      { limit: 2 },
      { cursor: 'cursor', next: (page) => (page.next_cursor ? Number(page.next_cursor) : null) },
    ),
  );
  const upload = useMutation(api.upload.mutationOptions());
  const ticks = useQuery(api.ticks.streamOptions({ count: 5 }));
  const chat = useStream(api.events);
  if (failing.error?.status === 404) return <p>{failing.error.body.message}</p>;
  return (
    <>
      <p>{item.data?.text}</p>
      <ul>
        {pets.data?.pages
          .flatMap((page) => page.items)
          .map((pet) => (
            <li key={pet.name}>{pet.name}</li>
          ))}
      </ul>
      <button type="button" onClick={() => upload.mutate({ body: { file, files: [file], plain: file, tags: [] } })}>
        upload
      </button>
      <button type="button" onClick={() => chat.start({ count: 5 })}>
        {chat.status} {chat.chunks.length} {ticks.data?.length}
      </button>
    </>
  );
}
