/**
 * Keys as production shows them (spec/platform.md 10.1): their members are own enumerable properties. The keys
 * are Node's; NODE-ED25519, production's own name, is Ed25519 to Node. Used by crypto.ts.
 */
import type { webcrypto } from "node:crypto";
import { types } from "node:util";
import { httpCompat } from "../compat.ts";
import type { KeyView } from "./crypto-checks.ts";

const NODE_ED25519 = "NODE-ED25519";
const NODE_ED25519_ALGORITHM = { name: NODE_ED25519, namedCurve: NODE_ED25519 };
const ORDER = [
  "encrypt",
  "decrypt",
  "sign",
  "verify",
  "deriveKey",
  "deriveBits",
  "wrapKey",
  "unwrapKey",
];
const JWK_MEMBERS = [
  ..."kty use key_ops alg ext crv x y d n e p q dp dq qi oth k pub priv".split(" "),
];

export function keyView(value: unknown): KeyView | undefined {
  return types.isCryptoKey(value) ? (value as webcrypto.CryptoKey as KeyView) : undefined;
}

/** What Node calls an algorithm. */
export function nativeAlgorithm(algorithm: unknown): unknown {
  return isNodeEd25519(algorithm) ? "Ed25519" : algorithm;
}

/** Algorithms of keys that are something else to Node. */
const shownAs = new WeakMap<webcrypto.CryptoKey, object>();

/** Let user code see another algorithm in a key than Node's code does. */
export function showAs(key: webcrypto.CryptoKey, algorithm: object): webcrypto.CryptoKey {
  shownAs.set(key, algorithm);
  return showKey(key);
}

export function isShownAs(value: unknown): boolean {
  return types.isCryptoKey(value) && shownAs.has(value);
}

/** Calls Node with the keys among `args` as it knows them; it looks at them before it returns. */
export function withNativeKeys<T>(args: readonly unknown[], call: () => T): T {
  const keys = args.filter(isShownAs) as webcrypto.CryptoKey[];
  for (const key of keys) Reflect.deleteProperty(key, "algorithm");
  try {
    return call();
  } finally {
    for (const key of keys) showKey(key);
  }
}

/** The result of a call of Node's, as user code is to see it. */
export function showResult(method: string, result: unknown, args: readonly unknown[]): unknown {
  for (const key of keysIn(result)) {
    if (args.some(isNodeEd25519)) shownAs.set(key, NODE_ED25519_ALGORITHM);
  }
  if (types.isCryptoKey(result)) return showKey(result);
  if (method === "exportKey" && isPlain(result)) return showJwk(result, args[1]);
  if (isPlain(result) && types.isCryptoKey(Reflect.get(result, "privateKey"))) {
    for (const name of ["publicKey", "privateKey"]) {
      showKey(Reflect.get(result, name) as webcrypto.CryptoKey);
    }
  }
  return result;
}

function showKey(key: webcrypto.CryptoKey): webcrypto.CryptoKey {
  const { usages, algorithm, extractable, type } = key;
  const members = {
    usages: ORDER.filter((usage) => (usages as readonly string[]).includes(usage)),
    algorithm: algorithmOf(key, algorithm),
    extractable,
    type,
  };
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(key, name, { value, enumerable: true, configurable: true });
  }
  return key;
}

/** Before `crypto_preserve_public_exponent` the exponent of an RSA key is an ArrayBuffer. */
function algorithmOf(key: webcrypto.CryptoKey, native: object): object {
  const algorithm = shownAs.get(key) ?? native;
  if (httpCompat().keepsExponent) return algorithm;
  const exponent: unknown = Reflect.get(algorithm, "publicExponent");
  if (!(exponent instanceof Uint8Array)) return algorithm;
  const shown = { ...algorithm, publicExponent: exponent.slice().buffer };
  shownAs.set(key, shown);
  return shown;
}

function showJwk(jwk: object, key: unknown): object {
  const given = jwk as Record<string, unknown>;
  const isNodes = isNodeEd25519((key as webcrypto.CryptoKey).algorithm);
  if (isNodes) delete given.alg;
  else if (given.alg === "Ed25519") given.alg = "EdDSA";
  if (!httpCompat().fullResults) return given;
  return Object.fromEntries(JWK_MEMBERS.map((name) => [name, given[name]]));
}

function keysIn(result: unknown): webcrypto.CryptoKey[] {
  const found = isPlain(result)
    ? [result, Reflect.get(result, "publicKey"), Reflect.get(result, "privateKey")]
    : [];
  return found.filter((value) => types.isCryptoKey(value)) as webcrypto.CryptoKey[];
}

function isNodeEd25519(algorithm: unknown): boolean {
  const name: unknown = isPlain(algorithm) ? Reflect.get(algorithm, "name") : algorithm;
  return String(name).toUpperCase() === NODE_ED25519;
}

function isPlain(value: unknown): value is object {
  return (
    typeof value === "object" &&
    value !== null &&
    !ArrayBuffer.isView(value) &&
    !(value instanceof ArrayBuffer)
  );
}
