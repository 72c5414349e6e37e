/**
 * Turns an API's OpenAPI document into what a website's client needs: the types of its operations and how each is called.
 *
 *   node generate-client.mjs --openapi <openapi.json> --out <my-api.gen.ts> [--url <address>] [--server <serve.json>] [--watch]
 *
 * `--url` is the local server's usual address, `--server` the file in which it says while it runs where it listens (`url`).
 * Paths are relative to the current folder. A file whose contents are right already is not touched. Exit code 1 and one line a
 * problem on standard error when the document can't be used. With `--watch` it runs again whenever the document or the server's
 * address changes, until Ctrl-C; a document that can't be used leaves the last types.
 */
import {
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  watchFile,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/**
 * @typedef {'out' | 'in' | 'form' | 'sparse'} Mode How a schema is used: in what is received, in what is sent as JSON, in a form
 *   (whose files are files), or in an answer that leaves fields out.
 * @typedef {(name: string, mode: Mode) => string} Show How a type writes the name of a component.
 */

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** All ways in which a schema may be used; the first that there is has the plain name. */
const modes = /** @type {Mode[]} */ (['out', 'in', 'form', 'sparse']);

/** What the other ways add to the name. */
const suffixes = { out: 'Out', in: 'In', form: 'Form', sparse: 'Sparse' };

/** Names of types that the generated module uses itself. */
const ownTypes = [
  'Blob',
  'ArrayBuffer',
  'ClientErrorStatus',
  'Exclude',
  'Omit',
  'Operations',
  'OperationTable',
  'Pick',
  'Record',
  'ServerErrorStatus',
  'ServerSentEvent',
];

/** What every object has, and what makes a promise of one: no name for an operation or a parameter, which may be left out. */
const objectNames = new Set([...Object.getOwnPropertyNames(Object.prototype), 'then']);

/** Headers that a page can't set (https://fetch.spec.whatwg.org/#forbidden-request-header), and one that Chrome doesn't let it. */
const forbiddenHeader =
  /^(accept-charset|accept-encoding|access-control-request-.*|connection|content-length|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|set-cookie|te|trailer|transfer-encoding|upgrade|via|user-agent|proxy-.*|sec-.*)$/i;

/** Where the local server listens, if it has not said otherwise. */
const usualServer = 'http://127.0.0.1:8000';

/** How often `--watch` looks, in milliseconds. Looking works on every file system, and notices a file that is replaced. */
const watchInterval = 100;

/** Problems of a document, one line each in `message`. */
export class DocumentError extends Error {}

/**
 * The module with an API's types and operations.
 *
 * @param {any} document OpenAPI 3.1 as FastAPI writes it.
 * @param {string} server Address of the local server, for development.
 * @param {(line: string) => void} warn Gets a line for each part that no browser can send, and that is left out.
 * @returns {string} TypeScript.
 * @throws {DocumentError} When an operation has no name, or two share one.
 */
export function clientModule(document, server = usualServer, warn = () => undefined) {
  if (typeof document?.paths !== 'object') {
    throw new DocumentError("This is no OpenAPI document: run the API's target openapi first.");
  }
  const components = document.components?.schemas ?? {};
  const operations = readOperations(document, warn).map(
    (route) => new Operation(document, route, warn),
  );

  /** @type {[string, Mode][]} */
  const used = [];
  const collector = new Types(components, (name, mode) => {
    used.push([name, mode]);
    return name;
  });
  for (const operation of operations) operation.entry(collector);
  const { writer, declarations } = nameTypes(components, used);
  const types = operations.map((operation) => operation.entry(writer)).join('');
  const readers = operations
    .flatMap(({ call }) => Object.values(call))
    .filter((value) => value instanceof Name)
    .map(({ name }) => name);
  return `// Made from the API's OpenAPI document: changes are lost.
${importLine('import type', ['OperationTable', ...writer.imports])}${importLine('import', readers)}
${declarations.map((text) => `${text}\n\n`).join('')}/** What each operation takes and answers. */
export interface Operations {
${indent(types)}}

/** How each operation is called. */
export const operations: OperationTable<Operations> = {
${operations.map(({ name, call }) => `  ${key(name)}: ${inline(call)},\n`).join('')}};

/** Address of the local server, for development. */
export const localUrl = ${quote(server)};
`;
}

/** An import from the runtime; nothing where there is nothing to import. */
function importLine(words, names) {
  const sorted = [...new Set(names)].sort((one, other) => one.localeCompare(other));
  return sorted.length > 0 ? `${words} { ${sorted.join(', ')} } from './runtime';\n` : '';
}

/** The routes of a document with the names that their operations have in TypeScript. */
function readOperations(document, warn) {
  const routes = [];
  const problems = [];
  const seen = new Map();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of methods) {
      const operation = item[method];
      if (!operation) continue;
      const label = `${method.toUpperCase()} ${path}`;
      const name = memberName(operation.operationId ?? '');
      if (['GET', 'HEAD'].includes(method.toUpperCase()) && operation.requestBody) {
        warn(
          `${label} is left out: no browser sends a body with it. Make it a POST, with openapi_extra={"x-query": True} where it reads.`,
        );
        continue;
      }
      if (!name || !/^[\p{ID_Start}$_]/u.test(name)) {
        problems.push(
          `${label}: its id gives no name in code: give its route an operation_id that begins with a letter.`,
        );
      } else if (seen.has(name)) {
        problems.push(
          `${seen.get(name)} and ${label} share the name ${name}: give one of them another operation_id.`,
        );
      }
      seen.set(name, label);
      const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])];
      routes.push({ name, method: method.toUpperCase(), path, operation, parameters });
    }
  }
  if (problems.length > 0) throw new DocumentError(problems.join('\n'));
  return routes;
}

/** One operation: the entry of the table, and its types. */
class Operation {
  constructor(document, { name, method, path, operation, parameters }, warn) {
    this.document = document;
    this.label = `${method} ${path}`;
    this.warn = warn;
    this.name = name;
    this.method = method;
    this.operation = operation;
    this.parameters = this.#nameParameters(parameters.map((parameter) => this.#resolve(parameter)));
    this.body = this.#readBody(this.#resolve(operation.requestBody));
    this.answer = this.#readAnswers();
    this.call = this.#describeCall(operation['x-fastapi-path'] ?? path);
  }

  /** What a reference to a parameter, a body or a response stands for. */
  #resolve(object) {
    const [, kind, name] = /^#\/components\/(\w+)\/(.+)$/.exec(object?.$ref ?? '') ?? [];
    return kind ? this.document.components[kind]?.[name] : object;
  }

  /** Parameters by their name in TypeScript, without what no page can send: cookies, headers of the browser's, and objects. */
  #nameParameters(parameters) {
    const named = new Map();
    // An operation's own parameter replaces its path's.
    const last = new Map(
      parameters.map((parameter) => [`${parameter.in} ${parameter.name}`, parameter]),
    );
    const taken = new Set(this.operation.requestBody ? ['body'] : []);
    for (const parameter of last.values()) {
      if (parameter.in === 'cookie') continue;
      if (parameter.in === 'header' && forbiddenHeader.test(parameter.name)) {
        if (parameter.required)
          this.warn(
            `${this.label}: the header ${parameter.name} is left out: only the browser sets it.`,
          );
        continue;
      }
      const schema = parameter.schema ?? jsonSchemaIn(parameter.content) ?? {};
      const sendable = withoutObjects(schema, this.document.components?.schemas ?? {});
      if (sendable === undefined) {
        this.warn(
          `${this.label}: the parameter ${parameter.name} is left out: FastAPI reads no object from a ${parameter.in}.`,
        );
        continue;
      }
      const name = free(memberName(parameter.name) || 'parameter', taken);
      named.set(name, { ...parameter, schema: sendable });
    }
    return named;
  }

  #readBody(requestBody) {
    const content = Object.entries(requestBody?.content ?? {});
    if (content.length === 0) return undefined;
    const [type, media] = content.find(([one]) => isJson(one)) ?? content[0];
    if (content.length > 1)
      this.warn(`${this.label}: its body is sent as ${type}, the first that fits of several.`);
    const common = { type, schema: media.schema ?? {}, required: requestBody.required === true };
    if (isJson(type)) return { ...common, form: 'json', usual: 'application/json' };
    const forms = {
      'multipart/form-data': 'multipart',
      'application/x-www-form-urlencoded': 'urlencoded',
    };
    if (forms[type]) {
      const { schema, lost } = formOf(common.schema, this.document.components?.schemas ?? {});
      for (const field of lost)
        this.warn(
          `${this.label}: the field ${field} is left out: FastAPI reads no object from a form.`,
        );
      return { ...common, schema, form: forms[type], usual: type };
    }
    return { ...common, form: 'raw', usual: 'application/octet-stream' };
  }

  /** Forms of the good answers: each with its kind, the schema and, for a stream, its format. */
  #readAnswers() {
    const forms = [];
    for (const [status, reference] of Object.entries(this.operation.responses ?? {})) {
      if (!/^2/.test(status)) continue;
      const content = Object.entries(this.#resolve(reference).content ?? {});
      if (status === '204' || status === '205' || this.method === 'HEAD')
        forms.push({ kind: 'nothing' });
      else if (content.length === 0) forms.push({ kind: 'any' });
      for (const [type, media] of content) forms.push(answerForm(type, media));
    }
    // Of an operation that only redirects, something of another place arrives.
    if (forms.length === 0) forms.push({ kind: 'any' });
    const stream = forms.find(({ kind }) => kind === 'stream');
    if (stream) return { stream: stream.format, forms: [stream] };
    const kinds = new Set(forms.map(({ kind }) => kind).filter((kind) => kind !== 'nothing'));
    const form = kinds.size > 1 ? 'any' : [...kinds][0];
    return { form: form === 'json' ? undefined : form, forms };
  }

  #describeCall(path) {
    const place = (where) => [...this.parameters].filter(([, parameter]) => parameter.in === where);
    const wireNames = (where) =>
      Object.fromEntries(place(where).map(([name, parameter]) => [name, parameter.name]));
    const pathNames = new Map(place('path').map(([name, parameter]) => [parameter.name, name]));
    const { body, answer } = this;
    return withoutEmpty({
      method: this.method === 'GET' ? undefined : this.method,
      path: path.replace(
        /\{([^{}:]+)(?::(\w+))?\}/g,
        (_, name, converter) =>
          `{${pathNames.get(name) ?? name}${converter === 'path' ? '+' : ''}}`,
      ),
      query: wireNames('query'),
      headers: wireNames('header'),
      body: body && new Name(`${body.form}Body`),
      contentType: body && body.type !== body.usual ? body.type : undefined,
      answer: answer.form && new Name(`${answer.form}Answer`),
      stream: answer.stream && new Name(answer.stream),
    });
  }

  /**
   * The entry of the interface `Operations`.
   *
   * @param {Types} types
   */
  entry(types) {
    const { operation } = this;
    const reads = operation['x-query'] ?? ['GET', 'HEAD'].includes(this.method);
    const kind = this.answer.stream ? 'stream' : reads ? 'query' : 'mutation';
    const members = [
      `kind: ${quote(kind)};`,
      `input: ${this.#input(types)};`,
      `output: ${this.#output(types)};`,
      `errors: ${this.#errors(types)};`,
    ];
    return `${comment(operation)}${key(this.name)}: {\n${indent(members.join('\n'))}\n};\n`;
  }

  #input(types) {
    const member = (type, required) =>
      required ? `: ${union(type)}` : `?: ${union(optional(type, 'in'))}`;
    const members = [...this.parameters].map(([name, parameter]) => {
      const type = parameterType(parameter, types);
      return `${comment(parameter)}${key(name)}${member(type, parameter.required)};\n`;
    });
    const { body } = this;
    if (body) members.push(`body${member(bodyType(body, types), body.required)};\n`);
    return members.length > 0 ? `{\n${indent(members.join(''))}}` : 'Record<string, never>';
  }

  #output(types) {
    const left = this.operation['x-response-model'];
    return union(this.answer.forms.flatMap((form) => answerType(form, left, types)));
  }

  #errors(types) {
    const members = [];
    const declared = [];
    const rest = [];
    const ranges = {
      '4XX': ['ClientErrorStatus'],
      '5XX': ['ServerErrorStatus'],
      DEFAULT: ['ClientErrorStatus', 'ServerErrorStatus'],
    };
    for (const [status, reference] of Object.entries(this.operation.responses ?? {})) {
      const response = this.#resolve(reference);
      const type = union(errorType(response, types));
      if (/^[45]\d\d$/.test(status)) {
        declared.push(status);
        // FastAPI's own words say nothing.
        const said = response.description === 'Validation Error' ? {} : response;
        members.push(`${comment(said)}${status}: ${type};\n`);
      } else if (ranges[status.toUpperCase()]) rest.push([ranges[status.toUpperCase()], type]);
    }
    const parts = members.length > 0 ? [`{\n${indent(members.join(''))}}`] : [];
    const done = new Set();
    for (const [names, type] of rest) {
      for (const name of names) {
        if (done.has(name)) continue;
        done.add(name);
        types.imports.add(name);
        const statuses = declared.length > 0 ? `Exclude<${name}, ${declared.join(' | ')}>` : name;
        // In small letters, which no type of the document begins with.
        parts.push(`{ [status in ${statuses}]: ${type} }`);
      }
    }
    return parts.join(' & ') || 'Record<never, never>';
  }
}

/** Words of a schema that say nothing of its values. */
const notes = ['title', 'description'];

function answerForm(mediaType, media) {
  const type = mediaType.replace(/\s*;.*/, '');
  if (/^application\/(jsonl|jsonlines|x-jsonlines|x-ndjson)$/.test(type)) {
    return { kind: 'stream', format: 'jsonLines', schema: media.itemSchema ?? {} };
  }
  if (type === 'text/event-stream') {
    const data = media.itemSchema?.properties?.data?.contentSchema;
    return data
      ? { kind: 'stream', format: 'eventData', schema: data }
      : { kind: 'stream', format: 'serverSentEvents' };
  }
  if (isJson(type)) {
    // FastAPI says JSON of all that it was told nothing of, of a file as well.
    const said = Object.keys(media.schema ?? {}).filter((word) => !notes.includes(word));
    return said.length > 0 ? { kind: 'json', schema: media.schema } : { kind: 'any' };
  }
  return { kind: type.startsWith('text/') ? 'text' : 'blob' };
}

function answerType({ kind, format, schema }, left, types) {
  if (kind === 'nothing') return ['null'];
  if (kind === 'any') return ['unknown'];
  if (kind === 'text') return ['string'];
  if (kind === 'blob') return ['Blob'];
  if (format === 'serverSentEvents') {
    types.imports.add('ServerSentEvent');
    return ['ServerSentEvent'];
  }
  // The document has the aliases alone.
  if (left?.byName) return ['unknown'];
  if (!left) return types.of(schema, 'out');
  const { include, exclude } = left;
  if (include === undefined && exclude === undefined) return types.of(schema, 'sparse');
  // What is picked within lists or deeper is not said in the document, nor from which member of a union.
  if (
    types.components[componentOf(schema.$ref ?? '')]?.type !== 'object' ||
    ![include, exclude].every((names) => names === undefined || Array.isArray(names))
  )
    return ['unknown'];
  const sparse = left.excludeUnset || left.excludeDefaults || left.excludeNone;
  const [whole] = types.of(schema, sparse ? 'sparse' : 'out');
  const literals = (names) => names.map(quote).join(' | ') || 'never';
  const picked = include ? `Pick<${whole}, ${literals(include)}>` : whole;
  return [exclude?.length ? `Omit<${picked}, ${literals(exclude)}>` : picked];
}

function errorType(response, types) {
  const content = Object.entries(response?.content ?? {});
  if (content.length === 0) return ['unknown'];
  return content.flatMap(([type, { schema }]) =>
    isJson(type) ? types.of(schema ?? {}, 'out') : ['string'],
  );
}

/** A parameter can be left out, and never be null; a browser joins the values of a header, which FastAPI does not part again. */
function parameterType({ in: where, schema }, types) {
  const list = (one) => (where === 'header' && one?.type === 'array' ? (one.items ?? {}) : one);
  const parts = (schema.anyOf ?? schema.oneOf)?.map(list);
  const members = types.of(
    parts ? { ...schema, anyOf: parts, oneOf: undefined } : list(schema),
    'in',
  );
  return members.filter((member) => member !== 'null');
}

function bodyType({ form, type, schema, required }, types) {
  if (form === 'json') {
    const members = types.of(schema, 'in');
    // FastAPI takes null for no body.
    return required ? members.filter((member) => member !== 'null') : members;
  }
  if (form === 'raw')
    return type.startsWith('text/') ? ['string'] : ['Blob', 'ArrayBuffer', 'string'];
  return types.of(schema, 'form');
}

/** The type of a member that may be left out: of what is sent by being undefined too, as `exactOptionalPropertyTypes` has to be told. */
const optional = (members, mode) => (isSent(mode) ? [...members, 'undefined'] : members);

const isSent = (mode) => mode === 'in' || mode === 'form';

const isJson = (type) => /[/+]json(;|$)/.test(type);

const jsonSchemaIn = (content) =>
  Object.entries(content ?? {}).find(([type]) => isJson(type))?.[1].schema;

/**
 * Names and declarations of the types that are used. A component that is the same in several modes is one type.
 *
 * @param {Record<string, any>} components
 * @param {[string, Mode][]} used
 * @returns {{writer: Types, declarations: string[]}}
 */
function nameTypes(components, used) {
  const same = partition(components);
  const idOf = (name, mode) => `${same.get(`${mode} ${name}`)} ${name}`;
  /** @type {Map<string, string>} */
  const names = new Map();
  /** The mode in which each is written: one in which it is sent, if there is one, which says more of what may be left out. */
  /** @type {Map<string, Mode>} */
  const written = new Map();
  const reached = new Set();
  const reacher = new Types(components, (name, mode) => {
    const use = `${mode} ${name}`;
    if (components[name] && !reached.has(use)) {
      reached.add(use);
      const id = idOf(name, mode);
      if (!names.has(id) || isSent(mode)) written.set(id, mode);
      names.set(id, '');
      reacher.declaration('', components[name], mode);
    }
    return name;
  });
  for (const [name, mode] of used) reacher.show(name, mode);

  // The document's own names first: Python's `UserIn` is no `User` as it is sent.
  const taken = new Set(ownTypes);
  const plain = new Map(
    Object.keys(components).map((name) => [name, free(pascalCase(name), taken)]),
  );
  const order = [];
  for (const [name, own] of plain) {
    const there = modes.filter((mode) => names.has(`${mode} ${name}`));
    for (const [index, mode] of there.entries()) {
      names.set(`${mode} ${name}`, index === 0 ? own : free(own + suffixes[mode], taken));
      order.push([name, written.get(`${mode} ${name}`)]);
    }
  }
  const nameOf = (name, mode) => names.get(idOf(name, mode)) ?? 'unknown';
  const writer = new Types(components, nameOf, optional);
  return {
    writer,
    declarations: order.map(([name, mode]) =>
      writer.declaration(writer.show(name, mode), components[name], mode),
    ),
  };
}

/**
 * For each component and mode the first mode that gives the same type, told by comparing what would be written for each mode. All
 * are taken for the same until their texts differ, or those of what they refer to, so that components that hold themselves come out
 * right.
 *
 * A `Tree` with `count` (default 1) and `child` (a `Tree`): at first `child` reads `Tree/out` in both modes. Written with `count`
 * present when received and optional when sent, `in Tree` is no longer the same as `out Tree`, so who refers to `Tree` is compared
 * again: `child` reads `Tree/in` now when sent. That changes nothing more: `out` and `in` are two types, the others are one of them.
 */
function partition(components) {
  const names = Object.keys(components);
  /** @type {Map<string, Mode>} */
  const same = new Map(names.flatMap((name) => modes.map((mode) => [`${mode} ${name}`, 'out'])));
  /** @type {Map<string, Set<string>>} */
  const users = new Map(names.map((name) => [name, new Set()]));
  let user = '';
  const writer = new Types(components, (name, mode) => {
    users.get(name)?.add(user);
    return `${name}/${same.get(`${mode} ${name}`)}`;
  });
  const textsOf = (name) => modes.map((mode) => writer.declaration('', components[name], mode));
  let waiting = new Set(names);
  while (waiting.size > 0) {
    const next = new Set();
    for (user of waiting) {
      const texts = textsOf(user);
      for (const [index, mode] of modes.entries()) {
        const first = modes[texts.indexOf(texts[index])];
        if (same.get(`${mode} ${user}`) === first) continue;
        same.set(`${mode} ${user}`, first);
        for (const other of users.get(user) ?? []) next.add(other);
      }
    }
    waiting = next;
  }
  return same;
}

/** Writes JSON schemas as TypeScript. */
class Types {
  /**
   * @param {Record<string, any>} components Schemas that have names.
   * @param {Show} show
   * @param {(members: string[], mode: Mode) => string[]} optional What the type of a member is that may be left out.
   */
  constructor(components, show, optional = (members) => members) {
    this.components = components;
    this.show = show;
    this.optional = optional;
    /** Types of the runtime that were written. */
    this.imports = new Set();
  }

  /** The exported type of a component. */
  declaration(name, schema, mode) {
    const parts = ['allOf', 'anyOf', 'oneOf', 'enum', 'const', '$ref', 'nullable'];
    const plain = schema.type === 'object' && !parts.some((part) => part in schema);
    const members = plain ? [this.#object(schema, mode)] : this.of(schema, mode);
    if (plain && schema.properties && members[0].startsWith('{')) {
      return `${comment(schema)}export interface ${name} ${members[0]}`;
    }
    const text = members.length === 1 ? members[0].replace(/^\((.*)\)$/s, '$1') : union(members);
    return `${comment(schema)}export type ${name} = ${text};`;
  }

  /**
   * The members of the union that a schema is.
   *
   * @param {any} schema
   * @param {Mode} mode
   * @returns {string[]}
   */
  of(schema, mode) {
    if (typeof schema !== 'object' || schema === null)
      return [schema === false ? 'never' : 'unknown'];
    const nullable = schema.nullable === true ? ['null'] : [];
    const parts = [];
    if (schema.$ref) parts.push([this.show(componentOf(schema.$ref), mode)]);
    for (const part of schema.allOf ?? []) parts.push(this.of(part, mode));
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices)
      parts.push(choices.flatMap((choice) => this.#choice(choice, schema.discriminator, mode)));
    if ('const' in schema) parts.push([literal(schema.const)]);
    else if (schema.enum) parts.push(schema.enum.map(literal));
    else if (schema.type ?? schema.properties) {
      parts.push(
        [schema.type ?? 'object'].flat().flatMap((type) => this.#simple(type, schema, mode)),
      );
    }
    const told = parts.filter((part) => !part.includes('unknown'));
    if (told.length === 0) return ['unknown'];
    if (told.length === 1) return [...told[0], ...nullable];
    return [`(${told.map(atom).join(' & ')})`, ...nullable];
  }

  /** One of several; what tells them apart has to be sent, even where the model has a default for it. */
  #choice(choice, discriminator, mode) {
    const members = this.of(choice, mode);
    const property = discriminator?.propertyName;
    const schema = choice.$ref && this.components[componentOf(choice.$ref)];
    const told = schema?.properties?.[property];
    if (!told || schema.required?.includes(property) || !isSent(mode)) return members;
    return [`(${atom(members)} & { ${key(property)}: ${union(this.of(told, mode))} })`];
  }

  #simple(type, schema, mode) {
    switch (type) {
      case 'null':
      case 'boolean':
        return [type];
      case 'integer':
      case 'number':
        return ['number'];
      case 'string':
        return [mode === 'form' && isFile(schema) ? 'Blob' : 'string'];
      case 'array':
        return [this.#array(schema, mode)];
      case 'object':
        return [this.#object(schema, mode)];
      default:
        return ['unknown'];
    }
  }

  #array({ items, prefixItems, minItems = 0, maxItems }, mode) {
    const rest = items === false || maxItems === 0 ? undefined : this.of(items ?? {}, mode);
    if (!prefixItems) return rest ? `${atom(rest)}[]` : '[]';
    const members = prefixItems.map((item, index) =>
      index < minItems ? union(this.of(item, mode)) : `${atom(this.of(item, mode))}?`,
    );
    if (rest && !(maxItems <= prefixItems.length)) members.push(`...${atom(rest)}[]`);
    return `[${members.join(', ')}]`;
  }

  #object(schema, mode) {
    const { properties = {}, patternProperties = {}, propertyNames, additionalProperties } = schema;
    const members = [];
    const values = [];
    for (const [name, property] of Object.entries(properties)) {
      if (isSent(mode) ? property.readOnly : property.writeOnly) continue;
      const types = this.of(property, mode);
      const present = isPresent(name, property, schema.required ?? [], types, mode);
      const type = present ? `: ${union(types)}` : `?: ${union(this.optional(types, mode))}`;
      members.push(`${comment(property)}${key(name)}${type};\n`);
      values.push(...types, ...(present ? [] : ['undefined']));
    }
    const others = [additionalProperties || [], ...Object.values(patternProperties)]
      .flat()
      .flatMap((one) => this.of(one, mode));
    if (members.length > 0) {
      if (others.length > 0) members.push(`[key: string]: ${union([...others, ...values])};\n`);
      return `{\n${indent(members.join(''))}}`;
    }
    if (others.length === 0) {
      const none = additionalProperties === false || schema.properties;
      return none ? 'Record<string, never>' : '{ [key: string]: unknown }';
    }
    // Names that are listed can be left out one by one.
    const names = propertyNames?.$ref
      ? this.components[componentOf(propertyNames.$ref)]
      : propertyNames;
    const listed = names?.enum ?? (names && 'const' in names ? [names.const] : undefined);
    if (listed) {
      const values = this.optional(others, mode);
      return `{ [key in ${union(listed.map(literal))}]?: ${union(values)} }`;
    }
    return `{ [key: string]: ${union(others)} }`;
  }
}

/**
 * What of a schema a query, a header or a form can carry: all but objects, and lists of them.
 *
 * @returns `undefined` where nothing is left.
 */
function withoutObjects(schema, components, within = []) {
  if (typeof schema !== 'object' || schema === null) return schema;
  const name = schema.$ref && componentOf(schema.$ref);
  if (name) {
    if (within.includes(name) || !components[name]) return schema;
    return withoutObjects(components[name], components, [...within, name]) && schema;
  }
  const left = (one) => withoutObjects(one, components, within);
  for (const word of ['anyOf', 'oneOf']) {
    const choices = schema[word]?.map(left).filter((one) => one !== undefined);
    if (choices === undefined) continue;
    return choices.some((one) => one.type !== 'null') ? { ...schema, [word]: choices } : undefined;
  }
  if (schema.allOf && !schema.allOf.every(left)) return undefined;
  if (schema.type === 'array') return left(schema.items ?? {}) === undefined ? undefined : schema;
  return schema.type === 'object' || schema.properties ? undefined : schema;
}

/** The schema of a form with the fields that it can carry, and the names of the others. */
function formOf(schema, components) {
  const form = schema.$ref ? (components[componentOf(schema.$ref)] ?? schema) : schema;
  const fields = Object.entries(form.properties ?? {}).map(([name, property]) => [
    name,
    withoutObjects(property, components),
  ]);
  const kept = fields.filter(([, property]) => property !== undefined);
  const lost = fields.filter(([, property]) => property === undefined).map(([name]) => name);
  return {
    schema: lost.length === 0 ? schema : { ...form, properties: Object.fromEntries(kept) },
    lost,
  };
}

/** Whether a property is always there: what has a default may be left out when it is sent, and is there when it arrives. */
function isPresent(name, property, required, types, mode) {
  if (mode === 'sparse') return required.includes(name) && !types.includes('null');
  return required.includes(name) || (mode === 'out' && property.default !== undefined);
}

/** A file of a form. In JSON the same schema is text. */
const isFile = ({ format, contentMediaType, contentSchema }) =>
  format === 'binary' || (contentMediaType !== undefined && contentSchema === undefined);

const componentOf = (reference) =>
  decodeURIComponent(reference.split('/').at(-1)).replaceAll('~1', '/').replaceAll('~0', '~');

const union = (members) => {
  const distinct = [...new Set(members)];
  return distinct.includes('unknown') ? 'unknown' : distinct.join(' | ') || 'never';
};

/** A type that stands before `[]`, `?` or `&`. */
const atom = (members) => {
  const text = union(members);
  return new Set(members).size > 1 && text !== 'unknown' ? `(${text})` : text;
};

const literal = (value) =>
  typeof value === 'string'
    ? quote(value)
    : typeof value === 'object' && value !== null
      ? 'unknown'
      : String(value);

/** `getHTTPItem`, `get_http_item` and `get-http-item` are the same three words. */
const wordsOf = (name) =>
  name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .split(/[^\p{ID_Continue}]+|_+/u)
    .filter((word) => word !== '');

const capital = (word) => word[0].toUpperCase() + word.slice(1);

const camelCase = (name) =>
  wordsOf(name)
    .map((word) => word.toLowerCase())
    .map((word, index) => (index === 0 ? word : capital(word)))
    .join('');

/** The name of an operation or a parameter. */
const memberName = (name) => {
  const camel = camelCase(name);
  return objectNames.has(camel) ? `${camel}_` : camel;
};

const pascalCase = (name) => {
  const pascal = wordsOf(name).map(capital).join('') || 'Type';
  return /^\p{ID_Start}/u.test(pascal) ? pascal : `Type${pascal}`;
};

/** A name that is not taken yet, and is from now on. */
function free(wanted, taken) {
  let name = wanted;
  for (let count = 2; taken.has(name); count += 1) name = `${wanted}${count}`;
  taken.add(name);
  return name;
}

const quote = (text) =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;

const key = (name) => (/^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name) ? name : quote(name));

/** Not by `^`, which would part texts at the line ends of other alphabets. */
const indent = (text) => text.replace(/(^|\n)(?!\n|$)/g, '$1  ');

/** What the runtime exports by this name. */
class Name {
  constructor(name) {
    this.name = name;
  }
}

/** A value of the table on one line. */
function inline(value) {
  if (value instanceof Name) return value.name;
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  return `{ ${Object.entries(value)
    .map(([name, one]) => `${key(name)}: ${inline(one)}`)
    .join(', ')} }`;
}

const withoutEmpty = (object) =>
  Object.fromEntries(
    Object.entries(object).filter(
      ([, value]) => value !== undefined && Object.keys(value).length > 0,
    ),
  );

/** What the document says of something, as a comment before it. */
function comment({ description, deprecated, default: value }) {
  const lines = [
    ...(description ? description.trim().split(/\r?\n/) : []),
    ...(value === undefined || value === null ? [] : [`@default ${JSON.stringify(value)}`]),
    ...(deprecated ? ['@deprecated'] : []),
  ].map((line) => line.replaceAll('*/', '*\\/').trimEnd());
  if (lines.length === 0) return '';
  if (lines.length === 1) return `/** ${lines[0]} */\n`;
  return `/**\n${lines.map((line) => ` *${line && ' '}${line}\n`).join('')} */\n`;
}

/** Address of the local server as it wrote it, or the usual one. */
function serverAddress(path, usual) {
  const text = path && current(path);
  if (!text) return usual;
  try {
    return new URL(JSON.parse(text).url).href.replace(/\/$/, '');
  } catch {
    return usual;
  }
}

/** Contents of a file, or nothing where there is none. */
function current(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Writes the module if it is not right already. Renamed into place, so that a server never reads half of it. */
function generate({ openapi, out, url, server }) {
  const text = current(openapi);
  if (text === undefined)
    throw new DocumentError(`${openapi} is not there: run the API's target openapi first.`);
  let document;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new DocumentError(
      `${openapi} can't be read (${error.message}): run the API's target openapi again.`,
    );
  }
  const contents = clientModule(document, serverAddress(server, url), (line) => console.warn(line));
  if (current(out) === contents) return false;
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(`${out}.tmp`, contents);
  renameSync(`${out}.tmp`, out);
  return true;
}

/** Runs `generate`; says in one line a problem what hinders it. */
function attempt(options) {
  try {
    return generate(options);
  } catch (error) {
    console.error(error instanceof DocumentError ? error.message : error);
    process.exitCode = 1;
    return false;
  }
}

function main() {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        openapi: { type: 'string' },
        out: { type: 'string' },
        url: { type: 'string' },
        server: { type: 'string' },
        watch: { type: 'boolean' },
      },
    }));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
    return;
  }
  const { openapi, out, server, watch } = values;
  if (!openapi || !out) {
    console.error('--openapi and --out are needed: the document, and the module to write.');
    process.exitCode = 1;
    return;
  }
  attempt(values);
  if (!watch) return;
  process.exitCode = 0;
  for (const path of [openapi, ...(server ? [server] : [])]) {
    watchFile(path, { interval: watchInterval }, () => {
      if (attempt(values)) console.log(`${out} has changed`);
      process.exitCode = 0;
    });
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) main();
