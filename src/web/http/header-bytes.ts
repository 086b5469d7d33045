/**
 * Header values are UTF-8 on the wire (spec/platform.md 3); Node shows and takes each of their bytes as one
 * character. The front door does this for requests that come in; here for those that fetch.ts sends.
 */
const NOT_ASCII = /[^\0-\x7f]/;

/** From Node's view of the bytes; what is no UTF-8 becomes U+FFFD. */
export function textOfHeaders(wire: string): string {
  return NOT_ASCII.test(wire) ? Buffer.from(wire, "latin1").toString("utf8") : wire;
}

/** To Node's view of the bytes. */
export function bytesOfHeaders(text: string): string {
  return NOT_ASCII.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
}
