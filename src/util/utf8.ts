/**
 * UTF-8 as production writes it: a lone surrogate becomes three bytes of its own (WTF-8), where
 * TextEncoder and Buffer would replace it.
 */

/** With the flag, surrogates that belong together are one character. */
const LONE_SURROGATE = /([\ud800-\udfff])/u;

export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

export function encodeText(text: string): Uint8Array {
  const parts = text.split(LONE_SURROGATE).map((part, index) => {
    if (index % 2 === 0) return Buffer.from(part);
    const unit = part.charCodeAt(0);
    return Uint8Array.of(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f));
  });
  return Buffer.concat(parts);
}
