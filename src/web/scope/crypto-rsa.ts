/**
 * RSA as production has it beyond Node's WebCrypto (spec/platform.md 10.2): keys with MD5, and RSA-RAW, which signs
 * what somebody else has padded (blind signatures). Keys are Node's, of SHA-1; what they are to user code is kept beside
 * them (crypto-keys.ts). Called by crypto.ts through crypto-odd.ts.
 */
import type { webcrypto } from "node:crypto";
import { nodeCrypto } from "../../util/late-modules.ts";
import { isShownAs, showAs } from "./crypto-keys.ts";

type Args = readonly unknown[];
type Key = webcrypto.CryptoKey;
type Pair = webcrypto.CryptoKeyPair;
type Import = Parameters<typeof webcrypto.subtle.importKey>;
interface Algorithm {
  readonly name: string;
  readonly hash?: { readonly name: string };
  readonly modulusLength: number;
  readonly publicExponent: Uint8Array;
}

const subtle = (): typeof webcrypto.subtle => nodeCrypto().webcrypto.subtle;
const RAW = "RSA-RAW";
const NAMES = ["RSASSA-PKCS1-v1_5", "RSA-PSS", "RSA-OAEP"];

/** Undefined: Node can do it. */
export function oddRsaCall(method: string, args: Args): Promise<unknown> | undefined {
  switch (method) {
    case "generateKey":
      return isMd5(args[0]) ? generate(args) : undefined;
    case "importKey":
      if (nameOf(args[2]) === RAW) return importRaw(args);
      return isMd5(args[2]) ? importMd5(args) : undefined;
    case "exportKey":
      return isOddKey(args[1]) ? exportOdd(args[0], args[1]) : undefined;
    case "sign":
      return isOddKey(args[1]) ? sign(args[0], args[1], bytesOf(args[2])) : undefined;
    case "verify":
      return isOddKey(args[1]) ? verify(args[0], args[1], args) : undefined;
    case "encrypt":
    case "decrypt":
      return isOddKey(args[1])
        ? crypt(method, args[0], args[1], bytesOf(args[2])).then(bufferOf)
        : undefined;
    case "wrapKey":
      return isOddKey(args[2]) ? wrap(args) : undefined;
    case "unwrapKey":
      return isOddKey(args[2]) ? unwrap(args) : undefined;
    default:
      return undefined;
  }
}

async function generate([algorithm, extractable, usages]: Args): Promise<Pair> {
  const given = [{ ...(algorithm as object), hash: "SHA-1" }, Boolean(extractable), usages];
  const pair = (await subtle().generateKey(
    ...(given as readonly unknown[] as Parameters<typeof webcrypto.subtle.generateKey>),
  )) as Pair;
  for (const key of [pair.publicKey, pair.privateKey]) showMd5(key);
  return pair;
}

async function importMd5([format, data, algorithm, extractable, usages]: Args): Promise<Key> {
  const native = { name: nameOf(algorithm), hash: "SHA-1" };
  const given = [format, data, native, Boolean(extractable), usages] as readonly unknown[];
  return showMd5(await subtle().importKey(...(given as Import)));
}

function showMd5(key: Key): Key {
  return showAs(key, { ...(key.algorithm as Algorithm), hash: { name: "MD5" } });
}

/** Of private keys, for signing only; what else there is has been refused in the order of production. */
async function importRaw([format, data, , extractable, usages]: Args): Promise<Key> {
  if (format === "raw") {
    throw new DOMException('Unrecognized key import format "raw".', "NotSupportedError");
  }
  const isPrivate =
    format === "pkcs8" || (format === "jwk" && Reflect.get(data as object, "d") !== undefined);
  const wanted = Array.from(usages as Iterable<unknown>, String);
  const kind = isPrivate ? "private" : "public";
  const wrong = wanted.find((usage) => usage !== (isPrivate ? "sign" : "verify"));
  if (wrong !== undefined) {
    throw new DOMException(
      `Attempt to import ${kind} RSA-RAW key with invalid usage "${wrong}".`,
      "SyntaxError",
    );
  }
  if (!isPrivate) {
    throw new DOMException(
      'RSA-RAW only supports private keys but requested "public".',
      "DataError",
    );
  }
  if (wanted.length === 0) {
    throw new DOMException(
      "Secret/private CryptoKeys must have at least one usage.",
      "SyntaxError",
    );
  }
  const { alg, key_ops, ...bare } = data as Record<string, unknown>;
  const native = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-1" };
  const given = [format, format === "jwk" ? bare : data, native, Boolean(extractable), ["sign"]];
  const key = await subtle().importKey(...(given as readonly unknown[] as Import));
  const { modulusLength, publicExponent } = key.algorithm as Algorithm;
  return showAs(key, { name: RAW, modulusLength, publicExponent, hash: undefined });
}

async function exportOdd(format: unknown, key: Key): Promise<unknown> {
  const { name } = key.algorithm;
  if (format === "jwk") {
    // Production fails on the hash that a raw key does not have.
    if (name === RAW) throw new Error("internal error");
    throw new DOMException(
      'JWK export not supported for hash algorithm "MD5".',
      "NotSupportedError",
    );
  }
  if (format === "spki" && key.type === "private") {
    throw new DOMException(
      `Asymmetric spki export requires public key (not "private").`,
      "InvalidAccessError",
    );
  }
  if (format === "raw") {
    throw new DOMException(`Cannot export "${name}" in "raw" format.`, "InvalidAccessError");
  }
  const type = format as "spki" | "pkcs8";
  return bufferOf(nodeCrypto().KeyObject.from(key).export({ format: "der", type }));
}

async function sign(algorithm: unknown, key: Key, data: Uint8Array): Promise<ArrayBuffer> {
  if (key.algorithm.name === RAW) return bufferOf(signRaw(key, data));
  return bufferOf(
    nodeCrypto().sign("md5", data, {
      key: nodeCrypto().KeyObject.from(key),
      ...paddingOf(algorithm),
    }),
  );
}

function signRaw(key: Key, data: Uint8Array): Buffer {
  const size = (key.algorithm as Algorithm).modulusLength / 8;
  if (data.byteLength > size) {
    throw new DOMException(
      `Blind Signing requires presigned data (${data.byteLength} bytes) to be smaller than the key (${size} bytes).`,
      "DataError",
    );
  }
  if (data.byteLength < size) throw new DOMException("Invalid RSA signature.", "OperationError");
  const jwk = nodeCrypto().KeyObject.from(key).export({ format: "jwk" });
  if (Buffer.compare(data, Buffer.from(String(jwk.n), "base64url")) >= 0) {
    throw new DOMException(
      "Blind Signing requires presigned data value to be strictly smaller than RSA keymodulus, consider using a larger key size.",
      "DataError",
    );
  }
  const node = nodeCrypto().createPrivateKey({ key: jwk, format: "jwk" });
  return nodeCrypto().privateEncrypt(
    { key: node, padding: nodeCrypto().constants.RSA_NO_PADDING },
    data,
  );
}

async function verify(algorithm: unknown, key: Key, args: Args): Promise<boolean> {
  const node = { key: nodeCrypto().KeyObject.from(key), ...paddingOf(algorithm) };
  return nodeCrypto().verify("md5", bytesOf(args[3]), node, bytesOf(args[2]));
}

async function crypt(
  method: "encrypt" | "decrypt",
  algorithm: unknown,
  key: Key,
  data: Uint8Array,
): Promise<Buffer> {
  const label: unknown = isObject(algorithm) ? Reflect.get(algorithm, "label") : undefined;
  const options = {
    key: nodeCrypto().KeyObject.from(key),
    padding: nodeCrypto().constants.RSA_PKCS1_OAEP_PADDING,
    oaepHash: "md5",
    ...(label === undefined ? {} : { oaepLabel: Buffer.from(bytesOf(label)) }),
  };
  try {
    return method === "encrypt"
      ? nodeCrypto().publicEncrypt(options, data)
      : nodeCrypto().privateDecrypt(options, data);
  } catch {
    throw new DOMException("The operation failed.", "OperationError");
  }
}

async function wrap([format, key, wrapping, algorithm]: Args): Promise<ArrayBuffer> {
  const made: unknown = await subtle().exportKey(format as "raw", key as Key);
  const bytes = format === "jwk" ? Buffer.from(JSON.stringify(made)) : bytesOf(made);
  return bufferOf(await crypt("encrypt", algorithm, wrapping as Key, bytes));
}

async function unwrap(args: Args): Promise<Key> {
  const [format, wrapped, key, algorithm, ...rest] = args;
  const bytes = await crypt("decrypt", algorithm, key as Key, bytesOf(wrapped));
  const data: unknown = format === "jwk" ? JSON.parse(bytes.toString()) : bytes;
  return await subtle().importKey(...([format, data, ...rest] as readonly unknown[] as Import));
}

function paddingOf(algorithm: unknown): { padding: number; saltLength?: number } {
  if (nameOf(algorithm) !== "RSA-PSS") return { padding: nodeCrypto().constants.RSA_PKCS1_PADDING };
  return {
    padding: nodeCrypto().constants.RSA_PKCS1_PSS_PADDING,
    saltLength: Number(Reflect.get(algorithm as object, "saltLength")),
  };
}

function isMd5(algorithm: unknown): boolean {
  if (!isObject(algorithm) || !NAMES.includes(nameOf(algorithm))) return false;
  const hash: unknown = Reflect.get(algorithm, "hash");
  return nameOf(hash).toUpperCase() === "MD5";
}

/** One that was made here. */
function isOddKey(key: unknown): key is Key {
  if (!isShownAs(key)) return false;
  const { name } = (key as Key).algorithm;
  return name === RAW || NAMES.includes(name);
}

/** In production's spelling. */
function nameOf(algorithm: unknown): string {
  const name = String(isObject(algorithm) ? Reflect.get(algorithm, "name") : algorithm);
  return [...NAMES, RAW].find((known) => known.toLowerCase() === name.toLowerCase()) ?? name;
}

function bytesOf(data: unknown): Uint8Array {
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  return new Uint8Array(data as ArrayBuffer);
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
