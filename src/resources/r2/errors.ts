/** Errors of R2 by their codes (spec/resources.md 5). */

const TEXTS = {
  10001: "We encountered an internal error. Please try again.",
  10011: "Your proposed upload is smaller than the minimum allowed object size.",
  10012: "Your metadata headers exceed the maximum allowed metadata size.",
  10020: "The specified object name is not valid.",
  10022: "MaxKeys params must be positive integer <= 1000.",
  10024: "The specified multipart upload does not exist.",
  10025: "One or more of the specified parts could not be found.",
  10039: "The requested range is not satisfiable",
  10048: "There was a problem with the multipart upload.",
  100100: "Your proposed upload exceeds the maximum allowed object size.",
} as const;

export function r2Error(method: string, code: keyof typeof TEXTS): Error {
  return new Error(`${method}: ${TEXTS[code]} (${code})`);
}

const MAX_KEY_BYTES = 1024;

/** @throws Error 10020 */
export function assertKey(method: string, key: string): void {
  if (key.length * 3 > MAX_KEY_BYTES && Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw r2Error(method, 10020);
  }
}

const MAX_METADATA = 8192;

/** @throws Error 10012; a text with a character beyond Latin-1 counts twice */
export function assertMetadata(method: string, metadata: Readonly<Record<string, string>>): void {
  let size = 0;
  for (const text of Object.entries(metadata).flat()) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: Latin-1 is what it is about
    size += /^[\u0000-\u00ff]*$/.test(text) ? text.length : text.length * 2;
  }
  if (size > MAX_METADATA) throw r2Error(method, 10012);
}

const NAMES: Readonly<Record<string, string>> = {
  md5: "MD5",
  sha1: "SHA-1",
  sha256: "SHA-256",
  sha384: "SHA-384",
  sha512: "SHA-512",
};

export function checksumError(algorithm: string, given: string, actual: string): Error {
  const name = NAMES[algorithm] ?? algorithm;
  return new Error(
    `put: The ${name} checksum you specified did not match what we received.\nYou provided a ${name} checksum with value: ${given}\nActual ${name} was: ${actual} (10037)`,
  );
}
