/**
 * `node:crypto` as BoringSSL has it: what production refuses is refused here with its texts, and
 * Node's errors are told in its words (spec/node.md 7). Functions with a callback compute at once and
 * call back in a microtask. Made by module-makers.ts.
 */
import { inspect, types } from "node:util";
import { overwrite } from "../isolate/language/polyfill-define.ts";
import { logRuntime } from "../isolate/log.ts";
import { apply, construct } from "../util/early.ts";
import {
  assertGroup,
  assertKeyCurve,
  CURVES,
  cipherInfo,
  cipherNames,
  HASHES,
  isCipher,
  isCurve,
  isDigest,
  unknownCipher,
} from "./crypto-names.ts";
import { nodeError } from "./errors.ts";

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type Members = Record<string, unknown>;
type Check = (args: readonly unknown[]) => void;

function assertDigest(name: unknown): void {
  if (!isDigest(name)) throw new Error("Digest method not supported");
}

function assertSignDigest(name: unknown): void {
  if (!isDigest(name)) throw new Error(`Unknown digest: ${String(name)}`);
}

function assertCipher(name: unknown): void {
  if (!isCipher(name)) throw unknownCipher(name);
}

/** What is asked before Node's function computes. */
const CHECKS: Readonly<Record<string, Check>> = {
  Hash: ([name]) => assertDigest(name),
  Hmac: ([name]) => assertDigest(name),
  createCipheriv: ([name]) => assertCipher(name),
  createDecipheriv: ([name]) => assertCipher(name),
  createDiffieHellmanGroup: ([name]) => assertGroup(name),
  createHash: ([name]) => assertDigest(name),
  createHmac: ([name]) => assertDigest(name),
  createSign: ([name]) => assertSignDigest(name),
  createVerify: ([name]) => assertSignDigest(name),
  getDiffieHellman: ([name]) => assertGroup(name),
  hash: ([name]) => assertDigest(name),
  hkdfSync: ([name]) => {
    if (!isDigest(name)) throw new TypeError(`Invalid Hkdf digest: ${String(name)}`);
  },
  pbkdf2Sync: ([, , , , name]) => {
    if (!isDigest(name)) throw new TypeError(`Invalid Pbkdf2 digest: ${String(name)}.`);
  },
  sign: ([, , key]) => assertNoKeyObject(key),
  timingSafeEqual: (args) => {
    for (const [index, value] of args.slice(0, 2).entries()) {
      if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) continue;
      throw new TypeError(
        `Failed to execute 'timingSafeEqual' on 'SubtleCrypto': parameter ${index + 1} is not of type 'BufferSource'.`,
      );
    }
    const [a, b] = args as readonly [ArrayBufferView, ArrayBufferView];
    if (a.byteLength === b.byteLength) return;
    throw new TypeError("Input buffers must have the same byte length.");
  },
  verify: ([, , key]) => assertNoKeyObject(key),
};

/** A KeyObject alone may sign; one among options may not. */
function assertNoKeyObject(options: unknown): void {
  if (typeof options !== "object" || options === null || types.isKeyObject(options)) return;
  const { key } = options as { readonly key?: unknown };
  if (!types.isKeyObject(key)) return;
  const name = key.type === "private" ? "PrivateKeyObject" : "PublicKeyObject";
  const message = `The "options.key" property must be of type string or an instance of ArrayBuffer, Buffer, TypedArray, DataView, or Object. Received an instance of ${name}`;
  throw nodeError(TypeError, "ERR_INVALID_ARG_TYPE", message);
}

/** Production's text in place of Node's, where the library failed and not the arguments. */
const TEXTS: Readonly<Record<string, string>> = {
  createPrivateKey: "Failed to parse private key",
  createPublicKey: "Failed to parse public key",
  privateDecrypt: "Failed to cipher/decipher",
};
const CIPHER_TEXTS: Readonly<Record<string, string>> = {
  ERR_CRYPTO_INVALID_IV: "Invalid initialization vector",
  ERR_CRYPTO_INVALID_KEYLEN: "Invalid key length",
};

/** `crypto`: members of Node's module, bounded by crypto-limits.ts; replaced in place. */
export function refuseAsBoringSsl(crypto: Members): Members {
  const native = { ...crypto };
  for (const [name, check] of Object.entries(CHECKS)) {
    crypto[name] = checked(native[name], check);
  }
  for (const [name, text] of Object.entries(TEXTS)) {
    crypto[name] = reworded(crypto[name], (error) =>
      isArgumentError(error) ? undefined : new Error(text),
    );
  }
  for (const name of ["createCipheriv", "createDecipheriv"]) {
    crypto[name] = reworded(crypto[name], (error) => {
      const text = CIPHER_TEXTS[codeOf(error)];
      return text === undefined ? undefined : new Error(text);
    });
  }
  const getCurves = native.getCurves as () => string[];
  const getCipherInfo = native.getCipherInfo as (name: unknown, options?: unknown) => Members;
  Object.assign(crypto, {
    Certificate: certificateClass(native.Certificate),
    X509Certificate: x509Class(native.X509Certificate),
    createECDH: checked(native.createECDH, ([name]) => {
      if (typeof name !== "string" || isCurve(name)) return;
      const isOpenSsl = getCurves().includes(name);
      throw new Error(isOpenSsl ? "Failed to create key using named curve" : "Invalid curve");
    }),
    generateKeyPairSync: checked(native.generateKeyPairSync, ([type, options]) => {
      if (type !== "ec") return;
      assertKeyCurve((options as { namedCurve?: unknown } | undefined)?.namedCurve, getCurves());
    }),
    getCipherInfo: (name: unknown, options?: unknown) =>
      typeof name === "string" && isCipher(name)
        ? cipherInfo(name, getCipherInfo(name.toLowerCase(), options))
        : undefined,
    getCiphers: cipherNames,
    getCurves: () => [...CURVES],
    getHashes: () => [...HASHES],
  });
  patchClasses(native);
  return crypto;
}

function checked(native: unknown, check: Check): unknown {
  return like(native, (run, args) => {
    check(args);
    return run();
  });
}

function reworded(native: unknown, textOf: (error: unknown) => Error | undefined): unknown {
  return like(native, (run) => {
    try {
      return run();
    } catch (error) {
      throw textOf(error) ?? error;
    }
  });
}

/** A function or class of the same name, length, prototype and promisified form around `native`. */
function like(native: unknown, around: (run: () => unknown, args: unknown[]) => unknown): unknown {
  if (typeof native !== "function") return native;
  const wrapped = function (this: unknown, ...args: unknown[]): unknown {
    const isNew = new.target !== undefined;
    return around(() => (isNew ? construct(native, args) : apply(native, this, args)), args);
  };
  Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(native));
  return wrapped;
}

function codeOf(error: unknown): string {
  return String((error as { readonly code?: unknown } | null)?.code);
}

function isArgumentError(error: unknown): boolean {
  return /^ERR_INVALID_ARG|^ERR_OUT_OF_RANGE|^ERR_MISSING/.test(codeOf(error));
}

let isPatched = false;

/** Methods of objects that Node makes: on its own prototypes, which the runtime does not use. */
function patchClasses(native: Members): void {
  if (isPatched) return;
  isPatched = true;
  const method = (cls: string, name: string): AnyFunction =>
    Reflect.get((native[cls] as { prototype: object }).prototype, name) as AnyFunction;
  for (const cls of ["Cipheriv", "Decipheriv"]) {
    const [update, final] = [method(cls, "update"), method(cls, "final")];
    overwrite((native[cls] as { prototype: object }).prototype, {
      update(this: unknown, data: unknown, encoding?: unknown, ...rest: unknown[]): unknown {
        if (typeof data === "string" && encoding === undefined) {
          const message =
            "The argument 'inputEncoding' If inputEncoding is not provided then the data must be a Buffer. Received undefined";
          throw nodeError(TypeError, "ERR_INVALID_ARG_VALUE", message);
        }
        return apply(update, this, [data, encoding, ...rest]);
      },
      final(this: unknown, ...args: unknown[]): unknown {
        try {
          return apply(final, this, args);
        } catch (error) {
          if (codeOf(error) === "ERR_CRYPTO_INVALID_STATE") throw error;
          throw new Error("Authentication failed");
        }
      },
    });
  }
  const keys = (native.KeyObject as { prototype: object }).prototype;
  if (!("toCryptoKey" in keys)) {
    overwrite(keys, {
      toCryptoKey(): never {
        throw new Error(
          `node:crypto KeyObject.toCryptoKey needs Node.js 22.10 or newer: drover runs on ${process.version}.`,
        );
      },
    });
  }
  const getAuthTag = method("Cipheriv", "getAuthTag");
  const [sign, verify] = [method("Sign", "sign"), method("Verify", "verify")];
  overwrite((native.Cipheriv as { prototype: object }).prototype, {
    getAuthTag(this: unknown): unknown {
      try {
        return apply(getAuthTag, this, []);
      } catch {
        throw new Error("Auth tag is only available once cipher context has been finalized");
      }
    },
  });
  overwrite((native.Sign as { prototype: object }).prototype, {
    sign(this: unknown, key: unknown, ...rest: unknown[]): unknown {
      assertNoKeyObject(key);
      return apply(sign, this, [key, ...rest]);
    },
  });
  overwrite((native.Verify as { prototype: object }).prototype, {
    verify(this: unknown, key: unknown, ...rest: unknown[]): unknown {
      assertNoKeyObject(key);
      return apply(verify, this, [key, ...rest]);
    },
  });
}

const SPKAC =
  "The verifySpkac function is currently of limited value in workers because the SPKAC signature verification uses MD5, which is not supported in FIPS mode. All workers run in FIPS mode. Accordingly, this method will currently always return false even if the SPKAC signature is valid. This is a known limitation.";

function certificateClass(native: unknown): unknown {
  const Certificate = like(native, (run) => run()) as object;
  const verifySpkac = (): boolean => {
    logRuntime("warn", SPKAC, SPKAC);
    return false;
  };
  Object.defineProperty(Certificate, "verifySpkac", { value: verifySpkac, writable: true });
  return Certificate;
}

function x509Class(native: unknown): unknown {
  return like(native, (run, [buffer]) => {
    try {
      return run();
    } catch (error) {
      if (isArgumentError(error)) throw error;
      const given = typeof buffer === "string" ? Buffer.from(buffer) : buffer;
      const message = `The argument 'buffer' is not a valid certificate. Received ${inspect(given)}`;
      throw nodeError(TypeError, "ERR_INVALID_ARG_VALUE", message);
    }
  });
}
