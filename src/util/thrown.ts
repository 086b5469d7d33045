/**
 * Questions about what user code threw. It may be anything, a Proxy whose traps throw included: a plain
 * `instanceof` would throw in the place of an answer, and whoever waits would never get one.
 */

/** `instanceof` that is false where it cannot be told. */
export function isOf<T>(thrown: unknown, type: abstract new (...args: never[]) => T): thrown is T {
  try {
    return thrown instanceof type;
  } catch {
    return false;
  }
}
