// What the compilers accept and refuse in a website, under TypeScript 7 and 5.9.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiDocument } from '../../support/connection-api.ts';
import { compilers, complaints, website } from '../../support/connection-website.ts';

const prelude = `
import { QueryClient, useInfiniteQuery, useMutation, useQuery, useSuspenseInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query';
import { ApiError, type ApiErrorOf, cognitoIdentity, iamAuth, type ServerSentEvent, tokenAuth } from '../connections/runtime';
import { createShapes, mockShapes, type Shapes } from '../connections/shapes';
import type * as Gen from '../connections/shapes.gen';
import { ShapesProvider } from '../connections/shapes-provider';
import { useShapes } from '../connections/use-shapes';
import { useStream } from '../connections/use-stream';

declare const api: Shapes;
declare const client: QueryClient;
/** Fails to compile unless both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>) => {};
type Answer<Call extends (...args: never[]) => unknown> = Awaited<ReturnType<Call>>;
type Chunk<Call extends (...args: never[]) => unknown> = ReturnType<Call> extends AsyncIterable<infer One> ? One : never;
type Body<Name extends keyof Gen.Operations> = Gen.Operations[Name]['input'] extends { body: infer B } ? B : never;
const all = { QueryClient, useInfiniteQuery, useMutation, useQuery, useSuspenseInfiniteQuery, useSuspenseQuery, ApiError, cognitoIdentity,
  iamAuth, tokenAuth, createShapes, mockShapes, ShapesProvider, useShapes, useStream };
export { all, api, client, same };
export type { Answer, Body, Chunk, ApiErrorOf, ServerSentEvent };
`;

const everything = `{
  required_nullable: null, text: '', flag: true, ratio: 1, color: 'red', size: 1, mixed: null, union: 'x', pet: { kind: 'cat', name: '' },
  pair: [1, ''], point: [1], many: [1], counts: {}, by_color: {}, pets_by_name: {}, amount: 1, day: '', at: '', length: '', uid: '', raw: '',
  tree: { value: 1 }, tags: [], anything: 0, partial: { there: '' }, nested: [[1, null]], camelCase: '', 'odd-name 1': '' }`;
const withField = (field: string) => `api.echoEverything({ body: { ...${everything} as const, ${field} } });`;

/** Programs that compile; each line of \`same\` also says that the type is that and no other. */
const accepted: Record<string, string> = {
  'a body of every kind': `void api.echoEverything({ body: ${everything} });`,
  'an answer has what has a default': `same<Answer<Shapes['echoEverything']>['with_default'], number>(true); same<Answer<Shapes['echoEverything']>['tree']['children'][number]['children'], Gen.TreeOutput[]>(true);`,
  'nullable, and nullable that may be left out': `type A = Answer<Shapes['echoEverything']>; same<A['required_nullable'], number | null>(true); same<A['optional_nullable'], number | null | undefined>(true);`,
  'enums, literals and unions': `type A = Answer<Shapes['echoEverything']>; same<A['color'], 'red' | 'deep blue'>(true); same<A['size'], 1 | 2>(true); same<A['mixed'], 'a' | 1 | true | null>(true); same<A['union'], number | string | boolean[]>(true);`,
  'a decimal is a number or text in, and text out': `same<Answer<Shapes['echoEverything']>['amount'], string>(true); same<Body<'echoEverything'>['amount'], number | string>(true);`,
  'dates, times, ids and bytes in JSON are text': `type A = Answer<Shapes['echoEverything']>; same<A['day' | 'at' | 'length' | 'uid' | 'raw'], string>(true);`,
  'tuples, lists and dictionaries': `type A = Answer<Shapes['echoEverything']>; same<A['pair'], [number, string]>(true); same<A['point'], [number, number?]>(true); same<A['many'], number[]>(true); same<A['counts'], { [key: string]: number }>(true); same<A['by_color'], { red?: number; 'deep blue'?: number }>(true); same<A['nested'], (number | null)[][]>(true);`,
  'fields keep the names of the wire': `same<Answer<Shapes['echoEverything']>['camelCase'], string>(true); same<Answer<Shapes['echoEverything']>['odd-name 1'], string>(true);`,
  'a computed field is in the answer alone': `same<Answer<Shapes['echoEverything']>['area'], number>(true); same<'area' extends keyof Body<'echoEverything'> ? true : false, false>(true);`,
  'a discriminated union narrows': `export const f = (pet: Answer<Shapes['echoPet']>) => pet.kind === 'cat' ? pet.lives + 1 : pet.kind === 'hound' ? pet.friend?.name : pet.name;`,
  recursion: `void api.echoPet({ body: { kind: 'dog', name: '', friend: { kind: 'hound', name: '', friend: { kind: 'cat', name: '' } } } });`,
  'more fields than declared': `void api.echoOpen({ body: { name: '', more: 1 } }); void api.echoOpenNumbers({ body: { name: '', more: 1 } });`,
  'bodies that are lists, scalars, optional or several': `void api.echoList({ body: [1] }); void api.echoScalar({ body: 1 }); void api.optionalBody(); void api.optionalBody({ body: null }); void api.twoBodies({ body: { first: { name: '' }, second: { value: 1 } } });`,
  'parameters flat and in camelCase': `void api.getItem({ itemId: 1, color: 'red', ids: [1], names: ['a'], flag: true, text: '', pageSize: 1, xTraceId: '', numbers: 1 }, { signal: AbortSignal.timeout(1), headers: { a: '' } });`,
  'what may be undefined, where it may be left out': `
    export const f = (text: string | undefined, limit: number | undefined, signal: AbortSignal | undefined, headers: Record<string, string> | undefined) => {
      void api.getItem({ itemId: 1, color: 'red', text }, { signal, headers });
      void api.listPets({ limit, cursor: limit });
      void api.echoOpen({ body: { name: '', age: limit } });
      void api.optionalBody({ body: limit === undefined ? undefined : { name: '' } });
      void api.upload({ body: { file: new Blob(), files: [], plain: new Blob(), tags: [], optional: limit === undefined ? undefined : new Blob() } });
      createShapes({ url: '', auth: limit === 0 ? tokenAuth(() => text) : undefined });
      iamAuth({ region: text, credentials: () => ({ accessKeyId: '', secretAccessKey: '', sessionToken: text, expiration: limit === undefined ? undefined : new Date() }) });
    };`,
  'names that collide': `void api.collide({ id: 1, pageSize: 1, pageSize2: 1, id2: 1, body: 1 }); same<Body<'otherCat'>, { first: Gen.AppOtherCat; second: Gen.Cat } extends infer T ? Gen.BodyOtherCat extends T ? Gen.BodyOtherCat : never : never>(true);`,
  generics: `same<Answer<Shapes['listPets']>['items'][number]['kind'], 'cat' | 'dog' | 'hound'>(true);`,
  'files in forms': `void api.upload({ body: { file: new File([], ''), files: [new Blob()], plain: new Blob(), tags: [] } });`,
  'forms in the body': `void api.login({ body: { user: '' } }); void api.raw({ body: new ArrayBuffer(1) }); void api.text({ body: '' });`,
  'answers that are no JSON': `same<Answer<Shapes['image']>, Blob>(true); same<Answer<Shapes['text']>, string>(true); same<Answer<Shapes['deleteItem']>, null>(true); same<Answer<Shapes['whatever']>, unknown>(true);`,
  'several good statuses': `same<Answer<Shapes['created']>, Gen.AppShapesCat | Gen.Problem>(true);`,
  'answers that leave fields out': `same<Answer<Shapes['sparse']>['count'], number | undefined>(true); same<Answer<Shapes['picked']>, Pick<Gen.Sparse, 'name'>>(true);`,
  'errors by status': `
    export async function f() {
      try { await api.fail({ status: 1 }); } catch (error) {
        if (!api.fail.isError(error)) throw error;
        if (error.status === 404) same<typeof error.body, Gen.Problem>(true);
        else if (error.status === 409) same<typeof error.body, Gen.Conflict>(true);
        else if (error.status === 503) same<typeof error.body, Gen.Problem>(true);
        else if (error.status === 403) same<typeof error.body, unknown>(true);
        else if (error.status === undefined) same<typeof error.body, undefined>(true);
        same<typeof error.correlationId, string | undefined>(true);
        switch (error.status) { case 404: return error.body.message; case 409: return error.body.version; case 422: return error.body.detail; default: return error.message; }
      }
      return '';
    }`,
  'chunks of streams': `same<Chunk<Shapes['ticks']>, Gen.Tick>(true); same<Chunk<Shapes['chat']>, Gen.Delta | Gen.Done>(true); same<Chunk<Shapes['events']>, Gen.Tick>(true); same<Chunk<Shapes['namedEvents']>, ServerSentEvent>(true);`,
  'a loop over a stream': `export async function f() { for await (const chunk of api.chat({ body: { prompt: '' } }, { signal: AbortSignal.timeout(1) })) if (chunk.type === 'delta') chunk.text.at(0); else chunk.tokens.toFixed(); }`,
  useQuery: `export function C() { const q = useQuery(api.getItem.queryOptions({ itemId: 1, color: 'red' })); same<typeof q.data, Gen.Seen | undefined>(true); if (q.error?.status === 422) { const { body } = q.error; same<typeof body, Gen.HTTPValidationError>(true); } return q.data?.text; }`,
  'useQuery with a selection': `export function C() { const q = useQuery({ ...api.getItem.queryOptions({ itemId: 1, color: 'red' }), select: (seen) => seen.item_id, enabled: false }); same<typeof q.data, number | undefined>(true); return q.data; }`,
  useSuspenseQuery: `export function C() { const q = useSuspenseQuery(api.nothing.queryOptions()); same<typeof q.data, unknown>(true); const p = useSuspenseQuery(api.listPets.queryOptions({ limit: 1 })); same<typeof p.data, Gen.PetPage>(true); return null; }`,
  'prefetching, fetching and typed data': `export async function f() { await client.prefetchQuery(api.listPets.queryOptions()); same<Gen.PetPage, Awaited<ReturnType<typeof get>>>(true); const data = client.getQueryData(api.listPets.queryKey()); same<typeof data, Gen.PetPage | undefined>(true); client.setQueryData(api.listPets.queryKey({ limit: 1 }), (old) => old && { ...old, next_cursor: null }); } const get = () => client.fetchQuery(api.listPets.queryOptions());`,
  'a POST that reads': `export function C() { const q = useQuery(api.search.queryOptions({ body: { text: '' } })); same<typeof q.data, string[] | undefined>(true); return null; }`,
  useMutation: `export function C() { const m = useMutation({ ...api.echoPet.mutationOptions(), onSuccess: (pet) => pet.name, onError: (error) => error.status === 422 && error.body.detail }); m.mutate({ body: { kind: 'cat', name: '' } }); if (m.error?.status === 422) { const { body } = m.error; same<typeof body, Gen.HTTPValidationError>(true); } return m.data?.name; }`,
  'a mutation without variables': `export function C() { const m = useMutation(api.created.mutationOptions()); m.mutate(); m.mutate({ later: true }); return null; }`,
  useInfiniteQuery: `export function C() { const q = useInfiniteQuery(api.listPets.infiniteQueryOptions({ limit: 2 }, { cursor: 'cursor', next: (page) => page.next_cursor ? Number(page.next_cursor) : null })); same<NonNullable<typeof q.data>['pages'][number], Gen.PetPage>(true); if (q.error?.status === 422) q.error.body.detail; return q.hasNextPage; }`,
  'pages by number': `export function C() { const q = useInfiniteQuery(api.listPets.infiniteQueryOptions({}, { cursor: 'cursor', initial: 1, next: (page, pages, last) => { same<typeof last, number | null>(true); return page.items.length && pages.length < 9 ? (last ?? 0) + 1 : null; } })); return q.data; }`,
  useSuspenseInfiniteQuery: `export function C() { const q = useSuspenseInfiniteQuery(api.listPets.infiniteQueryOptions({}, { cursor: 'cursor', next: () => undefined, initial: 1 })); same<typeof q.data.pages, Gen.PetPage[]>(true); return null; }`,
  'a stream as a query': `export function C() { const q = useQuery(api.chat.streamOptions({ body: { prompt: '' } })); same<typeof q.data, (Gen.Delta | Gen.Done)[] | undefined>(true); if (q.error?.status === 429) q.error.body.message; return client.getQueryData(api.ticks.streamKey({ count: 1 }))?.[0]?.number; }`,
  useStream: `export function C() { const chat = useStream(api.chat); chat.start({ body: { prompt: '' } }); chat.stop(); same<typeof chat.chunks, (Gen.Delta | Gen.Done)[]>(true); if (chat.error?.status === 429) chat.error.body.message; const ticks = useStream(api.ticks); ticks.start(); ticks.start({ count: 1 }); return chat.status === 'streaming'; }`,
  'a client without React': `export const c: Shapes = createShapes({ url: '' }); export const d = createShapes(async () => ({ url: '', auth: tokenAuth(() => 'x') })); export const e = createShapes({ url: '', auth: iamAuth({ credentials: cognitoIdentity({ identityPoolId: 'a:b' }) }) });`,
  'a mock': `export const m: Shapes = mockShapes({ getItem: ({ itemId, color }) => ({ item_id: itemId, color, ids: [], names: [], flag: null, text: null, page_size: 1, trace: null, numbers: null }), fail: (_, { fail }) => fail(404, { message: '' }), nothing: async (_, { fail }) => fail(), slow: (_, { fail }) => fail(500), chat: async function* ({ body }) { yield { type: 'delta', text: body.prompt }; }, ticks: () => [{ number: 1, text: '' }], deleteItem: () => null });`,
  'a provider, and the hook below it': `export function App() { return <ShapesProvider api={mockShapes({})} credentials={() => ({ accessKeyId: '', secretAccessKey: '' })}>{useShapes().slow.queryKey().length}</ShapesProvider>; }`,
};

/** Programs that must not compile, each with what the compiler has to say. */
const refused: Record<string, [code: string, message: RegExp]> = {
  'an unknown operation': [`api.getWidget;`, /Property 'getWidget' does not exist/],
  'a missing field': [`void api.echoPet({ body: { kind: 'dog' } });`, /Property 'name' is missing/],
  'a missing discriminator': [`void api.echoPet({ body: { name: '' } });`, /not assignable to type/],
  'an unknown field': [`void api.echoClosed({ body: { name: '', more: 1 } });`, /'more' does not exist/],
  'a number for text': [withField('text: 1'), /Type 'number' is not assignable to type 'string'/],
  'null where it may only be left out': [withField('with_default: null'), /Type 'null' is not assignable to type 'number/],
  'undefined where it may only be null': [withField('required_nullable: undefined'), /Type 'undefined' is not assignable/],
  'a value that the enum lacks': [withField(`color: 'green'`), /Type '"green"' is not assignable to type 'Color'/],
  'a number that the enum lacks': [withField('size: 3'), /Type '3' is not assignable to type 'Size'/],
  'a member that the union lacks': [withField('union: true'), /not assignable to type 'string \| number \| boolean\[\]/],
  'a tuple that is too long': [withField(`pair: [1, '', 2]`), /Source has 3 element\(s\) but target allows only 2/],
  'a key that the dictionary lacks': [withField('by_color: { green: 1 }'), /'green' does not exist/],
  'a value that the dictionary lacks': [withField(`counts: { a: '' }`), /Type 'string' is not assignable to type 'number'/],
  'a Blob in JSON': [withField('raw: new Blob()'), /Type 'Blob' is not assignable to type 'string'/],
  'a date in JSON': [withField('at: new Date()'), /Type 'Date' is not assignable to type 'string'/],
  'what is computed': [withField('area: 1'), /'area' does not exist/],
  'text for a file': [
    `void api.upload({ body: { file: '', files: [], plain: new Blob(), tags: [] } });`,
    /Type 'string' is not assignable to type 'Blob'/,
  ],
  'a wrong type among more fields': [`void api.echoOpenNumbers({ body: { name: '', more: {} } });`, /Type '{}' is not assignable/],
  'a missing parameter': [`void api.getItem({ itemId: 1 });`, /Property 'color' is missing/],
  'no parameters at all': [`void api.getItem();`, /Expected 1-2 arguments/],
  'a parameter by the name of the wire': [`void api.getItem({ item_id: 1, color: 'red' });`, /'item_id' does not exist/],
  'null as a parameter': [`void api.getItem({ itemId: 1, color: 'red', text: null });`, /Type 'null' is not assignable/],
  'a list in a header': [
    `void api.getItem({ itemId: 1, color: 'red', numbers: [1] });`,
    /Type 'number\[\]' is not assignable to type 'number/,
  ],
  'a cookie': [`void api.getItem({ itemId: 1, color: 'red', session: '' });`, /'session' does not exist/],
  'a parameter where there is none': [`void api.nothing({ a: 1 });`, /Type 'number' is not assignable to type 'never'/],
  'a field of another member of a union': [
    `export const f = (pet: Answer<Shapes['echoPet']>) => pet.lives;`,
    /Property 'lives' does not exist/,
  ],
  'a field that is not sent to the reader': [
    `export const f = (a: Answer<Shapes['picked']>) => a.count;`,
    /Property 'count' does not exist/,
  ],
  'the body of another status': [
    `export function f(error: unknown) { if (api.fail.isError(error) && error.status === 409) error.body.message; }`,
    /Property 'message' does not exist on type 'Conflict'/,
  ],
  'a body before the status is known': [
    `export function f(error: unknown) { if (api.fail.isError(error)) error.body.message; }`,
    /'error\.body' is (of type 'unknown'|possibly)|does not exist/,
  ],
  'the body of a status that is not declared': [
    `export function f(error: unknown) { if (api.fail.isError(error) && error.status === 403) error.body.message; }`,
    /'error\.body' is of type 'unknown'/,
  ],
  'a status that HTTP lacks': [
    `export function f(error: unknown) { if (api.fail.isError(error) && error.status === 200) throw error; }`,
    /no overlap/,
  ],
  'query options of a mutation': [`api.echoPet.queryOptions;`, /Property 'queryOptions' does not exist/],
  'mutation options of a query': [`api.getItem.mutationOptions;`, /Property 'mutationOptions' does not exist/],
  'query options of a stream': [`api.ticks.queryOptions;`, /Property 'queryOptions' does not exist/],
  'awaiting a stream as if it were whole': [`export const f = async () => (await api.ticks()).length;`, /Property 'length' does not exist/],
  'a query in useStream': [
    `export const C = () => useStream(api.nothing);`,
    /is missing the following properties from type 'StreamOperation/,
  ],
  'a stream that is started without its body': [`export function C() { useStream(api.chat).start(); }`, /Expected 1 arguments/],
  'wrong data of a query': [`client.setQueryData(api.listPets.queryKey(), { items: [1] });`, /Type 'number' is not assignable/],
  'a cursor that is no parameter': [
    `api.listPets.infiniteQueryOptions({}, { cursor: 'page', next: () => null });`,
    /Type '"page"' is not assignable to type '"(cursor|limit)" \| "/,
  ],
  'a next page of the wrong type': [
    `api.listPets.infiniteQueryOptions({}, { cursor: 'cursor', next: (page) => page.next_cursor });`,
    /Type 'string' is not assignable to type 'number'/,
  ],
  'wrong variables of a mutation': [
    `export function C() { useMutation(api.echoPet.mutationOptions()).mutate({ body: { kind: 'bird' } }); }`,
    /Type '"bird"' is not assignable/,
  ],
  'a mock that answers something else': [`mockShapes({ echoList: () => ['x'] });`, /Type 'string' is not assignable to type 'number'/],
  'a mock of an unknown operation': [`mockShapes({ getWidget: () => 1 });`, /'getWidget' does not exist/],
  'a mocked error with the body of another': [
    `mockShapes({ fail: (_, { fail }) => fail(409, { message: '' }) });`,
    /'message' does not exist in type 'Conflict'|No overload matches/,
  ],
  'an unknown property of the provider': [`export const C = () => <ShapesProvider token="">x</ShapesProvider>;`, /'token' does not exist/],
};

const fileOf = (name: string) => `src/cases/${name.replaceAll(/[^a-z0-9]+/gi, '-')}.tsx`;
const said: Record<string, Record<string, string>> = {};
let strict: Record<string, string>;

beforeAll(() => {
  const { root } = website('types', apiDocument());
  mkdirSync(join(root, 'src', 'cases'));
  const cases = [...Object.entries(accepted), ...Object.entries(refused).map(([name, [code]]): [string, string] => [name, code])];
  for (const [name, code] of cases) writeFileSync(join(root, fileOf(name)), `${prelude}\n${code}\nexport {};\n`);
  for (const compiler of ['7', '5.9'] as const) said[compiler] = complaints(root, compiler);
  strict = complaints(root, '5.9', [
    ...['--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--noImplicitReturns', '--noImplicitOverride'],
    '--noPropertyAccessFromIndexSignature',
  ]);
}, 600_000);

describe.each(Object.keys(compilers))('TypeScript %s', (compiler) => {
  test.each(Object.keys(accepted))('accepts %s', (name) => {
    expect(said[compiler]?.[fileOf(name)]).toBeUndefined();
  });

  test.each(Object.entries(refused).map(([name, [, message]]) => [name, message] as const))('refuses %s', (name, message) => {
    expect(said[compiler]?.[fileOf(name)] ?? 'nothing').toMatch(message);
  });

  test('accepts what was generated', () => {
    expect(Object.keys(said[compiler] ?? {}).filter((file) => !file.startsWith('src/cases/'))).toEqual([]);
  });
});

describe('under the strictest options', () => {
  test('what was generated compiles', () => {
    expect(Object.entries(strict).filter(([file]) => !file.startsWith('src/cases/'))).toEqual([]);
  });

  test.each(Object.keys(accepted))('so does %s', (name) => {
    expect(strict[fileOf(name)]).toBeUndefined();
  });
});
