/**
 * The Worker's `Headers`. Lives in a Worker's thread. Parses the joined wire string
 * (`name\nvalue\n...`, protocol/http.ts) only when somebody looks, and hands the same string back
 * when nothing was changed. Guards, texts and iteration as production (spec/rpc.md 2.1).
 */
import { httpCompat } from "../compat.ts";
import { defineInterface } from "../interfaces/define-interface.ts";
import { iterateEntries, iterateKeys, iterateValues } from "../interfaces/iterators.ts";

/** "immutable": headers of received requests and of fetched, error and redirect responses. */
export type HeadersGuard = "none" | "request" | "response" | "immutable";
export type HeadersInit =
  | Headers
  | Iterable<readonly string[]>
  | Readonly<Record<string, string>>
  | undefined
  | null;

interface Entry {
  /** As first written; `values` has one element except for Set-Cookie. */
  readonly name: string;
  readonly values: string[];
}

/** Names may be empty and may hold anything above ASCII, as in production. */
const BAD_NAME = /[\0-\x20"(),/:;<=>?@[\\\]{}\x7f]/;
const BAD_VALUE = /[\0\r\n]/;
const EDGE_SPACE = /^[\t\n\r ]+|[\t\n\r ]+$/g;

let wireOf: (headers: Headers) => string;
let fromWire: (wire: string, guard: HeadersGuard) => Headers;
let guardOf: (headers: Headers) => HeadersGuard;
let setGuard: (headers: Headers, guard: HeadersGuard) => void;
let isHeadersBrand: (value: object) => boolean;
let listOf: (headers: Headers) => [string, string][];

export class Headers {
  /** The wire form; null when the map has changed since. */
  #wire: string | null = "";
  /** Null until somebody looks. */
  #map: Map<string, Entry> | null = null;
  #guard: HeadersGuard = "none";

  constructor(init?: HeadersInit) {
    if (init !== undefined) this.#fill(init);
  }

  static {
    wireOf = (headers) => {
      headers.#wire ??= serialize(headers.#parsed());
      return headers.#wire;
    };
    fromWire = (wire, guard) => {
      const headers = new Headers();
      headers.#wire = wire;
      headers.#guard = guard;
      return headers;
    };
    guardOf = (headers) => headers.#guard;
    setGuard = (headers, guard) => {
      headers.#guard = guard;
    };
    isHeadersBrand = (value) => #map in value;
    listOf = (headers) => headers.#list();
  }

  get(name: string): string | null {
    const entry = this.#parsed().get(lowerName(name));
    return entry === undefined ? null : entry.values.join(", ");
  }

  /** Legacy: all values of Set-Cookie, the only name that it takes. */
  getAll(name: string): string[] {
    if (lowerName(name) !== "set-cookie") {
      throw new TypeError('getAll() can only be used with the header name "Set-Cookie".');
    }
    return this.#cookies();
  }

  getSetCookie(): string[] {
    return this.#cookies();
  }

  #cookies(): string[] {
    return [...(this.#parsed().get("set-cookie")?.values ?? [])];
  }

  has(name: string): boolean {
    return this.#parsed().has(lowerName(name));
  }

  set(name: string, value: string): void {
    const lower = lowerName(name);
    const text = cleanValue(value);
    this.#write().set(lower, { name: String(name), values: [text] });
  }

  append(name: string, value: string): void {
    const lower = lowerName(name);
    const text = cleanValue(value);
    appendTo(this.#write(), lower, String(name), text);
  }

  delete(name: string): void {
    const lower = lowerName(name);
    this.#write().delete(lower);
  }

  forEach(callback: (value: string, key: string, parent: Headers) => void, self?: unknown): void {
    for (const [key, value] of this.#list()) callback.call(self, value, key, this);
  }

  entries(): IterableIterator<[string, string]> {
    const list = this.#list();
    return iterateEntries((index) => list[index]);
  }

  keys(): IterableIterator<string> {
    const list = this.#list();
    return iterateKeys((index) => list[index]);
  }

  values(): IterableIterator<string> {
    const list = this.#list();
    return iterateValues((index) => list[index]);
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    const list = this.#list();
    return iterateEntries((index) => list[index]);
  }

  /** As iterators show it: by name, later changes are not seen. */
  #list(): [string, string][] {
    const list: [string, string][] = [];
    for (const [key, entry] of this.#sorted()) {
      if (key === "set-cookie" && httpCompat().separateCookies) {
        for (const value of entry.values) list.push([key, value]);
      } else list.push([key, entry.values.join(", ")]);
    }
    return list;
  }

  #parsed(): Map<string, Entry> {
    this.#map ??= parseWire(this.#wire as string);
    return this.#map;
  }

  #sorted(): [string, Entry][] {
    return [...this.#parsed()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  }

  #write(): Map<string, Entry> {
    if (this.#guard === "immutable") throw new TypeError("Can't modify immutable headers.");
    const map = this.#parsed();
    this.#wire = null;
    return map;
  }

  #fill(init: Exclude<HeadersInit, undefined>): void {
    if (init === null || (typeof init !== "object" && typeof init !== "function")) {
      throw new TypeError(
        "Failed to construct 'Headers': constructor parameter 1 is not of type 'Headers or Sequence or object'.",
      );
    }
    if (#map in init) {
      // Share the text, parse neither.
      this.#wire = wireOf(init as Headers);
      return;
    }
    const iterate = (init as Partial<Iterable<readonly string[]>>)[Symbol.iterator];
    if (typeof iterate === "function") {
      for (const pair of init as Iterable<readonly string[]>) {
        if (typeof pair !== "object" || pair === null) {
          throw new TypeError("Incorrect type: the provided value is not of type 'Sequence'.");
        }
        const [name, value, ...more] = pair as readonly [string, string, ...string[]];
        if ([...pair].length !== 2 || more.length > 0) {
          throw new TypeError(
            "To initialize a Headers object from a sequence, each inner sequence must have exactly two elements.",
          );
        }
        this.append(name, value);
      }
      return;
    }
    for (const [name, value] of Object.entries(init)) this.append(name, value);
  }
}
defineInterface(Headers, "Headers", {
  brand: isHeadersBrand,
  parameters: {
    get: "string",
    getAll: "string",
    has: "string",
    set: "string|string",
    append: "string|string",
    delete: "string",
    forEach: "function",
  },
  entries: (headers) => listOf(headers as Headers),
  more: (headers) => ({ immutable: guardOf(headers as Headers) === "immutable" }),
});

/** Lazy Headers over the wire string; nothing is parsed or checked. */
export function headersFromWire(wire: string, guard: HeadersGuard): Headers {
  return fromWire(wire, guard);
}

/** The wire string; the very string that came in if nothing was changed. */
export function headersToWire(headers: Headers): string {
  return wireOf(headers);
}

export function headersGuard(headers: Headers): HeadersGuard {
  return guardOf(headers);
}

/** Set the guard after filling; returns the same object. */
export function guardHeaders(headers: Headers, guard: HeadersGuard): Headers {
  setGuard(headers, guard);
  return headers;
}

/** True for instances of this class (and subclasses), whatever their prototype says. */
export function isHeaders(value: unknown): value is Headers {
  return typeof value === "object" && value !== null && isHeadersBrand(value);
}

function lowerName(name: unknown): string {
  const text = String(name);
  if (BAD_NAME.test(text)) throw new TypeError("Invalid header name.");
  return lowerCase(text);
}

/** Of ASCII letters; no others have a case in a header. */
function lowerCase(name: string): string {
  if (/^[\0-\x7f]*$/.test(name)) return name.toLowerCase();
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function cleanValue(value: unknown): string {
  const text = String(value).replace(EDGE_SPACE, "");
  if (BAD_VALUE.test(text)) throw new TypeError("Invalid header value.");
  return text;
}

function appendTo(map: Map<string, Entry>, lower: string, name: string, value: string): void {
  const entry = map.get(lower);
  if (entry === undefined) map.set(lower, { name, values: [value] });
  else entry.values.push(value);
}

function parseWire(wire: string): Map<string, Entry> {
  const map = new Map<string, Entry>();
  if (wire === "") return map;
  const parts = wire.split("\n");
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const name = parts[i] as string;
    appendTo(map, lowerCase(name), name, parts[i + 1] as string);
  }
  return map;
}

function serialize(map: Map<string, Entry>): string {
  let wire = "";
  for (const [lower, entry] of map) {
    const values = lower === "set-cookie" ? entry.values : [entry.values.join(", ")];
    for (const value of values) {
      wire += wire === "" ? `${entry.name}\n${value}` : `\n${entry.name}\n${value}`;
    }
  }
  return wire;
}
