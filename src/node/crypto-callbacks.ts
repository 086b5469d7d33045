/**
 * Functions of `node:crypto` with a callback, made from the synchronous ones: production computes at
 * once and calls back in a microtask (spec/node.md 3). So nothing of them outlives its invocation or
 * waits where nobody sees it.
 */
import { invalidType } from "./errors.ts";

type AnyFunction = (...args: unknown[]) => unknown;
type Members = Record<string, unknown>;

/** With a callback `name`, without `nameSync`; the callback is always there. */
const PAIRS = "checkPrime generateKey generateKeyPair generatePrime hkdf pbkdf2 scrypt".split(" ");
/** The same function, with or without a callback. */
const EITHER = "randomBytes randomInt sign verify".split(" ");
const INVALID = /^ERR_(?:INVALID_ARG|OUT_OF_RANGE|MISSING)/;

/** Replaced in place. */
export function callBackInMicrotasks(crypto: Members): Members {
  for (const name of PAIRS) {
    const sync = crypto[`${name}Sync`] as AnyFunction;
    crypto[name] = wrapped(crypto[name], (args) => {
      const [done, given] = split(args);
      if (done === undefined) throw invalidType("callback", "of type function", args.at(-1));
      tell(done, () => {
        const value = sync(...given);
        if (name !== "generateKeyPair") return [value];
        const { publicKey, privateKey } = value as Members;
        return [publicKey, privateKey];
      });
      return undefined;
    });
  }
  for (const name of EITHER) {
    const sync = crypto[name] as AnyFunction;
    crypto[name] = wrapped(crypto[name], (args) => {
      const [done, given] = split(args);
      if (done === undefined) return sync(...args);
      tell(done, () => [sync(...given)]);
      return undefined;
    });
  }
  const fill = crypto.randomFillSync as AnyFunction;
  crypto.randomFill = wrapped(crypto.randomFill, (args) => {
    const [done, given] = split(args);
    if (done === undefined) return fill(...args);
    tell(done, () => [fill(...given)]);
    return undefined;
  });
  return crypto;
}

function split(args: readonly unknown[]): [AnyFunction | undefined, readonly unknown[]] {
  const last = args.at(-1);
  return typeof last === "function" ? [last as AnyFunction, args.slice(0, -1)] : [undefined, args];
}

function tell(done: AnyFunction, compute: () => unknown[]): void {
  let results: unknown[];
  try {
    results = [null, ...compute()];
  } catch (error) {
    if (INVALID.test(String((error as { readonly code?: unknown }).code))) throw error;
    results = [error];
  }
  queueMicrotask(() => done(...results));
}

/** Name, length, and what util.promisify looks for. */
function wrapped(native: unknown, run: (args: unknown[]) => unknown): unknown {
  const result = (...args: unknown[]): unknown => run(args);
  if (typeof native !== "function") return result;
  for (const key of Reflect.ownKeys(native)) {
    if (key === "prototype") continue;
    const descriptor = Reflect.getOwnPropertyDescriptor(native, key);
    if (descriptor !== undefined) Object.defineProperty(result, key, descriptor);
  }
  return result;
}
