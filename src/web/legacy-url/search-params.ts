/** `URLSearchParams` before `url_standard`: what is no array, text or plain object has no entries in it. */
import { iterateEntries, iterateKeys, iterateValues } from "../interfaces/iterators.ts";
import { bytesOf, encodeQuery, textOf } from "./percent.ts";
import { type Query, type QueryEntry, readQuery } from "./query.ts";

let hold: (params: LegacySearchParams, query: Query) => void;
let listIn: (params: LegacySearchParams) => readonly QueryEntry[];
export let isSearchParams: (value: object) => value is LegacySearchParams;

export class LegacySearchParams {
  #query: Query;

  constructor(init?: unknown) {
    this.#query = { list: init === undefined ? [] : listOf(init) };
  }

  static {
    hold = (params, query) => {
      params.#query = query;
    };
    listIn = (params) => params.#query.list;
    isSearchParams = (value): value is LegacySearchParams => #query in value;
  }

  get size(): number {
    return this.#query.list.length;
  }

  append(name: string, value: string): void {
    this.#query.list.push(entry(name, value));
  }

  delete(name: string): void {
    this.#query.list = this.#query.list.filter(otherThan(name));
  }

  get(name: string): string | null {
    const bytes = bytesOf(name);
    const found = this.#query.list.find((entry) => entry.name === bytes);
    return found === undefined ? null : textOf(found.value);
  }

  getAll(name: string): string[] {
    const bytes = bytesOf(name);
    const found = this.#query.list.filter((entry) => entry.name === bytes);
    return found.map(({ value }) => textOf(value));
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  set(name: string, value: string): void {
    const { list } = this.#query;
    const isOther = otherThan(name);
    const first = list.findIndex((entry) => !isOther(entry));
    if (first < 0) this.append(name, value);
    else {
      const behind = list.slice(first + 1).filter(isOther);
      this.#query.list = [...list.slice(0, first), entry(name, value), ...behind];
    }
  }

  sort(): void {
    const named = this.#query.list.map((entry) => ({ name: textOf(entry.name), entry }));
    named.sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
    this.#query.list = named.map(({ entry }) => entry);
  }

  entries(): IterableIterator<[string, string]> {
    return iterateEntries((index) => this.#at(index));
  }

  keys(): IterableIterator<string> {
    return iterateKeys((index) => this.#at(index));
  }

  values(): IterableIterator<string> {
    return iterateValues((index) => this.#at(index));
  }

  forEach(
    callback: (value: string, key: string, params: LegacySearchParams) => void,
    receiver?: unknown,
  ): void {
    for (const [key, value] of this.entries()) {
      Reflect.apply(callback, receiver, [value, key, this]);
    }
  }

  toString(): string {
    const write = ({ name, value }: QueryEntry): string =>
      `${encodeQuery(name)}=${encodeQuery(value)}`;
    return this.#query.list.map(write).join("&");
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return iterateEntries((index) => this.#at(index));
  }

  #at(index: number): [string, string] | undefined {
    const found = this.#query.list[index];
    return found === undefined ? undefined : [textOf(found.name), textOf(found.value)];
  }
}

/** Those of a URL: changes of either show in the other. */
export function searchParamsOf(query: Query): LegacySearchParams {
  const params = new LegacySearchParams();
  hold(params, query);
  return params;
}

function listOf(init: unknown): QueryEntry[] {
  if ((typeof init !== "object" || init === null) && typeof init !== "function") {
    return readQuery(`${init as string}`.replace(/^\?/, ""));
  }
  if (isSearchParams(init)) return [...listIn(init)];
  if (!Array.isArray(init)) {
    return Object.entries(init).map(([name, value]) => entry(name, `${value}`));
  }
  return pairsOf(init).map(([name, value]) => entry(name, value));
}

function pairsOf(items: readonly unknown[]): readonly (readonly [string, string])[] {
  const rows = items.map((item, index) => {
    if (Array.isArray(item)) return Array.from(item, (part) => `${part}`);
    throw new TypeError(
      `Incorrect type for array element ${index}: the provided value is not of type 'Array'.`,
    );
  });
  return rows.map(([name, value, ...more]) => {
    if (name !== undefined && value !== undefined && more.length === 0) return [name, value];
    throw new TypeError(
      "To initialize a URLSearchParams object from an array-of-arrays, each inner array must have exactly two elements.",
    );
  });
}

function entry(name: string, value: string): QueryEntry {
  return { name: bytesOf(name), value: bytesOf(value), hasValue: true };
}

function otherThan(name: string): (entry: QueryEntry) => boolean {
  const bytes = bytesOf(name);
  return (entry) => entry.name !== bytes;
}
