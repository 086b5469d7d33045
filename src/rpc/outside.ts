/**
 * Runs what arrives within this thread as if it came from elsewhere: a callee does not see what its
 * caller keeps in an AsyncLocalStorage, as it does not in a thread of its own.
 */
import { AsyncLocalStorage } from "node:async_hooks";

/** The context in which the engine was loaded, which is nobody's. */
export const outside: <A extends unknown[], T>(fn: (...args: A) => T, ...args: A) => T =
  AsyncLocalStorage.snapshot();
