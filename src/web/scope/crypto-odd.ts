/**
 * What production computes and Node's WebCrypto does not (spec/platform.md 10.2): MD5 in HMAC, PBKDF2 and HKDF, and HMAC
 * keys whose length is no multiple of 8. Keys of HMAC are Node's all the same, of SHA-1 where they are to be of MD5; what
 * they are to user code is kept beside them (crypto-keys.ts). Called by crypto.ts.
 */
import type { webcrypto } from "node:crypto";
import { promisify } from "node:util";
import { nodeCrypto } from "../../util/late-modules.ts";
import { isShownAs, showAs } from "./crypto-keys.ts";
import { oddRsaCall } from "./crypto-rsa.ts";

type Args = readonly unknown[];
type Key = webcrypto.CryptoKey;
type Import = Parameters<typeof webcrypto.subtle.importKey>;

const subtle = (): typeof webcrypto.subtle => nodeCrypto().webcrypto.subtle;
const DERIVING = new Set(["PBKDF2", "HKDF"]);
const BLOCK_BITS: Readonly<Record<string, number>> = { "SHA-384": 1024, "SHA-512": 1024 };

/** Undefined: Node can do it. */
export function oddCall(method: string, args: Args): Promise<unknown> | undefined {
  const rsa = oddRsaCall(method, args);
  if (rsa !== undefined) return rsa;
  switch (method) {
    case "generateKey":
      return isOddHmac(args[0]) ? generate(args) : undefined;
    case "importKey":
      return isOddHmac(args[2]) ? importHmac(args) : undefined;
    case "exportKey":
      return args[0] === "jwk" && hashOfKey(args[1]) === "MD5" ? refuseJwk() : undefined;
    case "sign":
      return hashOfKey(args[1]) === "MD5" ? sign(args) : undefined;
    case "verify":
      return hashOfKey(args[1]) === "MD5" ? verify(args) : undefined;
    case "deriveBits":
      return isOddDerivation(args[0])
        ? derive(args[0], args[1] as Key, Number(args[2]))
        : undefined;
    case "deriveKey":
      if (!isOddDerivation(args[0]) && !isOddHmac(args[2])) return undefined;
      return deriveKey(args);
    default:
      return undefined;
  }
}

async function generate([algorithm, extractable, usages]: Args): Promise<Key> {
  const bits = lengthOf(algorithm) ?? blockBits(algorithm);
  const bytes = nodeCrypto().webcrypto.getRandomValues(new Uint8Array(Math.ceil(bits / 8)));
  return await importBytes(bytes, algorithm, extractable, usages, bits);
}

async function importHmac([format, data, algorithm, extractable, usages]: Args): Promise<Key> {
  if (format !== "raw" && format !== "jwk") {
    throw new DOMException(`Unrecognized key import format "${format}".`, "NotSupportedError");
  }
  const bytes = format === "raw" ? bytesOf(data) : bytesOfJwk(data as object, algorithm);
  const most = bytes.byteLength * 8;
  const bits = lengthOf(algorithm) ?? most;
  if (bits <= 0 || bits > most || bits <= most - 8) {
    throw new DOMException(
      `Imported HMAC key length (${bits}) must be a non-zero value up to 7 bits less than, and no greater than, the bit length of the raw key data (${most}).`,
      "DataError",
    );
  }
  return await importBytes(bytes, algorithm, extractable, usages, bits);
}

function bytesOfJwk(jwk: object, algorithm: unknown): Uint8Array {
  const alg: unknown = Reflect.get(jwk, "alg");
  if (alg !== undefined && hashName(algorithm) === "MD5") {
    throw new DOMException(
      `Unrecognized or unimplemented hash algorithm requested${alg}`,
      "NotSupportedError",
    );
  }
  return new Uint8Array(Buffer.from(String(Reflect.get(jwk, "k")), "base64url"));
}

/** `bits` of `bytes` as a key of Node's that shows the algorithm that was asked for. */
async function importBytes(
  bytes: Uint8Array,
  algorithm: unknown,
  extractable: unknown,
  usages: unknown,
  bits: number,
): Promise<Key> {
  const own = bytes.slice();
  const rest = bits % 8;
  const last = own.byteLength - 1;
  if (rest > 0) own[last] = (own[last] as number) & (0xff << (8 - rest));
  const hash = hashName(algorithm);
  const native = { name: "HMAC", hash: hash === "MD5" ? "SHA-1" : hash };
  const given = ["raw", own, native, Boolean(extractable), usages] as readonly unknown[] as Import;
  const key = await subtle().importKey(...given);
  return showAs(key, { name: "HMAC", hash: { name: hash }, length: bits });
}

function refuseJwk(): Promise<never> {
  const text = 'Unimplemented JWK key export format for key algorithm "MD5".';
  return Promise.reject(new DOMException(text, "NotSupportedError"));
}

async function sign([, key, data]: Args): Promise<ArrayBuffer> {
  return new Uint8Array(mac(key as Key, data)).buffer;
}

async function verify([, key, signature, data]: Args): Promise<boolean> {
  const expected = mac(key as Key, data);
  const given = bytesOf(signature);
  return given.byteLength === expected.byteLength && nodeCrypto().timingSafeEqual(given, expected);
}

function mac(key: Key, data: unknown): Buffer {
  return nodeCrypto()
    .createHmac("md5", nodeCrypto().KeyObject.from(key))
    .update(bytesOf(data))
    .digest();
}

async function derive(algorithm: unknown, key: Key, bits: number): Promise<ArrayBuffer> {
  const { salt, iterations, info } = algorithm as Readonly<Record<string, unknown>>;
  const secret = nodeCrypto().KeyObject.from(key).export();
  const size = bits / 8;
  const made =
    nameOf(algorithm) === "PBKDF2"
      ? await promisify(nodeCrypto().pbkdf2)(secret, bytesOf(salt), Number(iterations), size, "md5")
      : await promisify(nodeCrypto().hkdf)("md5", secret, bytesOf(salt), bytesOf(info), size);
  return new Uint8Array(made).slice().buffer;
}

async function deriveKey([algorithm, base, target, extractable, usages]: Args): Promise<unknown> {
  const bits = lengthOf(target) ?? blockBits(target);
  if (isOddDerivation(algorithm)) {
    const bytes = new Uint8Array(await derive(algorithm, base as Key, Math.ceil(bits / 8) * 8));
    if (isOddHmac(target)) return await importBytes(bytes, target, extractable, usages, bits);
    const given = ["raw", bytes, target, extractable, usages] as readonly unknown[] as Import;
    return await subtle().importKey(...given);
  }
  const native = { name: "HMAC", hash: "SHA-1", length: Math.ceil(bits / 8) * 8 };
  const args = [algorithm, base, native, true, ["sign"]] as readonly unknown[];
  const key = await subtle().deriveKey(...(args as Parameters<typeof webcrypto.subtle.deriveKey>));
  const bytes = new Uint8Array(await subtle().exportKey("raw", key));
  return await importBytes(bytes, target, extractable, usages, bits);
}

function isOddHmac(algorithm: unknown): boolean {
  if (nameOf(algorithm) !== "HMAC") return false;
  return hashName(algorithm) === "MD5" || (lengthOf(algorithm) ?? 0) % 8 !== 0;
}

function isOddDerivation(algorithm: unknown): boolean {
  return DERIVING.has(nameOf(algorithm)) && hashName(algorithm) === "MD5";
}

/** What a key of ours is shown with. */
function hashOfKey(key: unknown): string | undefined {
  return isShownAs(key) ? hashName((key as Key).algorithm) : undefined;
}

function nameOf(algorithm: unknown): string {
  const name: unknown =
    typeof algorithm === "object" && algorithm !== null
      ? Reflect.get(algorithm, "name")
      : algorithm;
  return String(name).toUpperCase();
}

function hashName(algorithm: unknown): string {
  const hash: unknown =
    typeof algorithm === "object" && algorithm !== null
      ? Reflect.get(algorithm, "hash")
      : undefined;
  return nameOf(hash);
}

function lengthOf(algorithm: unknown): number | undefined {
  const length: unknown = Reflect.get(algorithm as object, "length");
  return length === undefined ? undefined : Number(length);
}

function blockBits(algorithm: unknown): number {
  return BLOCK_BITS[hashName(algorithm)] ?? 512;
}

function bytesOf(data: unknown): Uint8Array {
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw new TypeError("The provided value is not of type 'BufferSource'.");
}
