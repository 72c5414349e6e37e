/**
 * Where things stand in a TOML text. It knows the grammar of TOML 1.0 as far as ranges need it; whether the text is valid and what
 * its values are is for a real parser, which runs before.
 */

export interface TomlList {
  kind: 'list';
  start: number;
  end: number;
  items: TomlValue[];
  /** Whether a comma follows the last item. */
  trailingComma: boolean;
  /** Offset behind that comma, or behind the last item. */
  membersEnd: number;
}

export interface TomlInlineTable {
  kind: 'table';
  start: number;
  end: number;
  entries: TomlEntry[];
}

export interface TomlScalar {
  kind: 'scalar';
  start: number;
  end: number;
}

export type TomlValue = TomlList | TomlInlineTable | TomlScalar;

/** `a.b = value` */
export interface TomlEntry {
  key: string[];
  start: number;
  value: TomlValue;
}

/** A header with the entries below it; the first section of a text has no header. */
export interface TomlSection {
  /** Empty for the entries in front of the first header. */
  path: string[];
  /** Whether the header is `[[path]]`. */
  repeated: boolean;
  /** Offset of the header's bracket. */
  start: number;
  /** Offset behind the header's closing bracket. */
  headerEnd: number;
  entries: TomlEntry[];
}

/** The sections of a valid TOML text, in their order. */
export function scanToml(text: string): TomlSection[] {
  return new Scanner(text).document();
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): TomlSection[] {
    let section: TomlSection = { path: [], repeated: false, start: 0, headerEnd: 0, entries: [] };
    const sections = [section];
    for (this.#skip(true); this.#at < this.#text.length; this.#skip(true)) {
      if (this.#text[this.#at] === '[') {
        section = this.#header();
        sections.push(section);
      } else {
        section.entries.push(this.#entry());
      }
    }
    return sections;
  }

  #header(): TomlSection {
    const start = this.#at;
    const repeated = this.#text.startsWith('[[', start);
    this.#at += repeated ? 2 : 1;
    const path = this.#key();
    this.#at += repeated ? 2 : 1;
    return { path, repeated, start, headerEnd: this.#at, entries: [] };
  }

  #entry(): TomlEntry {
    const start = this.#at;
    const key = this.#key();
    this.#at += 1; // =
    this.#skip(false);
    return { key, start, value: this.#value() };
  }

  /** Reads `a . "b" . 'c'` and stops at what follows. */
  #key(): string[] {
    const parts: string[] = [];
    for (;;) {
      this.#skip(false);
      const from = this.#at;
      const quote = this.#text[from];
      if (quote === '"' || quote === "'") {
        this.#string();
        const raw = this.#text.slice(from + 1, this.#at - 1);
        parts.push(quote === '"' ? unescaped(raw) : raw);
      } else {
        const bare = /^[A-Za-z0-9_-]+/.exec(this.#text.slice(from, from + 1024))?.[0];
        if (bare === undefined) throw new SyntaxError(`no key at ${from}`);
        this.#at += bare.length;
        parts.push(bare);
      }
      this.#skip(false);
      if (this.#text[this.#at] !== '.') return parts;
      this.#at += 1;
    }
  }

  #value(): TomlValue {
    const start = this.#at;
    const first = this.#text[start];
    if (first === '[') return this.#list();
    if (first === '{') return this.#inlineTable();
    if (first === '"' || first === "'") this.#string();
    else {
      while (this.#at < this.#text.length && !/[,\]}#\n\r]/.test(this.#text[this.#at] as string)) this.#at += 1;
      while (/[ \t]/.test(this.#text[this.#at - 1] as string)) this.#at -= 1;
    }
    if (this.#at === start) throw new SyntaxError(`no value at ${start}`);
    return { kind: 'scalar', start, end: this.#at };
  }

  #list(): TomlList {
    const start = this.#at;
    this.#at += 1;
    const items: TomlValue[] = [];
    let trailingComma = false;
    let membersEnd = this.#at;
    for (this.#skip(true); this.#text[this.#at] !== ']'; this.#skip(true)) {
      items.push(this.#value());
      membersEnd = this.#at;
      this.#skip(true);
      trailingComma = this.#text[this.#at] === ',';
      if (trailingComma) {
        this.#at += 1;
        membersEnd = this.#at;
      } else if (this.#text[this.#at] !== ']') throw new SyntaxError(`no end of the list at ${this.#at}`);
    }
    this.#at += 1;
    return { kind: 'list', start, end: this.#at, items, trailingComma, membersEnd };
  }

  #inlineTable(): TomlInlineTable {
    const start = this.#at;
    this.#at += 1;
    const entries: TomlEntry[] = [];
    for (this.#skip(true); this.#text[this.#at] !== '}'; this.#skip(true)) {
      entries.push(this.#entry());
      this.#skip(true);
      if (this.#text[this.#at] === ',') this.#at += 1;
      else if (this.#text[this.#at] !== '}') throw new SyntaxError(`no end of the table at ${this.#at}`);
    }
    this.#at += 1;
    return { kind: 'table', start, end: this.#at, entries };
  }

  /** Passes over a string of any of the four kinds. */
  #string(): void {
    const quote = this.#text[this.#at] as string;
    const triple = quote.repeat(3);
    const escapes = quote === '"';
    if (!this.#text.startsWith(triple, this.#at)) {
      this.#at += 1;
      while (this.#text[this.#at] !== quote) {
        if (this.#at >= this.#text.length) throw new SyntaxError('no end of a string');
        this.#at += escapes && this.#text[this.#at] === '\\' ? 2 : 1;
      }
      this.#at += 1;
      return;
    }
    this.#at += 3;
    while (!this.#text.startsWith(triple, this.#at)) {
      if (this.#at >= this.#text.length) throw new SyntaxError('no end of a string');
      this.#at += escapes && this.#text[this.#at] === '\\' ? 2 : 1;
    }
    this.#at += 3;
    // Up to two more quotes belong to the string.
    for (let more = 0; more < 2 && this.#text[this.#at] === quote; more += 1) this.#at += 1;
  }

  /** Passes over blanks, and over line endings and comments where they are allowed. */
  #skip(lines: boolean): void {
    const blanks = lines ? /(?:[ \t\r\n]|#[^\n]*)*/y : /[ \t]*/y;
    blanks.lastIndex = this.#at;
    this.#at += blanks.exec(this.#text)?.[0].length ?? 0;
  }
}

const escapes: Record<string, string> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', '"': '"', '\\': '\\' };

const unescaped = (raw: string): string =>
  raw.replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/g, (_, short?: string, long?: string, single?: string) =>
    single === undefined ? String.fromCodePoint(Number.parseInt(short ?? long ?? '0', 16)) : (escapes[single] ?? single),
  );
