/**
 * What production's WebCrypto says of wrong algorithms, keys and arguments (spec/platform.md 10.3): checked
 * before Node's is asked, which says the same in words of its own. Pure; called by crypto.ts.
 */
import { wrongParameter } from "../streams/arguments.ts";
import { adoptException } from "./dom-exception.ts";

type Args = readonly unknown[];

const AES = ["AES-GCM", "AES-CBC", "AES-CTR", "AES-KW"];
const SYMMETRIC = [...AES, "HMAC"];
const RSA = ["RSASSA-PKCS1-v1_5", "RSA-PSS", "RSA-OAEP"];
const CURVED = ["ECDSA", "ECDH"];
const GENERATED = [...SYMMETRIC, ...RSA, ...CURVED, "Ed25519", "X25519", "NODE-ED25519"];
const IMPORTED = [...GENERATED, "PBKDF2", "HKDF", "RSA-RAW"];
/** JWK names of RSA: algorithm, then the name of the hash behind it. */
const RSA_JWK = /^(?:RS|PS|RSA-OAEP-?)(1|256|384|512|)$/;
const CURVES = ["P-256", "P-384", "P-521"];
const CURVE_BITS: Readonly<Record<string, number>> = { "P-256": 256, "P-384": 384, "P-521": 528 };
const FORMATS = ["raw", "jwk", "spki", "pkcs8"];
const TAG_LENGTHS = [32, 64, 96, 104, 112, 120, 128];

const USAGES: Readonly<Record<string, readonly string[]>> = {
  "AES-KW": ["wrapKey", "unwrapKey"],
  "AES-GCM": ["encrypt", "decrypt", "wrapKey", "unwrapKey"],
  "AES-CBC": ["encrypt", "decrypt", "wrapKey", "unwrapKey"],
  "AES-CTR": ["encrypt", "decrypt", "wrapKey", "unwrapKey"],
  HMAC: ["sign", "verify"],
};

/** As far as the checks look at a key. */
export interface KeyView {
  readonly algorithm: { readonly name: string; readonly namedCurve?: string };
  readonly extractable: boolean;
  readonly type: string;
  readonly usages: readonly string[];
}

/** Throws what production rejects with. `keyOf` knows keys. */
export function checkCall(
  method: string,
  args: Args,
  keyOf: (value: unknown) => KeyView | undefined,
): void {
  switch (method) {
    case "generateKey":
      checkGenerate(args);
      break;
    case "importKey":
      checkImport(args);
      break;
    case "exportKey":
      checkExport(args, keyOf(args[1]));
      break;
    case "encrypt":
    case "decrypt":
    case "sign":
    case "verify":
      checkUse(method, args[0], keyOf(args[1]));
      break;
    case "deriveBits":
      checkDerive(args, keyOf(args[1]));
      break;
  }
}

/** What Node's failure of `method` is called in production. */
export function translate(method: string, error: unknown, args: Args): unknown {
  const isOperation = memberOf(error, "name") === "OperationError";
  if (!isOperation || method !== "decrypt") return adoptException(error);
  const name = canonical(nameOf(args[0]), IMPORTED) ?? nameOf(args[0]);
  const size = sizeOf(args[2]);
  const tag = name === "AES-GCM" ? Number(memberOf(args[0], "tagLength") ?? 128) / 8 : 0;
  return operationError(
    `Decryption failed. This could be due to a ciphertext authentication failure, bad padding, incorrect CryptoKey, or another algorithm-specific reason. Input length was ${size - tag}, output length expected to be ${size - tag} for ${name}`,
  );
}

function checkGenerate([algorithm, , usages]: Args): void {
  const given = nameOf(algorithm);
  const name = canonical(given, GENERATED);
  if (name === undefined) {
    throw notSupported(`Unrecognized key generation algorithm "${given}" requested.`);
  }
  if (AES.includes(name)) {
    const length = required(algorithm, "length");
    if (![128, 192, 256].includes(Number(length))) {
      throw operationError(
        `Generated AES key length must be 128, 192, or 256 bits but requested ${Number(length)}.`,
      );
    }
  }
  if (name === "HMAC") {
    required(algorithm, "hash");
    const length = memberOf(algorithm, "length");
    if (length !== undefined && Number(length) === 0) {
      throw operationError(
        "HMAC key length must be a non-zero unsigned long integer (requested 0).",
      );
    }
  }
  if (CURVED.includes(name)) checkCurve(required(algorithm, "namedCurve"));
  if (name === "NODE-ED25519") checkEdCurve(required(algorithm, "namedCurve"));
  const allowed = USAGES[name];
  if (allowed === undefined || !Array.isArray(usages)) return;
  const wrong = usages.find((usage) => !allowed.includes(String(usage)));
  if (wrong !== undefined) {
    throw syntaxError(`Attempt to generate ${name} key with invalid usage "${wrong}".`);
  }
  if (usages.length === 0) {
    throw syntaxError("Secret/private CryptoKeys must have at least one usage.");
  }
}

function checkImport([format, data, algorithm, extractable]: Args): void {
  const given = nameOf(algorithm);
  const name = canonical(given, IMPORTED);
  if (name === undefined) {
    throw notSupported(`Unrecognized key import algorithm "${given}" requested.`);
  }
  if (format === "raw-secret") {
    throw notSupported('Key format "raw-secret" requires the webcrypto_modern_algorithms flag.');
  }
  if (typeof data !== "object") {
    throw wrongParameter("importKey", "SubtleCrypto", 2, "BufferSource or JsonWebKey");
  }
  if (format === "jwk") {
    if (data === null || isBytes(data)) {
      throw new TypeError('Import data provided for "jwk" import format must be a JsonWebKey.');
    }
  } else if (!isBytes(data)) {
    throw new TypeError(
      "Import data provided for buffer-based import formats must be a buffer source.",
    );
  }
  if (!FORMATS.includes(`${format}`)) {
    throw notSupported(`Unrecognized key import format "${format}".`);
  }
  if (CURVED.includes(name)) checkCurve(required(algorithm, "namedCurve"));
  if (name === "NODE-ED25519") checkEdCurve(required(algorithm, "namedCurve"));
  if (format === "jwk" && (name === "Ed25519" || name === "NODE-ED25519"))
    checkEdJwk(data as object);
  if (format === "jwk" && RSA.includes(name)) checkRsaJwk(data as object, algorithm);
  const isDerived = name === "PBKDF2" || name === "HKDF";
  if (isDerived && extractable === true) throw syntaxError(`${name} key cannot be extractable.`);
  if (!SYMMETRIC.includes(name)) return;
  if (format === "jwk") checkSymmetricJwk(data as object, name);
  else if (AES.includes(name)) checkAesSize(sizeOf(data));
}

function checkSymmetricJwk(jwk: object, name: string): void {
  const kty: unknown = Reflect.get(jwk, "kty");
  if (kty !== "oct") {
    throw dataError(
      `Symmetric "jwk" key import requires a JSON Web Key with Key Type parameter "kty" equal to "oct" (encountered "${kty}").`,
    );
  }
  const key: unknown = Reflect.get(jwk, "k");
  if (typeof key !== "string") {
    throw dataError('Symmetric "jwk" key import requires a base64Url encoding of the key.');
  }
  if (!AES.includes(name)) return;
  const size = Buffer.from(key, "base64url").byteLength;
  checkAesSize(size);
  const alg: unknown = Reflect.get(jwk, "alg");
  const expected = `A${size * 8}${name.slice("AES-".length)}`;
  if (alg !== undefined && alg !== expected) {
    throw dataError(
      `Symmetric "jwk" key contains invalid "alg" value "${alg}", expected "${expected}".`,
    );
  }
}

function checkEdJwk(jwk: object): void {
  const { crv, alg } = jwk as { readonly crv?: unknown; readonly alg?: unknown };
  if (crv !== undefined && crv !== "Ed25519") {
    throw notSupported(`Only Ed25519 is supported but "${crv}" was requested.`);
  }
  if (alg !== undefined && alg !== "EdDSA") {
    throw dataError(
      `JSON Web Key Algorithm parameter "alg" ("${alg}") does not match requested Ed25519 curve.`,
    );
  }
}

/** Production names the key's algorithm twice. */
function checkRsaJwk(jwk: object, algorithm: unknown): void {
  const alg: unknown = Reflect.get(jwk, "alg");
  const hash = RSA_JWK.exec(String(alg))?.[1];
  const wanted = nameOf(memberOf(algorithm, "hash")).toUpperCase();
  if (alg === undefined || hash === undefined || wanted === `SHA-${hash || 1}`) return;
  throw dataError(
    `JSON Web Key Algorithm parameter "alg" ("${alg}") does not match requested hash algorithm "${alg}".`,
  );
}

function checkAesSize(bytes: number): void {
  if ([16, 24, 32].includes(bytes)) return;
  throw dataError(
    `Imported AES key length must be 128, 192, or 256 bits but provided ${bytes * 8}.`,
  );
}

function checkExport([format]: Args, key: KeyView | undefined): void {
  if (key === undefined) return;
  const { name } = key.algorithm;
  if (!key.extractable) {
    throw invalidAccess(`Attempt to export non-extractable ${name} key.`);
  }
  if (key.type === "secret" && format !== "raw" && format !== "jwk") {
    throw notSupported(
      `${name} key only supports exporting "raw", "raw-secret" & "jwk", not "${format}".`,
    );
  }
}

function checkUse(method: string, algorithm: unknown, key: KeyView | undefined): void {
  if (key === undefined) return;
  const { name } = key.algorithm;
  const given = canonical(nameOf(algorithm), IMPORTED) ?? nameOf(algorithm);
  if (given.toLowerCase() !== name.toLowerCase()) {
    throw invalidAccess(
      `Requested algorithm "${given}" does not match this CryptoKey's algorithm "${name}".`,
    );
  }
  if (!key.usages.includes(method)) {
    throw invalidAccess(
      `Requested key usage "${method}" does not match any usage listed in this CryptoKey.`,
    );
  }
  if (name === "ECDSA" && memberOf(algorithm, "hash") === undefined) {
    throw new TypeError(
      'Missing "hash" in AlgorithmIdentifier. (ECDSA requires that the hash algorithm be specified at call time rather than on the key. This differs from other WebCrypto algorithms for historical reasons.)',
    );
  }
  if (name === "AES-GCM") {
    if (sizeOf(required(algorithm, "iv")) === 0)
      throw operationError("AES-GCM IV must not be empty.");
    const tag = memberOf(algorithm, "tagLength");
    if (tag !== undefined && !TAG_LENGTHS.includes(Number(tag))) {
      throw operationError(`Invalid AES-GCM tag length ${tag}.`);
    }
  }
  if (name === "AES-CBC") {
    const size = sizeOf(required(algorithm, "iv"));
    if (size !== 16) {
      throw operationError(`AES-CBC IV must be 16 bytes long (provided ${size} bytes).`);
    }
  }
}

function checkDerive([algorithm, , bits]: Args, key: KeyView | undefined): void {
  const name = canonical(nameOf(algorithm), IMPORTED);
  if (name === "PBKDF2") {
    if (bits === null || bits === undefined) {
      throw operationError("PBKDF2 cannot derive a key with null length.");
    }
    if (Number(bits) % 8 !== 0) {
      throw operationError(
        `PBKDF2 requires a derived key length that is a multiple of eight (requested ${bits}).`,
      );
    }
  }
  const most = CURVE_BITS[key?.algorithm.namedCurve ?? ""];
  if (name === "ECDH" && most !== undefined && Number(bits) > most) {
    throw operationError(
      `Derived key length (${bits} bits) is too long (should be at most ${most} bits).`,
    );
  }
}

function checkCurve(curve: unknown): void {
  if (CURVES.includes(`${curve}`)) return;
  throw notSupported(`Unrecognized or unimplemented EC curve "${curve}" requested.`);
}

function checkEdCurve(curve: unknown): void {
  if (`${curve}`.toUpperCase() === "NODE-ED25519") return;
  throw notSupported(`EDDSA curve "${curve}" isn't supported.`);
}

/** An algorithm by its name in whatever case; undefined: none of these. */
function canonical(name: string, known: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  return known.find((one) => one.toLowerCase() === lower);
}

function nameOf(algorithm: unknown): string {
  return String(typeof algorithm === "object" ? memberOf(algorithm, "name") : algorithm);
}

function memberOf(object: unknown, name: string): unknown {
  return typeof object === "object" && object !== null ? Reflect.get(object, name) : undefined;
}

function required(algorithm: unknown, field: string): unknown {
  const value = memberOf(algorithm, field);
  if (value !== undefined) return value;
  throw new TypeError(`Missing field "${field}" in "algorithm".`);
}

export function isBytes(value: unknown): value is ArrayBuffer | ArrayBufferView {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}

function sizeOf(value: unknown): number {
  return isBytes(value) ? value.byteLength : -1;
}

const operationError = (text: string): DOMException => new DOMException(text, "OperationError");
const dataError = (text: string): DOMException => new DOMException(text, "DataError");
const syntaxError = (text: string): DOMException => new DOMException(text, "SyntaxError");
const notSupported = (text: string): DOMException => new DOMException(text, "NotSupportedError");
const invalidAccess = (text: string): DOMException => new DOMException(text, "InvalidAccessError");
