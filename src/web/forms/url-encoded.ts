/** application/x-www-form-urlencoded bodies, read as production does (spec/platform.md 6.3). */

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const PLUS = 0x2b;
const PERCENT = 0x25;

export function parseUrlEncoded(body: Uint8Array): [name: string, value: string][] {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("latin1");
  const pairs: [string, string][] = [];
  for (const part of text.split("&")) {
    if (part === "") continue;
    const at = part.indexOf("=");
    const [name, value] = at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
    pairs.push([decode(name), decode(value)]);
  }
  return pairs;
}

/** `text` holds bytes. A "%" takes the hex digits behind it, two at most, and is dropped without. */
function decode(text: string): string {
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const byte = text.charCodeAt(at);
    if (byte !== PERCENT) {
      bytes[length++] = byte === PLUS ? 0x20 : byte;
      continue;
    }
    const digits = /^[0-9a-f]{0,2}/i.exec(text.slice(at + 1, at + 3))?.[0] ?? "";
    if (digits !== "") bytes[length++] = Number.parseInt(digits, 16);
    at += digits.length;
  }
  return decoder.decode(bytes.subarray(0, length));
}
