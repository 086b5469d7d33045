/**
 * `node:crypto`: Node's computations, without what loads libraries or belongs to the process; web
 * crypto, keys and random bytes are those of the Worker's `crypto` (spec/node.md 7).
 */
import { requireInvocation } from "../isolate/invocation.ts";
import { hostModule } from "../isolate/own-world.ts";
import { apply, construct } from "../util/early.ts";
import { notImplemented } from "./errors.ts";

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** Not at module scope, like all randomness. */
const RANDOM = [
  "generateKey",
  "generateKeySync",
  "randomBytes",
  "randomFill",
  "randomFillSync",
  "randomInt",
  "randomUUID",
];
const REFUSED = ["setEngine", "setFips", "createCipher", "createDecipher"];
const HEAP = { total: 0, used: 0, utilization: 0, min: 0 };

interface Webcrypto {
  readonly subtle: object;
  getRandomValues(view: NodeJS.ArrayBufferView): unknown;
}

export interface CryptoOptions {
  /** The global `crypto` and its classes. */
  readonly crypto: Webcrypto;
  readonly CryptoKey: unknown;
}

/** What replaces Node's own members; the rest is taken from Node by name. */
export function cryptoOverrides({ crypto, CryptoKey }: CryptoOptions): Record<string, unknown> {
  const native = hostModule("crypto") as Record<string, AnyFunction>;
  const result: Record<string, unknown> = {
    CryptoKey,
    getFips: () => true,
    fips: true,
    getRandomValues: (view: NodeJS.ArrayBufferView) => crypto.getRandomValues(view),
    secureHeapUsed: () => HEAP,
    subtle: crypto.subtle,
    webcrypto: crypto,
  };
  for (const name of RANDOM) {
    const random = native[name] as AnyFunction;
    result[name] = function (this: unknown, ...args: unknown[]): unknown {
      requireInvocation();
      return apply(random, this, args);
    };
  }
  for (const name of REFUSED) {
    result[name] = () => {
      throw notImplemented(name);
    };
  }
  for (const name of ["Cipher", "Decipher"]) {
    const cls = native[`${name}iv`] as unknown as new () => object;
    result[name] = class {
      constructor() {
        throw notImplemented(`crypto.${name}`);
      }
      static [Symbol.hasInstance](value: unknown): boolean {
        return value instanceof cls;
      }
    };
  }
  // Classes that Node has and does not name.
  const { createSecretKey } = native;
  const secret = apply(createSecretKey as AnyFunction, native, [new Uint8Array(1)]) as object;
  result.SecretKeyObject = secret.constructor;
  for (const name of ["PrivateKeyObject", "PublicKeyObject"]) {
    const KeyObject = native.KeyObject as unknown as new () => object;
    const type = name.startsWith("Private") ? "private" : "public";
    result[name] = class extends KeyObject {
      constructor(...args: unknown[]) {
        super();
        construct(KeyObject as never, args, new.target);
      }
      static override [Symbol.hasInstance](value: unknown): boolean {
        return value instanceof KeyObject && (value as { type?: unknown }).type === type;
      }
    };
  }
  return result;
}
