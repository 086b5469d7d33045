/**
 * Finds where every key and value of a TOML text stands. smol-toml gives values only. The text has
 * been accepted by smol-toml before, so this scan only has to follow the grammar, not to check it.
 */
import { type ConfigPath, PlaceIndex } from "./document.ts";

interface Key {
  readonly name: string;
  readonly offset: number;
}

/** Places of all keys, tables, array elements and values of a valid TOML `text`. */
export function indexToml(text: string): PlaceIndex {
  const scanner = new TomlScanner(text);
  scanner.scan();
  return scanner.places;
}

class TomlScanner {
  readonly places = new PlaceIndex();
  readonly #text: string;
  /** Number of elements of each `[[array]]` seen so far, by the path of the array. */
  readonly #counts = new Map<string, number>();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): void {
    let table: ConfigPath = [];
    for (;;) {
      this.#skipBlank();
      if (this.#at >= this.#text.length) return;
      if (this.#text[this.#at] === "[") table = this.#header();
      else this.#assignment(table);
    }
  }

  /** `[a.b]` or `[[a.b]]`; returns the path that the following assignments belong to. */
  #header(): ConfigPath {
    const start = this.#at;
    const isArray = this.#text[start + 1] === "[";
    this.#at += isArray ? 2 : 1;
    const keys = this.#keys("]");
    this.#at += isArray ? 2 : 1;
    let path: ConfigPath = [];
    for (const [index, key] of keys.entries()) {
      path = [...path, key.name];
      this.places.add(path, { key: key.offset, value: key.offset });
      const id = JSON.stringify(path);
      if (isArray && index === keys.length - 1) {
        this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1);
      }
      const count = this.#counts.get(id);
      if (count !== undefined) {
        path = [...path, count - 1];
        this.places.add(path, { key: start, value: start });
      }
    }
    return path;
  }

  /** `a.b = value`, relative to `table`. */
  #assignment(table: ConfigPath): void {
    const keys = this.#keys("=");
    this.#at += 1;
    this.#skipSpace();
    let path = table;
    for (const key of keys) {
      path = [...path, key.name];
      this.places.add(path, { key: key.offset, value: this.#at });
    }
    this.#value(path);
  }

  /** A dotted key up to (not including) the character `end`. */
  #keys(end: string): Key[] {
    const keys: Key[] = [];
    for (;;) {
      this.#skipSpace();
      const char = this.#text[this.#at];
      if (char === undefined || char === end) return keys;
      if (char === ".") {
        this.#at += 1;
        continue;
      }
      const offset = this.#at;
      if (char === '"' || char === "'") keys.push({ name: this.#string(), offset });
      else {
        while (/[^\s.=\]]/.test(this.#text[this.#at] ?? "=")) this.#at += 1;
        keys.push({ name: this.#text.slice(offset, this.#at), offset });
      }
    }
  }

  #value(path: ConfigPath): void {
    const char = this.#text[this.#at];
    if (char === '"' || char === "'") this.#string();
    else if (char === "[") this.#array(path);
    else if (char === "{") this.#inlineTable(path);
    else while (/[^,\]}#\n]/.test(this.#text[this.#at] ?? "\n")) this.#at += 1;
  }

  #array(path: ConfigPath): void {
    this.#at += 1;
    for (let index = 0; ; index += 1) {
      this.#skipBlank();
      const char = this.#text[this.#at];
      if (char === undefined || char === "]") break;
      this.places.add([...path, index], { key: this.#at, value: this.#at });
      this.#value([...path, index]);
      this.#skipBlank();
      if (this.#text[this.#at] === ",") this.#at += 1;
    }
    this.#at += 1;
  }

  #inlineTable(path: ConfigPath): void {
    this.#at += 1;
    for (;;) {
      this.#skipBlank();
      const char = this.#text[this.#at];
      if (char === undefined || char === "}") break;
      this.#assignment(path);
      this.#skipBlank();
      if (this.#text[this.#at] === ",") this.#at += 1;
    }
    this.#at += 1;
  }

  /** Passes any of the four kinds of strings; returns its value where keys need it (one-line). */
  #string(): string {
    const quote = this.#text[this.#at] ?? "";
    const escapes = quote === '"';
    const start = this.#at;
    if (this.#text.startsWith(quote.repeat(3), start)) {
      this.#at += 3;
      while (this.#at < this.#text.length && !this.#text.startsWith(quote.repeat(3), this.#at)) {
        this.#at += escapes && this.#text[this.#at] === "\\" ? 2 : 1;
      }
      this.#at += 3;
      // Up to two quotes may stand directly before the closing three.
      while (this.#text[this.#at] === quote) this.#at += 1;
      return "";
    }
    this.#at += 1;
    while (this.#at < this.#text.length && this.#text[this.#at] !== quote) {
      this.#at += escapes && this.#text[this.#at] === "\\" ? 2 : 1;
    }
    this.#at += 1;
    const raw = this.#text.slice(start + 1, this.#at - 1);
    return escapes ? unescapeBasic(raw) : raw;
  }

  #skipSpace(): void {
    while (this.#text[this.#at] === " " || this.#text[this.#at] === "\t") this.#at += 1;
  }

  /** White space, line ends and comments. */
  #skipBlank(): void {
    for (;;) {
      const char = this.#text[this.#at];
      if (char === "#") {
        const end = this.#text.indexOf("\n", this.#at);
        this.#at = end === -1 ? this.#text.length : end;
      } else if (char === " " || char === "\t" || char === "\n" || char === "\r") this.#at += 1;
      else return;
    }
  }
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
  e: "\u001B",
};

function unescapeBasic(raw: string): string {
  return raw.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/g,
    (_all, x: string | undefined, u: string | undefined, long: string | undefined, short) => {
      const hex = x ?? u ?? long;
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      return SHORT_ESCAPES[String(short)] ?? String(short);
    },
  );
}
