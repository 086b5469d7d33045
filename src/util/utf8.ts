/**
 * Text as bytes the way production writes it: lone surrogates are not replaced but written as what
 * they are, three bytes that no decoder takes (spec/platform.md 1.2).
 */
const encoder = new TextEncoder();

/** New bytes, the caller's. */
export function utf8Of(text: string): Uint8Array {
  return isWellFormed(text) ? encoder.encode(text) : encodeLoneSurrogates(text);
}

/** False for text with half a surrogate pair in it. */
export function isWellFormed(text: string): boolean {
  return !LONE.test(text);
}

const LONE = /\p{Surrogate}/u;

function encodeLoneSurrogates(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (code < 0xd800 || code > 0xdfff) bytes.push(...encoder.encode(character));
    else bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  }
  return Uint8Array.from(bytes);
}
