/**
 * The Worker's `crypto`: Node's WebCrypto behind classes of its own, with what production adds
 * (DigestStream, timingSafeEqual, MD5 digests) and its rule that random values are not available at
 * module scope.
 */

import { types } from "node:util";
import { currentInvocation, requireInvocation } from "../../isolate/invocation.ts";
import { nodeCrypto } from "../../util/late-modules.ts";
import { defineInterface, sortMembers, tag } from "../interfaces/define-interface.ts";
import { outsideOf } from "../interfaces/outside.ts";
import { giveOwnAccessors } from "../interfaces/own-accessors.ts";
import { wrongParameter } from "../streams/arguments.ts";
import { WritableStream } from "../streams/writable-stream.ts";
import { checkCall, isBytes, translate } from "./crypto-checks.ts";
import { keyView, nativeAlgorithm, showResult, withNativeKeys } from "./crypto-keys.ts";
import { withinLimits } from "./crypto-limits.ts";
import { oddCall } from "./crypto-odd.ts";

const INTERNAL: unique symbol = Symbol("internal");
const DELEGATED = [
  "encrypt",
  "decrypt",
  "sign",
  "verify",
  "generateKey",
  "deriveKey",
  "deriveBits",
  "importKey",
  "exportKey",
  "wrapKey",
  "unwrapKey",
] as const;

/** Up to here the way to another thread and back takes longer than the digest. Production goes none. */
const INLINE_DIGEST_BYTES: number = 32 * 1024;

const HASHES: Readonly<Record<string, string>> = {
  md5: "md5",
  "sha-1": "sha1",
  "sha-256": "sha256",
  "sha-384": "sha384",
  "sha-512": "sha512",
};

/**
 * For `instanceof` only. Not Node's own, because asking for that costs 6 ms of every boot on
 * Node 24; keys themselves are Node's.
 */
export class CryptoKey {
  constructor() {
    throw new TypeError("Illegal constructor");
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return types.isCryptoKey(value);
  }
}
defineInterface(CryptoKey, "CryptoKey");

type Algorithm = string | { readonly name: string };
type AsyncFunction = (...args: unknown[]) => Promise<unknown>;

/** The invocation waits for it, and so does the turn of a Durable Object: production computes at once. */
async function held<T>(operation: () => Promise<T>): Promise<T> {
  const invocation = currentInvocation();
  const release = invocation?.hold();
  const endTurn = invocation?.gates?.extend?.();
  try {
    return await operation();
  } finally {
    release?.();
    endTurn?.();
  }
}

let isSubtle: (value: object) => boolean;
let isCrypto: (value: object) => boolean;

export class SubtleCrypto {
  readonly #isReal = true;

  static {
    isSubtle = (value) => #isReal in value;
  }

  constructor(key?: unknown) {
    if (key !== INTERNAL) throw new TypeError("Illegal constructor");
  }

  async digest(...args: unknown[]): Promise<ArrayBuffer> {
    if (args.length === 0) {
      throw wrongParameter("digest", "SubtleCrypto", 1, "string or HashAlgorithm");
    }
    const [algorithm, data] = args;
    if (!isBytes(data)) throw wrongParameter("digest", "SubtleCrypto", 2, "BufferSource");
    const name = hashName(algorithm as Algorithm);
    const native = HASHES[name];
    if (native === undefined) throw unknownDigest();
    const memory = ArrayBuffer.isView(data) ? data.buffer : data;
    const isShort = data.byteLength <= INLINE_DIGEST_BYTES && types.isArrayBuffer(memory);
    if (isShort || name === "md5") {
      return toArrayBuffer(nodeCrypto().createHash(native).update(toBytes(data)).digest());
    }
    return held(() => nodeCrypto().webcrypto.subtle.digest(name, data as Uint8Array));
  }

  timingSafeEqual(a?: unknown, b?: unknown): boolean {
    if (!isBytes(a)) throw wrongParameter("timingSafeEqual", "SubtleCrypto", 1, "BufferSource");
    if (!isBytes(b)) throw wrongParameter("timingSafeEqual", "SubtleCrypto", 2, "BufferSource");
    if (a.byteLength !== b.byteLength) {
      throw new TypeError("Input buffers must have the same byte length.");
    }
    return nodeCrypto().timingSafeEqual(toBytes(a), toBytes(b));
  }
}
for (const name of DELEGATED) {
  // Bound when called: WebCrypto checks its receiver.
  const method = {
    async [name](...args: unknown[]): Promise<unknown> {
      if (name === "generateKey") requireInvocation();
      checkCall(name, args, keyView);
      const checked = withinLimits(name, args.map(nativeAlgorithm));
      const call = nodeCrypto().webcrypto.subtle[name] as unknown as AsyncFunction;
      const native = (): Promise<unknown> =>
        withNativeKeys(checked, () => call.apply(nodeCrypto().webcrypto.subtle, [...checked]));
      try {
        const result = await held(() => oddCall(name, checked) ?? native());
        return showResult(name, result, args);
      } catch (error) {
        throw translate(name, error, args);
      }
    },
  }[name];
  Object.defineProperty(SubtleCrypto.prototype, name, {
    value: method,
    writable: true,
    configurable: true,
  });
}
defineInterface(SubtleCrypto, "SubtleCrypto", { brand: isSubtle });

export class DigestStream extends WritableStream {
  readonly #digest: Promise<ArrayBuffer>;
  readonly #counter: { bytes: bigint };
  readonly #dispose: (reason: unknown) => void;

  constructor(algorithm: Algorithm) {
    const name = HASHES[hashName(algorithm)];
    if (name === undefined) throw unknownDigest();
    const hash = nodeCrypto().createHash(name);
    const counter = { bytes: 0n };
    let resolve!: (value: ArrayBuffer) => void;
    let reject!: (reason: unknown) => void;
    const digest = new Promise<ArrayBuffer>((onResolve, onReject) => {
      resolve = onResolve;
      reject = onReject;
    });
    digest.catch(() => {});
    super({
      write(chunk: unknown) {
        const bytes = typeof chunk === "string" ? Buffer.from(chunk) : toBytes(chunk);
        counter.bytes += BigInt(bytes.byteLength);
        hash.update(bytes);
      },
      close() {
        resolve(toArrayBuffer(hash.digest()));
      },
      abort: reject,
    });
    this.#digest = digest;
    this.#counter = counter;
    this.#dispose = reject;
  }

  get digest(): Promise<ArrayBuffer> {
    return this.#digest;
  }

  get bytesWritten(): bigint {
    return this.#counter.bytes;
  }

  /** Gives the digest up. */
  [Symbol.dispose](): void {
    this.#dispose(new TypeError("The DigestStream was disposed."));
  }
}
defineInterface(DigestStream, "DigestStream");

export class Crypto {
  readonly #subtle: SubtleCrypto;

  static {
    isCrypto = (value) => #subtle in value;
  }

  constructor(key?: unknown) {
    if (key !== INTERNAL) throw new TypeError("Illegal constructor");
    this.#subtle = new SubtleCrypto(INTERNAL);
    giveOwnAccessors?.(this);
  }

  get subtle(): SubtleCrypto {
    return this.#subtle;
  }

  getRandomValues<T extends ArrayBufferView>(view: T): T {
    requireInvocation();
    if (!ArrayBuffer.isView(view)) {
      throw wrongParameter("getRandomValues", "Crypto", 1, "ArrayBufferView");
    }
    if (view instanceof DataView || isFloatView(view)) {
      throw new DOMException(
        "ArrayBufferView argument to getRandomValues() must be an integer-typed view.",
        "TypeMismatchError",
      );
    }
    if (view.byteLength > 65_536) {
      throw new DOMException(
        `getRandomValues() only accepts buffers of size <= 64K but provided ${view.byteLength} bytes.`,
        "QuotaExceededError",
      );
    }
    nodeCrypto().webcrypto.getRandomValues(
      new Uint8Array(view.buffer, view.byteOffset, view.byteLength),
    );
    return view;
  }

  randomUUID(): string {
    requireInvocation();
    return nodeCrypto().webcrypto.randomUUID();
  }
}
defineInterface(Crypto, "Crypto", { brand: isCrypto });
Object.defineProperty(Crypto.prototype, "DigestStream", {
  value: outsideOf(DigestStream, "DigestStream"),
  writable: true,
  configurable: true,
  enumerable: true,
});
sortMembers(Crypto.prototype, "Crypto");
tag(Crypto.prototype, "Crypto");

/** The global `crypto`. */
export function createCrypto(): Crypto {
  return new Crypto(INTERNAL);
}

function unknownDigest(): DOMException {
  return new DOMException(
    "Unrecognized or unimplemented digest algorithm requested.",
    "NotSupportedError",
  );
}

function hashName(algorithm: Algorithm): string {
  return String(typeof algorithm === "object" ? algorithm?.name : algorithm).toLowerCase();
}

function isFloatView(view: ArrayBufferView): boolean {
  return /^Float/.test(Object.prototype.toString.call(view).slice(8));
}

function toBytes(data: unknown): Uint8Array {
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw new TypeError(
    "DigestStream is a byte stream but received an object of non-ArrayBuffer/ArrayBufferView/string type on its writable side.",
  );
}

function toArrayBuffer(buffer: Buffer): ArrayBuffer {
  return new Uint8Array(buffer).buffer as ArrayBuffer;
}
