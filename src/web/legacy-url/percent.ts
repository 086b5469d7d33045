/**
 * Percent-encoding of URLs before `url_standard` (legacy-url/url.ts). Parts of such a URL are bytes: strings
 * in which each character is one. What is not UTF-8 so keeps its bytes.
 */

/** UTF-8; lone surrogates as the three bytes that they would have. */
export function bytesOf(text: string): string {
  return text.replace(/\P{ASCII}/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0xd8_00 || code > 0xdf_ff) return Buffer.from(character).toString("latin1");
    return String.fromCharCode(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  });
}

export function textOf(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString();
}

/** Escapes that are none make the whole URL none. */
export class BadEscape extends Error {}

/** @throws BadEscape */
export function decode(text: string): string {
  if (/%(?![\da-f]{2})/i.test(text)) throw new BadEscape();
  return decodeAnyway(text);
}

/** Escapes with one digit are that byte; with none they vanish. */
export function decodeAnyway(text: string): string {
  return bytesOf(text).replace(/%([\da-f]{0,2})/gi, (_, digits: string) =>
    digits === "" ? "" : String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

export function encodePath(bytes: string): string {
  return bytes.replace(/[^!$&-.0-;=@-[\]-_a-z|~]/g, escaped);
}

/** User names and passwords. */
export function encodeUser(bytes: string): string {
  return bytes.replace(/[^!$&-.0-9A-Z_a-z~]/g, escaped);
}

export function encodeFragment(bytes: string): string {
  return bytes.replace(/[^!#$&-;=?-_a-~]/g, escaped);
}

/** As in forms. */
export function encodeQuery(bytes: string): string {
  return bytes.replace(/[^*\-.\w ]/g, escaped).replaceAll(" ", "+");
}

function escaped(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}
