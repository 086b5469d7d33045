/** Queries of URLs before `url_standard`: always a list of pairs, which URL and URLSearchParams share. */
import { decode, decodeAnyway, encodeQuery } from "./percent.ts";

/** Name and value in bytes (percent.ts). */
export interface QueryEntry {
  readonly name: string;
  readonly value: string;
  /** False: written without `=`. */
  readonly hasValue: boolean;
}

/** What both hold; its list is replaced, the object is not. */
export interface Query {
  list: QueryEntry[];
}

/** @throws BadEscape of escapes that are none */
export function parseQuery(text: string): QueryEntry[] {
  return entriesOf(text, decode);
}

/** As URLSearchParams reads: no text is wrong. */
export function readQuery(text: string): QueryEntry[] {
  return entriesOf(text, decodeAnyway);
}

function entriesOf(text: string, read: (text: string) => string): QueryEntry[] {
  const pairs = text.replaceAll("+", " ").split("&");
  return pairs.filter(Boolean).map((pair) => {
    const at = pair.indexOf("=");
    if (at < 0) return { name: read(pair), value: "", hasValue: false };
    return { name: read(pair.slice(0, at)), value: read(pair.slice(at + 1)), hasValue: true };
  });
}

/** As it stands in a URL, without `?`. */
export function writeQuery(list: readonly QueryEntry[]): string {
  const write = ({ name, value, hasValue }: QueryEntry): string =>
    hasValue ? `${encodeQuery(name)}=${encodeQuery(value)}` : encodeQuery(name);
  return list.map(write).join("&");
}
