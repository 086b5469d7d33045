/**
 * What of `node:crypto` BoringSSL knows by name, and what production says of everything else
 * (spec/node.md 7). Node's OpenSSL knows more: what works here and fails after a deploy is refused.
 */
import { nodeError } from "./errors.ts";

type Info = Record<string, unknown>;

const DIGESTS = new Set(
  "md5 sha1 sha224 sha256 sha384 sha512 sha512-256 md5-sha1 rsa-md5 rsa-sha1 rsa-sha224 rsa-sha256 rsa-sha384 rsa-sha512 dsa-sha dsa-sha1".split(
    " ",
  ),
);

/** As production lists them. */
export const HASHES: readonly string[] =
  "md4 md5 sha1 sha224 sha256 sha384 sha512 md5-sha1 RSA-MD5 RSA-SHA1 RSA-SHA224 RSA-SHA256 RSA-SHA384 RSA-SHA512 DSA-SHA DSA-SHA1 ecdsa-with-SHA1".split(
    " ",
  );

/** All in lower or all in upper case; production's md4 is what OpenSSL 3 has not. */
export function isDigest(name: unknown): boolean {
  if (typeof name !== "string") return true;
  if (name === "ecdsa-with-SHA1") return true;
  return isOneCase(name) && DIGESTS.has(name.toLowerCase());
}

export const CURVES: readonly string[] = ["secp224r1", "prime256v1", "secp384r1", "secp521r1"];
const CURVE_NAMES: ReadonlySet<string> = new Set([...CURVES, "P-224", "P-256", "P-384", "P-521"]);

export function isCurve(name: string): boolean {
  return CURVE_NAMES.has(name);
}

const AES = ["aes-128", "aes-192", "aes-256"];
const MODES = ["cbc", "ctr", "ecb", "ofb", "gcm"];
const CIPHERS: readonly string[] = [
  ...MODES.flatMap((mode) => AES.map((size) => `${size}-${mode}`)),
  "des-ede3-cbc",
  "chacha20-poly1305",
];

export function isCipher(name: unknown): boolean {
  if (typeof name !== "string") return true;
  return isOneCase(name) && CIPHERS.includes(name.toLowerCase());
}

/** Those of production's list that OpenSSL computes. */
export function cipherNames(): string[] {
  const upper = CIPHERS.filter((name) => name !== "chacha20-poly1305");
  return [...upper.map((name) => name.toUpperCase()), ...CIPHERS];
}

export function unknownCipher(name: unknown): Error {
  return new Error(`Unknown or unsupported cipher: ${String(name)}`);
}

/** Node's description in BoringSSL's names. */
export function cipherInfo(name: string, info: Info | undefined): Info | undefined {
  if (info === undefined) return undefined;
  const { keyLength, ivLength } = info;
  const lower = name.toLowerCase();
  if (lower === "chacha20-poly1305") {
    return { name: lower, nid: 950, blockSize: 1, ivLength, keyLength, mode: "stream" };
  }
  const shown = lower.endsWith("-gcm")
    ? `id-aes${lower.slice(4, 7)}-GCM`
    : lower === "des-ede3-cbc"
      ? lower
      : lower.toUpperCase();
  return { ...info, name: shown, blockSize: info.blockSize ?? 1 };
}

const GROUPS = ["modp14", "modp15", "modp16", "modp17", "modp18"];

export function assertGroup(name: unknown): void {
  if (typeof name !== "string" || GROUPS.includes(name.toLowerCase())) return;
  throw new Error(
    `Failed to init DiffieHellmanGroup: invalid group. Only groups {${GROUPS.join(", ")}} are supported.`,
  );
}

/** Of generateKeyPair("ec", options). */
export function assertKeyCurve(curve: unknown, known: readonly string[]): void {
  if (typeof curve !== "string") {
    const message = `The "options.namedCurve" property must be of type string. Received ${String(curve)}`;
    throw nodeError(TypeError, "ERR_INVALID_ARG_TYPE", message);
  }
  if (isCurve(curve)) return;
  const isOpenSsl = known.includes(curve);
  throw new Error(isOpenSsl ? "Failed to initialize key" : "Invalid or unsupported curve");
}

function isOneCase(name: string): boolean {
  return name === name.toLowerCase() || name === name.toUpperCase();
}
