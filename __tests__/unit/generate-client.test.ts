// biome-ignore-all lint/suspicious/noExplicitAny: documents are changed by tests.
// What the client's generator makes of schemas and operations, one example each.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { packageRoot } from '../../lib/templates/package-root.ts';

const script = join(packageRoot(), 'templates', 'connection', 'scripts', 'generate-client.mjs');
const { clientModule } = await import(script);

interface Parts {
  schemas?: Record<string, unknown>;
  parameters?: unknown[];
  sent?: unknown;
  received?: unknown;
  responses?: Record<string, unknown>;
  more?: Record<string, unknown>;
}

const json = (schema: unknown) => ({ content: { 'application/json': { schema } } });

/** A document with one operation, `do_it`. */
const documentOf = ({ schemas = {}, parameters, sent, received, responses, more }: Parts) => ({
  openapi: '3.1.0',
  info: { title: 'Test', version: '1' },
  paths: {
    '/it': {
      post: {
        operationId: 'do_it',
        parameters,
        ...(sent !== undefined && { requestBody: { required: true, ...json(sent) } }),
        responses: responses ?? { 200: { description: '', ...(received !== undefined && json(received)) } },
        ...more,
      },
    },
  },
  components: { schemas },
});

/** What stands between two texts of the module. */
const between = (text: string, from: string, to: string) =>
  text.slice(text.indexOf(from) + from.length, text.indexOf(to, text.indexOf(from)));

/** The type of what is received. */
const received = (schema: unknown, schemas = {}) =>
  between(clientModule(documentOf({ received: schema, schemas })), 'output: ', ';\n    errors');
/** The type of what is sent. */
const sent = (schema: unknown, schemas = {}) =>
  between(clientModule(documentOf({ sent: schema, schemas })), 'body: ', ';\n    };').replaceAll('\n      ', '\n');
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

test.each<[string, unknown, string]>([
  ['anything', {}, 'unknown'],
  ['true', true, 'unknown'],
  ['nullable of 3.0', { type: 'string', nullable: true }, 'string | null'],
  ['several types', { type: ['string', 'null'] }, 'string | null'],
  ['a union with anything in it', { anyOf: [{ type: 'string' }, {}] }, 'unknown'],
  ['a literal', { const: "it's" }, "'it\\'s'"],
  ['literals of several types', { enum: ['a', 1, null, true] }, "'a' | 1 | null | true"],
  ['a list of a union', { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } }, '(string | null)[]'],
  ['a list of anything', { type: 'array' }, 'unknown[]'],
  ['an empty list', { type: 'array', maxItems: 0 }, '[]'],
  ['a tuple', { type: 'array', prefixItems: [{ type: 'string' }, { type: 'null' }], minItems: 2, maxItems: 2 }, '[string, null]'],
  [
    'a tuple with more',
    { type: 'array', prefixItems: [{ type: 'string' }], minItems: 1, items: { type: 'integer' } },
    '[string, ...number[]]',
  ],
  ['a tuple that is closed', { type: 'array', prefixItems: [{ type: 'string' }], items: false }, '[string?]'],
  ['an object of anything', { type: 'object' }, '{ [key: string]: unknown }'],
  ['an object without fields', { type: 'object', properties: {} }, 'Record<string, never>'],
  ['a closed object', { type: 'object', additionalProperties: false }, 'Record<string, never>'],
  ['a dictionary', { type: 'object', additionalProperties: { type: 'integer' } }, '{ [key: string]: number }'],
  ['patterns', { type: 'object', patternProperties: { '^a': { type: 'integer' } } }, '{ [key: string]: number }'],
  ['one of one', { allOf: [{ type: 'string' }] }, 'string'],
  ['bytes', { type: 'string', contentMediaType: 'application/octet-stream' }, 'string'],
  ['a type that nobody knows', { type: 'file' }, 'unknown'],
  ['a reference into the void', ref('Nobody'), 'unknown'],
])('%s', (_, schema, type) => {
  expect(received(schema)).toBe(type);
});

test('all of several are an intersection', () => {
  const schemas = { A: { type: 'object', properties: { a: { type: 'string' } } }, B: { anyOf: [{ type: 'string' }, { type: 'null' }] } };
  expect(received({ allOf: [ref('A'), ref('B')] }, schemas)).toBe('(A & B)');
  expect(clientModule(documentOf({ received: ref('C'), schemas: { ...schemas, C: { allOf: [ref('A'), ref('A')] } } }))).toContain(
    'export type C = A & A;',
  );
});

test('a schema that differs by direction is two types, and so is what holds it; what does not is one', () => {
  const leaf = { type: 'object', properties: { size: { type: 'integer', default: 1 } } };
  const schemas = {
    Holder: { type: 'object', properties: { leaf: ref('Leaf'), self: ref('Holder') }, required: ['leaf'] },
    Leaf: leaf,
    Plain: { type: 'object', properties: { self: ref('Plain') } },
  };
  const both = { anyOf: [ref('Holder'), ref('Plain')] };
  const text = clientModule(documentOf({ sent: both, received: both, schemas }));
  expect([...text.matchAll(/export interface (\w+)/g)].map(([, name]) => name)).toEqual([
    'Holder',
    'HolderIn',
    'Leaf',
    'LeafIn',
    'Plain',
    'Operations',
  ]);
  expect(text).toContain('export interface HolderIn {\n  leaf: LeafIn;\n  self?: HolderIn | undefined;\n}');
  expect(text).toContain('  size: number;');
  expect(text).toContain('  size?: number | undefined;');
  const one = clientModule(documentOf({ sent: ref('Leaf'), schemas }));
  expect(one).toContain('export interface Leaf {\n  /** @default 1 */\n  size?: number | undefined;\n}');
});

test('what may be left out may be undefined where it is sent, and stays as it is where it is only received', () => {
  const schemas = {
    Both: { type: 'object', properties: { part: ref('Part') } },
    Got: { type: 'object', properties: { part: ref('Part'), size: { type: 'integer' } } },
    Part: { type: 'object', properties: { size: { type: 'integer' } } },
    Named: { type: 'object', propertyNames: { enum: ['a'] }, additionalProperties: { type: 'integer' } },
  };
  const text = clientModule(
    documentOf({ sent: ref('Both'), received: { anyOf: [ref('Both'), ref('Got'), ref('Named')] }, schemas, parameters: [query('limit')] }),
  );
  expect(text).toContain('export interface Both {\n  part?: Part | undefined;\n}');
  expect(text).toContain('export interface Part {\n  size?: number | undefined;\n}');
  expect(text).toContain('export interface Got {\n  part?: Part;\n  size?: number;\n}');
  expect(text).toContain("export type Named = { [key in 'a']?: number };");
  expect(text).toContain('limit?: number | undefined;');
  expect(sent(ref('Named'), schemas)).toBe('Named');
});

test('what is read only is in nothing that is sent, and what is write only in nothing that is received', () => {
  const schema = {
    type: 'object',
    properties: { id: { type: 'string', readOnly: true }, secret: { type: 'string', writeOnly: true }, name: { type: 'string' } },
  };
  const form = { required: true, content: { 'multipart/form-data': { schema } } };
  const whole = { received: ref('A'), schemas: { A: schema } };
  for (const [text, there, not] of [
    [clientModule(documentOf({ more: { requestBody: form } })), 'secret', 'id?'],
    [sent(schema), 'secret', 'id?'],
    [received(schema), 'id', 'secret'],
    [clientModule(documentOf({ ...whole, more: { 'x-response-model': { excludeUnset: true } } })), 'id', 'secret'],
  ] as const) {
    expect(text).toContain(`${there}?: string`);
    expect(text).not.toContain(not);
  }
});

test('an enum of texts with line ends of other alphabets stays as it is', () => {
  expect(clientModule(documentOf({ received: { enum: ['a\u2028b'] } }))).toContain("output: 'a\u2028b';");
});

const query = (name: string) => ({ name, in: 'query', schema: { type: 'integer' } });

test('what tells members of a union apart has to be sent', () => {
  const pet = (kind: string, extra = {}) => ({ type: 'object', properties: { kind: { const: kind, type: 'string', ...extra } } });
  const schemas = { Cat: pet('cat', { default: 'cat' }), Dog: { ...pet('dog'), required: ['kind'] } };
  const union = { oneOf: [ref('Cat'), ref('Dog')], discriminator: { propertyName: 'kind' } };
  expect(sent(union, schemas)).toBe("(Cat & { kind: 'cat' }) | Dog");
  expect(received(union, schemas)).toBe('Cat | Dog');
});

test('names that collide are numbered, and what begins with a digit or has none is still a name', () => {
  const type = { type: 'object', properties: { a: { type: 'string' } } };
  const schemas = { item_a: type, ItemA: type, '1st': type, Blob: type, 日本: type, '***': type };
  const text = clientModule(documentOf({ received: { anyOf: Object.keys(schemas).map(ref) }, schemas }));
  expect(between(text, 'output: ', ';\n    errors').split(' | ').sort()).toEqual(['Blob2', 'ItemA', 'ItemA2', 'Type', 'Type1st', '日本']);
});

test('comments can not end early, and tell defaults and what is deprecated', () => {
  const property = { type: 'string', description: 'Ends */ here\n\nand goes on', default: 'x', deprecated: true };
  expect(clientModule(documentOf({ received: ref('A'), schemas: { A: { type: 'object', properties: { a: property } } } }))).toContain(
    ['  /**', '   * Ends *\\/ here', '   *', '   * and goes on', '   * @default "x"', '   * @deprecated', '   */', '  a: string;'].join(
      '\n',
    ),
  );
});

test('parameters: places, names that collide, cookies, lists in headers, null, references', () => {
  const parameters = [
    { name: 'page_size', in: 'query', schema: { anyOf: [{ type: 'integer' }, { type: 'null' }] } },
    { name: 'pageSize', in: 'query', required: true, schema: { type: 'integer' } },
    { name: 'X-Trace-ID', in: 'header', schema: { type: 'array', items: { type: 'string' } } },
    { name: 'session', in: 'cookie', required: true, schema: { type: 'string' } },
    { name: 'filter', in: 'query', style: 'deepObject', content: { 'application/json': { schema: { type: 'object' } } } },
    { name: 'body', in: 'query', schema: { type: 'string' } },
    { $ref: '#/components/parameters/Shared' },
  ];
  const document = documentOf({ parameters, sent: { type: 'string' } });
  Object.assign(document.components, { parameters: { Shared: { name: 'shared', in: 'query', schema: { type: 'boolean' } } } });
  const text = clientModule(document);
  expect(between(text, 'input: {\n', '    };').replaceAll('      ', '')).toBe(
    [
      ...['pageSize?: number | undefined;', 'pageSize2: number;', 'xTraceId?: string | undefined;', 'body2?: string | undefined;'],
      ...['shared?: boolean | undefined;', 'body: string;', ''],
    ].join('\n'),
  );
  expect(text).toContain(
    "query: { pageSize: 'page_size', pageSize2: 'pageSize', body2: 'body', shared: 'shared' }, headers: { xTraceId: 'X-Trace-ID' }",
  );
});

/** The module, and what was told on the way. */
function told(parts: Parts, change: (document: any) => void = () => {}): { text: string; lines: string[] } {
  const lines: string[] = [];
  const document = documentOf(parts);
  change(document);
  return { text: clientModule(document, undefined, (line: string) => lines.push(line)), lines };
}

test('what every object has, and what makes a promise, is no name of an operation or a parameter', () => {
  const names = ['constructor', 'to_string', 'valueOf', 'has_own_property', 'then', '__proto__'];
  const parameters = names.map((name) => ({ name, in: 'query', schema: { type: 'string' } }));
  const { text } = told({ parameters }, (document) => {
    document.paths['/it'].post.operationId = 'to_string';
  });
  expect(text).toContain(
    "toString_: { method: 'POST', path: '/it', query: { constructor_: 'constructor', toString_: 'to_string', valueOf_: 'valueOf', " +
      "hasOwnProperty_: 'has_own_property', then_: 'then', proto: '__proto__' },",
  );
});

test('what FastAPI reads from no query and no form is left out, and told', () => {
  const schemas = {
    Inner: { type: 'object', properties: { a: { type: 'integer' } } },
    Form: {
      type: 'object',
      required: ['name', 'must'],
      properties: {
        name: { type: 'string' },
        must: ref('Inner'),
        either: { anyOf: [{ type: 'integer' }, ref('Inner')] },
        loop: ref('Loop'),
      },
    },
    Loop: { anyOf: [ref('Loop'), { type: 'string' }] },
  };
  const inner = { anyOf: [ref('Inner'), { type: 'null' }] };
  const parameters = [
    { name: 'inner', in: 'query', schema: inner },
    { name: 'list', in: 'query', schema: { type: 'array', items: ref('Inner') } },
    { name: 'either', in: 'query', schema: { anyOf: [{ type: 'integer' }, ref('Inner')] } },
    { name: 'names', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
  ];
  const query = told({ parameters, schemas });
  expect(between(query.text, 'input: {\n', '    };').replaceAll('      ', '')).toBe(
    'either?: number | undefined;\nnames?: string[] | undefined;\n',
  );
  expect(query.lines).toEqual([
    'POST /it: the parameter inner is left out: FastAPI reads no object from a query.',
    'POST /it: the parameter list is left out: FastAPI reads no object from a query.',
  ]);
  const form = told({ schemas }, (document) => {
    document.paths['/it'].post.requestBody = { required: true, content: { 'application/x-www-form-urlencoded': { schema: ref('Form') } } };
  });
  expect(between(form.text, 'body: ', ';\n    };').replace(/\s+/g, ' ')).toBe(
    '{ name: string; either?: number | undefined; loop?: Loop | undefined; }',
  );
  expect(form.lines).toEqual(['POST /it: the field must is left out: FastAPI reads no object from a form.']);
});

test('headers that only a browser sets are left out, and told where the API demands one', () => {
  const header = (name: string, required = false) => ({ name, in: 'header', required, schema: { type: 'string' } });
  const names = ['user-agent', 'Referer', 'sec-ch-ua', 'x-mine'];
  const { text, lines } = told({ parameters: names.map((name) => header(name, name === 'Referer')) });
  expect(text).toContain("headers: { xMine: 'x-mine' }");
  expect(lines).toEqual(['POST /it: the header Referer is left out: only the browser sets it.']);
});

test('of several media types of a body one is sent, and told', () => {
  const lines: string[] = [];
  const schema = { type: 'object', properties: { a: { type: 'string' } } };
  const content = { 'multipart/form-data': { schema }, 'application/json': { schema } };
  const text = clientModule(documentOf({ more: { requestBody: { content } } }), undefined, (line: string) => lines.push(line));
  expect(text).toContain('body: jsonBody');
  expect(lines).toEqual(['POST /it: its body is sent as application/json, the first that fits of several.']);
});

test('an operation that no browser can call is left out, and told', () => {
  const { text, lines } = told({ sent: { type: 'string' } }, ({ paths }) => {
    paths['/it'].get = { ...paths['/it'].post, operationId: 'read_it' };
  });
  expect(text).not.toContain('readIt');
  expect(text).toContain('doIt');
  expect(lines).toEqual([
    'GET /it is left out: no browser sends a body with it. Make it a POST, with openapi_extra={"x-query": True} where it reads.',
  ]);
});

test("names of the document come before those that are made, and no type of the document's stands for one of ours", () => {
  const model = (more = {}) => ({ type: 'object', properties: { size: { type: 'integer', ...more } } });
  const schemas = {
    User: model({ default: 1 }),
    UserIn: model(),
    Status: model(),
    Key: model(),
    Colors: { type: 'object', propertyNames: { enum: ['red'] }, additionalProperties: ref('Key') },
  };
  const all = { anyOf: Object.keys(schemas).map(ref) };
  const responses = { 200: { description: '', ...json(all) }, '4XX': { description: '', ...json(ref('Status')) } };
  const { text } = told({ schemas, sent: all, responses });
  expect(text).toContain('export interface UserIn {\n  size?: number | undefined;\n}');
  expect(text).toContain('export interface UserIn2 {\n  /** @default 1 */\n  size?: number | undefined;\n}');
  expect(text).toContain('{ [status in ClientErrorStatus]: Status }');
  expect(text).toContain("export type Colors = { [key in 'red']?: Key | undefined };");
});

test('what a description names is not imported', () => {
  const { text } = told({ more: { description: 'Sends a ServerSentEvent, ClientErrorStatus of old.' } });
  expect(between(text, 'import ', ' from')).not.toMatch(/ServerSentEvent|ClientErrorStatus/);
});

test('letters and marks that are in no name are written in quotes', () => {
  const properties = Object.fromEntries(['CO₂', 'm²', '½', 'ünï_1', '名'].map((name) => [name, { type: 'number' }]));
  const type = received({ type: 'object', properties });
  for (const name of ["'CO₂'", "'m²'", "'½'", 'ünï_1', '名']) expect(type).toContain(`  ${name}?: number;`);
});

test('an operation that only redirects answers what nobody describes', () => {
  const { text } = told({ responses: { 307: { description: 'Elsewhere' } } });
  expect(text).toContain('output: unknown;');
  expect(text).toContain('answer: anyAnswer');
});

test('errors: statuses, ranges and the rest', () => {
  const text = (description: string) => ({ description, content: { 'text/plain': {} } });
  const problem = { description: 'Problem', ...json({ type: 'integer' }) };
  const errors = (responses: Record<string, unknown>) => {
    const module: string = clientModule(documentOf({ responses: { 200: { description: '' }, ...responses } }));
    return between(module, 'errors: ', ';\n  };').replaceAll('\n    ', '\n');
  };
  expect(errors({})).toBe('Record<never, never>');
  expect(errors({ 404: text('Gone'), 500: { description: 'Nothing' } })).toBe(
    '{\n  /** Gone */\n  404: string;\n  /** Nothing */\n  500: unknown;\n}',
  );
  expect(errors({ 404: text('Gone'), '4XX': problem })).toContain('} & { [status in Exclude<ClientErrorStatus, 404>]: number }');
  expect(errors({ '5XX': problem, default: text('Else') })).toBe(
    '{ [status in ServerErrorStatus]: number } & { [status in ClientErrorStatus]: string }',
  );
});

test('answers that leave fields out, as the document notes', () => {
  const schemas = {
    A: {
      type: 'object',
      required: ['a', 'b'],
      properties: { a: { type: 'string' }, b: { type: ['string', 'null'] }, c: { type: 'integer', default: 1 } },
    },
    Either: { anyOf: [ref('A'), { type: 'object', properties: { d: { type: 'string' } } }] },
  };
  const noted = (note: unknown, schema: unknown = ref('A')) =>
    clientModule(documentOf({ received: schema, schemas, more: { 'x-response-model': note } }));
  expect(between(noted({ byName: true }), 'output: ', ';')).toBe('unknown');
  expect(noted({ excludeUnset: true })).toContain('{\n  a: string;\n  b?: string | null;\n  /** @default 1 */\n  c?: number;\n}');
  expect(noted({ include: ['a', 'c'] })).toContain("output: Pick<A, 'a' | 'c'>;");
  expect(noted({ exclude: ['b'] })).toContain("output: Omit<A, 'b'>;");
  expect(noted({ include: [] })).toContain('output: Pick<A, never>;');
  expect(noted({ exclude: [] })).toContain('output: A;');
  expect(noted({ exclude: ['b'] }, ref('Either'))).toContain('output: unknown;');
  expect(noted({ exclude: true })).toContain('output: unknown;');
  expect(noted({ exclude: ['b'] }, { type: 'array', items: ref('A') })).toContain('output: unknown;');
});

test('what reads and what changes, by method or by note', () => {
  const kind = (more: object) => between(clientModule(documentOf({ received: {}, more: more as Record<string, unknown> })), 'kind: ', ';');
  expect(kind({})).toBe("'mutation'");
  expect(kind({ 'x-query': true })).toBe("'query'");
});

test('forms of answers and streams', () => {
  const outputs = (...types: [string, object][]) => {
    const text: string = clientModule(documentOf({ responses: { 200: { description: '', content: Object.fromEntries(types) } } }));
    return [between(text, 'output: ', ';\n    errors'), between(text, 'doIt: { ', ' }')];
  };
  const call = (more: string) => `method: 'POST', path: '/it'${more}`;
  expect(outputs(['text/html', {}])).toEqual(['string', call(', answer: textAnswer')]);
  expect(outputs(['application/pdf', {}])).toEqual(['Blob', call(', answer: blobAnswer')]);
  expect(outputs(['application/problem+json', { schema: { type: 'integer' } }])).toEqual(['number', call('')]);
  expect(outputs(['application/json', { schema: { type: 'integer' } }], ['text/csv', {}])).toEqual([
    'number | string',
    call(', answer: anyAnswer'),
  ]);
  expect(outputs(['application/x-ndjson', { itemSchema: { type: 'integer' } }])).toEqual(['number', call(', stream: jsonLines')]);
  expect(outputs(['application/jsonl; charset=utf-8', { itemSchema: { type: 'integer' } }])).toEqual([
    'number',
    call(', stream: jsonLines'),
  ]);
  expect(outputs(['text/event-stream;charset=utf-8', {}])).toEqual(['ServerSentEvent', call(', stream: serverSentEvents')]);
  expect(outputs(['application/json', {}], ['text/event-stream', {}])).toEqual(['ServerSentEvent', call(', stream: serverSentEvents')]);
});

describe('problems are one line each', () => {
  const route = (operationId?: string) => ({ operationId, responses: {} });
  test.each<[string, object, string]>([
    ['no document', {}, "This is no OpenAPI document: run the API's target openapi first."],
    [
      'no name',
      { paths: { '/a': { get: route() } } },
      'GET /a: its id gives no name in code: give its route an operation_id that begins with a letter.',
    ],
    [
      'a name twice',
      { paths: { '/a': { get: route('get_it'), put: route('getIt') } } },
      'GET /a and PUT /a share the name getIt: give one of them another operation_id.',
    ],
  ])('%s', (_, document, message) => {
    expect(() => clientModule(document)).toThrow(message);
  });
});

describe('the command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'generate-client-'));
  const out = join(folder, 'deep', 'api.gen.ts');
  const openapi = join(folder, 'openapi.json');
  afterAll(() => rmSync(folder, { recursive: true }));

  test('writes the module once, and touches it only if it changes', () => {
    writeFileSync(openapi, JSON.stringify(documentOf({ received: { type: 'string' } })));
    execFileSync(process.execPath, [script, '--openapi', openapi, '--out', out]);
    const { mtimeMs } = statSync(out);
    execFileSync(process.execPath, [script, '--openapi', openapi, '--out', out]);
    expect(statSync(out).mtimeMs).toBe(mtimeMs);
    expect(readFileSync(out, 'utf8')).toBe(clientModule(documentOf({ received: { type: 'string' } })));
    expect(existsSync(`${out}.tmp`)).toBe(false);
  });

  test.each([
    [['--openapi', join(folder, 'none.json'), '--out', out], 'is not there'],
    [['--out', out], '--openapi and --out are needed'],
    [['--openapi', openapi], '--openapi and --out are needed'],
    [['--opnapi', openapi], "Unknown option '--opnapi'"],
  ])('%j fails with one line', (args, message) => {
    const { status, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('the script that npm runs before others', () => {
  const clients = join(packageRoot(), 'templates', 'connection', 'scripts', 'generate-clients.mjs');
  let website: string;
  beforeEach(() => {
    website = mkdtempSync(join(tmpdir(), 'website-'));
    mkdirSync(join(website, 'scripts'));
    copyFileSync(clients, join(website, 'scripts', 'generate-clients.mjs'));
    writeFileSync(join(website, 'package.json'), '{ "name": "@shop/website" }');
    writeFileSync(join(website, 'project.json'), '{ "targets": {} }');
  });
  afterEach(() => rmSync(website, { recursive: true }));

  /** Runs it where there is no Nx. */
  const run = (project?: string) =>
    spawnSync(process.execPath, [join(website, 'scripts', 'generate-clients.mjs')], {
      env: { ...process.env, NX_TASK_TARGET_PROJECT: project },
      encoding: 'utf8',
    });

  test("has nothing to do in a task of the website's, before which Nx has made them", () => {
    for (const name of ['@shop/website', basename(website)]) expect(run(name)).toMatchObject({ status: 0, stderr: '' });
    writeFileSync(join(website, 'project.json'), '{ "name": "site" }');
    expect(run('site')).toMatchObject({ status: 0, stderr: '' });
  });

  test.each([
    ["in a task of another project's, such as a browser test", 'website-e2e'],
    ['in none', undefined],
  ])('makes them by Nx %s', (_, project) => {
    expect(run(project)).toMatchObject({ status: 1, stderr: expect.stringContaining('Nx is not installed') });
  });
});
