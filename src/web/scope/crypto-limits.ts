/**
 * What production's WebCrypto refuses and Node's would compute, some of it for hours on libuv's
 * pool, where nothing can interrupt it: checked before a job begins. Texts and order of the checks
 * as answered by production's runtime (spec/platform.md 10.2); the bound of PBKDF2 is the deployed
 * platform's own. Thread: the Worker's; called by crypto.ts.
 */
import { httpCompat } from "../compat.ts";

const MAX_PBKDF2_ITERATIONS = 100_000;
/** What is derived may be so many digests long. */
export const MAX_PBKDF2_BLOCKS = 255;
export const PBKDF2_TOO_LONG = "Pbkdf2 failed: derived key length exceeds maximum for this hash";
const HASH_BYTES: Readonly<Record<string, number>> = {
  "sha-1": 20,
  "sha-256": 32,
  "sha-384": 48,
  "sha-512": 64,
};
const MAX_MODULUS = 16_384;
const MIN_MODULUS = 512;

const RSA: Readonly<Record<string, readonly string[]>> = {
  "rsassa-pkcs1-v1_5": ["sign", "verify"],
  "rsa-pss": ["sign", "verify"],
  "rsa-oaep": ["encrypt", "decrypt", "wrapKey", "unwrapKey"],
};

/**
 * The arguments of a method of SubtleCrypto as they are to be handed on: members that were checked
 * are read once, and never again by Node.
 * @throws what production rejects with
 */
export function withinLimits(method: string, args: readonly unknown[]): readonly unknown[] {
  const [algorithm, ...rest] = args;
  if (!isObject(algorithm)) return args;
  if (method === "generateKey") {
    const usages = isIterable(rest[1]) ? [...rest[1]] : rest[1];
    const checked = rsaKey(algorithm, usages);
    return checked === undefined ? args : [checked, rest[0], usages];
  }
  if (method === "deriveBits" || method === "deriveKey") {
    // deriveBits: (algorithm, key, bits); deriveKey: (algorithm, key, { length }, ...).
    const wanted = rest[1];
    const checked = pbkdf2(algorithm, isObject(wanted) ? Reflect.get(wanted, "length") : wanted);
    return checked === undefined ? args : [checked, ...rest];
  }
  return args;
}

/** @throws NotSupportedError beyond production's bound */
export function assertPbkdf2Iterations(iterations: number): void {
  if (iterations <= MAX_PBKDF2_ITERATIONS) return;
  throw new DOMException(
    `Pbkdf2 failed: iteration counts above ${MAX_PBKDF2_ITERATIONS} are not supported (requested ${iterations}).`,
    "NotSupportedError",
  );
}

function pbkdf2(algorithm: object, bits: unknown): object | undefined {
  const name = Reflect.get(algorithm, "name");
  if (String(name).toLowerCase() !== "pbkdf2") return undefined;
  const [hash, salt, iterations] = ["hash", "salt", "iterations"].map((key): unknown =>
    Reflect.get(algorithm, key),
  );
  const copy = { name, hash, salt, iterations };
  if (iterations === undefined) return copy;
  const count = Number(iterations);
  copy.iterations = count;
  if (Math.trunc(count) === 0) {
    throw operationError(`PBKDF2 requires a positive iteration count (requested ${count}).`);
  }
  assertPbkdf2Iterations(count);
  const bytes = HASH_BYTES[String(isObject(hash) ? Reflect.get(hash, "name") : hash).toLowerCase()];
  if (bytes !== undefined && Number(bits) > bytes * MAX_PBKDF2_BLOCKS * 8) {
    throw operationError(PBKDF2_TOO_LONG);
  }
  return copy;
}

/** Undefined: no RSA key, or something is wrong that is found before the size. */
function rsaKey(algorithm: object, usages: unknown): object | undefined {
  const name = Reflect.get(algorithm, "name");
  const allowed = RSA[String(name).toLowerCase()];
  if (allowed === undefined) return undefined;
  const modulusLength: unknown = Reflect.get(algorithm, "modulusLength");
  const publicExponent: unknown = Reflect.get(algorithm, "publicExponent");
  const hash: unknown = Reflect.get(algorithm, "hash");
  const copy = { name, modulusLength, publicExponent, hash };
  if (modulusLength === undefined || !(publicExponent instanceof Uint8Array)) return copy;
  if (!Array.isArray(usages) || usages.some((usage) => !allowed.includes(usage))) return copy;
  const bits = Number(modulusLength) | 0;
  checkModulus(bits);
  checkExponent(publicExponent);
  if (bits < MIN_MODULUS) throw operationError("RSA key size is too small.");
  if (httpCompat().strictCrypto && bits % 128 !== 0) {
    throw operationError("Can't generate key: RSA key size is required to be a multiple of 128");
  }
  // Bytes of its own: the Worker keeps the others.
  return { ...copy, modulusLength: bits, publicExponent: publicExponent.slice() };
}

function checkModulus(bits: number): void {
  if (bits <= 0) {
    throw operationError(`modulusLength must be greater than zero (requested ${bits}).`);
  }
  if (bits % 8 !== 0 || bits < 256 || bits > MAX_MODULUS) {
    throw operationError(
      `The modulus length must be a multiple of 8 and between 256 and 16k, but ${bits} was requested.`,
    );
  }
}

function checkExponent(bytes: Uint8Array): void {
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  if (value === 3 || value === 65537) return;
  const got = value >= 2 ** 32 ? "a number larger than 2^32" : String(value);
  throw operationError(`The "publicExponent" must be either 3 or 65537, but got ${got}.`);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return isObject(value) && Symbol.iterator in value;
}

function operationError(text: string): DOMException {
  return new DOMException(text, "OperationError");
}
