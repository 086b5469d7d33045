/**
 * Runs what arrives within this thread as if it came from elsewhere: a callee does not see what its
 * caller keeps in an AsyncLocalStorage, as it does not in a thread of its own.
 */
import { AsyncResource } from "node:async_hooks";

/**
 * The context in which the engine was loaded, which is nobody's. What AsyncLocalStorage.snapshot() gives
 * comes to the same by way of two more calls, each with its arguments in a list of its own.
 */
const nobody: AsyncResource = new AsyncResource("drover", { requireManualDestroy: true });

export function outside<A extends unknown[], T>(fn: (...args: A) => T, ...args: A): T {
  return nobody.runInAsyncScope(fn, undefined, ...args);
}
