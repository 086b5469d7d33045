/**
 * `node:crypto` within production's bounds: what would keep a thread of libuv's pool, or the
 * Worker's own, for minutes or for ever is refused before it begins (texts and bounds as answered by
 * production's runtime). The functions with a callback hand the error to it, in a microtask, as
 * production's do. Everything else is Node's. Thread: the Worker's; made by node-modules.ts.
 */

import { nodeCrypto } from "../util/late-modules.ts";
import {
  assertPbkdf2Iterations,
  MAX_PBKDF2_BLOCKS,
  PBKDF2_TOO_LONG,
} from "../web/scope/crypto-limits.ts";

const MAX_RSA_BITS = 16_384;
const MAX_PRIME_BITS = 8192;
const MAX_PRIME_CHECKS = 64;
const MAX_DH_BITS = 10_000;
const MAX_SCRYPT_COST = 1_048_576;
const KEY_TYPES = ["rsa", "ec", "ed25519", "x25519", "dh"] as const;

type AnyFunction = (...args: unknown[]) => unknown;
/** Throws what production throws for these arguments. */
type Check = (args: readonly unknown[]) => void;

/** Functions in pairs: `name` with a callback, `nameSync` without. */
const CHECKS: Readonly<Record<string, Check>> = {
  generateKeyPair: ([type, options]) => {
    if (typeof type === "string" && !KEY_TYPES.some((known) => known === type)) {
      throw keyTypeError(type);
    }
    const { modulusLength, primeLength } = members(options, "modulusLength", "primeLength");
    if (type === "rsa" && isAbove(modulusLength, MAX_RSA_BITS)) {
      throw new RangeError(`RSA modulusLength exceeds maximum (${MAX_RSA_BITS})`);
    }
    if (type === "dh" && primeLength !== undefined) {
      throw new Error("Generating DH keys from a prime length is not yet implemented");
    }
  },
  generatePrime: ([size]) => {
    if (isAbove(size, MAX_PRIME_BITS)) {
      throw new RangeError(`generatePrime size exceeds maximum (${MAX_PRIME_BITS} bits)`);
    }
  },
  checkPrime: ([candidate, options]) => {
    if (isAbove(bitsOf(candidate), MAX_PRIME_BITS)) {
      throw new RangeError("checkPrime candidate exceeds maximum size");
    }
    if (isAbove(members(options, "checks").checks, MAX_PRIME_CHECKS)) {
      throw new RangeError("Invalid number of checks");
    }
  },
  scrypt: ([, , , options]) => {
    const given = members(options, "N", "cost", "r", "blockSize", "p", "parallelization");
    const cost = Number(given.N ?? given.cost ?? 16_384);
    const size = Number(given.r ?? given.blockSize ?? 8);
    const parallel = Number(given.p ?? given.parallelization ?? 1);
    if (cost * size * parallel > MAX_SCRYPT_COST) {
      throw new RangeError(`Scrypt failed: cost exceeds maximum (${MAX_SCRYPT_COST}).`);
    }
  },
  pbkdf2: ([, , iterations, length, digest]) => {
    if (typeof iterations === "number") assertPbkdf2Iterations(iterations);
    if (isAbove(length, digestBytes(digest) * MAX_PBKDF2_BLOCKS)) {
      throw new RangeError(PBKDF2_TOO_LONG);
    }
  },
};

const checkDiffieHellman: Check = ([prime]) => {
  if (isAbove(prime, MAX_DH_BITS)) {
    throw new RangeError("DiffieHellman init failed: requested prime size too large");
  }
};

/** A copy of the module `native`, in which what computes for long has its bounds. */
export function limitedCrypto(native: object): Record<string, unknown> {
  const crypto: Record<string, unknown> = {};
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(native))) {
    Object.defineProperty(crypto, name, { ...descriptor, configurable: true });
  }
  for (const [name, check] of Object.entries(CHECKS)) {
    const sync = `${name}Sync`;
    crypto[name] = wrap(crypto[name], (args) => callBack(check, args));
    crypto[sync] = wrap(crypto[sync], (args) => {
      check(args);
      return false;
    });
  }
  for (const name of ["createDiffieHellman", "DiffieHellman"]) {
    crypto[name] = wrap(crypto[name], (args) => {
      checkDiffieHellman(args);
      return false;
    });
  }
  return crypto;
}

/** True if the callback has been given the error. Without one, Node says what is wrong. */
function callBack(check: Check, args: readonly unknown[]): boolean {
  const callback = args.at(-1);
  if (typeof callback !== "function") return false;
  try {
    check(args);
    return false;
  } catch (error) {
    queueMicrotask(() => callback(error));
    return true;
  }
}

/** `isDone` is asked first: false goes on with the native function, as function or constructor. */
function wrap(native: unknown, isDone: (args: readonly unknown[]) => boolean): unknown {
  if (typeof native !== "function") return native;
  const target = native as AnyFunction;
  const wrapped = function (this: unknown, ...args: unknown[]): unknown {
    if (isDone(args)) return undefined;
    return new.target === undefined ? target.apply(this, args) : Reflect.construct(target, args);
  };
  // Name, length, prototype, and what util.promisify looks for.
  Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(target));
  return wrapped;
}

function keyTypeError(type: string): TypeError {
  const known = KEY_TYPES.map((name) => `'${name}'`).join(", ");
  const error = new TypeError(`The argument 'type' must be one of: ${known}. Received '${type}'`);
  return Object.assign(error, { code: "ERR_INVALID_ARG_VALUE" });
}

function isAbove(value: unknown, bound: number): boolean {
  return typeof value === "number" && value > bound;
}

function members(value: unknown, ...names: readonly string[]): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  if (typeof value !== "object" || value === null) return found;
  for (const name of names) found[name] = Reflect.get(value, name);
  return found;
}

/** Of a name that Node does not know it says so itself. */
function digestBytes(name: unknown): number {
  try {
    return nodeCrypto().createHash(String(name)).digest().byteLength;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function bitsOf(candidate: unknown): number {
  if (typeof candidate === "bigint") return candidate.toString(16).length * 4;
  return ArrayBuffer.isView(candidate) || candidate instanceof ArrayBuffer
    ? candidate.byteLength * 8
    : 0;
}
